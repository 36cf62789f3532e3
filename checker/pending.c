#include "checker/pending.h"

#include "checker/budget.h"

#include <string.h>

enum { FIRST_COUNT = 16 };

/* --- arrays that grow --- */

/* Room for one more item after `count`. */
static int reserve(struct budget *budget, void *array, uint32_t count, uint32_t *capacity,
                   size_t size)
{
    if (count < *capacity)
        return 0;
    uint32_t more = *capacity ? *capacity * 2 : FIRST_COUNT;
    void *old;
    memcpy(&old, array, sizeof old);
    void *moved = budget_resize(budget, old, *capacity * size, more * size);
    if (!moved)
        return -1;
    memcpy(array, &moved, sizeof moved);
    *capacity = more;
    return 0;
}

/* --- demand --- */

int demand_init(struct demand *demand, struct budget *budget, uint32_t value_count)
{
    *demand = (struct demand){.budget = budget, .value_count = value_count};
    demand->by_value = budget_zalloc(budget, value_count * sizeof *demand->by_value);
    return demand->by_value ? 0 : -1;
}

void demand_fini(struct demand *demand)
{
    budget_free(demand->budget, demand->by_value, demand->value_count * sizeof *demand->by_value);
    budget_free(demand->budget, demand->log, demand->log_capacity * sizeof *demand->log);
    *demand = (struct demand){.budget = demand->budget};
}

static int lower_demand(struct demand *demand, uint32_t value, uint32_t by)
{
    for (uint32_t i = 0; i < by; i++) {
        if (reserve(demand->budget, &demand->log, demand->log_count, &demand->log_capacity,
                    sizeof *demand->log) != 0)
            return -1;
        demand->log[demand->log_count++] = value;
    }
    if (value == DEMAND_AVOIDING)
        demand->avoiding -= by;
    else
        demand->by_value[value] -= by;
    return 0;
}

void demand_rewind(struct demand *demand, uint32_t mark)
{
    while (demand->log_count > mark) {
        uint32_t value = demand->log[--demand->log_count];
        if (value == DEMAND_AVOIDING)
            demand->avoiding++;
        else
            demand->by_value[value]++;
    }
}

/* --- set-up --- */

int pending_init(struct pending *pending, struct budget *budget, struct demand *demand)
{
    *pending = (struct pending){.budget = budget, .demand = demand, .bucket_count = FIRST_COUNT};
    pending->buckets = budget_zalloc(budget, FIRST_COUNT * sizeof *pending->buckets);
    if (demand)
        pending->gives_first =
            budget_zalloc(budget, demand->value_count * sizeof *pending->gives_first);
    if (pending->buckets && (!demand || pending->gives_first))
        return 0;
    pending_fini(pending);
    return -1;
}

void pending_fini(struct pending *pending)
{
    struct budget *budget = pending->budget;
    size_t word = sizeof(uint32_t);
    budget_free(budget, pending->slots, pending->slot_capacity * sizeof *pending->slots);
    budget_free(budget, pending->kinds, pending->kind_capacity * sizeof *pending->kinds);
    budget_free(budget, pending->buckets, pending->bucket_count * word);
    budget_free(budget, pending->bytes, pending->byte_capacity * word);
    if (pending->demand)
        budget_free(budget, pending->gives_first, pending->demand->value_count * word);
    budget_free(budget, pending->lowered, pending->lowered_capacity * word);
    budget_free(budget, pending->changes, pending->change_capacity * sizeof *pending->changes);
    *pending = (struct pending){.budget = budget};
}

/* --- kinds --- */

static bool same_op(const struct model_op *a, const struct model_op *b)
{
    return a->needs == b->needs && a->gives == b->gives && a->avoids == b->avoids &&
           a->code == b->code && a->argument == b->argument && a->result == b->result &&
           a->pure == b->pure && a->blind == b->blind && a->total == b->total &&
           a->opaque == b->opaque && a->branches == b->branches && a->announced == b->announced &&
           a->returned == b->returned && a->commutes == b->commutes;
}

static uint32_t hash_op(const struct model_op *op)
{
    uint64_t h = ((uint64_t)(uint32_t)op->needs << 32 | (uint32_t)op->gives) ^ (uint64_t)op->code
                                                                                   << 17;
    h = (h ^ (uint64_t)(uint32_t)op->avoids << 40) * 0x9fb21c651e98df25u;
    h = (h ^ h >> 32 ^ ((uint64_t)(uint32_t)op->argument << 32 | (uint32_t)op->result)) *
        0x9fb21c651e98df25u;
    return (uint32_t)(h >> 32);
}

static uint32_t *bucket_of(struct pending *pending, const struct model_op *op)
{
    return &pending->buckets[hash_op(op) & (pending->bucket_count - 1)];
}

static int grow_buckets(struct pending *pending)
{
    uint32_t count = pending->bucket_count * 2;
    uint32_t *buckets = budget_zalloc(pending->budget, count * sizeof *buckets);
    if (!buckets)
        return -1;
    budget_free(pending->budget, pending->buckets, pending->bucket_count * sizeof *buckets);
    pending->buckets = buckets;
    pending->bucket_count = count;
    for (uint32_t i = 0; i < pending->active_count; i++) {
        uint32_t index = pending->kinds[i].active;
        uint32_t *bucket = bucket_of(pending, &pending->kinds[index].op);
        pending->kinds[index].bucket_next = *bucket;
        *bucket = index + 1;
    }
    return 0;
}

/* The kind of an operation, made if it is new; PENDING_NONE when the memory ran out. */
static uint32_t find_kind(struct pending *pending, const struct model_op *op)
{
    for (uint32_t i = *bucket_of(pending, op); i; i = pending->kinds[i - 1].bucket_next)
        if (same_op(&pending->kinds[i - 1].op, op))
            return i - 1;
    if (pending->active_count >= pending->bucket_count && grow_buckets(pending) != 0)
        return PENDING_NONE;
    uint32_t index = pending->free_kind - 1;
    if (pending->free_kind) {
        pending->free_kind = pending->kinds[index].bucket_next;
    } else {
        if (reserve(pending->budget, &pending->kinds, pending->kind_count, &pending->kind_capacity,
                    sizeof *pending->kinds) != 0)
            return PENDING_NONE;
        index = pending->kind_count++;
    }
    uint32_t *bucket = bucket_of(pending, op);
    uint32_t keep = pending->kinds[index].active;
    pending->kinds[index] = (struct pending_kind){.op = *op,
                                                  .first = PENDING_NONE,
                                                  .byte = PENDING_NONE,
                                                  .at = pending->active_count,
                                                  .active = keep,
                                                  .bucket_next = *bucket};
    *bucket = index + 1;
    pending->kinds[pending->active_count++].active = index;
    return index;
}

/* Forgets a kind without calls. */
static void forget_kind(struct pending *pending, uint32_t index)
{
    struct pending_kind *kind = &pending->kinds[index];
    if (kind->live_count > 0 || kind->byte != PENDING_NONE)
        return;
    uint32_t *link = bucket_of(pending, &kind->op);
    while (*link != index + 1)
        link = &pending->kinds[*link - 1].bucket_next;
    *link = kind->bucket_next;
    uint32_t last = pending->kinds[--pending->active_count].active;
    pending->kinds[kind->at].active = last;
    pending->kinds[last].at = kind->at;
    kind->bucket_next = pending->free_kind;
    pending->free_kind = index + 1;
}

/* --- crashed calls that nothing can need --- */

static int take_byte(struct pending *pending, uint32_t kind)
{
    uint32_t byte = pending->free_byte - 1;
    if (pending->free_byte) {
        pending->free_byte = pending->bytes[byte];
    } else {
        if (reserve(pending->budget, &pending->bytes, pending->byte_count, &pending->byte_capacity,
                    sizeof *pending->bytes) != 0)
            return -1;
        byte = pending->byte_count++;
    }
    pending->bytes[byte] = kind;
    pending->kinds[kind].byte = byte;
    return 0;
}

static int32_t watched_value(const struct pending *pending, const struct pending_kind *kind)
{
    return pending->demand && !kind->op.opaque && !kind->endless ? kind->op.gives : MODEL_NONE;
}

static void watch_kind(struct pending *pending, uint32_t index)
{
    struct pending_kind *kind = &pending->kinds[index];
    int32_t value = watched_value(pending, kind);
    if (value == MODEL_NONE)
        return;
    kind->gives_next = pending->gives_first[value];
    pending->gives_first[value] = index + 1;
}

static void unwatch_kind(struct pending *pending, uint32_t index)
{
    int32_t value = watched_value(pending, &pending->kinds[index]);
    if (value == MODEL_NONE)
        return;
    uint32_t *link = &pending->gives_first[value];
    while (*link != index + 1)
        link = &pending->kinds[*link - 1].gives_next;
    *link = pending->kinds[index].gives_next;
}

static int note_lowered(struct pending *pending, uint32_t value)
{
    if (reserve(pending->budget, &pending->lowered, pending->lowered_count,
                &pending->lowered_capacity, sizeof *pending->lowered) != 0)
        return -1;
    pending->lowered[pending->lowered_count++] = value;
    return 0;
}

/* The earliest crashed calls of the kind are left out, down to the demand. */
static int trim_kind(struct pending *pending, uint32_t index)
{
    struct pending_kind *kind = &pending->kinds[index];
    int32_t value = watched_value(pending, kind);
    if (value == MODEL_NONE)
        return 0;
    uint64_t wanted = (uint64_t)pending->demand->by_value[value] + pending->demand->avoiding;
    if (kind->supply - kind->base <= wanted)
        return 0;
    uint64_t amount = kind->supply - kind->base - wanted;
    if (reserve(pending->budget, &pending->changes, pending->change_count,
                &pending->change_capacity, sizeof *pending->changes) != 0)
        return -1;
    if (kind->op.needs != MODEL_NONE &&
        (note_lowered(pending, (uint32_t)kind->op.needs) != 0 ||
         lower_demand(pending->demand, (uint32_t)kind->op.needs, (uint32_t)amount) != 0))
        return -1;
    kind->base += amount;
    pending->changes[pending->change_count++] = (struct pending_change){
        .byte = kind->byte, .amount = amount < 255 ? (uint32_t)amount : 255};
    if (wanted > 0)
        return 0;
    unwatch_kind(pending, index);
    pending->bytes[kind->byte] = pending->free_byte;
    pending->free_byte = kind->byte + 1;
    kind->byte = PENDING_NONE;
    kind->supply = kind->base = 0;
    forget_kind(pending, index);
    return 0;
}

static int trim_givers(struct pending *pending, uint32_t value)
{
    for (uint32_t i = pending->gives_first[value]; i;) {
        uint32_t next = pending->kinds[i - 1].gives_next;
        if (trim_kind(pending, i - 1) != 0)
            return -1;
        i = next;
    }
    return 0;
}

/* Leaving out a call lowers the demand for what it needs, and so on. */
static int settle_demand(struct pending *pending)
{
    while (pending->lowered_count > 0)
        if (trim_givers(pending, pending->lowered[--pending->lowered_count]) != 0)
            return -1;
    return 0;
}

static int lower_demand_of(struct pending *pending, const struct model_op *op)
{
    if (op->avoids != MODEL_NONE) {
        if (lower_demand(pending->demand, DEMAND_AVOIDING, 1) != 0)
            return -1;
        for (uint32_t i = pending->active_count; i-- > 0;) {
            uint32_t kind = pending->kinds[i].active;
            if (pending->kinds[kind].byte != PENDING_NONE && trim_kind(pending, kind) != 0)
                return -1;
        }
    }
    if (op->needs != MODEL_NONE && (lower_demand(pending->demand, (uint32_t)op->needs, 1) != 0 ||
                                    note_lowered(pending, (uint32_t)op->needs) != 0))
        return -1;
    return settle_demand(pending);
}

void pending_raise_base(struct pending *pending, uint32_t index, uint64_t amount)
{
    pending->kinds[index].base += amount;
}

/* --- calls --- */

uint32_t pending_begin(struct pending *pending, const struct model_op *op, uint32_t id,
                       uint32_t returns_at)
{
    uint32_t slot = pending->free_slot - 1;
    if (!pending->free_slot) {
        if (reserve(pending->budget, &pending->slots, pending->slot_count, &pending->slot_capacity,
                    sizeof *pending->slots) != 0)
            return PENDING_NONE;
        slot = pending->slot_count;
    }
    uint32_t index = find_kind(pending, op);
    if (index == PENDING_NONE)
        return PENDING_NONE;
    if (pending->free_slot)
        pending->free_slot = pending->slots[slot].next;
    else
        pending->slot_count++;
    struct pending_kind *kind = &pending->kinds[index];
    uint32_t *link = &kind->first;
    while (*link != PENDING_NONE && pending->slots[*link].returns_at <= returns_at)
        link = &pending->slots[*link].next;
    pending->slots[slot] =
        (struct pending_call){.id = id, .returns_at = returns_at, .kind = index, .next = *link};
    *link = slot;
    kind->live_count++;
    return slot;
}

int pending_end(struct pending *pending, uint32_t slot)
{
    struct pending_call *call = &pending->slots[slot];
    struct pending_kind *kind = &pending->kinds[call->kind];
    struct model_op op = kind->op;
    uint32_t *link = &kind->first;
    while (*link != slot)
        link = &pending->slots[*link].next;
    *link = call->next;
    kind->live_count--;
    forget_kind(pending, call->kind);
    call->kind = PENDING_NONE;
    call->next = pending->free_slot;
    pending->free_slot = slot + 1;
    return pending->demand ? lower_demand_of(pending, &op) : 0;
}

int pending_crash(struct pending *pending, const struct model_op *op, uint32_t id, bool endless)
{
    uint32_t index = find_kind(pending, op);
    if (index == PENDING_NONE)
        return -1;
    struct pending_kind *kind = &pending->kinds[index];
    if (kind->byte == PENDING_NONE) {
        if (take_byte(pending, index) != 0)
            return -1;
        kind->crash_id = id;
        kind->endless = endless;
        watch_kind(pending, index);
    }
    kind->supply++;
    if (trim_kind(pending, index) != 0)
        return -1;
    return pending->demand ? settle_demand(pending) : 0;
}

/* --- copies --- */

static void *copy_array(struct budget *budget, const void *from, size_t size, bool *ok)
{
    void *to = budget_alloc(budget, size);
    if (!to)
        *ok = false;
    else if (size)
        memcpy(to, from, size);
    return to;
}

int pending_save(const struct pending *pending, struct pending *copy)
{
    struct budget *budget = pending->budget;
    bool ok = true;
    *copy = *pending;
    copy->demand = NULL;
    copy->gives_first = NULL;
    copy->lowered = NULL;
    copy->lowered_count = copy->lowered_capacity = 0;
    copy->change_capacity = copy->change_count;
    copy->slot_capacity = copy->slot_count;
    copy->kind_capacity = copy->kind_count;
    copy->byte_capacity = copy->byte_count;
    copy->slots = copy_array(budget, pending->slots, copy->slot_count * sizeof *copy->slots, &ok);
    copy->kinds = copy_array(budget, pending->kinds, copy->kind_count * sizeof *copy->kinds, &ok);
    copy->changes =
        copy_array(budget, pending->changes, copy->change_count * sizeof *copy->changes, &ok);
    copy->bytes = copy_array(budget, pending->bytes, copy->byte_count * sizeof *copy->bytes, &ok);
    copy->buckets =
        copy_array(budget, pending->buckets, copy->bucket_count * sizeof *copy->buckets, &ok);
    if (ok)
        return 0;
    pending_fini(copy);
    return -1;
}

int pending_restore(struct pending *pending, const struct pending *copy)
{
    struct pending again;
    if (pending_save(copy, &again) != 0)
        return -1;
    if (pending->demand) {
        for (uint32_t i = pending->active_count; i-- > 0;) {
            uint32_t kind = pending->kinds[i].active;
            if (pending->kinds[kind].byte != PENDING_NONE)
                unwatch_kind(pending, kind);
        }
    }
    again.demand = pending->demand;
    again.gives_first = pending->gives_first;
    pending->demand = NULL;
    pending->gives_first = NULL;
    pending_fini(pending);
    *pending = again;
    for (uint32_t i = pending->active_count; pending->demand && i-- > 0;) {
        uint32_t kind = pending->kinds[i].active;
        if (pending->kinds[kind].byte != PENDING_NONE)
            watch_kind(pending, kind);
    }
    return 0;
}
