#include "isolation/view_proof.h"

#include "checker/budget.h"
#include "core/err.h"
#include "isolation/view_search_parts.h"

enum { CASES_MAX = 1000, CASES_DEEP_MAX = 40, STEPS_MAX = 100000 };

int view_proof_init(struct view_proof *proof, struct view_search *search)
{
    struct budget *budget = search->budget;
    size_t vertices = (size_t)search->graph.vertex_count + 1;
    *proof = (struct view_proof){.search = search,
                                 .steps.budget = budget,
                                 .grounds.size = sizeof(struct view_ground),
                                 .sequence.size = sizeof(uint32_t),
                                 .needs.size = sizeof(uint32_t)};
    proof->path = budget_alloc(budget, vertices * sizeof *proof->path);
    proof->labels = budget_alloc(budget, vertices * sizeof *proof->labels);
    return proof->path && proof->labels ? 0 : ERR_NOMEM;
}

void view_proof_fini(struct view_proof *proof)
{
    struct budget *budget = proof->search->budget;
    size_t vertices = (size_t)proof->search->graph.vertex_count + 1;
    budget_free(budget, proof->path, vertices * sizeof *proof->path);
    budget_free(budget, proof->labels, vertices * sizeof *proof->labels);
    step_list_fini(&proof->steps);
    proof_row_fini(budget, &proof->grounds);
    proof_row_fini(budget, &proof->sequence);
    proof_row_fini(budget, &proof->needs);
}

/* --- grounds --- */

static int push_number(struct view_proof *proof, struct proof_row *row, uint32_t number)
{
    uint32_t *own = proof_row_push(proof->search->budget, row);
    if (own)
        *own = number;
    return own ? 0 : ERR_NOMEM;
}

static int push_ground(struct view_proof *proof, const struct view_ground *ground)
{
    struct view_ground *own = proof_row_push(proof->search->budget, &proof->grounds);
    if (own)
        *own = *ground;
    return own ? push_number(proof, &proof->sequence, proof->grounds.count - 1) : ERR_NOMEM;
}

/* What a choice rests on is needed, too. */
static int ground_choice(struct view_proof *proof, uint32_t number)
{
    struct view_choice *choices = proof->search->choices, *choice = &choices[number];
    if (choice->ground == VIEW_GROUND_NONE) {
        struct view_ground ground = {
            .pair = choice->pair, .is_after = choice->is_after, .choice = number};
        int rc = view_proof_premise(proof, &choice->pair, choice->is_after, number, &ground.of);
        return rc == 0 ? push_ground(proof, &ground) : rc;
    }
    const struct view_ground *own = (struct view_ground *)proof->grounds.items + choice->ground;
    const uint32_t *needs = (uint32_t *)proof->needs.items + own->first_need;
    for (uint32_t i = 0; i < own->need_count; i++)
        choices[needs[i]].is_needed = true;
    return push_number(proof, &proof->sequence, choice->ground);
}

/* The grounds found last come first, and then those that `last` has. */
static int put_in_sequence(struct view_proof *proof, uint32_t first)
{
    struct view_refutation *last = &proof->last;
    uint32_t *numbers = proof->sequence.items, end = proof->sequence.count;
    int rc = 0;
    for (uint32_t i = first, k = end; i + 1 < k; i++) {
        uint32_t number = numbers[--k];
        numbers[k] = numbers[i];
        numbers[i] = number;
    }
    for (uint32_t i = 0; i < last->ground_count && rc == 0; i++)
        rc = push_number(proof, &proof->sequence,
                         ((uint32_t *)proof->sequence.items)[last->first_ground + i]);
    last->first_ground = first;
    last->ground_count += end - first;
    return rc;
}

/* Later choices first, as they rest on earlier ones only. */
static int close_choices(struct view_proof *proof, uint32_t first)
{
    struct view_search *search = proof->search;
    uint32_t begin = proof->sequence.count;
    int rc = 0;
    for (uint32_t i = search->choice_count; i > first && rc == 0; i--)
        if (search->choices[i - 1].is_needed)
            rc = ground_choice(proof, i - 1);
    return rc == 0 ? put_in_sequence(proof, begin) : rc;
}

/* --- cases --- */

static int take_pair(struct view_proof *proof)
{
    struct view_search *search = proof->search;
    struct view_ground ground = {.pair = search->last_pair, .choice = search->choice_count};
    if (ground.choice >= proof->choices_max)
        proof->choices_max = ground.choice + 1;
    int rc = view_proof_take_pair(proof);
    proof->last.first_ground = proof->sequence.count;
    proof->last.ground_count = 1;
    if (rc == 0)
        rc = view_proof_premise(proof, &ground.pair, false, ORDER_NONE, &ground.of);
    return rc == 0 ? push_ground(proof, &ground) : rc;
}

/* The contrary of a choice taken back is grounded on `last`. */
static int conclude(struct view_proof *proof, const struct view_choice *trial)
{
    struct view_search *search = proof->search;
    struct view_ground ground = {.pair = trial->pair,
                                 .is_after = !trial->is_after,
                                 .is_case = true,
                                 .choice = search->choice_count,
                                 .of = proof->last,
                                 .first_need = proof->needs.count};
    int rc = 0;
    for (uint32_t i = 0; i < search->choice_count && rc == 0; i++) {
        if (search->choices[i].is_needed)
            rc = push_number(proof, &proof->needs, i);
        search->choices[i].is_needed = false;
    }
    ground.need_count = proof->needs.count - ground.first_need;
    struct view_ground *own = rc == 0 ? proof_row_push(search->budget, &proof->grounds) : NULL;
    if (!own)
        return ERR_NOMEM;
    *own = ground;
    if (view_search_choose(search, &ground.pair, ground.is_after, false) != ORDER_DONE)
        return view_search_error(search);
    search->choices[ground.choice].ground = proof->grounds.count - 1;
    return 0;
}

/* Back to the last trial that `last` rests on, and its contrary; *is_refuted: to none. */
static int turn_back(struct view_proof *proof, bool *is_refuted)
{
    struct view_search *search = proof->search;
    for (uint32_t i = search->choice_count; i > 0; i--) {
        struct view_choice trial = search->choices[i - 1];
        if (!trial.is_trial)
            continue;
        int rc = close_choices(proof, i);
        trial.is_needed = search->choices[i - 1].is_needed;
        view_search_take_back(search, i - 1);
        if (rc != 0 || trial.is_needed)
            return rc != 0 ? rc : conclude(proof, &trial);
    }
    *is_refuted = true;
    return close_choices(proof, 0);
}

static bool is_over(const struct view_proof *proof)
{
    const struct view_search *search = proof->search;
    uint32_t trials = 0;
    for (uint32_t i = 0; i < search->choice_count; i++)
        trials += search->choices[i].is_trial;
    return search->trials >= CASES_MAX || trials >= CASES_DEEP_MAX ||
           proof->steps.count > STEPS_MAX;
}

int view_proof_search(struct view_proof *proof, bool *is_refuted)
{
    struct view_search *search = proof->search;
    int rc = 0;
    *is_refuted = false;
    search->trials = 0;
    view_search_take_back(search, 0);
    while (rc == 0 && !*is_refuted && !is_over(proof)) {
        struct view_pass pass;
        enum pair_end end = view_search_look(search, &pass);
        search->last_pair = pass.pair;
        if (end == PAIR_NOT_SETTLED)
            return view_search_error(search);
        if (end == PAIR_IMPOSSIBLE) {
            rc = take_pair(proof);
            rc = rc == 0 ? turn_back(proof, is_refuted) : rc;
        } else if (!pass.any_settled) {
            if (!pass.any_open)
                return 0;
            search->trials++;
            if (view_search_choose(search, &pass.pair, true, true) != ORDER_DONE)
                return view_search_error(search);
        }
    }
    return rc;
}

/* --- evidence --- */

struct view_telling {
    const struct view_proof *proof;
    struct step_list premises, cycle;
    struct proof_row lemmas; /* struct lemma */
    uint32_t *lemma_of;      /* of each choice, as it was told last */
    uint32_t in_case;
};

static int copy_steps(struct view_telling *run, const struct view_refutation *from,
                      struct step_list *out)
{
    int rc = 0;
    for (uint32_t i = 0; i < from->step_count && rc == 0; i++) {
        struct step step = run->proof->steps.steps[from->first_step + i];
        if (step.lemma != LEMMA_NONE)
            step.lemma = run->lemma_of[step.lemma];
        rc = step_list_add(out, &step);
    }
    return rc;
}

static int push_lemma(struct view_telling *run, const struct view_ground *ground,
                      struct lemma lemma)
{
    const struct committed *done = run->proof->search->done;
    const struct committed_read *read = &done->reads[ground->pair.read];
    struct lemma *own = proof_row_push(run->proof->search->budget, &run->lemmas);
    if (!own)
        return ERR_NOMEM;
    lemma.key = read->key;
    lemma.within = run->in_case;
    lemma.count = run->premises.count - lemma.first;
    *own = lemma;
    run->lemma_of[ground->choice] = run->lemmas.count - 1;
    return 0;
}

/* Before whom was read from: as it comes before the reader. After the reader: as it comes after
 * whom that read from. */
static struct lemma lemma_of_choice(const struct view_telling *run,
                                    const struct view_ground *ground, bool is_after)
{
    const struct committed *done = run->proof->search->done;
    uint32_t writer = done->reads[ground->pair.read].writer;
    uint32_t other = ground->pair.other, reader = ground->pair.reader;
    return (struct lemma){.from = done->txns[is_after ? writer : other].txn,
                          .to = done->txns[is_after ? other : writer].txn,
                          .via = done->txns[is_after ? other : reader].txn,
                          .first = run->premises.count};
}

static int tell_refutation(struct view_telling *run, const struct view_refutation *refutation);

static int tell_case(struct view_telling *run, const struct view_ground *ground)
{
    uint32_t around = run->in_case;
    struct lemma lemma = lemma_of_choice(run, ground, !ground->is_after);
    lemma.kind = LEMMA_SUPPOSED;
    int rc = push_lemma(run, ground, lemma);
    uint32_t own = run->lemmas.count;
    run->in_case = own;
    if (rc == 0)
        rc = tell_refutation(run, &ground->of);
    lemma = lemma_of_choice(run, ground, ground->is_after);
    lemma.kind = LEMMA_CONTRARY;
    lemma.ends = own;
    if (rc == 0)
        rc = copy_steps(run, &ground->of, &run->premises);
    run->in_case = around;
    return rc == 0 ? push_lemma(run, ground, lemma) : rc;
}

static int tell_ground(struct view_telling *run, const struct view_ground *ground)
{
    if (ground->is_case)
        return tell_case(run, ground);
    struct lemma lemma = lemma_of_choice(run, ground, ground->is_after);
    int rc = copy_steps(run, &ground->of, &run->premises);
    return rc == 0 ? push_lemma(run, ground, lemma) : rc;
}

/* All but its cycle. Recursive, as deep as cases are within one another. */
static int tell_refutation(struct view_telling *run, const struct view_refutation *refutation)
{
    const struct view_ground *grounds = run->proof->grounds.items;
    const uint32_t *sequence = run->proof->sequence.items;
    int rc = 0;
    for (uint32_t i = 0; i < refutation->ground_count && rc == 0; i++)
        rc = tell_ground(run, &grounds[sequence[refutation->first_ground + i]]);
    return rc;
}

int view_proof_tell(struct view_proof *proof, struct arena *arena, struct evidence *out)
{
    struct budget *budget = proof->search->budget;
    struct view_telling run = {.proof = proof,
                               .premises.budget = budget,
                               .cycle.budget = budget,
                               .lemmas.size = sizeof(struct lemma)};
    size_t size = proof->choices_max * sizeof *run.lemma_of;
    run.lemma_of = budget_alloc(budget, size);
    int rc = run.lemma_of ? tell_refutation(&run, &proof->last) : ERR_NOMEM;
    if (rc == 0)
        rc = copy_steps(&run, &proof->last, &run.cycle);
    if (rc == 0)
        rc = step_list_tell(&run.premises, &run.cycle, run.lemmas.items, run.lemmas.count, arena,
                            out);
    budget_free(budget, run.lemma_of, size);
    step_list_fini(&run.premises);
    step_list_fini(&run.cycle);
    proof_row_fini(budget, &run.lemmas);
    return rc;
}
