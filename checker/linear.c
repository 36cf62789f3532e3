#include "checker/linear.h"

/* 0: without bound. */
static const uint32_t widths[] = {16, 256, 4096, 65536, 0};

enum {
    WIDTH_COUNT = sizeof widths / sizeof widths[0],
    WINDOW_MIN = 16,
    WINDOW_WIDTH = 16384,
    WINDOW_STEPS = 4 * 1000 * 1000, /* about a second; a harder window is left to the widths */
};

enum search_end linear_search_window(const struct linear_input *input, uint32_t first,
                                     uint32_t last, uint32_t width_max, uint64_t *steps)
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
                                  .steps_max = WINDOW_STEPS};
    struct search_result result = config_search(&search);
    *steps += result.steps;
    calls_fini(&window);
    return result.end;
}

/* Whether some window that ends with `last` shows that this event cannot be got past. */
static bool refute_by_window(const struct linear_input *input, uint32_t last,
                             struct linear_result *result)
{
    for (uint32_t size = WINDOW_MIN; size <= last; size *= 4) {
        uint32_t first = last + 1 - size;
        enum search_end end =
            linear_search_window(input, first, last, WINDOW_WIDTH, &result->steps);
        if (end == SEARCH_REJECTED) {
            result->end = LINEAR_INVALID;
            result->first = first;
            result->last = last;
            result->any_state = true;
            return true;
        }
        if (end != SEARCH_ACCEPTED || size > UINT32_MAX / 4)
            return false; /* a longer one is harder still */
    }
    return false;
}

struct linear_result linear_check(const struct linear_input *input)
{
    struct linear_result result = {.end = LINEAR_OUT_OF_MEMORY};
    uint32_t tried = UINT32_MAX;
    for (int i = 0; i < WIDTH_COUNT; i++) {
        struct search_input search = {.model = input->model,
                                      .context = input->context,
                                      .calls = input->calls,
                                      .initial = input->initial,
                                      .initial_count = input->initial_count,
                                      .width_max = widths[i]};
        struct search_result found = config_search(&search);
        result.steps += found.steps;
        if (found.end != SEARCH_ACCEPTED && found.event > result.last)
            result.last = found.event;
        if (found.end == SEARCH_ACCEPTED) {
            result.end = LINEAR_VALID;
            return result;
        }
        if (found.end == SEARCH_REJECTED) {
            result.end = LINEAR_INVALID;
            result.last = found.event;
            return result;
        }
        if (found.end != SEARCH_STUCK) {
            result.end =
                found.end == SEARCH_OUT_OF_TIME ? LINEAR_OUT_OF_TIME : LINEAR_OUT_OF_MEMORY;
            return result;
        }
        if (found.event != tried && refute_by_window(input, found.event, &result))
            return result;
        tried = found.event;
    }
    return result;
}
