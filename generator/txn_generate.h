/* Makes histories of transactions: clients of a simulated store, which overlap, crash and fail, and
 * then, if asked for, one anomaly among them.
 *
 * The store keeps one consistency level by construction, and makes use of what the level allows:
 * under snapshot isolation there is write skew, under causal consistency replicas differ. An
 * anomaly is acted out by clients of its own on keys of its own, so that the rest of the history
 * stays what it was. The same options give the same history, on every machine. */
#ifndef GENERATOR_TXN_GENERATE_H
#define GENERATOR_TXN_GENERATE_H

#include "generator/generate.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct txn_generate_options {
    /* model: "list-append" or "rw-register"; keys: in use at the same time, 0 = 10; operations:
     * transactions; anomaly: one of txn_generate_anomalies. Of the others concurrency, shares,
     * interval_ns, seed and anomaly_at count. */
    struct generate_options common;
    const char *level; /* NULL = strict-serializable; one of txn_generate_level, by any name */
    uint32_t micro_ops_min, micro_ops_max; /* of a transaction; 0 = 1 and 4 */
    /* Then the key is given up for a new one, so that lists stay short; 0 = never. */
    uint32_t writes_per_key;
    bool has_keywords; /* :append, as EDN has it; otherwise "append" */
};

/* Whether there is such a model of transactions. */
bool txn_generate_has(const char *model);

/* By number from 0; NULL when there are no more. */
const char *txn_generate_model_name(size_t number);
const char *txn_generate_level(size_t number);

/* The anomalies of a model, and the next one after *number, which begins at 0; NULL when there are
 * no more. */
const char *txn_generate_anomaly(const char *model, size_t *number);

/* Hands the history to the sink, event by event, about a million transactions a second. Memory
 * depends on keys, concurrency and writes_per_key only. Errors: ERR_INPUT (no such model, level or
 * anomaly, impossible numbers), ERR_NOMEM, what the sink returned. */
int txn_generate(const struct txn_generate_options *options, const struct op_sink *sink,
                 struct errbuf *err);

#endif
