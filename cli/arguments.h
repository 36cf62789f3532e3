/* Command lines: one table of options makes the parser and the text of --help. */
#ifndef CLI_ARGUMENTS_H
#define CLI_ARGUMENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct errbuf;

enum argument_type {
    ARGUMENT_FLAG,     /* bool */
    ARGUMENT_TEXT,     /* const char * */
    ARGUMENT_NUMBER,   /* uint64_t */
    ARGUMENT_DURATION, /* int64_t, nanoseconds; a bare number is seconds */
    ARGUMENT_BYTES,    /* uint64_t */
    ARGUMENT_LIST,     /* struct argument_list: may be given several times */
};

enum { ARGUMENT_LIST_MAX = 64 };

struct argument_list {
    const char *items[ARGUMENT_LIST_MAX]; /* borrowed from argv */
    size_t count;
};

struct argument {
    const char *name; /* without the dashes; NULL ends a table */
    enum argument_type type;
    void *target; /* written only when the option is given */
    const char *value_name;
    const char *doc;
};

/* Takes options (--name value, --name=value) from argv[1..]; what is left are operands, moved to
 * the front of argv in order; "--" ends options; "-" is an operand. Returns the number of operands,
 * or ERR_INPUT with the mistake and the known options. *help is set when --help was given. */
int arguments_parse(const struct argument *table, int argc, char **argv, bool *help,
                    struct errbuf *err);

/* The options, one a line, on standard output. */
void arguments_print(const struct argument *table);

/* Prints text from a column on, in lines of at most 100, those behind the first indented; and ends
 * the line. */
void cli_print_wrapped(const char *text, int column, int indent);

#endif
