#include "checker/shrink_parts.h"

#include "checker/budget.h"
#include "checker/verify_reduction.h"
#include "core/clock.h"
#include "core/err.h"
#include "core/errbuf.h"

#include <stdlib.h>
#include <string.h>

struct shrink {
    struct operations *all;
    const struct check_options *options;
    const struct specification *specification;
    struct budget budget;
    struct operation *ops, *cut; /* what is left; scratch: a beginning of it */
    uint32_t count;
    uint32_t *keep; /* scratch: what the next try keeps */
    uint32_t keep_count;
    bool over; /* time or memory */
};

static struct verify_input verify_input(struct shrink *shrink, const struct object *object)
{
    return (struct verify_input){
        .object = object,
        .specification = shrink->specification,
        .context = {shrink->all->values, &shrink->options->semantics},
        .budget = &shrink->budget,
    };
}

/* Keeps what shrink->keep says of ops, if that is sound and fails. */
static bool try(struct shrink *shrink, const struct operation *ops, uint32_t count)
{
    struct object object = {
        .all = shrink->all, .values = shrink->all->values, .ops = ops, .count = count};
    struct verify_input input = verify_input(shrink, &object);
    struct refutation refutation = {
        .keep = shrink->keep, .keep_count = shrink->keep_count, .until = POSITION_NONE};
    struct verify_reduced reduced;
    enum verify_end end = verify_reduce(&input, &refutation, &reduced, NULL);
    if (end == VERIFY_ACCEPTED)
        end = verify_search(&input, &refutation, &reduced, NULL);
    shrink->over = shrink->over || end == VERIFY_OUT_OF_BUDGET;
    if (end == VERIFY_ACCEPTED) {
        for (uint32_t i = 0; i < reduced.kept_count; i++)
            shrink->ops[i] = reduced.kept[i].op;
        shrink->count = reduced.kept_count;
    }
    verify_reduced_fini(&reduced, &shrink->budget);
    return end == VERIFY_ACCEPTED;
}

static void keep_all(struct shrink *shrink, uint32_t count)
{
    shrink->keep_count = count;
    for (uint32_t i = 0; i < count; i++)
        shrink->keep[i] = i;
}

/* --- a beginning --- */

/* What is invoked up to an event; whatever ends later is of unknown outcome. */
static uint32_t cut(struct shrink *shrink, position until)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < shrink->count && shrink->ops[i].invoke <= until; i++) {
        struct operation op = shrink->ops[i];
        if (op.complete > until && op.complete != POSITION_NONE) {
            op.complete = POSITION_NONE;
            op.outcome = OP_INFO;
            op.result = VALUE_REF_NIL;
        }
        shrink->cut[count++] = op;
    }
    return count;
}

static bool try_beginning(struct shrink *shrink, position until)
{
    uint32_t count = cut(shrink, until);
    keep_all(shrink, count);
    return try(shrink, shrink->cut, count);
}

/* A beginning of a beginning that can be explained can be, too: so the shortest one is found by
 * halving. */
static bool find_beginning(struct shrink *shrink)
{
    position low = 0, high = 0, before;
    for (uint32_t i = 0; i < shrink->count; i++)
        if (shrink->ops[i].complete != POSITION_NONE && shrink->ops[i].complete > high)
            high = shrink->ops[i].complete;
    before = high;
    while (low < high && !shrink->over) {
        position middle = low + (high - low) / 2;
        if (try_beginning(shrink, middle))
            high = middle;
        else
            low = middle + 1;
    }
    return high < before;
}

/* --- less of it --- */

static bool try_without(struct shrink *shrink, uint32_t from, uint32_t to)
{
    shrink->keep_count = 0;
    for (uint32_t i = 0; i < shrink->count; i++)
        if (i < from || i >= to)
            shrink->keep[shrink->keep_count++] = i;
    return try(shrink, shrink->ops, shrink->count);
}

/* Runs of operations, ever shorter ones, the latest first. */
static bool leave_out_runs(struct shrink *shrink)
{
    bool progress = false;
    for (uint32_t size = shrink->count; size > 0; size /= 2)
        for (uint32_t end = shrink->count; end > 0 && !shrink->over;) {
            uint32_t from = end > size ? end - size : 0;
            progress = try_without(shrink, from, end) || progress;
            end = from < shrink->count ? from : shrink->count;
        }
    return progress;
}

/* All that concerns one element, or one owner. */
static bool leave_out_subjects(struct shrink *shrink)
{
    struct verify_input input = verify_input(shrink, NULL);
    bool progress = false;
    for (uint32_t at = 0; at < shrink->count && !shrink->over; at++) {
        uint64_t subject, other;
        if (!verify_subject(&input, &shrink->ops[at], &subject))
            continue;
        shrink->keep_count = 0;
        for (uint32_t i = 0; i < shrink->count; i++)
            if (!verify_subject(&input, &shrink->ops[i], &other) || other != subject)
                shrink->keep[shrink->keep_count++] = i;
        if (try(shrink, shrink->ops, shrink->count)) {
            progress = true;
            at = UINT32_MAX; /* from the beginning */
        }
    }
    return progress;
}

static bool has_subjects(const struct shrink *shrink)
{
    static const char *const without[] = {"register", "cas-register", "multi-register", "kv",
                                          "mutex",    "semaphore",    "linear-counter", "user"};
    for (size_t i = 0; i < sizeof without / sizeof without[0]; i++)
        if (strcmp(shrink->specification->model, without[i]) == 0)
            return false;
    return true;
}

static void minimize(struct shrink *shrink)
{
    bool progress = true;
    while (progress && !shrink->over) {
        progress = find_beginning(shrink);
        if (has_subjects(shrink) && !shrink->over)
            progress = leave_out_subjects(shrink) || progress;
        if (!shrink->over)
            progress = leave_out_runs(shrink) || progress;
    }
}

/* --- where to begin --- */

struct needs {
    struct verify_facts facts;
    struct budget *budget;
};

static bool take_need(void *context, uint64_t fact, bool gives)
{
    struct needs *needs = context;
    return gives || verify_facts_add(&needs->facts, fact, needs->budget);
}

static bool gives_none(void *context, uint64_t fact, bool gives)
{
    return !gives || !verify_facts_have(context, fact);
}

/* Adds to the marked operations all that lead to a state that one of them needs, and so on. */
static bool close_over_needs(struct shrink *shrink, bool *marked)
{
    struct verify_input input = verify_input(shrink, NULL);
    struct needs needs = {.budget = &shrink->budget};
    bool grown = true, possible = true;
    while (grown && possible) {
        grown = false;
        for (uint32_t i = 0; i < shrink->count && possible; i++)
            if (marked[i])
                possible = verify_state_facts(&input, &shrink->ops[i], take_need, &needs);
        verify_facts_sort(&needs.facts);
        for (uint32_t i = 0; i < shrink->count; i++)
            if (!marked[i] &&
                !verify_state_facts(&input, &shrink->ops[i], gives_none, &needs.facts))
                marked[i] = grown = true;
    }
    budget_free(needs.budget, needs.facts.items, needs.facts.capacity * sizeof *needs.facts.items);
    return possible;
}

static bool has_states(const struct shrink *shrink)
{
    return strstr(shrink->specification->model, "register") ||
           strcmp(shrink->specification->model, "linear-set") == 0;
}

/* The operations of the refutation, and what they depend on. */
static bool try_refutation(struct shrink *shrink, const struct refutation *refutation)
{
    bool *marked = budget_zalloc(&shrink->budget, shrink->count);
    uint32_t count = shrink->count;
    bool done = false;
    if (marked) {
        for (uint32_t i = 0; i < refutation->keep_count; i++)
            marked[refutation->keep[i]] = true;
        if (!has_states(shrink) || close_over_needs(shrink, marked)) {
            shrink->keep_count = 0;
            for (uint32_t i = 0; i < count; i++)
                if (marked[i])
                    shrink->keep[shrink->keep_count++] = i;
            done = try(shrink, shrink->ops, shrink->count);
        }
    }
    budget_free(&shrink->budget, marked, count);
    return done;
}

/* The invalid key with the smallest witness; UINT32_MAX if there is none. */
static uint32_t choose_key(const struct check_result *result)
{
    uint32_t best = UINT32_MAX;
    for (uint32_t i = 0; i < result->key_count; i++)
        if (result->keys[i].verdict == VERDICT_INVALID &&
            (best == UINT32_MAX ||
             result->keys[i].witness_count < result->keys[best].witness_count))
            best = i;
    return best;
}

/* --- all of it --- */

static void shrink_key(struct shrink *shrink, const struct check_key *key)
{
    const struct refutation *refutation = &key->refutation;
    position until = refutation->until;
    if (!try_refutation(shrink, refutation) && !shrink->over && !try_beginning(shrink, until))
        keep_all(shrink, shrink->count);
    if (!shrink->over)
        minimize(shrink);
}

static int shrink_checked(struct shrink *shrink, const struct check_result *result,
                          struct shrink_result *out, struct errbuf *err)
{
    uint32_t key = choose_key(result), room = shrink->all->largest_key + 1;
    shrink->ops = malloc(room * sizeof *shrink->ops);
    shrink->cut = malloc(room * sizeof *shrink->cut);
    shrink->keep = malloc(room * sizeof *shrink->keep);
    int rc = 0;
    if (!shrink->ops || !shrink->cut || !shrink->keep)
        rc = errbuf_set(err, ERR_NOMEM, "no memory to shrink a history");
    if (rc == 0) {
        operations_of_key(shrink->all, key, shrink->ops);
        shrink->count = shrink->all->keys[key].count;
        shrink_key(shrink, &result->keys[key]);
        rc = shrink_write(shrink->all, shrink->ops, shrink->count, &out->smaller, err);
    }
    out->after = shrink->count;
    out->smallest = !shrink->over;
    free(shrink->ops);
    free(shrink->cut);
    free(shrink->keep);
    return rc;
}

int shrink_history(struct operations *all, const struct check_options *options,
                   struct shrink_result *out, struct errbuf *err)
{
    struct shrink shrink = {.all = all, .options = options};
    struct check_result result;
    int64_t begun_ns = monotonic_ns();
    *out = (struct shrink_result){.before = all->operation_count, .after = all->operation_count};
    shrink.specification = specification_find(options->semantics.user ? "user" : options->model);
    int rc = check_history(all, options, &result, err);
    if (rc != 0)
        return rc;
    out->verdict = result.verdict;
    budget_init(&shrink.budget, 0, options->memory_limit_bytes);
    if (options->time_limit_ns > 0)
        budget_set_deadline(&shrink.budget, begun_ns + options->time_limit_ns);
    if (result.verdict == VERDICT_INVALID && !shrink.specification)
        rc = shrink_for_checker(all, options, &result, &shrink.budget, out, err);
    else if (result.verdict == VERDICT_INVALID)
        rc = shrink_checked(&shrink, &result, out, err);
    check_result_fini(&result);
    if (rc != 0)
        shrink_result_fini(out);
    return rc;
}

void shrink_result_fini(struct shrink_result *result)
{
    operations_fini(&result->smaller);
}
