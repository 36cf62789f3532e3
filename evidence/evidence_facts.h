/* What the values, times and sessions of transactions show by themselves. Private to the judge of
 * evidence (evidence/evidence.h); everything is read from the transactions as they were recorded,
 * but for which key has which number and which reads saw a key's beginning. */
#ifndef EVIDENCE_EVIDENCE_FACTS_H
#define EVIDENCE_EVIDENCE_FACTS_H

#include "evidence/evidence.h"

/* A place within a transaction: the number of one of its micro-operations. */
enum { PLACE_NONE = -1 };

/* It took effect: it was acknowledged, or nobody knows and somebody who was saw it. */
bool fact_is_committed(struct evidence_judge *judge, uint32_t txn);

bool fact_is_acknowledged(const struct evidence_judge *judge, uint32_t txn);

/* It wrote the key, or any key; it read any. */
bool fact_wrote(const struct evidence_judge *judge, uint32_t txn, uint32_t key);
bool fact_wrote_any(const struct evidence_judge *judge, uint32_t txn);
bool fact_read_any(const struct evidence_judge *judge, uint32_t txn);

/* The first place behind `after` where `to` read what `from` wrote to the key; PLACE_NONE. */
int fact_reads_from(const struct evidence_judge *judge, uint32_t from, uint32_t to, uint32_t key,
                    int after);

/* A list tells that some version of `from` was installed before some of `to`. */
bool fact_installed_before(struct evidence_judge *judge, uint32_t from, uint32_t to, uint32_t key);

/* `from` read, at a place behind `after`, the beginning of the key; or, if lists count, a state of
 * the list before some version of `to`. */
bool fact_read_before(struct evidence_judge *judge, uint32_t from, uint32_t to, uint32_t key,
                      int after, bool lists_count);

/* What the database promises of registers orders the last version of `from` before that of `to`:
 * who wrote this one had read the other; or somebody left the one before somebody came upon the
 * other, in one session or in time; or somebody came upon it who comes after `from` by sessions and
 * by what was read. Linear in the history; through reads, some times over. */
bool fact_promised(struct evidence_judge *judge, uint32_t from, uint32_t to, uint32_t key);

bool fact_same_session(const struct evidence_judge *judge, uint32_t one, uint32_t other);
bool fact_session(const struct evidence_judge *judge, uint32_t from, uint32_t to);
bool fact_realtime(const struct evidence_judge *judge, uint32_t from, uint32_t to);

/* The order of a list, with the first read that is longest among those without duplicates; count 0
 * if there is none, or no memory. */
struct judge_list fact_order(struct evidence_judge *judge, uint32_t key);

#endif
