/* A database's description as it is kept once checked. Private to the database*.c files. */
#ifndef INJECTOR_DATABASE_DESCRIPTION_H
#define INJECTOR_DATABASE_DESCRIPTION_H

#include "core/arena.h"
#include "core/strbuf.h"
#include "injector/cluster.h"
#include "injector/remote.h"

#include <stdbool.h>
#include <stdint.h>

struct errbuf;
struct yaml_node;

/* Texts with templates, one argument each. */
struct text_list {
    const char *const *items;
    uint32_t count;
};

enum probe_kind { PROBE_NONE, PROBE_HTTP, PROBE_RUN };

/* A question to a node: the answer is yes if everything it asks for holds. */
struct probe {
    enum probe_kind kind;
    const char *method, *url, *body; /* PROBE_HTTP; body may be NULL */
    long status;                     /* PROBE_HTTP: the status that is expected */
    struct text_list run;            /* PROBE_RUN: exit status 0 is expected */
    const char *contains;            /* in the answer, or standard output; NULL = anything */
    const char *equal[2];            /* PROBE_HTTP: paths into a JSON answer, or both NULL */
};

struct database {
    const char *name;
    const struct yaml_node *tree; /* the description, with the plan's settings */

    struct text_list programs;
    const char *hint; /* how to install them; NULL = not told */
    struct text_list version;
    const uint16_t *ports;
    uint32_t port_count;
    const char *peers_each; /* NULL = no {{cluster.peers}} */
    const char *peers_join;

    struct text_list start;
    const char *const *env_names;
    struct text_list env_values;
    const char *log; /* what the processes print */
    int64_t stagger_ns;

    int stop_signal;
    int64_t stop_timeout_ns;
    struct text_list wipe;
    struct probe ready;
    int64_t ready_timeout_ns;
    int64_t ready_interval_ns;
    struct probe primaries;
    struct text_list logs; /* besides `log` */
};

/* --- database.c --- */

/* A description from its tree (a mapping), which must outlive it. ERR_INPUT with FILE:LINE. */
int database_parse(const struct yaml_node *tree, struct arena *arena, const struct database **out,
                   struct errbuf *err);

/* --- database_scope.c: what the templates stand for --- */

struct database_scope {
    const struct database *database;
    const struct cluster *cluster;
    const struct node *node;
    const struct node *peer; /* inside `peers.each`; else NULL */
};

/* A text, or a list of them that ends with NULL, in the arena. Errors: as template_expand. */
int database_expand(const struct database_scope *scope, const char *text, struct arena *arena,
                    const char **out, struct errbuf *err);
int database_expand_list(const struct database_scope *scope, struct text_list texts,
                         struct arena *arena, const char *const **out, struct errbuf *err);

/* A scope with a cluster of one node, for checking texts before there are nodes. */
struct database_scope database_scope_sample(const struct database *database);

/* Is it a path below dir, with no way back up? */
bool database_path_is_below(const char *path, const char *dir);

/* --- database_probe.c: asking a node --- */

/* Asks once. 0 for yes; else `why` says what came instead: ERR_TIMEOUT if nothing did within
 * timeout_ns. */
int probe_ask(const struct probe *probe, const struct database_scope *scope, struct remote *remote,
              int64_t timeout_ns, struct errbuf *why);

#endif
