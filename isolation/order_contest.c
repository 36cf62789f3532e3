#include "isolation/order_contest.h"

#include "checker/budget.h"

/* Edges and vertices looked at in the first turn: a few milliseconds, and so many times all there
 * are. */
enum { WORK_FIRST = 1 << 19, WORK_SHARE = 4 };

int order_contest_rivals(enum level level, enum level out[ORDER_RIVALS_MAX])
{
    switch (level) {
    case LEVEL_CONSISTENT_VIEW:
        out[0] = LEVEL_SERIALIZABLE;
        out[1] = LEVEL_SNAPSHOT_ISOLATION;
        return 2;
    case LEVEL_PARALLEL_SNAPSHOT_ISOLATION:
        out[0] = LEVEL_SESSION_SERIALIZABLE;
        out[1] = LEVEL_SESSION_SNAPSHOT_ISOLATION;
        return 2;
    case LEVEL_PREFIX:
    case LEVEL_SESSION_SNAPSHOT_ISOLATION:
        out[0] = LEVEL_SESSION_SERIALIZABLE;
        return 1;
    case LEVEL_SNAPSHOT_ISOLATION:
        out[0] = LEVEL_SERIALIZABLE;
        return 1;
    case LEVEL_STRONG_SNAPSHOT_ISOLATION:
        out[0] = LEVEL_STRICT_SERIALIZABLE;
        return 1;
    default:
        return 0;
    }
}

struct rival {
    struct order_problem problem;
    struct order_search search;
    bool is_searching; /* the search is there, and to be freed */
    bool is_out;       /* of the contest: it has no order, or no memory */
};

static void enter(struct rival *rival, const struct order_problem *own, enum level level)
{
    uint32_t cycle;
    *rival = (struct rival){.is_out = true};
    rival->problem.all = own->all;
    rival->problem.versions = own->versions;
    rival->problem.budget = own->budget;
    order_rules_of(level, &rival->problem.rules);
    if (order_problem_build(&rival->problem, &cycle) != ORDER_BUILT)
        return;
    rival->is_searching = true;
    rival->is_out = !order_search_init(&rival->search, &rival->problem);
}

static void leave(struct rival *rival)
{
    if (rival->is_searching)
        order_search_fini(&rival->search);
    order_problem_fini(&rival->problem);
}

static enum order_found run_for(struct order_search *search, uint64_t work)
{
    search->work_end = search->problem->graph.work_done + work;
    search->is_paused = false;
    enum order_found found = order_search_run(search);
    search->work_end = UINT64_MAX;
    return found;
}

/* Whether the rival found an order. */
static bool has_found(struct rival *rival, uint64_t work)
{
    if (rival->is_out)
        return false;
    enum order_found found = run_for(&rival->search, work);
    rival->is_out = found == ORDER_IMPOSSIBLE || !rival->search.is_paused;
    return found == ORDER_EXISTS;
}

static enum order_found contest(struct order_search *search, struct rival *rivals, int count,
                                uint64_t work)
{
    for (;; work *= 2) {
        bool is_alone = true;
        for (int i = 0; i < count; i++) {
            if (has_found(&rivals[i], work))
                return ORDER_EXISTS;
            is_alone &= rivals[i].is_out;
        }
        enum order_found found = run_for(search, is_alone ? UINT64_MAX / 2 : work);
        if (found != ORDER_UNDECIDED || !search->is_paused)
            return found;
    }
}

enum order_found order_contest_run(struct order_search *search, enum level level, uint64_t work)
{
    struct rival rivals[ORDER_RIVALS_MAX];
    enum level levels[ORDER_RIVALS_MAX];
    int count = order_contest_rivals(level, levels);
    if (count == 0)
        return order_search_run(search);
    if (work == 0)
        work = WORK_FIRST + (uint64_t)WORK_SHARE * search->problem->graph.edge_count;
    enum order_found found = run_for(search, work);
    if (found != ORDER_UNDECIDED || !search->is_paused)
        return found;
    for (int i = 0; i < count; i++)
        enter(&rivals[i], search->problem, levels[i]);
    found = contest(search, rivals, count, work);
    for (int i = 0; i < count; i++)
        leave(&rivals[i]);
    return found;
}
