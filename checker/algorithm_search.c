/* The configuration search as one of the algorithms: compiles the operations, searches (linear.h),
 * and makes what was refuted small (witness.h). */
#include "checker/algorithm.h"
#include "checker/calls.h"
#include "checker/linear.h"
#include "checker/witness.h"
#include "core/clock.h"
#include "core/err.h"

struct search_run {
    const struct algorithm_input *input;
    struct model_context context;
    struct calls calls;
    int32_t initial[MODEL_INITIAL_MAX];
    int32_t anywhere[MODEL_INITIAL_MAX];
    struct linear_input linear;
};

/* The numbers of the result belong to whoever gets it. */
static void take_witness(const struct witness *witness, struct algorithm_result *out)
{
    const struct refutation *refutation = &witness->refutation;
    out->witness = (uint32_t *)(uintptr_t)refutation->keep;
    out->witness_count = refutation->keep_count;
    out->failing = witness->failing;
    out->any_state = refutation->any_state;
    out->from = refutation->from;
    out->free_values = (value_ref *)(uintptr_t)refutation->free_values;
    out->free_count = refutation->free_count;
}

/* An order that there was no memory for is none. */
static void take_order(struct search_run *run, struct linear_order order,
                       struct algorithm_result *out)
{
    const struct algorithm_input *input = run->input;
    if (!order.numbers)
        return;
    if (linear_order_complete(&order, input->object, input->model, &run->context) != 0)
        linear_order_fini(&order, input->budget);
    out->order = order.numbers;
    out->order_count = order.count;
}

static position position_of_event(const struct calls *calls, uint32_t index)
{
    const struct call *call = &calls->calls[event_call(calls->events[index])];
    return event_is_return(calls->events[index]) ? call->complete : call->invoke;
}

/* A witness that is not as small as it could be, but confirmed, is worth more than a smaller one
 * that there was no time left for. */
static void leave_time(struct budget *budget)
{
    int64_t now_ns = monotonic_ns();
    if (budget->deadline_ns > now_ns)
        budget_set_deadline(budget, now_ns + (budget->deadline_ns - now_ns) / 2);
}

static void conclude(struct search_run *run, const struct linear_result *found,
                     struct algorithm_result *out)
{
    struct witness witness;
    if (found->end == LINEAR_VALID) {
        out->end = ALGORITHM_ACCEPTED;
        take_order(run, found->order, out);
        return;
    }
    out->until = position_of_event(&run->calls, found->last);
    out->end = found->end == LINEAR_OUT_OF_TIME ? ALGORITHM_OUT_OF_TIME : ALGORITHM_OUT_OF_MEMORY;
    if (found->end == LINEAR_INVALID)
        leave_time(run->input->budget);
    if (found->end == LINEAR_INVALID &&
        witness_find(&run->linear, run->input->object, found, &witness, &out->steps) == 0) {
        take_witness(&witness, out);
        out->end = ALGORITHM_REJECTED;
        out->reason = "no order of the operations explains all answers";
    }
}

/* False when memory ran out. */
static bool find_beginnings(struct search_run *run)
{
    const struct model *model = run->input->model;
    int count = model->initial(&run->context, run->initial, MODEL_INITIAL_MAX);
    int anywhere =
        model->anywhere ? model->anywhere(&run->context, run->anywhere, MODEL_INITIAL_MAX) : 0;
    run->linear = (struct linear_input){.model = model,
                                        .context = &run->context,
                                        .calls = &run->calls,
                                        .initial = run->initial,
                                        .initial_count = count > 0 ? (uint32_t)count : 0,
                                        .anywhere = run->anywhere,
                                        .anywhere_count = anywhere > 0 ? (uint32_t)anywhere : 0,
                                        .want_order = run->input->want_order};
    return count > 0 && anywhere >= 0;
}

/* Small enough for announced operations. */
static bool positions_are_small(const struct object *object)
{
    for (uint32_t i = 0; i < object->count; i++)
        if (object->ops[i].outcome == OP_OK && object->ops[i].complete >= MODEL_ANNOUNCED_MAX)
            return false;
    return true;
}

static int run_search(const struct algorithm_input *input, struct algorithm_result *out,
                      struct errbuf *err)
{
    struct search_run run = {.input = input,
                             .context = {.semantics = input->semantics,
                                         .pool = input->object->values,
                                         .budget = input->budget}};
    *out = (struct algorithm_result){.end = ALGORITHM_OUT_OF_MEMORY};
    value_numbers_init(&run.context.values, input->budget);
    run.context.announces = positions_are_small(input->object);
    state_table_init(&run.context.states, input->budget);
    int rc = calls_build(&run.calls, input->object, input->model, &run.context, err);
    if (rc == 0) {
        if (find_beginnings(&run)) {
            struct linear_result found = linear_check(&run.linear);
            out->steps = found.steps;
            conclude(&run, &found, out);
        }
        calls_fini(&run.calls);
    }
    state_table_fini(&run.context.states);
    value_numbers_fini(&run.context.values);
    return rc == ERR_NOMEM ? 0 : rc;
}

const struct algorithm algorithm_configuration_search = {
    .name = "configuration-search",
    .doc = "every model; exponential in the operations that overlap (Wing & Gong 1993, Lowe 2017)",
    .models = NULL,
    .run = run_search,
};
