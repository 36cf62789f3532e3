/* What is shown of an invalid history: few operations, and the right ones. */
#include "unit/checker_support.h"

#include <stdarg.h>

static void expect_witness(const char *text, const char *explanation_part, uint32_t count, ...)
{
    struct history history;
    struct check_result result;
    va_list positions;
    history_of(&history, text);
    check_with(&history, &(struct check_options){.model = "cas-register"}, &result);
    cr_assert_eq(result.verdict, VERDICT_INVALID);
    const struct check_key *key = &result.keys[0];
    cr_assert_eq(key->witness_count, count, "%u operations:\n%s", key->witness_count,
                 key->explanation);
    va_start(positions, count);
    for (uint32_t i = 0; i < count; i++)
        cr_expect_eq(key->witness[i], va_arg(positions, unsigned));
    va_end(positions);
    expect_contains(key->explanation, explanation_part);
    check_result_fini(&result);
    history_fini(&history);
}

Test(witness, shows_a_stale_read_as_the_newer_write_and_the_read)
{
    expect_witness("0 invoke write 5\n0 ok write 5\n1 invoke read\n1 ok read 5\n"
                   "0 invoke write 7\n0 ok write 7\n1 invoke read\n1 ok read 5",
                   "read 5 by process 1 (6.000000 s to 7.000000 s) is impossible: "
                   "the value could only be 7",
                   2, 4u, 6u);
}

Test(witness, leaves_out_what_happened_long_before)
{
    char text[4000] = "";
    for (int i = 0; i < 40; i++)
        strcat(text, "0 invoke write 1\n0 ok write 1\n0 invoke read\n0 ok read 1\n");
    strcat(text, "0 invoke write 7\n0 ok write 7\n1 invoke read\n1 ok read 1\n");
    expect_witness(text, "Nothing that can have happened after the first of these began wrote 1", 2,
                   160u, 162u);
}

Test(witness, shows_a_value_nobody_wrote_as_the_read_alone)
{
    expect_witness("0 invoke read\n0 ok read 9",
                   "No operation that can have happened by then wrote 9", 1, 0u);
}

Test(witness, leaves_out_concurrent_operations_that_do_not_matter)
{
    expect_witness("0 invoke write 5\n0 ok write 5\n2 invoke write 8\n3 invoke write 9\n"
                   "0 invoke write 7\n0 ok write 7\n1 invoke read\n1 ok read 5\n2 ok write 8\n"
                   "3 ok write 9",
                   "the value could only be one of 8, 9, 7", 2, 4u, 6u);
}

Test(witness, leaves_out_crashed_writes_however_many_when_only_other_values_matter)
{
    char text[4000] = "0 invoke write 5\n0 ok write 5\n0 invoke write 7\n0 ok write 7\n";
    for (int i = 0; i < 30; i++)
        sprintf(text + strlen(text), "%d invoke write %d\n", 10 + i, 1 + i % 3);
    strcat(text, "0 invoke write 1\n0 ok write 1\n0 invoke read\n0 ok read 2\n"
                 "0 invoke read\n0 ok read 1\n0 invoke read\n0 ok read 5");
    struct history history;
    struct check_result result;
    history_of(&history, text);
    check_with(&history, &(struct check_options){.model = "cas-register"}, &result);
    cr_assert_eq(result.verdict, VERDICT_INVALID);
    cr_expect_leq(result.keys[0].witness_count, 3);
    check_result_fini(&result);
    history_fini(&history);
}

Test(witness, keeps_a_crashed_write_that_a_read_needs)
{
    /* write 2 may have happened once, and did for the first read. */
    expect_witness("0 invoke write 1\n0 ok write 1\n1 invoke write 2\n2 invoke read\n2 ok read 2\n"
                   "0 invoke write 3\n0 ok write 3\n2 invoke read\n2 ok read 2",
                   "cannot be placed", 4, 2u, 3u, 5u, 7u);
}

Test(witness, names_the_initial_value_when_it_matters)
{
    expect_witness("0 invoke cas [4 5]\n0 ok cas [4 5]", "The value at the beginning is nil", 1,
                   0u);
}

Test(witness, counts_what_a_crashed_write_may_have_left_among_the_possible_values)
{
    expect_witness("0 invoke write 3\n0 info write 3\n1 invoke read\n1 ok read 6",
                   "the value could only be one of 3, nil", 1, 2u);
}

/* The first operation shown is still open while the value is written: nothing is said of it. */
Test(witness, does_not_deny_a_write_that_a_long_first_operation_overlaps)
{
    struct history history;
    struct check_result result;
    history_of(&history, "0 invoke write 3\n1 invoke write 4\n1 ok write 4\n1 invoke read\n"
                         "1 ok read 3\n0 ok write 3\n0 invoke read\n0 ok read 4");
    check_with(&history, &(struct check_options){.model = "cas-register"}, &result);
    cr_assert_eq(result.verdict, VERDICT_INVALID);
    cr_expect_null(strstr(result.keys[0].explanation, "wrote 4"), "%s", result.keys[0].explanation);
    check_result_fini(&result);
    history_fini(&history);
}
