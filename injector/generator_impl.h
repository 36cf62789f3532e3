/* What generators share. For files that implement a struct generator_type, not for those that only
 * put generators together. */
#ifndef INJECTOR_GENERATOR_IMPL_H
#define INJECTOR_GENERATOR_IMPL_H

#include "injector/generator.h"

/* The answers of a step. */
static inline void answer_wait(struct generator_step *out, int64_t wake_ns)
{
    out->outcome = GENERATOR_WAIT;
    out->wake_ns = wake_ns;
}

static inline void answer_done(struct generator_step *out)
{
    out->outcome = GENERATOR_DONE;
}

static inline void answer_failed(struct generator_step *out)
{
    out->outcome = GENERATOR_FAILED;
}

/* An operation for this thread; the caller fills in the rest of out->op. */
static inline void answer_op(struct generator_step *out, const struct generator_context *context,
                             uint32_t thread)
{
    out->outcome = GENERATOR_OP;
    out->thread = thread;
    out->op = (struct op){.process = context->process[thread]};
}

/* now + duration, or INT64_MAX where that is too late for any clock. */
static inline int64_t time_after(int64_t now_ns, int64_t duration_ns)
{
    return duration_ns > INT64_MAX - now_ns ? INT64_MAX : now_ns + duration_ns;
}

/* The context for a child that gets only threads from first to before last. */
static inline struct generator_context context_narrow(const struct generator_context *context,
                                                      uint32_t first, uint32_t last)
{
    struct generator_context narrow = *context;
    narrow.first = first > context->first ? first : context->first;
    narrow.last = last < context->last ? last : context->last;
    return narrow;
}

/* A copy of the children in the arena; NULL if one of them is NULL or the arena is full. */
struct generator **generator_children(struct arena *arena, struct generator *const *children,
                                      size_t count);

#endif
