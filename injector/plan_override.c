#include "injector/plan_parts.h"

#include "core/err.h"
#include "core/errbuf.h"

#include <stdio.h>
#include <string.h>

enum { SEGMENTS_MAX = 12 };

/* The mapping at a member, made if it is not there. Where a name stands that is also the next part
 * of the path, it becomes a mapping: `client: etcd` is `client: {etcd: {}}`. */
static int descend(const struct plan_parse *parse, const struct plan_override *override,
                   const char *source, struct yaml_node **at, const char *key, const char *next)
{
    struct yaml_node *child = (struct yaml_node *)yaml_node_find(*at, key);
    bool is_name = child && child->kind == YAML_SCALAR && strcmp(child->text, next) == 0;
    if (child && child->kind != YAML_MAPPING && !is_name &&
        !(child->kind == YAML_SCALAR && yaml_node_is_null(child)))
        return errbuf_set(parse->err, ERR_INPUT,
                          "--set %s: '%s' is not a mapping; set it as a whole", override->key, key);
    if (!child || child->kind != YAML_MAPPING) {
        struct yaml_node *made = yaml_node_new(parse->arena, YAML_MAPPING, source);
        if (yaml_node_set(parse->arena, *at, key, made) != 0)
            return plan_no_memory(parse);
    }
    *at = (struct yaml_node *)yaml_node_find(*at, key);
    return 0;
}

/* Cuts "a.b.c" into its parts, in place. */
static int split_key(const struct plan_parse *parse, const struct plan_override *override,
                     char *key, const char **parts, size_t *count)
{
    *count = 0;
    for (char *part = key; part;) {
        char *dot = strchr(part, '.');
        if (dot)
            *dot = '\0';
        if (!*part || strlen(part) > YAML_TREE_KEY_MAX || *count == SEGMENTS_MAX)
            return errbuf_set(parse->err, ERR_INPUT,
                              "--set %s: the key must be a path such as cluster.nodes",
                              override->key);
        parts[(*count)++] = part;
        part = dot ? dot + 1 : NULL;
    }
    return 0;
}

int plan_apply_override(const struct plan_parse *parse, const struct plan_override *override)
{
    const char *parts[SEGMENTS_MAX];
    size_t count;
    char *key = arena_strdup(parse->arena, override->key);
    const char *source = arena_printf(parse->arena, "--set %s", override->key);
    if (!key || !source)
        return plan_no_memory(parse);
    struct yaml_node *at = parse->root, *value;
    int rc = split_key(parse, override, key, parts, &count);
    if (rc == 0)
        rc = yaml_tree_parse_value(source, override->value, parse->arena, &value, parse->err);
    for (size_t i = 0; i + 1 < count && rc == 0; i++)
        rc = descend(parse, override, source, &at, parts[i], parts[i + 1]);
    if (rc != 0)
        return rc;
    return yaml_node_set(parse->arena, at, parts[count - 1], value) == 0 ? 0
                                                                         : plan_no_memory(parse);
}
