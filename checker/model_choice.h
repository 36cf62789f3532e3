/* Which model a history is checked against: the one that was asked for, or that the history itself
 * names, or a register with cas. */
#ifndef CHECKER_MODEL_CHOICE_H
#define CHECKER_MODEL_CHOICE_H

#include "checker/semantics.h"

struct errbuf;

/* told: a name of check_model_find, or NULL. ERR_INPUT if it knows no operation of what the history
 * says it is of. */
int model_choose(const char *told, const struct history_semantics *semantics, const char **model,
                 struct errbuf *err);

/* Whether an operation of the model or checker has one value, never [key nil]. NULL: of what is
 * chosen then. */
bool model_has_single_values(const char *told);

#endif
