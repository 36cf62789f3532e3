/* What is linearizable and what is not, sentence by sentence. */
#include "unit/checker_support.h"

Test(linearizability, accepts_a_read_of_either_of_two_concurrent_writes)
{
    expect_valid("0 invoke write 1\n1 invoke write 2\n0 ok write 1\n1 ok write 2\n"
                 "2 invoke read\n2 ok read 1");
    expect_valid("0 invoke write 1\n1 invoke write 2\n0 ok write 1\n1 ok write 2\n"
                 "2 invoke read\n2 ok read 2");
}

Test(linearizability, rejects_read_older_than_acknowledged_write)
{
    expect_invalid("0 invoke write 5\n0 ok write 5\n0 invoke write 7\n0 ok write 7\n"
                   "1 invoke read\n1 ok read 5");
}

Test(linearizability, rejects_two_reads_that_disagree_about_the_order_of_two_writes)
{
    expect_invalid("0 invoke write 1\n0 ok write 1\n0 invoke write 2\n"
                   "1 invoke read\n1 ok read 2\n2 invoke read\n2 ok read 1\n0 ok write 2");
}

Test(linearizability, accepts_overlapping_reads_in_either_order)
{
    expect_valid("0 invoke write 1\n0 ok write 1\n0 invoke write 2\n1 invoke read\n"
                 "2 invoke read\n1 ok read 2\n2 ok read 1\n0 ok write 2");
}

Test(linearizability, begins_with_nil_unless_told_otherwise)
{
    expect_valid("0 invoke read\n0 ok read nil");
    expect_invalid("0 invoke read\n0 ok read 0");
    struct history history;
    struct check_result result;
    struct check_options options = {
        .model = "register", .semantics = {.initial = value_ref_int(0), .initial_is_given = true}};
    history_of(&history, "0 invoke read\n0 ok read 0");
    check_with(&history, &options, &result);
    cr_expect_eq(result.verdict, VERDICT_VALID);
    check_result_fini(&result);
    history_fini(&history);
}

Test(linearizability, lets_a_crashed_write_happen_late_or_never_but_once)
{
    expect_valid("0 invoke write 1\n0 ok write 1\n1 invoke write 2\n1 info write 2\n"
                 "2 invoke read\n2 ok read 1\n2 invoke read\n2 ok read 2");
    expect_valid("0 invoke write 1\n0 ok write 1\n1 invoke write 2\n1 info write 2\n"
                 "2 invoke read\n2 ok read 1");
    expect_invalid("0 invoke write 1\n0 ok write 1\n1 invoke write 2\n1 info write 2\n"
                   "2 invoke read\n2 ok read 2\n2 invoke read\n2 ok read 1");
    expect_invalid("1 invoke write 2\n1 info write 2\n2 invoke read\n2 ok read 2\n"
                   "0 invoke write 3\n0 ok write 3\n2 invoke read\n2 ok read 2");
}

Test(linearizability, treats_an_unanswered_write_as_a_crashed_one)
{
    expect_valid("0 invoke write 1\n1 invoke read\n1 ok read 1");
    expect_valid("0 invoke write 1\n1 invoke read\n1 ok read nil");
}

Test(linearizability, never_lets_a_failed_write_happen)
{
    expect_invalid("0 invoke write 1\n0 fail write 1\n1 invoke read\n1 ok read 1");
}

Test(linearizability, does_not_let_a_crashed_write_happen_before_it_began)
{
    expect_invalid("1 invoke read\n1 ok read 1\n0 invoke write 1\n0 info write 1");
}

Test(linearizability, follows_a_chain_of_crashed_cas)
{
    expect_valid("0 invoke write 1\n0 ok write 1\n1 invoke cas [1 2]\n2 invoke cas [2 3]\n"
                 "3 invoke read\n3 ok read 3");
    expect_invalid("0 invoke write 1\n0 ok write 1\n1 invoke cas [1 2]\n2 invoke cas [4 3]\n"
                   "3 invoke read\n3 ok read 3");
}

Test(linearizability, lets_only_one_of_two_cas_succeed_from_the_same_value)
{
    expect_invalid("0 invoke write 1\n0 ok write 1\n1 invoke cas [1 2]\n2 invoke cas [1 3]\n"
                   "1 ok cas [1 2]\n2 ok cas [1 3]");
    expect_valid("0 invoke write 1\n0 ok write 1\n1 invoke cas [1 2]\n2 invoke cas [2 1]\n"
                 "3 invoke cas [1 3]\n1 ok cas [1 2]\n2 ok cas [2 1]\n3 ok cas [1 3]");
}

Test(linearizability, hides_a_concurrent_write_behind_one_of_the_value_that_is_there)
{
    /* write 1 can only have happened before write 0 made the value what it was already. */
    expect_valid("4 invoke write 0\n4 ok write 0\n2 invoke write 1\n1 invoke cas [0 2]\n"
                 "3 invoke write 0\n1 ok cas [0 2]\n3 ok write 0\n2 ok write 1\n1 invoke read\n"
                 "1 ok read 2");
}

Test(linearizability, takes_the_completion_s_value_of_a_write_and_the_invocation_s_if_it_has_none)
{
    expect_valid("0 invoke write 1\n0 ok write 2\n1 invoke read\n1 ok read 2");
    expect_valid("0 invoke write 1\n0 ok write nil\n1 invoke read\n1 ok read 1");
}

static enum verdict verdict_with(struct history_semantics semantics, const char *text)
{
    struct history history;
    struct check_result result;
    history_of(&history, text);
    check_with(&history, &(struct check_options){.model = "cas-register", .semantics = semantics},
               &result);
    enum verdict verdict = result.verdict;
    check_result_fini(&result);
    history_fini(&history);
    return verdict;
}

Test(linearizability, lets_a_read_of_nil_return_anything_where_the_format_says_so)
{
    static const char text[] = "0 invoke write 1\n0 ok write 1\n1 invoke read\n1 ok read nil";
    cr_expect_eq(verdict_with((struct history_semantics){0}, text), VERDICT_INVALID);
    cr_expect_eq(verdict_with((struct history_semantics){.nil_read_is_unknown = true}, text),
                 VERDICT_VALID);
}

Test(linearizability, believes_that_a_failed_cas_found_another_value_where_the_format_says_so)
{
    static const char text[] = "0 invoke write 1\n0 ok write 1\n1 invoke cas [1 2]\n"
                               "1 fail cas [1 2]";
    cr_expect_eq(verdict_with((struct history_semantics){0}, text), VERDICT_VALID);
    cr_expect_eq(verdict_with((struct history_semantics){.failed_cas_differs = true}, text),
                 VERDICT_INVALID);
}

Test(linearizability, allows_either_beginning_where_the_format_says_so)
{
    struct history_semantics either = {
        .initial = value_ref_int(0), .initial_is_given = true, .initial_may_be_nil = true};
    cr_expect_eq(verdict_with(either, "0 invoke cas [0 1]\n0 ok cas [0 1]"), VERDICT_VALID);
    cr_expect_eq(verdict_with(either, "0 invoke cas [nil 1]\n0 ok cas [nil 1]"), VERDICT_VALID);
    cr_expect_eq(verdict_with(either, "0 invoke cas [3 1]\n0 ok cas [3 1]"), VERDICT_INVALID);
}

/* 70 writes pending at once: more than one word of a mask holds. */
Test(linearizability, follows_more_concurrent_operations_than_a_word_has_bits)
{
    for (int wrong = 0; wrong < 2; wrong++) {
        struct history history;
        struct check_result result;
        history_init(&history);
        for (int32_t i = 0; i < 70; i++)
            history_append(&history,
                           &(struct op){.process = i, .f = F_WRITE, .value = value_int(i)}, NULL);
        for (int32_t i = 0; i < 70; i++)
            history_append(
                &history,
                &(struct op){.process = i, .type = OP_OK, .f = F_WRITE, .value = value_int(i)},
                NULL);
        history_append(&history, &(struct op){.process = 0, .f = F_READ}, NULL);
        history_append(
            &history,
            &(struct op){
                .process = 0, .type = OP_OK, .f = F_READ, .value = value_int(wrong ? 70 : 3)},
            NULL);
        check_with(&history, &(struct check_options){.model = "register"}, &result);
        cr_expect_eq(result.verdict, wrong ? VERDICT_INVALID : VERDICT_VALID);
        check_result_fini(&result);
        history_fini(&history);
    }
}

/* `count` crashed writes each of 1 and of 2, then `reads` reads 1 2 1 2 ...: each takes one. */
static enum verdict alternate(uint32_t count, uint32_t reads)
{
    struct history history;
    struct check_result result;
    int32_t process = 1;
    history_init(&history);
    for (uint32_t i = 0; i < 2 * count; i++)
        history_append(
            &history,
            &(struct op){.process = process++, .f = F_WRITE, .value = value_int(1 + i % 2)}, NULL);
    for (uint32_t i = 0; i < reads; i++) {
        struct op op = {.process = 0, .f = F_READ};
        history_append(&history, &op, NULL);
        op.type = OP_OK;
        op.value = value_int(1 + i % 2);
        history_append(&history, &op, NULL);
    }
    struct check_options options = {.model = "register", .time_limit_ns = INT64_C(20000000000)};
    check_with(&history, &options, &result);
    enum verdict verdict = result.verdict;
    check_result_fini(&result);
    history_fini(&history);
    return verdict;
}

Test(linearizability, counts_hundreds_of_crashed_writes_without_trying_their_subsets)
{
    cr_expect_eq(alternate(200, 400), VERDICT_VALID);
    cr_expect_eq(alternate(200, 401), VERDICT_INVALID);
}
