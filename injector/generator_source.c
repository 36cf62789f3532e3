/* Where operations come from: a function, or a list. */
#include "injector/generator.h"

#include "injector/generator_impl.h"

#include <assert.h>

/* --- source: a function that is called for each operation --- */

struct source {
    struct generator generator;
    struct random random;
    bool (*fn)(void *context, struct random *random, struct arena *arena, struct op *op);
    void *context;
    bool done;
};

/* fn is called only when somebody is there to perform the operation: what it draws does not depend
 * on how often it was asked in vain. */
static void source_step(struct generator *generator, const struct generator_context *context,
                        struct generator_step *out)
{
    struct source *source = (struct source *)generator;
    uint32_t thread;
    if (source->done) {
        answer_done(out);
    } else if (!generator_free_thread(context, &thread)) {
        answer_wait(out, INT64_MAX);
    } else {
        answer_op(out, context, thread);
        source->done = !source->fn(source->context, &source->random, context->arena, &out->op);
        out->op.process = context->process[thread];
        if (source->done)
            answer_done(out);
    }
}

static const struct generator_type source_type = {.name = "source", .step = source_step};

struct generator *generator_source(struct arena *arena, struct random random,
                                   bool (*fn)(void *context, struct random *random,
                                              struct arena *arena, struct op *op),
                                   void *context)
{
    assert(fn);
    struct source *source = arena_alloc(arena, sizeof *source);
    if (!source)
        return NULL;
    *source = (struct source){
        .generator = {&source_type}, .random = random, .fn = fn, .context = context};
    return &source->generator;
}

/* --- sequence: a list of operations --- */

struct sequence {
    struct generator generator;
    const struct op *ops;
    size_t count;
    size_t next;
};

static void sequence_step(struct generator *generator, const struct generator_context *context,
                          struct generator_step *out)
{
    struct sequence *sequence = (struct sequence *)generator;
    uint32_t thread;
    if (sequence->next == sequence->count) {
        answer_done(out);
    } else if (!generator_free_thread(context, &thread)) {
        answer_wait(out, INT64_MAX);
    } else {
        answer_op(out, context, thread);
        out->op = sequence->ops[sequence->next++];
        out->op.process = context->process[thread];
    }
}

static const struct generator_type sequence_type = {.name = "sequence", .step = sequence_step};

struct generator *generator_sequence(struct arena *arena, const struct op *ops, size_t count)
{
    struct sequence *sequence = arena_alloc(arena, sizeof *sequence);
    struct op *copy = arena_copy(arena, ops, count * sizeof *ops);
    if (!sequence || !copy)
        return NULL;
    *sequence = (struct sequence){.generator = {&sequence_type}, .ops = copy, .count = count};
    return &sequence->generator;
}
