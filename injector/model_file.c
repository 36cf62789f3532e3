#include "injector/model_file.h"

#include "checker/user_model.h"
#include "core/err.h"
#include "core/errbuf.h"
#include "core/suggest.h"
#include "injector/yaml_tree.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct model_reading {
    struct arena *arena;
    struct errbuf *err;
    struct user_model model;
    const char **states; /* names, as they come up */
    bool *is_entered;    /* by state: it is the initial one, or some operation leads to it */
};

bool model_file_is_meant(const char *name)
{
    size_t length = strlen(name), tail = strlen(".yaml");
    return strchr(name, '/') || (length >= tail && strcmp(name + length - tail, ".yaml") == 0);
}

static int no_memory(struct errbuf *err)
{
    return errbuf_set(err, ERR_NOMEM, "no memory for a model");
}

/* --- keys --- */

static int refuse_unknown_keys(const struct model_reading *reading, const struct yaml_node *node,
                               const char *const *known)
{
    for (const struct yaml_node *item = node->first; item; item = item->next) {
        size_t at = 0;
        while (known[at] && strcmp(known[at], item->key) != 0)
            at++;
        if (known[at])
            continue;
        char text[SUGGEST_SIZE];
        suggest_names(item->key, known, text, sizeof text);
        return yaml_node_error(item, reading->err, "there is no such key%s", text);
    }
    return 0;
}

/* The text of a member that must be there and be one: what says what it is. */
static int require_text(const struct model_reading *reading, const struct yaml_node *mapping,
                        const char *key, const char *what, const char **out)
{
    const struct yaml_node *node = yaml_node_find(mapping, key);
    if (!node)
        return yaml_node_error_missing(mapping, key, reading->err, "is missing: %s", what);
    if (node->kind != YAML_SCALAR || yaml_node_is_null(node) || node->text[0] == '\0') {
        char given[YAML_DESCRIPTION_SIZE];
        yaml_node_describe(node, given);
        return yaml_node_error(node, reading->err, "must be %s, not %s", what, given);
    }
    *out = node->text;
    return 0;
}

/* --- states --- */

static bool is_word(const struct yaml_node *node, const char *word)
{
    return node->kind == YAML_SCALAR && node->plain && strcmp(node->text, word) == 0;
}

/* The number of the state that the node names, made if it is new. */
static int read_state(struct model_reading *reading, const struct yaml_node *node, uint32_t *out)
{
    if (node->kind != YAML_SCALAR || yaml_node_is_null(node) || node->text[0] == '\0' ||
        is_word(node, "any") || is_word(node, "same")) {
        char given[YAML_DESCRIPTION_SIZE];
        yaml_node_describe(node, given);
        return yaml_node_error(node, reading->err, "must be the name of a state, not %s", given);
    }
    uint32_t count = reading->model.state_count;
    for (*out = 0; *out < count && strcmp(reading->states[*out], node->text) != 0;)
        ++*out;
    if (*out < count)
        return 0;
    if (count == USER_STATES_MAX)
        return yaml_node_error(node, reading->err, "there are more than %d states",
                               USER_STATES_MAX);
    reading->states[reading->model.state_count++] = node->text;
    return 0;
}

/* A state, or a list of states; each is handed to `take`. */
static int for_each_state(struct model_reading *reading, const struct yaml_node *node,
                          int (*take)(struct model_reading *, const struct yaml_node *, uint32_t,
                                      void *),
                          void *user)
{
    bool is_list = node->kind == YAML_SEQUENCE;
    int rc = 0;
    if (is_list && node->count == 0)
        return yaml_node_error(node, reading->err,
                               "must be a state, a list of states, or any, not an empty list");
    for (const struct yaml_node *item = is_list ? node->first : node; item && rc == 0;
         item = is_list ? item->next : NULL) {
        uint32_t state = 0;
        rc = read_state(reading, item, &state);
        if (rc == 0)
            rc = take(reading, item, state, user);
    }
    return rc;
}

static int note_from(struct model_reading *reading, const struct yaml_node *node, uint32_t state,
                     void *from)
{
    (void)reading;
    (void)node;
    ((bool *)from)[state] = true;
    return 0;
}

/* from has room for as many states as there may be. */
static int read_from(struct model_reading *reading, const struct yaml_node *node, bool *from)
{
    if (node && !is_word(node, "any"))
        return for_each_state(reading, node, note_from, from);
    memset(from, true, USER_STATES_MAX);
    return 0;
}

static int read_to(struct model_reading *reading, const struct yaml_node *node, uint32_t *out)
{
    *out = USER_SAME;
    if (!node || is_word(node, "same"))
        return 0;
    int rc = read_state(reading, node, out);
    if (rc == 0)
        reading->is_entered[*out] = true;
    return rc;
}

/* --- literals --- */

static bool read_integer(const char *text, int64_t *out)
{
    char *end;
    errno = 0;
    *out = strtoll(text, &end, 10);
    return *end == '\0' && errno == 0 && strspn(text, "-0123456789") == strlen(text);
}

static struct value plain_value(const char *text)
{
    int64_t integer;
    if (strcmp(text, "true") == 0 || strcmp(text, "false") == 0)
        return value_bool(text[0] == 't');
    if (read_integer(text, &integer))
        return value_int(integer);
    if (text[0] == ':' && text[1])
        return value_text(VALUE_KEYWORD, text + 1, strlen(text + 1));
    return value_string(text);
}

/* {keyword: k}, as JSON Lines have it: :k cannot stand in braces. */
static int read_keyword(const struct model_reading *reading, const struct yaml_node *node,
                        struct value *out)
{
    const struct yaml_node *name = yaml_node_find(node, "keyword");
    if (node->count != 1 || !name || name->kind != YAML_SCALAR || name->text[0] == '\0')
        return yaml_node_error(node, reading->err,
                               "must be any, a number, a text, :k or {keyword: k}, true, false, "
                               "null or a list of these, not a mapping");
    *out = value_text(VALUE_KEYWORD, name->text, strlen(name->text));
    return 0;
}

static int read_literal(const struct model_reading *reading, const struct yaml_node *node,
                        struct value *out)
{
    if (node->kind == YAML_MAPPING)
        return read_keyword(reading, node, out);
    if (yaml_node_is_null(node)) {
        *out = value_nil();
        return 0;
    }
    if (node->kind == YAML_SCALAR) {
        *out = node->plain ? plain_value(node->text) : value_string(node->text);
        return 0;
    }
    struct value *items = arena_zalloc(reading->arena, node->count, sizeof *items);
    if (!items)
        return no_memory(reading->err);
    for (const struct yaml_node *item = node->first; item; item = item->next) {
        int rc = read_literal(reading, item, &items[item->index]);
        if (rc != 0)
            return rc;
    }
    *out = value_items(VALUE_LIST, items, node->count);
    return 0;
}

/* A literal, or any. */
static int read_pattern(const struct model_reading *reading, const struct yaml_node *node,
                        bool *any, struct value *out)
{
    *any = !node || is_word(node, "any");
    return *any ? 0 : read_literal(reading, node, out);
}

/* --- operations --- */

static int read_rule(struct model_reading *reading, const struct yaml_node *node,
                     struct user_rule *rule)
{
    static const char *const known[] = {"f", "value", "result", "from", "to", NULL};
    const char *name;
    bool *from = arena_zalloc(reading->arena, USER_STATES_MAX, sizeof *from);
    if (!from)
        return no_memory(reading->err);
    rule->from = from;
    if (node->kind != YAML_MAPPING) {
        char given[YAML_DESCRIPTION_SIZE];
        yaml_node_describe(node, given);
        return yaml_node_error(node, reading->err,
                               "must be an operation, {f: ..., from: ..., to: ...}, not %s", given);
    }
    int rc = refuse_unknown_keys(reading, node, known);
    if (rc == 0)
        rc = require_text(reading, node, "f", "the name of an operation", &name);
    if (rc == 0)
        rc = read_pattern(reading, yaml_node_find(node, "value"), &rule->any_argument,
                          &rule->argument);
    if (rc == 0)
        rc =
            read_pattern(reading, yaml_node_find(node, "result"), &rule->any_result, &rule->result);
    if (rc == 0)
        rc = read_from(reading, yaml_node_find(node, "from"), from);
    if (rc == 0)
        rc = read_to(reading, yaml_node_find(node, "to"), &rule->to);
    if (rc != 0)
        return rc;
    rule->f = symbol_canonical(symbol_intern(name, strlen(name)));
    return rule->f != F_NONE ? 0
                             : yaml_node_error(node, reading->err, "there are too many operations");
}

static int read_rules(struct model_reading *reading, const struct yaml_node *tree)
{
    const struct yaml_node *list = yaml_node_find(tree, "operations");
    if (!list)
        return yaml_node_error_missing(tree, "operations", reading->err,
                                       "is missing: a list of {f: ..., from: ..., to: ...}");
    if (list->kind != YAML_SEQUENCE || list->count == 0) {
        char given[YAML_DESCRIPTION_SIZE];
        yaml_node_describe(list, given);
        return yaml_node_error(list, reading->err,
                               "must be a list of {f: ..., from: ..., to: ...}, not %s", given);
    }
    struct user_rule *rules = arena_zalloc(reading->arena, list->count, sizeof *rules);
    if (!rules)
        return no_memory(reading->err);
    reading->model.rules = rules;
    reading->model.rule_count = list->count;
    for (const struct yaml_node *item = list->first; item; item = item->next) {
        int rc = read_rule(reading, item, &rules[item->index]);
        if (rc != 0)
            return rc;
    }
    return 0;
}

/* A state from which operations lead, but to which none does, is a name written wrong. */
static int refuse_unreachable(struct model_reading *reading, const struct yaml_node *node,
                              uint32_t state, void *unused)
{
    const char *known[USER_STATES_MAX + 1];
    char text[SUGGEST_SIZE];
    size_t count = 0;
    (void)unused;
    if (reading->is_entered[state])
        return 0;
    for (uint32_t i = 0; i < reading->model.state_count; i++)
        if (reading->is_entered[i])
            known[count++] = reading->states[i];
    known[count] = NULL;
    suggest_names(reading->states[state], known, text, sizeof text);
    return yaml_node_error(node, reading->err, "no operation leads to the state '%.80s'%s",
                           reading->states[state], text);
}

static int check_reachable(struct model_reading *reading, const struct yaml_node *tree)
{
    const struct yaml_node *list = yaml_node_find(tree, "operations");
    for (const struct yaml_node *item = list->first; item; item = item->next) {
        const struct yaml_node *from = yaml_node_find(item, "from");
        int rc = !from || is_word(from, "any")
                     ? 0
                     : for_each_state(reading, from, refuse_unreachable, NULL);
        if (rc != 0)
            return rc;
    }
    return 0;
}

static int read_model(struct model_reading *reading, const struct yaml_node *tree)
{
    static const char *const known[] = {"name", "doc", "initial", "operations", NULL};
    struct user_model *model = &reading->model;
    const char *initial;
    if (tree->kind != YAML_MAPPING)
        return yaml_node_error(tree, reading->err,
                               "a model is a mapping: name, initial, operations");
    int rc = refuse_unknown_keys(reading, tree, known);
    if (rc == 0)
        rc = require_text(reading, tree, "name", "the name of the model", &model->name);
    model->doc = "";
    if (rc == 0 && yaml_node_find(tree, "doc"))
        rc = require_text(reading, tree, "doc", "a line about the model", &model->doc);
    if (rc == 0)
        rc = require_text(reading, tree, "initial", "the name of a state", &initial);
    if (rc == 0)
        rc = read_state(reading, yaml_node_find(tree, "initial"), &model->initial);
    if (rc != 0)
        return rc;
    reading->is_entered[model->initial] = true;
    rc = read_rules(reading, tree);
    return rc == 0 ? check_reachable(reading, tree) : rc;
}

static int load_tree(const struct yaml_node *tree, struct arena *arena,
                     const struct user_model **out, struct errbuf *err)
{
    struct model_reading reading = {.arena = arena, .err = err};
    reading.states = arena_zalloc(arena, USER_STATES_MAX, sizeof *reading.states);
    reading.is_entered = arena_zalloc(arena, USER_STATES_MAX, sizeof *reading.is_entered);
    if (!reading.states || !reading.is_entered)
        return no_memory(err);
    int rc = read_model(&reading, tree);
    if (rc != 0)
        return rc;
    reading.model.states = reading.states;
    const struct user_model *model = arena_copy(arena, &reading.model, sizeof reading.model);
    if (!model)
        return no_memory(err);
    *out = model;
    return 0;
}

int model_file_parse(const char *source, const char *text, size_t length, struct arena *arena,
                     const struct user_model **out, struct errbuf *err)
{
    struct yaml_node *tree;
    int rc = yaml_tree_parse(source, text, length, arena, &tree, err);
    return rc == 0 ? load_tree(tree, arena, out, err) : rc;
}

int model_file_load(const char *path, struct arena *arena, const struct user_model **out,
                    struct errbuf *err)
{
    struct yaml_node *tree;
    int rc = yaml_tree_read(path, arena, &tree, err);
    return rc == 0 ? load_tree(tree, arena, out, err) : rc;
}
