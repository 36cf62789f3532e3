/* Filling: events of one part after the other, each operation appended to the list of its key and
 * completed through its process' record.
 *
 * A part is read without knowing the parts before it. So the first event of a process in a part is
 * not judged but kept, and every later one is; operations_finish judges the first ones. */
#include "core/operations_internal.h"

#include "core/err.h"
#include "core/errbuf.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static int no_memory(struct errbuf *err)
{
    return errbuf_set(err, ERR_NOMEM, "no memory for the operations of the history");
}

/* Room for one more item in an array that doubles. */
static bool make_room(struct operations_own *own, void **items, uint32_t count, uint32_t *capacity,
                      size_t size)
{
    if (count < *capacity)
        return true;
    if (count >= UINT32_MAX / 2)
        return false;
    uint32_t larger = *capacity ? *capacity * 2 : 8;
    void *moved = operations_resize(own, *items, *capacity * size, larger * size);
    if (!moved)
        return false;
    *items = moved;
    *capacity = larger;
    return true;
}

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
        return no_memory(err);
    pthread_mutex_lock(&own->lock);
    void *writers = own->writers;
    bool has_room = make_room(own, &writers, own->writer_count, &own->writer_capacity,
                              sizeof(struct operations_writer *));
    own->writers = writers;
    if (has_room) {
        writer->number = own->writer_count++;
        own->writers[writer->number] = writer;
    }
    pthread_mutex_unlock(&own->lock);
    if (!has_room) {
        operations_free_writer(writer);
        return no_memory(err);
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

/* --- processes --- */

/* The first event of a process in this part. False without memory. */
static bool add_record(struct operations_writer *writer, const struct operation_event *event,
                       position at)
{
    void *records = writer->records;
    if (!make_room(writer->own, &records, writer->record_count, &writer->record_capacity,
                   sizeof *writer->records))
        return false;
    writer->records = records;
    writer->records[writer->record_count++] = (struct process_record){.process = event->process,
                                                                      .first = at,
                                                                      .first_f = event->f,
                                                                      .first_type = event->type,
                                                                      .has_key = event->has_key,
                                                                      .key = event->key,
                                                                      .value = event->value};
    return true;
}

/* The last event of a process that is open or crashed, in an operation it invoked in this part. */
static position doing_since(const struct process_slot *slot)
{
    return slot->doing == DOES_CRASHED ? slot->op->complete : slot->op->invoke;
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
        return no_memory(err);
    part->times = time_column_pack(&writer->times, times);
    time_column_reset(&writer->times);
    if (writer->is_sequential)
        return 0;
    fill_in_records(writer);
    size_t size = writer->record_count * sizeof *part->records;
    part->records = capped_arena_alloc(&writer->arena, size);
    if (!part->records)
        return no_memory(err);
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
        return no_memory(err);
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

/* --- keys --- */

static uint32_t *probe_key(const struct operations_writer *writer, uint32_t *slots,
                           uint32_t capacity, value_ref key)
{
    uint32_t i = hash32(key) & (capacity - 1);
    while (slots[i] && writer->lists[slots[i] - 1].key != key)
        i = (i + 1) & (capacity - 1);
    return &slots[i];
}

static bool grow_keys(struct operations_writer *writer)
{
    uint32_t capacity = writer->by_key_capacity ? writer->by_key_capacity * 2 : 16;
    uint32_t *slots = operations_resize(writer->own, NULL, 0, capacity * sizeof *slots);
    if (!slots)
        return false;
    memset(slots, 0, capacity * sizeof *slots);
    for (uint32_t i = 0; i < writer->list_count; i++)
        if (writer->lists[i].has_key)
            *probe_key(writer, slots, capacity, writer->lists[i].key) = i + 1;
    operations_release(writer->own, writer->by_key, writer->by_key_capacity * sizeof *slots);
    writer->by_key = slots;
    writer->by_key_capacity = capacity;
    return true;
}

static bool add_list(struct operations_writer *writer, const struct operation_event *event,
                     position at)
{
    void *lists = writer->lists;
    if (!make_room(writer->own, &lists, writer->list_count, &writer->list_capacity,
                   sizeof *writer->lists))
        return false;
    writer->lists = lists;
    writer->lists[writer->list_count++] =
        (struct operations_list){.key = event->key, .has_key = event->has_key, .first = at};
    return true;
}

/* The number of the list of the event's key; UINT32_MAX without memory. */
static uint32_t find_list(struct operations_writer *writer, const struct operation_event *event,
                          position at)
{
    uint32_t *slot = &writer->keyless;
    if (event->has_key) {
        if (writer->list_count * 2 >= writer->by_key_capacity && !grow_keys(writer))
            return UINT32_MAX;
        slot = probe_key(writer, writer->by_key, writer->by_key_capacity, event->key);
    }
    if (*slot == 0) {
        if (!add_list(writer, event, at))
            return UINT32_MAX;
        *slot = writer->list_count;
    }
    return *slot - 1;
}

static bool add_block(struct operations_writer *writer, struct operations_list *list)
{
    uint32_t capacity = list->tail ? list->tail->capacity * 2 : BLOCK_MIN;
    capacity = capacity < BLOCK_MAX ? capacity : BLOCK_MAX;
    struct operations_block *block =
        capped_arena_alloc(&writer->arena, sizeof *block + capacity * sizeof block->ops[0]);
    if (!block)
        return false;
    block->next = NULL;
    block->count = block->capacity = capacity;
    list->next = block->ops;
    list->end = block->ops + capacity;
    if (list->tail)
        list->tail->next = block;
    else
        list->head = block;
    list->tail = block;
    return true;
}

/* --- events --- */

static bool add_invocation(struct operations_writer *writer, struct process_slot *slot,
                           const struct operation_event *event, position at)
{
    uint32_t number = find_list(writer, event, at);
    if (number == UINT32_MAX)
        return false;
    struct operations_list *list = &writer->lists[number];
    if (list->next == list->end && !add_block(writer, list))
        return false;
    struct operation *op = list->next++;
    *op = (struct operation){.invoke = at,
                             .complete = POSITION_NONE,
                             .process = event->process,
                             .argument = event->value,
                             .result = VALUE_REF_NIL,
                             .f = event->f,
                             .outcome = OP_INFO};
    __builtin_prefetch((const char *)op + 2 * sizeof *op, 1); /* where the next one goes */
    list->count++;
    slot->op = op;
    slot->doing = DOES_OPEN + number;
    return true;
}

static void note_other_completion(const struct operation *op, const struct operations_list *list,
                                  const struct operation_event *event, position at,
                                  struct misstep *out)
{
    *out = (struct misstep){
        .kind = op->f != event->f ? COMPLETES_OTHER_F : COMPLETES_OTHER_KEY,
        .at = at,
        .earlier = op->invoke,
        .process = event->process,
        .f = event->f,
        .earlier_f = op->f,
        .has_key = event->has_key,
        .earlier_has_key = list->has_key,
        .key = event->key,
        .earlier_key = list->key,
    };
}

bool operations_completes(const struct operation *op, const struct operations_list *list,
                          const struct operation_event *event, position at, struct misstep *out)
{
    if (op->f == event->f && list->has_key == event->has_key &&
        (!event->has_key || list->key == event->key))
        return true;
    note_other_completion(op, list, event, at, out);
    return false;
}

enum process_doing operations_complete(struct operation *op, struct operations_list *list,
                                       const struct operation_event *event, position at)
{
    op->complete = at;
    op->result = event->value;
    op->outcome = event->type;
    list->ok += event->type == OP_OK;
    list->failed += event->type == OP_FAIL;
    return event->type == OP_INFO ? DOES_CRASHED : DOES_NOTHING;
}

static void note_misstep(struct operations_writer *writer, enum misstep_kind kind, position earlier,
                         const struct operation_event *event, position at)
{
    writer->part->misstep = (struct misstep){.kind = kind,
                                             .at = at,
                                             .earlier = earlier,
                                             .process = event->process,
                                             .f = event->f,
                                             .type = event->type};
}

/* Where a process that crashed or is open last did something. */
static position last_position(const struct operations_writer *writer,
                              const struct process_slot *slot)
{
    if (slot->op)
        return doing_since(slot);
    uint32_t i = 0; /* it crashed with its first event in this part */
    while (writer->records[i].process != slot->process)
        i++;
    return writer->records[i].first;
}

/* An event of a process that has done something in this part already, or ever (sequential). */
static bool add_next_event(struct operations_writer *writer, struct process_slot *slot,
                           const struct operation_event *event, position at)
{
    if (event->type == OP_INVOKE) {
        if (slot->doing == DOES_NOTHING)
            return add_invocation(writer, slot, event, at);
        note_misstep(writer, slot->doing == DOES_CRASHED ? INVOKES_AFTER_CRASH : INVOKES_WHILE_OPEN,
                     last_position(writer, slot), event, at);
    } else if (slot->doing < DOES_OPEN) {
        note_misstep(writer, COMPLETES_NOTHING, at, event, at);
    } else {
        struct operations_list *list = &writer->lists[slot->doing - DOES_OPEN];
        if (operations_completes(slot->op, list, event, at, &writer->part->misstep))
            slot->doing = operations_complete(slot->op, list, event, at);
    }
    return true;
}

/* The first event of a process in this part: a completion is kept for operations_finish. */
static bool add_first_event(struct operations_writer *writer, struct process_slot *slot,
                            const struct operation_event *event, position at)
{
    if (!add_record(writer, event, at))
        return false;
    *slot = (struct process_slot){.process = event->process, .doing = DOES_NOTHING};
    writer->processes.count++;
    if (event->type == OP_INVOKE)
        return add_invocation(writer, slot, event, at);
    if (writer->is_sequential)
        note_misstep(writer, COMPLETES_NOTHING, at, event, at);
    else if (event->type == OP_INFO)
        slot->doing = DOES_CRASHED;
    return true;
}

static bool add_client_event(struct operations_writer *writer, const struct operation_event *event,
                             position at)
{
    if (!process_table_has_room(&writer->processes) &&
        !process_table_grow(&writer->processes, writer->own))
        return false;
    struct process_slot *slot = process_table_find(&writer->processes, event->process);
    return slot->doing != DOES_UNKNOWN ? add_next_event(writer, slot, event, at)
                                       : add_first_event(writer, slot, event, at);
}

static bool add_other(struct operations_writer *writer, const struct operation_event *event,
                      const char *error, position at)
{
    void *others = writer->others;
    if (!make_room(writer->own, &others, writer->other_count, &writer->other_capacity,
                   sizeof *writer->others))
        return false;
    writer->others = others;
    struct op op = {.time_ns = event->time_ns,
                    .process = event->process,
                    .f = event->f,
                    .type = event->type,
                    .has_key = event->has_key,
                    .value = value_pool_get(writer->values, event->value),
                    .error = error};
    if (event->has_key)
        op.key = value_pool_get(writer->values, event->key);
    writer->others[writer->other_count++] = (struct operations_other){at, op};
    return true;
}

/* *kept is its text in the pool. */
static bool add_error(struct operations_writer *writer, const char *error, position at,
                      const char **kept)
{
    value_ref text = value_pool_intern(writer->values, value_string(error));
    void *errors = writer->errors;
    if (text == VALUE_REF_NOMEM || !make_room(writer->own, &errors, writer->error_count,
                                              &writer->error_capacity, sizeof *writer->errors))
        return false;
    writer->errors = errors;
    writer->errors[writer->error_count++] = (struct operations_error){at, text};
    *kept = value_pool_get(writer->values, text).text;
    return true;
}

/* As time_column_add, where it may grow. */
static bool add_time(struct operations_writer *writer, int64_t time_ns)
{
    size_t before = time_column_capacity(&writer->times);
    if (time_column_add(&writer->times, time_ns) != 0)
        return false;
    size_t grown = time_column_capacity(&writer->times) - before;
    if (grown == 0)
        return true;
    /* Growing is rare, and freeing gives back what is there: what was not taken is taken anyway. */
    bool fits = byte_cap_take(&writer->own->cap, grown);
    if (!fits)
        atomic_fetch_add(&writer->own->cap.bytes_used, grown);
    return fits;
}

static int add(struct operations_writer *writer, const struct operation_event *event,
               struct errbuf *err)
{
    struct operations_part *part = writer->part;
    assert(part);
    if (part->misstep.kind != MISSTEP_NONE)
        return 0;
    if (part->count >= writer->own->part_events)
        return errbuf_set(err, ERR_INPUT, "more than %u events in one part of the text",
                          writer->own->part_events);
    position at = part->number << OPERATIONS_PART_BITS | part->count;
    const char *error = NULL;
    bool ok = !event->error || add_error(writer, event->error, at, &error);
    ok = ok && (event->process >= 0 ? add_client_event(writer, event, at)
                                    : add_other(writer, event, error, at));
    if (!ok || (!time_column_add_usual(&writer->times, event->time_ns) &&
                !add_time(writer, event->time_ns)))
        return no_memory(err);
    part->count++;
    return 0;
}

int operations_add(struct operations_writer *writer, const struct operation_event *event,
                   struct errbuf *err)
{
    return operations_add_all(writer, event, 1, err);
}

int operations_add_all(struct operations_writer *writer, const struct operation_event *events,
                       uint32_t count, struct errbuf *err)
{
    for (uint32_t i = 0; i < count; i++)
        process_table_prefetch(&writer->processes, events[i].process);
    int rc = 0;
    for (uint32_t i = 0; i < count && rc == 0; i++)
        rc = add(writer, &events[i], err);
    return rc;
}

/* --- one after the other --- */

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

int operations_append(struct operations *all, const struct op *op, struct errbuf *err)
{
    struct operations_own *own = all->own;
    struct operations_writer *writer = own->sequential;
    if (!writer || !writer->part || writer->part->count == own->part_events) {
        int rc = begin_next_part(all, err);
        if (rc != 0)
            return rc;
        writer = own->sequential;
    }
    struct operation_event event = {.time_ns = op->time_ns,
                                    .process = op->process,
                                    .f = op->f,
                                    .type = op->type,
                                    .has_key = op->has_key,
                                    .value = value_pool_intern(all->values, op->value),
                                    .error = op->error};
    if (op->has_key)
        event.key = value_pool_intern(all->values, op->key);
    if (event.value == VALUE_REF_NOMEM || event.key == VALUE_REF_NOMEM)
        return no_memory(err);
    int rc = operations_add(writer, &event, err);
    const struct misstep *misstep = &writer->part->misstep;
    if (rc == 0 && misstep->kind != MISSTEP_NONE)
        rc = operations_misstep_error(all, misstep, index_of(own, misstep->at),
                                      index_of(own, misstep->earlier), err);
    return rc;
}
