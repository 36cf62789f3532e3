/* The model of a file (user_model.h). A state is its number in the table plus one. An operation is
 * compiled into the states it leads to from each state, and that interned: so operations that do
 * the same are the same. */
#include "checker/model_common.h"
#include "checker/user_model.h"

enum {
    SINGLE,   /* argument: a list of the next state by state, or MODEL_REFUSED */
    BRANCHES, /* argument: a list of where the choices of each state begin, the end, all choices */
};

/* Numbers of the rules that fit the operation, to `out` unless that is NULL; how many. */
static uint32_t fitting_rules(const struct model_context *context, const struct operation *op,
                              int32_t *out)
{
    const struct user_model *user = context->semantics->user;
    uint32_t count = 0;
    for (uint32_t i = 0; i < user->rule_count; i++) {
        if (!user_rule_fits(&user->rules[i], context->pool, op))
            continue;
        if (out)
            out[count] = (int32_t)i;
        count++;
    }
    return count;
}

/* Writes the states that these rules lead to from this one to `out`, ascending; how many. */
static uint32_t successors(const struct user_model *user, const int32_t *rules, uint32_t rule_count,
                           uint32_t state, int32_t *out)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < rule_count; i++) {
        const struct user_rule *rule = &user->rules[rules[i]];
        int32_t next = (int32_t)(rule->to == USER_SAME ? state : rule->to) + 1;
        uint32_t at = 0;
        while (at < count && out[at] < next)
            at++;
        if (!rule->from[state] || (at < count && out[at] == next))
            continue;
        memmove(out + at + 1, out + at, (count - at) * sizeof *out);
        out[at] = next;
        count++;
    }
    return count;
}

/* Fills the draft as BRANCHES has it; its length. Sets whether any state has several choices. */
static uint32_t fill(const struct user_model *user, const int32_t *rules, uint32_t rule_count,
                     int32_t *draft, bool *branches)
{
    uint32_t states = user->state_count, end = states + 1;
    *branches = false;
    for (uint32_t state = 0; state < states; state++) {
        draft[state] = (int32_t)end;
        uint32_t count = successors(user, rules, rule_count, state, draft + end);
        *branches = *branches || count > 1;
        end += count;
    }
    draft[states] = (int32_t)end;
    return end;
}

/* Turns the list of BRANCHES, where no state has several, into that of SINGLE. */
static void make_single(int32_t *draft, uint32_t states)
{
    for (uint32_t state = 0; state < states; state++)
        draft[state] = draft[state] < draft[state + 1] ? draft[draft[state]] : MODEL_REFUSED;
}

/* Whether none of the rules changes the state, as the specification has it. */
static bool observes(const struct user_model *user, const int32_t *rules, uint32_t rule_count)
{
    for (uint32_t i = 0; i < rule_count; i++)
        if (user->rules[rules[i]].to != USER_SAME)
            return false;
    return true;
}

/* Whether it is possible in every state, and leads to the same one. */
static bool is_blind(const int32_t *next, uint32_t states)
{
    for (uint32_t state = 0; state < states; state++)
        if (next[state] == MODEL_REFUSED || next[state] != next[0])
            return false;
    return true;
}

/* Whether nothing can be told from it. */
static bool is_silent(const struct model_op *op, const int32_t *next, uint32_t states)
{
    for (uint32_t state = 0; state < states; state++)
        if (next[state] == MODEL_REFUSED)
            return false;
    return op->pure;
}

static int compile(struct model_context *context, const struct operation *op, struct model_op *out)
{
    const struct user_model *user = context->semantics->user;
    uint32_t states = user->state_count;
    bool branches;
    model_op_start(out);
    if (user_model_accepts(user, context->pool, op, NULL) != 0)
        return ERR_INPUT;
    int outcome = model_outcome(op);
    if (outcome == MODEL_SAYS_NOTHING)
        return outcome;
    uint32_t rule_count = fitting_rules(context, op, NULL);
    uint32_t length = states + 1 + states * rule_count;
    int32_t *draft = state_table_draft(&context->states, length + rule_count);
    if (!draft)
        return ERR_NOMEM;
    int32_t *rules = draft + length; /* behind the list */
    fitting_rules(context, op, rules);
    length = fill(user, rules, rule_count, draft, &branches);
    out->code = branches ? BRANCHES : SINGLE;
    out->opaque = true;
    out->branches = branches;
    out->pure = observes(user, rules, rule_count);
    if (!branches) {
        length = states;
        make_single(draft, states);
        out->blind = is_blind(draft, states);
        if (is_silent(out, draft, states) || (out->pure && outcome == MODEL_MAY_HAPPEN))
            return MODEL_SAYS_NOTHING;
    }
    out->argument = state_table_intern_draft(&context->states, length);
    return out->argument < 0 ? ERR_NOMEM : outcome;
}

static int32_t step(struct model_context *context, int32_t state, const struct model_op *op,
                    uint32_t choice)
{
    uint32_t length;
    const int32_t *words = state_table_get(&context->states, op->argument, &length);
    if (op->code == SINGLE)
        return words[state - 1];
    int32_t at = words[state - 1] + (int32_t)choice;
    return at < words[state] ? words[at] : MODEL_NO_CHOICE;
}

static int initial(struct model_context *context, int32_t *states, int max)
{
    (void)max;
    states[0] = (int32_t)context->semantics->user->initial + 1;
    return 1;
}

static int anywhere(struct model_context *context, int32_t *states, int max)
{
    uint32_t count = context->semantics->user->state_count;
    if (count > (uint32_t)max)
        return 0;
    for (uint32_t i = 0; i < count; i++)
        states[i] = (int32_t)i + 1;
    return (int)count;
}

/* Its operations are those of the file: compile knows them. */
static const symbol functions[] = {F_NONE};

const struct model model_user = {
    .name = "user",
    .doc = "what a file says (--model FILE.yaml): states and transitions; linearizable",
    .functions = functions,
    .compile = compile,
    .step = step,
    .initial = initial,
    .anywhere = anywhere,
};
