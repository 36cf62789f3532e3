/* Evidence told to people and programs: in words, as JSON, as a graph for graphviz, and as a
 * picture. Nothing here proves anything: see evidence/evidence.h.
 *
 * Text is added to a strbuf, which knows whether memory ran out. Linear in the transactions of the
 * evidence, of which long lists are abbreviated. */
#ifndef EVIDENCE_EVIDENCE_EXPLAIN_H
#define EVIDENCE_EVIDENCE_EXPLAIN_H

#include "evidence/evidence.h"

struct strbuf;

/* "T1 appended 5 to x, and T2 read x without it, ...": which transactions, what follows from them,
 * and why that cannot be; lines. Of a very long cycle, or many lemmas, the first ones, and how many
 * more there are. */
void evidence_put_words(struct strbuf *out, const struct transactions *all,
                        const struct evidence *evidence);

/* What it comes to in one line, without the transactions: of a cycle, at which events they are. */
void evidence_put_sentence(struct strbuf *out, const struct transactions *all,
                           const struct evidence *evidence);

/* {"anomaly": ..., "transactions": [...], "steps": [...], "lemmas": [...], "words": ...} */
void evidence_put_json(struct strbuf *out, const struct transactions *all,
                       const struct evidence *evidence);

/* A cycle as a digraph of the DOT language; as an <svg> of its own, without scripts, styles or
 * anything from outside, of at most 40 transactions. Nothing for evidence that is no cycle, and no
 * digraph of more than 2,000 steps. */
void evidence_put_dot(struct strbuf *out, const struct transactions *all,
                      const struct evidence *evidence);
void evidence_put_svg(struct strbuf *out, const struct transactions *all,
                      const struct evidence *evidence);

#endif
