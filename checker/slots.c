#include "checker/slots.h"

#include "checker/budget.h"

#include <string.h>

/* --- classes of identical crashed calls --- */

static bool same_op(const struct model_op *a, const struct model_op *b)
{
    return memcmp(a, b, sizeof *a) == 0; /* no byte of them is left unset */
}

static uint32_t hash_op(const struct model_op *op)
{
    uint64_t h = ((uint64_t)(uint32_t)op->needs << 32 | (uint32_t)op->gives) ^ op->code;
    h = (h ^ (uint64_t)(uint32_t)op->avoids << 16) * 0x9fb21c651e98df25u;
    h ^= (uint64_t)(uint32_t)op->argument << 32 | (uint32_t)op->result;
    h = (h ^ h >> 29) * 0x9fb21c651e98df25u;
    return (uint32_t)(h >> 32);
}

static void chain_class(struct slots *slots, uint32_t index)
{
    struct slot_class *class = &slots->classes[index];
    if (class->op.gives == MODEL_NONE)
        return;
    class->next_same_gives = slots->gives_first[class->op.gives];
    slots->gives_first[class->op.gives] = index + 1;
}

/* table has at least twice as many slots as there are crashed calls. */
static uint32_t find_class(struct slots *slots, const struct model_op *op, uint32_t *table,
                           uint32_t mask)
{
    uint32_t at = hash_op(op) & mask;
    while (table[at] != 0 && !same_op(&slots->classes[table[at] - 1].op, op))
        at = (at + 1) & mask;
    if (table[at] == 0) {
        slots->classes[slots->class_count] = (struct slot_class){.op = *op};
        chain_class(slots, slots->class_count);
        table[at] = ++slots->class_count;
    }
    return table[at] - 1;
}

static int make_classes(struct slots *slots)
{
    uint32_t table_size = 16;
    while (table_size < slots->crashed_count * 2)
        table_size *= 2;
    uint32_t *table = budget_zalloc(slots->budget, table_size * sizeof *table);
    if (!table)
        return -1;
    for (uint32_t i = 0; i < slots->calls->count; i++) {
        const struct call *call = &slots->calls->calls[i];
        if (call->returns)
            continue;
        slots->class_of[i] = find_class(slots, &call->op, table, table_size - 1);
        slots->classes[slots->class_of[i]].size++;
        slots->classes[slots->class_of[i]].endless |= call->endless;
    }
    budget_free(slots->budget, table, table_size * sizeof *table);
    uint32_t first = 0;
    for (uint32_t i = 0; i < slots->class_count; i++) {
        slots->classes[i].members = slots->members + first;
        first += slots->classes[i].size;
    }
    return 0;
}

/* --- set-up --- */

/* The most live calls open at once. */
static uint32_t measure_concurrency(const struct calls *calls)
{
    uint32_t open = 0, most = 0;
    for (uint32_t i = 0; i < calls->event_count; i++) {
        uint32_t event = calls->events[i];
        if (event_is_return(event))
            open--;
        else if (calls->calls[event_call(event)].returns)
            open++;
        most = open > most ? open : most;
    }
    return most;
}

static int allocate(struct slots *slots)
{
    struct budget *budget = slots->budget;
    uint32_t calls = slots->calls->count, crashed = slots->crashed_count;
    size_t word = sizeof(uint32_t);
    slots->slot_of = budget_alloc(budget, calls * word);
    slots->class_of = budget_alloc(budget, calls * word);
    slots->live = budget_alloc(budget, slots->live_count * word);
    slots->live_free = budget_alloc(budget, slots->live_count * word);
    slots->classes = budget_alloc(budget, crashed * sizeof *slots->classes);
    slots->members = budget_alloc(budget, crashed * word);
    slots->crash_free = budget_alloc(budget, crashed * word);
    slots->lowered = budget_alloc(budget, (crashed + 1) * word);
    slots->changes = budget_alloc(budget, (crashed + 1) * 2 * word);
    slots->gives_first = budget_zalloc(budget, slots->value_count * word);
    slots->demand = budget_alloc(budget, slots->value_count * word);
    bool all = slots->slot_of && slots->class_of && slots->live && slots->live_free &&
               slots->classes && slots->members && slots->crash_free && slots->lowered &&
               slots->changes && slots->gives_first && slots->demand;
    return all ? 0 : -1;
}

void slots_fini(struct slots *slots)
{
    struct budget *budget = slots->budget;
    uint32_t calls = slots->calls->count, crashed = slots->crashed_count;
    size_t word = sizeof(uint32_t);
    budget_free(budget, slots->slot_of, calls * word);
    budget_free(budget, slots->class_of, calls * word);
    budget_free(budget, slots->live, slots->live_count * word);
    budget_free(budget, slots->live_free, slots->live_count * word);
    budget_free(budget, slots->classes, crashed * sizeof *slots->classes);
    budget_free(budget, slots->members, crashed * word);
    budget_free(budget, slots->crash_free, crashed * word);
    budget_free(budget, slots->lowered, (crashed + 1) * word);
    budget_free(budget, slots->changes, (crashed + 1) * 2 * word);
    budget_free(budget, slots->gives_first, slots->value_count * word);
    budget_free(budget, slots->demand, slots->value_count * word);
}

/* Back to before the first event. Slots are handed out lowest first. */
static void rewind_slots(struct slots *slots)
{
    slots->live_free_count = slots->live_count;
    for (uint32_t i = 0; i < slots->live_count; i++) {
        slots->live[i] = SLOT_NONE;
        slots->live_free[i] = slots->live_count - 1 - i;
    }
    slots->crash_free_count = 0;
    for (uint32_t i = 0; i < slots->class_count; i++)
        slots->classes[i].head = slots->classes[i].tail = 0;
    memset(slots->demand, 0, slots->value_count * sizeof *slots->demand);
    slots->avoid_demand = 0;
    for (uint32_t i = 0; i < slots->calls->count; i++) {
        const struct model_op *op = &slots->calls->calls[i].op;
        if (op->needs != MODEL_NONE)
            slots->demand[op->needs]++;
        slots->avoid_demand += op->avoids != MODEL_NONE;
    }
    slots->change_count = slots->lowered_count = 0;
}

int slots_init(struct slots *slots, const struct calls *calls, uint32_t value_count,
               struct budget *budget)
{
    *slots = (struct slots){.budget = budget, .calls = calls, .value_count = value_count};
    for (uint32_t i = 0; i < calls->count; i++)
        slots->crashed_count += !calls->calls[i].returns;
    slots->live_count = measure_concurrency(calls);
    if (allocate(slots) != 0 || make_classes(slots) != 0) {
        slots_fini(slots);
        return -1;
    }
    rewind_slots(slots);
    for (uint32_t i = 0; slots->crashed_count > 0 && i < calls->event_count; i++) {
        uint32_t event = calls->events[i];
        if (event_is_return(event))
            slots_return(slots, event_call(event));
        else
            slots_invoke(slots, event_call(event));
    }
    rewind_slots(slots);
    uint32_t crash_count = slots->crash_count;
    for (uint32_t i = 0; i < crash_count; i++)
        slots->crash_free[slots->crash_free_count++] = crash_count - 1 - i;
    return 0;
}

/* --- demand --- */

static void retire_earliest(struct slots *slots, struct slot_class *class)
{
    uint32_t slot = class->members[class->head++];
    slots->crash_free[slots->crash_free_count++] = slot;
    slots->changes[slots->change_count++] = slot << 1;
    if (class->op.needs != MODEL_NONE) {
        slots->demand[class->op.needs]--;
        slots->lowered[slots->lowered_count++] = (uint32_t) class->op.needs;
    }
}

static void trim_class(struct slots *slots, struct slot_class *class)
{
    if (class->op.opaque || class->op.gives == MODEL_NONE)
        return;
    uint32_t wanted = slots->demand[class->op.gives] + slots->avoid_demand;
    while (class->tail - class->head > wanted)
        retire_earliest(slots, class);
}

/* Retiring a call lowers the demand for what it needs, and so on. */
static void settle_demand(struct slots *slots)
{
    while (slots->lowered_count > 0) {
        uint32_t value = slots->lowered[--slots->lowered_count];
        for (uint32_t i = slots->gives_first[value]; i; i = slots->classes[i - 1].next_same_gives)
            trim_class(slots, &slots->classes[i - 1]);
    }
}

/* --- events --- */

static uint32_t take_crash_slot(struct slots *slots)
{
    if (slots->crash_free_count > 0)
        return slots->crash_free[--slots->crash_free_count];
    return slots->crash_count++;
}

void slots_invoke(struct slots *slots, uint32_t call)
{
    slots->change_count = 0;
    if (slots->calls->calls[call].returns) {
        uint32_t slot = slots->live_free[--slots->live_free_count];
        slots->live[slot] = call;
        slots->slot_of[call] = slot;
        return;
    }
    struct slot_class *class = &slots->classes[slots->class_of[call]];
    uint32_t slot = take_crash_slot(slots);
    class->members[class->tail++] = slot;
    slots->changes[slots->change_count++] = slot << 1 | 1;
    trim_class(slots, class);
    settle_demand(slots);
}

void slots_return(struct slots *slots, uint32_t call)
{
    const struct model_op *op = &slots->calls->calls[call].op;
    slots->change_count = 0;
    slots->live[slots->slot_of[call]] = SLOT_NONE;
    slots->live_free[slots->live_free_count++] = slots->slot_of[call];
    if (op->needs != MODEL_NONE) {
        slots->demand[op->needs]--;
        slots->lowered[slots->lowered_count++] = (uint32_t)op->needs;
    }
    if (op->avoids != MODEL_NONE) {
        slots->avoid_demand--;
        for (uint32_t i = 0; i < slots->class_count; i++)
            trim_class(slots, &slots->classes[i]);
    }
    settle_demand(slots);
}

uint32_t slots_next_of_class(const struct slot_class *class, const uint64_t *open)
{
    uint32_t low = class->head, high = class->tail; /* the first member that is open, if any */
    while (low < high) {
        uint32_t middle = low + (high - low) / 2, slot = class->members[middle];
        if (open[slot / 64] >> (slot % 64) & 1)
            high = middle;
        else
            low = middle + 1;
    }
    return low < class->tail ? class->members[low] : SLOT_NONE;
}
