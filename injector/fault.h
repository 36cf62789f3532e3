/* The contract of a fault: probe, choose, inject, observe, heal.
 *
 * To add one: (1) write nemesis/NAME.c with a struct fault_type; (2) add it to nemesis/table.c;
 * (3) test inject, observe and heal on a real node; (4) name it in the README's table.
 * nemesis/null.c is a commented skeleton.
 *
 * Every change to a node is journaled (injector/journal.h) before it is made. All calls come from
 * the nemesis' thread and may block for seconds. */
#ifndef INJECTOR_FAULT_H
#define INJECTOR_FAULT_H

#include "core/random.h"
#include "injector/cluster.h"
#include "injector/database.h"
#include "injector/generator.h"
#include "injector/journal.h"
#include "injector/options.h"
#include "injector/remote.h"

#include <stdbool.h>
#include <stdint.h>

struct errbuf;
struct events;

struct fault_env {
    const struct cluster *cluster;
    struct remote *remote;
    struct database_run *database;
    struct journal *journal;
    struct events *events;
    const struct clock *clock;
};

/* What `choose` drew. An order of all nodes serves every kind of target: the first of it, the first
 * half of it, and so on. */
struct fault_chosen {
    size_t kind;                       /* index into the choices of the fault's own option */
    uint32_t order[CLUSTER_NODES_MAX]; /* nodes */
    struct random rest;                /* for what inject draws, and heal */
};

/* One injection of a fault, from choice to healing. */
struct fault_instance {
    const struct fault_type *type;
    const struct option_values *options;
    const struct fault_env *env;
    void *kept;  /* what the type's open made; NULL if it has none */
    uint32_t id; /* from 0, in the order of the schedule */
    struct fault_chosen chosen;
    char description[256]; /* who does what to whom: "halves: n1 n4 | n2 n3 n5" */
    node_set nodes;        /* the nodes that are touched */
    bool proven;           /* observe saw the effect */
    char evidence[256];    /* what was seen: "1,204 packets dropped on n1 n4" */
    void *state;           /* the fault's own; made by inject, freed by heal */
};

struct fault_type {
    const char *name;
    const char *doc;
    const struct option *options; /* a table; may be empty, not NULL */
    bool needs_network;           /* nodes must have a network of their own (remote.h) */

    /* What is wrong with these options for a cluster of so many nodes, told before anything is
     * started: ERR_INPUT with a text to follow the place in the plan. Pure. May be NULL. */
    int (*check)(const struct option_values *options, uint32_t node_count, struct errbuf *err);

    /* Can these nodes do it? Fast, leaves nothing. ERR_UNSUPPORTED with reason and remedy. */
    int (*probe)(const struct fault_env *env, const struct option_values *options,
                 struct errbuf *err);

    /* Both may be NULL. open is probe and keeps what it found out about the nodes, for all
     * injections until close; on failure nothing is kept. Whoever has an open is not probed. */
    int (*open)(const struct fault_env *env, const struct option_values *options, void **kept,
                struct errbuf *err);
    void (*close)(void *kept);

    /* Sets `chosen`: targets from `random` alone (the same seed chooses the same), as far as that
     * can be done without looking at the cluster: "primaries" are found by inject. */
    void (*choose)(struct fault_instance *instance, struct random *random);

    /* Does it, and sets description and nodes. On failure everything it did is undone; lest even
     * that failed, heal is called then too. */
    int (*inject)(struct fault_instance *instance, struct errbuf *err);

    /* Looks whether it has an effect, and sets proven and evidence. Called while the fault lasts:
     * at least once, shortly before heal. */
    void (*observe)(struct fault_instance *instance);

    /* Undoes it and verifies that it is undone. Idempotent; after a failure it is tried again. */
    int (*heal)(struct fault_instance *instance, struct errbuf *err);
};

/* What became of one injection; kept for the report. */
struct fault_record {
    uint32_t id;
    const char *fault;
    char description[256];
    char evidence[256];
    char error[256]; /* why it could not be injected or healed; "" */
    node_set nodes;
    int64_t injected_ns; /* when inject returned; -1 if it failed */
    int64_t healed_ns;   /* when heal returned; -1 if never */
    bool proven;
};

/* A fault of a plan with its options. */
struct fault_choice {
    const struct fault_type *type;
    const struct option_values *options;
};

/* The nemesis as the driver sees it: a schedule, and somebody who carries out its operations. */
struct nemesis;

struct nemesis_config {
    const struct fault_env *env;
    const struct fault_choice *faults;
    size_t fault_count;
    int64_t interval_ns; /* a fault begins every interval on average */
    int64_t duration_ns; /* and lasts so long; less than interval_ns */
    uint64_t seed;
};

struct nemesis_type {
    int (*open)(const struct nemesis_config *config, struct arena *arena, struct nemesis **out,
                struct errbuf *err);
    /* Probes every fault of the config. */
    int (*probe)(struct nemesis *nemesis, struct errbuf *err);
    /* The schedule: operations `start-FAULT` and `stop-FAULT`, value = the injection's id. */
    struct generator *(*schedule)(struct nemesis *nemesis);
    /* Carries out one of them; completion arrives as a copy of the operation, and gets type info
     * and a value for people. A failed injection is recorded, not an error of the run. */
    void (*perform)(struct nemesis *nemesis, const struct op *op, struct op *completion,
                    struct arena *arena);
    /* Heals whatever is still active. ERR_IO: could not; the text says what is left. */
    int (*heal_all)(struct nemesis *nemesis, struct errbuf *err);
    /* Borrowed, in order of id; valid until close. */
    const struct fault_record *(*records)(struct nemesis *nemesis, size_t *count);
    /* A short name of what is active now ("partition n1 | n2 n3"), for the live line; thread-safe.
     */
    void (*active_text)(struct nemesis *nemesis, char *out, size_t size);
    void (*close)(struct nemesis *nemesis);
};

#endif
