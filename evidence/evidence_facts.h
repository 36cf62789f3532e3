/* What the values, times and sessions of transactions show by themselves. Private to the judge of
 * evidence (evidence/evidence.h); everything is read from the transactions as they were recorded,
 * but for which key has which number and which reads saw a key's beginning. */
#ifndef EVIDENCE_EVIDENCE_FACTS_H
#define EVIDENCE_EVIDENCE_FACTS_H

#include "checker/budget.h"
#include "evidence/evidence.h"

/* Asked in every loop that may be long. What is found once it is over says nothing: the judge
 * accepts nothing any more. */
static inline bool judge_time_over(struct evidence_judge *judge)
{
    judge->work++;
    judge->is_time_over = judge->is_time_over || budget_time_over(judge->budget);
    return judge->is_time_over;
}

/* A place within a transaction: the number of one of its micro-operations. */
enum { PLACE_NONE = -1 };

/* It took effect: it was acknowledged, or nobody knows and somebody who was saw it. The first time
 * that nobody knows, the whole history is looked at, and a byte kept for each transaction; 16 bytes
 * for each write of those meanwhile. O(n log n), and then O(1). */
bool fact_is_committed(struct evidence_judge *judge, uint32_t txn);

bool fact_is_acknowledged(const struct evidence_judge *judge, uint32_t txn);

/* It wrote the key, or any key; it read any. */
bool fact_wrote(const struct evidence_judge *judge, uint32_t txn, uint32_t key);
bool fact_wrote_any(const struct evidence_judge *judge, uint32_t txn);
bool fact_read_any(const struct evidence_judge *judge, uint32_t txn);

/* What of a list counts as read from who appended it. */
enum list_part {
    LIST_LAST,           /* the last element: the version that Elle's anomalies are about */
    LIST_LAST_OF_OTHERS, /* the last but for the reader's own behind it: nothing newer was seen */
    LIST_ALL,            /* any element: all that was appended before is seen */
};

/* The first place behind `after` where `to` read what `from` wrote to the key; PLACE_NONE. */
int fact_reads_from(struct evidence_judge *judge, uint32_t from, uint32_t to, uint32_t key,
                    int after, enum list_part part);

/* A list tells that some version of `from` was installed before some of `to`. */
bool fact_installed_before(struct evidence_judge *judge, uint32_t from, uint32_t to, uint32_t key);

/* `from` read, at a place behind `after`, the beginning of the key, with LIST_LAST_OF_OTHERS also
 * if own elements stand there; or, if lists count, a state of the list before some version of `to`.
 */
bool fact_read_before(struct evidence_judge *judge, uint32_t from, uint32_t to, uint32_t key,
                      int after, bool lists_count, enum list_part part);

/* `reader` read a list without some element that `txn` appended. */
bool fact_lacks_element(const struct evidence_judge *judge, uint32_t reader, uint32_t txn,
                        uint32_t key);

/* `reader` read a list in which some element of `from` stands before some element of `to`. */
bool fact_shows_before(const struct evidence_judge *judge, uint32_t reader, uint32_t from,
                       uint32_t to, uint32_t key);

/* What the database promises of registers orders the last version of `from` before that of `to`:
 * who wrote this one had read the other; or somebody left the one before somebody came upon the
 * other, in one session or in time; or somebody came upon it who comes after `from` by sessions and
 * by what was read. Linear in the history; through reads, some times over. */
bool fact_promised(struct evidence_judge *judge, uint32_t from, uint32_t to, uint32_t key);

bool fact_same_session(const struct evidence_judge *judge, uint32_t one, uint32_t other);
bool fact_session(const struct evidence_judge *judge, uint32_t from, uint32_t to);
bool fact_realtime(const struct evidence_judge *judge, uint32_t from, uint32_t to);

/* The value that a read saw, of a list its last element; nil for the beginning of a list. */
value_ref fact_last_read(const struct micro_op *op);

/* The order of a list, with the first read that is longest among those without duplicates; count 0
 * if there is none, no memory or no time. Looks at the whole history the first time, and again if a
 * longest read has duplicates; sorts each list that is asked for, and keeps 8 bytes an element. */
struct judge_list fact_order(struct evidence_judge *judge, uint32_t key);

/* Where an element stands in an order of fact_order; UINT32_MAX for what is not in it: that comes
 * after all that is. O(log n). */
uint32_t judge_list_find(const struct judge_list *list, value_ref item);

/* Give back what the two above keep. */
void judge_forget_committed(struct evidence_judge *judge);
void judge_forget_orders(struct evidence_judge *judge);

#endif
