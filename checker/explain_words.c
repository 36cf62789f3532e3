/* States of objects in words (explain_states.h). */
#include "checker/explain_states.h"
#include "checker/user_model.h"
#include "core/strbuf.h"

#include <string.h>

enum { ITEMS_SHOWN_MAX = 16 };

/* How the states of a model are spoken of. */
struct manner {
    const char *model;
    const char *noun; /* "the queue" could ... */
    const char *verb; /* ... "hold" [3 4] */
    void (*put)(struct strbuf *out, const struct explain_past *past,
                const struct specification_state *state);
};

static void put_value(struct strbuf *out, const struct explain_past *past, value_ref ref)
{
    value_write_text(out, value_pool_get(past->context.values, ref));
}

static void put_items(struct strbuf *out, const struct explain_past *past,
                      const struct specification_state *state)
{
    for (uint32_t i = 0; i < state->count && i < ITEMS_SHOWN_MAX; i++) {
        strbuf_puts(out, i > 0 ? " " : "");
        put_value(out, past, state->items[i]);
    }
    if (state->count > ITEMS_SHOWN_MAX)
        strbuf_printf(out, " and %u more", state->count - ITEMS_SHOWN_MAX);
}

static void put_list(struct strbuf *out, const struct explain_past *past,
                     const struct specification_state *state)
{
    strbuf_putc(out, '[');
    put_items(out, past, state);
    strbuf_putc(out, ']');
}

static void put_set(struct strbuf *out, const struct explain_past *past,
                    const struct specification_state *state)
{
    strbuf_puts(out, "#{");
    put_items(out, past, state);
    strbuf_putc(out, '}');
}

static void put_one(struct strbuf *out, const struct explain_past *past,
                    const struct specification_state *state)
{
    put_items(out, past, state);
}

static void put_mutex(struct strbuf *out, const struct explain_past *past,
                      const struct specification_state *state)
{
    (void)past;
    strbuf_puts(out, state->count == 0 ? "free" : "held");
}

static void put_owned(struct strbuf *out, const struct explain_past *past,
                      const struct specification_state *state)
{
    put_mutex(out, past, state);
    if (state->count == 0)
        return;
    strbuf_puts(out, " by ");
    put_value(out, past, state->items[0]);
    if (state->count > 1)
        strbuf_printf(out, " %u times", state->count);
}

static void put_semaphore(struct strbuf *out, const struct explain_past *past,
                          const struct specification_state *state)
{
    put_items(out, past, state);
    strbuf_puts(out, " held");
}

/* Register, value, register, value, ... after what those never written hold. */
static void put_registers(struct strbuf *out, const struct explain_past *past,
                          const struct specification_state *state)
{
    strbuf_putc(out, '{');
    for (uint32_t i = 1; i + 1 < state->count && i < 2 * ITEMS_SHOWN_MAX; i += 2) {
        put_value(out, past, state->items[i]);
        strbuf_putc(out, ' ');
        put_value(out, past, state->items[i + 1]);
        strbuf_puts(out, ", ");
    }
    strbuf_puts(out, "others ");
    put_value(out, past, state->items[0]);
    strbuf_putc(out, '}');
}

static void put_user(struct strbuf *out, const struct explain_past *past,
                     const struct specification_state *state)
{
    strbuf_puts(out, past->context.semantics->user->states[value_ref_as_int(state->items[0])]);
}

static const struct manner manners[] = {
    {"register", "the register", "hold", put_one},
    {"cas-register", "the register", "hold", put_one},
    {"multi-register", "the registers", "hold", put_registers},
    {"kv", "the text", "be", put_one},
    {"mutex", "the mutex", "be", put_mutex},
    {"owned-mutex", "the mutex", "be", put_owned},
    {"reentrant-mutex", "the mutex", "be", put_owned},
    {"semaphore", "the semaphore", "have", put_semaphore},
    {"linear-set", "the set", "hold", put_set},
    {"grow-only-set", "the set", "hold", put_set},
    {"fifo-queue", "the queue, its head first,", "hold", put_list},
    {"unordered-queue", "the queue", "hold", put_list},
    {"priority-queue", "the queue", "hold", put_list},
    {"stack", "the stack, its top last,", "hold", put_list},
    {"linear-counter", "the counter", "be", put_one},
    {NULL, "the object", "be in the state", put_user},
};

static const struct manner *manner_of(const struct explain_past *past)
{
    const struct manner *manner = manners;
    while (manner->model && strcmp(manner->model, past->specification->model) != 0)
        manner++;
    return manner;
}

void explain_put_state(struct strbuf *out, const struct explain_past *past,
                       const struct specification_state *state)
{
    manner_of(past)->put(out, past, state);
}

void explain_put_states(struct strbuf *out, const struct explain_past *past,
                        const struct explain_states *states)
{
    const struct manner *manner = manner_of(past);
    strbuf_printf(out, "%s could %s%s ", manner->noun, states->count == 1 ? "only " : "",
                  manner->verb);
    for (uint32_t i = 0; i < states->shown; i++) {
        strbuf_puts(out, i == 0 ? "" : i + 1 == states->count ? " or " : ", ");
        explain_put_state(out, past, &states->states[i]);
    }
    if (states->count > states->shown)
        strbuf_printf(out, " or one of %u more", states->count - states->shown);
}
