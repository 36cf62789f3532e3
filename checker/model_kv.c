/* One key of a store of texts: get, put, append.
 *
 * A state is a node of a trie of all texts that a get answered, byte by byte: so an append of n
 * bytes costs n steps down, and a get compares one number. A text that is no beginning of any
 * answer will never be seen, however much is appended to it, until it is replaced: all of those
 * are one state, UNSEEN. So of the orders of many appends at the same time those that no get
 * shows are left at once. (While operations are still compiled, a text may yet be seen: then each
 * gets its node.) */
#include "checker/model_common.h"

enum { GET, PUT, APPEND, MAY_PUT, MAY_APPEND };

/* The first states interned. A node's words are its parent's number and the byte. */
enum { ROOT = 1, UNSEEN = 2 };

/* 0, or ERR_NOMEM. */
static int start(struct model_context *context)
{
    int32_t root[] = {0, -1}, unseen[] = {0, -2};
    if (context->states.count > UNSEEN)
        return 0;
    int32_t first = state_table_intern(&context->states, root, 2);
    int32_t second = state_table_intern(&context->states, unseen, 2);
    return first < 0 || second < 0 ? ERR_NOMEM : 0;
}

/* The state after a text is appended; if that is not in the trie, `grow` puts it there. */
static int32_t walk(struct model_context *context, int32_t state, value_ref ref, bool grow)
{
    struct value text = value_pool_get(context->pool, ref);
    uint32_t count = text.kind == VALUE_STRING ? text.count : 0; /* else it is nil: "" */
    for (uint32_t i = 0; i < count && state > 0; i++) {
        int32_t node[] = {state, (unsigned char)text.text[i]};
        state = grow ? state_table_intern(&context->states, node, 2)
                     : state_table_find(&context->states, node, 2);
    }
    return state == 0 ? UNSEEN : state;
}

static bool is_text(const struct model_context *context, value_ref ref)
{
    uint32_t kind = value_pool_get(context->pool, ref).kind;
    return kind == VALUE_NIL || kind == VALUE_STRING;
}

/* Equal answers come often: the node of each is remembered as a step from UNSEEN. */
static int compile_get(struct model_context *context, const struct operation *op,
                       struct model_op *out)
{
    if (op->outcome != OP_OK)
        return MODEL_SAYS_NOTHING;
    if (!is_text(context, op->result))
        return ERR_INPUT;
    uint64_t label = (uint64_t)GET << 32 | op->result;
    out->code = GET;
    out->pure = true;
    out->argument = step_memo_find(&context->states.memo, UNSEEN, label);
    if (out->argument == 0) {
        out->argument = walk(context, ROOT, op->result, true);
        if (out->argument < 0)
            return ERR_NOMEM;
        step_memo_add(&context->states.memo, UNSEEN, label, out->argument);
    }
    return MODEL_HAPPENED;
}

static int compile_change(struct model_context *context, const struct operation *op,
                          struct model_op *out)
{
    if (op->outcome == OP_FAIL)
        return MODEL_SAYS_NOTHING;
    if (!is_text(context, op->argument))
        return ERR_INPUT;
    if (op->f == F_APPEND && value_pool_get(context->pool, op->argument).count == 0)
        return MODEL_SAYS_NOTHING;
    bool may = op->outcome == OP_INFO;
    if (op->f == F_PUT)
        out->code = may ? MAY_PUT : PUT;
    else
        out->code = may ? MAY_APPEND : APPEND;
    out->blind = out->code == PUT || out->code == MAY_PUT;
    out->total = out->code == APPEND;
    return model_number(context, op->argument, &out->argument) ? model_outcome(op) : ERR_NOMEM;
}

static int compile(struct model_context *context, const struct operation *op, struct model_op *out)
{
    model_op_start(out);
    out->opaque = true;
    if (start(context) != 0)
        return ERR_NOMEM;
    if (op->f == F_GET)
        return compile_get(context, op, out);
    return op->f == F_PUT || op->f == F_APPEND ? compile_change(context, op, out) : ERR_INPUT;
}

/* A crashed operation that leaves a text that nobody sees is as good as one that did not happen. */
static int32_t work(struct model_context *context, int32_t state, const struct model_op *op,
                    uint32_t choice)
{
    bool puts = op->code == PUT || op->code == MAY_PUT;
    int32_t next = UNSEEN;
    (void)choice;
    if (puts || state != UNSEEN)
        next = walk(context, puts ? ROOT : state, context->values.refs[op->argument],
                    context->growing);
    return next == UNSEEN && op->code >= MAY_PUT ? MODEL_REFUSED : next;
}

static int32_t step(struct model_context *context, int32_t state, const struct model_op *op,
                    uint32_t choice)
{
    if (op->code == GET)
        return state == op->argument ? state : MODEL_REFUSED;
    return model_remembered_step(context, state, op, choice, work);
}

static int initial(struct model_context *context, int32_t *states, int max)
{
    const struct history_semantics *semantics = context->semantics;
    (void)max;
    states[0] = start(context) != 0 ? MODEL_NOMEM : ROOT;
    if (states[0] == ROOT && semantics->initial_is_given)
        states[0] = walk(context, ROOT, semantics->initial, true);
    return states[0] < 0 ? ERR_NOMEM : 1;
}

static const symbol functions[] = {F_GET, F_PUT, F_APPEND, F_NONE};

const struct model model_kv = {
    .name = "kv",
    .doc = "one text a key: get, put, append; linearizable",
    .functions = functions,
    .compile = compile,
    .step = step,
    .initial = initial,
};
