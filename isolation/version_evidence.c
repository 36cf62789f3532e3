#include "isolation/version_evidence.h"

#include "checker/budget.h"
#include "core/arena.h"
#include "core/err.h"
#include "core/errbuf.h"
#include "isolation/version_telling.h"

#include <string.h>

/* --- cycles --- */

/* The first hop of a known cycle is one from a transaction. */
static bool turn(const struct telling *run, struct proof_row *row)
{
    struct proof_hop *hops = row->items;
    uint32_t count = row->count, at = 0;
    while (at < count && order_txn_of(run->problem, hops[at].from) == TXN_NONE)
        at++;
    for (uint32_t i = 0; i < at; i++) {
        struct proof_hop hop = hops[0];
        memmove(&hops[0], &hops[1], (count - 1) * sizeof *hops);
        hops[count - 1] = hop;
    }
    return at < count;
}

static bool tell_known(struct telling *run, uint32_t cycle)
{
    struct proof_row row = {.size = sizeof(struct proof_hop)};
    uint32_t end;
    bool ok = proof_keep_path(&row, run->problem, cycle, cycle) && turn(run, &row);
    run->hops = row.items;
    ok = ok && telling_path(run, 0, row.count, &end);
    proof_row_fini(run->budget, &row);
    return ok;
}

/* The path at hand is then the cycle. */
static bool tell_cycle(struct telling *run, const struct order_refutation *refutation)
{
    uint32_t end, lemma, version = refutation->last_version, to = refutation->last_to;
    if (!telling_path(run, refutation->first_hop, refutation->hop_count, &end))
        return false;
    if (version == ORDER_NONE)
        return true;
    uint32_t key = telling_block(run, run->problem->block_of[version])->key;
    return telling_order(run, version, refutation->last_label, to, &lemma) &&
           telling_add_step(run, (struct step){end, to, key, lemma, STEP_RW});
}

/* Recursive, as deep as cases are within one another. */
static bool tell_found(struct telling *run, const struct order_refutation *refutation)
{
    const struct order_ground *grounds = run->proof->grounds.items;
    const uint32_t *sequence = run->proof->sequence.items;
    for (uint32_t i = 0; i < refutation->ground_count; i++) {
        const struct order_ground *ground = &grounds[sequence[refutation->first_ground + i]];
        if (!(ground->is_case ? telling_case(run, ground, tell_found)
                              : telling_ground(run, ground)))
            return false;
    }
    return tell_cycle(run, refutation);
}

/* --- all of it --- */

static int keep_evidence(struct telling *run, struct arena *arena, struct evidence *out,
                         struct errbuf *err)
{
    uint32_t cycle = run->steps.count;
    if (!telling_flush(run))
        return 0;
    struct evidence evidence = {
        .kind = EVIDENCE_CYCLE,
        .anomaly = ANOMALY_COUNT,
        .txns = {TXN_NONE, TXN_NONE, TXN_NONE},
        .steps = arena_copy(arena, run->steps.items, run->steps.count * sizeof(struct step)),
        .step_count = run->steps.count,
        .cycle = cycle,
        .lemmas = arena_copy(arena, run->lemmas.items, run->lemmas.count * sizeof(struct lemma)),
        .lemma_count = run->lemmas.count};
    if (!evidence.steps || !evidence.lemmas)
        return errbuf_set(err, ERR_NOMEM, "no memory for the evidence");
    *out = evidence;
    return 0;
}

static bool open(struct telling *run)
{
    size_t blocks = run->problem->block_count;
    run->budget = run->problem->budget;
    run->steps.size = run->path.size = sizeof(struct step);
    run->lemmas.size = sizeof(struct lemma);
    run->chain.size = sizeof(uint32_t);
    run->choices = run->search ? run->search->choices.count : 0;
    run->lemma_of = budget_alloc(run->budget, run->choices * sizeof *run->lemma_of);
    run->first_lemmas = budget_zalloc(run->budget, blocks * sizeof *run->first_lemmas);
    for (uint32_t i = 0; run->lemma_of && i < run->choices; i++)
        run->lemma_of[i] = LEMMA_NONE;
    return run->lemma_of && run->first_lemmas;
}

static void close(struct telling *run)
{
    struct proof_row *rows[] = {&run->steps, &run->lemmas, &run->path, &run->chain};
    size_t blocks = run->problem->block_count;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        proof_row_fini(run->budget, rows[i]);
    budget_free(run->budget, run->lemma_of, run->choices * sizeof *run->lemma_of);
    budget_free(run->budget, run->first_lemmas, blocks * sizeof *run->first_lemmas);
}

int version_evidence_known(struct order_problem *problem, uint32_t cycle, struct arena *arena,
                           struct evidence *out, struct errbuf *err)
{
    struct telling run = {.problem = problem};
    int rc = 0;
    *out = (struct evidence){.kind = EVIDENCE_NONE};
    if (open(&run) && tell_known(&run, cycle))
        rc = keep_evidence(&run, arena, out, err);
    close(&run);
    return rc;
}

int version_evidence_found(const struct order_proof *proof, struct arena *arena,
                           struct evidence *out, struct errbuf *err)
{
    struct telling run = {.search = proof->search,
                          .problem = proof->search->problem,
                          .proof = proof,
                          .hops = proof->hops.items};
    int rc = 0;
    *out = (struct evidence){.kind = EVIDENCE_NONE};
    if (open(&run) && tell_found(&run, &proof->last))
        rc = keep_evidence(&run, arena, out, err);
    close(&run);
    return rc;
}
