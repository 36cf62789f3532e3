#include "isolation/version_telling.h"

#include "checker/budget.h"

#include <string.h>

enum { STEPS_MAX = 100000 };

/* --- rows --- */

static bool push_to(struct telling *run, struct proof_row *row, struct step step)
{
    struct step *own = row->count < STEPS_MAX ? proof_row_push(run->budget, row) : NULL;
    if (own)
        *own = step;
    return own != NULL;
}

bool telling_add_step(struct telling *run, struct step step)
{
    return push_to(run, &run->path, step);
}

/* One step by itself. */
static bool push_step(struct telling *run, struct step step)
{
    return push_to(run, &run->steps, step);
}

bool telling_flush(struct telling *run)
{
    for (uint32_t i = 0; i < run->path.count; i++)
        if (!push_step(run, ((struct step *)run->path.items)[i]))
            return false;
    run->path.count = 0;
    return true;
}

/* The lemma, of the case at hand, rests on the steps from `first` on. Returns its number;
 * LEMMA_NONE without memory. */
static uint32_t push_lemma(struct telling *run, struct lemma lemma)
{
    struct lemma *own = proof_row_push(run->budget, &run->lemmas);
    lemma.count = run->steps.count - lemma.first;
    lemma.within = run->in_case;
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
        uint32_t *own = proof_row_push(run->budget, &run->chain);
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
        *lemma = push_lemma(
            run,
            (struct lemma){.from = writer, .to = head, .key = key, .via = head, .first = first});
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
        *lemma = push_lemma(
            run,
            (struct lemma){.from = before, .to = older, .key = key, .via = writer, .first = first});
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
    uint32_t in_case = run->in_case;
    *lemma = LEMMA_NONE;
    run->in_case = CASE_NONE;
    bool ok = go_up(run, known, after, lemma);
    run->in_case = in_case;
    if (!ok)
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

/* A promised pair of versions by their blocks; or by their writers, where these are ORDER_NONE. */
static const struct version_pair *find_pair(const struct telling *run, uint32_t before,
                                            uint32_t after, uint32_t from, uint32_t to)
{
    const struct order_problem *problem = run->problem;
    for (uint32_t i = 0; problem->versions && i < problem->versions->count; i++) {
        const struct version_pair *pair = &problem->versions->pairs[i];
        if (before != ORDER_NONE ? problem->block_of[pair->before] == before &&
                                       problem->block_of[pair->after] == after
                                 : order_writer(problem, pair->before) == from &&
                                       order_writer(problem, pair->after) == to)
            return pair;
    }
    return NULL;
}

static uint32_t place_in_chain(const struct telling *run, uint32_t version)
{
    uint32_t place = 0;
    while (((const uint32_t *)run->chain.items)[place] != version)
        place++;
    return place;
}

/* That a block is before another one, as two of their versions are promised to be. */
static bool tell_promised(struct telling *run, uint32_t before, uint32_t after, uint32_t *lemma)
{
    const struct version_pair *pair = find_pair(run, before, after, TXN_NONE, TXN_NONE);
    if (!pair)
        return false;
    struct step step = {.from = order_writer(run->problem, pair->before),
                        .to = order_writer(run->problem, pair->after),
                        .key = telling_block(run, before)->key,
                        .lemma = LEMMA_NONE,
                        .kind = STEP_WW};
    uint32_t first = run->steps.count;
    if (!push_step(run, step))
        return false;
    *lemma = push_lemma(
        run,
        (struct lemma){
            .from = step.from, .to = step.to, .key = step.key, .via = step.to, .first = first});
    if (*lemma == LEMMA_NONE || !list_versions(run, after))
        return false;
    run->chain.count = place_in_chain(run, pair->after) + 1;
    if (!go_down(run, step.from, step.key, lemma) || !list_versions(run, before))
        return false;
    return go_up(run, place_in_chain(run, pair->before), after, lemma);
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
        *lemma = run->lemma_of[label / 4];
        return *lemma != LEMMA_NONE;
    }
    if (next != ORDER_NONE && order_writer(problem, next) == after)
        return true;
    uint32_t own = problem->block_of[version], block = block_begun_by(run, key, after);
    if (next != ORDER_NONE || block == ORDER_NONE || block == own)
        return false;
    return own == problem->first_block[key] ? tell_first(run, block, lemma)
                                            : tell_promised(run, own, block, lemma);
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
    step.lemma = push_lemma(
        run,
        (struct lemma){
            .from = step.from, .to = step.to, .key = step.key, .via = step.to, .first = first});
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
        if (order_source_of_own(run->problem, to, &all->micros[i]) == from ||
            (order_is_read(all, to, &all->micros[i]) &&
             order_writer(run->problem, all->micros[i].version) == from))
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
static bool tell_known(struct telling *run, const struct proof_hop *hop, uint32_t from, uint32_t to)
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
    if (rules->rw && hop->from == order_begin_of(run->problem, from) &&
        tell_version(run, from, to, STEP_RW))
        return true;
    const struct version_pair *pair = find_pair(run, ORDER_NONE, ORDER_NONE, from, to);
    return is_end && pair &&
           telling_add_step(
               run, (struct step){from, to, key_of(run, pair->before), LEMMA_NONE, STEP_WW});
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
    const struct proof_hop *hop = &run->hops[(*at)++];
    uint32_t from = *txn;
    bool is_time = hop->to >= problem->first_time && hop->to < problem->first_point;
    uint32_t point = hop->to >= problem->first_point ? hop->to : ORDER_NONE;
    while (order_txn_of(problem, hop->to) == TXN_NONE) {
        if (*at == end)
            return true;
        hop = &run->hops[(*at)++];
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
    run->path.count = 0;
    *end = order_txn_of(run->problem, run->hops[first].from);
    for (uint32_t at = first; at < first + count;)
        if (*end == TXN_NONE || !tell_step(run, &at, first + count, end))
            return false;
    return true;
}

/* --- lemmas of choices --- */

/* Given that who wrote the head of the block that is first came before who wrote the tail of the
 * other: so it is with tail and head. */
static bool tell_choice_lemma(struct telling *run, uint32_t literal, uint32_t lemma)
{
    const struct order_choices *choices = &run->search->choices;
    uint32_t first = literal_before(choices, literal), other = literal_after(choices, literal);
    uint32_t key = telling_block(run, first)->key;
    if (lemma == LEMMA_NONE || !list_versions(run, other) ||
        !go_down(run, head_writer(run, first), key, &lemma) || !list_versions(run, first) ||
        !go_up(run, 0, other, &lemma))
        return false;
    run->lemma_of[literal / 2] = lemma;
    return true;
}

static uint32_t tail_writer(const struct telling *run, uint32_t block)
{
    return order_writer(run->problem, telling_block(run, block)->tail);
}

bool telling_ground(struct telling *run, const struct order_ground *ground)
{
    const struct order_choices *choices = &run->search->choices;
    uint32_t first = literal_before(choices, ground->literal), end;
    uint32_t key = telling_block(run, first)->key, head = head_writer(run, first);
    uint32_t tail = tail_writer(run, literal_after(choices, ground->literal));
    if (!telling_path(run, ground->first_hop, ground->hop_count, &end) || run->path.count == 0)
        return false;
    uint32_t begin = run->steps.count;
    if (!telling_flush(run))
        return false;
    bool is_two = end != tail && run->problem->rules.only_updates;
    struct lemma lemma = {
        .from = head, .to = is_two ? end : tail, .key = key, .via = end, .first = begin};
    uint32_t number = push_lemma(run, lemma);
    if (is_two && number != LEMMA_NONE) {
        lemma.to = tail;
        lemma.first = run->steps.count;
        if (!push_step(run, (struct step){head, end, key, number, STEP_WW}))
            return false;
        number = push_lemma(run, lemma);
    }
    return tell_choice_lemma(run, ground->literal, number);
}

/* Supposed is that the tail of the other block is before the head of the one that is first. */
bool telling_case(struct telling *run, const struct order_ground *ground, tell_refutation *tell)
{
    const struct order_choices *choices = &run->search->choices;
    uint32_t first = literal_before(choices, ground->literal), around = run->in_case;
    uint32_t head = head_writer(run, first);
    uint32_t tail = tail_writer(run, literal_after(choices, ground->literal));
    struct lemma lemma = {.from = tail,
                          .to = head,
                          .key = telling_block(run, first)->key,
                          .via = head,
                          .first = run->steps.count,
                          .kind = LEMMA_SUPPOSED};
    uint32_t supposed = push_lemma(run, lemma);
    run->lemma_of[ground->literal / 2] = supposed;
    run->in_case = supposed + 1;
    bool ok = supposed != LEMMA_NONE && tell(run, &ground->of_contrary);
    run->in_case = around;
    lemma = (struct lemma){.from = head,
                           .to = tail,
                           .key = lemma.key,
                           .via = tail,
                           .first = run->steps.count,
                           .ends = supposed + 1,
                           .kind = LEMMA_CONTRARY};
    return ok && telling_flush(run) &&
           tell_choice_lemma(run, ground->literal, push_lemma(run, lemma));
}
