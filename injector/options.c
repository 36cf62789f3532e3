#include "injector/options.h"

#include "core/err.h"
#include "core/errbuf.h"
#include "core/suggest.h"
#include "injector/option_parse.h"

#include <assert.h>
#include <string.h>

static size_t table_count(const struct option *table)
{
    size_t count = 0;
    while (table[count].name)
        count++;
    return count;
}

/* --- a whole table --- */

static const struct option *find_option(const struct option *table, const char *name)
{
    for (; table->name; table++)
        if (strcmp(table->name, name) == 0)
            return table;
    return NULL;
}

static bool is_listed(const char *const *names, const char *name)
{
    for (; names && *names; names++)
        if (strcmp(*names, name) == 0)
            return true;
    return false;
}

static int fail_unknown(const struct option_parse *parse, const struct yaml_node *node,
                        const char *const *skip)
{
    enum { KNOWN_MAX = 64 };
    const char *known[KNOWN_MAX + 1];
    size_t count = 0;
    for (const struct option *option = parse->values->table; option->name; option++)
        if (count < KNOWN_MAX)
            known[count++] = option->name;
    for (; skip && *skip; skip++)
        if (count < KNOWN_MAX)
            known[count++] = *skip;
    known[count] = NULL;
    char text[SUGGEST_SIZE];
    suggest_names(node->key, known, text, sizeof text);
    return yaml_node_error_below(node, parse->values->node, parse->values->path, parse->err,
                                 "there is no such key%s", text);
}

static int parse_members(const struct option_parse *parse, const char *const *skip)
{
    const struct option_values *values = parse->values;
    if (values->node && values->node->kind != YAML_MAPPING) {
        char given[YAML_DESCRIPTION_SIZE];
        yaml_node_describe(values->node, given);
        return yaml_node_error_below(values->node, values->node, values->path, parse->err,
                                     "must be a mapping (key: value), not %s", given);
    }
    const struct yaml_node *child = values->node ? values->node->first : NULL;
    for (; child; child = child->next) {
        if (is_listed(skip, child->key))
            continue;
        const struct option *option = find_option(values->table, child->key);
        if (!option)
            return fail_unknown(parse, child, skip);
        struct option_value *value = &values->values[option - values->table];
        value->given = true;
        int rc = option_value_parse(parse, option, child, value);
        if (rc != 0)
            return rc;
    }
    return 0;
}

/* A default stands in a table as it would in a plan; texts need no quotes there. */
static int parse_default(const struct option_parse *parse, const struct option *option,
                         struct option_value *out)
{
    struct yaml_node *node = NULL;
    int rc = 0;
    if (option->type == OPTION_STRING)
        node = yaml_node_new_text(parse->arena, option->name, option->standard, false);
    else
        rc = yaml_tree_parse_value(option->name, option->standard, parse->arena, &node, parse->err);
    if (rc == 0)
        rc = node ? option_value_parse(parse, option, node, out)
                  : errbuf_set(parse->err, ERR_NOMEM, "no memory for options");
    assert(rc != ERR_INPUT && "the default of an option must pass its own checks");
    return rc;
}

int option_values_parse(const struct option *table, const struct yaml_node *node, const char *path,
                        const char *const *skip, struct arena *arena,
                        const struct option_values **out, struct errbuf *err)
{
    struct option_values *values = arena_zalloc(arena, 1, sizeof *values);
    size_t count = table_count(table);
    if (values)
        values->values = arena_zalloc(arena, count, sizeof *values->values);
    if (!values || !values->values)
        return errbuf_set(err, ERR_NOMEM, "no memory for options");
    values->table = table;
    values->node = node;
    values->path = path ? arena_strdup(arena, path) : NULL;
    struct option_parse parse = {.values = values, .arena = arena, .err = err};
    int rc = parse_members(&parse, skip);
    for (size_t i = 0; i < count && rc == 0; i++)
        if (!values->values[i].given && table[i].standard)
            rc = parse_default(&parse, &table[i], &values->values[i]);
    if (rc == 0)
        *out = values;
    return rc;
}

int option_values_check_nodes(const struct option_values *values, const char *const *node_names,
                              uint32_t node_count, struct errbuf *err)
{
    const char *known[65];
    uint32_t count = node_count < 64 ? node_count : 64;
    memcpy(known, node_names, count * sizeof *known);
    known[count] = NULL;
    for (size_t i = 0; values->table[i].name; i++) {
        const struct option_value *value = &values->values[i];
        if (values->table[i].type != OPTION_NODE_GROUPS || !value->given)
            continue;
        for (const struct yaml_node *group = value->node->first; group; group = group->next) {
            for (const struct yaml_node *name = group->first; name; name = name->next) {
                if (is_listed(known, name->text))
                    continue;
                char text[SUGGEST_SIZE];
                suggest_names(name->text, known, text, sizeof text);
                return yaml_node_error_below(name, values->node, values->path, err,
                                             "there is no node '%s'%s", name->text, text);
            }
        }
    }
    return 0;
}

struct yaml_node *option_values_tree(const struct option_values *values, enum option_origin which,
                                     struct arena *arena)
{
    struct yaml_node *tree = yaml_node_new(arena, YAML_MAPPING, "options");
    for (size_t i = 0; tree && values->table[i].name; i++) {
        const struct option_value *value = &values->values[i];
        if (!value->node || value->given != (which == OPTIONS_GIVEN))
            continue;
        if (yaml_node_set(arena, tree, values->table[i].name, yaml_node_copy(arena, value->node)) !=
            0)
            tree = NULL;
    }
    return tree;
}

/* --- reading values --- */

static const struct option_value *value_of(const struct option_values *values, const char *name,
                                           enum option_type type)
{
    const struct option *option = find_option(values->table, name);
    assert(option && option->type == type);
    (void)type;
    return &values->values[option - values->table];
}

bool option_is_given(const struct option_values *values, const char *name)
{
    const struct option *option = find_option(values->table, name);
    assert(option);
    return values->values[option - values->table].given;
}

const struct yaml_node *option_node(const struct option_values *values, const char *name)
{
    const struct option *option = find_option(values->table, name);
    assert(option);
    const struct option_value *value = &values->values[option - values->table];
    return value->given ? value->node : NULL;
}

bool option_bool(const struct option_values *values, const char *name)
{
    return value_of(values, name, OPTION_BOOL)->boolean;
}

int64_t option_int(const struct option_values *values, const char *name)
{
    return value_of(values, name, OPTION_INT)->integer;
}

double option_real(const struct option_values *values, const char *name)
{
    return value_of(values, name, OPTION_REAL)->real;
}

uint64_t option_bytes(const struct option_values *values, const char *name)
{
    return (uint64_t)value_of(values, name, OPTION_BYTES)->integer;
}

int64_t option_duration_ns(const struct option_values *values, const char *name)
{
    return value_of(values, name, OPTION_DURATION)->integer;
}

const char *option_string(const struct option_values *values, const char *name)
{
    return value_of(values, name, OPTION_STRING)->text;
}

size_t option_choice(const struct option_values *values, const char *name)
{
    return value_of(values, name, OPTION_CHOICE)->choice;
}

const size_t *option_choices(const struct option_values *values, const char *name, size_t *count)
{
    const struct option_value *value = value_of(values, name, OPTION_CHOICES);
    *count = value->choices.count;
    return value->choices.items;
}

const struct option_group *option_node_groups(const struct option_values *values, const char *name,
                                              size_t *count)
{
    const struct option_value *value = value_of(values, name, OPTION_NODE_GROUPS);
    *count = value->groups.count;
    return value->groups.items;
}
