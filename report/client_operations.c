#include "report/client_operations.h"

#include "core/err.h"
#include "core/errbuf.h"
#include "core/history_jsonl.h"
#include "core/operations.h"

#include <stdlib.h>
#include <string.h>

enum { SLOTS_MIN = 256 };

/* Later than any clock says; sums and differences of times below it do not overflow. */
static const int64_t time_max_ns = INT64_MAX / 4;

/* The last operation of each process: open addressing, nothing is ever removed. */
struct reading {
    struct client_operations *out;
    uint32_t *slots; /* operation + 1; 0 = empty */
    size_t slot_count, used;
};

static uint32_t *find_slot(const struct reading *reading, int32_t process)
{
    size_t mask = reading->slot_count - 1;
    size_t at = (uint32_t)process * 2654435769u & mask;
    while (reading->slots[at] != 0 &&
           reading->out->items[reading->slots[at] - 1].process != process)
        at = (at + 1) & mask;
    return &reading->slots[at];
}

static int grow_slots(struct reading *reading)
{
    struct reading larger = *reading;
    larger.slot_count = reading->slot_count ? 2 * reading->slot_count : SLOTS_MIN;
    larger.slots = calloc(larger.slot_count, sizeof *larger.slots);
    if (!larger.slots)
        return -1;
    for (size_t i = 0; i < reading->slot_count; i++)
        if (reading->slots[i] != 0)
            *find_slot(&larger, reading->out->items[reading->slots[i] - 1].process) =
                reading->slots[i];
    free(reading->slots);
    *reading = larger;
    return 0;
}

static int grow_items(struct client_operations *out)
{
    size_t capacity = out->capacity ? 2 * out->capacity : 4096;
    struct client_operation *more = realloc(out->items, capacity * sizeof *more);
    if (!more)
        return -1;
    out->items = more;
    out->capacity = capacity;
    return 0;
}

static int64_t sane_time(int64_t time_ns)
{
    return time_ns < 0 ? -1 : time_ns < time_max_ns ? time_ns : time_max_ns;
}

static int take_invocation(struct reading *reading, const struct op *op, struct errbuf *err)
{
    struct client_operations *out = reading->out;
    if ((out->count == out->capacity && grow_items(out) != 0) ||
        (2 * reading->used >= reading->slot_count && grow_slots(reading) != 0) ||
        out->count >= OPERATION_OPEN - 1)
        return errbuf_set(err, ERR_NOMEM, "no memory for %zu operations", out->count);
    uint32_t *slot = find_slot(reading, op->process);
    uint64_t hash = op->has_key ? value_hash(op->key) : 0;
    reading->used += *slot == 0;
    out->items[out->count++] = (struct client_operation){
        .invoke_ns = sane_time(op->time_ns),
        .complete_ns = -1,
        .invoke_index = (uint32_t)op->index,
        .complete_index = OPERATION_OPEN,
        .process = op->process,
        .key_hash = op->has_key ? (uint32_t)(hash ^ hash >> 32) : 0,
        .f = op->f,
        .type = OP_INVOKE,
    };
    *slot = (uint32_t)out->count;
    return 0;
}

static void take_completion(struct reading *reading, const struct op *op)
{
    if (reading->slot_count == 0)
        return;
    uint32_t slot = *find_slot(reading, op->process);
    if (slot == 0 || reading->out->items[slot - 1].type != OP_INVOKE)
        return;
    struct client_operation *operation = &reading->out->items[slot - 1];
    operation->complete_ns = sane_time(op->time_ns);
    operation->complete_index = (uint32_t)op->index;
    operation->type = op->type;
}

static int take(void *context, const struct op *op, struct errbuf *err)
{
    struct reading *reading = context;
    if (sane_time(op->time_ns) > reading->out->last_ns)
        reading->out->last_ns = sane_time(op->time_ns);
    if (op->process < 0)
        return 0;
    if (op->index >= OPERATION_OPEN)
        return errbuf_set(err, ERR_NOMEM, "a history of more than 4 billion events");
    if (op->type == OP_INVOKE)
        return take_invocation(reading, op, err);
    take_completion(reading, op);
    return 0;
}

int client_operations_read(const char *text, size_t length, struct client_operations *out,
                           struct errbuf *err)
{
    *out = (struct client_operations){.last_ns = -1};
    struct reading reading = {.out = out};
    struct op_sink sink = {take, &reading};
    int rc = history_jsonl_read("history.jsonl", text, length, &sink, &out->truncated, err);
    free(reading.slots);
    return rc;
}

int client_operations_take(const struct operations *all, struct client_operations *out,
                           struct errbuf *err)
{
    *out = (struct client_operations){.last_ns = -1, .truncated = all->truncated};
    struct reading reading = {.out = out};
    struct op_sink sink = {take, &reading};
    int rc = operations_for_each_event(all, &sink, err);
    free(reading.slots);
    return rc;
}

void client_operations_fini(struct client_operations *operations)
{
    free(operations->items);
    *operations = (struct client_operations){0};
}

const struct client_operation *client_operations_find(const struct client_operations *operations,
                                                      uint32_t index)
{
    size_t low = 0, high = operations->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (operations->items[middle].invoke_index < index)
            low = middle + 1;
        else
            high = middle;
    }
    bool found = low < operations->count && operations->items[low].invoke_index == index;
    return found ? &operations->items[low] : NULL;
}

/* --- words --- */

struct wanted {
    uint32_t index; /* of the event */
    struct operation_words *words;
};

struct word_reading {
    struct wanted *wanted; /* ascending */
    size_t count, next;
    struct arena *arena;
};

static int compare_wanted(const void *a, const void *b)
{
    uint32_t left = ((const struct wanted *)a)->index, right = ((const struct wanted *)b)->index;
    return (left > right) - (left < right);
}

static int keep_words(struct operation_words *words, const struct op *op, struct arena *arena)
{
    bool invocation = op->type == OP_INVOKE;
    struct value *value = invocation ? &words->invoked : &words->completed;
    if (value_copy(arena, op->value, value) != 0)
        return -1;
    if (invocation && op->has_key && value_copy(arena, op->key, &words->key) != 0)
        return -1;
    if (op->error && !(words->error = arena_strdup(arena, op->error)))
        return -1;
    return 0;
}

/* Returns ERR_CANCELLED once everything was seen: nothing is left to read. */
static int take_words(void *context, const struct op *op, struct errbuf *err)
{
    struct word_reading *reading = context;
    while (reading->next < reading->count &&
           reading->wanted[reading->next].index == (uint32_t)op->index) {
        if (keep_words(reading->wanted[reading->next].words, op, reading->arena) != 0)
            return errbuf_set(err, ERR_NOMEM, "no memory for the operations to show");
        reading->next++;
    }
    return reading->next == reading->count ? ERR_CANCELLED : 0;
}

int client_operations_read_words(const char *text, size_t length, struct operation_words *words,
                                 size_t count, struct arena *arena, struct errbuf *err)
{
    struct word_reading reading = {.arena = arena};
    reading.wanted = arena_alloc(arena, 2 * count * sizeof *reading.wanted);
    if (!reading.wanted)
        return errbuf_set(err, ERR_NOMEM, "no memory for the operations to show");
    for (size_t i = 0; i < count; i++) {
        const struct client_operation *operation = words[i].operation;
        words[i] = (struct operation_words){.operation = operation};
        reading.wanted[reading.count++] = (struct wanted){operation->invoke_index, &words[i]};
        if (operation->complete_index != OPERATION_OPEN)
            reading.wanted[reading.count++] = (struct wanted){operation->complete_index, &words[i]};
    }
    if (reading.count == 0)
        return 0;
    qsort(reading.wanted, reading.count, sizeof *reading.wanted, compare_wanted);
    struct op_sink sink = {take_words, &reading};
    bool truncated;
    int rc = history_jsonl_read("history.jsonl", text, length, &sink, &truncated, err);
    return rc == ERR_NOMEM ? rc : 0;
}

static int find_words(const struct operations *all, struct operation_words *words,
                      struct arena *arena)
{
    const struct client_operation *operation = words->operation;
    struct operation op;
    uint32_t key;
    *words = (struct operation_words){.operation = operation};
    if (!operations_find(all, operations_position(all, operation->invoke_index), &key, &op))
        return 0;
    bool completed = op.complete != POSITION_NONE;
    const char *error = operations_error(all, completed ? op.complete : op.invoke);
    if (all->keys[key].has_key)
        words->key = value_pool_get(all->values, all->keys[key].key);
    words->invoked = value_pool_get(all->values, op.argument);
    if (completed)
        words->completed = value_pool_get(all->values, op.result);
    words->error = error ? arena_strdup(arena, error) : NULL;
    return error && !words->error ? ERR_NOMEM : 0;
}

int client_operations_find_words(const struct operations *all, struct operation_words *words,
                                 size_t count, struct arena *arena, struct errbuf *err)
{
    for (size_t i = 0; i < count; i++)
        if (find_words(all, &words[i], arena) != 0)
            return errbuf_set(err, ERR_NOMEM, "no memory for the operations to show");
    return 0;
}
