/* The steps of evidence while it is put together: a growing array, from the budget. All zero but
 * for the budget is an empty one. */
#ifndef EVIDENCE_STEP_LIST_H
#define EVIDENCE_STEP_LIST_H

#include "evidence/evidence.h"

#include <stdint.h>

struct arena;
struct budget;

struct step_list {
    struct budget *budget;
    struct step *steps;
    uint32_t count, capacity;
};

void step_list_fini(struct step_list *list);
int step_list_add(struct step_list *list, const struct step *step); /* 0 or ERR_NOMEM */

/* The evidence of a cycle without a name, copied to the arena. 0 or ERR_NOMEM. */
int step_list_tell(const struct step_list *premises, const struct step_list *cycle,
                   const struct lemma *lemmas, uint32_t lemma_count, struct arena *arena,
                   struct evidence *out);

#endif
