#include "checker/model_choice.h"

#include "checker/check.h"
#include "checker/model.h"
#include "core/err.h"
#include "core/errbuf.h"

static bool knows(const struct check_model *model, symbol f)
{
    for (const symbol *own = model->functions; *own != F_NONE; own++)
        if (*own == f)
            return true;
    return false;
}

static bool share_functions(const struct check_model *a, const struct check_model *b)
{
    for (const symbol *f = a->functions; *f != F_NONE; f++)
        if (knows(b, *f))
            return true;
    return false;
}

int model_choose(const char *told, const struct history_semantics *semantics, const char **model,
                 struct errbuf *err)
{
    struct check_model one, other;
    const char *said = semantics->model;
    if (told && said && check_model_find(told, &one) && check_model_find(said, &other) &&
        !share_functions(&one, &other))
        return errbuf_set(err, ERR_INPUT,
                          "its header says that it is a history of a %s, and %s knows none of the "
                          "operations of that",
                          said, told);
    *model = told ? told : said ? said : "cas-register";
    return 0;
}

bool model_has_single_values(const char *told)
{
    const struct model *model = told ? model_find(told) : &model_cas_register;
    const struct checker *checker = told ? checker_find(told) : NULL;
    if (checker)
        return checker != &checker_stats;
    return model && model != &model_multi_register && model != &model_kv && model != &model_user;
}
