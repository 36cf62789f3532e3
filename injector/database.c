/* Reading descriptions. Their keys are explained in workloads/databases/etcd.yaml. */
#include "injector/database.h"

#include "core/err.h"
#include "core/errbuf.h"
#include "injector/database_description.h"
#include "injector/database_reading.h"
#include "injector/options.h"
#include "injector/yaml_tree.h"

#include <ctype.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

const char *database_name(const struct database *database)
{
    return database->name;
}

const struct yaml_node *database_tree(const struct database *database)
{
    return database->tree;
}

/* --- the keys of each mapping --- */

static const char *const signal_names[] = {"TERM", "INT",  "QUIT", "HUP",
                                           "KILL", "USR1", "USR2", NULL};
static const int signals[] = {SIGTERM, SIGINT, SIGQUIT, SIGHUP, SIGKILL, SIGUSR1, SIGUSR2};

static const struct option top_options[] = {
    {.name = "name", .type = OPTION_STRING, .doc = "what it is called"},
    {.name = NULL},
};
static const char *const top_others[] = {"install",   "settings", "ports", "peers",
                                         "start",     "stop",     "wipe",  "ready",
                                         "primaries", "logs",     NULL};

static const struct option install_options[] = {
    {.name = "hint", .type = OPTION_STRING, .doc = "how to install what is missing"},
    {.name = NULL},
};
static const char *const install_others[] = {"programs", "version", NULL};

static const struct option peers_options[] = {
    {.name = "each", .type = OPTION_STRING, .doc = "the text for one node"},
    {.name = "join", .type = OPTION_STRING, .standard = ",", .doc = "what stands between them"},
    {.name = NULL},
};

static const struct option start_options[] = {
    {.name = "stagger",
     .type = OPTION_DURATION,
     .standard = "0s",
     .min = 0,
     .max = 60,
     .doc = "between the starts of two nodes"},
    {.name = "log", .type = OPTION_STRING, .doc = "where its output goes"},
    {.name = NULL},
};
static const char *const start_others[] = {"run", "env", NULL};

static const struct option stop_options[] = {
    {.name = "signal",
     .type = OPTION_CHOICE,
     .standard = "TERM",
     .choices = signal_names,
     .doc = "what makes it stop"},
    {.name = "timeout",
     .type = OPTION_DURATION,
     .standard = "5s",
     .min = 0.001,
     .max = 3600,
     .doc = "then it is killed"},
    {.name = NULL},
};

static const struct option no_options[] = {{.name = NULL}};
static const char *const version_others[] = {"run", NULL};
static const char *const wipe_others[] = {"remove", NULL};

/* --- reading --- */

static int no_memory(const struct description *d)
{
    return errbuf_set(d->err, ERR_NOMEM, "no memory for a database's description");
}

int description_options(const struct description *d, const struct option *table,
                        const struct yaml_node *node, const char *const *others,
                        const struct option_values **out)
{
    return option_values_parse(table, node, NULL, others, d->arena, out, d->err);
}

/* The text with sample values in it; an error if it has a template that does not exist. */
static int sample(const struct description *d, const struct yaml_node *node, const char *text,
                  bool of_peer, const char **out)
{
    struct database_scope scope = database_scope_sample(d->database);
    struct errbuf why = ERRBUF_INIT;
    if (of_peer)
        scope.peer = scope.node;
    int rc = database_expand(&scope, text, d->arena, out, &why);
    return rc == ERR_INPUT ? yaml_node_error(node, d->err, "%s", why.text)
           : rc != 0       ? no_memory(d)
                           : 0;
}

int description_check(const struct description *d, const struct yaml_node *node, const char *text)
{
    const char *expanded;
    return text && node ? sample(d, node, text, false, &expanded) : 0;
}

static int scalar_text(const struct description *d, const struct yaml_node *node, const char *what,
                       const char **out)
{
    if (node->kind != YAML_SCALAR || yaml_node_is_null(node)) {
        char given[YAML_DESCRIPTION_SIZE];
        yaml_node_describe(node, given);
        return yaml_node_error(node, d->err, "must be %s, not %s", what, given);
    }
    *out = node->text;
    return description_check(d, node, node->text);
}

int description_list(const struct description *d, const struct yaml_node *node, const char *what,
                     struct text_list *out)
{
    *out = (struct text_list){0};
    if (!node)
        return 0;
    if (node->kind != YAML_SEQUENCE || node->count == 0) {
        char given[YAML_DESCRIPTION_SIZE];
        yaml_node_describe(node, given);
        return yaml_node_error(node, d->err, "must be a list of %s, not %s", what, given);
    }
    const char **items = arena_zalloc(d->arena, node->count, sizeof *items);
    if (!items)
        return no_memory(d);
    for (const struct yaml_node *item = node->first; item; item = item->next) {
        int rc = scalar_text(d, item, "a text (quote it if it is empty)", &items[item->index]);
        if (rc != 0)
            return rc;
    }
    *out = (struct text_list){.items = items, .count = node->count};
    return 0;
}

int description_command(const struct description *d, const struct yaml_node *parent,
                        struct text_list *out)
{
    const struct yaml_node *run = yaml_node_find(parent, "run");
    if (!run)
        return yaml_node_error_missing(parent, "run", d->err,
                                       "missing; give the program and its arguments, such as "
                                       "run: [etcd, --name, \"{{node.name}}\"]");
    return description_list(d, run, "a program and its arguments, such as [etcd, --version]", out);
}

static int read_settings(const struct description *d, const struct yaml_node *node)
{
    if (node && node->kind != YAML_MAPPING)
        return yaml_node_error(node, d->err, "must be a mapping of names to values");
    for (const struct yaml_node *item = node ? node->first : NULL; item; item = item->next) {
        if (item->kind != YAML_SCALAR || yaml_node_is_null(item)) {
            char given[YAML_DESCRIPTION_SIZE];
            yaml_node_describe(item, given);
            return yaml_node_error(item, d->err, "a setting must be a text or a number, not %s",
                                   given);
        }
    }
    return 0;
}

static int read_install(const struct description *d, const struct yaml_node *node)
{
    const struct option_values *values;
    int rc = description_options(d, install_options, node, install_others, &values);
    if (rc != 0)
        return rc;
    d->database->hint = option_string(values, "hint");
    rc = description_list(d, yaml_node_find(node, "programs"), "programs", &d->database->programs);
    const struct yaml_node *version = yaml_node_find(node, "version");
    if (rc != 0 || !version)
        return rc;
    rc = description_options(d, no_options, version, version_others, &values);
    return rc != 0 ? rc : description_command(d, version, &d->database->version);
}

static int read_ports(const struct description *d, const struct yaml_node *node)
{
    struct text_list texts;
    int rc = description_list(d, node, "port numbers", &texts);
    if (rc != 0 || texts.count == 0)
        return rc;
    uint16_t *ports = arena_zalloc(d->arena, texts.count, sizeof *ports);
    if (!ports)
        return no_memory(d);
    for (const struct yaml_node *item = node->first; item; item = item->next) {
        const char *text;
        rc = sample(d, item, item->text, false, &text);
        if (rc != 0)
            return rc;
        bool digits = *text && strspn(text, "0123456789") == strlen(text) && strlen(text) <= 5;
        long port = digits ? strtol(text, NULL, 10) : 0;
        if (port < 1 || port > 65535)
            return yaml_node_error(item, d->err, "must be a port number from 1 to 65535, not '%s'",
                                   text);
        ports[item->index] = (uint16_t)port;
    }
    d->database->ports = ports;
    d->database->port_count = texts.count;
    return 0;
}

static int read_peers(const struct description *d, const struct yaml_node *node)
{
    if (!node)
        return 0;
    const struct option_values *values;
    int rc = description_options(d, peers_options, node, NULL, &values);
    if (rc != 0)
        return rc;
    const char *each = option_string(values, "each"), *expanded;
    if (!each)
        return yaml_node_error_missing(node, "each", d->err,
                                       "missing; give the text for one node, such as "
                                       "\"{{peer.name}}=http://{{peer.ip}}:2380\"");
    rc = sample(d, option_node(values, "each"), each, true, &expanded);
    if (rc != 0)
        return rc;
    d->database->peers_each = each;
    d->database->peers_join = option_string(values, "join");
    return 0;
}

static bool is_variable_name(const char *name)
{
    if (!isalpha((unsigned char)*name) && *name != '_')
        return false;
    for (; *name; name++)
        if (!isalnum((unsigned char)*name) && *name != '_')
            return false;
    return true;
}

static int read_env(const struct description *d, const struct yaml_node *node)
{
    if (!node)
        return 0;
    if (node->kind != YAML_MAPPING)
        return yaml_node_error(node, d->err, "must be a mapping of variables to values");
    const char **names = arena_zalloc(d->arena, node->count, sizeof *names);
    const char **values = arena_zalloc(d->arena, node->count, sizeof *values);
    if (!names || !values)
        return no_memory(d);
    for (const struct yaml_node *item = node->first; item; item = item->next) {
        if (!is_variable_name(item->key))
            return yaml_node_error(item, d->err, "no name for a variable; use letters, digits, _");
        names[item->index] = item->key;
        int rc = scalar_text(d, item, "a text", &values[item->index]);
        if (rc != 0)
            return rc;
    }
    d->database->env_names = names;
    d->database->env_values = (struct text_list){.items = values, .count = node->count};
    return 0;
}

static int read_start(const struct description *d, const struct yaml_node *node)
{
    if (!node)
        return yaml_node_error_missing(d->database->tree, "start", d->err,
                                       "missing; say how a node is started, such as "
                                       "start: {run: [etcd, --name, \"{{node.name}}\"]}");
    struct database *database = d->database;
    const struct option_values *values;
    int rc = description_options(d, start_options, node, start_others, &values);
    if (rc == 0)
        rc = description_command(d, node, &database->start);
    if (rc == 0)
        rc = read_env(d, yaml_node_find(node, "env"));
    if (rc != 0)
        return rc;
    database->stagger_ns = option_duration_ns(values, "stagger");
    database->log = option_string(values, "log");
    if (!database->log)
        database->log = arena_printf(d->arena, "{{node.dir}}/%s.log", database->name);
    return database->log ? description_check(d, option_node(values, "log"), database->log)
                         : no_memory(d);
}

static int read_stop(const struct description *d, const struct yaml_node *node)
{
    const struct option_values *values;
    int rc = description_options(d, stop_options, node, NULL, &values);
    if (rc != 0)
        return rc;
    d->database->stop_signal = signals[option_choice(values, "signal")];
    d->database->stop_timeout_ns = option_duration_ns(values, "timeout");
    return 0;
}

static int read_wipe(const struct description *d, const struct yaml_node *node)
{
    const struct option_values *values;
    if (!node)
        return 0;
    int rc = description_options(d, no_options, node, wipe_others, &values);
    if (rc == 0)
        rc = description_list(d, yaml_node_find(node, "remove"), "paths", &d->database->wipe);
    const struct yaml_node *remove = yaml_node_find(node, "remove");
    const struct yaml_node *item = remove ? remove->first : NULL;
    for (; item && rc == 0; item = item->next) {
        const char *path;
        rc = sample(d, item, item->text, false, &path);
        if (rc == 0 && !database_path_is_below(path, database_scope_sample(d->database).node->dir))
            rc = yaml_node_error(item, d->err,
                                 "only what is below the node's folder is removed; begin with "
                                 "{{node.dir}}/ and leave out '..'");
    }
    return rc;
}

/* A name is part of file names, and of what people type. */
static bool is_database_name(const char *name)
{
    size_t length = strlen(name);
    return length > 0 && length <= 64 && isalnum((unsigned char)*name) &&
           strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-") ==
               length;
}

static int read_name(const struct description *d)
{
    const struct option_values *values;
    int rc = description_options(d, top_options, d->database->tree, top_others, &values);
    if (rc != 0)
        return rc;
    d->database->name = option_string(values, "name");
    if (!d->database->name)
        return yaml_node_error_missing(d->database->tree, "name", d->err,
                                       "missing; give the database one, such as name: etcd");
    if (!is_database_name(d->database->name))
        return yaml_node_error(option_node(values, "name"), d->err,
                               "must be at most 64 letters, digits, '.', '_' or '-', not '%.80s'",
                               d->database->name);
    return 0;
}

int database_parse(const struct yaml_node *tree, struct arena *arena, const struct database **out,
                   struct errbuf *err)
{
    struct database *database = arena_zalloc(arena, 1, sizeof *database);
    struct description d = {.database = database, .arena = arena, .err = err};
    if (!database)
        return no_memory(&d);
    database->tree = tree;
    int rc = read_name(&d);
    /* What templates can name comes first. */
    if (rc == 0)
        rc = read_settings(&d, yaml_node_find(tree, "settings"));
    if (rc == 0)
        rc = read_peers(&d, yaml_node_find(tree, "peers"));
    if (rc == 0)
        rc = read_install(&d, yaml_node_find(tree, "install"));
    if (rc == 0)
        rc = read_ports(&d, yaml_node_find(tree, "ports"));
    if (rc == 0)
        rc = read_start(&d, yaml_node_find(tree, "start"));
    if (rc == 0)
        rc = read_stop(&d, yaml_node_find(tree, "stop"));
    if (rc == 0)
        rc = read_wipe(&d, yaml_node_find(tree, "wipe"));
    if (rc == 0)
        rc = description_ready(&d, yaml_node_find(tree, "ready"));
    if (rc == 0)
        rc = description_primaries(&d, yaml_node_find(tree, "primaries"));
    if (rc == 0)
        rc = description_list(&d, yaml_node_find(tree, "logs"), "paths", &database->logs);
    if (rc == 0)
        *out = database;
    return rc;
}
