/* Checks a history against whatever a model is: an object, a checker, or transactions. Knows the
 * models of the checker and those of isolation. */
#ifndef ISOLATION_JUDGE_H
#define ISOLATION_JUDGE_H

#include "checker/check.h"
#include "isolation/isolation_check.h"

/* The models of the checker, and then those of transactions; false past the end. */
bool judge_model_get(size_t index, struct check_model *out);

/* False if there is none of this name. */
bool judge_model_find(const char *name, struct check_model *out);

/* Whether a model is of transactions, so that its history is best read with pack_transactions. */
bool judge_is_of_transactions(const char *model);

/* check_history or isolation_check, whichever knows options->model. isolation: NULL for the
 * standard; not looked at for other models. *found is filled for a model of transactions; NULL if
 * it is not wanted. */
int judge_history(struct operations *all, const struct check_options *options,
                  const struct isolation_options *isolation, struct check_result *result,
                  struct isolation_result *found, struct errbuf *err);

#endif
