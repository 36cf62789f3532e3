/* The contract of a workload: which operations clients perform, and the model their history is
 * checked against.
 *
 * To add one: (1) write workloads/NAME.c with a struct workload_type; (2) add it to
 * workloads/table.c; (3) give it a golden trace in tests/sim; (4) name it in the README.
 * workloads/null.c is a commented skeleton. */
#ifndef INJECTOR_WORKLOAD_H
#define INJECTOR_WORKLOAD_H

#include "core/arena.h"
#include "core/symbol.h"
#include "injector/generator.h"
#include "injector/options.h"

struct errbuf;

struct workload_env {
    struct arena *arena;   /* for generators and their state; lives as long as the run */
    uint64_t seed;         /* draw only from RANDOM_WORKLOAD */
    uint32_t client_count; /* worker threads */
    uint32_t node_count;
    const struct option_values *options;
};

struct workload {
    struct generator *operations; /* runs until the time limit, rate and nemesis around it */
    struct generator *final;      /* after everything healed (final reads), or NULL */
};

struct workload_type {
    const char *name;
    const char *doc;
    const char *model;            /* checked against this; a name of checker's model table */
    const struct option *options; /* a table; may be empty, not NULL */
    const symbol *functions;      /* what its client must be able to do; ends with F_NONE */
    int (*open)(const struct workload_env *env, struct workload *out, struct errbuf *err);
};

#endif
