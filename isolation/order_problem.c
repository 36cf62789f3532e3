#include "isolation/order_problem.h"

#include "checker/budget.h"

#include <string.h>

bool order_rules_of(enum level level, struct order_rules *out)
{
    static const struct order_rules rules[LEVEL_COUNT] = {
        [LEVEL_READ_UNCOMMITTED] = {.wr = false},
        [LEVEL_SESSION_READ_UNCOMMITTED] = {.session = true},
        [LEVEL_STRONG_READ_UNCOMMITTED] = {.realtime = true},
        [LEVEL_READ_COMMITTED] = {.wr = true},
        [LEVEL_SESSION_READ_COMMITTED] = {.wr = true, .session = true},
        [LEVEL_STRONG_READ_COMMITTED] = {.wr = true, .realtime = true},
        [LEVEL_CURSOR_STABILITY] = {.wr = true, .rw = true, .only_updates = true, .glues = true},
        [LEVEL_CONSISTENT_VIEW] = {.wr = true, .glues = true, .views = true},
        [LEVEL_PARALLEL_SNAPSHOT_ISOLATION] = {.wr = true,
                                               .session = true,
                                               .glues = true,
                                               .views = true},
        [LEVEL_PREFIX] =
            {.wr = true, .rw = true, .session = true, .splits = true, .ww_needs_end = true},
        [LEVEL_SNAPSHOT_ISOLATION] = {.wr = true, .rw = true, .splits = true, .glues = true},
        [LEVEL_SESSION_SNAPSHOT_ISOLATION] =
            {.wr = true, .rw = true, .session = true, .splits = true, .glues = true},
        [LEVEL_STRONG_SNAPSHOT_ISOLATION] =
            {.wr = true, .rw = true, .realtime = true, .splits = true, .glues = true},
        [LEVEL_REPEATABLE_READ] = {.wr = true, .rw = true, .glues = true},
        [LEVEL_SERIALIZABLE] = {.wr = true, .rw = true, .glues = true},
        [LEVEL_SESSION_SERIALIZABLE] = {.wr = true, .rw = true, .session = true, .glues = true},
        [LEVEL_STRICT_SERIALIZABLE] = {.wr = true, .rw = true, .realtime = true, .glues = true},
    };
    *out = rules[level];
    return level == LEVEL_READ_UNCOMMITTED || out->wr || out->session || out->realtime;
}

bool order_writes_key(const struct transactions *all, uint32_t txn, uint32_t key)
{
    for (uint32_t i = all->txns[txn].micros; i < all->txns[txn + 1].micros; i++)
        if (all->micros[i].f != MICRO_READ && all->micros[i].key == key)
            return true;
    return false;
}

/* --- versions that are in an order --- */

/* Of lists all that committed transactions appended, of registers the last of each of them. */
static void find_standing(struct order_problem *problem)
{
    const struct transactions *all = problem->all;
    for (uint32_t i = 0; i < all->version_count; i++)
        problem->next[i] = ORDER_ABSENT;
    for (uint32_t key = 0; key < all->key_count; key++)
        problem->next[all->keys[key].first_version] = ORDER_NONE;
    for (uint32_t txn = 0; txn < all->txn_count; txn++) {
        if (!txn_is_committed(all, txn))
            continue;
        for (uint32_t i = all->txns[txn].micros; i < all->txns[txn + 1].micros; i++) {
            const struct micro *micro = &all->micros[i];
            if (micro->f == MICRO_APPEND || (micro->f == MICRO_WRITE && micro->is_outer))
                problem->next[micro->version] = ORDER_NONE;
        }
    }
}

/* While blocks are made, block_of is the version before each in its block. */
static void chain(struct order_problem *problem, uint32_t before, uint32_t after)
{
    problem->next[before] = after;
    problem->block_of[after] = before;
}

/* The order that a list's reads tell, and that of what one transaction appended unread: each one's
 * versions follow one another, or the order of writers has a cycle. */
static void chain_known(struct order_problem *problem, uint32_t key)
{
    const struct transactions *all = problem->all;
    uint32_t first = all->keys[key].first_version, end = all->keys[key + 1].first_version;
    uint32_t ordered = first + all->keys[key].ordered, told = first, unread = ORDER_NONE;
    for (uint32_t version = first + 1; version < end; version++) {
        if (problem->next[version] == ORDER_ABSENT)
            continue;
        uint32_t writer = order_writer(problem, version);
        if (version < ordered || (told != first && writer == order_writer(problem, told))) {
            chain(problem, told, version);
            told = version;
            continue;
        }
        if (unread != ORDER_NONE && writer == order_writer(problem, unread))
            chain(problem, unread, version);
        unread = version;
    }
}

/* A list's versions are numbered in their order. last: of each key, the last version that the
 * transaction appended, and one more than the transaction. */
struct own_order {
    uint32_t version, by;
};

static uint32_t find_reversed(const struct order_problem *problem, struct own_order *last)
{
    const struct transactions *all = problem->all;
    for (uint32_t txn = 0; txn < all->txn_count; txn++) {
        for (uint32_t i = all->txns[txn].micros;
             txn_is_committed(all, txn) && i < all->txns[txn + 1].micros; i++) {
            const struct micro *micro = &all->micros[i];
            if (micro->f != MICRO_APPEND)
                continue;
            struct own_order *own = &last[micro->key];
            if (own->by == txn + 1 && own->version > micro->version)
                return txn;
            *own = (struct own_order){micro->version, txn + 1};
        }
    }
    return TXN_NONE;
}

/* --- who read them --- */

struct reading {
    struct order_problem *problem;
    uint32_t *read_by;    /* of each version: one more than the transaction that did last */
    uint32_t *written_by; /* of each key, likewise */
    uint32_t *own;        /* of each key: the first version of that one */
    const struct txn *txns;
    uint32_t txn;
};

static void take_writes(struct reading *run)
{
    const struct transactions *all = run->problem->all;
    for (uint32_t i = run->txns[run->txn].micros; i < run->txns[run->txn + 1].micros; i++) {
        const struct micro *micro = &all->micros[i];
        if (micro->f == MICRO_READ || run->problem->next[micro->version] == ORDER_ABSENT ||
            run->written_by[micro->key] == run->txn + 1)
            continue;
        run->written_by[micro->key] = run->txn + 1;
        run->own[micro->key] = micro->version;
    }
}

/* What the transaction wrote to the key it read follows upon what it read. */
static void glue(struct reading *run, const struct micro *micro)
{
    struct order_problem *problem = run->problem;
    if (run->written_by[micro->key] != run->txn + 1)
        return;
    uint32_t own = run->own[micro->key];
    if (problem->next[micro->version] == ORDER_NONE && problem->block_of[own] == ORDER_NONE)
        chain(problem, micro->version, own);
}

/* Each version that a transaction read of another one, once. */
static void take_reads(struct reading *run, bool fill)
{
    struct order_problem *problem = run->problem;
    const struct transactions *all = problem->all;
    for (uint32_t i = run->txns[run->txn].micros; i < run->txns[run->txn + 1].micros; i++) {
        const struct micro *micro = &all->micros[i];
        if (!order_is_read(all, run->txn, micro) || problem->next[micro->version] == ORDER_ABSENT ||
            run->read_by[micro->version] == run->txn + 1)
            continue;
        run->read_by[micro->version] = run->txn + 1;
        if (fill)
            problem->readers[problem->first_reader[micro->version]++] = run->txn;
        else
            problem->first_reader[micro->version]++;
        if (fill && problem->rules.glues)
            glue(run, micro);
    }
}

static void each_reading(struct reading *run, bool fill)
{
    const struct transactions *all = run->problem->all;
    memset(run->read_by, 0, all->version_count * sizeof *run->read_by);
    for (run->txn = 0; run->txn < all->txn_count; run->txn++) {
        if (!txn_is_committed(all, run->txn))
            continue;
        if (fill)
            take_writes(run);
        take_reads(run, fill);
    }
}

static bool find_readers(struct order_problem *problem)
{
    const struct transactions *all = problem->all;
    struct budget *budget = problem->budget;
    size_t versions = all->version_count, keys = all->key_count;
    struct reading run = {.problem = problem, .txns = all->txns};
    run.read_by = budget_alloc(budget, versions * sizeof *run.read_by);
    run.written_by = budget_zalloc(budget, keys * sizeof *run.written_by);
    run.own = budget_alloc(budget, keys * sizeof *run.own);
    bool ok = run.read_by && run.written_by && run.own;
    if (ok) {
        each_reading(&run, false);
        uint32_t *first = problem->first_reader;
        for (size_t i = 0; i <= versions; i++) {
            uint32_t own = first[i];
            first[i] = problem->reader_count;
            problem->reader_count += i < versions ? own : 0;
        }
        problem->readers = budget_alloc(budget, problem->reader_count * sizeof *problem->readers);
        ok = problem->readers != NULL;
    }
    if (ok) {
        each_reading(&run, true);
        memmove(problem->first_reader + 1, problem->first_reader,
                versions * sizeof *problem->first_reader);
        problem->first_reader[0] = 0;
    }
    budget_free(budget, run.read_by, versions * sizeof *run.read_by);
    budget_free(budget, run.written_by, keys * sizeof *run.written_by);
    budget_free(budget, run.own, keys * sizeof *run.own);
    return ok;
}

/* --- blocks --- */

static uint32_t count_blocks(const struct order_problem *problem)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < problem->all->version_count; i++)
        count += problem->next[i] != ORDER_ABSENT && problem->block_of[i] == ORDER_NONE;
    return count;
}

static void make_block(struct order_problem *problem, uint32_t key, uint32_t head)
{
    uint32_t block = problem->block_count++, tail = head;
    for (uint32_t i = head; i != ORDER_NONE; i = problem->next[i]) {
        problem->block_of[i] = block;
        tail = i;
    }
    problem->blocks[block] = (struct order_block){key, head, tail};
}

/* Versions that follow one another in a circle get no block: who wrote them are a cycle of WR. */
static bool make_blocks(struct order_problem *problem)
{
    const struct transactions *all = problem->all;
    struct budget *budget = problem->budget;
    uint32_t count = count_blocks(problem);
    problem->blocks = budget_alloc(budget, count * sizeof *problem->blocks);
    /* Which versions are heads is not known any more once the others have their block. */
    uint32_t *heads = budget_alloc(budget, count * sizeof *heads);
    if (problem->blocks && heads) {
        uint32_t at = 0;
        for (uint32_t i = 0; i < all->version_count; i++)
            if (problem->next[i] != ORDER_ABSENT && problem->block_of[i] == ORDER_NONE)
                heads[at++] = i;
        at = 0;
        for (uint32_t key = 0; key < all->key_count; key++) {
            problem->first_block[key] = problem->block_count;
            while (at < count && heads[at] < all->keys[key + 1].first_version)
                make_block(problem, key, heads[at++]);
        }
        problem->first_block[all->key_count] = problem->block_count;
    }
    bool ok = problem->blocks && heads;
    budget_free(budget, heads, count * sizeof *heads);
    if (!ok) {
        budget_free(budget, problem->blocks, count * sizeof *problem->blocks);
        problem->blocks = NULL;
    }
    return ok;
}

/* --- all of it --- */

static bool allocate(struct order_problem *problem)
{
    struct budget *budget = problem->budget;
    size_t versions = problem->all->version_count, keys = problem->all->key_count;
    problem->next = budget_alloc(budget, versions * sizeof *problem->next);
    problem->block_of = budget_alloc(budget, versions * sizeof *problem->block_of);
    problem->overwritten = budget_alloc(budget, versions * sizeof *problem->overwritten);
    problem->first_reader = budget_zalloc(budget, (versions + 1) * sizeof *problem->first_reader);
    problem->first_block = budget_zalloc(budget, (keys + 1) * sizeof *problem->first_block);
    if (!problem->next || !problem->block_of || !problem->overwritten || !problem->first_reader ||
        !problem->first_block)
        return false;
    memset(problem->block_of, 0xff, versions * sizeof *problem->block_of);
    memset(problem->overwritten, 0xff, versions * sizeof *problem->overwritten);
    return true;
}

enum order_built order_problem_build(struct order_problem *problem, uint32_t *cycle)
{
    if (!allocate(problem))
        return ORDER_NOT_BUILT;
    size_t keys = problem->all->key_count;
    struct own_order *last = budget_zalloc(problem->budget, keys * sizeof *last);
    if (!last)
        return ORDER_NOT_BUILT;
    *cycle = find_reversed(problem, last);
    budget_free(problem->budget, last, keys * sizeof *last);
    if (*cycle != TXN_NONE)
        return ORDER_OWN_REVERSED;
    find_standing(problem);
    for (uint32_t key = 0; key < problem->all->key_count; key++)
        chain_known(problem, key);
    if (problem->rules.wr && !find_readers(problem))
        return ORDER_NOT_BUILT;
    return make_blocks(problem) ? order_problem_link(problem, cycle) : ORDER_NOT_BUILT;
}

void order_problem_fini(struct order_problem *problem)
{
    struct budget *budget = problem->budget;
    size_t versions = problem->all->version_count, keys = problem->all->key_count;
    if (problem->graph.budget)
        order_graph_fini(&problem->graph);
    budget_free(budget, problem->blocks, problem->block_count * sizeof *problem->blocks);
    budget_free(budget, problem->first_block, (keys + 1) * sizeof *problem->first_block);
    budget_free(budget, problem->next, versions * sizeof *problem->next);
    budget_free(budget, problem->block_of, versions * sizeof *problem->block_of);
    budget_free(budget, problem->overwritten, versions * sizeof *problem->overwritten);
    budget_free(budget, problem->first_reader, (versions + 1) * sizeof *problem->first_reader);
    budget_free(budget, problem->readers, problem->reader_count * sizeof *problem->readers);
    budget_free(budget, problem->by_end, problem->by_end_count * sizeof *problem->by_end);
}
