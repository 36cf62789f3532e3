#include "injector/plan_parts.h"

#include "core/err.h"
#include "core/errbuf.h"
#include "core/suggest.h"

enum { FAULTS_MAX = 64, DAY_S = 86400 };

static const struct option nemesis_options[] = {
    {.name = "interval",
     .type = OPTION_DURATION,
     .standard = "5s",
     .min = 0.1,
     .max = DAY_S,
     .doc = "a fault begins every interval"},
    {.name = "duration",
     .type = OPTION_DURATION,
     .min = 0.001,
     .max = DAY_S,
     .doc = "of a fault; 60 % of the interval"},
    {.name = NULL},
};
static const char *const nemesis_others[] = {"faults", NULL};

static int read_times(struct plan_parse *parse)
{
    struct plan *plan = parse->plan;
    const struct yaml_node *given = option_node(parse->nemesis, "duration");
    plan->nemesis_interval_ns = option_duration_ns(parse->nemesis, "interval");
    plan->nemesis_duration_ns =
        given ? option_duration_ns(parse->nemesis, "duration") : plan->nemesis_interval_ns / 5 * 3;
    if (plan->nemesis_duration_ns < plan->nemesis_interval_ns)
        return 0;
    char interval[DURATION_TEXT_SIZE];
    duration_format(plan->nemesis_interval_ns, interval);
    return yaml_node_error(given, parse->err,
                           "must be shorter than the interval (%s), so that one fault ends before "
                           "the next begins",
                           interval);
}

static int check_network(const struct plan_parse *parse, const struct yaml_node *node,
                         const struct fault_type *type)
{
    if (!type->needs_network || parse->plan->remote->network_faults)
        return 0;
    return yaml_node_error(node, parse->err,
                           "fault '%s' needs nodes with a network of their own, which remote '%s' "
                           "does not give; use remote: netns",
                           type->name, parse->plan->remote->name);
}

static int check_options(const struct plan_parse *parse, const struct yaml_node *node,
                         const struct fault_choice *choice)
{
    struct errbuf why = ERRBUF_INIT;
    if (!choice->type->check ||
        choice->type->check(choice->options, parse->plan->node_count, &why) == 0)
        return 0;
    return yaml_node_error(node, parse->err, "%s: %s", choice->type->name, why.text);
}

static int read_fault(struct plan_parse *parse, const struct yaml_node *node,
                      struct fault_choice *out)
{
    const struct yaml_node *options;
    const char *name;
    int rc = plan_read_choice(parse, node, &name, &options);
    if (rc != 0)
        return rc;
    out->type = registry_fault(parse->registry, name);
    if (!out->type) {
        const char *known[FAULTS_MAX + 1] = {NULL};
        char text[SUGGEST_SIZE];
        for (size_t i = 0; i < FAULTS_MAX && parse->registry->faults[i]; i++) {
            known[i] = parse->registry->faults[i]->name;
            known[i + 1] = NULL;
        }
        suggest_names(name, known, text, sizeof text);
        return yaml_node_error(node, parse->err, "there is no fault '%.80s'%s", name, text);
    }
    rc = check_network(parse, node, out->type);
    if (rc == 0)
        rc = option_values_parse(out->type->options, options, NULL, NULL, parse->arena,
                                 &out->options, parse->err);
    if (rc == 0)
        rc = option_values_check_nodes(out->options, parse->plan->node_names,
                                       parse->plan->node_count, parse->err);
    return rc != 0 ? rc : check_options(parse, node, out);
}

static int read_faults(struct plan_parse *parse, const struct yaml_node *list)
{
    if (!list)
        return 0;
    if (list->kind != YAML_SEQUENCE || list->count > FAULTS_MAX) {
        char given[YAML_DESCRIPTION_SIZE];
        yaml_node_describe(list, given);
        return yaml_node_error(list, parse->err,
                               "must be a list of at most 64 faults such as [partition, kill], "
                               "not %s%s",
                               given, list->kind == YAML_SEQUENCE ? " of more" : "");
    }
    struct fault_choice *faults = arena_zalloc(parse->arena, list->count, sizeof *faults);
    if (!faults)
        return plan_no_memory(parse);
    for (const struct yaml_node *item = list->first; item; item = item->next) {
        int rc = read_fault(parse, item, &faults[item->index]);
        if (rc != 0)
            return rc;
    }
    parse->plan->faults = faults;
    parse->plan->fault_count = list->count;
    return 0;
}

int plan_read_nemesis(struct plan_parse *parse)
{
    const struct yaml_node *section = yaml_node_find(parse->root, "nemesis");
    int rc = option_values_parse(nemesis_options, section, NULL, nemesis_others, parse->arena,
                                 &parse->nemesis, parse->err);
    if (rc == 0)
        rc = read_times(parse);
    return rc == 0 ? read_faults(parse, yaml_node_find(section, "faults")) : rc;
}
