/* Why a level does not hold: something single transactions show, or a cycle of orders each of which
 * the level demands. Made by the checks, proved again step by step by evidence_verify, told in
 * words and pictures.
 *
 * Most steps of a cycle can be read off the history. Others follow: if `via` read what `to` wrote
 * to a key, although `from`, which wrote the key too, came before `via`, then `from` must have come
 * before `to`. Such a conclusion is a *lemma*, and the steps that brought `from` before `via` are
 * its premise; they may rest on earlier lemmas.
 *
 * Where no lemma follows, there are two cases: of two transactions that wrote a key one did first.
 * The one is *supposed*; what follows from that is a lemma of this *case* only; and if there is a
 * cycle in it, the contrary is so, as a lemma of whatever case the supposition was made in. Cases
 * within cases are how a search refutes: this is what it did, without what led nowhere (Fitch,
 * "Symbolic Logic", 1952: subordinate proofs; Davis, Logemann & Loveland, CACM 1962). */
#ifndef EVIDENCE_EVIDENCE_H
#define EVIDENCE_EVIDENCE_H

#include "transactions/anomaly.h"
#include "transactions/transactions.h"

#include <stdbool.h>
#include <stdint.h>

enum step_kind {
    STEP_WW,       /* `to` installed a later version of the key than `from` did */
    STEP_WR,       /* `to` read the version that `from` installed */
    STEP_RW,       /* `from` read a version of the key, and `to` installed a later one */
    STEP_SESSION,  /* one session did `from` and then `to` */
    STEP_REALTIME, /* `from` was over before `to` began */
};

#define LEMMA_NONE UINT32_MAX /* the history itself shows it */

struct step {
    uint32_t from, to; /* transactions */
    uint32_t key;      /* of STEP_WW, STEP_WR, STEP_RW */
    /* STEP_WW: the lemma that is this step. STEP_RW: the lemma that orders the version read before
     * the one installed. LEMMA_NONE if the history tells that order: a list does, and every version
     * comes after the initial one. */
    uint32_t lemma;
    uint8_t kind; /* enum step_kind */
};

enum lemma_kind {
    LEMMA_FOLLOWS,  /* its premise, and the contrary, would be a forbidden cycle */
    LEMMA_SUPPOSED, /* the beginning of a case; has no premise, nor `via` */
    LEMMA_CONTRARY, /* its premise is a forbidden cycle in a case, of which it is the contrary */
};

#define CASE_NONE 0 /* what is so in any case */

/* `from` installed its versions of the key before `to` installed its own.
 *
 * LEMMA_FOLLOWS: otherwise the premise would close to a cycle that the level forbids. With `via`,
 * who read what `to` wrote, by way of RW: `via` would have read a version older than those of
 * `from`, which came before it. With `via` the same as `to` by way of WW: the premise leads from
 * `from` to `to`. */
struct lemma {
    uint32_t from, to, key;
    uint32_t via; /* read the version of `to`; or is `to` */
    /* Its premise: a path of steps from `from` to `via`, at least one; or a cycle. */
    uint32_t first, count;
    /* The case in which it is so, itself of LEMMA_SUPPOSED; the case that LEMMA_CONTRARY ends, from
     * `to` before `from`. Each is one more than the index of its supposition. */
    uint32_t within, ends;
    enum lemma_kind kind;
};

enum evidence_kind {
    EVIDENCE_NONE,   /* of an answer that needs none: of any but invalid */
    EVIDENCE_MICROS, /* a few micro-operations show it */
    EVIDENCE_CYCLE,
};

enum { EVIDENCE_MICROS_MAX = 3 };

struct evidence {
    enum evidence_kind kind;
    enum anomaly anomaly; /* what it shows; ANOMALY_COUNT if it has no name */
    /* EVIDENCE_MICROS: who did what, the one to blame first; TXN_NONE where there are fewer. What
     * each anomaly has here is told with its row in anomaly.c. */
    uint32_t txns[EVIDENCE_MICROS_MAX], micros[EVIDENCE_MICROS_MAX];
    /* EVIDENCE_CYCLE: the premises of the lemmas, and then the cycle, from `cycle` to the end,
     * which is in no case. */
    struct step *steps;
    uint32_t step_count, cycle;
    struct lemma *lemmas; /* each rests on earlier ones, of its case or of one around that */
    uint32_t lemma_count;
};

/* --- proving it again --- */

/* Where an element stands in a list. */
struct judge_place {
    value_ref item;
    uint32_t at;
};

/* The order that the longest read of a list tells, if it was read. */
struct judge_list {
    const value_ref *items;
    struct judge_place *places; /* count, sorted by item; NULL until asked for */
    uint32_t count;
    bool had_duplicates; /* the longest one had */
};

/* Looks at nothing but the transactions' own values, times and sessions, by code that shares
 * nothing with what found the evidence. The level's demands are as transactions/level.h defines
 * them.
 *
 * A judge is for any number of evidence about one history. It reads the whole history once when the
 * order of a list is asked for first, and keeps 24 bytes for each key; and some times when it is
 * first asked about a transaction of which nobody knows the end. The rest is near-linear in the
 * evidence and the transactions that this is about, but for what the database promises of
 * registers, which is linear in the history for each step that rests on it. From the budget, whose
 * clock ends it, too; for one thread. */
struct evidence_judge {
    const struct transactions *all;
    struct budget *budget;
    struct judge_list *lists; /* by key; NULL until asked for */
    bool *took_effect;        /* those of whose end nobody knows, by number; NULL likewise */
    /* enum version_inference: what the database promises of registers, and what is then not to be
     * shown. 0 = nothing. */
    unsigned promises;
    uint64_t work;                       /* turns of loops, so far */
    bool is_out_of_memory, is_time_over; /* from then on nothing is accepted */
};

void evidence_judge_init(struct evidence_judge *judge, const struct transactions *all,
                         struct budget *budget);
void evidence_judge_fini(struct evidence_judge *judge);

/* Whether the evidence shows that the level does not hold. Without memory or time, false. */
bool evidence_judge_accepts(struct evidence_judge *judge, enum level level,
                            const struct evidence *evidence);

/* Whether it is the anomaly that it says it is. */
bool evidence_judge_confirms_anomaly(struct evidence_judge *judge, const struct evidence *evidence);

/* The same by a judge for one evidence, with the budget of the transactions. */
bool evidence_verify(const struct transactions *all, enum level level,
                     const struct evidence *evidence);
bool evidence_verify_anomaly(const struct transactions *all, const struct evidence *evidence);

#endif
