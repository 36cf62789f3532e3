/* The committed transactions of a history in an order that agrees with the order of each session,
 * with who read from whom and, if wanted, with what lists tell of the order of their versions; and
 * what they read and wrote, close together. What the checks of weak isolation walk over.
 *
 * A transaction's number in the order is its *place*. Uncertain transactions that somebody saw
 * something of are among the committed ones. For histories in which no committed transaction read
 * what nobody or an aborted transaction wrote: `is_odd` says that there was such a read, which then
 * counts as one of the first version.
 *
 * From the budget, read-only once built. About 12 bytes for a read, 4 for a write and 32 for a
 * transaction, and where lists were read 4 for a micro-operation; linear, but for sorting the
 * accesses of each transaction. Where the order need not agree with lists it takes as long as each
 * session read of each of them, too. */
#ifndef TRANSACTIONS_COMMITTED_H
#define TRANSACTIONS_COMMITTED_H

#include "transactions/transactions.h"

#include <stdbool.h>
#include <stdint.h>

#define PLACE_NONE UINT32_MAX /* the writer of a key's first version; before a session's first */

/* A read of what another transaction wrote, or nobody. Of several reads of one version in a row the
 * first and the last are kept. Who reads a list reads from everybody who appended an element of it
 * (transactions/level.h); the writer is who appended the last of them that is not the reader's own.
 */
struct committed_read {
    uint32_t key;
    uint32_t writer; /* its place, or PLACE_NONE */
    uint32_t micro;  /* index of all->micros */
};

struct committed_txn {
    uint32_t txn; /* its number among all transactions */
    uint32_t session;
    uint32_t turn;          /* how many of its session came before */
    uint32_t previous;      /* the place before it in its session, or PLACE_NONE */
    uint32_t reads, writes; /* its first ones; the next place's are where they end */
};

struct committed {
    const struct transactions *all;
    struct budget *budget;
    uint32_t count;               /* places */
    struct committed_txn *txns;   /* by place, and one more */
    uint32_t *places;             /* by transaction; PLACE_NONE if it is not committed */
    struct committed_read *reads; /* of each place by key, then as they were done */
    uint32_t read_capacity;
    uint32_t *writes; /* the keys that each place wrote, ascending */
    uint32_t write_capacity;
    /* By micro-operation, of a list that was read: the first version that its session had not read
     * before. NULL: no lists were read. */
    uint32_t *fresh;
    uint32_t *list_ends; /* by key: who appended the last element of known order; NULL: no lists */
    /* There is such an order. Otherwise the places are the order of invocation. */
    bool is_acyclic;
    bool is_odd;
    bool is_inverted; /* a list has elements in another order than their transaction gave them */
};

/* Fills *out, to be freed with committed_fini, also after an error. with_lists: whether the order
 * shall agree with the lists. Errors: ERR_NOMEM, ERR_TIMEOUT, of the budget. */
int committed_build(const struct transactions *all, bool with_lists, struct budget *budget,
                    struct committed *out);
void committed_fini(struct committed *done);

/* Who appended before this micro-operation, by the order that lists tell: a transaction, maybe the
 * same; TXN_NONE if nobody did, or it is no append, or lists are not looked at. Amortised O(1). */
uint32_t committed_list_previous(const struct committed *done, const struct micro *micro);

/* Who appended a version; PLACE_NONE if nobody who committed did. */
static inline uint32_t committed_appender(const struct committed *done, uint32_t version)
{
    uint32_t txn = done->all->versions[version].txn;
    return txn == TXN_NONE ? PLACE_NONE : done->places[txn];
}

/* Versions from `at` on, before `end`. */
struct committed_elements {
    uint32_t at, end;
};

/* The elements of a list that a read (an index of `reads`) of a transaction showed, but for the
 * writer's, the last, and the reader's own behind that; some in between may be own, too. None for
 * registers. With lists in the order, their appenders' places ascend. */
struct committed_elements committed_elements(const struct committed *done, uint32_t txn,
                                             uint32_t read);

/* Of these, what no earlier read of the session showed. */
struct committed_elements committed_fresh_elements(const struct committed *done, uint32_t txn,
                                                   uint32_t read);

/* Whether a read of a place is from another one. Linear in what was read. */
bool committed_reads_from(const struct committed *done, uint32_t place, uint32_t read,
                          uint32_t from);

/* Whether a place wrote a key. O(log writes). */
bool committed_writes(const struct committed *done, uint32_t place, uint32_t key);

#endif
