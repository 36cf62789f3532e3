#include "checker/check.h"

#include "checker/model.h"

#include <string.h>

bool check_model_get(size_t index, struct check_model *out)
{
    const struct model *const *model = model_table;
    for (; *model; model++, index--)
        if (index == 0) {
            *out = (struct check_model){(*model)->name, (*model)->doc, (*model)->functions};
            return true;
        }
    for (const struct checker *const *checker = checker_table; *checker; checker++, index--)
        if (index == 0) {
            *out = (struct check_model){(*checker)->name, (*checker)->doc, (*checker)->functions};
            return true;
        }
    return false;
}

bool check_model_find(const char *name, struct check_model *out)
{
    for (size_t i = 0; check_model_get(i, out); i++)
        if (strcmp(out->name, name) == 0)
            return true;
    return false;
}
