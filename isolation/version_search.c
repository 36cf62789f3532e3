#include "isolation/version_search.h"

#include "checker/budget.h"
#include "isolation/order_search.h"
#include "isolation/version_evidence.h"

static void answer_unknown(struct level_answer *answer, const char *why)
{
    answer->verdict = VERDICT_UNKNOWN;
    answer->why = why;
}

static const char over[] =
    "the time or the memory was over before an order of the versions was found";

/* Evidence of lemmas, if there can be any. */
static int refute(struct order_search *search, const struct version_question *question,
                  struct level_answer *answer, struct errbuf *err)
{
    int rc = 0;
    answer->verdict = VERDICT_INVALID;
    if (search->last_from != ORDER_NONE)
        rc = version_evidence_found(search, question->arena, &answer->evidence, err);
    if (rc != 0 || answer->evidence.kind != EVIDENCE_NONE)
        return rc;
    if (order_search_without_cases(search) == ORDER_IMPOSSIBLE)
        rc = version_evidence_found(search, question->arena, &answer->evidence, err);
    if (rc == 0 && answer->evidence.kind == EVIDENCE_NONE)
        answer_unknown(answer, "only a search through cases refutes it");
    return rc;
}

static int choose(struct order_problem *problem, const struct version_question *question,
                  struct level_answer *answer, struct errbuf *err)
{
    struct order_search search;
    enum order_found found = ORDER_UNDECIDED;
    int rc = 0;
    if (order_search_init(&search, problem))
        found = order_search_run(&search);
    if (found == ORDER_EXISTS)
        answer->verdict = VERDICT_VALID;
    else if (found == ORDER_IMPOSSIBLE)
        rc = refute(&search, question, answer, err);
    else
        answer_unknown(answer, over);
    order_search_fini(&search);
    return rc;
}

int version_search(const struct version_question *question, struct level_answer *answer,
                   struct errbuf *err)
{
    struct order_problem problem = {
        .all = question->all, .versions = question->versions, .budget = question->budget};
    uint32_t cycle;
    int rc = 0;
    *answer = (struct level_answer){.algorithm = "orders of versions"};
    order_rules_of(question->level, &problem.rules);
    switch (order_problem_build(&problem, &cycle)) {
    case ORDER_BUILT_CYCLE:
        answer->verdict = VERDICT_INVALID;
        rc = version_evidence_known(&problem, cycle, question->arena, &answer->evidence, err);
        break;
    case ORDER_OWN_REVERSED:
        answer_unknown(answer,
                       "a list has elements in another order than their transaction gave them");
        break;
    case ORDER_BUILT:
        rc = choose(&problem, question, answer, err);
        break;
    case ORDER_NOT_BUILT:
        answer_unknown(answer, over);
    }
    order_problem_fini(&problem);
    return rc;
}
