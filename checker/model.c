#include "checker/model.h"

#include <stddef.h>
#include <string.h>

const struct model *const model_table[] = {
    &model_cas_register,
    &model_register,
    NULL,
};

const struct model *model_find(const char *name)
{
    for (const struct model *const *model = model_table; *model; model++)
        if (strcmp((*model)->name, name) == 0)
            return *model;
    return NULL;
}
