#include "isolation/view_search.h"

#include "checker/budget.h"
#include "core/err.h"
#include "isolation/view_search_parts.h"

enum { TRIALS_MAX = 4096, CHOICES_MIN = 64 };

int view_search_error(const struct view_search *search)
{
    return search->budget->time_is_over ? ERR_TIMEOUT : ERR_NOMEM;
}

int view_search_init(struct view_search *search, const struct committed *done, enum level level,
                     struct budget *budget)
{
    *search = (struct view_search){.done = done, .budget = budget, .level = level};
    return key_writers_init(&search->writers, done, budget);
}

static void drop_graph(struct view_search *search)
{
    if (search->has_graph)
        order_graph_fini(&search->graph);
    search->has_graph = false;
}

void view_search_fini(struct view_search *search)
{
    drop_graph(search);
    key_writers_fini(&search->writers);
    budget_free(search->budget, search->choices, search->choice_capacity * sizeof *search->choices);
}

/* --- edges --- */

static bool make_room(struct view_search *search)
{
    uint32_t old = search->choice_capacity, more = old ? 2 * old : CHOICES_MIN;
    if (search->choice_count < old)
        return true;
    struct view_choice *choices = budget_resize(search->budget, search->choices,
                                                old * sizeof *choices, more * sizeof *choices);
    if (!choices)
        return false;
    search->choices = choices;
    search->choice_capacity = more;
    return true;
}

enum order_result view_search_choose(struct view_search *search, const struct view_pair *pair,
                                     bool is_after, bool is_trial)
{
    if (!make_room(search))
        return ORDER_OUT_OF_BUDGET;
    uint32_t writer = search->done->reads[pair->read].writer;
    enum order_result result =
        is_after
            ? order_graph_insert(&search->graph, pair->reader, pair->other, search->choice_count)
            : order_graph_insert(&search->graph, pair->other, writer, search->choice_count);
    if (result == ORDER_DONE)
        search->choices[search->choice_count++] = (struct view_choice){
            .pair = *pair, .is_after = is_after, .is_trial = is_trial, .ground = VIEW_GROUND_NONE};
    return result;
}

void view_search_take_back(struct view_search *search, uint32_t count)
{
    order_graph_remove(&search->graph, count);
    search->choice_count = count;
}

/* --- pairs --- */

static bool is_contradicted(const struct view_search *search, const struct view_pair *pair)
{
    const uint32_t *place = search->graph.place;
    uint32_t writer = search->done->reads[pair->read].writer;
    return pair->other != writer && pair->other != pair->reader &&
           place[writer] < place[pair->other] && place[pair->other] < place[pair->reader];
}

/* What follows if one of the two cannot be. PAIR_OPEN: both can. */
static enum pair_end settle(struct view_search *search, const struct view_pair *pair)
{
    uint32_t before = search->choice_count;
    enum order_result after = view_search_choose(search, pair, true, false);
    if (after == ORDER_OUT_OF_BUDGET)
        return PAIR_NOT_SETTLED;
    if (after == ORDER_DONE)
        view_search_take_back(search, before);
    enum order_result earlier = view_search_choose(search, pair, false, false);
    if (earlier == ORDER_OUT_OF_BUDGET)
        return PAIR_NOT_SETTLED;
    if (earlier == ORDER_DONE && after == ORDER_CYCLE)
        return PAIR_SETTLED;
    if (earlier == ORDER_CYCLE && after == ORDER_CYCLE)
        return PAIR_IMPOSSIBLE;
    if (earlier == ORDER_DONE) {
        view_search_take_back(search, before);
        return PAIR_OPEN;
    }
    return view_search_choose(search, pair, true, false) == ORDER_DONE ? PAIR_SETTLED
                                                                       : PAIR_NOT_SETTLED;
}

static enum pair_end look_at_read(struct view_search *search, uint32_t reader, uint32_t read,
                                  struct view_pass *pass)
{
    const struct key_writers *writers = &search->writers;
    uint32_t key = search->done->reads[read].key;
    for (uint32_t i = writers->first[key]; i < writers->first[key + 1]; i++) {
        struct view_pair pair = {read, reader, writers->places[i]};
        if (!is_contradicted(search, &pair))
            continue;
        enum pair_end end = settle(search, &pair);
        pass->any_settled |= end == PAIR_SETTLED;
        if (end == PAIR_IMPOSSIBLE || (end == PAIR_OPEN && !pass->any_open))
            pass->pair = pair;
        pass->any_open |= end == PAIR_OPEN;
        if (end == PAIR_IMPOSSIBLE || end == PAIR_NOT_SETTLED)
            return end;
    }
    return PAIR_SETTLED;
}

enum pair_end view_search_look(struct view_search *search, struct view_pass *pass)
{
    const struct committed *done = search->done;
    *pass = (struct view_pass){0};
    for (uint32_t place = 0; place < done->count; place++) {
        if (done->txns[place].session != search->session)
            continue;
        if (budget_time_over(search->budget))
            return PAIR_NOT_SETTLED;
        for (uint32_t i = done->txns[place].reads; i < done->txns[place + 1].reads; i++) {
            enum pair_end end = done->reads[i].writer == PLACE_NONE
                                    ? PAIR_SETTLED
                                    : look_at_read(search, place, i, pass);
            if (end != PAIR_SETTLED)
                return end;
        }
    }
    return PAIR_SETTLED;
}

/* --- trials --- */

/* To the contrary of the last trial. PAIR_IMPOSSIBLE: there is none left. */
static enum pair_end turn_back(struct view_search *search)
{
    while (search->choice_count > 0) {
        struct view_choice last = search->choices[search->choice_count - 1];
        view_search_take_back(search, search->choice_count - 1);
        if (!last.is_trial)
            continue;
        enum order_result result = view_search_choose(search, &last.pair, !last.is_after, false);
        if (result != ORDER_CYCLE)
            return result == ORDER_DONE ? PAIR_SETTLED : PAIR_NOT_SETTLED;
    }
    return PAIR_IMPOSSIBLE;
}

static int run(struct view_search *search, enum view_end *end)
{
    while (search->trials < TRIALS_MAX) {
        struct view_pass pass;
        enum pair_end found = view_search_look(search, &pass);
        if (found == PAIR_IMPOSSIBLE)
            found = turn_back(search);
        else if (found == PAIR_SETTLED && !pass.any_settled && !pass.any_open)
            return 0;
        else if (found == PAIR_SETTLED && !pass.any_settled) {
            search->trials++;
            if (view_search_choose(search, &pass.pair, true, true) == ORDER_OUT_OF_BUDGET)
                found = PAIR_NOT_SETTLED;
        }
        if (found == PAIR_NOT_SETTLED)
            return view_search_error(search);
        if (found == PAIR_IMPOSSIBLE) {
            *end = VIEW_REFUTED;
            return 0;
        }
    }
    *end = VIEW_GIVEN_UP;
    return 0;
}

static int sort(struct view_search *search, enum view_end *end)
{
    uint32_t count = search->done->count, cycle;
    uint32_t *named = budget_alloc(search->budget, count * sizeof *named);
    if (!named)
        return ERR_NOMEM;
    for (uint32_t place = 0; place < count; place++)
        named[place] = place;
    enum order_result result = order_graph_sort(&search->graph, named, count, &cycle);
    budget_free(search->budget, named, count * sizeof *named);
    if (result == ORDER_OUT_OF_BUDGET)
        return view_search_error(search);
    if (result == ORDER_CYCLE) {
        search->cycle = cycle;
        *end = VIEW_REFUTED;
    }
    return 0;
}

int view_search_run(struct view_search *search, uint32_t session, enum view_end *end)
{
    drop_graph(search);
    search->session = session;
    search->choice_count = search->trials = 0;
    search->cycle = ORDER_NONE;
    *end = VIEW_EXPLAINED;
    int rc = view_search_build(search);
    if (rc == 0)
        rc = sort(search, end);
    return rc == 0 && *end == VIEW_EXPLAINED ? run(search, end) : rc;
}
