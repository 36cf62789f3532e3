/* Independent objects, each worked on by a group of threads of its own.
 *
 * A checker's cost grows much faster than linearly with the length of a history, and with how many
 * processes work on one object; many short histories of few processes each find as much for far
 * less. */
#include "injector/generator.h"

#include "injector/generator_impl.h"

#include <assert.h>

struct group {
    struct generator *child; /* NULL: no key yet, or none any more */
    uint64_t key;
    uint32_t first, last; /* its threads */
    bool done;
};

struct groups {
    struct generator generator;
    struct arena *arena;
    struct generator *(*make)(void *context, struct arena *arena, uint64_t key);
    void *context;
    uint64_t keys; /* 0 = without end */
    uint64_t next_key;
    uint32_t group_size;
    uint32_t first; /* the first client thread, known at the first step */
    uint32_t count;
    struct group *groups;
};

/* False when memory ran out: a later call tries again. A group that finds no key is done. */
static bool take_key(struct groups *groups, struct group *group)
{
    if (groups->keys != 0 && groups->next_key == groups->keys) {
        group->done = true;
        return true;
    }
    group->child = groups->make(groups->context, groups->arena, groups->next_key);
    if (group->child)
        group->key = groups->next_key++;
    return group->child != NULL;
}

/* Splits the threads and deals the first keys, in order of the groups, whoever asks first. */
static bool set_up(struct groups *groups, const struct generator_context *context)
{
    struct generator_context clients = context_narrow(context, 0, context->client_count);
    uint32_t threads = clients.last > clients.first ? clients.last - clients.first : 0;
    uint32_t count = threads / groups->group_size + (threads % groups->group_size != 0);
    struct group *made = arena_zalloc(groups->arena, count, sizeof *made);
    if (!made)
        return false;
    for (uint32_t i = 0; i < count; i++) {
        made[i].first = clients.first + i * groups->group_size;
        made[i].last = i + 1 < count ? made[i].first + groups->group_size : clients.last;
        if (!take_key(groups, &made[i]))
            return false;
    }
    groups->first = clients.first;
    groups->count = count;
    groups->groups = made;
    return true;
}

/* The group of a thread, or NULL. */
static struct group *find_group(const struct groups *groups, uint32_t thread)
{
    if (thread < groups->first)
        return NULL;
    uint32_t index = (thread - groups->first) / groups->group_size;
    if (index >= groups->count || thread >= groups->groups[index].last)
        return NULL;
    return &groups->groups[index];
}

/* A group goes to its next key in the same step, but only once a step: a workload whose keys are
 * all empty must not keep us here for ever. */
static void step_group(struct groups *groups, struct group *group,
                       const struct generator_context *context, struct generator_step *out)
{
    struct generator_context own = context_narrow(context, group->first, group->last);
    for (int attempt = 0; attempt < 2 && !group->done; attempt++) {
        if (!group->child && !take_key(groups, group)) {
            answer_failed(out);
            return;
        }
        if (group->done)
            break;
        generator_step(group->child, &own, out);
        if (out->outcome == GENERATOR_OP) {
            out->op.has_key = true;
            out->op.key = value_int((int64_t)group->key);
        }
        if (out->outcome != GENERATOR_DONE)
            return;
        group->child = NULL;
    }
    if (group->done)
        answer_done(out);
    else
        answer_wait(out, context->now_ns);
}

/* The group of the thread that asks comes first, so that a free thread serves its own. */
static void groups_step(struct generator *generator, const struct generator_context *context,
                        struct generator_step *out)
{
    struct groups *groups = (struct groups *)generator;
    if (!groups->groups && !set_up(groups, context)) {
        answer_failed(out);
        return;
    }
    struct group *own = find_group(groups, context->preferred);
    uint32_t at = own ? (uint32_t)(own - groups->groups) : 0;
    int64_t wake_ns = INT64_MAX;
    bool done = true;
    for (uint32_t i = 0; i < groups->count; i++, at = at + 1 < groups->count ? at + 1 : 0) {
        if (groups->groups[at].done)
            continue;
        step_group(groups, &groups->groups[at], context, out);
        if (out->outcome == GENERATOR_OP || out->outcome == GENERATOR_FAILED)
            return;
        if (out->outcome == GENERATOR_WAIT) {
            done = false;
            wake_ns = out->wake_ns < wake_ns ? out->wake_ns : wake_ns;
        }
    }
    if (done)
        answer_done(out);
    else
        answer_wait(out, wake_ns);
}

/* A completion may belong to the key that the group had before: that is not the child's. */
static void groups_update(struct generator *generator, const struct generator_context *context,
                          uint32_t thread, const struct op *event)
{
    struct groups *groups = (struct groups *)generator;
    struct group *group = groups->groups ? find_group(groups, thread) : NULL;
    if (!group || !group->child || !event->has_key || event->key.integer != (int64_t)group->key)
        return;
    struct generator_context own = context_narrow(context, group->first, group->last);
    generator_update(group->child, &own, thread, event);
}

static const struct generator_type groups_type = {
    .name = "groups", .step = groups_step, .update = groups_update};

struct generator *generator_groups(struct arena *arena, uint32_t group_size, uint64_t keys,
                                   struct generator *(*make)(void *context, struct arena *arena,
                                                             uint64_t key),
                                   void *context)
{
    assert(group_size > 0 && make);
    struct groups *groups = arena_alloc(arena, sizeof *groups);
    if (!groups)
        return NULL;
    *groups = (struct groups){.generator = {&groups_type},
                              .arena = arena,
                              .make = make,
                              .context = context,
                              .keys = keys,
                              .group_size = group_size};
    return &groups->generator;
}
