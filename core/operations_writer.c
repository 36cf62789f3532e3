/* Writers and their parts: what is filled by one thread, and how a part begins and ends. */
#include "core/operations_internal.h"

#include "core/err.h"
#include "core/errbuf.h"

#include <assert.h>
#include <string.h>

/* --- writers --- */

static struct operations_writer *new_writer(struct operations_own *own, struct value_pool *values)
{
    struct operations_writer *writer = operations_resize(own, NULL, 0, sizeof *writer);
    if (!writer)
        return NULL;
    *writer = (struct operations_writer){.own = own, .values = values};
    capped_arena_init(&writer->arena, &own->cap);
    return writer;
}

int operations_open_writer(struct operations *all, struct operations_writer **out,
                           struct errbuf *err)
{
    struct operations_own *own = all->own;
    struct operations_writer *writer = new_writer(own, all->values);
    if (!writer)
        return operations_no_memory(err);
    pthread_mutex_lock(&own->lock);
    void *writers = own->writers;
    bool has_room = operations_make_room(own, &writers, own->writer_count, &own->writer_capacity,
                                         sizeof(struct operations_writer *));
    own->writers = writers;
    if (has_room) {
        writer->number = own->writer_count++;
        own->writers[writer->number] = writer;
    }
    pthread_mutex_unlock(&own->lock);
    if (!has_room) {
        operations_free_writer(writer);
        return operations_no_memory(err);
    }
    *out = writer;
    return 0;
}

void operations_close_writer(struct operations_writer *writer)
{
    struct operations_own *own = writer->own;
    operations_release(own, writer->lists, writer->list_capacity * sizeof *writer->lists);
    operations_release(own, writer->by_key, writer->by_key_capacity * sizeof *writer->by_key);
    process_table_fini(&writer->processes, own);
    operations_release(own, writer->records, writer->record_capacity * sizeof *writer->records);
    operations_release(own, writer->others, writer->other_capacity * sizeof *writer->others);
    operations_release(own, writer->errors, writer->error_capacity * sizeof *writer->errors);
    byte_cap_give(&own->cap, time_column_capacity(&writer->times));
    time_column_fini(&writer->times);
    writer->lists = NULL;
    writer->by_key = NULL;
    writer->records = NULL;
    writer->others = NULL;
    writer->errors = NULL;
    writer->list_capacity = writer->by_key_capacity = 0;
    writer->record_capacity = writer->other_capacity = writer->error_capacity = 0;
}

void operations_free_writer(struct operations_writer *writer)
{
    operations_close_writer(writer);
    capped_arena_fini(&writer->arena);
    operations_release(writer->own, writer, sizeof *writer);
}

/* --- parts --- */

/* What the processes do at the end of the part. */
static void fill_in_records(struct operations_writer *writer)
{
    for (uint32_t i = 0; i < writer->record_count; i++) {
        struct process_record *record = &writer->records[i];
        const struct process_slot *slot = process_table_find(&writer->processes, record->process);
        record->doing = slot->doing;
        record->op = slot->op;
        record->at = slot->op ? doing_since(slot) : record->first;
    }
}

int operations_end_part(struct operations_writer *writer, struct errbuf *err)
{
    struct operations_part *part = writer->part;
    if (!part)
        return 0;
    void *times = capped_arena_alloc(&writer->arena, time_column_packed_size(&writer->times));
    if (!times)
        return operations_no_memory(err);
    part->times = time_column_pack(&writer->times, times);
    time_column_reset(&writer->times);
    if (writer->is_sequential)
        return 0;
    fill_in_records(writer);
    size_t size = writer->record_count * sizeof *part->records;
    part->records = capped_arena_alloc(&writer->arena, size);
    if (!part->records)
        return operations_no_memory(err);
    if (size)
        memcpy(part->records, writer->records, size);
    part->record_count = writer->record_count;
    writer->record_count = 0;
    process_table_clear(&writer->processes);
    return 0;
}

int operations_begin_part(struct operations_writer *writer, uint32_t number, struct errbuf *err)
{
    assert(!writer->part || writer->part->number < number);
    if (number >= OPERATIONS_PARTS_MAX)
        return errbuf_set(err, ERR_INPUT, "the history is too long: it would have over %d parts",
                          OPERATIONS_PARTS_MAX);
    int rc = operations_end_part(writer, err);
    if (rc != 0)
        return rc;
    struct operations_part *part = capped_arena_alloc(&writer->arena, sizeof *part);
    if (!part)
        return operations_no_memory(err);
    *part = (struct operations_part){.writer = writer, .number = number};
    if (writer->part)
        writer->part->next = part;
    else
        writer->first_part = part;
    writer->part = part;
    return 0;
}

void operations_drop_part(struct operations *all, uint32_t number)
{
    for (uint32_t w = 0; w < all->own->writer_count; w++)
        for (struct operations_part *part = all->own->writers[w]->first_part; part;
             part = part->next)
            if (part->number == number && !part->is_dropped)
                part->is_dropped = all->own->has_dropped = true;
}
