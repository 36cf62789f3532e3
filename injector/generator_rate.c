/* How often, how many, how long. */
#include "injector/generator.h"

#include "injector/generator_impl.h"

#include "core/clock.h"

#include <assert.h>

/* --- stagger: a total rate --- */

struct stagger {
    struct generator generator;
    struct random random;
    double gap_ns_max; /* twice the mean */
    bool started;
    int64_t due_ns; /* when the next operation may begin */
    struct generator *child;
};

/* Exactly one draw a gap: the n-th gap depends on the stream alone. */
static int64_t draw_gap_ns(struct stagger *stagger)
{
    return (int64_t)(random_unit(&stagger->random) * stagger->gap_ns_max + 0.5);
}

/* Due times add up from the first step, whenever the steps come, so that the rate is held on
 * average; but a schedule that could not be kept (nobody was free) is caught up with for one second
 * at most. */
static void stagger_step(struct generator *generator, const struct generator_context *context,
                         struct generator_step *out)
{
    struct stagger *stagger = (struct stagger *)generator;
    if (!stagger->started) {
        stagger->started = true;
        stagger->due_ns = time_after(context->now_ns, draw_gap_ns(stagger));
    }
    if (context->now_ns < stagger->due_ns) {
        answer_wait(out, stagger->due_ns);
        return;
    }
    generator_step(stagger->child, context, out);
    if (out->outcome != GENERATOR_OP)
        return;
    int64_t oldest_ns = context->now_ns - NS_PER_S;
    int64_t due_ns = stagger->due_ns > oldest_ns ? stagger->due_ns : oldest_ns;
    stagger->due_ns = time_after(due_ns, draw_gap_ns(stagger));
}

static void stagger_update(struct generator *generator, const struct generator_context *context,
                           uint32_t thread, const struct op *event)
{
    generator_update(((struct stagger *)generator)->child, context, thread, event);
}

static const struct generator_type stagger_type = {
    .name = "stagger", .step = stagger_step, .update = stagger_update};

struct generator *generator_stagger(struct arena *arena, struct random random, double rate,
                                    struct generator *child)
{
    assert(rate >= 0);
    if (rate == 0 || !child)
        return child;
    struct stagger *stagger = arena_alloc(arena, sizeof *stagger);
    if (!stagger)
        return NULL;
    double gap_ns_max = 2 * (double)NS_PER_S / rate;
    *stagger = (struct stagger){.generator = {&stagger_type},
                                .random = random,
                                .gap_ns_max = gap_ns_max < 0x1p62 ? gap_ns_max : 0x1p62,
                                .child = child};
    return &stagger->generator;
}

/* --- limit: a number of operations --- */

struct limit {
    struct generator generator;
    uint64_t left;
    struct generator *child;
};

static void limit_step(struct generator *generator, const struct generator_context *context,
                       struct generator_step *out)
{
    struct limit *limit = (struct limit *)generator;
    if (limit->left == 0) {
        answer_done(out);
        return;
    }
    generator_step(limit->child, context, out);
    if (out->outcome == GENERATOR_OP)
        limit->left--;
}

static void limit_update(struct generator *generator, const struct generator_context *context,
                         uint32_t thread, const struct op *event)
{
    generator_update(((struct limit *)generator)->child, context, thread, event);
}

static const struct generator_type limit_type = {
    .name = "limit", .step = limit_step, .update = limit_update};

struct generator *generator_limit(struct arena *arena, uint64_t count, struct generator *child)
{
    struct limit *limit = child ? arena_alloc(arena, sizeof *limit) : NULL;
    if (!limit)
        return NULL;
    *limit = (struct limit){.generator = {&limit_type}, .left = count, .child = child};
    return &limit->generator;
}

/* --- time limit, and sleep: a stretch of time, with or without work --- */

struct stretch {
    struct generator generator;
    int64_t duration_ns;
    bool started;
    int64_t end_ns;
    struct generator *child; /* NULL: sleep */
};

/* False once the time is over. */
static bool stretch_lasts(struct stretch *stretch, int64_t now_ns)
{
    if (!stretch->started) {
        stretch->started = true;
        stretch->end_ns = time_after(now_ns, stretch->duration_ns);
    }
    return now_ns < stretch->end_ns;
}

static void stretch_step(struct generator *generator, const struct generator_context *context,
                         struct generator_step *out)
{
    struct stretch *stretch = (struct stretch *)generator;
    if (!stretch_lasts(stretch, context->now_ns)) {
        answer_done(out);
        return;
    }
    answer_wait(out, stretch->end_ns);
    if (stretch->child)
        generator_step(stretch->child, context, out);
    if (out->outcome == GENERATOR_WAIT && out->wake_ns > stretch->end_ns)
        out->wake_ns = stretch->end_ns;
}

static void stretch_update(struct generator *generator, const struct generator_context *context,
                           uint32_t thread, const struct op *event)
{
    struct generator *child = ((struct stretch *)generator)->child;
    if (child)
        generator_update(child, context, thread, event);
}

static const struct generator_type time_limit_type = {
    .name = "time limit", .step = stretch_step, .update = stretch_update};
static const struct generator_type sleep_type = {.name = "sleep", .step = stretch_step};

static struct generator *stretch_new(struct arena *arena, const struct generator_type *type,
                                     int64_t duration_ns, struct generator *child)
{
    assert(duration_ns >= 0);
    struct stretch *stretch = arena_alloc(arena, sizeof *stretch);
    if (!stretch)
        return NULL;
    *stretch = (struct stretch){.generator = {type}, .duration_ns = duration_ns, .child = child};
    return &stretch->generator;
}

struct generator *generator_time_limit(struct arena *arena, int64_t duration_ns,
                                       struct generator *child)
{
    return child ? stretch_new(arena, &time_limit_type, duration_ns, child) : NULL;
}

struct generator *generator_sleep(struct arena *arena, int64_t duration_ns)
{
    return stretch_new(arena, &sleep_type, duration_ns, NULL);
}
