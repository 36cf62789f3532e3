/* A sequential object that the user describes: finitely many states, and a table of what each
 * operation does in which of them. Plain arrays that somebody else owns (injector/model_file.h
 * reads them from a file); read-only, so any number of threads may.
 *
 * What an operation of the history does is the sum of all rules for it: those with its name and its
 * argument, and, where it completed as `ok`, its result. In a state in which none of them is
 * possible it cannot have happened; where several are, it may have done any of it. An operation
 * that failed did nothing; of one whose outcome nobody knows the result is not asked. An operation
 * with an argument for which there is no rule at all is not one of this object's, and an error. */
#ifndef CHECKER_USER_MODEL_H
#define CHECKER_USER_MODEL_H

#include "core/operation.h"

#include <stdbool.h>
#include <stdint.h>

struct errbuf;

enum { USER_STATES_MAX = 1024 };

#define USER_SAME UINT32_MAX /* the state stays as it is */

struct user_rule {
    symbol f; /* canonical */
    bool any_argument, any_result;
    struct value argument, result; /* where not any */
    const bool *from;              /* by state: whether it is possible there */
    uint32_t to;                   /* the state it leaves behind, or USER_SAME */
};

struct user_model {
    const char *name;
    const char *doc;           /* "" if there is none */
    const char *const *states; /* names */
    uint32_t state_count;      /* 1 .. USER_STATES_MAX */
    uint32_t initial;
    const struct user_rule *rules;
    uint32_t rule_count;
};

/* Whether the rule is for this operation, whatever it answered. */
bool user_rule_asks(const struct user_rule *rule, const struct value_pool *pool,
                    const struct operation *op);

/* Whether it is, and for its answer too, if that is known. */
bool user_rule_fits(const struct user_rule *rule, const struct value_pool *pool,
                    const struct operation *op);

/* 0, or ERR_INPUT if there is no rule for the operation: the text names all that there are, without
 * the position of the operation. Failed operations need only have a known name. */
int user_model_accepts(const struct user_model *model, const struct value_pool *pool,
                       const struct operation *op, struct errbuf *err);

#endif
