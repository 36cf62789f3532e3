#include "cli/command.h"

#include "checker/algorithm.h"
#include "cli/arguments.h"
#include "core/err.h"
#include "core/suggest.h"
#include "formats/reader.h"
#include "injector/registry.h"
#include "injector/shipped.h"
#include "isolation/judge.h"
#include "isolation/level_check.h"
#include "transactions/level.h"

#include <stdio.h>
#include <string.h>

static const char synopsis[] = "list [WHAT]";

static void print_line(const char *name, const char *doc)
{
    printf("  %-20s %s\n", name, doc);
}

static void print_options(const struct option *table)
{
    for (; table->name; table++) {
        printf("    %-16s %s", table->name, table->doc);
        if (table->standard)
            printf(" (%s)", table->standard);
        for (const char *const *choice = table->choices; choice && *choice; choice++)
            printf("%s%s", choice == table->choices ? ": " : ", ", *choice);
        putchar('\n');
    }
}

static void list_workloads(void)
{
    for (const struct workload_type *const *type = cli_registry()->workloads; *type; type++) {
        print_line((*type)->name, (*type)->doc);
        print_options((*type)->options);
    }
}

static void list_clients(void)
{
    for (const struct client_type *const *type = cli_registry()->clients; *type; type++) {
        print_line((*type)->name, (*type)->doc);
        print_options((*type)->options);
    }
}

static void list_faults(void)
{
    for (const struct fault_type *const *type = cli_registry()->faults; *type; type++) {
        print_line((*type)->name, (*type)->doc);
        print_options((*type)->options);
    }
}

static void list_remotes(void)
{
    for (const struct remote_type *const *type = remote_table; *type; type++) {
        struct errbuf why = ERRBUF_INIT;
        print_line((*type)->name, (*type)->doc);
        if ((*type)->probe(&why) != 0)
            printf("    not on this host: %s\n", why.text);
    }
}

static void list_models(void)
{
    struct check_model model;
    for (size_t i = 0; judge_model_get(i, &model); i++)
        print_line(model.name, model.doc);
}

static void list_algorithms(void)
{
    for (const struct algorithm *const *algorithm = algorithm_table; *algorithm; algorithm++)
        print_line((*algorithm)->name, (*algorithm)->doc);
    for (const struct level_decider *const *decider = level_deciders; *decider; decider++)
        print_line((*decider)->name, (*decider)->doc);
}

static void list_formats(void)
{
    for (const struct reader *const *reader = reader_table; *reader; reader++)
        print_line((*reader)->name, (*reader)->doc);
}

/* --- levels --- */

enum { LEVELS_INDENT = 4 };

/* "    what: text", broken into lines. */
static void print_wrapped(const char *what, const char *text)
{
    int column = printf("%*s%s: ", LEVELS_INDENT, "", what);
    cli_print_wrapped(text, column, 2 * LEVELS_INDENT);
}

static void print_level(enum level level)
{
    const struct level_row *row = level_row(level);
    printf("  %s  (%s)\n", row->name, row->also);
    print_wrapped("promises", level_promise(level));
    print_wrapped("holds if", row->definition);
    if (row->implies)
        printf("%*simplies: ", LEVELS_INDENT, "");
    for (int i = 0, shown = 0; i < LEVEL_COUNT; i++)
        if (row->implies >> i & 1)
            printf("%s%s", shown++ > 0 ? ", " : "", level_row((enum level)i)->name);
    printf("%s", row->implies ? "\n" : "");
    print_wrapped("defined by", row->source);
}

static void print_levels(level_set levels)
{
    for (int i = 0; i < LEVEL_COUNT; i++)
        if (levels >> i & 1)
            print_level((enum level)i);
}

static level_set that_imply_nothing(void)
{
    level_set levels = 0;
    for (int i = 0; i < LEVEL_COUNT; i++)
        if (!level_row((enum level)i)->implies)
            levels |= level_bit((enum level)i);
    return levels;
}

/* Stronger ones come before those they imply, and those that imply none come last, whether another
 * one implies them or not. */
static void list_levels(void)
{
    level_set last = that_imply_nothing(), left = LEVELS_ALL & ~last;
    printf(
        "  SO is the order of a session, RT that of time; WW, WR and RW are Adya's dependencies:\n"
        "  a version follows another, is read, or follows one that was read.\n\n");
    while (left) {
        level_set next = levels_strongest(left);
        print_levels(next);
        left &= ~next;
    }
    print_levels(last);
}

static void list_shipped(const char *kind)
{
    struct shipped shipped;
    shipped_list(kind, &shipped);
    for (size_t i = 0; i < shipped.count; i++)
        printf("  %s\n", shipped.names[i]);
}

static void list_plans(void)
{
    list_shipped("plans");
}

static void list_databases(void)
{
    list_shipped("databases");
}

static const struct {
    const char *name;
    void (*print)(void);
} lists[] = {
    {"plans", list_plans},     {"databases", list_databases}, {"workloads", list_workloads},
    {"clients", list_clients}, {"faults", list_faults},       {"remotes", list_remotes},
    {"models", list_models},   {"formats", list_formats},     {"algorithms", list_algorithms},
    {"levels", list_levels},
};
enum { LIST_COUNT = sizeof lists / sizeof lists[0] };

int command_list(int argc, char **argv)
{
    const struct argument table[] = {{0}};
    struct errbuf err = ERRBUF_INIT;
    bool help;
    int operands = arguments_parse(table, argc, argv, &help, &err);
    if (help) {
        printf(
            "usage: faultline %s\n\nWHAT: plans, databases, workloads, clients, faults, "
            "remotes, models, algorithms, formats or levels; all of\nthem if it is left out.\n\n",
            synopsis);
        arguments_print(table);
        return 0;
    }
    if (operands > 1)
        errbuf_set(&err, ERR_INPUT, "one list at a time, %d were asked for", operands);
    if (operands < 0 || operands > 1)
        return cli_usage("list", synopsis, &err);
    bool printed = false;
    for (size_t i = 0; i < LIST_COUNT; i++) {
        if (operands == 1 && strcmp(argv[0], lists[i].name) != 0)
            continue;
        printf("%s\n", lists[i].name);
        lists[i].print();
        printed = true;
    }
    if (printed)
        return 0;
    const char *known[LIST_COUNT + 1] = {0};
    char near[SUGGEST_SIZE];
    for (size_t i = 0; i < LIST_COUNT; i++)
        known[i] = lists[i].name;
    suggest_names(argv[0], known, near, sizeof near);
    errbuf_set(&err, ERR_INPUT, "no list of '%s'%s", argv[0], near);
    return cli_usage("list", synopsis, &err);
}
