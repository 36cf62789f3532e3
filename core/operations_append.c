/* Filling by one thread, event after event: an error is told at once. */
#include "core/operations_internal.h"

#include "core/errbuf.h"

bool operation_event_of(struct value_pool *values, const struct op *op, struct operation_event *out)
{
    *out = (struct operation_event){
        .time_ns = op->time_ns,
        .process = op->process,
        .f = op->f,
        .type = op->type,
        .has_key = op->has_key,
        .key = op->has_key ? value_pool_intern(values, op->key) : VALUE_REF_NIL,
        .value = value_pool_intern(values, op->value),
        .error = op->error,
    };
    return out->key != VALUE_REF_NOMEM && out->value != VALUE_REF_NOMEM;
}

static int begin_next_part(struct operations *all, struct errbuf *err)
{
    struct operations_own *own = all->own;
    if (!own->sequential) {
        int rc = operations_open_writer(all, &own->sequential, err);
        if (rc != 0)
            return rc;
        own->sequential->is_sequential = true;
    }
    struct operations_writer *writer = own->sequential;
    return operations_begin_part(writer, writer->part ? writer->part->number + 1 : 0, err);
}

/* Every part of the sequential writer is full but the last. */
static uint64_t index_of(const struct operations_own *own, position at)
{
    return (uint64_t)position_part(at) * own->part_events + position_event(at);
}

int operations_append_event(struct operations *all, const struct operation_event *event,
                            struct errbuf *err)
{
    struct operations_own *own = all->own;
    struct operations_writer *writer = own->sequential;
    if (!writer || !writer->part || writer->part->count == own->part_events) {
        int rc = begin_next_part(all, err);
        if (rc != 0)
            return rc;
        writer = own->sequential;
    }
    int rc = operations_add(writer, event, err);
    const struct misstep *misstep = &writer->part->misstep;
    if (rc == 0 && misstep->kind != MISSTEP_NONE)
        rc = operations_misstep_error(all, misstep, index_of(own, misstep->at),
                                      index_of(own, misstep->earlier), err);
    return rc;
}

int operations_append(struct operations *all, const struct op *op, struct errbuf *err)
{
    struct operation_event event;
    if (!operation_event_of(all->values, op, &event))
        return operations_no_memory(err);
    return operations_append_event(all, &event, err);
}
