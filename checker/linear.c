#include "checker/linear.h"

#include "checker/backjump.h"
#include "checker/refute.h"

enum {
    WINDOW_MIN = 16,
    WINDOW_WIDTH = 16384,
    WINDOW_STEPS = 4 * 1000 * 1000, /* about a second; a harder window is left to the widths */
    WINDOW_STEPS_FIRST = 20 * 1000, /* ... and at first much less */
    WINDOW_STEPS_LITTLE = 200 * 1000,
};

typedef struct search_result refute_fn(const struct search_input *input, int32_t value);

/* The way of a window that takes its time. */
static struct search_result search_fully(const struct search_input *input, int32_t value)
{
    (void)value;
    return config_search(input);
}

static enum search_end search_window(const struct linear_input *input, uint32_t first,
                                     uint32_t last, refute_fn *refute, uint32_t width_max,
                                     uint64_t steps_max, uint64_t *steps)
{
    struct calls window;
    if (input->anywhere_count == 0)
        return SEARCH_STUCK;
    if (calls_window(&window, input->calls, first, last) != 0)
        return SEARCH_OUT_OF_MEMORY;
    struct search_input search = {.model = input->model,
                                  .context = input->context,
                                  .calls = &window,
                                  .initial = input->anywhere,
                                  .initial_count = input->anywhere_count,
                                  .width_max = width_max,
                                  .steps_max = steps_max};
    const struct call *failing = &input->calls->calls[event_call(input->calls->events[last])];
    struct search_result result = refute(&search, failing->op.needs);
    *steps += result.steps;
    calls_fini(&window);
    return result.end;
}

enum search_end linear_search_window(const struct linear_input *input, uint32_t first,
                                     uint32_t last, uint32_t width_max, uint64_t *steps)
{
    return search_window(input, first, last, refute_calls, width_max, WINDOW_STEPS_LITTLE, steps);
}

/* Whether some window that ends with `last` shows that this event cannot be got past. */
static bool refute_by_window(const struct linear_input *input, uint32_t last, refute_fn *refute,
                             uint64_t steps_max, struct linear_result *result)
{
    uint64_t size = WINDOW_MIN;
    for (enum search_end end = SEARCH_ACCEPTED; end == SEARCH_ACCEPTED && size <= last; size *= 4) {
        uint32_t first = last + 1 - (uint32_t)size;
        end = search_window(input, first, last, refute, WINDOW_WIDTH, steps_max, &result->steps);
        if (end != SEARCH_REJECTED)
            continue; /* stuck: a longer one is harder still */
        result->end = LINEAR_INVALID;
        result->first = first;
        result->last = last;
        result->any_state = true;
        return true;
    }
    return false;
}

/* The width of a search that gets stuck grows in this many steps from one attempt to refute to the
 * next. */
static const uint32_t levels[] = {2, 4, 5, 6, 7, 8};

enum { LEVEL_COUNT = sizeof levels / sizeof levels[0] };

static void set_end(struct linear_result *result, enum search_end end, uint32_t event)
{
    if (event > result->last)
        result->last = event;
    switch (end) {
    case SEARCH_ACCEPTED:
        result->end = LINEAR_VALID;
        break;
    case SEARCH_REJECTED:
        result->end = LINEAR_INVALID;
        result->last = event;
        break;
    case SEARCH_OUT_OF_TIME:
        result->end = LINEAR_OUT_OF_TIME;
        break;
    case SEARCH_STUCK:
    case SEARCH_OUT_OF_MEMORY:
        result->end = LINEAR_OUT_OF_MEMORY;
    }
}

/* Decides, if a search with some width, or a window, can. False: neither could. */
static bool search_with_widths(const struct linear_input *input, struct backjump *backjump,
                               struct linear_result *result)
{
    uint64_t steps_max = WINDOW_STEPS_FIRST;
    uint32_t tried = UINT32_MAX;
    for (int i = 0; i < LEVEL_COUNT; i++) {
        enum search_end end = backjump_run(backjump, levels[i]);
        if (end != SEARCH_STUCK) {
            set_end(result, end, backjump->search.event);
            return true;
        }
        if (backjump->hardest > result->last)
            result->last = backjump->hardest;
        if ((backjump->hardest != tried &&
             refute_by_window(input, backjump->hardest, refute_simply, 0, result)) ||
            refute_by_window(input, backjump->hardest, search_fully, steps_max, result))
            return true;
        tried = backjump->hardest;
        steps_max = steps_max < WINDOW_STEPS / 4 ? steps_max * 4 : WINDOW_STEPS;
    }
    return false;
}

static void make_order(const struct linear_input *input, const struct search *search,
                       struct linear_result *result)
{
    uint32_t node;
    const struct trace *trace = frontier_trace(search->frontier, &node);
    if (result->end == LINEAR_VALID && trace)
        (void)linear_order_make(&result->order, input->model, input->context, input->calls, trace,
                                node);
}

/* Without leaving anything out, as long as it takes. */
static void search_all(const struct linear_input *input, const struct search_input *all,
                       struct linear_result *result)
{
    struct search search;
    if (search_open(&search, all) != 0)
        return;
    enum search_end end = search_run(&search, input->calls->event_count);
    set_end(result, end, search.event);
    result->steps += frontier_counts(search.frontier).steps;
    make_order(input, &search, result);
    search_close(&search);
}

struct linear_result linear_check(const struct linear_input *input)
{
    struct linear_result result = {.end = LINEAR_OUT_OF_MEMORY};
    struct search_input search = {.model = input->model,
                                  .context = input->context,
                                  .calls = input->calls,
                                  .initial = input->initial,
                                  .initial_count = input->initial_count,
                                  .want_trace = input->want_order};
    struct backjump backjump;
    if (backjump_open(&backjump, &search) != 0)
        return result;
    bool decided = search_with_widths(input, &backjump, &result);
    result.steps += frontier_counts(backjump.search.frontier).steps;
    make_order(input, &backjump.search, &result);
    backjump_close(&backjump);
    if (!decided)
        search_all(input, &search, &result);
    return result;
}
