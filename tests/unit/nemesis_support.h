/* What the tests of faults share: options from text, and what a journal says. */
#ifndef TESTS_UNIT_NEMESIS_SUPPORT_H
#define TESTS_UNIT_NEMESIS_SUPPORT_H

#include "core/errbuf.h"
#include "injector/options.h"
#include "injector/yaml_tree.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

/* As below a fault's name in a plan: "{grudge: [one, halves]}". */
static inline const struct option_values *options_of(const struct option *table, const char *text,
                                                     struct arena *arena)
{
    struct yaml_node *node = NULL;
    const struct option_values *values = NULL;
    struct errbuf err = ERRBUF_INIT;
    cr_assert_eq(yaml_tree_parse_value("test", text, arena, &node, &err), 0, "%s", err.text);
    cr_assert_eq(option_values_parse(table, node, NULL, NULL, arena, &values, &err), 0, "%s",
                 err.text);
    return values;
}

/* How many lines of a file hold this. */
static inline int count_lines(const char *path, const char *part)
{
    FILE *file = fopen(path, "r");
    cr_assert_not_null(file);
    char line[4096];
    int count = 0;
    while (fgets(line, sizeof line, file))
        count += strstr(line, part) != NULL;
    fclose(file);
    return count;
}

#endif
