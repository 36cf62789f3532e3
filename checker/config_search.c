#include "checker/config_search.h"

#include "checker/budget.h"
#include "checker/config_set.h"
#include "checker/slots.h"

#include <string.h>

enum {
    REDUCE_MAX = 48, /* layers up to this size are reduced by a quadratic scan */
    /* With a width: how many times it may be examined between two returns, and how many times it
     * is let grow before the best are chosen. */
    EXAMINE_FACTOR = 64,
    CHOICE_FACTOR = 2,
};

/* For a state: which live calls are possible in it and leave it as it is. */
struct stay {
    int32_t state;
    uint32_t round; /* of which round this is; see search.round */
    uint64_t *pure; /* may be linearized at once */
    uint64_t *same; /* the others: may count as linearized */
};

enum { STAY_COUNT = 64 };

struct search {
    const struct search_input *input;
    struct budget *budget;
    struct slots slots;
    struct config_shape shape;
    struct config_set layer; /* after the returns so far */
    struct config_set next;  /* after the current one */
    struct config_set mid;   /* on the way there: the returning call is not linearized yet */
    uint64_t *config, *child, *done; /* scratch, one configuration each */

    /* Changes of the masks since the last return: new = (old & ~clear) | set. */
    uint64_t *set_must, *set_open;     /* live words */
    uint64_t *set_crash, *clear_crash; /* crash words */
    uint64_t *blind;                   /* live calls that overwrite everything */
    uint32_t *pending_needs;           /* by value: pending calls that need it */
    uint32_t pending_avoids;
    uint64_t *words; /* owns config .. blind and the stays' masks */
    size_t words_size;

    struct stay stays[STAY_COUNT];
    uint32_t round; /* counts the sets of pending calls there were */
    bool pruned;
    struct search_result result;
};

static bool mask_has(const uint64_t *mask, uint32_t bit)
{
    return mask[bit / 64] >> (bit % 64) & 1;
}

static void mask_add(uint64_t *mask, uint32_t bit)
{
    mask[bit / 64] |= UINT64_C(1) << (bit % 64);
}

static void mask_remove(uint64_t *mask, uint32_t bit)
{
    mask[bit / 64] &= ~(UINT64_C(1) << (bit % 64));
}

/* --- set-up --- */

static int allocate(struct search *search)
{
    uint32_t live = search->shape.live_words, crash = search->shape.crash_words;
    size_t count = (size_t)3 * search->shape.words + (size_t)3 * live + (size_t)2 * crash +
                   (size_t)STAY_COUNT * 2 * live;
    search->words_size = count * sizeof(uint64_t);
    search->words = budget_zalloc(search->budget, search->words_size);
    search->pending_needs =
        budget_zalloc(search->budget, search->slots.value_count * sizeof *search->pending_needs);
    if (!search->words || !search->pending_needs)
        return -1;
    uint64_t *at = search->words;
    search->config = at;
    search->child = at += search->shape.words;
    search->done = at += search->shape.words;
    search->set_must = at += search->shape.words;
    search->set_open = at += live;
    search->blind = at += live;
    search->set_crash = at += live;
    search->clear_crash = at += crash;
    at += crash;
    for (uint32_t i = 0; i < STAY_COUNT; i++, at += (size_t)2 * live) {
        search->stays[i].pure = at;
        search->stays[i].same = at + live;
    }
    return 0;
}

static int add_initial_states(struct search *search)
{
    for (uint32_t i = 0; i < search->input->initial_count; i++) {
        memset(search->config, 0, search->shape.words * sizeof *search->config);
        config_set_state(search->config, search->input->initial[i], false);
        if (config_set_add(&search->layer, search->config) != 0)
            return -1;
    }
    return 0;
}

static void search_fini(struct search *search)
{
    config_set_fini(&search->layer);
    config_set_fini(&search->next);
    config_set_fini(&search->mid);
    budget_free(search->budget, search->words, search->words_size);
    budget_free(search->budget, search->pending_needs,
                search->slots.value_count * sizeof *search->pending_needs);
    slots_fini(&search->slots);
}

/* --- what a state leaves as it is --- */

static int fill_stay(struct search *search, struct stay *stay)
{
    const struct search_input *input = search->input;
    memset(stay->pure, 0, (size_t)2 * search->shape.live_words * sizeof *stay->pure);
    for (uint32_t slot = 0; slot < search->slots.live_count; slot++) {
        if (search->slots.live[slot] == SLOT_NONE)
            continue;
        const struct call *call = &input->calls->calls[search->slots.live[slot]];
        int32_t state = input->model->step(input->context, stay->state, &call->op, 0);
        if (state == MODEL_NOMEM)
            return -1;
        if (state == stay->state)
            mask_add(call->op.pure ? stay->pure : stay->same, slot);
    }
    stay->round = search->round;
    return 0;
}

/* NULL when memory ran out. */
static const struct stay *find_stay(struct search *search, int32_t state)
{
    struct stay *stay = &search->stays[(uint32_t)state % STAY_COUNT];
    if (stay->round == search->round && stay->state == state)
        return stay;
    stay->state = state;
    stay->round = 0;
    return fill_stay(search, stay) == 0 ? stay : NULL;
}

/* Linearizes what can be without changing the state. *observed: a call was among them that proves
 * what the state is. */
static int settle(struct search *search, uint64_t *config, bool *observed)
{
    const struct stay *stay = find_stay(search, config_state(config));
    if (!stay)
        return -1;
    uint64_t *must = config_must(config), *open = config_open(&search->shape, config), pure = 0;
    for (uint32_t i = 0; i < search->shape.live_words; i++) {
        pure |= must[i] & stay->pure[i];
        must[i] &= ~(stay->pure[i] | stay->same[i]);
        open[i] &= ~stay->pure[i];
    }
    *observed = pure != 0;
    return 0;
}

/* --- events --- */

static void note_changes(struct search *search)
{
    for (uint32_t i = 0; i < search->slots.change_count; i++) {
        uint32_t slot = search->slots.changes[i] >> 1;
        if (search->slots.changes[i] & 1) {
            mask_add(search->set_crash, slot);
        } else {
            mask_add(search->clear_crash, slot);
            mask_remove(search->set_crash, slot);
        }
    }
}

static void note_pending(struct search *search, const struct model_op *op, uint32_t by)
{
    if (op->needs != MODEL_NONE)
        search->pending_needs[op->needs] += by;
    search->pending_avoids += op->avoids != MODEL_NONE ? by : 0;
}

static void begin_call(struct search *search, uint32_t index)
{
    const struct call *call = &search->input->calls->calls[index];
    slots_invoke(&search->slots, index);
    note_changes(search);
    note_pending(search, &call->op, 1);
    if (!call->returns)
        return;
    uint32_t slot = search->slots.slot_of[index];
    mask_add(search->set_open, slot);
    if (!call->optional)
        mask_add(search->set_must, slot);
    if (call->op.blind)
        mask_add(search->blind, slot);
}

static void end_call(struct search *search, uint32_t index)
{
    mask_remove(search->blind, search->slots.slot_of[index]);
    slots_return(&search->slots, index);
    note_changes(search);
    note_pending(search, &search->input->calls->calls[index].op, UINT32_MAX);
}

static void clear_changes(struct search *search)
{
    size_t live = search->shape.live_words * sizeof(uint64_t);
    size_t crash = search->shape.crash_words * sizeof(uint64_t);
    memset(search->set_must, 0, live);
    memset(search->set_open, 0, live);
    memset(search->set_crash, 0, crash);
    memset(search->clear_crash, 0, crash);
}

/* Brings a configuration from after the last return to right before the next. */
static int update_config(struct search *search, uint64_t *config)
{
    uint64_t *must = config_must(config), *open = config_open(&search->shape, config);
    uint64_t *crash = config_crash(&search->shape, config);
    for (uint32_t i = 0; i < search->shape.live_words; i++) {
        must[i] |= search->set_must[i];
        open[i] |= search->set_open[i];
    }
    for (uint32_t i = 0; i < search->shape.crash_words; i++)
        crash[i] = (crash[i] & ~search->clear_crash[i]) | search->set_crash[i];
    bool observed;
    return settle(search, config, &observed);
}

/* --- one return --- */

/* The returning call, while its layer is worked on. */
struct returning {
    uint32_t call, slot;
};

/* Adds a configuration to the next layer, in which the returning call is over and done with. */
static int emit(struct search *search, const struct returning *returning, const uint64_t *config)
{
    uint64_t *done = search->done;
    memcpy(done, config, search->shape.words * sizeof *done);
    mask_remove(config_must(done), returning->slot);
    mask_remove(config_open(&search->shape, done), returning->slot);
    config_set_state(done, config_state(done), false);
    return config_set_add(&search->next, done);
}

/* A configuration before the return. If the call may count as linearized, it is one after the
 * return too; but it may also be linearized still, so that the state is what it leaves behind. */
static int route(struct search *search, const struct returning *returning, uint64_t *config)
{
    uint64_t *must = config_must(config);
    bool is_done = !mask_has(config_open(&search->shape, config), returning->slot);
    if (!mask_has(must, returning->slot) && emit(search, returning, config) != 0)
        return -1;
    if (is_done)
        return 0;
    mask_add(must, returning->slot);
    return config_set_add(&search->mid, config);
}

/* Whether the state that op leaves behind can be of use before it is overwritten. */
static bool is_wanted(const struct search *search, const struct model_op *op)
{
    return op->opaque || op->gives == MODEL_NONE || search->pending_avoids > 0 ||
           search->pending_needs[op->gives] > 0;
}

/* Tries to linearize a call next: candidate is its operation, and where its bits are. */
struct candidate {
    const struct model_op *op;
    uint32_t slot;
    bool is_live, is_must, is_returning, is_endless;
};

static void take_bits(struct search *search, const struct candidate *candidate,
                      const struct returning *returning, uint64_t *child)
{
    uint64_t *must = config_must(child), *open = config_open(&search->shape, child);
    if (candidate->is_live) {
        mask_remove(must, candidate->slot);
        mask_remove(open, candidate->slot);
    } else if (!candidate->is_endless) {
        mask_remove(config_crash(&search->shape, child), candidate->slot);
    }
    if (!candidate->op->blind)
        return;
    /* The other blind ones may be put right before this one. Not the returning call: that would
     * only be this call linearized sooner than it has to be. */
    bool keep = mask_has(must, returning->slot);
    for (uint32_t i = 0; i < search->shape.live_words; i++)
        must[i] &= ~search->blind[i];
    if (keep)
        mask_add(must, returning->slot);
}

/* Whether a call that leaves the state as it is serves to hide others that overwrite everything. */
static bool hides_others(const struct search *search, const struct candidate *candidate,
                         const struct returning *returning)
{
    const uint64_t *must = config_must(search->config);
    uint64_t others = 0;
    for (uint32_t i = 0; candidate->op->blind && i < search->shape.live_words; i++) {
        uint64_t mask = must[i] & search->blind[i];
        if (candidate->is_live && candidate->slot / 64 == i)
            mask &= ~(UINT64_C(1) << (candidate->slot % 64));
        if (returning->slot / 64 == i)
            mask &= ~(UINT64_C(1) << (returning->slot % 64));
        others |= mask;
    }
    return others != 0;
}

/* The configuration with the call linearized, which left the state `after`. */
static int follow(struct search *search, const struct candidate *candidate,
                  const struct returning *returning, bool for_others, int32_t after)
{
    const struct model_op *op = candidate->op;
    if (after == config_state(search->config) && !candidate->is_returning &&
        !hides_others(search, candidate, returning))
        return 0;
    memcpy(search->child, search->config, search->shape.words * sizeof *search->child);
    take_bits(search, candidate, returning, search->child);
    config_set_state(search->child, after, false);
    bool observed;
    if (settle(search, search->child, &observed) != 0)
        return -1;
    if (for_others && !observed && !op->opaque)
        config_set_state(search->child, after, true);
    return route(search, returning, search->child);
}

/* config lies in search->config. -1 when memory ran out. */
static int try_candidate(struct search *search, const struct candidate *candidate,
                         const struct returning *returning)
{
    const struct search_input *input = search->input;
    const struct model_op *op = candidate->op;
    int32_t state = config_state(search->config);
    /* Its own effect counts only if it is forced to happen and cannot be hidden. */
    bool for_others = !candidate->is_returning && (!candidate->is_must || op->blind);
    if (config_tag(search->config) && op->blind)
        return 0; /* what came before would be overwritten unseen */
    if (for_others && !is_wanted(search, op))
        return 0;
    for (uint32_t choice = 0; choice == 0 || op->branches; choice++) {
        int32_t after = input->model->step(input->context, state, op, choice);
        if (after == MODEL_NO_CHOICE)
            break;
        if (after == MODEL_NOMEM ||
            (after >= 0 && follow(search, candidate, returning, for_others, after) != 0))
            return -1;
    }
    return 0;
}

static int expand_live(struct search *search, const struct returning *returning)
{
    const struct calls *calls = search->input->calls;
    for (uint32_t word = 0; word < search->shape.live_words; word++) {
        uint64_t open = config_open(&search->shape, search->config)[word];
        for (; open != 0; open &= open - 1) {
            uint32_t slot = word * 64 + (uint32_t)__builtin_ctzll(open);
            uint32_t call = search->slots.live[slot];
            struct candidate candidate = {
                .op = &calls->calls[call].op,
                .slot = slot,
                .is_live = true,
                .is_must = mask_has(config_must(search->config), slot),
                .is_returning = call == returning->call,
            };
            if (try_candidate(search, &candidate, returning) != 0)
                return -1;
        }
    }
    return 0;
}

static int expand_crashed(struct search *search, const struct returning *returning)
{
    for (uint32_t i = 0; i < search->slots.class_count; i++) {
        const struct slot_class *class = &search->slots.classes[i];
        if (class->head == class->tail || !is_wanted(search, &class->op))
            continue;
        uint32_t slot = slots_next_of_class(class, config_crash(&search->shape, search->config));
        struct candidate candidate = {.op = &class->op, .slot = slot, .is_endless = class->endless};
        if (slot != SLOT_NONE && try_candidate(search, &candidate, returning) != 0)
            return -1;
    }
    return 0;
}

/* Ends the search; true if it has to. */
static bool is_over(struct search *search)
{
    search->result.steps++;
    if (budget_time_over(search->budget))
        search->result.end = SEARCH_OUT_OF_TIME;
    else if (search->input->steps_max && search->result.steps > search->input->steps_max)
        search->result.end = SEARCH_STUCK;
    else
        return false;
    return true;
}

static bool run_out_of_memory(struct search *search)
{
    search->result.end = SEARCH_OUT_OF_MEMORY;
    return false;
}

/* Sequences are tried shortest first, which for the most part are those with fewest crashed calls:
 * enough of them is enough, for a search that may leave configurations out. */
static bool is_enough(const struct search *search, uint32_t examined)
{
    uint64_t width = search->input->width_max;
    return width && (examined > width * EXAMINE_FACTOR ||
                     config_set_size(&search->next) >= width * CHOICE_FACTOR);
}

static bool expand_all(struct search *search, const struct returning *returning)
{
    for (uint32_t i = 0; i < search->mid.count; i++) {
        const uint64_t *config = config_set_at(&search->mid, i);
        if (!config)
            continue;
        if (is_over(search))
            return false;
        if (is_enough(search, i)) {
            search->pruned = true;
            return true;
        }
        memcpy(search->config, config, search->shape.words * sizeof *config);
        if (expand_live(search, returning) != 0 || expand_crashed(search, returning) != 0)
            return run_out_of_memory(search);
    }
    return true;
}

static bool start_layer(struct search *search, const struct returning *returning)
{
    for (uint32_t i = 0; i < search->layer.count; i++) {
        const uint64_t *config = config_set_at(&search->layer, i);
        if (!config)
            continue;
        if (is_over(search))
            return false;
        memcpy(search->config, config, search->shape.words * sizeof *config);
        if (update_config(search, search->config) != 0 ||
            route(search, returning, search->config) != 0)
            return run_out_of_memory(search);
    }
    return true;
}

static void finish_layer(struct search *search)
{
    if (search->input->width_max && config_set_prune(&search->next, search->input->width_max))
        search->pruned = true;
    config_set_reduce(&search->next, REDUCE_MAX);
    uint32_t width = config_set_size(&search->next);
    if (width > search->result.width)
        search->result.width = width;
    struct config_set done = search->layer;
    search->layer = search->next;
    search->next = done;
    config_set_reset(&search->next);
    config_set_reset(&search->mid);
}

/* False ends the search, with its end in the result. */
static bool pass_return(struct search *search, uint32_t call)
{
    struct returning returning = {.call = call, .slot = search->slots.slot_of[call]};
    search->round++;
    if (!start_layer(search, &returning) || !expand_all(search, &returning))
        return false;
    if (config_set_size(&search->next) == 0) {
        search->result.end = search->pruned ? SEARCH_STUCK : SEARCH_REJECTED;
        return false;
    }
    finish_layer(search);
    clear_changes(search);
    end_call(search, call);
    return true;
}

static void run(struct search *search)
{
    const struct calls *calls = search->input->calls;
    search->result.end = SEARCH_ACCEPTED;
    for (uint32_t i = 0; i < calls->event_count; i++) {
        search->result.event = i;
        uint32_t call = event_call(calls->events[i]);
        if (!event_is_return(calls->events[i]))
            begin_call(search, call);
        else if (!pass_return(search, call))
            return;
    }
}

struct search_result config_search(const struct search_input *input)
{
    struct budget *budget = input->context->budget;
    struct search search = {.input = input, .budget = budget};
    if (slots_init(&search.slots, input->calls, input->context->values.count, budget) != 0)
        return (struct search_result){.end = SEARCH_OUT_OF_MEMORY};
    search.shape = config_shape_make(search.slots.live_count, search.slots.crash_count);
    config_set_init(&search.layer, budget, search.shape);
    config_set_init(&search.next, budget, search.shape);
    config_set_init(&search.mid, budget, search.shape);
    if (allocate(&search) != 0 || add_initial_states(&search) != 0)
        search.result.end = SEARCH_OUT_OF_MEMORY;
    else
        run(&search);
    search_fini(&search);
    return search.result;
}
