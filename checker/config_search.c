#include "checker/config_search.h"

#include "checker/budget.h"

static int count_demand(struct search *search, uint32_t value_count)
{
    struct demand *demand = &search->demand;
    if (demand_init(demand, search->budget, value_count) != 0)
        return -1;
    for (uint32_t i = 0; i < search->calls->count; i++) {
        const struct model_op *op = &search->calls->calls[i].op;
        if (op->needs != MODEL_NONE)
            demand->by_value[op->needs]++;
        demand->avoiding += op->avoids != MODEL_NONE;
    }
    return 0;
}

int search_open(struct search *search, const struct search_input *input)
{
    struct budget *budget = input->context->budget;
    *search = (struct search){.calls = input->calls, .budget = budget, .demand.budget = budget};
    search->slot_of = budget_alloc(budget, input->calls->count * sizeof *search->slot_of);
    if (search->slot_of && count_demand(search, input->context->values.count) == 0) {
        struct frontier_options options = {.model = input->model,
                                           .context = input->context,
                                           .initial = input->initial,
                                           .initial_count = input->initial_count,
                                           .demand = &search->demand,
                                           .width_max = input->width_max,
                                           .steps_max = input->steps_max,
                                           .want_trace = input->want_trace};
        search->frontier = frontier_open(&options);
    }
    if (search->frontier)
        return 0;
    search_close(search);
    return -1;
}

void search_close(struct search *search)
{
    frontier_close(search->frontier);
    demand_fini(&search->demand);
    budget_free(search->budget, search->slot_of, search->calls->count * sizeof *search->slot_of);
    search->frontier = NULL;
    search->slot_of = NULL;
}

static int begin_call(struct search *search, uint32_t index)
{
    const struct call *call = &search->calls->calls[index];
    if (!call->returns)
        return frontier_crash(search->frontier, &call->op, index, call->endless);
    struct frontier_call begin = {
        .op = call->op, .id = index, .returns_at = call->complete, .optional = call->optional};
    search->slot_of[index] = frontier_begin(search->frontier, &begin);
    return search->slot_of[index] == PENDING_NONE ? -1 : 0;
}

static enum search_end end_of(enum frontier_end end)
{
    switch (end) {
    case FRONTIER_PASSED:
        return SEARCH_ACCEPTED;
    case FRONTIER_REJECTED:
        return SEARCH_REJECTED;
    case FRONTIER_STUCK:
        return SEARCH_STUCK;
    case FRONTIER_OUT_OF_TIME:
        return SEARCH_OUT_OF_TIME;
    case FRONTIER_OUT_OF_MEMORY:
        break;
    }
    return SEARCH_OUT_OF_MEMORY;
}

static enum frontier_end take_event(struct search *search, uint32_t event)
{
    uint32_t call = event_call(event);
    const struct model_op *op = &search->calls->calls[call].op;
    struct frontier *frontier = search->frontier;
    if (op->announced)
        return event_is_return(event) ? frontier_announced(frontier, op, call, search->event)
                                      : frontier_announce(frontier, op, call, search->event);
    if (event_is_return(event))
        return frontier_return(frontier, search->slot_of[call], search->event);
    return begin_call(search, call) == 0 ? FRONTIER_PASSED : FRONTIER_OUT_OF_MEMORY;
}

enum search_end search_run(struct search *search, uint32_t until)
{
    for (; search->event < until; search->event++) {
        enum frontier_end end = take_event(search, search->calls->events[search->event]);
        if (end != FRONTIER_PASSED)
            return end_of(end);
    }
    return SEARCH_ACCEPTED;
}

struct search_mark search_save(const struct search *search)
{
    return (struct search_mark){.frontier = frontier_save(search->frontier),
                                .event = search->event,
                                .demand = search->demand.log_count};
}

int search_restore(struct search *search, const struct search_mark *mark)
{
    demand_rewind(&search->demand, mark->demand);
    search->event = mark->event;
    return frontier_restore(search->frontier, mark->frontier);
}

struct search_result config_search(const struct search_input *input)
{
    struct search search;
    if (search_open(&search, input) != 0)
        return (struct search_result){.end = SEARCH_OUT_OF_MEMORY};
    struct search_result result = {.end = search_run(&search, input->calls->event_count),
                                   .event = search.event};
    struct frontier_counts counts = frontier_counts(search.frontier);
    result.steps = counts.steps;
    result.width = counts.widest;
    if (result.end == SEARCH_ACCEPTED && result.event > 0)
        result.event--;
    search_close(&search);
    return result;
}
