#include <criterion/criterion.h>

#include "injector/dispatch.h"

static struct arena arena;

/* Ten reads, for whoever is free; the nemesis too. */
static struct generator *ten_reads(void)
{
    struct op ops[10];
    for (int i = 0; i < 10; i++)
        ops[i] = (struct op){.f = F_READ, .value = value_int(i)};
    return generator_sequence(&arena, ops, 10);
}

static struct generator_step step(struct dispatch *dispatch, uint32_t preferred)
{
    struct generator_step result;
    dispatch_step(dispatch, 5, preferred, &arena, &result);
    return result;
}

static void end(struct dispatch *dispatch, const struct generator_step *begun, enum op_type type)
{
    struct op completion = begun->op;
    completion.type = (uint8_t)type;
    dispatch_complete(dispatch, 6, begun->thread, &completion);
    dispatch_release(dispatch, begun->thread);
}

Test(dispatch, a_client_goes_on_as_another_process_after_an_info_only)
{
    struct dispatch dispatch;
    cr_assert_eq(dispatch_init(&dispatch, ten_reads(), 3, false, 100, NULL), 0);
    static const enum op_type answers[] = {OP_OK, OP_FAIL, OP_INFO, OP_OK, OP_INFO, OP_INFO};
    static const int32_t expected[] = {101, 101, 101, 104, 104, 107};
    for (int i = 0; i < 6; i++) {
        struct generator_step begun = step(&dispatch, 1);
        cr_assert_eq(begun.outcome, GENERATOR_OP);
        cr_assert_eq(begun.thread, 1);
        cr_assert_eq(begun.op.process, expected[i], "operation %d", i);
        cr_assert_eq(begun.op.type, OP_INVOKE);
        cr_assert_eq(begun.op.time_ns, 5);
        end(&dispatch, &begun, answers[i]);
    }
    cr_assert_eq(dispatch_next_process(&dispatch), 111);
    dispatch_fini(&dispatch);
    arena_fini(&arena);
}

Test(dispatch, the_nemesis_invokes_as_info_and_keeps_its_process)
{
    struct dispatch dispatch;
    cr_assert_eq(dispatch_init(&dispatch, ten_reads(), 2, true, 0, NULL), 0);
    for (int i = 0; i < 2; i++) {
        struct generator_step begun = step(&dispatch, 2);
        cr_assert_eq(begun.thread, 2);
        cr_assert_eq(begun.op.process, PROCESS_NEMESIS);
        cr_assert_eq(begun.op.type, OP_INFO);
        end(&dispatch, &begun, OP_INFO);
    }
    dispatch_fini(&dispatch);
    arena_fini(&arena);
}

Test(dispatch, finds_who_is_free_the_longest_clients_first)
{
    struct dispatch dispatch;
    cr_assert_eq(dispatch_init(&dispatch, ten_reads(), 3, true, 0, NULL), 0);
    cr_assert_eq(dispatch_longest_free(&dispatch), 0);
    struct generator_step begun[4];
    for (uint32_t i = 0; i < 4; i++)
        begun[i] = step(&dispatch, i);
    cr_assert_eq(dispatch_longest_free(&dispatch), DISPATCH_NOBODY);
    cr_assert_eq(dispatch.free_count, 0);
    end(&dispatch, &begun[3], OP_INFO);
    cr_assert_eq(dispatch_longest_free(&dispatch), 3, "the nemesis where there is nobody else");
    end(&dispatch, &begun[2], OP_OK);
    end(&dispatch, &begun[0], OP_OK);
    end(&dispatch, &begun[1], OP_OK);
    cr_assert_eq(dispatch_longest_free(&dispatch), 2);
    begun[2] = step(&dispatch, 2);
    cr_assert_eq(dispatch_longest_free(&dispatch), 0);
    dispatch_fini(&dispatch);
    arena_fini(&arena);
}

Test(dispatch, a_thread_gets_nothing_until_it_is_released)
{
    struct dispatch dispatch;
    cr_assert_eq(dispatch_init(&dispatch, ten_reads(), 1, false, 0, NULL), 0);
    struct generator_step begun = step(&dispatch, 0);
    cr_assert_eq(begun.outcome, GENERATOR_OP);
    cr_assert_eq(step(&dispatch, 0).outcome, GENERATOR_WAIT);
    dispatch_complete(&dispatch, 6, 0, &begun.op);
    cr_assert_eq(step(&dispatch, 0).outcome, GENERATOR_WAIT);
    dispatch_release(&dispatch, 0);
    cr_assert_eq(step(&dispatch, 0).outcome, GENERATOR_OP);
    dispatch_fini(&dispatch);
    arena_fini(&arena);
}
