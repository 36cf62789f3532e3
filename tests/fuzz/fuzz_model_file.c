/* Descriptions of models from arbitrary bytes: none may crash the loader, and what it accepts can
 * be stepped through from every state. Built with -fsanitize=fuzzer. */
#include "injector/model_file.h"

#include "checker/budget.h"
#include "checker/model.h"
#include "checker/user_model.h"
#include "core/arena.h"
#include "core/errbuf.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void demand(bool condition)
{
    if (!condition)
        abort();
}

/* An operation as the rule asks for it, with its answer. */
static struct operation operation_of(struct value_pool *pool, const struct user_rule *rule,
                                     uint8_t outcome)
{
    struct operation op = {.f = rule->f, .complete = 1, .outcome = outcome};
    if (!rule->any_argument)
        op.argument = value_pool_intern(pool, rule->argument);
    if (!rule->any_result && outcome == OP_OK)
        op.result = value_pool_intern(pool, rule->result);
    return op;
}

static void step_from_everywhere(struct model_context *context, const struct model_op *op)
{
    const struct user_model *user = context->semantics->user;
    for (uint32_t state = 1; state <= user->state_count; state++)
        for (uint32_t choice = 0; choice <= user->rule_count; choice++) {
            int32_t next = model_user.step(context, (int32_t)state, op, choice);
            if (!op->branches || next == MODEL_NO_CHOICE) {
                demand(next != MODEL_NOMEM && next <= (int32_t)user->state_count);
                break;
            }
            demand(next > 0 && next <= (int32_t)user->state_count);
        }
}

static void step_through(const struct user_model *user)
{
    struct history_semantics semantics = {.user = user};
    struct budget budget;
    budget_init(&budget, 0, 64 * 1024 * 1024);
    struct model_context context = {
        .semantics = &semantics, .pool = value_pool_new(0), .budget = &budget};
    demand(context.pool);
    value_numbers_init(&context.values, &budget);
    state_table_init(&context.states, &budget);
    for (uint32_t i = 0; i < user->rule_count && i < 16; i++)
        for (uint8_t outcome = OP_OK; outcome <= OP_INFO; outcome++) {
            struct operation op = operation_of(context.pool, &user->rules[i], outcome);
            struct model_op compiled;
            int rc = model_user.compile(&context, &op, &compiled);
            demand(rc >= 0);
            if (rc != MODEL_SAYS_NOTHING)
                step_from_everywhere(&context, &compiled);
        }
    value_numbers_fini(&context.values);
    state_table_fini(&context.states);
    value_pool_free(context.pool);
    demand(budget.bytes_used == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct errbuf err = ERRBUF_INIT;
    const struct user_model *user = NULL;
    struct arena arena;
    arena_init(&arena, 0);
    int rc = model_file_parse("fuzz.yaml", (const char *)data, size, &arena, &user, &err);
    if (rc == 0)
        step_through(user);
    else
        demand(err.text[0] != '\0'); /* an error must say what is wrong */
    arena_fini(&arena);
    return 0;
}
