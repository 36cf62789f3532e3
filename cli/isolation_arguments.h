/* The options of check that are about levels of isolation, and what it prints for them. */
#ifndef CLI_ISOLATION_ARGUMENTS_H
#define CLI_ISOLATION_ARGUMENTS_H

#include "isolation/isolation_check.h"

#include <stdbool.h>
#include <stdint.h>

struct isolation_arguments {
    const char *consistency, *among, *infer, *cycles;
    uint64_t examples;
    bool strongest;
};

/* Whether one of them was given, so that the history is of transactions. */
bool isolation_arguments_given(const struct isolation_arguments *arguments);

/* ERR_INPUT for a name that is no level, or options that do not go together. */
int isolation_arguments_read(const struct isolation_arguments *arguments,
                             struct isolation_options *out, struct errbuf *err);

/* Writes each picture and each graph into a file of its own in the directory, which is made if it
 * is not there. ERR_IO. */
int isolation_write_cycles(const char *directory, const struct check_result *result,
                           const struct isolation_result *found, struct errbuf *err);

#endif
