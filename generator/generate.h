/* Makes histories: real objects used by simulated clients that overlap, crash and fail, and then,
 * if asked for, one thing that such an object cannot have done.
 *
 * Without an anomaly every history is valid by construction: each operation takes effect at one
 * moment between its invocation and its completion. The same options give the same history, on
 * every machine. */
#ifndef GENERATOR_GENERATE_H
#define GENERATOR_GENERATE_H

#include "core/history.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct errbuf;

struct generate_options {
    const char *model; /* a name of specification.h, or of a checker (bank, set, ...) */
    uint64_t operations;
    uint32_t keys;          /* independent objects; 0 = no keys */
    uint32_t concurrency;   /* clients of one object that are always busy */
    uint32_t values;        /* different values; 0 = every written value is new */
    uint32_t elements_max;  /* queues, stacks, sets: about how many are in at once; 0 = 64 */
    double read_share;      /* of operations; < 0 = as usual for the model */
    double crash_share;     /* of operations: answered with info, or never */
    double fail_share;      /* of operations that may fail without a reason */
    double duplicate_share; /* of values, where every value is new: written again */
    int64_t interval_ns;    /* mean time between two events; 0 = 1000 */
    uint32_t permits;       /* semaphore: how many may be held at once; 0 = 1 */
    uint64_t seed;
    /* NULL, or one of generate_anomalies(model): "stale-read", "lost-write", "double-dequeue", ...
     * It is put about `anomaly_at` (0..1) of the way through the history. */
    const char *anomaly;
    double anomaly_at;
};

/* The name of a model, by number from 0; NULL when there are no more. */
const char *generate_model_name(size_t number);

/* The anomalies a model can be given, NULL at the end; NULL if there is no such model. */
const char *const *generate_anomalies(const char *model);

/* ERR_INPUT if so many clients, the shares or the times are impossible, whatever the model. */
int generate_check_numbers(const struct generate_options *options, uint64_t clients,
                           struct errbuf *err);

/* Hands the history to the sink, event by event; memory does not depend on how many. Some 5 million
 * events a second. With an anomaly the history is certainly invalid for "stale-read" and the like
 * (each anomaly's comment in generate.c says why). Errors: ERR_INPUT (no such model or anomaly,
 * impossible numbers), ERR_NOMEM, what the sink returned. */
int generate_history(const struct generate_options *options, const struct op_sink *sink,
                     struct errbuf *err);

#endif
