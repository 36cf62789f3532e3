#include "checker/model.h"

#include <stddef.h>
#include <string.h>

static const symbol set_functions[] = {F_READ, F_ADD, F_NONE};

const struct model model_set = {
    .name = "set",
    .functions = set_functions,
    .doc = "a grow-only set: add, and reads of the whole set; checked by the last read",
};

const struct model *const model_table[] = {
    &model_cas_register,
    &model_register,
    &model_set,
    NULL,
};

const struct model *model_find(const char *name)
{
    for (const struct model *const *model = model_table; *model; model++)
        if (strcmp((*model)->name, name) == 0)
            return *model;
    return NULL;
}
