/* What the tests of faults share: options from text. */
#ifndef TESTS_UNIT_NEMESIS_SUPPORT_H
#define TESTS_UNIT_NEMESIS_SUPPORT_H

#include "core/errbuf.h"
#include "injector/options.h"
#include "injector/yaml_tree.h"

#include <criterion/criterion.h>

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

#endif
