/* Writing a checked plan back as YAML. */
#include "injector/plan_parts.h"

#include "core/err.h"
#include "core/errbuf.h"
#include "core/strbuf.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char source[] = "resolved";

/* A tree under construction; `failed` once anything did not fit into memory. */
struct resolver {
    const struct plan_parse *parse;
    bool failed;
};

static struct yaml_node *new_mapping(struct resolver *resolver)
{
    struct yaml_node *node = yaml_node_new(resolver->parse->arena, YAML_MAPPING, source);
    resolver->failed = resolver->failed || !node;
    return node;
}

static void put(struct resolver *resolver, struct yaml_node *mapping, const char *key,
                struct yaml_node *value)
{
    if (!resolver->failed && yaml_node_set(resolver->parse->arena, mapping, key, value) != 0)
        resolver->failed = true;
}

static void put_text(struct resolver *resolver, struct yaml_node *mapping, const char *key,
                     const char *text, bool plain)
{
    put(resolver, mapping, key, yaml_node_new_text(resolver->parse->arena, source, text, plain));
}

static void put_number(struct resolver *resolver, struct yaml_node *mapping, const char *key,
                       uint64_t number)
{
    char text[24];
    snprintf(text, sizeof text, "%" PRIu64, number);
    put_text(resolver, mapping, key, text, true);
}

static void put_duration(struct resolver *resolver, struct yaml_node *mapping, const char *key,
                         int64_t duration_ns)
{
    char text[DURATION_TEXT_SIZE];
    duration_format(duration_ns, text);
    put_text(resolver, mapping, key, text, true);
}

/* With as few digits as give the same number back. */
static void put_real(struct resolver *resolver, struct yaml_node *mapping, const char *key,
                     double number)
{
    char text[32];
    snprintf(text, sizeof text, "%.15g", number);
    if (strtod(text, NULL) != number)
        snprintf(text, sizeof text, "%.17g", number);
    put_text(resolver, mapping, key, text, true);
}

static void put_bool(struct resolver *resolver, struct yaml_node *mapping, const char *key,
                     bool value)
{
    put_text(resolver, mapping, key, value ? "true" : "false", true);
}

static void put_given(struct resolver *resolver, struct yaml_node *mapping,
                      const struct option_values *values)
{
    struct arena *arena = resolver->parse->arena;
    struct yaml_node *tree = option_values_tree(values, OPTIONS_GIVEN, arena);
    resolver->failed = resolver->failed || !tree;
    for (struct yaml_node *item = tree ? tree->first : NULL; item; item = item->next)
        put(resolver, mapping, item->key, yaml_node_copy(arena, item));
}

/* NAME, or {NAME: {options}} if any were given. */
static struct yaml_node *choice_tree(struct resolver *resolver, const char *name,
                                     const struct option_values *values)
{
    struct arena *arena = resolver->parse->arena;
    struct yaml_node *options = option_values_tree(values, OPTIONS_GIVEN, arena);
    if (options && options->count == 0)
        return yaml_node_new_text(arena, source, name, true);
    struct yaml_node *choice = new_mapping(resolver);
    put(resolver, choice, name, options);
    return choice;
}

/* --- sections --- */

static struct yaml_node *nodes_tree(struct resolver *resolver)
{
    const struct plan *plan = resolver->parse->plan;
    struct arena *arena = resolver->parse->arena;
    struct yaml_node *list = yaml_node_new(arena, YAML_SEQUENCE, source);
    for (uint32_t i = 0; list && i < plan->node_count; i++)
        if (yaml_node_append(list, yaml_node_new_text(arena, source, plan->node_names[i], true)))
            list = NULL;
    return list;
}

static struct yaml_node *cluster_tree(struct resolver *resolver)
{
    const struct plan *plan = resolver->parse->plan;
    struct yaml_node *tree = new_mapping(resolver);
    put_text(resolver, tree, "remote", plan->remote->name, true);
    put(resolver, tree, "nodes", nodes_tree(resolver));
    put_number(resolver, tree, "failure_tolerance", plan->failure_tolerance);
    put_bool(resolver, tree, "byzantine", plan->byzantine);
    return tree;
}

static struct yaml_node *work_tree(struct resolver *resolver)
{
    const struct plan *plan = resolver->parse->plan;
    struct yaml_node *tree = new_mapping(resolver);
    put_text(resolver, tree, "use", plan->workload->name, true);
    put(resolver, tree, "client", choice_tree(resolver, plan->client->name, plan->client_options));
    put_number(resolver, tree, "concurrency", plan->concurrency);
    put_real(resolver, tree, "rate", plan->rate);
    put_given(resolver, tree, plan->workload_options);
    return tree;
}

static struct yaml_node *nemesis_tree(struct resolver *resolver)
{
    const struct plan *plan = resolver->parse->plan;
    struct yaml_node *tree = new_mapping(resolver);
    put_duration(resolver, tree, "interval", plan->nemesis_interval_ns);
    put_duration(resolver, tree, "duration", plan->nemesis_duration_ns);
    struct yaml_node *list = yaml_node_new(resolver->parse->arena, YAML_SEQUENCE, source);
    for (size_t i = 0; list && i < plan->fault_count; i++)
        if (yaml_node_append(list, choice_tree(resolver, plan->faults[i].type->name,
                                               plan->faults[i].options)) != 0)
            list = NULL;
    put(resolver, tree, "faults", list);
    return tree;
}

static struct yaml_node *check_tree(struct resolver *resolver)
{
    const struct plan *plan = resolver->parse->plan;
    struct yaml_node *tree = new_mapping(resolver);
    put_text(resolver, tree, "consistency", resolver->parse->consistency, true);
    put_text(resolver, tree, "model", plan->model, true);
    put_duration(resolver, tree, "time_limit", plan->check_time_limit_ns);
    put_number(resolver, tree, "memory_limit", plan->check_memory_limit_bytes);
    put_bool(resolver, tree, "online", plan->check_online);
    put_bool(resolver, tree, "stop_on_violation", plan->check_stop_on_violation);
    return tree;
}

static struct yaml_node *plan_tree(struct resolver *resolver)
{
    const struct plan *plan = resolver->parse->plan;
    struct yaml_node *tree = new_mapping(resolver);
    put_text(resolver, tree, "name", plan->name, true);
    put(resolver, tree, "cluster", cluster_tree(resolver));
    if (plan->database)
        put(resolver, tree, "database",
            yaml_node_copy(resolver->parse->arena, database_tree(plan->database)));
    put(resolver, tree, "workload", work_tree(resolver));
    put(resolver, tree, "nemesis", nemesis_tree(resolver));
    put(resolver, tree, "check", check_tree(resolver));
    put_duration(resolver, tree, "time_limit", plan->time_limit_ns);
    put_duration(resolver, tree, "recovery_time", plan->recovery_time_ns);
    put_number(resolver, tree, "seed", plan->seed);
    return tree;
}

/* --- defaults of plug-ins, as comments --- */

static void put_comment(struct resolver *resolver, struct strbuf *out, const char *what,
                        const struct option_values *values)
{
    struct yaml_node *tree = option_values_tree(values, OPTIONS_DEFAULT, resolver->parse->arena);
    resolver->failed = resolver->failed || !tree;
    struct strbuf text = STRBUF_INIT;
    if (tree && tree->count)
        yaml_node_write(&text, tree);
    for (const char *line = text.text; line && *line;) {
        size_t length = strcspn(line, "\n");
        strbuf_printf(out, "# %s: %.*s\n", what, (int)length, line);
        line += length + (line[length] == '\n');
    }
    resolver->failed = resolver->failed || text.failed;
    strbuf_fini(&text);
}

static void put_comments(struct resolver *resolver, struct strbuf *out)
{
    const struct plan *plan = resolver->parse->plan;
    char what[128];
    strbuf_puts(out, "# Options left to their defaults:\n");
    put_comment(resolver, out, "workload", plan->workload_options);
    snprintf(what, sizeof what, "workload.client.%.80s", plan->client->name);
    put_comment(resolver, out, what, plan->client_options);
    for (size_t i = 0; i < plan->fault_count; i++) {
        snprintf(what, sizeof what, "nemesis.faults[%zu].%.80s", i, plan->faults[i].type->name);
        put_comment(resolver, out, what, plan->faults[i].options);
    }
}

int plan_resolve(struct plan_parse *parse)
{
    struct resolver resolver = {.parse = parse};
    struct strbuf out = STRBUF_INIT;
    const struct yaml_node *tree = plan_tree(&resolver);
    if (!resolver.failed) {
        yaml_node_write(&out, tree);
        put_comments(&resolver, &out);
    }
    if (!resolver.failed && strbuf_ok(&out))
        parse->plan->resolved = arena_strndup(parse->arena, out.text, out.length);
    strbuf_fini(&out);
    return parse->plan->resolved ? 0 : plan_no_memory(parse);
}
