#include "isolation/version_search.h"

#include "checker/budget.h"
#include "isolation/order_cases.h"
#include "isolation/order_contest.h"
#include "isolation/order_search_parts.h"
#include "isolation/version_evidence.h"

static void answer_unknown(struct level_answer *answer, const char *why)
{
    answer->verdict = VERDICT_UNKNOWN;
    answer->why = why;
}

static const char over[] =
    "the time or the memory was over before an order of the versions was found";

/* Whether what the search came upon at last is grounded without cases. */
static bool is_grounded(struct order_search *search, struct order_proof *proof)
{
    bool rests;
    if (search->last_from == ORDER_NONE || !order_proof_take_cycle(proof))
        return false;
    order_search_back_to(search, 0);
    return order_proof_close(proof, &rests);
}

static int tell(struct order_proof *proof, const struct version_question *question,
                struct level_answer *answer, struct errbuf *err)
{
    int rc = version_evidence_found(proof, question->arena, &answer->evidence, err);
    if (answer->evidence.kind != EVIDENCE_NONE)
        answer->verdict = VERDICT_INVALID;
    return rc;
}

/* Evidence without cases, if it can be had. */
static int refute(struct order_search *search, const struct version_question *question,
                  struct level_answer *answer, struct errbuf *err)
{
    struct order_proof proof;
    int rc = 0;
    answer_unknown(answer, "only a long search through cases refutes it");
    if (order_proof_init(&proof, search) && is_grounded(search, &proof))
        rc = tell(&proof, question, answer, err);
    order_proof_fini(&proof);
    if (rc != 0 || answer->verdict == VERDICT_INVALID)
        return rc;
    if (order_proof_init(&proof, search) && order_cases_refute(search, &proof) == ORDER_IMPOSSIBLE)
        rc = tell(&proof, question, answer, err);
    order_proof_fini(&proof);
    return rc;
}

static int choose(struct order_problem *problem, const struct version_question *question,
                  struct level_answer *answer, struct errbuf *err)
{
    struct order_search search;
    enum order_found found = ORDER_UNDECIDED;
    int rc = 0;
    if (order_search_init(&search, problem))
        found = order_contest_run(&search, question->level, question->contest_work);
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
