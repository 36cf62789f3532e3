/* Several generators as one: by chance, one after the other, side by side. */
#include "injector/generator.h"

#include "injector/generator_impl.h"

#include <assert.h>
#include <string.h>

/* --- mix: by chance --- */

struct mix {
    struct generator generator;
    struct random random;
    struct generator **children;
    uint32_t *weights; /* 0 once exhausted */
    uint64_t weight_total;
    size_t count;
    size_t chosen; /* who gives the next operation; count = not chosen yet */
};

static size_t mix_choose(struct mix *mix)
{
    uint64_t at = random_below(&mix->random, mix->weight_total);
    size_t i = 0;
    while (at >= mix->weights[i])
        at -= mix->weights[i++];
    return i;
}

/* A choice stands until it has given its operation, even if it has to wait: otherwise the children
 * that wait would get less than their weight, and the sequence would depend on timing. */
static void mix_step(struct generator *generator, const struct generator_context *context,
                     struct generator_step *out)
{
    struct mix *mix = (struct mix *)generator;
    answer_done(out);
    while (mix->weight_total > 0) {
        if (mix->chosen == mix->count)
            mix->chosen = mix_choose(mix);
        generator_step(mix->children[mix->chosen], context, out);
        if (out->outcome == GENERATOR_DONE) {
            mix->weight_total -= mix->weights[mix->chosen];
            mix->weights[mix->chosen] = 0;
        } else if (out->outcome != GENERATOR_OP) {
            return;
        }
        mix->chosen = mix->count;
        if (out->outcome == GENERATOR_OP)
            return;
    }
}

static void mix_update(struct generator *generator, const struct generator_context *context,
                       uint32_t thread, const struct op *event)
{
    struct mix *mix = (struct mix *)generator;
    for (size_t i = 0; i < mix->count; i++)
        generator_update(mix->children[i], context, thread, event);
}

static const struct generator_type mix_type = {
    .name = "mix", .step = mix_step, .update = mix_update};

struct generator *generator_mix(struct arena *arena, struct random random,
                                struct generator *const *children, const uint32_t *weights,
                                size_t count)
{
    struct mix *mix = arena_alloc(arena, sizeof *mix);
    struct generator **own = generator_children(arena, children, count);
    uint32_t *own_weights = arena_copy(arena, weights, count * sizeof *weights);
    if (!mix || !own || !own_weights)
        return NULL;
    *mix = (struct mix){.generator = {&mix_type},
                        .random = random,
                        .children = own,
                        .weights = own_weights,
                        .count = count,
                        .chosen = count};
    for (size_t i = 0; i < count; i++)
        mix->weight_total += weights[i];
    return &mix->generator;
}

/* --- phases: one after the other --- */

struct phases {
    struct generator generator;
    struct generator **children;
    size_t count;
    size_t current;
    bool begun; /* the current one; before that it waits for every thread */
};

static bool all_free(const struct generator_context *context)
{
    for (uint32_t i = context->first; i < context->last; i++)
        if (context->busy[i])
            return false;
    return true;
}

static void phases_step(struct generator *generator, const struct generator_context *context,
                        struct generator_step *out)
{
    struct phases *phases = (struct phases *)generator;
    while (phases->current < phases->count) {
        if (!phases->begun && !all_free(context)) {
            answer_wait(out, INT64_MAX);
            return;
        }
        phases->begun = true;
        generator_step(phases->children[phases->current], context, out);
        if (out->outcome != GENERATOR_DONE)
            return;
        phases->current++;
        phases->begun = false;
    }
    answer_done(out);
}

static void phases_update(struct generator *generator, const struct generator_context *context,
                          uint32_t thread, const struct op *event)
{
    struct phases *phases = (struct phases *)generator;
    if (phases->begun)
        generator_update(phases->children[phases->current], context, thread, event);
}

static const struct generator_type phases_type = {
    .name = "phases", .step = phases_step, .update = phases_update};

struct generator *generator_phases(struct arena *arena, struct generator *const *children,
                                   size_t count)
{
    struct phases *phases = arena_alloc(arena, sizeof *phases);
    struct generator **own = generator_children(arena, children, count);
    if (!phases || !own)
        return NULL;
    *phases = (struct phases){
        .generator = {&phases_type}, .children = own, .count = count, .begun = true};
    return &phases->generator;
}

/* --- interleave: side by side --- */

struct interleave {
    struct generator generator;
    struct generator **children; /* those not done, in the order given */
    size_t count;
    size_t turn; /* who is asked first */
};

static void interleave_drop(struct interleave *interleave, size_t at)
{
    interleave->count--;
    memmove(&interleave->children[at], &interleave->children[at + 1],
            (interleave->count - at) * sizeof interleave->children[0]);
    if (interleave->turn > at)
        interleave->turn--;
}

static void interleave_step(struct generator *generator, const struct generator_context *context,
                            struct generator_step *out)
{
    struct interleave *interleave = (struct interleave *)generator;
    int64_t wake_ns = INT64_MAX;
    size_t asked = 0;
    size_t at = interleave->turn;
    while (asked < interleave->count) {
        at = at < interleave->count ? at : 0;
        generator_step(interleave->children[at], context, out);
        if (out->outcome == GENERATOR_OP)
            interleave->turn = at + 1;
        if (out->outcome == GENERATOR_OP || out->outcome == GENERATOR_FAILED)
            return;
        if (out->outcome == GENERATOR_DONE) {
            interleave_drop(interleave, at);
            continue;
        }
        wake_ns = out->wake_ns < wake_ns ? out->wake_ns : wake_ns;
        asked++;
        at++;
    }
    if (interleave->count == 0)
        answer_done(out);
    else
        answer_wait(out, wake_ns);
}

static void interleave_update(struct generator *generator, const struct generator_context *context,
                              uint32_t thread, const struct op *event)
{
    struct interleave *interleave = (struct interleave *)generator;
    for (size_t i = 0; i < interleave->count; i++)
        generator_update(interleave->children[i], context, thread, event);
}

static const struct generator_type interleave_type = {
    .name = "interleave", .step = interleave_step, .update = interleave_update};

struct generator *generator_interleave(struct arena *arena, struct generator *const *children,
                                       size_t count)
{
    struct interleave *interleave = arena_alloc(arena, sizeof *interleave);
    struct generator **own = generator_children(arena, children, count);
    if (!interleave || !own)
        return NULL;
    *interleave =
        (struct interleave){.generator = {&interleave_type}, .children = own, .count = count};
    return &interleave->generator;
}

/* --- while: something beside the work, as long as that lasts --- */

struct beside {
    struct generator generator;
    struct arena *arena;
    struct generator *work;
    struct generator *beside; /* NULL once done */
    bool beside_first;        /* whose turn it is */
    bool done;
    bool *everyone_busy; /* made at the first step */
};

/* Is the work over? Asked as if nobody were free, so that it cannot give an operation, which could
 * not be taken back. */
static bool work_is_over(struct beside *beside, const struct generator_context *context,
                         struct generator_step *out)
{
    struct generator_context probe = *context;
    probe.busy = beside->everyone_busy;
    generator_step(beside->work, &probe, out);
    beside->done = out->outcome == GENERATOR_DONE;
    return out->outcome != GENERATOR_WAIT;
}

static bool make_everyone_busy(struct beside *beside, uint32_t thread_count)
{
    beside->everyone_busy = arena_alloc(beside->arena, thread_count * sizeof(bool));
    for (uint32_t i = 0; beside->everyone_busy && i < thread_count; i++)
        beside->everyone_busy[i] = true;
    return beside->everyone_busy != NULL;
}

/* Asks one of the two; true if its answer is the answer. *wake_ns becomes the earlier wake. */
static bool beside_ask(struct beside *beside, bool work, const struct generator_context *context,
                       struct generator_step *out, int64_t *wake_ns)
{
    struct generator *child = work ? beside->work : beside->beside;
    if (!child)
        return false;
    generator_step(child, context, out);
    switch (out->outcome) {
    case GENERATOR_OP:
        beside->beside_first = work;
        return true;
    case GENERATOR_FAILED:
        return true;
    case GENERATOR_DONE:
        if (work)
            beside->done = true;
        else
            beside->beside = NULL;
        return work;
    case GENERATOR_WAIT:
        *wake_ns = out->wake_ns < *wake_ns ? out->wake_ns : *wake_ns;
        return false;
    }
    return false;
}

static void beside_step(struct generator *generator, const struct generator_context *context,
                        struct generator_step *out)
{
    struct beside *beside = (struct beside *)generator;
    int64_t wake_ns = INT64_MAX;
    if (beside->done) {
        answer_done(out);
        return;
    }
    if (!beside->everyone_busy && !make_everyone_busy(beside, context->client_count + 1)) {
        answer_failed(out);
        return;
    }
    bool beside_first = beside->beside && beside->beside_first;
    if (beside_first && work_is_over(beside, context, out))
        return;
    if (beside_ask(beside, !beside_first, context, out, &wake_ns) ||
        beside_ask(beside, beside_first, context, out, &wake_ns))
        return;
    answer_wait(out, wake_ns);
}

static void beside_update(struct generator *generator, const struct generator_context *context,
                          uint32_t thread, const struct op *event)
{
    struct beside *beside = (struct beside *)generator;
    generator_update(beside->work, context, thread, event);
    if (beside->beside)
        generator_update(beside->beside, context, thread, event);
}

static const struct generator_type beside_type = {
    .name = "while", .step = beside_step, .update = beside_update};

struct generator *generator_while(struct arena *arena, struct generator *work,
                                  struct generator *beside)
{
    struct beside *both = work && beside ? arena_alloc(arena, sizeof *both) : NULL;
    if (!both)
        return NULL;
    *both = (struct beside){
        .generator = {&beside_type}, .arena = arena, .work = work, .beside = beside};
    return &both->generator;
}
