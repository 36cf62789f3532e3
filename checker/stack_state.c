#include "checker/stack_state.h"

#include <stdlib.h>
#include <string.h>

static bool is_open(const struct pushed *item)
{
    return item->last < 0;
}

/* The latest segment in which it can have been pushed before now. */
static int32_t latest(const struct stack_state *state, const struct pushed *item)
{
    return is_open(item) ? state->now : item->last;
}

/* Whether all others have a moment left: `first` is the latest first of those that have returned,
 * and `second` the next. */
static bool leaves_all(const struct stack_state *state, uint32_t at, uint32_t last_to_begin,
                       int32_t second)
{
    int32_t first = last_to_begin < state->count ? state->items[last_to_begin].first : -1;
    return latest(state, &state->items[at]) >= (at == last_to_begin ? second : first);
}

/* Whether it is as good to pop a as to pop b. */
static bool is_as_good(const struct pushed *a, const struct pushed *b)
{
    if (stack_crashed(b))
        return is_open(a) && a->first >= b->first;
    if (is_open(a) != is_open(b) || a->first < b->first)
        return false;
    return is_open(a) ? a->last <= b->last : a->last >= b->last;
}

static bool is_spare(const struct stack_state *state, uint32_t at)
{
    const struct pushed *item = &state->items[at];
    for (uint32_t i = 0; i < state->count; i++)
        if (i != at && state->items[i].number == item->number &&
            is_as_good(&state->items[i], item) && (i < at || !is_as_good(item, &state->items[i])))
            return true;
    return false;
}

uint32_t stack_state_choose(const struct stack_state *state, const int32_t *number, uint32_t choice)
{
    uint32_t last_to_begin = state->count;
    int32_t second = -1;
    for (uint32_t i = 0; i < state->count; i++) {
        const struct pushed *item = &state->items[i];
        if (is_open(item))
            continue;
        if (last_to_begin == state->count || item->first > state->items[last_to_begin].first) {
            second = last_to_begin < state->count ? state->items[last_to_begin].first : -1;
            last_to_begin = i;
        } else if (item->first > second) {
            second = item->first;
        }
    }
    for (uint32_t i = 0; i < state->count; i++)
        if ((!number || state->items[i].number == *number) &&
            leaves_all(state, i, last_to_begin, second) && !is_spare(state, i) && choice-- == 0)
            return i;
    return state->count;
}

void stack_state_pop(struct stack_state *state, uint32_t at, int32_t *segment)
{
    int32_t until = latest(state, &state->items[at]);
    *segment = until;
    state->now++;
    if (stack_crashed(&state->items[at]) > 1) {
        state->items[at].last--;
    } else {
        state->count--;
        memmove(&state->items[at], &state->items[at + 1],
                (state->count - at) * sizeof *state->items);
    }
    for (uint32_t i = 0; i < state->count; i++) {
        struct pushed *item = &state->items[i];
        if (!is_open(item) && item->last > until)
            item->last = until;
        else if (is_open(item) && item->first > until && !stack_crashed(item))
            item->first = state->now;
    }
}

void stack_state_push(struct stack_state *state, struct pushed item)
{
    item.first = stack_crashed(&item) ? 0 : state->now;
    for (uint32_t i = 0; i < state->count && stack_crashed(&item); i++)
        if (state->items[i].number == item.number && stack_crashed(&state->items[i])) {
            state->items[i].last++;
            return;
        }
    state->items[state->count++] = item;
}

uint32_t stack_state_returned(struct stack_state *state, int32_t open)
{
    uint32_t at = 0;
    while (at < state->count && state->items[at].last != open)
        at++;
    if (at < state->count)
        state->items[at].last = state->now++;
    return at;
}

bool stack_state_empty(struct stack_state *state)
{
    for (uint32_t i = 0; i < state->count; i++)
        if (!is_open(&state->items[i]))
            return false;
    state->now++;
    for (uint32_t i = 0; i < state->count; i++)
        if (!stack_crashed(&state->items[i]))
            state->items[i].first = state->now;
    return true;
}

static int compare(const void *a, const void *b)
{
    const struct pushed *x = a, *y = b;
    if (x->number != y->number)
        return x->number < y->number ? -1 : 1;
    if (x->first != y->first)
        return x->first < y->first ? -1 : 1;
    return x->last < y->last ? -1 : x->last > y->last;
}

enum { BEGINS = 1, ENDS = 2 };

/* A segment must be told from the one before it if a window begins with it, and one ended since
 * the last such. */
void stack_state_normalise(struct stack_state *state, int32_t *scratch)
{
    memset(scratch, 0, ((size_t)state->now + 1) * sizeof *scratch);
    scratch[state->now] = BEGINS;
    for (uint32_t i = 0; i < state->count; i++) {
        const struct pushed *item = &state->items[i];
        if (!stack_crashed(item))
            scratch[item->first] |= BEGINS;
        if (!is_open(item))
            scratch[item->last] |= ENDS;
    }
    int32_t segment = 0;
    bool ended = false;
    for (int32_t i = 0; i <= state->now; i++) {
        bool ends = scratch[i] & ENDS;
        if (scratch[i] & BEGINS && ended) {
            segment++;
            ended = false;
        }
        ended = ended || ends;
        scratch[i] = segment;
    }
    for (uint32_t i = 0; i < state->count; i++) {
        struct pushed *item = &state->items[i];
        if (!stack_crashed(item))
            item->first = scratch[item->first];
        if (!is_open(item))
            item->last = scratch[item->last];
    }
    state->now = segment;
    qsort(state->items, state->count, sizeof *state->items, compare);
}
