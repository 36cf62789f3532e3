#include "isolation/shared_committed.h"

#include "checker/budget.h"

static void release(struct shared_committed *shared, bool with_lists)
{
    if (shared->is_built[with_lists])
        committed_fini(&shared->forms[with_lists]);
    shared->is_built[with_lists] = false;
}

void shared_committed_release(struct shared_committed *shared)
{
    release(shared, false);
    release(shared, true);
}

static bool has_appends(const struct transactions *all)
{
    for (uint32_t i = 0; i < all->micro_count; i++)
        if (all->micros[i].f == MICRO_APPEND)
            return true;
    return false;
}

int shared_committed_get(struct shared_committed *shared, const struct transactions *all,
                         bool with_lists, struct budget *budget, const struct committed **out)
{
    if (!shared->is_built[with_lists] && !has_appends(all))
        with_lists = true;
    struct committed *form = &shared->forms[with_lists];
    *out = form;
    if (shared->is_built[with_lists])
        return 0;
    if (budget->bytes_max > 0)
        release(shared, !with_lists);
    int rc = committed_build(all, with_lists, budget, form);
    if (rc == 0)
        shared->is_built[with_lists] = true;
    else
        committed_fini(form);
    return rc;
}
