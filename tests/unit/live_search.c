/* What a search of a growing history keeps in memory. */
#include "checker/live_search.h"
#include "checker/budget.h"

#include <criterion/criterion.h>

struct live_fixture {
    struct history_semantics semantics;
    struct value_pool *pool;
    struct budget budget;
    struct model_context context;
    struct live_search *live;
    position now;
};

static void open_register(struct live_fixture *fixture)
{
    *fixture = (struct live_fixture){.pool = value_pool_new(0)};
    cr_assert_not_null(fixture->pool);
    budget_init(&fixture->budget, 0, 0);
    fixture->context = (struct model_context){
        .semantics = &fixture->semantics, .pool = fixture->pool, .budget = &fixture->budget};
    value_numbers_init(&fixture->context.values, &fixture->budget);
    state_table_init(&fixture->context.states, &fixture->budget);
    struct live_options options = {
        .model = &model_cas_register, .context = &fixture->context, .width_max = 64};
    fixture->live = live_search_open(&options);
    cr_assert_not_null(fixture->live);
}

static void close_register(struct live_fixture *fixture)
{
    live_search_close(fixture->live);
    state_table_fini(&fixture->context.states);
    value_numbers_fini(&fixture->context.values);
    cr_assert_eq(fixture->budget.bytes_used, 0);
    value_pool_free(fixture->pool);
}

static enum live_end tell(struct live_fixture *fixture, symbol f, int32_t value,
                          enum op_type outcome)
{
    struct operation op = {.f = f, .outcome = OP_INFO, .invoke = fixture->now++};
    op.complete = POSITION_NONE;
    if (f == F_WRITE)
        op.argument = value_ref_int(value);
    uint32_t handle = live_search_invoke(fixture->live, &op);
    cr_assert_neq(handle, LIVE_NO_CALL);
    op.outcome = (uint8_t)outcome;
    op.complete = fixture->now++;
    op.result = outcome == OP_OK ? value_ref_int(value) : VALUE_REF_NIL;
    return live_search_complete(fixture->live, handle, &op);
}

/* Writes and reads of `count` values from `first` on. */
static void use_values(struct live_fixture *fixture, int32_t first, int32_t count)
{
    for (int32_t i = first; i < first + count; i++) {
        cr_assert_eq(tell(fixture, F_WRITE, i, OP_OK), LIVE_PASSED);
        cr_assert_eq(tell(fixture, F_READ, i, OP_OK), LIVE_PASSED);
    }
}

Test(live_search, keeps_no_value_that_nothing_can_return_any_more)
{
    struct live_fixture fixture;
    open_register(&fixture);
    use_values(&fixture, 0, 10000);
    size_t peak = fixture.budget.bytes_peak;
    use_values(&fixture, 10000, 90000);
    cr_expect_leq(fixture.context.values.count, 2048);
    cr_expect_eq(fixture.budget.bytes_peak, peak);
    close_register(&fixture);
}

Test(live_search, still_knows_what_a_crashed_write_may_have_left)
{
    struct live_fixture fixture;
    open_register(&fixture);
    cr_assert_eq(tell(&fixture, F_WRITE, -7, OP_INFO), LIVE_PASSED);
    use_values(&fixture, 0, 10000);
    cr_expect_eq(tell(&fixture, F_READ, -7, OP_OK), LIVE_PASSED);
    cr_expect_eq(tell(&fixture, F_WRITE, 1, OP_OK), LIVE_PASSED);
    cr_expect_eq(tell(&fixture, F_READ, -7, OP_OK), LIVE_VIOLATION);
    close_register(&fixture);
}

Test(live_search, does_not_take_a_forgotten_value_for_another_one)
{
    struct live_fixture fixture;
    open_register(&fixture);
    use_values(&fixture, 0, 10000);
    cr_expect_eq(tell(&fixture, F_READ, 5, OP_OK), LIVE_VIOLATION);
    close_register(&fixture);
}
