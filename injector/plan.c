#include "injector/plan.h"

#include "checker/check.h"
#include "checker/online.h"
#include "core/err.h"
#include "core/errbuf.h"
#include "core/suggest.h"
#include "injector/plan_parts.h"
#include "injector/shipped.h"
#include "isolation/judge.h"

#include <ctype.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>

/* Whole numbers up to here survive every JSON reader. */
#define SEED_MAX 9007199254740991.0
enum { WEEK_S = 7 * 86400 };

/* --- the file --- */

static bool is_file(const char *path)
{
    struct stat info;
    return stat(path, &info) == 0 && !S_ISDIR(info.st_mode);
}

static int fail_no_plan(const char *path, struct errbuf *err)
{
    char text[SUGGEST_SIZE];
    shipped_suggest("plans", path, text, sizeof text);
    return errbuf_set(err, ERR_INPUT, "%s: there is no such file, and no plan of that name ships%s",
                      path, text);
}

/* The file of a plan: the path itself, or that of a shipped plan. */
static int find_plan(const char *path, char out[PATH_MAX], struct errbuf *err)
{
    int length = snprintf(out, PATH_MAX, "%s", path);
    if (length > 0 && length < PATH_MAX && is_file(out))
        return 0;
    length = snprintf(out, PATH_MAX, "%s/plans/%s.yaml", shipped_dir(), path);
    if (!strchr(path, '/') && length > 0 && length < PATH_MAX && is_file(out))
        return 0;
    return fail_no_plan(path, err);
}

/* --- pieces that all parts use --- */

int plan_no_memory(const struct plan_parse *parse)
{
    return errbuf_set(parse->err, ERR_NOMEM, "%s: no memory for the plan", parse->plan->path);
}

int plan_expect_mapping(const struct plan_parse *parse, const struct yaml_node *node)
{
    if (!node || node->kind == YAML_MAPPING)
        return 0;
    char given[YAML_DESCRIPTION_SIZE];
    yaml_node_describe(node, given);
    return yaml_node_error(node, parse->err, "must be a mapping (key: value), not %s", given);
}

/* The plug-ins called null may be written without quotes. */
bool plan_is_plug_in_name(const struct yaml_node *node)
{
    return node->kind == YAML_SCALAR &&
           (!yaml_node_is_null(node) || strcmp(node->text, "null") == 0);
}

int plan_read_choice(const struct plan_parse *parse, const struct yaml_node *node,
                     const char **name, const struct yaml_node **options)
{
    *options = NULL;
    if (plan_is_plug_in_name(node)) {
        *name = node->text;
        return 0;
    }
    if (node->kind == YAML_MAPPING && node->count == 1) {
        *name = node->first->key;
        *options = yaml_node_is_null(node->first) ? NULL : node->first;
        return plan_expect_mapping(parse, *options);
    }
    char given[YAML_DESCRIPTION_SIZE];
    yaml_node_describe(node, given);
    return yaml_node_error(node, parse->err,
                           "must be a name, or one name with options such as "
                           "{NAME: {OPTION: VALUE}}, not %s%s",
                           given, node->kind == YAML_MAPPING ? " of several or none" : "");
}

/* --- the top and `check` --- */

static const struct option top_options[] = {
    {.name = "name", .type = OPTION_STRING, .doc = "what runs of it are called"},
    {.name = "time_limit",
     .type = OPTION_DURATION,
     .standard = "60s",
     .min = 0.1,
     .max = WEEK_S,
     .doc = "how long clients drive the database"},
    {.name = "recovery_time",
     .type = OPTION_DURATION,
     .standard = "5s",
     .min = 0,
     .max = 3600,
     .doc = "grace between healing and final reads"},
    {.name = "seed",
     .type = OPTION_INT,
     .min = 0,
     .max = SEED_MAX,
     .doc = "every random choice follows from it"},
    {.name = NULL},
};
static const char *const top_others[] = {"cluster", "database", "workload",
                                         "nemesis", "check",    NULL};

static const struct option check_options[] = {
    {.name = "consistency",
     .type = OPTION_STRING,
     .doc = "what must hold: linearizable, or of transactions a level that list levels shows"},
    {.name = "model", .type = OPTION_STRING, .doc = "the model, instead of the workload's"},
    {.name = "time_limit",
     .type = OPTION_DURATION,
     .standard = "60s",
     .min = 0.001,
     .max = WEEK_S,
     .doc = "of the check; then the verdict is unknown"},
    {.name = "memory_limit",
     .type = OPTION_BYTES,
     .standard = "2GiB",
     .min = 1 << 20,
     .max = (double)(INT64_C(1) << 50),
     .doc = "of the check; then the verdict is unknown"},
    {.name = "online",
     .type = OPTION_BOOL,
     .standard = "false",
     .doc = "check while the test runs, too"},
    {.name = "stop_on_violation",
     .type = OPTION_BOOL,
     .standard = "false",
     .doc = "end driving as soon as a violation is seen; needs online"},
    {.name = NULL},
};

static bool is_name(const char *name)
{
    size_t length = strlen(name);
    return length > 0 && length <= 64 && isalnum((unsigned char)*name) &&
           strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-") ==
               length;
}

static int read_name(struct plan_parse *parse)
{
    parse->plan->name = option_string(parse->top, "name");
    if (!parse->plan->name)
        return yaml_node_error_missing(parse->root, "name", parse->err,
                                       "missing; runs are kept under it, such as "
                                       "name: etcd-register");
    if (!is_name(parse->plan->name))
        return yaml_node_error(option_node(parse->top, "name"), parse->err,
                               "must be at most 64 letters, digits, '.', '_' or '-', beginning "
                               "with a letter or digit, not '%.80s'",
                               parse->plan->name);
    return 0;
}

static int read_seed(struct plan_parse *parse)
{
    struct plan *plan = parse->plan;
    plan->seed_given = option_is_given(parse->top, "seed");
    plan->seed = (uint64_t)option_int(parse->top, "seed");
    if (plan->seed_given)
        return 0;
    if (getrandom(&plan->seed, sizeof plan->seed, 0) != (ssize_t)sizeof plan->seed)
        return errbuf_set_errno(parse->err, ERR_IO, "no seed could be drawn");
    plan->seed &= (uint64_t)SEED_MAX;
    return 0;
}

static int read_top(struct plan_parse *parse)
{
    int rc = option_values_parse(top_options, parse->root, NULL, top_others, parse->arena,
                                 &parse->top, parse->err);
    if (rc != 0)
        return rc;
    parse->plan->time_limit_ns = option_duration_ns(parse->top, "time_limit");
    parse->plan->recovery_time_ns = option_duration_ns(parse->top, "recovery_time");
    rc = read_name(parse);
    return rc != 0 ? rc : read_seed(parse);
}

static bool has_symbol(const symbol *list, symbol wanted)
{
    while (*list != F_NONE && *list != wanted)
        list++;
    return *list == wanted;
}

/* Every operation of the workload must mean something to the model. */
static int check_model_knows(struct plan_parse *parse)
{
    const struct plan *plan = parse->plan;
    struct check_model model;
    if (!judge_model_find(plan->model, &model))
        return 0;
    for (const symbol *f = plan->workload->functions; *f != F_NONE; f++)
        if (!has_symbol(model.functions, symbol_canonical(*f)))
            return yaml_node_error(option_node(parse->check, "model"), parse->err,
                                   "workload '%s' does %s, which model '%s' does not know; leave "
                                   "it out, the workload's own is '%s'",
                                   plan->workload->name, symbol_name(*f), plan->model,
                                   plan->workload->model);
    return 0;
}

static int read_model(struct plan_parse *parse)
{
    enum { KNOWN_MAX = 64 };
    struct check_model model;
    parse->plan->model = option_string(parse->check, "model");
    if (!parse->plan->model)
        parse->plan->model = parse->plan->workload->model;
    else if (!judge_model_find(parse->plan->model, &model)) {
        const char *known[KNOWN_MAX + 1] = {0};
        for (size_t i = 0; i < KNOWN_MAX && judge_model_get(i, &model); i++)
            known[i] = model.name;
        char text[SUGGEST_SIZE];
        suggest_names(parse->plan->model, known, text, sizeof text);
        return yaml_node_error(option_node(parse->check, "model"), parse->err,
                               "there is no model '%.80s'%s", parse->plan->model, text);
    }
    return check_model_knows(parse);
}

/* Of an object: linearizable and nothing else. */
static int read_consistency(struct plan_parse *parse)
{
    struct plan *plan = parse->plan;
    const char *name = option_string(parse->check, "consistency");
    bool is_of_transactions = judge_is_of_transactions(plan->model);
    enum level level = LEVEL_STRICT_SERIALIZABLE;
    const char *known[LEVEL_COUNT + 1] = {"linearizable"};
    for (int i = 0; i < LEVEL_COUNT && is_of_transactions; i++)
        known[i] = level_row((enum level)i)->name;
    if (name && !(is_of_transactions ? level_find(name, &level) : strcmp(name, known[0]) == 0)) {
        char text[SUGGEST_SIZE];
        suggest_names(name, known, text, sizeof text);
        return yaml_node_error(option_node(parse->check, "consistency"), parse->err,
                               "there is no '%.80s' for the model '%s'%s", name, plan->model, text);
    }
    plan->levels = name && is_of_transactions ? level_bit(level) : 0;
    parse->consistency = is_of_transactions ? level_row(level)->name : known[0];
    return 0;
}

static int read_online(struct plan_parse *parse)
{
    struct plan *plan = parse->plan;
    plan->check_online = option_bool(parse->check, "online");
    plan->check_stop_on_violation = option_bool(parse->check, "stop_on_violation");
    if (plan->check_online && !online_knows(plan->model))
        return yaml_node_error(option_node(parse->check, "online"), parse->err,
                               "the model '%s' is judged at the end of a run; leave it out",
                               plan->model);
    if (plan->check_stop_on_violation && !plan->check_online)
        return yaml_node_error(option_node(parse->check, "stop_on_violation"), parse->err,
                               "nothing sees a violation before the end; it needs online: true "
                               "beside it");
    return 0;
}

static int read_check(struct plan_parse *parse)
{
    int rc = option_values_parse(check_options, yaml_node_find(parse->root, "check"), NULL, NULL,
                                 parse->arena, &parse->check, parse->err);
    if (rc != 0)
        return rc;
    parse->plan->check_time_limit_ns = option_duration_ns(parse->check, "time_limit");
    parse->plan->check_memory_limit_bytes = option_bytes(parse->check, "memory_limit");
    rc = read_model(parse);
    if (rc == 0)
        rc = read_consistency(parse);
    return rc != 0 ? rc : read_online(parse);
}

/* --- all of it --- */

static int read_sections(struct plan_parse *parse)
{
    int rc = read_top(parse);
    if (rc == 0)
        rc = plan_read_cluster(parse);
    if (rc == 0)
        rc = plan_read_work(parse);
    if (rc == 0)
        rc = plan_read_database(parse);
    if (rc == 0)
        rc = plan_read_nemesis(parse);
    if (rc == 0)
        rc = read_check(parse);
    return rc == 0 ? plan_resolve(parse) : rc;
}

static int fill_plan(struct plan_parse *parse, const char *text, size_t length,
                     const struct plan_override *overrides, size_t override_count)
{
    const char *path = parse->plan->path;
    int rc = yaml_tree_parse(path, text, length, parse->arena, &parse->root, parse->err);
    if (rc != 0)
        return rc;
    if (parse->root->kind != YAML_MAPPING) {
        char given[YAML_DESCRIPTION_SIZE];
        yaml_node_describe(parse->root, given);
        return yaml_node_error(parse->root, parse->err,
                               "a plan is a mapping that begins with name: ..., not %s", given);
    }
    for (size_t i = 0; i < override_count && rc == 0; i++)
        rc = plan_apply_override(parse, &overrides[i]);
    return rc == 0 ? read_sections(parse) : rc;
}

int plan_parse(const char *path, const char *text, size_t length, const struct registry *registry,
               const struct plan_override *overrides, size_t override_count, struct plan **out,
               struct errbuf *err)
{
    struct plan *plan = calloc(1, sizeof *plan);
    if (!plan)
        return errbuf_set(err, ERR_NOMEM, "%s: no memory for the plan", path);
    arena_init(&plan->arena, 0);
    const char *slash = strrchr(path, '/');
    struct plan_parse parse = {
        .plan = plan, .registry = registry, .arena = &plan->arena, .err = err};
    parse.dir = slash ? arena_strndup(&plan->arena, path, (size_t)(slash - path)) : ".";
    if (slash == path)
        parse.dir = "/";
    plan->path = arena_strdup(&plan->arena, path);
    int rc = plan->path && parse.dir
                 ? fill_plan(&parse, text, length, overrides, override_count)
                 : errbuf_set(err, ERR_NOMEM, "%s: no memory for the plan", path);
    if (rc != 0) {
        plan_free(plan);
        return rc;
    }
    *out = plan;
    return 0;
}

int plan_load(const char *path, const struct registry *registry,
              const struct plan_override *overrides, size_t override_count, struct plan **out,
              struct errbuf *err)
{
    char file[PATH_MAX];
    int rc = find_plan(path, file, err);
    char *text = NULL;
    size_t length;
    if (rc == 0)
        rc = yaml_text_read(file, &text, &length, err);
    if (rc == 0)
        rc = plan_parse(file, text, length, registry, overrides, override_count, out, err);
    free(text);
    return rc;
}

void plan_free(struct plan *plan)
{
    if (!plan)
        return;
    arena_fini(&plan->arena);
    free(plan);
}
