#include "checker/checker.h"

#include <string.h>

const struct checker *const checker_table[] = {
    &checker_set,
    &checker_set_full,
    &checker_queue,
    &checker_total_queue,
    &checker_unique_ids,
    &checker_counter,
    &checker_bank,
    &checker_long_fork,
    &checker_sequential,
    &checker_monotonic,
    &checker_causal_reverse,
    &checker_comments,
    &checker_stats,
    NULL,
};

const struct checker *checker_find(const char *name)
{
    for (const struct checker *const *checker = checker_table; *checker; checker++)
        if (strcmp((*checker)->name, name) == 0)
            return *checker;
    return NULL;
}
