/* Levels of long random histories, as a decider has them. */
#ifndef TESTS_MANY_LEVELS_H
#define TESTS_MANY_LEVELS_H

#include "isolation/level_check.h"
#include "property/many_transactions.h"

#include <criterion/criterion.h>

/* The transactions of many_transactions_open, too. */
static inline void many_levels_open(struct many_transactions *many,
                                    const struct many_options *options)
{
    struct errbuf err = ERRBUF_INIT;
    many_transactions_open(many, options);
    struct transactions_source source = {.object = &many->object};
    cr_assert_eq(transactions_build(&source, &many->budget, &many->txns, &err), 0);
}

/* The evidence of an invalid one was proved again; the budget has everything back. */
static inline enum verdict many_levels_decide(struct many_transactions *many,
                                              const struct level_decider *decider, enum level level)
{
    struct arena arena;
    struct anomalies anomalies = {.settled = UINT32_MAX};
    struct errbuf err = ERRBUF_INIT;
    struct level_answer answer;
    size_t used = many->budget.bytes_used;
    arena_init(&arena, 0);
    struct level_question question = {
        .all = &many->txns, .anomalies = &anomalies, .budget = &many->budget, .arena = &arena};
    cr_assert_eq(decider->decide(&question, level, &answer, &err), 0);
    cr_assert_eq(many->budget.bytes_used, used, "%s", level_row(level)->name);
    if (answer.verdict == VERDICT_INVALID)
        cr_assert(evidence_verify(&many->txns, level, &answer.evidence), "%s",
                  level_row(level)->name);
    arena_fini(&arena);
    return answer.verdict;
}

#endif
