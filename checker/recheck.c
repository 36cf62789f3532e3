#include "checker/recheck.h"

#include "checker/budget.h"
#include "core/errbuf.h"

#include <stdlib.h>
#include <string.h>

/* What an operation did, straight from its events. */
enum deed { DEED_NOTHING, DEED_READ, DEED_WRITE, DEED_CAS, DEED_DIFFERS };

struct item {
    enum deed deed;
    value_ref seen; /* read it; expected it; differed from it */
    value_ref written;
    position begin, end; /* POSITION_NONE if nobody knows the end, or it is after `until` */
    bool optional;
};

struct recheck {
    const struct object *object;
    const struct history_semantics *semantics;
    const struct refutation *witness;
    struct budget *budget;
    struct item *items; /* of the witness, in its order */
    uint32_t count;

    /* Every value that occurs, and one more that none of them is. */
    value_ref *values;
    uint32_t value_count;

    uint64_t *seen; /* memory: visited configurations, open addressing */
    uint8_t *seen_used;
    size_t seen_count, seen_capacity;
    uint32_t words; /* of a configuration: bits done, then the state */
    bool out_of_budget;
};

/* --- reading the operations --- */

static void read_deed(const struct recheck *recheck, const struct operation *op, struct item *item)
{
    bool ok = op->outcome == OP_OK, failed = op->outcome == OP_FAIL;
    item->deed = DEED_NOTHING;
    if (op->f == F_READ && ok) {
        item->seen = op->result;
        if (op->result != VALUE_REF_NIL || !recheck->semantics->nil_read_is_unknown)
            item->deed = DEED_READ;
    } else if (op->f == F_WRITE && !failed) {
        item->deed = DEED_WRITE;
        item->written = ok && op->result != VALUE_REF_NIL ? op->result : op->argument;
    } else if (op->f == F_CAS) {
        const struct value_pool *pool = recheck->object->values;
        if (!(ok && value_pool_pair(pool, op->result, &item->seen, &item->written)) &&
            !value_pool_pair(pool, op->argument, &item->seen, &item->written))
            return;
        bool changes = item->seen != item->written;
        if (failed)
            item->deed = recheck->semantics->failed_cas_differs ? DEED_DIFFERS : DEED_NOTHING;
        else if (changes)
            item->deed = DEED_CAS;
        else if (ok)
            item->deed = DEED_READ;
    }
}

/* An operation, as far as the witness lets it be seen. */
static void read_item(const struct recheck *recheck, uint32_t number, struct item *item)
{
    const struct operation *op = &recheck->object->ops[number];
    *item = (struct item){.begin = op->invoke, .end = POSITION_NONE};
    read_deed(recheck, op, item);
    bool answered = op->outcome == OP_OK || item->deed == DEED_DIFFERS;
    if (answered && op->complete <= recheck->witness->until)
        item->end = op->complete;
    bool open_before = recheck->witness->any_state && op->invoke < recheck->witness->from;
    item->optional = item->end == POSITION_NONE || open_before;
}

static bool writes(const struct item *item)
{
    return item->deed == DEED_WRITE || item->deed == DEED_CAS;
}

static bool needs(const struct item *item)
{
    return item->deed == DEED_READ || item->deed == DEED_CAS;
}

/* --- (1) what was left out --- */

/* Whether nothing in the witness can notice that `out` is missing. What ended before it began
 * cannot have seen it. */
static bool goes_unnoticed(const struct recheck *recheck, const struct item *out)
{
    for (uint32_t i = 0; i < recheck->count; i++) {
        const struct item *item = &recheck->items[i];
        if (item->end < out->begin)
            continue;
        if (needs(item) && item->seen == out->written)
            return false;
        if (item->deed == DEED_DIFFERS && item->seen != out->written)
            return false;
    }
    return true;
}

static bool is_free(const struct recheck *recheck, value_ref value)
{
    for (uint32_t i = 0; i < recheck->witness->free_count; i++)
        if (recheck->witness->free_values[i] == value)
            return true;
    return false;
}

static bool may_be_left_out(const struct recheck *recheck, uint32_t number)
{
    const struct refutation *witness = recheck->witness;
    const struct operation *op = &recheck->object->ops[number];
    struct item item;
    read_item(recheck, number, &item);
    if (!writes(&item))
        return true; /* it changes nothing */
    if (witness->any_state && op->outcome == OP_OK && op->complete < witness->from)
        return true; /* its effect is part of the unknown first state */
    if (is_free(recheck, item.written))
        return true; /* anybody may write that, here and at any time */
    return goes_unnoticed(recheck, &item);
}

/* What begins after `until` may be left out: only what came before can have led there. */
static enum recheck_end check_left_out(struct recheck *recheck, struct errbuf *why)
{
    const struct object *object = recheck->object;
    uint32_t next = 0;
    for (uint32_t i = 0; i < object->count && object->ops[i].invoke <= recheck->witness->until;
         i++) {
        if (budget_time_over(recheck->budget)) {
            recheck->out_of_budget = true;
            return RECHECK_OUT_OF_BUDGET;
        }
        if (next < recheck->count && recheck->witness->keep[next] == i)
            next++;
        else if (!may_be_left_out(recheck, i)) {
            errbuf_set(why, 0, "the witness leaves out operation %u, which matters", i);
            return RECHECK_REFUTED;
        }
    }
    if (next == recheck->count)
        return RECHECK_CONFIRMED;
    errbuf_set(why, 0, "the witness names operation %u, which is none of its time in order",
               recheck->witness->keep[next]);
    return RECHECK_REFUTED;
}

/* --- the witness' own operations --- */

static bool read_items(struct recheck *recheck, struct errbuf *why)
{
    for (uint32_t i = 0; i < recheck->count; i++) {
        uint32_t number = recheck->witness->keep[i];
        if (number >= recheck->object->count) {
            errbuf_set(why, 0, "the witness names operation %u, which is not there", number);
            return false;
        }
        struct item *item = &recheck->items[i];
        read_item(recheck, number, item);
        bool before = recheck->witness->any_state && item->end < recheck->witness->from;
        if (item->deed == DEED_NOTHING || (item->optional && !writes(item)) || before) {
            errbuf_set(why, 0, "the witness names operation %u, which says nothing in it", number);
            return false;
        }
    }
    return true;
}

static uint32_t value_number(struct recheck *recheck, value_ref value)
{
    for (uint32_t i = 0; i < recheck->value_count; i++)
        if (recheck->values[i] == value)
            return i;
    recheck->values[recheck->value_count] = value;
    return recheck->value_count++;
}

/* --- (2) no linearization --- */

static bool is_done(const uint64_t *config, uint32_t item)
{
    return config[item / 64] >> (item % 64) & 1;
}

static uint64_t hash_config(const uint64_t *config, uint32_t words)
{
    uint64_t h = 14695981039346656037u;
    for (uint32_t i = 0; i < words; i++) {
        h = (h ^ config[i]) * 1099511628211u;
        h ^= h >> 29;
    }
    return h;
}

static size_t find_seen(const struct recheck *recheck, const uint64_t *config)
{
    size_t at = hash_config(config, recheck->words) & (recheck->seen_capacity - 1);
    while (recheck->seen_used[at] && memcmp(recheck->seen + at * recheck->words, config,
                                            recheck->words * sizeof *config) != 0)
        at = (at + 1) & (recheck->seen_capacity - 1);
    return at;
}

static bool grow_seen(struct recheck *recheck)
{
    struct recheck larger = *recheck;
    larger.seen_capacity = recheck->seen_capacity ? recheck->seen_capacity * 2 : 64;
    size_t bytes = recheck->words * sizeof(uint64_t);
    larger.seen = budget_alloc(recheck->budget, larger.seen_capacity * bytes);
    larger.seen_used = budget_zalloc(recheck->budget, larger.seen_capacity);
    if (!larger.seen || !larger.seen_used) {
        budget_free(recheck->budget, larger.seen, larger.seen_capacity * bytes);
        budget_free(recheck->budget, larger.seen_used, larger.seen_capacity);
        return false;
    }
    for (size_t i = 0; i < recheck->seen_capacity; i++) {
        if (!recheck->seen_used[i])
            continue;
        size_t at = find_seen(&larger, recheck->seen + i * recheck->words);
        memcpy(larger.seen + at * recheck->words, recheck->seen + i * recheck->words, bytes);
        larger.seen_used[at] = 1;
    }
    budget_free(recheck->budget, recheck->seen, recheck->seen_capacity * bytes);
    budget_free(recheck->budget, recheck->seen_used, recheck->seen_capacity);
    *recheck = larger;
    return true;
}

/* Whether config is new; it is remembered. */
static bool remember(struct recheck *recheck, const uint64_t *config)
{
    if (recheck->seen_count * 2 >= recheck->seen_capacity && !grow_seen(recheck)) {
        recheck->out_of_budget = true;
        return false;
    }
    size_t at = find_seen(recheck, config);
    if (recheck->seen_used[at])
        return false;
    recheck->seen_used[at] = 1;
    recheck->seen_count++;
    memcpy(recheck->seen + at * recheck->words, config, recheck->words * sizeof *config);
    return true;
}

/* The real-time limits of a configuration. */
struct limits {
    uint32_t earliest_end; /* of the operations that must still be linearized */
    uint32_t latest_begin; /* of those that are */
    bool complete;         /* none must any more */
};

static struct limits find_limits(const struct recheck *recheck, const uint64_t *config)
{
    struct limits limits = {.earliest_end = UINT32_MAX, .complete = true};
    for (uint32_t i = 0; i < recheck->count; i++) {
        const struct item *item = &recheck->items[i];
        if (is_done(config, i)) {
            if (item->begin > limits.latest_begin)
                limits.latest_begin = item->begin;
        } else if (!item->optional) {
            limits.complete = false;
            if (item->end < limits.earliest_end)
                limits.earliest_end = item->end;
        }
    }
    return limits;
}

/* Whether item i can be the next: nothing that had to come before it is still to come, and nothing
 * that began after its end has come already. */
static bool can_be_next(const struct recheck *recheck, const uint64_t *config, uint32_t i,
                        const struct limits *limits)
{
    const struct item *item = &recheck->items[i];
    return !is_done(config, i) && item->begin < limits->earliest_end &&
           item->end > limits->latest_begin;
}

static bool is_possible(const struct recheck *recheck, const struct item *item, uint64_t state)
{
    value_ref value = recheck->values[state];
    switch (item->deed) {
    case DEED_READ:
    case DEED_CAS:
        return item->seen == value;
    case DEED_DIFFERS:
        return item->seen != value;
    default:
        return true;
    }
}

/* Identical operations nobody knows the end of are interchangeable: the earliest goes first. */
static bool has_earlier_twin(const struct recheck *recheck, const uint64_t *config, uint32_t i)
{
    const struct item *item = &recheck->items[i];
    for (uint32_t j = 0; j < i && item->end == UINT32_MAX; j++) {
        const struct item *twin = &recheck->items[j];
        if (!is_done(config, j) && twin->end == UINT32_MAX && twin->deed == item->deed &&
            twin->written == item->written && (item->deed != DEED_CAS || twin->seen == item->seen))
            return true;
    }
    return false;
}

/* A stack of configurations to visit; the last word of each tells whether the operation before was
 * an optional write, which makes sense only if the next one looks at it. */
struct todo {
    uint64_t *configs;
    size_t count, capacity;
};

static bool push(struct recheck *recheck, struct todo *todo, const uint64_t *config)
{
    size_t bytes = recheck->words * sizeof *config;
    if (!remember(recheck, config))
        return !recheck->out_of_budget;
    if (todo->count == todo->capacity) {
        size_t capacity = todo->capacity ? todo->capacity * 2 : 64;
        uint64_t *configs =
            budget_resize(recheck->budget, todo->configs, todo->capacity * bytes, capacity * bytes);
        if (!configs) {
            recheck->out_of_budget = true;
            return false;
        }
        todo->configs = configs;
        todo->capacity = capacity;
    }
    memcpy(todo->configs + todo->count++ * recheck->words, config, bytes);
    return true;
}

/* Pushes what comes of linearizing item i next. */
static bool push_successor(struct recheck *recheck, struct todo *todo, const uint64_t *config,
                           uint64_t *successor, uint32_t i)
{
    const struct item *item = &recheck->items[i];
    uint64_t *state = &successor[recheck->words - 2], *unseen = &successor[recheck->words - 1];
    memcpy(successor, config, recheck->words * sizeof *config);
    successor[i / 64] |= UINT64_C(1) << (i % 64);
    if (writes(item))
        *state = value_number(recheck, item->written);
    *unseen = writes(item) && item->optional;
    return push(recheck, todo, successor);
}

/* Whether item i changes nothing, is possible now, and is in nobody's way: no operation that may
 * still come had to come before it. Then it may as well be the very next. */
static bool can_be_next_at_once(const struct recheck *recheck, const uint64_t *config, uint32_t i,
                                const struct limits *limits)
{
    const struct item *item = &recheck->items[i];
    if (writes(item) || !can_be_next(recheck, config, i, limits) ||
        !is_possible(recheck, item, config[recheck->words - 2]))
        return false;
    for (uint32_t j = 0; j < recheck->count; j++)
        if (!is_done(config, j) && recheck->items[j].end < item->begin)
            return false;
    return true;
}

/* Pushes config with each of the free values written. */
static bool push_free_values(struct recheck *recheck, struct todo *todo, const uint64_t *config,
                             uint64_t *successor)
{
    for (uint32_t i = 0; i < recheck->witness->free_count; i++) {
        memcpy(successor, config, recheck->words * sizeof *config);
        successor[recheck->words - 2] = value_number(recheck, recheck->witness->free_values[i]);
        successor[recheck->words - 1] = true;
        if (!push(recheck, todo, successor))
            return false;
    }
    return true;
}

/* Pushes all successors of config; sets *found if it is complete. */
static bool visit(struct recheck *recheck, struct todo *todo, const uint64_t *config,
                  uint64_t *successor, bool *found)
{
    uint64_t state = config[recheck->words - 2], unseen = config[recheck->words - 1];
    struct limits limits = find_limits(recheck, config);
    *found = limits.complete;
    for (uint32_t i = 0; i < recheck->count && !*found; i++)
        if (can_be_next_at_once(recheck, config, i, &limits))
            return push_successor(recheck, todo, config, successor, i);
    for (uint32_t i = 0; i < recheck->count && !*found; i++) {
        const struct item *item = &recheck->items[i];
        if (unseen && item->deed == DEED_WRITE)
            continue;
        if (can_be_next(recheck, config, i, &limits) && is_possible(recheck, item, state) &&
            !has_earlier_twin(recheck, config, i) &&
            !push_successor(recheck, todo, config, successor, i))
            return false;
    }
    return *found || unseen || push_free_values(recheck, todo, config, successor);
}

static bool push_first(struct recheck *recheck, struct todo *todo, uint64_t *config)
{
    uint64_t *state = &config[recheck->words - 2];
    if (!recheck->witness->any_state) {
        const struct history_semantics *semantics = recheck->semantics;
        *state =
            value_number(recheck, semantics->initial_is_given ? semantics->initial : VALUE_REF_NIL);
        bool ok = push(recheck, todo, config);
        if (ok && semantics->initial_may_be_nil) {
            *state = value_number(recheck, VALUE_REF_NIL);
            ok = push(recheck, todo, config);
        }
        return ok;
    }
    for (uint32_t i = 0; i < recheck->value_count; i++) {
        *state = i;
        if (!push(recheck, todo, config))
            return false;
    }
    return true;
}

/* True if a linearization was found. */
static bool search(struct recheck *recheck, uint64_t *config, uint64_t *successor)
{
    struct todo todo = {0};
    bool found = false;
    if (!push_first(recheck, &todo, config))
        todo.count = 0;
    while (todo.count > 0 && !found && !recheck->out_of_budget) {
        memcpy(config, todo.configs + --todo.count * recheck->words,
               recheck->words * sizeof *config);
        if (budget_time_over(recheck->budget))
            recheck->out_of_budget = true;
        else if (!visit(recheck, &todo, config, successor, &found))
            break;
    }
    budget_free(recheck->budget, todo.configs,
                todo.capacity * recheck->words * sizeof *todo.configs);
    return found;
}

/* Fills values: all that occur, and at the end one that does not. */
static void collect_values(struct recheck *recheck)
{
    for (uint32_t i = 0; i < recheck->count; i++) {
        if (recheck->items[i].deed != DEED_WRITE)
            value_number(recheck, recheck->items[i].seen);
        if (writes(&recheck->items[i]))
            value_number(recheck, recheck->items[i].written);
    }
    for (uint32_t i = 0; i < recheck->witness->free_count; i++)
        value_number(recheck, recheck->witness->free_values[i]);
    value_number(recheck, VALUE_REF_NOMEM);
}

static enum recheck_end check_unlinearizable(struct recheck *recheck, struct errbuf *why)
{
    recheck->words = recheck->count / 64 + 3;
    collect_values(recheck);
    size_t bytes = recheck->words * sizeof(uint64_t);
    uint64_t *config = budget_zalloc(recheck->budget, bytes);
    uint64_t *successor = budget_zalloc(recheck->budget, bytes);
    bool found = false;
    if (config && successor)
        found = search(recheck, config, successor);
    else
        recheck->out_of_budget = true;
    budget_free(recheck->budget, config, bytes);
    budget_free(recheck->budget, successor, bytes);
    budget_free(recheck->budget, recheck->seen, recheck->seen_capacity * bytes);
    budget_free(recheck->budget, recheck->seen_used, recheck->seen_capacity);
    if (found) {
        errbuf_set(why, 0, "the %u operations of the witness have a linearization", recheck->count);
        return RECHECK_REFUTED;
    }
    return recheck->out_of_budget ? RECHECK_OUT_OF_BUDGET : RECHECK_CONFIRMED;
}

enum recheck_end recheck_register(const struct object *object,
                                  const struct history_semantics *semantics,
                                  const struct refutation *witness, struct budget *budget,
                                  struct errbuf *why)
{
    struct recheck recheck = {.object = object,
                              .semantics = semantics,
                              .witness = witness,
                              .budget = budget,
                              .count = witness->keep_count};
    size_t items_size = witness->keep_count * sizeof *recheck.items;
    size_t values_size =
        ((size_t)witness->keep_count * 2 + witness->free_count + 4) * sizeof *recheck.values;
    recheck.items = budget_alloc(budget, items_size);
    recheck.values = budget_alloc(budget, values_size);
    enum recheck_end end = RECHECK_OUT_OF_BUDGET;
    if (recheck.items && recheck.values) {
        end = RECHECK_REFUTED;
        if (read_items(&recheck, why))
            end = check_left_out(&recheck, why);
        if (end == RECHECK_CONFIRMED)
            end = check_unlinearizable(&recheck, why);
    }
    if (end == RECHECK_OUT_OF_BUDGET)
        errbuf_set(why, 0,
                   "the time or memory limit ended the re-check of a witness of %u operations",
                   witness->keep_count);
    budget_free(budget, recheck.items, items_size);
    budget_free(budget, recheck.values, values_size);
    return end;
}
