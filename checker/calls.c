#include "checker/calls.h"

#include "checker/budget.h"
#include "checker/specification.h"
#include "core/err.h"
#include "core/errbuf.h"

#include <string.h>

static int calls_alloc(struct calls *calls, struct budget *budget, uint32_t count,
                       uint32_t event_count)
{
    *calls = (struct calls){.budget = budget, .capacity = count, .event_capacity = event_count};
    calls->calls = budget_alloc(budget, (size_t)count * sizeof *calls->calls);
    calls->events = budget_alloc(budget, (size_t)event_count * sizeof *calls->events);
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

/* The calls that have not returned yet, as a heap: the first to return on top. */
struct open_calls {
    const struct calls *calls;
    uint32_t *heap;
    uint32_t count;
};

static position return_of(const struct open_calls *open, uint32_t at)
{
    return open->calls->calls[open->heap[at]].complete;
}

static void open_push(struct open_calls *open, uint32_t call)
{
    uint32_t at = open->count++;
    position complete = open->calls->calls[call].complete;
    for (; at > 0 && return_of(open, (at - 1) / 2) > complete; at = (at - 1) / 2)
        open->heap[at] = open->heap[(at - 1) / 2];
    open->heap[at] = call;
}

static uint32_t open_pop(struct open_calls *open)
{
    uint32_t top = open->heap[0], last = open->heap[--open->count], at = 0;
    position complete = open->calls->calls[last].complete;
    for (;;) {
        uint32_t child = 2 * at + 1;
        if (child >= open->count)
            break;
        if (child + 1 < open->count && return_of(open, child + 1) < return_of(open, child))
            child++;
        if (return_of(open, child) >= complete)
            break;
        open->heap[at] = open->heap[child];
        at = child;
    }
    open->heap[at] = last;
    return top;
}

static void add_returns_before(struct calls *calls, struct open_calls *open, position until)
{
    while (open->count > 0 && return_of(open, 0) < until)
        add_event(calls, open_pop(open), true);
}

/* What stands against an operation that the model could not compile, in the specification's words.
 */
static int refuse(const struct object *object, const struct operation *op,
                  const struct model *model, const struct model_context *context,
                  struct errbuf *err)
{
    unsigned long long index = object->all ? operations_index(object->all, op->invoke) : op->invoke;
    const struct specification *specification = specification_find(model->name);
    struct specification_context definition = {
        .values = (struct value_pool *)(uintptr_t)context->pool, .semantics = context->semantics};
    if (!specification || specification->accepts(&definition, op, err) == 0)
        errbuf_set(err, 0, "a %s cannot do this: %s", model->name, symbol_name(op->f));
    errbuf_prefix(err, "event %llu", index);
    return ERR_INPUT;
}

static int compile_call(struct calls *calls, struct open_calls *open, const struct object *object,
                        uint32_t number, const struct model *model, struct model_context *context,
                        struct errbuf *err)
{
    const struct operation *from = &object->ops[number];
    struct model_op op;
    int rc = model->compile(context, from, &op);
    if (rc == ERR_INPUT)
        return refuse(object, from, model, context, err);
    if (rc < 0 || rc == MODEL_SAYS_NOTHING)
        return rc;
    bool returns = rc == MODEL_HAPPENED;
    add_returns_before(calls, open, from->invoke);
    calls->calls[calls->count] = (struct call){.op = op,
                                               .number = number,
                                               .invoke = from->invoke,
                                               .complete = returns ? from->complete : CALL_NEVER,
                                               .returns = returns,
                                               .optional = !returns};
    add_event(calls, calls->count, false);
    if (returns)
        open_push(open, calls->count);
    calls->count++;
    return 0;
}

/* Every operation that says something, with its events. numbers is NULL for all of the object. */
static int compile_all(struct calls *calls, const struct object *object, const uint32_t *numbers,
                       uint32_t count, const struct model *model, struct model_context *context,
                       struct errbuf *err)
{
    struct open_calls open = {.calls = calls,
                              .heap = budget_alloc(calls->budget, count * sizeof *open.heap)};
    int rc = open.heap ? 0 : ERR_NOMEM;
    for (uint32_t i = 0; i < count && rc == 0; i++)
        rc = compile_call(calls, &open, object, numbers ? numbers[i] : i, model, context, err);
    if (rc == 0)
        add_returns_before(calls, &open, POSITION_NONE);
    budget_free(calls->budget, open.heap, count * sizeof *open.heap);
    return rc;
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

int calls_build_some(struct calls *out, const struct object *object, const uint32_t *numbers,
                     uint32_t count, const struct model *model, struct model_context *context,
                     struct errbuf *err)
{
    int rc = calls_alloc(out, context->budget, count, 2 * count);
    if (rc == 0) {
        rc = compile_all(out, object, numbers, count, model, context, err);
        if (rc == 0)
            rc = drop_useless(out, context->values.count);
        if (rc != 0)
            calls_fini(out);
    }
    return rc == ERR_NOMEM ? errbuf_set(err, rc, "no memory for %u operations", count) : rc;
}

int calls_build(struct calls *out, const struct object *object, const struct model *model,
                struct model_context *context, struct errbuf *err)
{
    return calls_build_some(out, object, NULL, object->count, model, context, err);
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
        .number = CALL_NEVER,
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
    if (call->op.pure || call->op.opaque)
        return false;
    if (call->op.gives == MODEL_NONE || seen->needed_until[call->op.gives] > call->invoke)
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
