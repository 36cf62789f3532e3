/* Options of plug-ins (workloads, clients, faults): one table makes the parser, the checks of
 * `faultline lint`, the text of `faultline list` and the manual. */
#ifndef INJECTOR_OPTIONS_H
#define INJECTOR_OPTIONS_H

#include "core/arena.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct errbuf;
struct yaml_node;

enum option_type {
    OPTION_BOOL,
    OPTION_INT,
    OPTION_REAL,
    OPTION_DURATION, /* "250ms", "5s", "2m"; kept in nanoseconds */
    OPTION_STRING,
    OPTION_CHOICE,      /* one of `choices` */
    OPTION_CHOICES,     /* a list of `choices`, or one of them */
    OPTION_NODE_GROUPS, /* a list of lists of node names: [[n1, n2], [n3]] */
    OPTION_BYTES,       /* "2GiB", "256MiB" */
};

struct option {
    const char *name; /* NULL ends a table */
    enum option_type type;
    const char *standard;       /* the default, as it would stand in a plan; NULL = none */
    double min, max;            /* of numbers, durations (in seconds), bytes; both 0 = any */
    const char *const *choices; /* ends with NULL */
    const char *doc;            /* one sentence, with the unit */
};

struct option_values; /* opaque; lives in an arena; read-only once made */

/* Values from the members of a mapping node (NULL = all defaults), checked against the table.
 * Errors: ERR_INPUT with "FILE:LINE: PATH.KEY: what is wrong and what would be right"; path NULL =
 * the node's place in its file. `skip` are the names of members that others read (ends with NULL;
 * may be NULL). The node must outlive the values. */
int option_values_parse(const struct option *table, const struct yaml_node *node, const char *path,
                        const char *const *skip, struct arena *arena,
                        const struct option_values **out, struct errbuf *err);

/* Asserts that the table has such an option of that type. An option that was neither given nor has
 * a default is false, 0, NULL or empty. */
/* Was it given (and not left to its default)? */
bool option_is_given(const struct option_values *values, const char *name);
bool option_bool(const struct option_values *values, const char *name);
int64_t option_int(const struct option_values *values, const char *name);
double option_real(const struct option_values *values, const char *name);
uint64_t option_bytes(const struct option_values *values, const char *name);
int64_t option_duration_ns(const struct option_values *values, const char *name);
const char *option_string(const struct option_values *values, const char *name); /* or NULL */
/* Index into `choices`. */
size_t option_choice(const struct option_values *values, const char *name);
/* Indexes into `choices`, in the plan's order. */
const size_t *option_choices(const struct option_values *values, const char *name, size_t *count);

struct option_group {
    const char *const *names;
    size_t count;
};
const struct option_group *option_node_groups(const struct option_values *values, const char *name,
                                              size_t *count);

/* The node that gave it; NULL if it was left to its default. */
const struct yaml_node *option_node(const struct option_values *values, const char *name);

/* Do the node groups among the values name nodes of this cluster only? ERR_INPUT as above. */
int option_values_check_nodes(const struct option_values *values, const char *const *node_names,
                              uint32_t node_count, struct errbuf *err);

/* A new mapping with the values that were given, or of those left to their defaults; `which` says.
 * NULL when the arena is full. */
enum option_origin { OPTIONS_GIVEN, OPTIONS_DEFAULT };
struct yaml_node *option_values_tree(const struct option_values *values, enum option_origin which,
                                     struct arena *arena);

/* "250ms", "5s", "1.5m", "2h", or a bare number of seconds, to nanoseconds; false if it is none. */
bool duration_parse(const char *text, int64_t *out_ns);
/* The shortest text that duration_parse gives duration_ns for, such as "1500ms". */
enum { DURATION_TEXT_SIZE = 24 };
void duration_format(int64_t duration_ns, char out[DURATION_TEXT_SIZE]);
/* "2GiB", "256MiB", "10k", or bytes; false if it is none. */
bool bytes_parse(const char *text, uint64_t *out);

#endif
