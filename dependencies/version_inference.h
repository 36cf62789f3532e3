/* What can be told, or is taken for granted, about the order in which a register's versions were
 * installed (Elle's options for rw-register; Kingsbury & Alvaro, VLDB 2020, section 5.2).
 *
 * Only INFER_READ_BEFORE_WRITE follows from the history for every level from read committed up;
 * the others are promises of the database that the user vouches for. A promise that would give a
 * key an order with a cycle is told as cyclic-versions and not used for that key. Each of them
 * includes INFER_READ_BEFORE_WRITE. Of a register with linearizable-keys all is found that can be
 * told if nobody reads and then writes it (version_intervals.h). */
#ifndef DEPENDENCIES_VERSION_INFERENCE_H
#define DEPENDENCIES_VERSION_INFERENCE_H

#include "dependencies/anomalies.h"
#include "transactions/transactions.h"
#include "transactions/version_sources.h"

struct version_pair {
    /* Versions of one key, each the last that a committed transaction wrote to it. */
    uint32_t before, after;
};

struct version_graph {
    struct budget *budget;
    /* Grouped by key, without a cycle; one may be there twice, and those that follow from others
     * may be left out. */
    struct version_pair *pairs;
    uint32_t count, capacity;
    unsigned inferred; /* enum version_inference that were used */
};

/* Fills *out, to be freed with version_graph_fini, also after an error; adds cyclic-versions to
 * *anomalies: one for each key and promise, without examples. n log n, and a pair for each two
 * transactions that ran at the same time; transaction-order takes session clocks. Errors:
 * ERR_NOMEM, ERR_TIMEOUT. */
int version_graph_infer(const struct transactions *all, unsigned how, struct budget *budget,
                        struct version_graph *out, struct anomalies *anomalies, struct errbuf *err);
void version_graph_fini(struct version_graph *graph);

#endif
