/* From what a plan says under `database` to a description: by name, by path, written there, or any
 * of the first two with other settings. */
#include "injector/database.h"

#include "core/err.h"
#include "core/errbuf.h"
#include "core/suggest.h"
#include "injector/database_description.h"
#include "injector/plan.h"
#include "injector/shipped.h"
#include "injector/yaml_tree.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static bool ends_with(const char *text, const char *ending)
{
    size_t length = strlen(text), tail = strlen(ending);
    return length >= tail && strcmp(text + length - tail, ending) == 0;
}

/* The file of a name: beside the plan, or shipped. */
static int find_file(const struct yaml_node *node, const char *name, const char *plan_dir,
                     struct arena *arena, const char **out, struct errbuf *err)
{
    bool is_path = ends_with(name, ".yaml") || ends_with(name, ".yml");
    bool here = name[0] == '/' || strcmp(plan_dir, ".") == 0;
    const char *beside = arena_printf(arena, "%s%s%s%s", here ? "" : plan_dir, here ? "" : "/",
                                      name, is_path ? "" : ".yaml");
    const char *shipped = arena_printf(arena, "%s/databases/%s.yaml", shipped_dir(), name);
    if (!beside || !shipped)
        return errbuf_set(err, ERR_NOMEM, "no memory for a path");
    if (is_path || (!strchr(name, '/') && access(beside, R_OK) == 0)) {
        *out = beside;
        if (access(beside, R_OK) == 0)
            return 0;
        return yaml_node_error(node, err, "there is no file %s (paths begin at the plan's folder)",
                               beside);
    }
    if (!strchr(name, '/') && access(shipped, R_OK) == 0) {
        *out = shipped;
        return 0;
    }
    char known[SUGGEST_SIZE];
    shipped_suggest("databases", name, known, sizeof known);
    return yaml_node_error(node, err,
                           "there is no database '%.80s': neither %s nor among those that ship%s",
                           name, beside, known);
}

static bool is_whole_number(const char *text)
{
    text += *text == '-';
    return *text && strspn(text, "0123456789") == strlen(text);
}

/* Puts the plan's own settings in the place of the description's. */
static int apply_settings(struct yaml_node *tree, const struct yaml_node *given,
                          struct arena *arena, struct errbuf *err)
{
    enum { KNOWN_MAX = 64 };
    const char *known[KNOWN_MAX + 1];
    size_t count = 0;
    struct yaml_node *settings = (struct yaml_node *)yaml_node_find(tree, "settings");
    for (const struct yaml_node *s = settings ? settings->first : NULL; s && count < KNOWN_MAX;
         s = s->next)
        known[count++] = s->key;
    known[count] = NULL;
    for (const struct yaml_node *item = given->first; item; item = item->next) {
        const struct yaml_node *standard = yaml_node_find(settings, item->key);
        char text[SUGGEST_SIZE];
        if (!standard) {
            suggest_names(item->key, known, text, sizeof text);
            return yaml_node_error(item, err, "there is no such setting%s", text);
        }
        yaml_node_describe(item, text);
        if (item->kind != YAML_SCALAR || yaml_node_is_null(item))
            return yaml_node_error(item, err, "must be a text or a number, not %s", text);
        if (standard->kind == YAML_SCALAR && standard->plain && is_whole_number(standard->text) &&
            !(item->plain && is_whole_number(item->text)))
            return yaml_node_error(item, err, "must be a whole number such as %s, not %s",
                                   standard->text, text);
        if (yaml_node_set(arena, settings, item->key, yaml_node_copy(arena, item)) != 0)
            return errbuf_set(err, ERR_NOMEM, "no memory for settings");
    }
    return 0;
}

static int load_named(const struct yaml_node *node, const char *name,
                      const struct yaml_node *settings, const char *plan_dir, struct arena *arena,
                      const struct database **out, struct errbuf *err)
{
    const char *file;
    struct yaml_node *tree;
    if (settings && settings->kind != YAML_MAPPING)
        return yaml_node_error(settings, err, "must be a mapping of settings to values");
    int rc = find_file(node, name, plan_dir, arena, &file, err);
    if (rc == 0)
        rc = yaml_tree_read(file, arena, &tree, err);
    if (rc == 0 && tree->kind != YAML_MAPPING)
        rc = yaml_node_error(tree, err, "a database's description is a mapping: name: ...");
    if (rc == 0 && settings)
        rc = apply_settings(tree, settings, arena, err);
    return rc != 0 ? rc : database_parse(tree, arena, out, err);
}

/* {etcd: {heartbeat_ms: 50}}: a name with settings, and not a description's own key. */
static bool is_name_with_settings(const struct yaml_node *node)
{
    static const char *const own_keys[] = {"name",  "install",   "settings", "ports",
                                           "peers", "start",     "stop",     "wipe",
                                           "ready", "primaries", "logs"};
    if (node->count != 1)
        return false;
    for (size_t i = 0; i < sizeof own_keys / sizeof own_keys[0]; i++)
        if (strcmp(node->first->key, own_keys[i]) == 0)
            return false;
    return true;
}

int database_load(const struct yaml_node *node, const char *path, const char *plan_dir,
                  struct arena *arena, const struct database **out, struct errbuf *err)
{
    (void)path; /* every node knows its place */
    if (node->kind == YAML_SCALAR && !yaml_node_is_null(node))
        return load_named(node, node->text, NULL, plan_dir, arena, out, err);
    if (node->kind != YAML_MAPPING || node->count == 0) {
        char given[YAML_DESCRIPTION_SIZE];
        yaml_node_describe(node, given);
        return yaml_node_error(node, err,
                               "must be the name of a database, a path to its .yaml, or its "
                               "description, not %s",
                               given);
    }
    if (is_name_with_settings(node))
        return load_named(node, node->first->key,
                          yaml_node_is_null(node->first) ? NULL : node->first, plan_dir, arena, out,
                          err);
    return database_parse(node, arena, out, err);
}
