/* Remembers where steps led: (state, operation) -> state, so that a model with large states works
 * out each transition of a history about once.
 *
 * A direct-mapped cache: it forgets what falls on the same place, and does without memory it is not
 * given. From the budget, at most 1 MiB. About 3 ns a question. Not thread-safe. */
#ifndef CHECKER_STEP_MEMO_H
#define CHECKER_STEP_MEMO_H

#include <stdint.h>

struct budget;

struct step_memo_entry {
    uint64_t label; /* which operation */
    int32_t state;  /* 0 = empty */
    int32_t next;
};

struct step_memo {
    struct budget *budget;
    struct step_memo_entry *entries;
    uint32_t count; /* of entries: 0, or a power of two */
    uint32_t fresh; /* entries filled since there were so many */
};

void step_memo_init(struct step_memo *memo, struct budget *budget);
void step_memo_fini(struct step_memo *memo);

static inline uint32_t step_memo_place(const struct step_memo *memo, int32_t state, uint64_t label)
{
    uint64_t hash =
        (label * UINT64_C(0xd6e8feb86659fd93) ^ (uint32_t)state) * UINT64_C(0x9e3779b97f4a7c15);
    return (uint32_t)(hash >> 32) & (memo->count - 1);
}

/* What was remembered of the step from a state >= 1; 0 if nothing is. */
static inline int32_t step_memo_find(const struct step_memo *memo, int32_t state, uint64_t label)
{
    if (memo->count == 0)
        return 0;
    const struct step_memo_entry *entry = &memo->entries[step_memo_place(memo, state, label)];
    return entry->state == state && entry->label == label ? entry->next : 0;
}

/* next is anything but 0. */
void step_memo_add(struct step_memo *memo, int32_t state, uint64_t label, int32_t next);

#endif
