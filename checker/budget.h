/* The time and memory a check may take.
 *
 * Every allocation of search state goes through a budget, so that the cap holds to the byte. A
 * budget that ran out is not an error but the reason for the verdict `unknown`. Not thread-safe. */
#ifndef CHECKER_BUDGET_H
#define CHECKER_BUDGET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct budget {
    int64_t deadline_ns; /* on monotonic_ns(); 0 = none */
    size_t bytes_max;    /* 0 = none */
    size_t bytes_used;
    size_t bytes_peak;
    uint32_t until_clock; /* questions left until the clock is read again */
    bool time_is_over;    /* the last answer of budget_time_over */
};

/* Zero for no limit. */
void budget_init(struct budget *budget, int64_t time_limit_ns, size_t bytes_max);

/* Asked in every long loop, once a step of at most some microseconds: reads the clock every 64th
 * time, so about 1 ns. */
bool budget_time_over(struct budget *budget);

/* Sets another deadline, for a part of the work. */
void budget_set_deadline(struct budget *budget, int64_t deadline_ns);

/* NULL when the cap or the memory ran out. The memory is not zeroed. A size of 0 is legal. */
void *budget_alloc(struct budget *budget, size_t size);
void *budget_zalloc(struct budget *budget, size_t size);
/* As realloc; on failure the old block is left as it was. Old and new block count together while
 * the contents move. */
void *budget_resize(struct budget *budget, void *block, size_t old_size, size_t new_size);
/* Takes over a block from malloc; false, and the block is freed, when it does not fit. */
bool budget_adopt(struct budget *budget, void *block, size_t size);
void budget_free(struct budget *budget, void *block, size_t size);

#endif
