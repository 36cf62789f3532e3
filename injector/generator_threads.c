/* Who does it: clients only, the nemesis only, every client once. */
#include "injector/generator.h"

#include "injector/generator_impl.h"

#include <assert.h>

/* --- clients, nemesis: part of the threads --- */

struct part {
    struct generator generator;
    bool nemesis;
    struct generator *child;
};

static struct generator_context part_context(const struct part *part,
                                             const struct generator_context *context)
{
    return part->nemesis ? context_narrow(context, context->client_count, UINT32_MAX)
                         : context_narrow(context, 0, context->client_count);
}

/* Without a single thread nothing can ever come of it: that is done, not a wait without end. */
static void part_step(struct generator *generator, const struct generator_context *context,
                      struct generator_step *out)
{
    struct part *part = (struct part *)generator;
    struct generator_context narrow = part_context(part, context);
    if (narrow.first >= narrow.last)
        answer_done(out);
    else
        generator_step(part->child, &narrow, out);
}

static void part_update(struct generator *generator, const struct generator_context *context,
                        uint32_t thread, const struct op *event)
{
    struct part *part = (struct part *)generator;
    struct generator_context narrow = part_context(part, context);
    if (thread >= narrow.first && thread < narrow.last)
        generator_update(part->child, &narrow, thread, event);
}

static const struct generator_type part_type = {
    .name = "part", .step = part_step, .update = part_update};

static struct generator *part_new(struct arena *arena, bool nemesis, struct generator *child)
{
    struct part *part = child ? arena_alloc(arena, sizeof *part) : NULL;
    if (!part)
        return NULL;
    *part = (struct part){.generator = {&part_type}, .nemesis = nemesis, .child = child};
    return &part->generator;
}

struct generator *generator_clients(struct arena *arena, struct generator *child)
{
    return part_new(arena, false, child);
}

struct generator *generator_nemesis(struct arena *arena, struct generator *child)
{
    return part_new(arena, true, child);
}

/* --- each thread: every client once --- */

struct each_thread {
    struct generator generator;
    struct arena *arena;
    struct generator *(*make)(void *context, struct arena *arena, uint32_t thread);
    void *context;
    uint32_t first, last;        /* the client threads, known at the first step */
    struct generator **children; /* of each of them; NULL once done */
};

static bool each_thread_set_up(struct each_thread *each, const struct generator_context *context)
{
    struct generator_context clients = context_narrow(context, 0, context->client_count);
    uint32_t count = clients.last > clients.first ? clients.last - clients.first : 0;
    struct generator **children = arena_zalloc(each->arena, count, sizeof *children);
    if (!children)
        return false;
    for (uint32_t i = 0; i < count; i++) {
        children[i] = each->make(each->context, each->arena, clients.first + i);
        if (!children[i])
            return false;
    }
    each->first = clients.first;
    each->last = clients.first + count;
    each->children = children;
    return true;
}

/* True if the thread's child has something to say besides "wait". */
static bool each_thread_ask(struct each_thread *each, uint32_t thread,
                            const struct generator_context *context, struct generator_step *out,
                            int64_t *wake_ns, bool *done)
{
    struct generator **child = &each->children[thread - each->first];
    if (!*child)
        return false;
    struct generator_context own = context_narrow(context, thread, thread + 1);
    generator_step(*child, &own, out);
    if (out->outcome == GENERATOR_DONE) {
        *child = NULL;
        return false;
    }
    *done = false;
    if (out->outcome == GENERATOR_WAIT && out->wake_ns < *wake_ns)
        *wake_ns = out->wake_ns;
    return out->outcome != GENERATOR_WAIT;
}

static void each_thread_step(struct generator *generator, const struct generator_context *context,
                             struct generator_step *out)
{
    struct each_thread *each = (struct each_thread *)generator;
    if (!each->children && !each_thread_set_up(each, context)) {
        answer_failed(out);
        return;
    }
    int64_t wake_ns = INT64_MAX;
    bool done = true;
    uint32_t preferred = context->preferred;
    if (preferred >= each->first && preferred < each->last &&
        each_thread_ask(each, preferred, context, out, &wake_ns, &done))
        return;
    for (uint32_t thread = each->first; thread < each->last; thread++)
        if (thread != preferred && each_thread_ask(each, thread, context, out, &wake_ns, &done))
            return;
    if (done)
        answer_done(out);
    else
        answer_wait(out, wake_ns);
}

static void each_thread_update(struct generator *generator, const struct generator_context *context,
                               uint32_t thread, const struct op *event)
{
    struct each_thread *each = (struct each_thread *)generator;
    if (!each->children || thread < each->first || thread >= each->last)
        return;
    struct generator *child = each->children[thread - each->first];
    struct generator_context own = context_narrow(context, thread, thread + 1);
    if (child)
        generator_update(child, &own, thread, event);
}

static const struct generator_type each_thread_type = {
    .name = "each thread", .step = each_thread_step, .update = each_thread_update};

struct generator *generator_each_thread(
    struct arena *arena,
    struct generator *(*make)(void *context, struct arena *arena, uint32_t thread), void *context)
{
    assert(make);
    struct each_thread *each = arena_alloc(arena, sizeof *each);
    if (!each)
        return NULL;
    *each = (struct each_thread){
        .generator = {&each_thread_type}, .arena = arena, .make = make, .context = context};
    return &each->generator;
}
