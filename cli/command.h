/* The commands of the program. There are 3 things to do to add one: write cli/command_NAME.c,
 * declare it here, and add it to the table in cli/main.c. */
#ifndef CLI_COMMAND_H
#define CLI_COMMAND_H

#include "core/errbuf.h"

struct checker_options;
struct registry;

enum {
    EXIT_USAGE = 254,   /* bad usage or a bad plan: nothing was started */
    EXIT_HARNESS = 255, /* the tool itself failed */
};

/* argv[0] is the command's name. Returns the exit status. */
typedef int command_main(int argc, char **argv);

command_main command_run, command_check, command_report, command_heal, command_list, command_lint,
    command_index, command_verify, command_shrink, command_gen, command_convert;

/* What the plug-in folders have. */
const struct registry *cli_registry(void);

/* Prints "faultline COMMAND: text" on standard error and returns the exit status for this error
 * code. */
int cli_fail(const char *command, int code, const struct errbuf *err);

/* --total of check and shrink; text may be NULL. ERR_INPUT. */
int cli_read_total(const char *text, struct checker_options *out, struct errbuf *err);

/* A usage error with the command's synopsis. */
int cli_usage(const char *command, const char *synopsis, const struct errbuf *err);

#endif
