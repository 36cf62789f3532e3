/* Makes the smallest history that still fails, by sound reductions only: one object, a beginning of
 * it, without what only observes, and without elements, owners and values that nothing that is left
 * needs. No write is left out that a read depends on: every step is one that verify_refutation
 * accepts (verify.h), of the object as it begins. So the violation is one that happened.
 *
 * For a checker that is not about linearizability any operation may go, if all that is then found
 * is found of the whole as well (shrink_checker.c). */
#ifndef CHECKER_SHRINK_H
#define CHECKER_SHRINK_H

#include "checker/check.h"

struct shrink_result {
    enum verdict verdict; /* of all operations; there is a smaller history only for invalid */
    struct operations smaller;
    uint32_t before, after; /* operations */
    bool smallest;          /* no single operation more can be left out; false: time was over */
};

/* Checks the history and shrinks what is invalid; the limits of the options hold for both together.
 * The result is freed with shrink_result_fini. Each try costs a verification of what is left, and
 * there are some n log n of them for n operations. Errors: as check_history. */
int shrink_history(struct operations *all, const struct check_options *options,
                   struct shrink_result *out, struct errbuf *err);

void shrink_result_fini(struct shrink_result *result);

#endif
