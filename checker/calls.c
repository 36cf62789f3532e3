#include "checker/calls.h"

#include "checker/budget.h"
#include "core/err.h"
#include "core/errbuf.h"

#include <string.h>

static int calls_alloc(struct calls *calls, struct budget *budget, uint32_t count,
                       uint32_t event_count)
{
    *calls = (struct calls){.budget = budget, .capacity = count, .event_capacity = event_count};
    calls->calls = budget_alloc(budget, count * sizeof *calls->calls);
    calls->events = budget_alloc(budget, event_count * sizeof *calls->events);
    if (calls->calls && calls->events)
        return 0;
    calls_fini(calls);
    return ERR_NOMEM;
}

void calls_fini(struct calls *calls)
{
    budget_free(calls->budget, calls->calls, calls->capacity * sizeof *calls->calls);
    budget_free(calls->budget, calls->events, calls->event_capacity * sizeof *calls->events);
    *calls = (struct calls){.budget = calls->budget};
}

static void add_event(struct calls *calls, uint32_t call, bool is_return)
{
    calls->events[calls->event_count++] = call << 1 | is_return;
}

/* --- crashed calls that nothing observed --- */

/* Until when a value may be of use: the latest position at which a call that needs it returns, and
 * for ever if a crashed call that is of use itself needs it. */
struct usefulness {
    uint32_t *until; /* by value; 0 = of no use */
    uint32_t *links; /* crashed calls that need a value, chained by the value they give */
    uint32_t *heads; /* by value: first link + 1 */
    uint32_t *stack; /* values to look at again */
    uint32_t value_count, call_count;
};

static void usefulness_fini(struct usefulness *u, struct budget *budget)
{
    budget_free(budget, u->until, u->value_count * sizeof *u->until);
    budget_free(budget, u->links, u->call_count * sizeof *u->links);
    budget_free(budget, u->heads, u->value_count * sizeof *u->heads);
    budget_free(budget, u->stack, u->value_count * sizeof *u->stack);
}

static int usefulness_init(struct usefulness *u, struct budget *budget, uint32_t value_count,
                           uint32_t call_count)
{
    *u = (struct usefulness){.value_count = value_count, .call_count = call_count};
    u->until = budget_zalloc(budget, value_count * sizeof *u->until);
    u->links = budget_alloc(budget, call_count * sizeof *u->links);
    u->heads = budget_zalloc(budget, value_count * sizeof *u->heads);
    u->stack = budget_alloc(budget, value_count * sizeof *u->stack);
    if (u->until && u->links && u->heads && u->stack)
        return 0;
    usefulness_fini(u, budget);
    return ERR_NOMEM;
}

static void raise_to(uint32_t *number, uint32_t least)
{
    if (*number < least)
        *number = least;
}

/* What the calls that return prove, and the links. A call that avoids a value may observe any
 * other one. */
static void collect_uses(struct usefulness *u, const struct calls *calls)
{
    uint32_t avoided_until = 0;
    for (uint32_t i = 0; i < calls->count; i++) {
        const struct call *call = &calls->calls[i];
        if (call->returns) {
            if (call->op.needs != MODEL_NONE)
                raise_to(&u->until[call->op.needs], call->complete);
            if (call->op.avoids != MODEL_NONE)
                raise_to(&avoided_until, call->complete);
        } else if (call->op.needs != MODEL_NONE && call->op.gives != MODEL_NONE) {
            u->links[i] = u->heads[call->op.gives];
            u->heads[call->op.gives] = i + 1;
        }
    }
    for (uint32_t value = 0; value < u->value_count; value++)
        raise_to(&u->until[value], avoided_until);
}

/* The crashed calls that make `value` while it is of use make what they need useful for ever.
 * Returns the new depth of the stack: each value is pushed once, when it becomes so. */
static uint32_t spread_from(struct usefulness *u, const struct calls *calls, uint32_t value,
                            uint32_t depth)
{
    for (uint32_t link = u->heads[value]; link; link = u->links[link - 1]) {
        const struct call *call = &calls->calls[link - 1];
        if (call->invoke >= u->until[value] || u->until[call->op.needs] == UINT32_MAX)
            continue;
        u->until[call->op.needs] = UINT32_MAX;
        u->stack[depth++] = (uint32_t)call->op.needs;
    }
    return depth;
}

static void spread_uses(struct usefulness *u, const struct calls *calls)
{
    for (uint32_t value = 0; value < u->value_count; value++) {
        uint32_t depth = spread_from(u, calls, value, 0);
        while (depth > 0) {
            depth--;
            depth = spread_from(u, calls, u->stack[depth], depth);
        }
    }
}

static bool is_useless(const struct usefulness *u, const struct call *call)
{
    if (call->returns || call->op.opaque)
        return false;
    return call->op.gives == MODEL_NONE || u->until[call->op.gives] <= call->invoke;
}

/* Marks in drop[] the calls that never return and whose effect nothing could have observed. */
static int find_useless(const struct calls *calls, uint32_t value_count, bool *drop)
{
    struct usefulness u;
    int rc = usefulness_init(&u, calls->budget, value_count, calls->count);
    if (rc != 0)
        return rc;
    collect_uses(&u, calls);
    spread_uses(&u, calls);
    for (uint32_t i = 0; i < calls->count; i++)
        drop[i] = is_useless(&u, &calls->calls[i]);
    usefulness_fini(&u, calls->budget);
    return 0;
}

/* --- building --- */

static int compile_call(struct calls *calls, const struct history *history, const struct keys *keys,
                        uint32_t at, const struct model *model, struct model_context *context,
                        struct errbuf *err)
{
    uint32_t partner = keys->partner[at];
    const struct op *completion = partner == HISTORY_UNPAIRED ? NULL : &history->ops[partner];
    struct model_op op;
    int rc = model->compile(context, &history->ops[at], completion, &op, err);
    keys->scratch[at] = CALL_NEVER;
    if (rc < 0 || rc == MODEL_SAYS_NOTHING)
        return rc;
    bool returns = rc == MODEL_HAPPENED;
    calls->calls[calls->count] = (struct call){.op = op,
                                               .invoke = at,
                                               .complete = returns ? partner : CALL_NEVER,
                                               .returns = returns,
                                               .optional = !returns};
    keys->scratch[at] = calls->count;
    add_event(calls, calls->count, false);
    calls->count++;
    return 0;
}

/* Every operation that says something, with its events. keys->scratch maps an invocation to its
 * call meanwhile. */
static int compile_all(struct calls *calls, const struct history *history, const struct keys *keys,
                       const struct key_group *group, const struct model *model,
                       struct model_context *context, struct errbuf *err)
{
    for (uint32_t i = 0; i < group->event_count; i++) {
        uint32_t at = keys->events[group->first + i];
        if (history->ops[at].type == OP_INVOKE) {
            int rc = compile_call(calls, history, keys, at, model, context, err);
            if (rc != 0)
                return rc;
        } else {
            uint32_t call = keys->scratch[keys->partner[at]];
            if (call != CALL_NEVER && calls->calls[call].returns)
                add_event(calls, call, true);
        }
    }
    return 0;
}

/* calls_without, in place. */
static int remove_dropped(struct calls *calls, const bool *drop)
{
    uint32_t *moved = budget_alloc(calls->budget, calls->count * sizeof *moved);
    if (!moved)
        return ERR_NOMEM;
    uint32_t kept = 0;
    for (uint32_t i = 0; i < calls->count; i++) {
        moved[i] = kept;
        if (!drop[i])
            calls->calls[kept++] = calls->calls[i];
    }
    uint32_t events = 0;
    for (uint32_t i = 0; i < calls->event_count; i++) {
        uint32_t event = calls->events[i], call = event_call(event);
        if (!drop[call])
            calls->events[events++] = moved[call] << 1 | event_is_return(event);
    }
    budget_free(calls->budget, moved, calls->count * sizeof *moved);
    calls->count = kept;
    calls->event_count = events;
    return 0;
}

static int drop_useless(struct calls *calls, uint32_t value_count)
{
    size_t size = calls->count;
    bool *drop = budget_alloc(calls->budget, size);
    if (!drop)
        return ERR_NOMEM;
    int rc = find_useless(calls, value_count, drop);
    if (rc == 0)
        rc = remove_dropped(calls, drop);
    budget_free(calls->budget, drop, size);
    return rc;
}

int calls_build(struct calls *out, const struct history *history, const struct keys *keys,
                const struct key_group *group, const struct model *model,
                struct model_context *context, struct errbuf *err)
{
    int rc = calls_alloc(out, context->budget, group->operations, group->event_count);
    if (rc != 0)
        return errbuf_set(err, rc, "no memory for %u operations", group->operations);
    rc = compile_all(out, history, keys, group, model, context, err);
    if (rc == 0) {
        rc = drop_useless(out, context->values.count);
        if (rc != 0)
            errbuf_set(err, rc, "no memory for %u operations", group->operations);
    }
    if (rc != 0)
        calls_fini(out);
    return rc;
}

/* --- cutting --- */

/* What a call is in the window first..last. */
enum fate {
    FATE_OUTSIDE,
    FATE_OPEN_BEFORE,
    FATE_INSIDE,
    FATE_PENDING, /* pure, and has not returned: says nothing until it does */
};

struct call_window {
    uint8_t *fate;   /* by call */
    uint32_t *moved; /* by call: its number in the window */
};

static void find_fates(const struct calls *all, uint32_t first, uint32_t last, uint8_t *fate)
{
    memset(fate, FATE_OUTSIDE, all->count);
    for (uint32_t i = 0; i < first; i++) {
        uint32_t call = event_call(all->events[i]);
        bool is_open = !event_is_return(all->events[i]) && !all->calls[call].op.pure;
        fate[call] = is_open ? FATE_OPEN_BEFORE : FATE_OUTSIDE;
    }
    for (uint32_t i = first; i <= last; i++) {
        uint32_t call = event_call(all->events[i]);
        if (!event_is_return(all->events[i]))
            fate[call] = all->calls[call].op.pure ? FATE_PENDING : FATE_INSIDE;
        else if (fate[call] == FATE_PENDING)
            fate[call] = FATE_INSIDE;
    }
    for (uint32_t i = 0; i < all->count; i++)
        if (fate[i] == FATE_PENDING)
            fate[i] = FATE_OUTSIDE;
}

static void copy_window_calls(struct calls *out, const struct calls *all,
                              const struct call_window *window)
{
    for (uint32_t i = 0; i < all->count; i++) {
        if (window->fate[i] == FATE_OUTSIDE)
            continue;
        struct call *call = &out->calls[out->count];
        *call = all->calls[i];
        call->returns = false;
        call->optional = call->optional || window->fate[i] == FATE_OPEN_BEFORE;
        window->moved[i] = out->count++;
        if (window->fate[i] == FATE_OPEN_BEFORE)
            add_event(out, window->moved[i], false);
    }
}

static void copy_window_events(struct calls *out, const struct calls *all, uint32_t first,
                               uint32_t last, const struct call_window *window)
{
    for (uint32_t i = first; i <= last; i++) {
        uint32_t call = event_call(all->events[i]);
        bool is_return = event_is_return(all->events[i]);
        if (window->fate[call] == FATE_OUTSIDE)
            continue;
        add_event(out, window->moved[call], is_return);
        if (is_return)
            out->calls[window->moved[call]].returns = true;
    }
    for (uint32_t i = 0; i < out->count; i++)
        out->calls[i].optional = out->calls[i].optional || !out->calls[i].returns;
}

int calls_window(struct calls *out, const struct calls *all, uint32_t first, uint32_t last)
{
    size_t moved_size = all->count * sizeof(uint32_t);
    struct call_window window = {.fate = budget_alloc(all->budget, all->count),
                                 .moved = budget_alloc(all->budget, moved_size)};
    int rc = window.fate && window.moved ? 0 : ERR_NOMEM;
    if (rc == 0) {
        find_fates(all, first, last, window.fate);
        uint32_t count = 0;
        for (uint32_t i = 0; i < all->count; i++)
            count += window.fate[i] != FATE_OUTSIDE;
        rc = calls_alloc(out, all->budget, count, count * 2);
    }
    if (rc == 0) {
        copy_window_calls(out, all, &window);
        copy_window_events(out, all, first, last, &window);
    }
    budget_free(all->budget, window.fate, all->count);
    budget_free(all->budget, window.moved, moved_size);
    return rc;
}

int calls_without(struct calls *out, const struct calls *all, const bool *drop)
{
    int rc = calls_alloc(out, all->budget, all->count, all->event_count);
    if (rc != 0)
        return rc;
    memcpy(out->calls, all->calls, all->count * sizeof *all->calls);
    memcpy(out->events, all->events, all->event_count * sizeof *all->events);
    out->count = all->count;
    out->event_count = all->event_count;
    rc = remove_dropped(out, drop);
    if (rc != 0)
        calls_fini(out);
    return rc;
}

int calls_with_free_value(struct calls *out, const struct calls *all, int32_t value, uint32_t keep)
{
    bool *drop = budget_alloc(all->budget, all->count);
    if (!drop)
        return ERR_NOMEM;
    for (uint32_t i = 0; i < all->count; i++)
        drop[i] = all->calls[i].op.gives == value && all->calls[i].invoke != keep;
    int rc = calls_alloc(out, all->budget, all->count + 1, all->event_count + 1);
    if (rc == 0) {
        memcpy(out->calls, all->calls, all->count * sizeof *all->calls);
        out->count = all->count;
        memcpy(out->events, all->events, all->event_count * sizeof *all->events);
        out->event_count = all->event_count;
        rc = remove_dropped(out, drop);
        if (rc != 0)
            calls_fini(out);
    }
    budget_free(all->budget, drop, all->count);
    if (rc != 0)
        return rc;
    out->calls[out->count] = (struct call){
        .op = {.needs = MODEL_NONE, .gives = value, .avoids = MODEL_NONE, .blind = true},
        .complete = CALL_NEVER,
        .optional = true,
        .endless = true};
    memmove(out->events + 1, out->events, out->event_count * sizeof *out->events);
    out->events[0] = out->count++ << 1;
    out->event_count++;
    return 0;
}

/* What the calls that are left observe. */
struct observed {
    uint32_t *needed_until;       /* by value: until when it is needed; 0 = never */
    int32_t avoided;              /* the value avoided by the latest call that avoids one */
    uint32_t avoided_until;       /* ... and until when it could see a write */
    uint32_t other_avoided_until; /* the same of calls that avoid any other value */
};

static void observe(struct observed *seen, const struct call *call)
{
    uint32_t until = call->returns ? call->complete : UINT32_MAX;
    if (call->op.needs != MODEL_NONE)
        raise_to(&seen->needed_until[call->op.needs], until);
    if (call->op.avoids == MODEL_NONE)
        return;
    if (seen->avoided == call->op.avoids) {
        raise_to(&seen->avoided_until, until);
    } else if (until > seen->avoided_until) {
        raise_to(&seen->other_avoided_until, seen->avoided_until);
        seen->avoided = call->op.avoids;
        seen->avoided_until = until;
    } else {
        raise_to(&seen->other_avoided_until, until);
    }
}

static bool is_observed(const struct observed *seen, const struct call *call)
{
    if (call->op.pure)
        return false;
    if (call->op.opaque || call->op.gives == MODEL_NONE ||
        seen->needed_until[call->op.gives] > call->invoke)
        return true;
    uint32_t until =
        call->op.gives == seen->avoided ? seen->other_avoided_until : seen->avoided_until;
    return until > call->invoke;
}

int calls_keep_needed(const struct calls *calls, uint32_t value_count, bool *drop)
{
    struct observed seen = {.avoided = MODEL_NONE};
    seen.needed_until = budget_zalloc(calls->budget, value_count * sizeof *seen.needed_until);
    if (!seen.needed_until)
        return ERR_NOMEM;
    for (uint32_t i = 0; i < calls->count; i++)
        if (!drop[i])
            observe(&seen, &calls->calls[i]);
    bool changed = true;
    while (changed) {
        changed = false;
        for (uint32_t i = calls->count; i-- > 0;) {
            if (!drop[i] || !is_observed(&seen, &calls->calls[i]))
                continue;
            drop[i] = false;
            changed = true;
            observe(&seen, &calls->calls[i]);
        }
    }
    budget_free(calls->budget, seen.needed_until, value_count * sizeof *seen.needed_until);
    return 0;
}
