#include "isolation/version_telling.h"

#include "checker/budget.h"

#include <string.h>

/* --- rows --- */

void *telling_push(struct telling *run, struct telling_row *row)
{
    if (row->count == row->capacity) {
        uint32_t more = row->capacity ? 2 * row->capacity : 32;
        void *items =
            budget_resize(run->budget, row->items, row->capacity * row->size, more * row->size);
        if (!items)
            return NULL;
        row->items = items;
        row->capacity = more;
    }
    return (char *)row->items + row->size * row->count++;
}

bool telling_add_step(struct telling *run, struct step step)
{
    struct step *own = telling_push(run, &run->path);
    if (own)
        *own = step;
    return own != NULL;
}

bool telling_flush(struct telling *run)
{
    for (uint32_t i = 0; i < run->path.count; i++) {
        struct step *own = telling_push(run, &run->steps);
        if (!own)
            return false;
        *own = ((struct step *)run->path.items)[i];
    }
    run->path.count = 0;
    return true;
}

/* One step by itself. */
static bool push_step(struct telling *run, struct step step)
{
    struct step *own = telling_push(run, &run->steps);
    if (own)
        *own = step;
    return own != NULL;
}

/* The lemma rests on the steps from `first` on. Returns its number; LEMMA_NONE without memory. */
static uint32_t push_lemma(struct telling *run, struct lemma lemma)
{
    struct lemma *own = telling_push(run, &run->lemmas);
    lemma.count = run->steps.count - lemma.first;
    if (!own)
        return LEMMA_NONE;
    *own = lemma;
    return run->lemmas.count - 1;
}

/* --- blocks --- */

static uint32_t head_writer(const struct telling *run, uint32_t block)
{
    return order_writer(run->problem, telling_block(run, block)->head);
}

static bool list_versions(struct telling *run, uint32_t block)
{
    run->chain.count = 0;
    for (uint32_t i = telling_block(run, block)->head; i != ORDER_NONE; i = run->problem->next[i]) {
        uint32_t *own = telling_push(run, &run->chain);
        if (!own)
            return false;
        *own = i;
    }
    return true;
}

/* Given that a version of the chain is before the head of a block: so are those that follow upon
 * it, as each of them was written by who had read the one before. */
static bool go_up(struct telling *run, uint32_t from, uint32_t after, uint32_t *lemma)
{
    const uint32_t *chain = run->chain.items;
    uint32_t key = telling_block(run, after)->key, head = head_writer(run, after);
    for (uint32_t i = from + 1; i < run->chain.count; i++) {
        uint32_t writer = order_writer(run->problem, chain[i]), first = run->steps.count;
        if (writer == order_writer(run->problem, chain[i - 1]))
            continue;
        struct step step = {
            .from = writer, .to = head, .key = key, .lemma = *lemma, .kind = STEP_RW};
        if (!push_step(run, step))
            return false;
        *lemma = push_lemma(run, (struct lemma){writer, head, key, head, first, 0});
        if (*lemma == LEMMA_NONE)
            return false;
    }
    return true;
}

/* Given that a transaction is before who wrote the last version of the chain: so it is before those
 * who wrote the ones before, which were read and overwritten. */
static bool go_down(struct telling *run, uint32_t before, uint32_t key, uint32_t *lemma)
{
    const uint32_t *chain = run->chain.items;
    for (uint32_t i = run->chain.count - 1; i > 0; i--) {
        uint32_t writer = order_writer(run->problem, chain[i]), first = run->steps.count;
        uint32_t older = order_writer(run->problem, chain[i - 1]);
        if (writer == older)
            continue;
        struct step step = {
            .from = before, .to = writer, .key = key, .lemma = *lemma, .kind = STEP_WW};
        if (!push_step(run, step))
            return false;
        *lemma = push_lemma(run, (struct lemma){before, older, key, writer, first, 0});
        if (*lemma == LEMMA_NONE)
            return false;
    }
    return true;
}

/* That a key's first block is before another one: up to a place the history itself tells it. */
static bool tell_first(struct telling *run, uint32_t after, uint32_t *lemma)
{
    const struct transactions *all = run->problem->all;
    uint32_t key = telling_block(run, after)->key, known = 0;
    uint32_t ordered = all->keys[key].first_version + all->keys[key].ordered;
    if (run->first_lemmas[after] > 0) {
        *lemma = run->first_lemmas[after] - 1;
        return true;
    }
    if (!list_versions(run, run->problem->first_block[key]))
        return false;
    const uint32_t *chain = run->chain.items;
    while (known + 1 < run->chain.count && chain[known + 1] < ordered)
        known++;
    *lemma = LEMMA_NONE;
    if (!go_up(run, known, after, lemma))
        return false;
    run->first_lemmas[after] = *lemma + 1;
    return true;
}

/* The block of the key, but its first one, that begins with a version of the transaction;
 * ORDER_NONE. */
static uint32_t block_begun_by(const struct telling *run, uint32_t key, uint32_t txn)
{
    const struct order_problem *problem = run->problem;
    const struct transactions *all = problem->all;
    for (uint32_t i = all->txns[txn].micros; i < all->txns[txn + 1].micros; i++) {
        const struct micro *micro = &all->micros[i];
        if (micro->f == MICRO_READ || micro->key != key ||
            problem->next[micro->version] == ORDER_ABSENT)
            continue;
        uint32_t block = problem->block_of[micro->version];
        if (block != problem->first_block[key] && problem->blocks[block].head == micro->version)
            return block;
    }
    return ORDER_NONE;
}

static uint32_t key_of(const struct telling *run, uint32_t version)
{
    return telling_block(run, run->problem->block_of[version])->key;
}

bool telling_order(struct telling *run, uint32_t version, uint32_t label, uint32_t after,
                   uint32_t *lemma)
{
    const struct order_problem *problem = run->problem;
    uint32_t next = problem->next[version], key = key_of(run, version);
    *lemma = LEMMA_NONE;
    if (label != ORDER_NONE) {
        const struct ground *grounds = run->grounds.items;
        *lemma = grounds[run->ground_of[label / 4] - 1].lemma;
        return true;
    }
    if (next != ORDER_NONE && order_writer(problem, next) == after)
        return true;
    uint32_t block = block_begun_by(run, key, after);
    return next == ORDER_NONE && problem->block_of[version] == problem->first_block[key] &&
           block != ORDER_NONE && tell_first(run, block, lemma);
}

/* --- steps --- */

/* Who read a version and wrote the key did both before the next one: by itself an RW, and where
 * only that counts (rules.only_updates), a WW. */
static bool add_rw(struct telling *run, struct step step)
{
    step.kind = STEP_RW;
    if (!run->problem->rules.only_updates)
        return telling_add_step(run, step);
    uint32_t first = run->steps.count;
    if (!push_step(run, step))
        return false;
    step.kind = STEP_WW;
    step.lemma = push_lemma(run, (struct lemma){step.from, step.to, step.key, step.to, first, 0});
    return step.lemma != LEMMA_NONE && telling_add_step(run, step);
}

static bool tell_rw(struct telling *run, uint32_t from, uint32_t to, uint32_t version,
                    uint32_t label)
{
    struct step step = {.from = from, .to = to, .key = key_of(run, version)};
    return telling_order(run, version, label, to, &step.lemma) && add_rw(run, step);
}

/* A choice's edge between two transactions. */
static bool tell_choice(struct telling *run, uint32_t from, uint32_t to, uint32_t label)
{
    uint32_t block = literal_before(&run->search->choices, label / 2);
    struct step step = {
        .from = from, .to = to, .key = telling_block(run, block)->key, .kind = STEP_WW};
    return telling_order(run, telling_block(run, block)->tail, label, to, &step.lemma) &&
           (label & 1 ? add_rw(run, step) : telling_add_step(run, step));
}

static bool tell_read(struct telling *run, uint32_t from, uint32_t to)
{
    const struct transactions *all = run->problem->all;
    for (uint32_t i = all->txns[to].micros; i < all->txns[to + 1].micros; i++)
        if (order_is_read(all, to, &all->micros[i]) &&
            order_writer(run->problem, all->micros[i].version) == from)
            return telling_add_step(
                run, (struct step){from, to, all->micros[i].key, LEMMA_NONE, STEP_WR});
    return false;
}

/* Over some version that the transaction wrote, or read of another. */
static bool tell_version(struct telling *run, uint32_t from, uint32_t to, enum step_kind kind)
{
    const struct order_problem *problem = run->problem;
    const struct transactions *all = problem->all;
    for (uint32_t i = all->txns[from].micros; i < all->txns[from + 1].micros; i++) {
        const struct micro *micro = &all->micros[i];
        bool is_read = order_is_read(all, from, micro);
        struct step step = {.from = from, .to = to, .key = micro->key, .kind = (uint8_t)kind};
        if (kind == STEP_RW ? !is_read : micro->f == MICRO_READ)
            continue;
        if (kind == STEP_RW && problem->rules.only_updates &&
            !order_writes_key(all, from, micro->key))
            continue;
        if (problem->next[micro->version] != ORDER_ABSENT &&
            telling_order(run, micro->version, ORDER_NONE, to, &step.lemma))
            return kind == STEP_RW ? add_rw(run, step) : telling_add_step(run, step);
    }
    return false;
}

/* An edge of the beginning between two transactions. */
static bool tell_known(struct telling *run, const struct hop *hop, uint32_t from, uint32_t to)
{
    const struct order_rules *rules = &run->problem->rules;
    const struct transactions *all = run->problem->all;
    bool is_end = hop->from == order_end_of(run->problem, from);
    if (is_end && rules->wr && tell_read(run, from, to))
        return true;
    if (is_end && rules->session && from < to && all->txns[from].session == all->txns[to].session)
        return telling_add_step(run, (struct step){from, to, 0, LEMMA_NONE, STEP_SESSION});
    if (is_end && tell_version(run, from, to, STEP_WW))
        return true;
    return rules->rw && hop->from == order_begin_of(run->problem, from) &&
           tell_version(run, from, to, STEP_RW);
}

static uint32_t point_version(const struct telling *run, uint32_t point)
{
    const struct order_problem *problem = run->problem;
    for (uint32_t i = 0; i < problem->all->version_count; i++)
        if (problem->overwritten[i] == point)
            return i;
    return ORDER_NONE;
}

/* The next step: hops from *at on. */
static bool tell_step(struct telling *run, uint32_t *at, uint32_t end, uint32_t *txn)
{
    const struct order_problem *problem = run->problem;
    const struct hop *hops = run->hops.items, *hop = &hops[(*at)++];
    uint32_t from = *txn;
    bool is_time = hop->to >= problem->first_time && hop->to < problem->first_point;
    uint32_t point = hop->to >= problem->first_point ? hop->to : ORDER_NONE;
    while (order_txn_of(problem, hop->to) == TXN_NONE) {
        if (*at == end)
            return true;
        hop = &((const struct hop *)run->hops.items)[(*at)++];
    }
    *txn = order_txn_of(problem, hop->to);
    if (is_time)
        return telling_add_step(run, (struct step){from, *txn, 0, LEMMA_NONE, STEP_REALTIME});
    if (point != ORDER_NONE)
        return tell_rw(run, from, *txn, point_version(run, point), hop->label);
    if (*txn == from)
        return true;
    return hop->label != ORDER_NONE ? tell_choice(run, from, *txn, hop->label)
                                    : tell_known(run, hop, from, *txn);
}

bool telling_path(struct telling *run, uint32_t first, uint32_t count, uint32_t *end)
{
    const struct hop *hops = run->hops.items;
    run->path.count = 0;
    *end = order_txn_of(run->problem, hops[first].from);
    for (uint32_t at = first; at < first + count;)
        if (*end == TXN_NONE || !tell_step(run, &at, first + count, end))
            return false;
    return true;
}

/* --- lemmas of choices --- */

bool telling_ground(struct telling *run, struct ground *ground)
{
    const struct order_choices *choices = &run->search->choices;
    uint32_t first = literal_before(choices, ground->literal);
    uint32_t other = literal_after(choices, ground->literal), end;
    uint32_t key = telling_block(run, first)->key, head = head_writer(run, first);
    uint32_t tail = order_writer(run->problem, telling_block(run, other)->tail);
    if (!telling_path(run, ground->first, ground->count, &end) || run->path.count == 0)
        return false;
    uint32_t begin = run->steps.count;
    if (!telling_flush(run))
        return false;
    bool is_two = end != tail && run->problem->rules.only_updates;
    ground->lemma = push_lemma(run, (struct lemma){head, is_two ? end : tail, key, end, begin, 0});
    if (is_two && ground->lemma != LEMMA_NONE) {
        begin = run->steps.count;
        if (!push_step(run, (struct step){head, end, key, ground->lemma, STEP_WW}))
            return false;
        ground->lemma = push_lemma(run, (struct lemma){head, tail, key, end, begin, 0});
    }
    return ground->lemma != LEMMA_NONE && list_versions(run, other) &&
           go_down(run, head, key, &ground->lemma) && list_versions(run, first) &&
           go_up(run, 0, other, &ground->lemma);
}
