/* The anomalies in a history: how many of each kind, and a few of each as evidence.
 *
 * Found in single reads (anomaly_scan.c) and as cycles in the graph of known dependencies
 * (anomaly_cycles.c). Of each kind of cycle the examples are the shortest ones of different
 * components; the count is of the strongly connected components that have such a cycle, as the
 * number of cycles may be exponential. Of every other kind the count is of occurrences. */
#ifndef DEPENDENCIES_ANOMALIES_H
#define DEPENDENCIES_ANOMALIES_H

#include "dependencies/dependencies.h"
#include "evidence/evidence.h"
#include "transactions/anomaly.h"

struct arena;
struct errbuf;

struct anomalies_of_kind {
    uint64_t count;
    struct evidence *examples;
    uint32_t example_count;
};

struct anomalies {
    struct anomalies_of_kind kinds[ANOMALY_COUNT];
    anomaly_set found; /* those with a count */
    /* Kinds that were looked for to the end: one neither here nor in `found` may be there. */
    anomaly_set settled;
    uint64_t steps; /* micro-operations gone through to complete examples; edges, for cycles */
};

struct anomalies_options {
    anomaly_set wanted;    /* others need not be looked for */
    uint32_t examples_max; /* of each kind */
    uint64_t work_max;     /* edges to go along for each kind of cycle; 0: the usual number */
    struct arena *arena;   /* the examples live here */
};

/* Counts one more, and has *example point to room for its evidence, empty but for the kind; NULL if
 * there are as many as wanted, or it is not wanted. False without memory. */
bool anomalies_note(struct anomalies *out, const struct anomalies_options *options,
                    enum anomaly anomaly, struct evidence **example);

/* Whether anomalies_note would give room for evidence: if not, there is no need to look for what
 * goes into it. */
bool anomalies_keeps(const struct anomalies *out, const struct anomalies_options *options,
                     enum anomaly anomaly);

/* Adds to *out, zeroed before the first of them, what single reads and writes show. Linear,
 * but for examples, each of which may be looked for in the whole history. Errors: ERR_NOMEM; a
 * budget that runs out leaves kinds unsettled. */
int anomalies_scan(const struct transactions *all, const struct anomalies_options *options,
                   struct budget *budget, struct anomalies *out, struct errbuf *err);

/* What cycles of these kinds are made of. */
dependency_set anomalies_steps(anomaly_set wanted);

/* Adds to *out the cycles of the graph, which has at least the steps of the wanted kinds, but for
 * what the history does not tell. Linear if there are none; otherwise at most a bound of work for
 * each kind, which stays unsettled beyond it. Errors: as anomalies_scan. */
int anomalies_find_cycles(const struct dependencies *graph, const struct anomalies_options *options,
                          struct anomalies *out, struct errbuf *err);

#endif
