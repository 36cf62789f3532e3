/* A set that is asked about one element at a time. The state is the numbers of the elements in it
 * that any answer says something about; what becomes of the others nobody sees. */
#include "checker/model_bits.h"

enum { SEEN = 1 }; /* what is marked */

enum {
    ADD,
    REMOVE,
    ADD_NEW,    /* it was not in the set */
    REMOVE_OLD, /* it was in the set */
    IS_IN,      /* it is, and nothing changes */
    IS_NOT_IN,
};

/* contains answers -> bool, or [v bool]. */
static int contains_code(const struct model_context *context, const struct operation *op)
{
    value_ref element, flag = op->result;
    if (value_pool_pair(context->pool, op->result, &element, &flag) && element != op->argument)
        return ERR_INPUT;
    if (flag != VALUE_REF_TRUE && flag != VALUE_REF_FALSE)
        return ERR_INPUT;
    return flag == VALUE_REF_TRUE ? IS_IN : IS_NOT_IN;
}

static int code_of(const struct model_context *context, const struct operation *op)
{
    bool says =
        op->outcome == OP_OK && (op->result == VALUE_REF_TRUE || op->result == VALUE_REF_FALSE);
    if (op->f == F_CONTAINS)
        return contains_code(context, op);
    if (!says)
        return op->f == F_ADD ? ADD : REMOVE;
    if (op->result == VALUE_REF_FALSE)
        return op->f == F_ADD ? IS_IN : IS_NOT_IN;
    return op->f == F_ADD ? ADD_NEW : REMOVE_OLD;
}

static int compile(struct model_context *context, const struct operation *op, struct model_op *out)
{
    model_op_start(out);
    if (op->f != F_ADD && op->f != F_REMOVE && op->f != F_CONTAINS)
        return ERR_INPUT;
    int outcome =
        op->f == F_CONTAINS && op->outcome != OP_OK ? MODEL_SAYS_NOTHING : model_outcome(op);
    if (outcome == MODEL_SAYS_NOTHING)
        return outcome;
    int code = code_of(context, op);
    if (code < 0)
        return code;
    out->opaque = true;
    out->code = (uint32_t)code;
    out->pure = code == IS_IN || code == IS_NOT_IN;
    if (!model_number(context, op->argument, &out->argument) ||
        (code >= ADD_NEW && model_mark(context, SEEN, out->argument) != 0))
        return ERR_NOMEM;
    return outcome;
}

static int32_t work(struct model_context *context, int32_t state, const struct model_op *op,
                    uint32_t choice)
{
    bool adds = op->code == ADD || op->code == ADD_NEW;
    (void)choice;
    if (op->code < ADD_NEW && !model_is_marked(context, SEEN, op->argument))
        return state;
    return bits_put(context, state, op->argument, adds);
}

static int32_t step(struct model_context *context, int32_t state, const struct model_op *op,
                    uint32_t choice)
{
    if (op->code >= ADD_NEW) {
        bool is_in = bits_have(context, state, op->argument);
        bool was_in = op->code == REMOVE_OLD || op->code == IS_IN;
        if (is_in != was_in)
            return MODEL_REFUSED;
        if (op->pure)
            return state;
    }
    return model_remembered_step(context, state, op, choice, work);
}

static const symbol functions[] = {F_ADD, F_REMOVE, F_CONTAINS, F_NONE};

const struct model model_linear_set = {
    .name = "linear-set",
    .doc = "add, remove, contains; linearizable",
    .functions = functions,
    .compile = compile,
    .step = step,
    .initial = model_initial_empty,
};
