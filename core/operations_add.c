/* Filling: events of one part after the other, each operation appended to the list of its key and
 * completed through its process' slot.
 *
 * A part is read without knowing the parts before it. So the first event of a process in a part is
 * not judged but kept, and every later one is; operations_finish judges the first ones. */
#include "core/operations_internal.h"

#include "core/err.h"
#include "core/errbuf.h"
#include "core/micro_ops.h"

#include <assert.h>
#include <string.h>

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
    if (!operations_make_room(writer->own, &lists, writer->list_count, &writer->list_capacity,
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

/* --- operations --- */

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
                                  enum misstep_kind kind, struct misstep *out)
{
    *out = (struct misstep){
        .kind = kind,
        .at = at,
        .earlier = op->invoke,
        .process = event->process,
        .f = event->f,
        .earlier_f = op->f,
        .has_key = event->has_key,
        .earlier_has_key = list->has_key,
        .key = event->key,
        .earlier_key = list->key,
        .value = event->value,
        .earlier_value = op->argument,
    };
}

bool operations_completes(const struct value_pool *values, const struct operation *op,
                          const struct operations_list *list, const struct operation_event *event,
                          position at, struct misstep *out)
{
    enum misstep_kind kind = MISSTEP_NONE;
    if (op->f != event->f)
        kind = COMPLETES_OTHER_F;
    else if (list->has_key != event->has_key || (event->has_key && list->key != event->key))
        kind = COMPLETES_OTHER_KEY;
    else if (event->type == OP_OK && micro_ops_is(event->value) && micro_ops_is(op->argument) &&
             !micro_ops_answer(values, op->argument, event->value))
        kind = COMPLETES_OTHER_MICROS;
    if (kind != MISSTEP_NONE)
        note_other_completion(op, list, event, at, kind, out);
    return kind == MISSTEP_NONE;
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
        if (operations_completes(writer->values, slot->op, list, event, at, &writer->part->misstep))
            slot->doing = operations_complete(slot->op, list, event, at);
    }
    return true;
}

/* The first event of a process in this part. False without memory. */
static bool add_record(struct operations_writer *writer, const struct operation_event *event,
                       position at)
{
    void *records = writer->records;
    if (!operations_make_room(writer->own, &records, writer->record_count, &writer->record_capacity,
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

/* --- events --- */

static bool add_other(struct operations_writer *writer, const struct operation_event *event,
                      const char *error, position at)
{
    void *others = writer->others;
    if (!operations_make_room(writer->own, &others, writer->other_count, &writer->other_capacity,
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
    if (text == VALUE_REF_NOMEM ||
        !operations_make_room(writer->own, &errors, writer->error_count, &writer->error_capacity,
                              sizeof *writer->errors))
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
        return operations_no_memory(err);
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
