#include "checker/step_memo.h"

#include "checker/budget.h"

#include <assert.h>
#include <stddef.h>

enum { COUNT_MIN = 64, COUNT_MAX = 65536 };

void step_memo_init(struct step_memo *memo, struct budget *budget)
{
    *memo = (struct step_memo){.budget = budget};
}

void step_memo_fini(struct step_memo *memo)
{
    budget_free(memo->budget, memo->entries, memo->count * sizeof *memo->entries);
    step_memo_init(memo, memo->budget);
}

/* Begins anew with more room: what was remembered is soon remembered again. */
static void grow(struct step_memo *memo)
{
    uint32_t count = memo->count ? memo->count * 4 : COUNT_MIN;
    struct step_memo_entry *entries = budget_zalloc(memo->budget, count * sizeof *entries);
    memo->fresh = 0;
    if (!entries)
        return;
    budget_free(memo->budget, memo->entries, memo->count * sizeof *memo->entries);
    memo->entries = entries;
    memo->count = count;
}

void step_memo_add(struct step_memo *memo, int32_t state, uint64_t label, int32_t next)
{
    assert(state > 0 && next != 0);
    if (memo->fresh >= memo->count && memo->count < COUNT_MAX)
        grow(memo);
    if (memo->count == 0)
        return;
    memo->entries[step_memo_place(memo, state, label)] =
        (struct step_memo_entry){.label = label, .state = state, .next = next};
    memo->fresh++;
}
