/* A queue that gives any element that is there. The state is a bag, in order of the elements'
 * numbers. A crashed dequeue branches: it may have taken any. */
#include "checker/model_bag.h"
#include "checker/model_container.h"

static int compile(struct model_context *context, const struct operation *op, struct model_op *out)
{
    int rc = container_compile(context, op, F_ENQUEUE, F_DEQUEUE, out);
    out->branches = rc == MODEL_MAY_HAPPEN && out->code == CONTAINER_TAKE_ANY;
    return rc;
}

static bool is_before(const struct model_context *context, int32_t a, int32_t b)
{
    (void)context;
    return a < b;
}

static int32_t work(struct model_context *context, int32_t state, const struct model_op *op,
                    uint32_t choice)
{
    uint32_t length, place = 2 * choice;
    if (op->code == CONTAINER_ADD || op->code == CONTAINER_MAY_ADD)
        return container_is_useless(context, op) ? MODEL_REFUSED
                                                 : bag_add(context, state, op->argument, is_before);
    if (op->code == CONTAINER_TAKE)
        place = bag_place(context, state, op->argument, is_before);
    const int32_t *words = state_table_get(&context->states, state, &length);
    if (op->code == CONTAINER_TAKE && (place >= length || words[place] != op->argument))
        return MODEL_REFUSED;
    return bag_take(context, state, place);
}

static int32_t step(struct model_context *context, int32_t state, const struct model_op *op,
                    uint32_t choice)
{
    if (op->code == CONTAINER_IS_EMPTY || op->code == CONTAINER_TAKE_ANY) {
        uint32_t length;
        state_table_get(&context->states, state, &length);
        if (op->code == CONTAINER_IS_EMPTY)
            return length == 0 ? state : MODEL_REFUSED;
        if (choice >= length / 2)
            return MODEL_NO_CHOICE;
    }
    return model_remembered_step(context, state, op, choice, work);
}

static const symbol functions[] = {F_ENQUEUE, F_DEQUEUE, F_NONE};

const struct model model_unordered_queue = {
    .name = "unordered-queue",
    .doc = "enqueue, dequeue of any element; linearizable",
    .functions = functions,
    .compile = compile,
    .step = step,
    .initial = model_initial_empty,
};
