#include "isolation/list_order.h"

#include "checker/budget.h"
#include "core/err.h"

#include <string.h>

enum { STACK_MIN = 256, LIST_MICROS = 2 };

static bool is_causal(const struct list_order *order)
{
    return order->level == LEVEL_WEAK_CAUSAL || order->level == LEVEL_CAUSAL_MEMORY;
}

/* The order of a session is kept whole, whoever's it is. */
static bool keeps_sessions(const struct list_order *order)
{
    return is_causal(order) || order->level == LEVEL_PRAM;
}

static bool is_own(const struct list_order *order, uint32_t place)
{
    return order->own == OWN_ALL ||
           (order->own == OWN_SESSION && order->done->txns[place].session == order->session);
}

bool list_place_reads(const struct list_order *order, uint32_t place)
{
    const struct micro *end, *micro = list_micros_of(order, place, &end);
    while (micro < end && !list_is_read(micro))
        micro++;
    return micro < end;
}

/* PLACE_NONE: of nobody who committed. */
static uint32_t place_of_version(const struct list_order *order, uint32_t version)
{
    uint32_t txn = order->done->all->versions[version].txn;
    return txn == TXN_NONE ? PLACE_NONE : order->done->places[txn];
}

/* --- set-up --- */

static void note_previous(struct list_order *order)
{
    for (uint32_t place = 0; place < order->done->count; place++) {
        uint32_t before = order->done->txns[place].previous;
        bool any = before != PLACE_NONE;
        order->previous_writer[place] =
            any && !list_place_writes(order, before) ? order->previous_writer[before] : before;
        order->previous_reader[place] =
            any && !list_place_reads(order, before) ? order->previous_reader[before] : before;
    }
}

/* Uses `longest` for the last place that read each key. */
static void note_who_reads_too(struct list_order *order)
{
    const struct micro *micros = order->done->all->micros;
    for (uint32_t place = 0; place < order->done->count; place++) {
        const struct micro *end, *first = list_micros_of(order, place, &end);
        for (const struct micro *micro = first; micro < end; micro++)
            if (list_is_read(micro))
                order->longest[micro->key] = place;
        for (const struct micro *micro = first; micro < end; micro++)
            if (micro->f != MICRO_READ && order->longest[micro->key] == place)
                order->reads_too[(micro - micros) / 8] |= (uint8_t)(1 << (micro - micros) % 8);
    }
}

int list_order_init(struct list_order *order, const struct committed *done, enum level level,
                    struct budget *budget)
{
    const struct transactions *all = done->all;
    *order =
        (struct list_order){.done = done, .budget = budget, .level = level, .cycle = LIST_NONE};
    order->node_count = list_node_of_readers(order, all->version_count);
    order->previous_writer = budget_alloc(budget, done->count * sizeof(uint32_t));
    order->previous_reader = budget_alloc(budget, done->count * sizeof(uint32_t));
    order->reads_too = budget_zalloc(budget, (size_t)all->micro_count / 8 + 1);
    order->longest = budget_alloc(budget, all->key_count * sizeof(uint32_t));
    order->longest_by = budget_alloc(budget, all->key_count * sizeof(uint32_t));
    order->readers = budget_alloc(budget, all->version_count * sizeof(uint32_t));
    order->marks = budget_zalloc(budget, order->node_count * sizeof(uint32_t));
    if (!order->previous_writer || !order->previous_reader || !order->reads_too ||
        !order->longest || !order->longest_by || !order->readers || !order->marks)
        return ERR_NOMEM;
    memset(order->longest, 0xff, all->key_count * sizeof *order->longest);
    note_who_reads_too(order);
    note_previous(order);
    memset(order->longest, 0xff, all->key_count * sizeof *order->longest);
    memset(order->readers, 0xff, all->version_count * sizeof *order->readers);
    return 0;
}

void list_order_fini(struct list_order *order)
{
    const struct transactions *all = order->done->all;
    struct budget *budget = order->budget;
    budget_free(budget, order->previous_writer, order->done->count * sizeof(uint32_t));
    budget_free(budget, order->previous_reader, order->done->count * sizeof(uint32_t));
    budget_free(budget, order->reads_too, (size_t)all->micro_count / 8 + 1);
    budget_free(budget, order->longest, all->key_count * sizeof(uint32_t));
    budget_free(budget, order->longest_by, all->key_count * sizeof(uint32_t));
    budget_free(budget, order->readers, all->version_count * sizeof(uint32_t));
    budget_free(budget, order->marks, order->node_count * sizeof(uint32_t));
    budget_free(budget, order->reads, order->read_capacity * sizeof *order->reads);
    budget_free(budget, order->stack, order->capacity * sizeof *order->stack);
}

/* --- the explained --- */

static void forget_explained(struct list_order *order)
{
    for (uint32_t i = 0; i < order->read_count; i++) {
        order->longest[order->reads[i].key] = VERSION_UNREAD;
        order->readers[order->reads[i].version] = LIST_NONE;
    }
    order->read_count = 0;
}

static int add_read(struct list_order *order, uint32_t place, const struct micro *micro)
{
    if (order->read_count == order->read_capacity) {
        uint32_t more = order->read_capacity ? 2 * order->read_capacity : STACK_MIN;
        struct list_read *reads =
            budget_resize(order->budget, order->reads, order->read_capacity * sizeof *reads,
                          more * sizeof *reads);
        if (!reads)
            return ERR_NOMEM;
        order->reads = reads;
        order->read_capacity = more;
    }
    uint32_t *longest = &order->longest[micro->key];
    if (*longest == VERSION_UNREAD || *longest < micro->version) {
        *longest = micro->version;
        order->longest_by[micro->key] = place;
    }
    order->reads[order->read_count] =
        (struct list_read){place, micro->key, micro->version, order->readers[micro->version]};
    order->readers[micro->version] = order->read_count++;
    return 0;
}

int list_order_explain(struct list_order *order, const uint32_t *places, uint32_t count,
                       bool has_readers)
{
    int rc = 0;
    forget_explained(order);
    order->has_readers = has_readers;
    for (uint32_t i = 0; i < count && rc == 0; i++) {
        const struct micro *end, *micro = list_micros_of(order, places[i], &end);
        for (; micro < end && rc == 0; micro++)
            if (list_is_read(micro))
                rc = add_read(order, places[i], micro);
    }
    return rc;
}

/* --- what comes right before --- */

static bool is_some(struct list_before *out, uint32_t node, uint8_t kind, uint32_t key)
{
    *out = (struct list_before){.node = node, .key = key, .kind = kind};
    return node != PLACE_NONE;
}

/* What a list had before what the reader itself appended. */
static uint32_t version_of_others(const struct list_order *order, uint32_t place, uint32_t key,
                                  uint32_t version)
{
    uint32_t first = order->done->all->keys[key].first_version;
    while (version > first && place_of_version(order, version) == place)
        version--;
    return version;
}

static bool source_of_read(const struct list_order *order, uint32_t place,
                           const struct micro *micro, struct list_before *out)
{
    uint32_t version = version_of_others(order, place, micro->key, micro->version);
    return version != order->done->all->keys[micro->key].first_version &&
           is_some(out, list_node_of_list(order, version), STEP_WR, micro->key);
}

/* By its session, in two stages. */
static bool session_before(const struct list_order *order, uint32_t place, uint32_t stage,
                           struct list_before *out)
{
    bool writes = list_place_writes(order, place), own = is_own(order, place);
    if (keeps_sessions(order) && stage == 0)
        return order->done->txns[place].previous != PLACE_NONE &&
               is_some(out,
                       order->is_skipping ? list_node_of_past(order, place)
                                          : order->done->txns[place].previous,
                       STEP_SESSION, 0);
    if (keeps_sessions(order))
        return false;
    if (stage == 0)
        return writes && (own || order->level == LEVEL_MONOTONIC_WRITES) &&
               is_some(out, order->previous_writer[place], STEP_SESSION, 0);
    if (order->level == LEVEL_WRITES_FOLLOW_READS)
        return writes && is_some(out, list_node_of_past(order, place), STEP_SESSION, 0);
    if (!own || !list_place_reads(order, place))
        return false;
    return order->level == LEVEL_READ_YOUR_WRITES
               ? is_some(out, order->previous_writer[place], STEP_SESSION, 0)
               : order->level == LEVEL_MONOTONIC_READS &&
                     is_some(out, order->previous_reader[place], STEP_SESSION, 0);
}

/* The next of the readers of one version; not the place itself. */
static bool next_reader(const struct list_order *order, struct list_befores *befores, uint32_t key,
                        struct list_before *out)
{
    while (befores->read != LIST_NONE) {
        const struct list_read *read = &order->reads[befores->read];
        befores->read = read->next;
        if (read->place != befores->node)
            return is_some(out, read->place, STEP_RW, key);
    }
    return false;
}

/* Those who did not see an append came before it. If its own place reads the key they are told one
 * by one, without it; those who saw less follow, as who appended what these did not see comes
 * before this append, too. */
static bool readers_before(const struct list_order *order, struct list_befores *befores,
                           const struct micro *micro, struct list_before *out)
{
    uint32_t index = (uint32_t)(micro - order->done->all->micros);
    uint32_t longest = order->longest[micro->key];
    uint32_t version = micro->version <= longest ? micro->version - 1 : longest;
    if (!order->has_readers)
        return false;
    if (!(order->reads_too[index / 8] >> index % 8 & 1))
        return is_some(out, list_node_of_readers(order, version), STEP_RW, micro->key);
    befores->read = order->readers[version];
    return next_reader(order, befores, micro->key, out);
}

/* Stages of a micro-operation: 0 its list, 1 who read it. */
static bool micro_before(const struct list_order *order, struct list_befores *befores,
                         const struct micro *micro, uint32_t stage, struct list_before *out)
{
    uint32_t place = befores->node, longest = order->longest[micro->key];
    if (micro->f == MICRO_READ)
        return stage == 0 && list_is_read(micro) && (is_causal(order) || is_own(order, place)) &&
               source_of_read(order, place, micro, out);
    if (longest == VERSION_UNREAD)
        return false;
    if (stage == 1)
        return readers_before(order, befores, micro, out);
    if (micro->version > longest)
        return false;
    uint32_t version = version_of_others(order, place, micro->key, micro->version - 1);
    return version != order->done->all->keys[micro->key].first_version &&
           is_some(out, list_node_of_list(order, version), STEP_WW, micro->key);
}

static bool before_place(const struct list_order *order, struct list_befores *befores,
                         struct list_before *out)
{
    const struct micro *end, *micros = list_micros_of(order, befores->node, &end);
    uint32_t stages = LIST_MICROS + 2 * (uint32_t)(end - micros);
    if (befores->read != LIST_NONE) {
        uint32_t told = (befores->stage - 1 - LIST_MICROS) / 2;
        if (next_reader(order, befores, micros[told].key, out))
            return true;
    }
    while (befores->stage < stages) {
        uint32_t stage = befores->stage++, at = stage - LIST_MICROS;
        if (stage < LIST_MICROS ? session_before(order, befores->node, stage, out)
                                : micro_before(order, befores, &micros[at / 2], at % 2, out))
            return true;
    }
    return false;
}

/* Of a place's session until then: its transactions; or what they read. */
static bool before_past(const struct list_order *order, struct list_befores *befores,
                        struct list_before *out)
{
    uint32_t place = befores->node - order->done->count;
    uint32_t previous = order->done->txns[place].previous;
    bool any = previous != PLACE_NONE;
    if (befores->stage == 0 && befores->stage++ == 0 && any)
        return is_some(out, list_node_of_past(order, previous), STEP_SESSION, 0);
    if (keeps_sessions(order))
        return befores->stage++ == 1 && any && is_some(out, previous, STEP_SESSION, 0);
    const struct micro *end, *micros = list_micros_of(order, place, &end);
    while (befores->stage <= (uint32_t)(end - micros)) {
        const struct micro *micro = &micros[befores->stage++ - 1];
        if (list_is_read(micro) && source_of_read(order, place, micro, out))
            return true;
    }
    return false;
}

/* The initial version of a key is nobody's. */
static bool before_list(const struct list_order *order, struct list_befores *befores,
                        struct list_before *out)
{
    uint32_t version = befores->node - list_node_of_list(order, 0);
    if (befores->stage == 0 && befores->stage++ == 0 &&
        is_some(out, place_of_version(order, version), STEP_WW, 0))
        return true;
    return befores->stage++ == 1 && order->done->all->versions[version - 1].txn != TXN_NONE &&
           is_some(out, list_node_of_list(order, version - 1), STEP_WW, 0);
}

static bool before_readers(const struct list_order *order, struct list_befores *befores,
                           struct list_before *out)
{
    uint32_t version = befores->node - list_node_of_readers(order, 0);
    if (befores->stage == 0 && befores->stage++ == 0) {
        befores->read = order->readers[version];
        if (order->done->all->versions[version].txn != TXN_NONE)
            return is_some(out, list_node_of_readers(order, version - 1), STEP_RW, 0);
    }
    return next_reader(order, befores, 0, out);
}

bool list_befores_next(const struct list_order *order, struct list_befores *befores,
                       struct list_before *out)
{
    if (list_is_place(order, befores->node))
        return before_place(order, befores, out);
    if (befores->node < list_node_of_list(order, 0))
        return before_past(order, befores, out);
    return befores->node < list_node_of_readers(order, 0) ? before_list(order, befores, out)
                                                          : before_readers(order, befores, out);
}

/* --- walking --- */

static int enter(struct list_order *order, uint32_t node)
{
    if (order->depth == order->capacity) {
        uint32_t more = order->capacity ? 2 * order->capacity : STACK_MIN;
        struct list_befores *stack = budget_resize(
            order->budget, order->stack, order->capacity * sizeof *stack, more * sizeof *stack);
        if (!stack)
            return ERR_NOMEM;
        order->stack = stack;
        order->capacity = more;
    }
    order->stack[order->depth++] = (struct list_befores){.node = node, .read = LIST_NONE};
    order->marks[node] = 2 * order->walk;
    return 0;
}

/* True: that was enough. */
static bool leave(struct list_order *order)
{
    uint32_t node = order->stack[--order->depth].node;
    order->marks[node] = 2 * order->walk + 1;
    return order->leave && list_is_place(order, node) && order->leave(order->context, node);
}

/* A node on the stack was met again. */
static void note_cycle(struct list_order *order, uint32_t node)
{
    uint32_t at = order->depth - 1;
    while (!list_is_place(order, order->stack[at].node) && order->stack[at].node != node)
        at--;
    order->cycle = order->stack[at].node;
}

void list_order_begin(struct list_order *order)
{
    order->walk++;
    order->cycle = LIST_NONE;
}

int list_order_walk(struct list_order *order, uint32_t place)
{
    struct list_before before;
    order->depth = 0;
    if (order->marks[place] >= 2 * order->walk)
        return 0;
    int rc = enter(order, place);
    while (rc == 0 && order->depth > 0) {
        if (budget_time_over(order->budget))
            return ERR_TIMEOUT;
        if (!list_befores_next(order, &order->stack[order->depth - 1], &before)) {
            if (leave(order))
                return 0;
        } else if (order->marks[before.node] < 2 * order->walk) {
            rc = enter(order, before.node);
        } else if (order->marks[before.node] == 2 * order->walk) {
            note_cycle(order, before.node);
            return 0;
        }
    }
    return rc;
}

int list_order_search(struct list_order *order, const uint32_t *places, uint32_t count)
{
    int rc = 0;
    list_order_begin(order);
    for (uint32_t i = 0; i < count && rc == 0 && order->cycle == LIST_NONE; i++)
        rc = list_order_walk(order, places[i]);
    return rc;
}
