#include "checker/check_run.h"

#include "checker/explain.h"
#include "checker/specification.h"
#include "core/clock.h"
#include "core/err.h"
#include "core/errbuf.h"
#include "core/strbuf.h"

enum { FIRST_TRY_BYTES = 16 << 20 };

static const int64_t first_try_ns = 300 * NS_PER_MS;

const char check_cause_time[] = "the time limit ended the check";
const char check_cause_memory[] = "the memory limit ended the check";

static int no_text_memory(struct errbuf *err)
{
    return errbuf_set(err, ERR_NOMEM, "no memory for the explanation of a verdict");
}

/* --- unknown --- */

/* The time of the last answer before `until`; -1 if there is none, or it was not recorded. */
static int64_t proven_until_ns(const struct object *object, position until)
{
    position last = 0;
    for (uint32_t i = 0; i < object->count && object->ops[i].invoke < until; i++) {
        position end = operation_end(&object->ops[i]);
        if (end < until && end > last)
            last = end;
    }
    return last > 0 ? operations_time_ns(object->all, last) : -1;
}

static int set_unknown(const struct object *object, const char *cause, position until,
                       struct check_key *out)
{
    int64_t proven_ns = proven_until_ns(object, until);
    out->verdict = VERDICT_UNKNOWN;
    out->cause = cause;
    if (proven_ns > out->proven_until_ns)
        out->proven_until_ns = proven_ns;
    return 0;
}

/* --- invalid --- */

/* The last event that the operations of a witness know of. */
static position last_event(const struct object *object, const struct algorithm_result *found)
{
    position last = 0;
    for (uint32_t i = 0; i < found->witness_count; i++) {
        const struct operation *op = &object->ops[found->witness[i]];
        position end = op->outcome == OP_INFO ? op->invoke : op->complete;
        if (end > last)
            last = end;
    }
    return last;
}

static struct refutation refutation_of(const struct algorithm_result *found, position until)
{
    return (struct refutation){.keep = found->witness,
                               .keep_count = found->witness_count,
                               .until = until,
                               .any_state = found->any_state,
                               .from = found->from,
                               .free_values = found->free_values,
                               .free_count = found->free_count};
}

static int keep_refutation(struct check_worker *worker, const struct refutation *refutation,
                           struct check_key *out, struct errbuf *err)
{
    const void *keep = arena_copy(worker->arena, refutation->keep,
                                  refutation->keep_count * sizeof *refutation->keep);
    const void *values = arena_copy(worker->arena, refutation->free_values,
                                    refutation->free_count * sizeof *refutation->free_values);
    if (!keep || !values)
        return no_text_memory(err);
    out->refutation = *refutation;
    out->refutation.keep = keep;
    out->refutation.free_values = values;
    return 0;
}

/* The verdict `invalid`, once the refutation is confirmed. */
static int set_invalid(struct check_worker *worker, const struct explain_input *explain,
                       struct check_key *out, struct errbuf *err)
{
    const struct refutation *refutation = explain->refutation;
    struct explained words;
    if (explain_refutation(explain, worker->arena, &words) != 0)
        return no_text_memory(err);
    out->cause = words.cause;
    out->explanation = words.text;
    out->possible = words.possible;
    out->possible_count = words.possible_count;
    out->states = words.states;
    out->state_count = words.state_count;
    int rc = check_set_witness(worker, explain->object, refutation->keep, refutation->keep_count,
                               explain->failing, out, err);
    if (rc == 0)
        rc = keep_refutation(worker, refutation, out, err);
    if (rc == 0)
        out->verdict = VERDICT_INVALID;
    return rc;
}

static enum verify_end verify(struct check_worker *worker, const struct object *object,
                              const struct refutation *refutation, struct errbuf *why)
{
    const struct check_run *run = worker->run;
    struct verify_input input = {
        .object = object,
        .specification = specification_find(run->model->name),
        .context = {.values = run->all->values, .semantics = &run->options->semantics},
        .budget = &worker->budget};
    return verify_refutation(&input, refutation, why);
}

/* Up to the event at which the algorithm saw it, or else up to the last that the witness knows of.
 */
static enum verify_end verify_found(struct check_worker *worker, const struct object *object,
                                    const struct algorithm_result *found,
                                    struct refutation *refutation, struct errbuf *why)
{
    position last = last_event(object, found);
    *refutation = refutation_of(found, found->until > 0 ? found->until : last);
    enum verify_end end = verify(worker, object, refutation, why);
    if (end == VERIFY_REJECTED && refutation->until != last) {
        *refutation = refutation_of(found, last);
        end = verify(worker, object, refutation, why);
    }
    return end;
}

/* Fewer operations can be harder to verify: the reads that a witness does without may be what keeps
 * the states few. So it has some time and memory, and if they are too little all operations of its
 * time are kept. */
static void limit_first_try(struct check_worker *worker)
{
    struct budget *budget = &worker->budget;
    int64_t until_ns = monotonic_ns() + first_try_ns, deadline_ns = worker->run->deadline_ns;
    budget_set_deadline(budget, deadline_ns > 0 && deadline_ns < until_ns ? deadline_ns : until_ns);
    budget->bytes_max = budget->bytes_used + FIRST_TRY_BYTES;
}

/* There is time for it until the end of the whole check: what is wrong with one object counts more
 * than that all get theirs. */
static void limit_last_try(struct check_worker *worker)
{
    budget_set_deadline(&worker->budget, worker->run->deadline_ns);
    worker->budget.bytes_max = 0;
}

/* The numbers of all operations between the first and the last event of a refutation, in *all.
 * False without memory. */
static bool keep_everything(struct check_worker *worker, const struct object *object,
                            const struct refutation *some, struct refutation *all)
{
    position from = some->any_state ? some->from : 0;
    uint32_t *numbers = budget_alloc(&worker->budget, object->count * sizeof *numbers);
    *all = (struct refutation){
        .keep = numbers, .until = some->until, .any_state = some->any_state, .from = some->from};
    for (uint32_t i = 0; numbers && i < object->count; i++) {
        const struct operation *op = &object->ops[i];
        if (op->invoke <= some->until && operation_end(op) >= from && op->outcome != OP_FAIL)
            numbers[all->keep_count++] = i;
    }
    return numbers;
}

/* With refutation->keep as the result's own, or, if *numbers is set, that. */
static enum verify_end verify_either(struct check_worker *worker, const struct object *object,
                                     const struct algorithm_result *found,
                                     struct refutation *refutation, uint32_t **numbers,
                                     struct errbuf *why)
{
    struct refutation all;
    limit_first_try(worker);
    enum verify_end end = verify_found(worker, object, found, refutation, why);
    limit_last_try(worker);
    if (end != VERIFY_OUT_OF_BUDGET || !keep_everything(worker, object, refutation, &all))
        return end;
    *numbers = (uint32_t *)(uintptr_t)all.keep;
    *refutation = all;
    return verify(worker, object, refutation, why);
}

/* Where many keys are invalid, not much can be said of each. */
static uint64_t explanation_steps(const struct check_run *run)
{
    enum { STEPS_ALL = 4000 * 1000, STEPS_MIN = 2000, STEPS_MAX = 400 * 1000 };
    uint64_t steps = STEPS_ALL / run->object_count;
    return steps < STEPS_MIN ? STEPS_MIN : steps > STEPS_MAX ? STEPS_MAX : steps;
}

static int confirm(struct check_worker *worker, const struct object *object,
                   const struct algorithm_result *found, struct check_key *out, struct errbuf *err)
{
    const struct check_run *run = worker->run;
    struct errbuf why = ERRBUF_INIT;
    struct refutation refutation;
    uint32_t *numbers = NULL;
    enum verify_end end = verify_either(worker, object, found, &refutation, &numbers, &why);
    if (end == VERIFY_ACCEPTED) {
        struct explain_input explain = {.object = object,
                                        .model = run->model,
                                        .specification = specification_find(run->model->name),
                                        .semantics = &run->options->semantics,
                                        .refutation = &refutation,
                                        .failing = found->failing,
                                        .budget = &worker->budget,
                                        .steps_max = explanation_steps(run)};
        int rc = set_invalid(worker, &explain, out, err);
        budget_free(&worker->budget, numbers, object->count * sizeof *numbers);
        return rc;
    }
    budget_free(&worker->budget, numbers, object->count * sizeof *numbers);
    unsigned long long event = operations_index(object->all, object->ops[found->failing].invoke);
    const char *cause =
        arena_printf(worker->arena, "a violation was found at event %llu, but %s%s", event,
                     end == VERIFY_REJECTED ? "its re-check did not confirm it: "
                                            : "time or memory ended its re-check",
                     end == VERIFY_REJECTED ? why.text : "");
    return cause ? set_unknown(object, cause, found->until, out) : no_text_memory(err);
}

/* --- valid --- */

static bool is_a_test(const struct check_run *run, const struct object *object)
{
    return object->ok > 0 || (run->options->semantics.failures_are_tests && object->failed > 0);
}

static int set_valid(struct check_worker *worker, const struct object *object,
                     const struct algorithm_result *found, struct check_key *out,
                     struct errbuf *err)
{
    out->verdict = is_a_test(worker->run, object) ? VERDICT_VALID : VERDICT_VACUOUS;
    out->cause = object->ok > 0 ? NULL : "no operation succeeded";
    if (!worker->run->options->want_certificate)
        return 0;
    uint32_t *order = arena_alloc(worker->arena, found->order_count * sizeof *order);
    if (!order)
        return errbuf_set(err, ERR_NOMEM, "no memory for the order of %u operations",
                          found->order_count);
    for (uint32_t i = 0; i < found->order_count; i++)
        order[i] = (uint32_t)operations_index(object->all, object->ops[found->order[i]].invoke);
    out->order = order;
    out->order_count = found->order_count;
    return 0;
}

/* --- which algorithm --- */

static int conclude(struct check_worker *worker, const struct object *object,
                    const struct algorithm_result *found, struct check_key *out, struct errbuf *err)
{
    switch (found->end) {
    case ALGORITHM_ACCEPTED:
        return set_valid(worker, object, found, out, err);
    case ALGORITHM_REJECTED:
        return confirm(worker, object, found, out, err);
    case ALGORITHM_OUT_OF_TIME:
        return set_unknown(object, check_cause_time, found->until, out);
    case ALGORITHM_NOT_FOR_THIS:
        return set_unknown(object, out->why, 0, out);
    case ALGORITHM_OUT_OF_MEMORY:
        break;
    }
    return set_unknown(object, check_cause_memory, found->until, out);
}

static int add_why(struct check_worker *worker, const struct algorithm *algorithm,
                   const char *reason, struct check_key *out, struct errbuf *err)
{
    out->why = arena_printf(worker->arena, "%s%s%s: %s", out->why ? out->why : "",
                            out->why ? "; " : "", algorithm->name, reason);
    return out->why ? 0 : no_text_memory(err);
}

static int run_algorithm(struct check_worker *worker, const struct algorithm *algorithm,
                         const struct object *object, bool *decided, struct check_key *out,
                         struct errbuf *err)
{
    const struct check_run *run = worker->run;
    struct algorithm_input input = {.object = object,
                                    .model = run->model,
                                    .semantics = &run->options->semantics,
                                    .budget = &worker->budget,
                                    .want_order = run->options->want_certificate};
    struct algorithm_result found = {0};
    int rc = algorithm->run(&input, &found, err);
    if (rc != 0)
        return rc;
    *decided = found.end != ALGORITHM_NOT_FOR_THIS;
    out->steps += found.steps;
    if (*decided)
        out->algorithm = algorithm->name;
    else
        rc = add_why(worker, algorithm, found.reason, out, err);
    if (rc == 0 && (*decided || run->forced))
        rc = conclude(worker, object, &found, out, err);
    algorithm_result_fini(&found, &worker->budget);
    return rc;
}

int check_linear_object(struct check_worker *worker, const struct object *object,
                        struct check_key *out, struct errbuf *err)
{
    const struct check_run *run = worker->run;
    bool decided = false;
    int rc = 0;
    out->why = NULL;
    for (const struct algorithm *const *at = algorithm_table; *at && !decided && rc == 0; at++)
        if ((run->forced == NULL || run->forced == *at) && algorithm_decides(*at, run->model->name))
            rc = run_algorithm(worker, *at, object, &decided, out, err);
    return rc;
}
