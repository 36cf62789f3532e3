#include "evidence/step_list.h"

#include "checker/budget.h"
#include "core/arena.h"
#include "core/err.h"

enum { STEPS_MIN = 16 };

void step_list_fini(struct step_list *list)
{
    budget_free(list->budget, list->steps, list->capacity * sizeof *list->steps);
}

int step_list_add(struct step_list *list, const struct step *step)
{
    if (list->count == list->capacity) {
        uint32_t more = list->capacity ? 2 * list->capacity : STEPS_MIN;
        struct step *steps = budget_resize(list->budget, list->steps,
                                           list->capacity * sizeof *steps, more * sizeof *steps);
        if (!steps)
            return ERR_NOMEM;
        list->steps = steps;
        list->capacity = more;
    }
    list->steps[list->count++] = *step;
    return 0;
}

int step_list_tell(const struct step_list *premises, const struct step_list *cycle,
                   const struct lemma *lemmas, uint32_t lemma_count, struct arena *arena,
                   struct evidence *out)
{
    uint32_t count = premises->count + cycle->count;
    struct step *steps = arena_alloc(arena, count * sizeof *steps);
    struct lemma *kept = arena_alloc(arena, lemma_count * sizeof *kept);
    if (!steps || !kept)
        return ERR_NOMEM;
    for (uint32_t i = 0; i < count; i++)
        steps[i] = i < premises->count ? premises->steps[i] : cycle->steps[i - premises->count];
    for (uint32_t i = 0; i < lemma_count; i++)
        kept[i] = lemmas[i];
    *out = (struct evidence){.kind = EVIDENCE_CYCLE,
                             .anomaly = ANOMALY_COUNT,
                             .steps = steps,
                             .step_count = count,
                             .cycle = premises->count,
                             .lemmas = kept,
                             .lemma_count = lemma_count};
    return 0;
}
