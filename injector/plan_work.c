#include "injector/plan_parts.h"

#include "core/err.h"
#include "core/errbuf.h"
#include "core/suggest.h"
#include "core/symbol.h"

#include <stdlib.h>
#include <string.h>

enum { CONCURRENCY_MAX = 1024, NAMES_MAX = 64 };

static const struct option work_options[] = {
    {.name = "concurrency", .type = OPTION_STRING, .standard = "2n", .doc = "worker threads"},
    {.name = "rate",
     .type = OPTION_REAL,
     .standard = "200",
     .min = 0,
     .max = 10e6,
     .doc = "operations a second in total; 0 = as fast as they go"},
    {.name = NULL},
};
static const char *const common_names[] = {"use", "concurrency", "rate", "client", NULL};

/* --- concurrency --- */

/* "10", or "2n" for twice the nodes; 0 if it is neither, or too much. */
static uint32_t concurrency_of(const char *text, uint32_t node_count)
{
    size_t digits = strspn(text, "0123456789");
    if (digits == 0 || digits > 4)
        return 0;
    uint32_t number = (uint32_t)strtoul(text, NULL, 10);
    if (strcmp(text + digits, "n") == 0)
        number *= node_count;
    else if (text[digits] != '\0')
        return 0;
    return number <= CONCURRENCY_MAX ? number : 0;
}

static int read_concurrency(struct plan_parse *parse)
{
    const char *text = option_string(parse->work, "concurrency");
    struct plan *plan = parse->plan;
    plan->concurrency = concurrency_of(text, plan->node_count);
    if (plan->concurrency > 0)
        return 0;
    const struct yaml_node *node = option_node(parse->work, "concurrency");
    char given[YAML_DESCRIPTION_SIZE] = "2n";
    if (node)
        yaml_node_describe(node, given);
    return yaml_node_error(node ? node : parse->root, parse->err,
                           "must be a number of worker threads from 1 to 1024, or such as 2n for "
                           "twice the nodes (here %u), not %s",
                           plan->node_count, given);
}

/* --- workload --- */

static int find_workload(struct plan_parse *parse, const struct yaml_node *section)
{
    const struct yaml_node *use = yaml_node_find(section, "use");
    const char *known[NAMES_MAX + 1] = {NULL};
    char text[SUGGEST_SIZE];
    for (size_t i = 0; i < NAMES_MAX && parse->registry->workloads[i]; i++) {
        known[i] = parse->registry->workloads[i]->name;
        known[i + 1] = NULL;
    }
    if (!use) {
        suggest_names("", known, text, sizeof text);
        return yaml_node_error_missing(section, "use", parse->err, "missing; name a workload%s",
                                       text);
    }
    if (!plan_is_plug_in_name(use)) {
        yaml_node_describe(use, text);
        return yaml_node_error(use, parse->err, "must be the name of a workload, not %s", text);
    }
    parse->plan->workload = registry_workload(parse->registry, use->text);
    if (parse->plan->workload)
        return 0;
    suggest_names(use->text, known, text, sizeof text);
    return yaml_node_error(use, parse->err, "there is no workload '%.80s'%s", use->text, text);
}

/* The section's members are ours or the workload's own; each table skips the other's names. */
static int read_members(struct plan_parse *parse, const struct yaml_node *section)
{
    const char *own[NAMES_MAX + 3] = {"use", "client"};
    size_t count = 2;
    for (const struct option *option = parse->plan->workload->options; option->name; option++)
        if (count < NAMES_MAX + 2)
            own[count++] = option->name;
    own[count] = NULL;
    int rc = option_values_parse(work_options, section, NULL, own, parse->arena, &parse->work,
                                 parse->err);
    if (rc == 0)
        rc = option_values_parse(parse->plan->workload->options, section, NULL, common_names,
                                 parse->arena, &parse->plan->workload_options, parse->err);
    if (rc == 0)
        rc = option_values_check_nodes(parse->plan->workload_options, parse->plan->node_names,
                                       parse->plan->node_count, parse->err);
    if (rc == 0)
        parse->plan->rate = option_real(parse->work, "rate");
    return rc;
}

/* --- client --- */

static bool has_function(const symbol *functions, symbol f)
{
    for (; *functions != F_NONE; functions++)
        if (*functions == f)
            return true;
    return false;
}

/* The first function of the workload that the client cannot do; F_NONE if it can do all. */
static symbol missing_function(const struct workload_type *workload,
                               const struct client_type *client)
{
    for (const symbol *f = workload->functions; *f != F_NONE; f++)
        if (!has_function(client->functions, *f))
            return *f;
    return F_NONE;
}

/* Names of the clients, of all or of those that can do everything the workload needs. */
static void client_names(const struct plan_parse *parse, bool all, const char **known)
{
    size_t count = 0;
    for (const struct client_type *const *type = parse->registry->clients; *type; type++)
        if (count < NAMES_MAX && (all || missing_function(parse->plan->workload, *type) == F_NONE))
            known[count++] = (*type)->name;
    known[count] = NULL;
}

static int check_functions(const struct plan_parse *parse, const struct yaml_node *node)
{
    const struct plan *plan = parse->plan;
    symbol missing = missing_function(plan->workload, plan->client);
    if (missing == F_NONE)
        return 0;
    const char *able[NAMES_MAX + 1];
    struct strbuf names = STRBUF_INIT;
    client_names(parse, false, able);
    for (const char *const *name = able; *name; name++)
        strbuf_printf(&names, "%s%s", name == able ? "; clients that can: " : ", ", *name);
    int rc = yaml_node_error(node, parse->err,
                             "client '%s' cannot do '%s', which the workload '%s' needs%s",
                             plan->client->name, symbol_name(missing), plan->workload->name,
                             names.length ? names.text : "; no client can");
    strbuf_fini(&names);
    return rc;
}

static int read_client(struct plan_parse *parse, const struct yaml_node *section)
{
    const struct yaml_node *node = yaml_node_find(section, "client"), *options;
    const char *known[NAMES_MAX + 1], *name;
    char text[SUGGEST_SIZE];
    client_names(parse, true, known);
    if (!node) {
        suggest_names("", known, text, sizeof text);
        return yaml_node_error_missing(section, "client", parse->err, "missing; name a client%s",
                                       text);
    }
    int rc = plan_read_choice(parse, node, &name, &options);
    if (rc != 0)
        return rc;
    parse->plan->client = registry_client(parse->registry, name);
    if (!parse->plan->client) {
        suggest_names(name, known, text, sizeof text);
        return yaml_node_error(node, parse->err, "there is no client '%.80s'%s", name, text);
    }
    rc = check_functions(parse, node);
    if (rc == 0)
        rc = option_values_parse(parse->plan->client->options, options, NULL, NULL, parse->arena,
                                 &parse->plan->client_options, parse->err);
    if (rc == 0)
        rc = option_values_check_nodes(parse->plan->client_options, parse->plan->node_names,
                                       parse->plan->node_count, parse->err);
    return rc;
}

int plan_read_work(struct plan_parse *parse)
{
    const struct yaml_node *section = yaml_node_find(parse->root, "workload");
    if (!section)
        return yaml_node_error_missing(parse->root, "workload", parse->err,
                                       "missing; say what clients do, such as "
                                       "workload: {use: register, client: etcd}");
    int rc = plan_expect_mapping(parse, section);
    if (rc == 0)
        rc = find_workload(parse, section);
    if (rc == 0)
        rc = read_members(parse, section);
    if (rc == 0)
        rc = read_client(parse, section);
    return rc == 0 ? read_concurrency(parse) : rc;
}

/* --- database --- */

int plan_read_database(struct plan_parse *parse)
{
    const struct yaml_node *node = yaml_node_find(parse->root, "database");
    if (node)
        return database_load(node, "database", parse->dir, parse->arena, &parse->plan->database,
                             parse->err);
    if (strcmp(parse->plan->client->name, "null") == 0)
        return 0; /* it talks to nobody */
    return yaml_node_error_missing(parse->root, "database", parse->err,
                                   "missing; name one, such as database: etcd");
}
