/* YAML as a tree of nodes that know where they stand, so that every complaint can name file, line
 * and key. What plans and databases' descriptions are read from.
 *
 * Deliberately less than YAML: one document; no anchors, aliases, tags or merge keys; keys are
 * plain text, and none is there twice. Bounded: YAML_TREE_BYTES_MAX of text, YAML_TREE_DEPTH_MAX
 * levels, YAML_TREE_NODES_MAX nodes. Texts never hold NUL and are UTF-8.
 *
 * Nodes live in the arena they were made in, and refer to its memory only. Not thread-safe while
 * it is changed; linear cost, quadratic in the members of one mapping. */
#ifndef INJECTOR_YAML_TREE_H
#define INJECTOR_YAML_TREE_H

#include "core/arena.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct errbuf;
struct strbuf;

enum {
    YAML_TREE_BYTES_MAX = 256 * 1024,
    YAML_TREE_DEPTH_MAX = 32,
    YAML_TREE_NODES_MAX = 10000,
    YAML_TREE_KEY_MAX = 128, /* bytes of a key */
};

enum yaml_kind { YAML_SCALAR, YAML_SEQUENCE, YAML_MAPPING };

struct yaml_node {
    enum yaml_kind kind;
    bool plain;         /* a scalar written without quotes: may be meant as a number or a word */
    uint32_t line;      /* from 1, of its key if it has one; 0 = the source has no lines */
    const char *source; /* what messages call the source: "plan.yaml", "--set cluster.nodes" */
    const char *text;   /* of a scalar; NULL otherwise */
    const char *key;    /* in a mapping */
    uint32_t index;     /* in a sequence or mapping, from 0 */
    uint32_t count;     /* children */
    struct yaml_node *parent, *first, *last, *next;
};

/* Errors: ERR_INPUT with "SOURCE:LINE: what is wrong"; ERR_NOMEM. */
int yaml_tree_parse(const char *source, const char *text, size_t length, struct arena *arena,
                    struct yaml_node **out, struct errbuf *err);
/* As above, of a value that stands alone, as on a command line: messages name no line. */
int yaml_tree_parse_value(const char *source, const char *text, struct arena *arena,
                          struct yaml_node **out, struct errbuf *err);
/* From a file; an unreadable file is ERR_INPUT too. */
int yaml_tree_read(const char *path, struct arena *arena, struct yaml_node **out,
                   struct errbuf *err);

/* The bytes of a file, malloc'ed; of one that is too long, one byte more than is allowed. */
int yaml_text_read(const char *path, char **out, size_t *length, struct errbuf *err);

/* The member with this key; NULL if there is none, or if mapping is NULL or none. */
const struct yaml_node *yaml_node_find(const struct yaml_node *mapping, const char *key);

/* Written as nothing, `~` or `null`. */
bool yaml_node_is_null(const struct yaml_node *node);

/* Sets ERR_INPUT, "SOURCE:LINE: path.to.key: " and the message. Returns it. */
int yaml_node_error(const struct yaml_node *node, struct errbuf *err, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* As above, but calls the node `base` (one of its ancestors, or itself) `path`. NULL base = the
 * whole path. */
int yaml_node_error_below(const struct yaml_node *node, const struct yaml_node *base,
                          const char *path, struct errbuf *err, const char *format, ...)
    __attribute__((format(printf, 5, 6)));

/* About a member that a mapping does not have: "SOURCE:LINE: path.KEY: " and the message. */
int yaml_node_error_missing(const struct yaml_node *mapping, const char *key, struct errbuf *err,
                            const char *format, ...) __attribute__((format(printf, 4, 5)));

/* What a node is, for messages: "'five'", "the text \"5\"", "a list", "an empty mapping",
 * "nothing". */
enum { YAML_DESCRIPTION_SIZE = 80 };
void yaml_node_describe(const struct yaml_node *node, char out[YAML_DESCRIPTION_SIZE]);

/* --- changing and building trees; NULL or ERR_NOMEM when the arena is full --- */

/* New nodes have no place and no line. Text is copied. */
struct yaml_node *yaml_node_new(struct arena *arena, enum yaml_kind kind, const char *source);
struct yaml_node *yaml_node_new_text(struct arena *arena, const char *source, const char *text,
                                     bool plain);
/* A deep copy without a place. */
struct yaml_node *yaml_node_copy(struct arena *arena, const struct yaml_node *node);

/* Appends to a sequence. NULL items are refused with ERR_NOMEM, so that only this needs checking.
 */
int yaml_node_append(struct yaml_node *sequence, struct yaml_node *item);
/* Gives the mapping this member, in the place of an old one if there is one. Copies the key. */
int yaml_node_set(struct arena *arena, struct yaml_node *mapping, const char *key,
                  struct yaml_node *value);

/* Writes YAML that parses to an equal tree: block style, with what fits on a line in flow style.
 * Plain scalars stay plain where that is safe; only texts can lose it. */
void yaml_node_write(struct strbuf *out, const struct yaml_node *node);

#endif
