/* The history again, event by event, from the operations. */
#include "core/operations_internal.h"

#include "core/err.h"
#include "core/errbuf.h"

#include <string.h>

/* What an event was: the invocation or completion of an operation, or one of the others. */
struct event_source {
    const struct operation *op; /* NULL: an other */
    uint32_t key;               /* or the number of the other */
    bool is_completion;
};

static void take_operation(const struct operations *all, struct event_source *events,
                           const struct operation *op, uint32_t key)
{
    events[operations_index(all, op->invoke)] = (struct event_source){op, key, false};
    if (op->complete != POSITION_NONE)
        events[operations_index(all, op->complete)] = (struct event_source){op, key, true};
}

static void take_events(const struct operations *all, struct event_source *events)
{
    for (uint32_t k = 0; k < all->key_count; k++)
        for (uint32_t w = 0; w < all->own->writer_count; w++)
            for (const struct operations_block *block = all->keys[k].lists[w]; block;
                 block = block->next)
                for (uint32_t i = 0; i < block->count; i++)
                    take_operation(all, events, &block->ops[i], k);
    for (uint32_t i = 0; i < all->other_count; i++)
        events[operations_index(all, all->others[i].at)] = (struct event_source){.key = i};
}

static struct op event_of(const struct operations *all, const struct event_source *source)
{
    if (!source->op)
        return all->others[source->key].op;
    const struct operations_key *key = &all->keys[source->key];
    const struct operation *op = source->op;
    return (struct op){
        .process = op->process,
        .f = op->f,
        .type = source->is_completion ? op->outcome : OP_INVOKE,
        .has_key = key->has_key,
        .key = key->has_key ? value_pool_get(all->values, key->key) : value_nil(),
        .value = value_pool_get(all->values, source->is_completion ? op->result : op->argument),
    };
}

static int hand_over_part(const struct operations *all, uint32_t number,
                          const struct event_source *events, uint32_t *next_error,
                          const struct op_sink *sink, struct errbuf *err)
{
    const struct operations_part *part = all->own->parts[number];
    struct time_cursor times = time_cursor_begin(&part->times);
    int rc = 0;
    for (uint32_t i = 0; i < part->count && rc == 0; i++) {
        struct op op = event_of(all, &events[part->first_index + i]);
        op.index = (int64_t)(part->first_index + i);
        op.time_ns = time_cursor_next(&times);
        op.error = NULL;
        if (*next_error < all->own->error_count &&
            all->own->errors[*next_error].at == (number << OPERATIONS_PART_BITS | i))
            op.error = value_pool_get(all->values, all->own->errors[(*next_error)++].text).text;
        rc = sink->take(sink->context, &op, err);
    }
    return rc;
}

int operations_for_each_event(const struct operations *all, const struct op_sink *sink,
                              struct errbuf *err)
{
    size_t size = all->event_count * sizeof(struct event_source);
    struct event_source *events = operations_resize(all->own, NULL, 0, size);
    if (!events)
        return errbuf_set(err, ERR_NOMEM, "no memory to go through %llu events",
                          (unsigned long long)all->event_count);
    take_events(all, events);
    uint32_t next_error = 0;
    int rc = 0;
    for (uint32_t p = 0; p < all->own->part_count && rc == 0; p++)
        if (all->own->parts[p])
            rc = hand_over_part(all, p, events, &next_error, sink, err);
    operations_release(all->own, events, size);
    return rc;
}
