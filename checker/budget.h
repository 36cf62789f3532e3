/* The time and memory a check may take.
 *
 * Every allocation of search state goes through a budget, so that the cap holds to the byte. A
 * budget that ran out is not an error but the reason for the verdict `unknown`.
 *
 * A budget belongs to one thread. Several of them may draw on one pool, which any number of threads
 * may: a budget takes bytes of it in granules, and gives all but one back as it frees. */
#ifndef CHECKER_BUDGET_H
#define CHECKER_BUDGET_H

#include "core/byte_cap.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct budget_pool {
    struct byte_cap cap;
    _Atomic size_t bytes_peak;
};

enum { BUDGET_GRANULE = 16 * 1024 };

/* bytes_taken: what is in use already, of others that the cap counts. */
void budget_pool_init(struct budget_pool *pool, size_t bytes_max, size_t bytes_taken);

struct budget {
    int64_t deadline_ns; /* on monotonic_ns(); 0 = none */
    size_t bytes_max;    /* 0 = none */
    size_t bytes_used;
    size_t bytes_peak;
    struct budget_pool *pool; /* NULL = none */
    size_t bytes_reserved;    /* taken from the pool: bytes_used and up to a granule more */
    /* The pool refused: what others had taken of it then. 0 if it never did. */
    size_t bytes_of_others;
    uint32_t questions;   /* answered between two readings of the clock */
    uint32_t until_clock; /* ... of which these are left */
    int64_t clock_ns;     /* when it was read last */
    bool time_is_over;    /* the last answer of budget_time_over */
};

/* Zero for no limit. */
void budget_init(struct budget *budget, int64_t time_limit_ns, size_t bytes_max);

/* Draws on a pool as well, from now on. Nothing is allocated yet. */
void budget_share(struct budget *budget, struct budget_pool *pool);

/* Gives back what is reserved of the pool, once everything is freed. */
void budget_leave(struct budget *budget);

/* Asked in every long loop, once a step of at most some microseconds: reads the clock every 64th
 * time, so about 1 ns. Where steps turn out to take longer, it is read more often. */
bool budget_time_over(struct budget *budget);

/* Sets another deadline, for a part of the work. */
void budget_set_deadline(struct budget *budget, int64_t deadline_ns);

/* NULL when the cap or the memory ran out. The memory is not zeroed. A size of 0 is legal. Blocks
 * of a megabyte and more are mapped by themselves, so that the system has them back at once. */
void *budget_alloc(struct budget *budget, size_t size);
void *budget_zalloc(struct budget *budget, size_t size);
/* As realloc; on failure the old block is left as it was. Unless both are mapped, old and new block
 * count together while the contents move. */
void *budget_resize(struct budget *budget, void *block, size_t old_size, size_t new_size);
void budget_free(struct budget *budget, void *block, size_t size);

#endif
