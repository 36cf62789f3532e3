/* A queue that gives its largest integer. The state is a bag, the largest first. */
#include "checker/model_bag.h"
#include "checker/model_container.h"

static int compile(struct model_context *context, const struct operation *op, struct model_op *out)
{
    int64_t priority;
    int rc = container_compile(context, op, F_ENQUEUE, F_DEQUEUE, out);
    if (rc < 0 || rc == MODEL_SAYS_NOTHING)
        return rc;
    if (out->code == CONTAINER_TAKE_ANY || out->code == CONTAINER_IS_EMPTY)
        return rc;
    value_ref element = out->code == CONTAINER_TAKE ? op->result : op->argument;
    return model_integer(context, element, &priority) ? rc : ERR_INPUT;
}

static bool is_larger(const struct model_context *context, int32_t a, int32_t b)
{
    int64_t x = 0, y = 0;
    model_integer(context, context->values.refs[a], &x);
    model_integer(context, context->values.refs[b], &y);
    return x > y;
}

static int32_t work(struct model_context *context, int32_t state, const struct model_op *op,
                    uint32_t choice)
{
    (void)choice;
    if (op->code != CONTAINER_ADD && op->code != CONTAINER_MAY_ADD)
        return bag_take(context, state, 0);
    return container_is_useless(context, op) ? MODEL_REFUSED
                                             : bag_add(context, state, op->argument, is_larger);
}

static int32_t step(struct model_context *context, int32_t state, const struct model_op *op,
                    uint32_t choice)
{
    if (op->code >= CONTAINER_TAKE) {
        int32_t glance = container_glance(context, state, op);
        if (glance)
            return glance;
    }
    return model_remembered_step(context, state, op, choice, work);
}

static const symbol functions[] = {F_ENQUEUE, F_DEQUEUE, F_NONE};

const struct model model_priority_queue = {
    .name = "priority-queue",
    .doc = "enqueue of integers, dequeue of the largest; linearizable",
    .functions = functions,
    .compile = compile,
    .step = step,
    .initial = model_initial_empty,
};
