/* What the ways of telling evidence share: who takes part, under which name, and the words for one
 * transaction and for one step. Private to evidence_explain.h. */
#ifndef EVIDENCE_EVIDENCE_TEXT_H
#define EVIDENCE_EVIDENCE_TEXT_H

#include "evidence/evidence.h"

struct strbuf;

/* The transactions of an evidence in the order in which they are told; T1 is the first one. */
struct evidence_cast {
    const struct transactions *all;
    const struct evidence *evidence;
    uint32_t *txns; /* owned */
    uint32_t count;
    uint32_t *slots; /* owned: their numbers by transaction, open addressing; 0 = free */
    size_t mask;
};

/* Expected O(steps and lemmas). False without memory: then there is nothing to be freed. */
bool evidence_cast_init(struct evidence_cast *cast, const struct transactions *all,
                        const struct evidence *evidence);
void evidence_cast_fini(struct evidence_cast *cast);

/* Its number from 1 on; 0 if it takes no part. O(1) expected. */
uint32_t evidence_cast_find(const struct evidence_cast *cast, uint32_t txn);

/* "[append x 5] [r y [1 2 .. 30 elements .. 98 99]]"; one of them. */
void evidence_put_txn(struct strbuf *out, const struct transactions *all, uint32_t txn);
void evidence_put_micro(struct strbuf *out, const struct transactions *all,
                        const struct micro_op *op);

/* "process 3, events 12 to 15, 1.215 s to 1.220 s" */
void evidence_put_place(struct strbuf *out, const struct transactions *all, uint32_t txn);

/* "key x" */
void evidence_put_key(struct strbuf *out, const struct transactions *all, uint32_t key);
void evidence_put_value(struct strbuf *out, const struct transactions *all, value_ref value);

/* "T1 appended 5 to x, and T2 appended 6 behind it" */
void evidence_put_step(struct strbuf *out, const struct evidence_cast *cast,
                       const struct step *step);

/* "ww x (2)", "session", "rw x, case 3": the label of an evidence's step by its index. */
void evidence_put_step_label(struct strbuf *out, const struct transactions *all,
                             const struct evidence *evidence, uint32_t index);

/* In which case it is, see struct lemma. O(lemmas). */
uint32_t evidence_step_case(const struct evidence *evidence, uint32_t index);

/* "ww", "wr", "rw", "session", "realtime" */
const char *step_kind_name(enum step_kind kind);

/* The colour of a kind of steps, as HTML writes it. */
const char *step_kind_colour(enum step_kind kind);

static inline bool step_has_key(const struct step *step)
{
    return step->kind <= STEP_RW;
}

#endif
