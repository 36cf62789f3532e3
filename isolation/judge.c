#include "isolation/judge.h"

#include "core/err.h"
#include "core/errbuf.h"
#include "core/strbuf.h"
#include "core/suggest.h"

#include <string.h>

bool judge_model_get(size_t index, struct check_model *out)
{
    size_t known = 0;
    while (known <= index && check_model_get(known, out))
        known++;
    if (known > index)
        return true;
    for (const struct isolation_model *model = isolation_models; model->name; model++, known++)
        if (known == index) {
            *out = (struct check_model){model->name, model->doc, model->functions};
            return true;
        }
    return false;
}

bool judge_model_find(const char *name, struct check_model *out)
{
    for (size_t i = 0; judge_model_get(i, out); i++)
        if (strcmp(out->name, name) == 0)
            return true;
    return false;
}

bool judge_is_of_transactions(const char *model)
{
    return model && isolation_model_find(model);
}

static int no_such_model(const char *name, struct errbuf *err)
{
    struct strbuf names = STRBUF_INIT;
    struct check_model model;
    for (size_t i = 0; judge_model_get(i, &model); i++)
        strbuf_printf(&names, "%s%s", i == 0 ? "" : ", ", model.name);
    const char *known = strbuf_ok(&names) ? names.text : "";
    errbuf_set(err, ERR_INPUT, "no model \"%s\"; %sthere are: %s", name,
               suggest_one(name, known).text, known);
    strbuf_fini(&names);
    return ERR_INPUT;
}

int judge_history(struct operations *all, const struct check_options *options,
                  const struct isolation_options *isolation, struct check_result *result,
                  struct isolation_result *found, struct errbuf *err)
{
    static const struct isolation_options standard;
    struct check_model model;
    if (options->semantics.user || !options->model)
        return check_history(all, options, result, err);
    if (judge_is_of_transactions(options->model))
        return isolation_check(all, options, isolation ? isolation : &standard, result, found, err);
    if (!judge_model_find(options->model, &model))
        return no_such_model(options->model, err);
    return check_history(all, options, result, err);
}
