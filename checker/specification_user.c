/* The object that the user describes (user_model.h). The state is its number in the table. */
#include "checker/specification_common.h"
#include "checker/user_model.h"

static enum specification_step begin(const struct specification_context *context, uint32_t choice,
                                     struct specification_state *state)
{
    const struct user_model *user = context->semantics->user;
    return specification_begin_with(value_ref_int((int32_t)user->initial), choice, state);
}

static enum specification_effect effect(const struct specification_context *context,
                                        const struct operation *op)
{
    (void)context;
    return specification_usual_effect(op);
}

/* Each rule that fits is a choice. */
static enum specification_step apply(const struct specification_context *context,
                                     const struct operation *op, uint32_t choice,
                                     struct specification_state *state)
{
    const struct user_model *user = context->semantics->user;
    uint32_t now = (uint32_t)value_ref_as_int(state->items[0]), seen = 0;
    for (uint32_t i = 0; i < user->rule_count; i++) {
        const struct user_rule *rule = &user->rules[i];
        if (!rule->from[now] || !user_rule_fits(rule, context->values, op))
            continue;
        if (seen++ == choice) {
            uint32_t to = rule->to == USER_SAME ? now : rule->to;
            state->items[0] = value_ref_int((int32_t)to);
            return SPECIFICATION_APPLIED;
        }
    }
    return seen == 0 && choice == 0 ? SPECIFICATION_REFUSED : SPECIFICATION_NO_CHOICE;
}

static bool observes(const struct specification_context *context, const struct operation *op)
{
    const struct user_model *user = context->semantics->user;
    for (uint32_t i = 0; i < user->rule_count; i++)
        if (user->rules[i].to != USER_SAME && user_rule_fits(&user->rules[i], context->values, op))
            return false;
    return true;
}

static int accepts(const struct specification_context *context, const struct operation *op,
                   struct errbuf *err)
{
    return user_model_accepts(context->semantics->user, context->values, op, err);
}

const struct specification specification_user = {
    .model = "user",
    .begin = begin,
    .effect = effect,
    .apply = apply,
    .observes = observes,
    .accepts = accepts,
};
