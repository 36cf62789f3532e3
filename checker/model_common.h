/* What the models (model_*.c) have in common. Private to them.
 *
 * Two things keep the search narrow in many of them. Marks say which values any answer has shown:
 * what nobody ever saw need not be told apart. And steps between large states are remembered
 * (step_memo.h). Neither is so where operations are compiled after the first step
 * (model_context.growing): then there are no marks. */
#ifndef CHECKER_MODEL_COMMON_H
#define CHECKER_MODEL_COMMON_H

#include "checker/model.h"
#include "core/err.h"

#include <string.h>

/* An operation that the search leaves alone: no needs, gives and avoids. Every byte is set, so that
 * equal operations have equal bytes. */
static inline void model_op_start(struct model_op *out)
{
    memset(out, 0, sizeof *out);
    out->needs = out->gives = out->avoids = MODEL_NONE;
}

/* ok: it happened; info: it may have; fail: nothing. */
static inline int model_outcome(const struct operation *op)
{
    if (op->outcome == OP_FAIL)
        return MODEL_SAYS_NOTHING;
    return op->outcome == OP_OK ? MODEL_HAPPENED : MODEL_MAY_HAPPEN;
}

/* The number of a value, as a model_op's argument. False when memory ran out. */
static inline bool model_number(struct model_context *context, value_ref ref, int32_t *out)
{
    *out = value_numbers_add(&context->values, ref);
    return *out >= 0;
}

/* Whether a value is an integer, of any size. */
static inline bool model_integer(const struct model_context *context, value_ref ref, int64_t *out)
{
    if (value_ref_is_int(ref)) {
        *out = value_ref_as_int(ref);
        return true;
    }
    struct value value = value_pool_get(context->pool, ref);
    *out = value.integer;
    return value.kind == VALUE_INT;
}

/* The reference of a part of a value; VALUE_REF_NOMEM without memory. */
static inline value_ref model_part(const struct model_context *context, struct value part)
{
    if (part.kind == VALUE_INT && value_ref_holds_int(part.integer))
        return value_ref_int((int32_t)part.integer);
    return value_pool_intern(context->pool, part);
}

/* A step through the memo: `work` does it where it is not known. choice is 0 in operations that do
 * not branch, and those that do have no argument. */
static inline int32_t model_remembered_step(struct model_context *context, int32_t state,
                                            const struct model_op *op, uint32_t choice,
                                            int32_t (*work)(struct model_context *, int32_t,
                                                            const struct model_op *, uint32_t))
{
    uint64_t label = (uint64_t)op->code << 32 | ((uint32_t)op->argument + choice);
    int32_t next = step_memo_find(&context->states.memo, state, label);
    if (next)
        return next;
    next = work(context, state, op, choice);
    if (next != MODEL_NOMEM)
        step_memo_add(&context->states.memo, state, label, next);
    return next;
}

/* As model->initial: the state without words. */
static inline int model_initial_empty(struct model_context *context, int32_t *states, int max)
{
    (void)max;
    states[0] = state_table_intern(&context->states, NULL, 0);
    return states[0] < 0 ? ERR_NOMEM : 1;
}

/* --- marks --- */

/* No state of a model that marks begins with this word. */
enum { MODEL_MARK = -1 };

/* Notes that something was seen: the number of a value, and of what. 0, or ERR_NOMEM. */
static inline int model_mark(struct model_context *context, int32_t what, int32_t value)
{
    int32_t words[] = {MODEL_MARK, what, value};
    return state_table_intern(&context->states, words, 3) < 0 ? ERR_NOMEM : 0;
}

/* Whether it was, or may still be. */
static inline bool model_is_marked(const struct model_context *context, int32_t what, int32_t value)
{
    int32_t words[] = {MODEL_MARK, what, value};
    return context->growing || state_table_find(&context->states, words, 3) > 0;
}

/* --- states that are one amount: counters, semaphores --- */

static inline int32_t model_amount_state(struct model_context *context, int64_t amount)
{
    int32_t words[] = {(int32_t)(uint32_t)((uint64_t)amount >> 32), (int32_t)(uint32_t)amount};
    return state_table_intern(&context->states, words, 2);
}

static inline int64_t model_amount(const struct model_context *context, int32_t state)
{
    uint32_t length;
    const int32_t *words = state_table_get(&context->states, state, &length);
    return (int64_t)((uint64_t)(uint32_t)words[0] << 32 | (uint32_t)words[1]);
}

#endif
