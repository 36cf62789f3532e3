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
};

struct option {
    const char *name; /* NULL ends a table */
    enum option_type type;
    const char *standard;       /* the default, as it would stand in a plan; NULL = none */
    double min, max;            /* of numbers and durations (in seconds); both 0 = any */
    const char *const *choices; /* ends with NULL */
    const char *doc;            /* one sentence, with the unit */
};

struct option_values; /* opaque; lives in an arena; read-only once made */

/* Values from the members of a mapping node (NULL = all defaults), checked against the table.
 * Errors: ERR_INPUT with "FILE:LINE: PATH.KEY: what is wrong and what would be right". `skip` are
 * the names of members that others read (ends with NULL; may be NULL). */
int option_values_parse(const struct option *table, const struct yaml_node *node, const char *path,
                        const char *const *skip, struct arena *arena,
                        const struct option_values **out, struct errbuf *err);

/* Asserts that the table has such an option of that type. */
bool option_is_given(const struct option_values *values, const char *name);
bool option_bool(const struct option_values *values, const char *name);
int64_t option_int(const struct option_values *values, const char *name);
double option_real(const struct option_values *values, const char *name);
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

/* "250ms", "5s", "1.5m", "2h", or a bare number of seconds, to nanoseconds; false if it is none. */
bool duration_parse(const char *text, int64_t *out_ns);
/* "2GiB", "256MiB", "10k", or bytes; false if it is none. */
bool bytes_parse(const char *text, uint64_t *out);

#endif
