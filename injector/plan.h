/* A plan: what to test, how, and what must hold. YAML in, checked structs out.
 *
 * Loading starts nothing. Every mistake is ERR_INPUT with
 * "FILE:LINE: path.to.key: what is wrong and what would be right". */
#ifndef INJECTOR_PLAN_H
#define INJECTOR_PLAN_H

#include "core/arena.h"
#include "injector/database.h"
#include "injector/registry.h"

#include <stdbool.h>
#include <stdint.h>

struct errbuf;

struct plan {
    struct arena arena; /* owns everything below */
    const char *name;
    const char *path;

    const struct remote_type *remote;
    const char *const *node_names; /* n1, n2, ... */
    uint32_t node_count;
    uint32_t failure_tolerance;
    bool byzantine;

    const struct database *database; /* NULL only with the null client */

    const struct workload_type *workload;
    const struct option_values *workload_options;
    const struct client_type *client;
    const struct option_values *client_options;
    uint32_t concurrency; /* worker threads; "2n" = twice the nodes */
    double rate;          /* operations a second in total; 0 = as fast as they go */

    const struct fault_choice *faults;
    size_t fault_count;
    int64_t nemesis_interval_ns;
    int64_t nemesis_duration_ns;

    const char *model; /* check.consistency: linearizable = the workload's own model */
    int64_t check_time_limit_ns;
    uint64_t check_memory_limit_bytes;

    int64_t time_limit_ns;    /* of the driving phase */
    int64_t recovery_time_ns; /* grace between healing and final reads */
    uint64_t seed;
    bool seed_given;
    const char *resolved; /* the plan with every default filled in, as YAML */
};

struct plan_override {
    const char *key;   /* "cluster.nodes" */
    const char *value; /* YAML */
};

/* path: a file, or the name of a plan that ships (workloads/plans/NAME.yaml). If no seed is
 * given anywhere, one is drawn from the system and noted in `resolved`. */
int plan_load(const char *path, const struct registry *registry,
              const struct plan_override *overrides, size_t override_count, struct plan **out,
              struct errbuf *err);
void plan_free(struct plan *plan);

/* The folders with the shipped databases and plans: $FAULTLINE_DATA, else beside the program's
 * sources or installation. Set once by cli/ before any plan is loaded; borrowed. */
void plan_set_data_dir(const char *dir);
const char *plan_data_dir(void);

#endif
