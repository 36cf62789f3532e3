/* A plan: what to test, how, and what must hold. YAML in, checked structs out.
 *
 *   name: etcd-register      required; letters, digits, '.', '_', '-'
 *   cluster:
 *     remote: netns          how nodes are reached: faultline list remotes
 *     nodes: 5               a number (n1, n2, ...) or a list of names; 1 to 64
 *     failure_tolerance: 2   f; default: all that this many nodes can tolerate
 *     byzantine: false       needs 3f+1 nodes instead of 2f+1
 *   database: etcd           required, but not with the client null; see injector/database.h
 *   workload:                required
 *     use: register          required: faultline list workloads
 *     client: etcd           required; a name, or {NAME: {options}}
 *     concurrency: 2n        worker threads; "2n" = twice the nodes
 *     rate: 200              operations a second in total; 0 = as fast as they go
 *     keys: 10               and other options of the workload's own
 *   nemesis:                 left out, or without faults: none
 *     faults: [partition]    each a name, or {NAME: {options}}
 *     interval: 5s           a fault begins every interval
 *     duration: 3s           and lasts so long; default: 60 % of the interval
 *   check:
 *     consistency: linearizable  of transactions a level; default: strict-serializable
 *     model: cas-register    default: the workload's
 *     time_limit: 60s
 *     memory_limit: 2GiB
 *     online: false          check while the test runs, too; models of linearizability only
 *     stop_on_violation: false  end driving as soon as a violation is seen; needs online
 *   time_limit: 60s          of driving
 *   recovery_time: 5s        between healing and the final reads
 *   seed: 42                 default: drawn from the system
 *
 * The values above are the defaults where nothing else is said. Loading starts nothing. Every
 * mistake is ERR_INPUT with "FILE:LINE: path.to.key: what is wrong and what would be right", or
 * "--set path.to.key: ..." if it came from an override. */
#ifndef INJECTOR_PLAN_H
#define INJECTOR_PLAN_H

#include "core/arena.h"
#include "injector/database.h"
#include "injector/registry.h"
#include "transactions/level.h"

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

    const char *model; /* the workload's own, if the plan names no other */
    level_set levels;  /* of a model of transactions: check.consistency; 0 = the standard one */
    int64_t check_time_limit_ns;
    uint64_t check_memory_limit_bytes;
    bool check_online;            /* while the test runs, too */
    bool check_stop_on_violation; /* ... and a violation ends it */

    int64_t time_limit_ns;    /* of the driving phase */
    int64_t recovery_time_ns; /* grace between healing and final reads */
    uint64_t seed;
    bool seed_given;
    /* The plan as YAML with every default filled in and the database's description written out,
     * so that it stands alone. It loads to an equal plan. Options of workload, client and faults
     * that were left to their defaults are comments, as plug-ins may tell given from default. */
    const char *resolved;
};

/* Sets one value before anything is checked; mappings on the way are made. Where a name stands that
 * may take options, key can go on below it: workload.client.etcd.serializable. */
struct plan_override {
    const char *key;   /* "cluster.nodes" */
    const char *value; /* YAML */
};

/* path: a file, or the name of a plan that ships (workloads/plans/NAME.yaml). If no seed is
 * given anywhere, one is drawn from the system and noted in `resolved`. */
int plan_load(const char *path, const struct registry *registry,
              const struct plan_override *overrides, size_t override_count, struct plan **out,
              struct errbuf *err);
/* As plan_load, from text. path is what messages call it; its folder is where descriptions of
 * databases are looked for. */
int plan_parse(const char *path, const char *text, size_t length, const struct registry *registry,
               const struct plan_override *overrides, size_t override_count, struct plan **out,
               struct errbuf *err);
/* NULL is allowed. */
void plan_free(struct plan *plan);

#endif
