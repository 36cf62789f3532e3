#include "checker/algorithm.h"

#include <stddef.h>
#include <string.h>

const struct algorithm *const algorithm_table[] = {
    /* One line each. */
    &algorithm_zones,
    &algorithm_counter,
    &algorithm_grow_only_set,
    &algorithm_mutex,
    &algorithm_owned_mutex,
    &algorithm_fifo_queue,
    &algorithm_priority_queue,
    &algorithm_stack,
    &algorithm_element_set,
    &algorithm_unordered_queue,
    &algorithm_configuration_search,
    NULL,
};

const struct algorithm *algorithm_find(const char *name)
{
    for (const struct algorithm *const *algorithm = algorithm_table; *algorithm; algorithm++)
        if (strcmp((*algorithm)->name, name) == 0)
            return *algorithm;
    return NULL;
}

bool algorithm_decides(const struct algorithm *algorithm, const char *model)
{
    if (!algorithm->models)
        return true;
    for (const char *const *name = algorithm->models; *name; name++)
        if (strcmp(*name, model) == 0)
            return true;
    return false;
}

void algorithm_result_fini(struct algorithm_result *result, struct budget *budget)
{
    budget_free(budget, result->order, result->order_count * sizeof *result->order);
    budget_free(budget, result->witness, result->witness_count * sizeof *result->witness);
    budget_free(budget, result->free_values, result->free_count * sizeof *result->free_values);
    *result = (struct algorithm_result){.end = result->end};
}
