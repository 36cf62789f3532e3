#include "checker/model.h"

#include <stddef.h>
#include <string.h>

const struct model *const model_table[] = {
    &model_cas_register,   &model_register,      &model_multi_register,  &model_kv,
    &model_mutex,          &model_owned_mutex,   &model_reentrant_mutex, &model_semaphore,
    &model_linear_set,     &model_grow_only_set, &model_fifo_queue,      &model_unordered_queue,
    &model_priority_queue, &model_stack,         &model_linear_counter,  NULL,
};

/* What others call them. */
static const struct {
    const char *name, *usual;
} other_names[] = {{"kv-append", "kv"}};

const struct model *model_find(const char *name)
{
    for (size_t i = 0; i < sizeof other_names / sizeof other_names[0]; i++)
        if (strcmp(other_names[i].name, name) == 0)
            name = other_names[i].usual;
    for (const struct model *const *model = model_table; *model; model++)
        if (strcmp((*model)->name, name) == 0)
            return *model;
    return NULL;
}
