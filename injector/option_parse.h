/* The values of options, and reading one of them. Private to the option*.c files. */
#ifndef INJECTOR_OPTION_PARSE_H
#define INJECTOR_OPTION_PARSE_H

#include "injector/options.h"
#include "injector/yaml_tree.h"

struct option_value {
    const struct yaml_node *node; /* what gave it, the default's node, or NULL */
    bool given;
    union {
        bool boolean;
        int64_t integer; /* also durations and sizes */
        double real;
        const char *text;
        size_t choice;
        struct {
            const size_t *items;
            size_t count;
        } choices;
        struct {
            const struct option_group *items;
            size_t count;
        } groups;
    };
};

struct option_values {
    const struct option *table;
    const struct yaml_node *node;
    const char *path;
    struct option_value *values; /* as many as the table has rows */
};

struct option_parse {
    const struct option_values *values;
    struct arena *arena;
    struct errbuf *err;
};

/* Reads what the node says as a value of this option. ERR_INPUT with its place, or ERR_NOMEM. */
int option_value_parse(const struct option_parse *parse, const struct option *option,
                       const struct yaml_node *node, struct option_value *out);

#endif
