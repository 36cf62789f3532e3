#include "transactions/committed.h"

#include "checker/budget.h"
#include "checker/sort_items.h"
#include "core/err.h"
#include "transactions/committed_lists.h"

#include <string.h>

enum { STACK_MIN = 1024, AHEAD = 32 /* micro-operations, whose version is fetched in time */ };

struct frame {
    uint32_t txn;
    uint32_t next;    /* 0: the session; then the micro-operations */
    uint32_t element; /* of the list that this one read: how many were looked at */
};

struct committing {
    struct committed *out;
    uint32_t *previous; /* of its session, by transaction */
    uint32_t *queue;    /* committed transactions, as they are looked at */
    uint32_t queued;
    struct frame *stack;
    uint32_t depth, capacity;
    bool all_are_committed;
    uint32_t *befores; /* by micro-operation: the transaction that must come before; TXN_NONE */
    uint64_t *words;   /* the accesses of one transaction */
    uint32_t word_capacity;
};

static void *alloc_numbers(struct committed *out, size_t count)
{
    return budget_alloc(out->budget, count * sizeof(uint32_t));
}

/* --- the order --- */

/* Fills previous, and the queue in order of invocation. */
static int queue_by_number(struct committing *run)
{
    const struct transactions *all = run->out->all;
    struct budget *budget = run->out->budget;
    uint32_t *last = alloc_numbers(run->out, all->session_count);
    if (!last)
        return ERR_NOMEM;
    memset(last, 0xff, all->session_count * sizeof *last);
    run->queued = 0;
    for (uint32_t txn = 0; txn < all->txn_count; txn++) {
        if (!txn_is_committed(all, txn))
            continue;
        run->previous[txn] = last[all->txns[txn].session];
        last[all->txns[txn].session] = txn;
        run->queue[run->queued++] = txn;
    }
    budget_free(budget, last, all->session_count * sizeof *last);
    return 0;
}

/* Whether the history has one session after the other, as those without times do. */
static bool is_in_blocks(const struct committing *run)
{
    const struct transactions *all = run->out->all;
    uint32_t same = 0;
    for (uint32_t i = 1; i < run->queued; i++)
        same += run->previous[run->queue[i]] == run->queue[i - 1];
    return all->session_count > 1 && same > run->queued / 4 * 3;
}

/* The first of each session, then the second of each... Sessions advance together, so that few
 * writes seem to come late. */
static int queue_in_turns(struct committing *run)
{
    struct budget *budget = run->out->budget;
    uint32_t count = run->queued;
    uint32_t *turns = alloc_numbers(run->out, run->out->all->txn_count);
    uint32_t *first = budget_zalloc(budget, ((size_t)count + 1) * sizeof *first);
    uint32_t *sorted = alloc_numbers(run->out, count);
    bool is_done = turns && first && sorted;
    for (uint32_t i = 0; is_done && i < count; i++) {
        uint32_t txn = run->queue[i], before = run->previous[txn];
        turns[txn] = before == TXN_NONE ? 0 : turns[before] + 1;
        first[turns[txn] + 1]++;
    }
    for (uint32_t i = 0; is_done && i < count; i++)
        first[i + 1] += first[i];
    for (uint32_t i = 0; is_done && i < count; i++)
        sorted[first[turns[run->queue[i]]]++] = run->queue[i];
    if (is_done)
        memcpy(run->queue, sorted, count * sizeof *sorted);
    budget_free(budget, turns, run->out->all->txn_count * sizeof *turns);
    budget_free(budget, first, ((size_t)count + 1) * sizeof *first);
    budget_free(budget, sorted, count * sizeof *sorted);
    return is_done ? 0 : ERR_NOMEM;
}

/* Who must come before a transaction because of this micro-operation of it. */
static uint32_t before_of(struct committing *run, uint32_t own, const struct micro *micro)
{
    struct committed *out = run->out;
    const struct transactions *all = out->all;
    if (micro->f != MICRO_READ)
        return committed_list_previous(out, micro);
    if (micro->version == VERSION_UNREAD)
        return TXN_NONE;
    uint32_t version = micro_version_of_others(all, own, micro);
    uint32_t txn = all->versions[version].txn;
    if (txn != TXN_NONE && (run->all_are_committed || txn_is_committed(all, txn)))
        return txn;
    out->is_odd |= txn != TXN_NONE || version != all->keys[micro->key].first_version;
    return TXN_NONE;
}

static int find_befores(struct committing *run)
{
    struct committed *out = run->out;
    const struct transactions *all = out->all;
    run->befores = alloc_numbers(out, all->micro_count);
    if (!run->befores)
        return ERR_NOMEM;
    run->all_are_committed = true;
    for (uint32_t txn = 0; txn < all->txn_count; txn++)
        run->all_are_committed &= txn_is_committed(all, txn);
    for (uint32_t txn = 0; txn < all->txn_count; txn++) {
        if (budget_time_over(out->budget))
            return ERR_TIMEOUT;
        for (uint32_t i = all->txns[txn].micros; i < all->txns[txn + 1].micros; i++) {
            if (all->micro_count - i > AHEAD && all->micros[i + AHEAD].version != VERSION_UNREAD)
                __builtin_prefetch(&all->versions[all->micros[i + AHEAD].version]);
            run->befores[i] =
                txn_is_committed(all, txn) ? before_of(run, txn, &all->micros[i]) : TXN_NONE;
        }
    }
    return 0;
}

static bool is_answered(const struct micro *micro)
{
    return micro->f == MICRO_READ && micro->version != VERSION_UNREAD;
}

/* Who appended the next element of a list that was read; nobody where the order of lists puts all
 * of them before whom it was read from. */
static uint32_t next_appender(const struct committing *run, struct frame *frame, uint32_t index)
{
    const struct transactions *all = run->out->all;
    const struct micro *micro = &all->micros[index];
    bool is_told = run->out->list_ends && run->befores[index] != TXN_NONE;
    if (!run->out->fresh || is_told || !micro->is_list || !is_answered(micro))
        return TXN_NONE;
    uint32_t end = micro_version_of_others(all, frame->txn, micro);
    while (run->out->fresh[index] + frame->element < end) {
        uint32_t txn = all->versions[run->out->fresh[index] + frame->element++].txn;
        if (txn != TXN_NONE && txn_is_committed(all, txn))
            return txn;
    }
    return TXN_NONE;
}

/* The next transaction that must come before the frame's; TXN_NONE if there is none left. */
static uint32_t next_before(const struct committing *run, struct frame *frame)
{
    const struct txn *txn = &run->out->all->txns[frame->txn];
    if (frame->next == 0) {
        frame->next = 1;
        if (run->previous[frame->txn] != TXN_NONE)
            return run->previous[frame->txn];
    }
    while (frame->next <= txn[1].micros - txn->micros) {
        uint32_t index = txn->micros + frame->next - 1;
        uint32_t before = next_appender(run, frame, index);
        if (before == TXN_NONE) {
            before = run->befores[index];
            frame->next++;
            frame->element = 0;
        }
        if (before != TXN_NONE && before != frame->txn)
            return before;
    }
    return TXN_NONE;
}

#define UNPLACED PLACE_NONE
#define OPEN     (PLACE_NONE - 1)

static int push(struct committing *run, uint32_t txn)
{
    if (run->depth == run->capacity) {
        uint32_t more = run->capacity ? 2 * run->capacity : STACK_MIN;
        struct frame *stack = budget_resize(run->out->budget, run->stack,
                                            run->capacity * sizeof *stack, more * sizeof *stack);
        if (!stack)
            return ERR_NOMEM;
        run->stack = stack;
        run->capacity = more;
    }
    run->stack[run->depth++] = (struct frame){.txn = txn};
    run->out->places[txn] = OPEN;
    return 0;
}

/* Depth first, so that each follows all that must come before it. */
static int place_after_others(struct committing *run, uint32_t txn)
{
    struct committed *out = run->out;
    int rc = push(run, txn);
    while (rc == 0 && run->depth > 0) {
        struct frame *top = &run->stack[run->depth - 1];
        uint32_t before = next_before(run, top);
        if (before == TXN_NONE) {
            out->places[top->txn] = out->count;
            out->txns[out->count++].txn = top->txn;
            run->depth--;
        } else if (out->places[before] == UNPLACED) {
            rc = push(run, before);
        } else if (out->places[before] == OPEN) {
            out->is_acyclic = false;
            return 0;
        }
    }
    return rc;
}

static int place_all(struct committing *run)
{
    struct committed *out = run->out;
    memset(out->places, 0xff, out->all->txn_count * sizeof *out->places);
    out->is_acyclic = true;
    int rc = 0;
    for (uint32_t i = 0; i < run->queued && rc == 0 && out->is_acyclic; i++) {
        if (budget_time_over(out->budget))
            return ERR_TIMEOUT;
        if (out->places[run->queue[i]] == UNPLACED)
            rc = place_after_others(run, run->queue[i]);
    }
    return rc;
}

static int order(struct committing *run)
{
    struct committed *out = run->out;
    int rc = find_befores(run);
    if (rc == 0)
        rc = queue_by_number(run);
    if (rc == 0 && is_in_blocks(run))
        rc = queue_in_turns(run);
    if (rc == 0)
        rc = place_all(run);
    if (rc != 0 || out->is_acyclic)
        return rc;
    rc = queue_by_number(run);
    memset(out->places, 0xff, out->all->txn_count * sizeof *out->places);
    out->count = run->queued;
    for (uint32_t place = 0; place < out->count; place++) {
        out->txns[place].txn = run->queue[place];
        out->places[run->queue[place]] = place;
    }
    return rc;
}

static void take_sessions(struct committing *run)
{
    struct committed *out = run->out;
    for (uint32_t place = 0; place < out->count; place++) {
        uint32_t txn = out->txns[place].txn, before = run->previous[txn];
        uint32_t previous = before == TXN_NONE ? PLACE_NONE : out->places[before];
        out->txns[place].session = out->all->txns[txn].session;
        out->txns[place].previous = previous;
        out->txns[place].turn = previous == PLACE_NONE ? 0 : out->txns[previous].turn + 1;
    }
}

/* --- reads and writes --- */

static int make_arrays(struct committing *run)
{
    struct committed *out = run->out;
    const struct transactions *all = out->all;
    size_t reads = 0, writes = 0;
    uint32_t most = 0;
    for (uint32_t txn = 0; txn < all->txn_count; txn++) {
        uint32_t first = all->txns[txn].micros, end = all->txns[txn + 1].micros;
        most = end - first > most ? end - first : most;
        for (uint32_t i = first; i < end && txn_is_committed(all, txn); i++) {
            reads += is_answered(&all->micros[i]);
            writes += all->micros[i].f != MICRO_READ && all->micros[i].is_outer;
        }
    }
    out->reads = budget_alloc(out->budget, reads * sizeof *out->reads);
    out->read_capacity = out->reads ? (uint32_t)reads : 0;
    out->writes = alloc_numbers(out, writes);
    out->write_capacity = out->writes ? (uint32_t)writes : 0;
    run->words = budget_alloc(out->budget, most * sizeof *run->words);
    run->word_capacity = run->words ? most : 0;
    return out->reads && out->writes && run->words ? 0 : ERR_NOMEM;
}

static int sort_accesses(struct committing *run, uint32_t count)
{
    static const int errors[] = {
        [SORT_DONE] = 0, [SORT_OUT_OF_TIME] = ERR_TIMEOUT, [SORT_OUT_OF_MEMORY] = ERR_NOMEM};
    return errors[sort_words(run->words, count, run->out->budget)];
}

static bool is_again(const struct committed_read *one, const struct committed_read *other)
{
    return one->key == other->key && one->writer == other->writer;
}

static int take_reads(struct committing *run, uint32_t place, uint32_t *at)
{
    struct committed *out = run->out;
    const struct transactions *all = out->all;
    const struct txn *txn = &all->txns[out->txns[place].txn];
    uint32_t count = 0, first = *at;
    for (uint32_t i = txn->micros; i < txn[1].micros; i++)
        if (is_answered(&all->micros[i]))
            run->words[count++] = sort_word(all->micros[i].key, i);
    int rc = sort_accesses(run, count);
    for (uint32_t i = 0; i < count && rc == 0; i++) {
        uint32_t micro = (uint32_t)run->words[i], writer = run->befores[micro];
        if (writer == out->txns[place].txn)
            continue;
        struct committed_read read = {.key = (uint32_t)(run->words[i] >> 32),
                                      .writer =
                                          writer == TXN_NONE ? PLACE_NONE : out->places[writer],
                                      .micro = micro};
        bool is_third = *at - first >= 2 && is_again(&out->reads[*at - 2], &read) &&
                        is_again(&out->reads[*at - 1], &read);
        *at -= is_third;
        out->reads[(*at)++] = read;
    }
    return rc;
}

/* Versions of a list's known order have ascending numbers, and then those nobody read in the order
 * in which they were appended. */
static bool is_inverted(const struct committing *run, uint32_t first, uint32_t second)
{
    const struct micro *micros = run->out->all->micros;
    return run->out->list_ends && micros[first].f == MICRO_APPEND &&
           micros[first].version > micros[second].version;
}

static int take_writes(struct committing *run, uint32_t place, uint32_t *at)
{
    struct committed *out = run->out;
    const struct transactions *all = out->all;
    const struct txn *txn = &all->txns[out->txns[place].txn];
    uint32_t count = 0;
    for (uint32_t i = txn->micros; i < txn[1].micros; i++)
        if (all->micros[i].f != MICRO_READ)
            run->words[count++] = sort_word(all->micros[i].key, i);
    int rc = sort_accesses(run, count);
    for (uint32_t i = 0; i < count && rc == 0; i++) {
        uint32_t key = (uint32_t)(run->words[i] >> 32);
        if (i + 1 == count || run->words[i + 1] >> 32 != key)
            out->writes[(*at)++] = key;
        else if (is_inverted(run, (uint32_t)run->words[i], (uint32_t)run->words[i + 1]))
            out->is_inverted = true;
    }
    return rc;
}

static int take_accesses(struct committing *run)
{
    struct committed *out = run->out;
    int rc = make_arrays(run);
    uint32_t reads = 0, writes = 0;
    for (uint32_t place = 0; place < out->count && rc == 0; place++) {
        if (budget_time_over(out->budget))
            return ERR_TIMEOUT;
        out->txns[place].reads = reads;
        out->txns[place].writes = writes;
        rc = take_reads(run, place, &reads);
        if (rc == 0)
            rc = take_writes(run, place, &writes);
    }
    if (rc != 0)
        return rc;
    out->txns[out->count].reads = reads;
    out->txns[out->count].writes = writes;
    return 0;
}

/* --- all of it --- */

static int start(struct committing *run)
{
    struct committed *out = run->out;
    size_t txns = out->all->txn_count;
    out->txns = budget_alloc(out->budget, (txns + 1) * sizeof *out->txns);
    out->places = alloc_numbers(out, txns);
    run->previous = alloc_numbers(out, txns);
    run->queue = alloc_numbers(out, txns);
    return out->txns && out->places && run->previous && run->queue ? 0 : ERR_NOMEM;
}

int committed_build(const struct transactions *all, bool with_lists, struct budget *budget,
                    struct committed *out)
{
    *out = (struct committed){.all = all, .budget = budget};
    struct committing run = {.out = out};
    int rc = start(&run);
    if (rc == 0 && with_lists)
        rc = committed_find_list_ends(out);
    if (rc == 0)
        rc = committed_find_fresh(out);
    if (rc == 0)
        rc = order(&run);
    if (rc == 0) {
        take_sessions(&run);
        rc = take_accesses(&run);
    }
    budget_free(budget, run.previous, all->txn_count * sizeof *run.previous);
    budget_free(budget, run.queue, all->txn_count * sizeof *run.queue);
    budget_free(budget, run.stack, run.capacity * sizeof *run.stack);
    budget_free(budget, run.befores, all->micro_count * sizeof *run.befores);
    budget_free(budget, run.words, run.word_capacity * sizeof *run.words);
    return rc;
}

void committed_fini(struct committed *done)
{
    struct budget *budget = done->budget;
    size_t txns = done->all->txn_count;
    budget_free(budget, done->txns, (txns + 1) * sizeof *done->txns);
    budget_free(budget, done->places, txns * sizeof *done->places);
    budget_free(budget, done->reads, done->read_capacity * sizeof *done->reads);
    budget_free(budget, done->writes, done->write_capacity * sizeof *done->writes);
    budget_free(budget, done->fresh, done->all->micro_count * sizeof *done->fresh);
    budget_free(budget, done->list_ends, done->all->key_count * sizeof *done->list_ends);
}

/* --- looking up --- */

bool committed_writes(const struct committed *done, uint32_t place, uint32_t key)
{
    uint32_t low = done->txns[place].writes, high = done->txns[place + 1].writes;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (done->writes[middle] < key)
            low = middle + 1;
        else
            high = middle;
    }
    return low < done->txns[place + 1].writes && done->writes[low] == key;
}
