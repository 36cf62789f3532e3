#include "checker/specification.h"

#include "checker/specification_common.h"
#include "core/err.h"
#include "core/errbuf.h"
#include "core/strbuf.h"

#include <stdlib.h>
#include <string.h>

const struct specification *const specification_table[] = {
    &specification_register,
    &specification_cas_register,
    &specification_multi_register,
    &specification_kv,
    &specification_mutex,
    &specification_owned_mutex,
    &specification_reentrant_mutex,
    &specification_semaphore,
    &specification_linear_set,
    &specification_grow_only_set,
    &specification_fifo_queue,
    &specification_unordered_queue,
    &specification_priority_queue,
    &specification_stack,
    &specification_linear_counter,
    &specification_user,
    NULL,
};

const struct specification *specification_find(const char *model)
{
    for (size_t i = 0; specification_table[i]; i++)
        if (strcmp(specification_table[i]->model, model) == 0)
            return specification_table[i];
    return NULL;
}

/* --- states --- */

void specification_state_fini(struct specification_state *state)
{
    free(state->items);
    *state = (struct specification_state){0};
}

static bool reserve(struct specification_state *state, uint32_t capacity)
{
    if (capacity <= state->capacity)
        return true;
    uint32_t grown = capacity < 8 ? 8 : capacity + capacity / 2;
    value_ref *items = realloc(state->items, grown * sizeof *items);
    if (!items)
        return false;
    state->items = items;
    state->capacity = grown;
    return true;
}

bool specification_state_copy(struct specification_state *to,
                              const struct specification_state *from)
{
    if (!reserve(to, from->count))
        return false;
    if (from->count > 0)
        memcpy(to->items, from->items, from->count * sizeof *to->items);
    to->count = from->count;
    return true;
}

bool specification_state_equal(const struct specification_state *a,
                               const struct specification_state *b)
{
    return a->count == b->count &&
           (a->count == 0 || memcmp(a->items, b->items, a->count * sizeof *a->items) == 0);
}

bool specification_state_insert(struct specification_state *state, uint32_t at, value_ref item)
{
    if (!reserve(state, state->count + 1))
        return false;
    memmove(state->items + at + 1, state->items + at, (state->count - at) * sizeof *state->items);
    state->items[at] = item;
    state->count++;
    return true;
}

void specification_state_remove(struct specification_state *state, uint32_t at)
{
    state->count--;
    memmove(state->items + at, state->items + at + 1, (state->count - at) * sizeof *state->items);
}

uint32_t specification_state_place(const struct specification_state *state, value_ref item)
{
    uint32_t low = 0, high = state->count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (state->items[middle] < item)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

bool specification_state_has(const struct specification_state *state, uint32_t at, value_ref item)
{
    return at < state->count && state->items[at] == item;
}

enum specification_step specification_begin_empty(const struct specification_context *context,
                                                  uint32_t choice,
                                                  struct specification_state *state)
{
    (void)context;
    if (choice > 0)
        return SPECIFICATION_NO_CHOICE;
    state->count = 0;
    return SPECIFICATION_APPLIED;
}

enum specification_step specification_begin_with(value_ref item, uint32_t choice,
                                                 struct specification_state *state)
{
    if (choice > 0)
        return SPECIFICATION_NO_CHOICE;
    if (item == VALUE_REF_NOMEM || !reserve(state, 1))
        return SPECIFICATION_NOMEM;
    state->items[0] = item;
    state->count = 1;
    return SPECIFICATION_APPLIED;
}

/* --- operations and values --- */

enum specification_effect specification_usual_effect(const struct operation *op)
{
    if (op->outcome == OP_FAIL)
        return SPECIFICATION_NOTHING;
    return op->outcome == OP_OK ? SPECIFICATION_MUST : SPECIFICATION_MAY;
}

bool specification_integer(const struct specification_context *context, value_ref ref, int64_t *out)
{
    struct value value = value_pool_get(context->values, ref);
    if (value.kind != VALUE_INT)
        return false;
    *out = value.integer;
    return true;
}

value_ref specification_intern_integer(const struct specification_context *context, int64_t integer)
{
    return value_pool_intern(context->values, value_int(integer));
}

int specification_no_operation(const char *article, const char *model, const char *known, symbol f,
                               struct errbuf *err)
{
    bool is_transaction = f == F_TXN || f == F_NONE;
    return errbuf_set(err, ERR_INPUT, "%s%s%s has no operation \"%s\"; it has %s%s", article,
                      article[0] ? " " : "", model, symbol_name(f), known,
                      is_transaction
                          ? "; if these are transactions, say --model list-append or rw-register"
                          : "");
}

int specification_unknown(const char *model, const char *known, const struct operation *op,
                          struct errbuf *err)
{
    return specification_no_operation("a", model, known, op->f, err);
}

int specification_odd_value(const struct specification_context *context, const char *rule,
                            value_ref value, struct errbuf *err)
{
    struct strbuf text = STRBUF_INIT;
    value_write_text(&text, value_pool_get(context->values, value));
    errbuf_set(err, ERR_INPUT, "%s, not %.200s", rule, strbuf_ok(&text) ? text.text : "this");
    strbuf_fini(&text);
    return ERR_INPUT;
}
