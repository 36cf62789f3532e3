#include "checker/keys.h"

#include "checker/budget.h"
#include "core/err.h"
#include "core/errbuf.h"

/* Which group an object has: an open-addressing table over keys->groups. */
struct group_index {
    uint32_t *slots; /* group + 1; 0 = empty */
    uint32_t slot_count;
};

static bool same_object(const struct key_group *group, const struct op *op)
{
    return group->has_key == op->has_key && (!op->has_key || value_equal(group->key, op->key));
}

static uint32_t probe(const struct keys *keys, const struct group_index *index, const struct op *op)
{
    uint32_t mask = index->slot_count - 1;
    uint32_t at = (op->has_key ? (uint32_t)value_hash(op->key) : 0) & mask;
    while (index->slots[at] != 0 && !same_object(&keys->groups[index->slots[at] - 1], op))
        at = (at + 1) & mask;
    return at;
}

static int grow(struct keys *keys, struct group_index *index)
{
    uint32_t capacity = keys->capacity ? keys->capacity * 2 : 16;
    uint32_t *slots = budget_zalloc(keys->budget, capacity * 2 * sizeof *slots);
    if (!slots)
        return -1;
    struct key_group *groups = budget_resize(
        keys->budget, keys->groups, keys->capacity * sizeof *groups, capacity * sizeof *groups);
    if (!groups) {
        budget_free(keys->budget, slots, capacity * 2 * sizeof *slots);
        return -1;
    }
    budget_free(keys->budget, index->slots, index->slot_count * sizeof *slots);
    *index = (struct group_index){.slots = slots, .slot_count = capacity * 2};
    keys->groups = groups;
    keys->capacity = capacity;
    for (uint32_t i = 0; i < keys->count; i++) {
        struct op op = {.has_key = groups[i].has_key, .key = groups[i].key};
        slots[probe(keys, index, &op)] = i + 1;
    }
    return 0;
}

/* The group of op's object, made if it is new; NULL when memory ran out. */
static struct key_group *find_group(struct keys *keys, struct group_index *index,
                                    const struct op *op)
{
    if (keys->count == keys->capacity && grow(keys, index) != 0)
        return NULL;
    uint32_t at = probe(keys, index, op);
    if (index->slots[at] == 0) {
        keys->groups[keys->count] = (struct key_group){.has_key = op->has_key, .key = op->key};
        index->slots[at] = ++keys->count;
    }
    return &keys->groups[index->slots[at] - 1];
}

static void count_event(struct key_group *group, const struct op *op, bool is_answered)
{
    group->event_count++;
    if (op->type == OP_INVOKE) {
        group->operations++;
        group->crashed += !is_answered;
    } else {
        group->ok += op->type == OP_OK;
        group->failed += op->type == OP_FAIL;
        group->crashed += op->type == OP_INFO;
    }
}

/* Pass one: the group of every event, into keys->scratch. A completion belongs to the object that
 * its invocation named; it may leave the key out. */
static int assign_groups(struct keys *keys, const struct history *history, struct errbuf *err)
{
    struct group_index index = {0};
    int rc = 0;
    for (size_t i = 0; i < history->count && rc == 0; i++) {
        const struct op *op = &history->ops[i];
        if (op->process < 0)
            continue;
        bool is_answered = keys->partner[i] != HISTORY_UNPAIRED;
        const struct op *invocation = op->type == OP_INVOKE ? op : &history->ops[keys->partner[i]];
        if (op->has_key && (!invocation->has_key || !value_equal(op->key, invocation->key))) {
            rc = errbuf_set(err, ERR_INPUT,
                            "event %zu: process %d completes an operation on another key than it "
                            "invoked at event %lld",
                            i, op->process, (long long)invocation->index);
            break;
        }
        struct key_group *group = find_group(keys, &index, invocation);
        if (!group) {
            rc = errbuf_set(err, ERR_NOMEM, "no memory to index the keys of the history");
            break;
        }
        count_event(group, op, is_answered);
        keys->scratch[i] = (uint32_t)(group - keys->groups);
    }
    budget_free(keys->budget, index.slots, index.slot_count * sizeof *index.slots);
    return rc;
}

/* Pass two: a counting sort of the events by group. */
static void collect_events(struct keys *keys, const struct history *history)
{
    uint32_t first = 0;
    for (uint32_t g = 0; g < keys->count; g++) {
        keys->groups[g].first = first;
        first += keys->groups[g].event_count;
        keys->groups[g].event_count = 0;
    }
    for (size_t i = 0; i < history->count; i++) {
        if (history->ops[i].process < 0)
            continue;
        struct key_group *group = &keys->groups[keys->scratch[i]];
        keys->events[group->first + group->event_count++] = (uint32_t)i;
    }
}

int keys_build(struct keys *keys, const struct history *history, struct budget *budget,
               struct errbuf *err)
{
    *keys = (struct keys){.budget = budget, .history_count = history->count};
    size_t size = history->count * sizeof(uint32_t);
    int rc = history_pair(history, &keys->partner, err);
    if (rc != 0)
        return rc;
    if (!budget_adopt(budget, keys->partner, size))
        keys->partner = NULL;
    keys->events = budget_alloc(budget, size);
    keys->scratch = budget_alloc(budget, size);
    if (!keys->partner || !keys->events || !keys->scratch)
        rc = errbuf_set(err, ERR_NOMEM, "no memory to index %zu events", history->count);
    else
        rc = assign_groups(keys, history, err);
    if (rc != 0) {
        keys_fini(keys);
        return rc;
    }
    collect_events(keys, history);
    return 0;
}

void keys_fini(struct keys *keys)
{
    size_t size = keys->history_count * sizeof(uint32_t);
    budget_free(keys->budget, keys->partner, size);
    budget_free(keys->budget, keys->events, size);
    budget_free(keys->budget, keys->scratch, size);
    budget_free(keys->budget, keys->groups, keys->capacity * sizeof *keys->groups);
    *keys = (struct keys){.budget = keys->budget};
}
