#include "injector/plan_parts.h"

#include "core/err.h"
#include "core/errbuf.h"
#include "core/suggest.h"
#include "injector/cluster.h"

#include <stdlib.h>
#include <string.h>

enum { NODE_NAME_MAX = 30, NODES_DEFAULT = 5 };

static const struct option cluster_options[] = {
    {.name = "remote", .type = OPTION_STRING, .standard = "netns", .doc = "how nodes are reached"},
    {.name = "failure_tolerance",
     .type = OPTION_INT,
     .min = 0,
     .max = CLUSTER_NODES_MAX,
     .doc = "f: so many nodes may fail"},
    {.name = "byzantine",
     .type = OPTION_BOOL,
     .standard = "false",
     .doc = "nodes may lie, not only stop"},
    {.name = NULL},
};
static const char *const cluster_others[] = {"nodes", NULL};

/* --- remote --- */

static int read_remote(struct plan_parse *parse)
{
    enum { KNOWN_MAX = 16 };
    const char *name = option_string(parse->cluster, "remote");
    parse->plan->remote = remote_find(name);
    if (parse->plan->remote)
        return 0;
    const char *known[KNOWN_MAX + 1] = {NULL};
    for (size_t i = 0; i < KNOWN_MAX && remote_table[i]; i++) {
        known[i] = remote_table[i]->name;
        known[i + 1] = NULL;
    }
    char text[SUGGEST_SIZE];
    suggest_names(name, known, text, sizeof text);
    const struct yaml_node *node = option_node(parse->cluster, "remote");
    return yaml_node_error(node ? node : parse->root, parse->err, "there is no remote '%.80s'%s",
                           name, text);
}

/* --- nodes --- */

static int number_nodes(struct plan_parse *parse, uint32_t count)
{
    const char **names = arena_zalloc(parse->arena, count, sizeof *names);
    for (uint32_t i = 0; names && i < count; i++) {
        names[i] = arena_printf(parse->arena, "n%u", i + 1);
        if (!names[i])
            names = NULL;
    }
    parse->plan->node_names = names;
    parse->plan->node_count = count;
    return names ? 0 : plan_no_memory(parse);
}

/* Node names become names of hosts, folders and devices, and arguments. */
static bool is_node_name(const char *name)
{
    size_t length = strlen(name);
    return length >= 1 && length <= NODE_NAME_MAX && name[0] != '-' &&
           strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-") == length;
}

static int name_nodes(struct plan_parse *parse, const struct yaml_node *list)
{
    const char **names = arena_zalloc(parse->arena, list->count, sizeof *names);
    if (!names)
        return plan_no_memory(parse);
    for (const struct yaml_node *item = list->first; item; item = item->next) {
        char given[YAML_DESCRIPTION_SIZE];
        yaml_node_describe(item, given);
        if (item->kind != YAML_SCALAR || !is_node_name(item->text))
            return yaml_node_error(item, parse->err,
                                   "a node's name is 1 to 30 of a-z, 0-9 and '-', and does not "
                                   "begin with '-'; this is %s",
                                   given);
        for (uint32_t i = 0; i < item->index; i++)
            if (strcmp(names[i], item->text) == 0)
                return yaml_node_error(item, parse->err, "there are two nodes '%s'", item->text);
        names[item->index] = item->text;
    }
    parse->plan->node_names = names;
    parse->plan->node_count = list->count;
    return 0;
}

static int read_nodes(struct plan_parse *parse, const struct yaml_node *node)
{
    char given[YAML_DESCRIPTION_SIZE];
    if (!node)
        return number_nodes(parse, NODES_DEFAULT);
    if (node->kind == YAML_SEQUENCE && node->count >= 1 && node->count <= CLUSTER_NODES_MAX)
        return name_nodes(parse, node);
    bool digits = node->kind == YAML_SCALAR && node->plain && strlen(node->text) <= 2 &&
                  *node->text && strspn(node->text, "0123456789") == strlen(node->text);
    long count = digits ? strtol(node->text, NULL, 10) : 0;
    if (count >= 1 && count <= CLUSTER_NODES_MAX)
        return number_nodes(parse, (uint32_t)count);
    yaml_node_describe(node, given);
    return yaml_node_error(node, parse->err,
                           "must be a number from 1 to 64, or a list of 1 to 64 names, not %s%s",
                           given, node->count > CLUSTER_NODES_MAX ? " of more" : "");
}

/* --- failure tolerance --- */

/* Agreement among n nodes survives f that stop if n >= 2f+1, and f that lie if n >= 3f+1. */
static int read_tolerance(struct plan_parse *parse)
{
    struct plan *plan = parse->plan;
    plan->byzantine = option_bool(parse->cluster, "byzantine");
    uint32_t per_fault = plan->byzantine ? 3 : 2;
    uint32_t most = (plan->node_count - 1) / per_fault;
    const struct yaml_node *given = option_node(parse->cluster, "failure_tolerance");
    plan->failure_tolerance =
        given ? (uint32_t)option_int(parse->cluster, "failure_tolerance") : most;
    if (plan->failure_tolerance <= most)
        return 0;
    return yaml_node_error(given, parse->err,
                           "%u node%s tolerate%s at most %u %s fault%s; use failure_tolerance: %u "
                           "or at least %u nodes",
                           plan->node_count, plan->node_count == 1 ? "" : "s",
                           plan->node_count == 1 ? "s" : "", most,
                           plan->byzantine ? "byzantine" : "crash", most == 1 ? "" : "s", most,
                           per_fault * plan->failure_tolerance + 1);
}

int plan_read_cluster(struct plan_parse *parse)
{
    const struct yaml_node *cluster = yaml_node_find(parse->root, "cluster");
    int rc = option_values_parse(cluster_options, cluster, NULL, cluster_others, parse->arena,
                                 &parse->cluster, parse->err);
    if (rc == 0)
        rc = read_remote(parse);
    if (rc == 0)
        rc = read_nodes(parse, yaml_node_find(cluster, "nodes"));
    return rc == 0 ? read_tolerance(parse) : rc;
}
