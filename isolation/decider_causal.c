/* Levels that are about what sessions see: weak causal, causal memory, PRAM and monotonic reads,
 * each complete for all histories; and the other session guarantees, where what a session read need
 * not come in its order: complete but for histories that need a search that takes too long, for
 * which the answer is unknown. Lists are explained element by element: also complete, but for some
 * that are mixed with registers. */
#include "checker/budget.h"
#include "core/err.h"
#include "isolation/decider_ready.h"
#include "isolation/level_check.h"
#include "isolation/list_views.h"
#include "isolation/session_view.h"
#include "isolation/shared_committed.h"
#include "isolation/view_search.h"
#include "isolation/weak_evidence.h"

struct causal_decision {
    const struct level_question *question;
    enum level level;
    struct level_answer *answer;
    const struct committed *done;
    struct session_view view;
    uint32_t *places; /* of one session after the other */
    uint32_t *first;  /* where each session's begin; one more */
};

/* --- what happened before whom --- */

/* A cycle of sessions and reads-from; or, with `writer` and `read` of the graph, a first version
 * read too late. */
static int tell_graph(struct causal_decision *run, struct commit_graph *graph,
                      const struct commit_cycle *cycle)
{
    run->answer->verdict = VERDICT_INVALID;
    return weak_evidence(graph, cycle, LEVEL_CAUSAL, run->question->arena, &run->answer->evidence);
}

static int find_cycle(struct causal_decision *run)
{
    struct commit_graph graph;
    struct commit_cycle cycle;
    commit_graph_init(&graph, run->done, run->question->budget);
    int rc = commit_graph_search(&graph, rule_causal, &cycle);
    if (rc == 0)
        rc = tell_graph(run, &graph, &cycle);
    commit_cycle_fini(&graph, &cycle);
    commit_graph_fini(&graph);
    return rc;
}

/* --- views --- */

static int explain(struct causal_decision *run, const uint32_t *places, uint32_t count,
                   uint32_t first)
{
    bool holds;
    int rc = session_view_explain(&run->view, places, count, first, &holds);
    if (rc != 0 || holds)
        return rc;
    run->answer->verdict = VERDICT_INVALID;
    return session_view_evidence(&run->view, run->question->arena, &run->answer->evidence);
}

static int sort_by_session(struct causal_decision *run)
{
    const struct committed *done = run->done;
    uint32_t sessions = done->all->session_count;
    struct budget *budget = run->question->budget;
    run->places = budget_alloc(budget, done->count * sizeof *run->places);
    run->first = budget_zalloc(budget, ((size_t)sessions + 2) * sizeof *run->first);
    if (!run->places || !run->first)
        return ERR_NOMEM;
    for (uint32_t place = 0; place < done->count; place++)
        run->first[done->txns[place].session + 2]++;
    for (uint32_t i = 2; i < sessions + 2; i++)
        run->first[i] += run->first[i - 1];
    for (uint32_t place = 0; place < done->count; place++)
        run->places[run->first[done->txns[place].session + 1]++] = place;
    return 0;
}

/* In monotonic reads those that read nothing have their place among writers only. */
static uint32_t keep_readers(const struct causal_decision *run, uint32_t *places, uint32_t count)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < count; i++)
        if (run->level != LEVEL_MONOTONIC_READS || run->view.is_reader[places[i]])
            places[kept++] = places[i];
    return kept;
}

static int explain_sessions(struct causal_decision *run)
{
    int rc = sort_by_session(run);
    uint32_t sessions = run->done->all->session_count;
    for (uint32_t i = 0; i < sessions && rc == 0; i++) {
        uint32_t *places = run->places + run->first[i];
        uint32_t count = keep_readers(run, places, run->first[i + 1] - run->first[i]);
        rc = explain(run, places, count, 0);
        if (run->answer->verdict == VERDICT_INVALID)
            return rc;
    }
    return rc;
}

/* --- guarantees whose views keep less than the order of the session --- */

/* What implies them, and is decided sooner; with what happened before only where there is such. */
static bool is_plain(const struct causal_decision *run)
{
    return run->level != LEVEL_WRITES_FOLLOW_READS || run->done->is_acyclic;
}

static int search_session(struct causal_decision *run, struct view_search *search, uint32_t session)
{
    enum view_end end;
    bool holds = false;
    uint32_t count = run->first[session + 1] - run->first[session];
    int rc = 0;
    if (is_plain(run))
        rc = session_view_explain(&run->view, run->places + run->first[session], count, 0, &holds);
    if (rc != 0 || holds)
        return rc;
    rc = view_search_run(search, session, &end);
    if (rc == 0 && end == VIEW_REFUTED) {
        rc = view_search_evidence(search, run->question->arena, &run->answer->evidence);
        if (run->answer->evidence.kind != EVIDENCE_NONE)
            run->answer->verdict = VERDICT_INVALID;
        else
            run->answer->why = "only a long search through cases refutes it";
    } else if (rc == 0 && end == VIEW_GIVEN_UP) {
        run->answer->why = "too many orders would have to be tried to explain what a session read";
    }
    return rc;
}

static int search_sessions(struct causal_decision *run)
{
    struct view_search search;
    int rc = view_search_init(&search, run->done, run->level, run->question->budget);
    if (rc == 0)
        rc = sort_by_session(run);
    for (uint32_t i = 0; i < run->done->all->session_count && rc == 0; i++) {
        rc = search_session(run, &search, i);
        if (run->answer->verdict == VERDICT_INVALID)
            break;
    }
    view_search_fini(&search);
    return rc;
}

/* --- weak causal: each transaction by itself --- */

static bool is_doubted(const struct commit_graph *graph, uint32_t place)
{
    const struct committed_txn *txn = &graph->done->txns[place];
    for (uint32_t i = txn->reads; i < txn[1].reads; i++)
        if (graph->doubted[i / 8] >> i % 8 & 1)
            return true;
    return false;
}

/* The first whom a place read from. A cycle of what it must see has nobody before that one. */
static uint32_t first_source(const struct committed *done, uint32_t place)
{
    uint32_t first = place;
    for (uint32_t i = done->txns[place].reads; i < done->txns[place + 1].reads; i++)
        if (done->reads[i].writer < first)
            first = done->reads[i].writer;
    return first;
}

static int explain_doubted(struct causal_decision *run, const struct commit_graph *graph)
{
    int rc = 0;
    for (uint32_t place = 0; place < run->done->count && rc == 0; place++) {
        if (budget_time_over(run->question->budget))
            return ERR_TIMEOUT;
        if (is_doubted(graph, place))
            rc = explain(run, &place, 1, first_source(run->done, place));
        if (run->answer->verdict == VERDICT_INVALID)
            return rc;
    }
    return rc;
}

/* Where one order of commits is good for everybody nobody needs one of its own. */
static int explain_each(struct causal_decision *run)
{
    struct commit_graph graph;
    struct commit_cycle cycle;
    commit_graph_init(&graph, run->done, run->question->budget);
    int rc = commit_graph_search(&graph, rule_causal, &cycle);
    if (rc == 0 && graph.early_read != PLACE_NONE)
        rc = tell_graph(run, &graph, &cycle);
    else if (rc == 0 && cycle.count > 0)
        rc = explain_doubted(run, &graph);
    commit_cycle_fini(&graph, &cycle);
    commit_graph_fini(&graph);
    return rc;
}

/* --- all of it --- */

/* Which one a session_view decides, and so this level if it holds. */
static enum level level_of_view(enum level level)
{
    switch (level) {
    case LEVEL_READ_YOUR_WRITES:
    case LEVEL_MONOTONIC_WRITES:
        return LEVEL_PRAM;
    case LEVEL_WRITES_FOLLOW_READS:
        return LEVEL_CAUSAL_MEMORY;
    default:
        return level;
    }
}

static int decide_by_views(struct causal_decision *run)
{
    bool is_causal = run->level == LEVEL_WEAK_CAUSAL || run->level == LEVEL_CAUSAL_MEMORY;
    if (is_causal && !run->done->is_acyclic)
        return find_cycle(run);
    int rc =
        session_view_init(&run->view, run->done, level_of_view(run->level), run->question->budget);
    if (rc == 0)
        rc = run->level == LEVEL_WEAK_CAUSAL           ? explain_each(run)
             : level_of_view(run->level) == run->level ? explain_sessions(run)
                                                       : search_sessions(run);
    if (rc == 0 && run->answer->verdict == VERDICT_UNKNOWN && !run->answer->why)
        run->answer->verdict = VERDICT_VALID;
    session_view_fini(&run->view);
    return rc;
}

/* If these do not decide, the views of sessions, which know of a list only who appended its last
 * element, can still refute. */
static int look_at_lists(struct causal_decision *run)
{
    enum list_views_end end;
    struct level_answer *answer = run->answer;
    int rc = list_views_explain(run->done, run->level, run->question->budget, run->question->arena,
                                &end, &answer->evidence);
    if (rc == 0 && end == LIST_VIEWS_HOLD)
        answer->verdict = VERDICT_VALID;
    else if (rc == 0 && end == LIST_VIEWS_REFUTED)
        answer->verdict = VERDICT_INVALID;
    if (rc != 0 || answer->verdict != VERDICT_UNKNOWN)
        return rc;
    rc = decide_by_views(run);
    if (rc == 0 && end == LIST_VIEWS_GIVEN_UP && answer->verdict == VERDICT_VALID) {
        answer->verdict = VERDICT_UNKNOWN;
        answer->why = "no order was found that explains the lists element by element";
    }
    return rc;
}

static int decide(const struct level_question *question, enum level level,
                  struct level_answer *answer, struct errbuf *err)
{
    (void)err;
    struct causal_decision run = {.question = question, .level = level, .answer = answer};
    struct budget *budget = question->budget;
    struct shared_committed own = {0}, *shared = question->committed ? question->committed : &own;
    *answer = (struct level_answer){.verdict = VERDICT_UNKNOWN, .algorithm = "views of sessions"};
    answer->why = decider_is_ready(question, level);
    if (answer->why)
        return 0;
    int rc = shared_committed_get(shared, question->all, false, budget, &run.done);
    if (rc == 0)
        answer->why = decider_is_told(run.done);
    if (rc == 0 && !answer->why)
        rc = look_at_lists(&run);
    budget_free(budget, run.places, run.places ? run.done->count * sizeof *run.places : 0);
    budget_free(budget, run.first, ((size_t)question->all->session_count + 2) * sizeof *run.first);
    shared_committed_release(&own);
    if (rc != 0)
        decider_gives_up(rc, answer);
    return 0;
}

const struct level_decider decider_causal = {
    .name = "views",
    .doc = "what each session saw, by the smallest order that explains it (POPL 2017)",
    .levels = UINT32_C(1) << LEVEL_WEAK_CAUSAL | UINT32_C(1) << LEVEL_CAUSAL_MEMORY |
              UINT32_C(1) << LEVEL_PRAM | UINT32_C(1) << LEVEL_MONOTONIC_READS |
              UINT32_C(1) << LEVEL_READ_YOUR_WRITES | UINT32_C(1) << LEVEL_MONOTONIC_WRITES |
              UINT32_C(1) << LEVEL_WRITES_FOLLOW_READS,
    .decide = decide,
};
