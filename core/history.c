#include "core/history.h"

#include "core/err.h"
#include "core/errbuf.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

void history_init(struct history *history)
{
    *history = (struct history){0};
    arena_init(&history->arena, 0);
}

void history_fini(struct history *history)
{
    free(history->ops);
    arena_fini(&history->arena);
    *history = (struct history){0};
}

static int grow(struct history *history, struct errbuf *err)
{
    if (history->count == UINT32_MAX)
        return errbuf_set(err, ERR_NOMEM, "a history holds at most %u events", UINT32_MAX);
    size_t capacity = history->capacity ? history->capacity * 2 : 256;
    struct op *ops = realloc(history->ops, capacity * sizeof *ops);
    if (!ops)
        return errbuf_set(err, ERR_NOMEM, "no memory for %zu events", capacity);
    history->ops = ops;
    history->capacity = capacity;
    return 0;
}

int history_append(struct history *history, const struct op *op, struct errbuf *err)
{
    if (history->count == history->capacity) {
        int rc = grow(history, err);
        if (rc != 0)
            return rc;
    }
    struct op copy = *op;
    copy.index = (int64_t)history->count;
    if (value_copy(&history->arena, op->key, &copy.key) != 0 ||
        value_copy(&history->arena, op->value, &copy.value) != 0)
        return errbuf_set(err, ERR_NOMEM, "no memory for the value of event %zu", history->count);
    if (op->error) {
        copy.error = arena_strdup(&history->arena, op->error);
        if (!copy.error)
            return errbuf_set(err, ERR_NOMEM, "no memory for the error of event %zu",
                              history->count);
    }
    history->ops[history->count++] = copy;
    return 0;
}

static int sink_take(void *context, const struct op *op, struct errbuf *err)
{
    return history_append(context, op, err);
}

struct op_sink history_sink(struct history *history)
{
    return (struct op_sink){.take = sink_take, .context = history};
}

/* What a process is doing, in an open-addressing table keyed by process. */
struct process_state {
    int32_t process;
    bool used;
    bool crashed;
    uint32_t open; /* its open invocation, or its last event if it crashed */
};

struct process_table {
    struct process_state *slots;
    size_t capacity; /* a power of two */
    size_t count;
};

static struct process_state *probe(struct process_state *slots, size_t capacity, int32_t process)
{
    size_t at = ((uint64_t)(uint32_t)process * 0x9e3779b97f4a7c15u >> 32) & (capacity - 1);
    while (slots[at].used && slots[at].process != process)
        at = (at + 1) & (capacity - 1);
    return &slots[at];
}

static int rehash(struct process_table *table)
{
    size_t capacity = table->capacity ? table->capacity * 2 : 64;
    struct process_state *slots = calloc(capacity, sizeof *slots);
    if (!slots)
        return -1;
    for (size_t i = 0; i < table->capacity; i++)
        if (table->slots[i].used)
            *probe(slots, capacity, table->slots[i].process) = table->slots[i];
    free(table->slots);
    table->slots = slots;
    table->capacity = capacity;
    return 0;
}

static struct process_state *find_process(struct process_table *table, int32_t process)
{
    if (table->count * 2 >= table->capacity && rehash(table) != 0)
        return NULL;
    struct process_state *state = probe(table->slots, table->capacity, process);
    if (!state->used) {
        *state = (struct process_state){.process = process, .used = true, .open = HISTORY_UNPAIRED};
        table->count++;
    }
    return state;
}

static int pair_invocation(struct process_state *state, const struct op *op, struct errbuf *err)
{
    if (state->crashed)
        return errbuf_set(err, ERR_INPUT,
                          "event %lld: process %d invokes %s, but it crashed (info) at event %u; "
                          "a crashed process must go on under a new number",
                          (long long)op->index, op->process, symbol_name(op->f), state->open);
    if (state->open != HISTORY_UNPAIRED)
        return errbuf_set(err, ERR_INPUT,
                          "event %lld: process %d invokes %s while its invocation at event %u is "
                          "still open; a process does one operation at a time",
                          (long long)op->index, op->process, symbol_name(op->f), state->open);
    state->open = (uint32_t)op->index;
    return 0;
}

static int pair_completion(const struct history *history, struct process_state *state,
                           const struct op *op, uint32_t *partner, struct errbuf *err)
{
    if (state->crashed || state->open == HISTORY_UNPAIRED)
        return errbuf_set(
            err, ERR_INPUT, "event %lld: process %d completes %s (%s), but has no open invocation",
            (long long)op->index, op->process, symbol_name(op->f), op_type_name(op->type));
    const struct op *invoke = &history->ops[state->open];
    if (invoke->f != op->f)
        return errbuf_set(err, ERR_INPUT,
                          "event %lld: process %d completes %s, but it invoked %s at event %u",
                          (long long)op->index, op->process, symbol_name(op->f),
                          symbol_name(invoke->f), state->open);
    partner[state->open] = (uint32_t)op->index;
    partner[op->index] = state->open;
    state->crashed = op->type == OP_INFO;
    state->open = state->crashed ? (uint32_t)op->index : HISTORY_UNPAIRED;
    return 0;
}

int history_pair(const struct history *history, uint32_t **partner, struct errbuf *err)
{
    uint32_t *result = malloc((history->count ? history->count : 1) * sizeof *result);
    if (!result)
        return errbuf_set(err, ERR_NOMEM, "no memory to pair %zu events", history->count);
    for (size_t i = 0; i < history->count; i++)
        result[i] = HISTORY_UNPAIRED;
    struct process_table table = {0};
    int rc = 0;
    for (size_t i = 0; i < history->count && rc == 0; i++) {
        const struct op *op = &history->ops[i];
        if (op->process < 0)
            continue;
        struct process_state *state = find_process(&table, op->process);
        if (!state)
            rc = errbuf_set(err, ERR_NOMEM, "no memory to pair %zu events", history->count);
        else if (op->type == OP_INVOKE)
            rc = pair_invocation(state, op, err);
        else
            rc = pair_completion(history, state, op, result, err);
    }
    free(table.slots);
    if (rc != 0) {
        free(result);
        return rc;
    }
    *partner = result;
    return 0;
}
