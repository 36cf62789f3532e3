/* Random evidence about a small history: cycles of steps and lemmas that look as if they could be
 * true, many of which are not. */
#ifndef TESTS_RANDOM_EVIDENCE_H
#define TESTS_RANDOM_EVIDENCE_H

#include "core/random.h"
#include "evidence/evidence.h"

#include <assert.h>
#include <string.h>

enum {
    EVIDENCE_EDGES_MAX = 512,
    EVIDENCE_STEPS_MAX = 64,
    EVIDENCE_LEMMAS_MAX = 4,
    EVIDENCE_PATH_MAX = 5,
};

struct random_evidence {
    const struct transactions *all;
    struct random *random;
    struct step edges[EVIDENCE_EDGES_MAX]; /* to choose from */
    uint32_t edge_count, plain_count;      /* those without lemmas come first */
    struct step steps[EVIDENCE_STEPS_MAX];
    struct lemma lemmas[EVIDENCE_LEMMAS_MAX];
    struct evidence evidence;
};

static inline uint32_t evidence_pick(struct random_evidence *make, uint32_t bound)
{
    return (uint32_t)random_below(make->random, bound);
}

static inline void evidence_add_edge(struct random_evidence *make, struct step step)
{
    if (step.from != step.to && make->edge_count < EVIDENCE_EDGES_MAX)
        make->edges[make->edge_count++] = step;
}

/* Whatever two micro-operations of a key could mean. */
static inline void evidence_add_edges(struct random_evidence *make, uint32_t from, uint32_t to)
{
    const struct transactions *all = make->all;
    const struct operation *one = txn_operation(all, from), *other = txn_operation(all, to);
    if (from < to && all->txns[from].session == all->txns[to].session)
        evidence_add_edge(make, (struct step){from, to, 0, LEMMA_NONE, STEP_SESSION});
    if (operation_precedes(one, other))
        evidence_add_edge(make, (struct step){from, to, 0, LEMMA_NONE, STEP_REALTIME});
    for (uint32_t i = all->txns[from].micros; i < all->txns[from + 1].micros; i++)
        for (uint32_t k = all->txns[to].micros; k < all->txns[to + 1].micros; k++) {
            const struct micro *a = &all->micros[i], *b = &all->micros[k];
            bool reads = a->f == MICRO_READ, is_read = b->f == MICRO_READ;
            if (a->key != b->key || (reads && is_read))
                continue;
            if (!reads && is_read && a->version != b->version)
                continue;
            enum step_kind kind = reads ? STEP_RW : is_read ? STEP_WR : STEP_WW;
            evidence_add_edge(make, (struct step){from, to, a->key, LEMMA_NONE, kind});
        }
}

/* A way from one transaction to another over random edges; 0 if it was not found. */
static inline uint32_t evidence_walk(struct random_evidence *make, uint32_t from, uint32_t to,
                                     uint32_t edges, struct step *out)
{
    uint32_t length = 0;
    while (length < EVIDENCE_PATH_MAX) {
        struct step next[EVIDENCE_EDGES_MAX];
        uint32_t count = 0, home = 0;
        for (uint32_t i = 0; i < edges; i++)
            if (make->edges[i].from == from)
                next[count++] = make->edges[i];
        for (uint32_t i = 0; i < count; i++)
            if (next[i].to == to)
                next[home++] = next[i];
        if (count == 0)
            return 0;
        out[length++] =
            next[evidence_pick(make, home > 0 && evidence_pick(make, 3) ? home : count)];
        from = out[length - 1].to;
        if (from == to)
            return length;
    }
    return 0;
}

/* A lemma, and the edges that rest on it. */
static inline void evidence_add_lemma(struct random_evidence *make)
{
    const struct transactions *all = make->all;
    struct evidence *evidence = &make->evidence;
    struct step wr = make->edges[evidence_pick(make, make->plain_count)];
    struct step other = make->edges[evidence_pick(make, make->plain_count)];
    bool by_path = evidence_pick(make, 4) == 0;
    if (wr.kind != STEP_WR || evidence->lemma_count == EVIDENCE_LEMMAS_MAX)
        return;
    uint32_t from = evidence_pick(make, 2) ? other.from : other.to;
    uint32_t via = by_path ? wr.from : wr.to;
    if (evidence->step_count + EVIDENCE_PATH_MAX > EVIDENCE_STEPS_MAX / 2 || from == wr.from)
        return;
    uint32_t count =
        evidence_walk(make, from, via, make->edge_count, make->steps + evidence->step_count);
    if (count == 0)
        return;
    uint32_t lemma = evidence->lemma_count++;
    make->lemmas[lemma] = (struct lemma){.from = from,
                                         .to = wr.from,
                                         .key = wr.key,
                                         .via = via,
                                         .first = evidence->step_count,
                                         .count = count};
    evidence->step_count += count;
    evidence_add_edge(make, (struct step){from, wr.from, wr.key, lemma, STEP_WW});
    for (uint32_t txn = 0; txn < all->txn_count; txn++)
        evidence_add_edge(make, (struct step){txn, wr.from, wr.key, lemma, STEP_RW});
}

static inline void random_evidence_init(struct random_evidence *make,
                                        const struct transactions *all, struct random *random)
{
    memset(make, 0, sizeof *make);
    make->all = all;
    make->random = random;
    for (uint32_t from = 0; from < all->txn_count; from++)
        for (uint32_t to = 0; to < all->txn_count; to++)
            evidence_add_edges(make, from, to);
    make->plain_count = make->edge_count;
}

/* False if none was found. */
static inline bool random_evidence_cycle(struct random_evidence *make)
{
    struct evidence *evidence = &make->evidence;
    *evidence = (struct evidence){.kind = EVIDENCE_CYCLE,
                                  .anomaly = ANOMALY_COUNT,
                                  .steps = make->steps,
                                  .lemmas = make->lemmas};
    make->edge_count = make->plain_count;
    if (make->plain_count == 0)
        return false;
    for (uint32_t lemmas = evidence_pick(make, 6); lemmas > 0; lemmas--)
        evidence_add_lemma(make);
    uint32_t edge =
        evidence->lemma_count > 0 && make->edge_count > make->plain_count && evidence_pick(make, 4)
            ? make->plain_count + evidence_pick(make, make->edge_count - make->plain_count)
            : evidence_pick(make, make->edge_count);
    evidence->cycle = evidence->step_count;
    make->steps[evidence->step_count++] = make->edges[edge];
    uint32_t count = evidence_walk(make, make->edges[edge].to, make->edges[edge].from,
                                   make->edge_count, make->steps + evidence->step_count);
    evidence->step_count += count;
    return count > 0;
}

/* One of the anomalies of single transactions, at random places. */
static inline void random_evidence_micros(struct random_evidence *make)
{
    const struct transactions *all = make->all;
    struct evidence *evidence = &make->evidence;
    *evidence = (struct evidence){.kind = EVIDENCE_MICROS,
                                  .anomaly = (enum anomaly)evidence_pick(make, ANOMALY_G0)};
    for (int i = 0; i < EVIDENCE_MICROS_MAX; i++) {
        uint32_t txn = evidence_pick(make, all->txn_count);
        uint32_t count = all->txns[txn + 1].micros - all->txns[txn].micros;
        evidence->txns[i] = txn;
        evidence->micros[i] = all->txns[txn].micros + evidence_pick(make, count);
    }
}

#endif
