/* What the parts of plan loading share. Private to the plan*.c files.
 *
 * Every function returns 0, or ERR_INPUT with its place, or ERR_NOMEM. */
#ifndef INJECTOR_PLAN_PARTS_H
#define INJECTOR_PLAN_PARTS_H

#include "injector/options.h"
#include "injector/plan.h"
#include "injector/yaml_tree.h"

struct plan_parse {
    struct plan *plan;
    const struct registry *registry;
    const char *dir;        /* the plan's folder */
    struct yaml_node *root; /* a mapping */
    struct arena *arena;    /* the plan's */
    struct errbuf *err;

    /* The checked members of each mapping. */
    const struct option_values *top, *cluster, *work, *nemesis, *check;
    const char *consistency;
};

int plan_no_memory(const struct plan_parse *parse);

/* ERR_INPUT unless node is a mapping or NULL. */
int plan_expect_mapping(const struct plan_parse *parse, const struct yaml_node *node);

/* Is it a text that may name a workload, client or fault? */
bool plan_is_plug_in_name(const struct yaml_node *node);

/* NAME, or {NAME: {options}}; *options is NULL if there are none. */
int plan_read_choice(const struct plan_parse *parse, const struct yaml_node *node,
                     const char **name, const struct yaml_node **options);

/* --- plan_override.c --- */
int plan_apply_override(const struct plan_parse *parse, const struct plan_override *override);

/* --- plan_cluster.c --- */
int plan_read_cluster(struct plan_parse *parse);

/* --- plan_work.c: workload, client, database --- */
int plan_read_work(struct plan_parse *parse);
int plan_read_database(struct plan_parse *parse);

/* --- plan_nemesis.c --- */
int plan_read_nemesis(struct plan_parse *parse);

/* --- plan_resolve.c --- */
int plan_resolve(struct plan_parse *parse);

#endif
