#include "injector/database_description.h"

#include "core/err.h"
#include "core/errbuf.h"
#include "core/suggest.h"
#include "injector/template.h"
#include "injector/yaml_tree.h"

#include <stdio.h>
#include <string.h>

/* --- what a node is asked for --- */

static void put_name(const struct node *node, struct strbuf *out)
{
    strbuf_puts(out, node->name);
}

static void put_ip(const struct node *node, struct strbuf *out)
{
    strbuf_puts(out, node->address);
}

static void put_dir(const struct node *node, struct strbuf *out)
{
    strbuf_puts(out, node->dir);
}

static void put_index(const struct node *node, struct strbuf *out)
{
    strbuf_put_int(out, node->index);
}

static void put_number(const struct node *node, struct strbuf *out)
{
    strbuf_put_int(out, (int64_t)node->index + 1);
}

static const struct node_template {
    const char *node_name;
    const char *peer_name;
    void (*put)(const struct node *node, struct strbuf *out);
} node_templates[] = {
    {"node.name", "peer.name", put_name},       {"node.ip", "peer.ip", put_ip},
    {"node.dir", "peer.dir", put_dir},          {"node.index", "peer.index", put_index},
    {"node.number", "peer.number", put_number},
};
enum { NODE_TEMPLATE_COUNT = sizeof node_templates / sizeof node_templates[0] };

static const char settings_prefix[] = "settings.";

/* --- names to values --- */

static bool scope_value(const void *context, const char *name, struct strbuf *out);
static void scope_suggest(const void *context, const char *name, struct strbuf *out);

static struct template_scope template_scope_of(const struct database_scope *scope)
{
    return (struct template_scope){scope, scope_value, scope_suggest};
}

static bool put_peers(const struct database_scope *scope, struct strbuf *out)
{
    for (uint32_t i = 0; i < scope->cluster->count; i++) {
        struct database_scope inner = *scope;
        inner.peer = &scope->cluster->nodes[i];
        struct template_scope templates = template_scope_of(&inner);
        if (i > 0)
            strbuf_puts(out, scope->database->peers_join);
        if (template_expand(scope->database->peers_each, &templates, out, NULL) != 0)
            return false;
    }
    return true;
}

static bool put_setting(const struct database *database, const char *name, struct strbuf *out)
{
    const struct yaml_node *settings = yaml_node_find(database->tree, "settings");
    const struct yaml_node *setting = yaml_node_find(settings, name + sizeof settings_prefix - 1);
    if (!setting)
        return false;
    strbuf_puts(out, setting->text);
    return true;
}

static bool scope_value(const void *context, const char *name, struct strbuf *out)
{
    const struct database_scope *scope = context;
    for (size_t i = 0; i < NODE_TEMPLATE_COUNT; i++) {
        const struct node *node = strcmp(name, node_templates[i].node_name) == 0   ? scope->node
                                  : strcmp(name, node_templates[i].peer_name) == 0 ? scope->peer
                                                                                   : NULL;
        if (node) {
            node_templates[i].put(node, out);
            return true;
        }
    }
    if (strcmp(name, "cluster.size") == 0) {
        strbuf_put_int(out, scope->cluster->count);
        return true;
    }
    if (strcmp(name, "cluster.peers") == 0)
        return scope->database->peers_each && !scope->peer && put_peers(scope, out);
    return strncmp(name, settings_prefix, sizeof settings_prefix - 1) == 0 &&
           put_setting(scope->database, name, out);
}

static void scope_suggest(const void *context, const char *name, struct strbuf *out)
{
    enum { KNOWN_MAX = 64, SETTING_SIZE = sizeof settings_prefix + YAML_TREE_KEY_MAX };
    const struct database_scope *scope = context;
    const char *known[KNOWN_MAX + 1];
    char names[KNOWN_MAX][SETTING_SIZE];
    size_t count = 0;
    for (size_t i = 0; i < NODE_TEMPLATE_COUNT; i++) {
        known[count++] = node_templates[i].node_name;
        if (scope->peer)
            known[count++] = node_templates[i].peer_name;
    }
    known[count++] = "cluster.size";
    if (scope->database->peers_each && !scope->peer)
        known[count++] = "cluster.peers";
    const struct yaml_node *settings = yaml_node_find(scope->database->tree, "settings");
    const struct yaml_node *setting = settings ? settings->first : NULL;
    for (; setting && count < KNOWN_MAX; setting = setting->next) {
        snprintf(names[count], SETTING_SIZE, "%s%s", settings_prefix, setting->key);
        known[count] = names[count];
        count++;
    }
    known[count] = NULL;
    char text[SUGGEST_SIZE];
    suggest_names(name, known, text, sizeof text);
    strbuf_puts(out, text);
}

/* --- texts --- */

int database_expand(const struct database_scope *scope, const char *text, struct arena *arena,
                    const char **out, struct errbuf *err)
{
    struct strbuf expanded = STRBUF_INIT;
    struct template_scope templates = template_scope_of(scope);
    int rc = template_expand(text, &templates, &expanded, err);
    if (rc == 0) {
        const char *copy = arena_strndup(arena, expanded.text, expanded.length);
        if (copy)
            *out = copy;
        else
            rc = errbuf_set(err, ERR_NOMEM, "no memory for a text");
    }
    strbuf_fini(&expanded);
    return rc;
}

int database_expand_list(const struct database_scope *scope, struct text_list texts,
                         struct arena *arena, const char *const **out, struct errbuf *err)
{
    const char **list = arena_zalloc(arena, (size_t)texts.count + 1, sizeof *list);
    if (!list)
        return errbuf_set(err, ERR_NOMEM, "no memory for texts");
    for (uint32_t i = 0; i < texts.count; i++) {
        int rc = database_expand(scope, texts.items[i], arena, &list[i], err);
        if (rc != 0)
            return rc;
    }
    *out = list;
    return 0;
}

struct database_scope database_scope_sample(const struct database *database)
{
    static struct node node = {.name = "n1", .address = "192.0.2.1", .dir = "/node"};
    static const struct cluster cluster = {.nodes = &node, .count = 1};
    return (struct database_scope){.database = database, .cluster = &cluster, .node = &node};
}

bool database_path_is_below(const char *path, const char *dir)
{
    size_t length = strlen(dir);
    bool named = false;
    if (strncmp(path, dir, length) != 0 || path[length] != '/')
        return false;
    for (const char *part = path + length; part; part = strchr(part, '/')) {
        part += *part == '/';
        size_t size = strcspn(part, "/");
        if ((size == 2 && memcmp(part, "..", 2) == 0) || (size == 1 && *part == '.'))
            return false;
        named = named || size > 0;
    }
    return named;
}
