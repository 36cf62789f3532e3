/* The models of transactions, and which of them a history is of. */
#include "core/err.h"
#include "core/errbuf.h"
#include "isolation/isolation_run.h"

#include <string.h>

static const symbol functions[] = {F_TXN, F_READ, F_WRITE, F_APPEND, F_CAS, F_NONE};

enum { LISTS, REGISTERS };

const struct isolation_model isolation_models[] = {
    [LISTS] = {"list-append",
               "transactions that append to lists and read them: [[:append k 5] [:r k [1 5]]]; see "
               "list levels",
               functions},
    [REGISTERS] =
        {"rw-register",
         "transactions that write registers and read them: [[:w k 5] [:r k 1]], or single "
         "reads and writes; see list levels",
         functions},
    {0},
};

const struct isolation_model *isolation_model_find(const char *name)
{
    for (const struct isolation_model *model = isolation_models; model->name; model++)
        if (strcmp(model->name, name) == 0)
            return model;
    return NULL;
}

static bool has_lists(const struct transactions *all)
{
    for (uint32_t i = 0; i < all->micro_count; i++)
        if (all->micros[i].f == MICRO_APPEND || all->micros[i].is_list)
            return true;
    return false;
}

static bool has_writes(const struct transactions *all)
{
    for (uint32_t i = 0; i < all->micro_count; i++)
        if (all->micros[i].f == MICRO_WRITE)
            return true;
    return false;
}

/* A history may have both, and then is checked as both, whatever its model is called. */
int isolation_model_settle(const struct transactions *all, const struct isolation_options *options,
                           const struct isolation_model **model, struct errbuf *err)
{
    bool is_of_lists = *model == &isolation_models[LISTS];
    bool is_other =
        is_of_lists ? has_writes(all) && !has_lists(all) : has_lists(all) && !has_writes(all);
    if (!is_other)
        return 0;
    const struct isolation_model *other = &isolation_models[is_of_lists ? REGISTERS : LISTS];
    if (!options->model_is_open)
        return errbuf_set(err, ERR_INPUT, "this is no history of the model %s: %s; say --model %s",
                          (*model)->name,
                          is_of_lists ? "its transactions write registers, and none appends to a "
                                        "list or read one"
                                      : "its transactions append to lists or read them, and none "
                                        "writes a register",
                          other->name);
    *model = other;
    return 0;
}
