/* The whole check: budgets, keys, sentences, JSON, errors. */
#include "core/clock.h"
#include "core/random.h"
#include "patience.h"
#include "unit/checker_support.h"

#include <jansson.h>

/* --- a history that is hard: many different crashed operations, and reads that use them up --- */

static void append(struct history *history, int32_t process, enum op_type type, symbol f,
                   struct value value)
{
    struct op op = {.process = process,
                    .type = (uint8_t)type,
                    .f = f,
                    .value = value,
                    .time_ns = (int64_t)history->count * NS_PER_MS,
                    .has_key = true,
                    .key = value_int(1)};
    cr_assert_eq(history_append(history, &op, NULL), 0);
}

static void make_hard(struct history *history)
{
    struct random random;
    random_init(&random, 3, RANDOM_TEST, 0);
    history_init(history);
    for (int32_t i = 0; i < 200; i++) {
        struct value items[2] = {value_int((int64_t)random_below(&random, 6)),
                                 value_int((int64_t)random_below(&random, 6))};
        append(history, 1 + i, OP_INVOKE, F_CAS, value_items(VALUE_LIST, items, 2));
        append(history, 1 + i, OP_INFO, F_CAS, value_items(VALUE_LIST, items, 2));
    }
    append(history, 0, OP_INVOKE, F_WRITE, value_int(0));
    append(history, 0, OP_OK, F_WRITE, value_int(0));
    for (int i = 0; i < 400; i++) {
        append(history, 0, OP_INVOKE, F_READ, value_nil());
        append(history, 0, OP_OK, F_READ, value_int((int64_t)random_below(&random, 6)));
    }
}

Test(check, ends_as_unknown_at_the_time_limit_and_says_what_was_proven)
{
    struct history history;
    struct check_result result;
    make_hard(&history);
    struct check_options options = {.model = "cas-register", .time_limit_ns = NS_PER_S};
    int64_t start_ns = monotonic_ns();
    check_with(&history, &options, &result);
    int64_t elapsed_ns = monotonic_ns() - start_ns;
    cr_assert_eq(result.verdict, VERDICT_UNKNOWN, "%s", result.summary);
    cr_expect_geq(elapsed_ns, 990 * NS_PER_MS);
    cr_expect_lt(elapsed_ns, PATIENCE_NS, "took %lld ms", (long long)(elapsed_ns / NS_PER_MS));
    cr_expect_gt(result.keys[0].proven_until_ns, 400 * NS_PER_MS);
    expect_contains(result.summary, "key 1 valid up to ");
    expect_contains(result.summary, "the time limit (1 s) ended the check");
    check_result_fini(&result);
    history_fini(&history);
}

Test(check, ends_as_unknown_at_the_memory_limit_and_never_takes_more)
{
    struct history history;
    struct check_result result;
    make_hard(&history);
    struct check_options options = {.model = "cas-register", .time_limit_ns = PATIENCE_NS};
    for (size_t limit = 1024; limit <= 512 * 1024; limit *= 8) {
        options.memory_limit_bytes = limit;
        check_with(&history, &options, &result);
        cr_assert_eq(result.verdict, VERDICT_UNKNOWN, "%s", result.summary);
        cr_expect_leq(result.memory_peak_bytes, limit);
        expect_contains(result.summary, "the memory limit (");
        check_result_fini(&result);
    }
    history_fini(&history);
}

Test(check, gives_every_easy_key_its_verdict_beside_a_hard_one)
{
    struct history history;
    struct check_result result;
    make_hard(&history);
    for (int32_t key = 2; key < 12; key++) {
        struct op op = {.process = 1000 + key,
                        .f = F_WRITE,
                        .value = value_int(1),
                        .has_key = true,
                        .key = value_int(key)};
        history_append(&history, &op, NULL);
        op.type = OP_OK;
        history_append(&history, &op, NULL);
    }
    struct check_options options = {.model = "cas-register", .time_limit_ns = NS_PER_S};
    check_with(&history, &options, &result);
    cr_assert_eq(result.verdict, VERDICT_UNKNOWN);
    expect_contains(result.summary, "unknown: 10 of 11 keys valid; key 1 valid up to ");
    check_result_fini(&result);
    history_fini(&history);
}

/* --- sentences --- */

static void expect_summary(const char *model, const char *text, enum verdict verdict,
                           const char *summary)
{
    struct history history;
    struct check_result result;
    history_of(&history, text);
    check_with(&history, &(struct check_options){.model = model}, &result);
    cr_expect_eq(result.verdict, verdict);
    cr_expect_str_eq(result.summary, summary);
    check_result_fini(&result);
    history_fini(&history);
}

Test(check, says_valid_in_one_sentence)
{
    expect_summary("register", "0 invoke write 1\n0 ok write 1", VERDICT_VALID,
                   "valid: 1 operation, linearizable as register");
}

Test(check, names_the_checker_and_what_it_took_for_granted)
{
    expect_summary("stats", "0 invoke write 1\n0 ok write 1", VERDICT_VALID,
                   "valid: 1 operation, correct by the stats checker");
    expect_summary("bank", "0 invoke read\n0 ok read {0 6, 1 4}", VERDICT_VALID,
                   "valid: 1 operation, correct by the bank checker; the total is 10, that of the "
                   "first read");
    expect_summary(
        "bank", "0 invoke read\n0 ok read {0 6}\n0 invoke read\n0 ok read {0 7}", VERDICT_INVALID,
        "invalid: the history is not correct by the bank checker: the balances sum up to "
        "7 instead of 6 in the read by process 0 (2.000000 s to 3.000000 s); in all 1 "
        "wrong-total; the total is 6, that of the first read");
}

Test(check, calls_a_history_without_a_successful_operation_vacuous)
{
    expect_summary("register", "", VERDICT_VACUOUS,
                   "vacuous: no operation succeeded, so nothing was tested");
    expect_summary("register", "0 invoke write 1\n0 fail write 1", VERDICT_VACUOUS,
                   "vacuous: no operation succeeded");
    expect_summary("set", "0 invoke add 1\n0 ok add 1", VERDICT_VACUOUS,
                   "vacuous: the set was never read");
}

Test(check, calls_a_history_of_failures_valid_where_its_format_does)
{
    struct history history;
    struct check_result result;
    struct check_options options = {.model = "register", .semantics = {.failures_are_tests = true}};
    history_of(&history, "0 invoke write 1\n0 fail write 1");
    check_with(&history, &options, &result);
    cr_expect_str_eq(result.summary,
                     "valid: 1 operation, linearizable as register; but none succeeded");
    check_result_fini(&result);
    history_fini(&history);
}

Test(check, ignores_the_nemesis)
{
    expect_summary("register", ":nemesis info start nil\n0 invoke write 1\n0 ok write 1",
                   VERDICT_VALID, "valid: 1 operation, linearizable as register");
}

Test(check, says_that_the_last_event_was_cut_short)
{
    struct history history;
    struct check_result result;
    history_of(&history, "0 invoke write 1\n0 ok write 1");
    history.truncated = true;
    check_with(&history, &(struct check_options){.model = "register"}, &result);
    expect_contains(result.summary, "; the file ends in the middle of an event; what follows is "
                                    "missing, and the verdict is of the part before it");
    check_result_fini(&result);
    history_fini(&history);
}

/* --- errors --- */

static void expect_error(const char *model, const char *text, const char *part)
{
    struct history history;
    struct check_result result;
    struct errbuf err = ERRBUF_INIT;
    history_of(&history, text);
    struct check_options options = {.model = model};
    cr_assert_eq(try_check(&history, &options, &result, &err), ERR_INPUT);
    expect_contains(err.text, part);
    history_fini(&history);
}

Test(check, names_the_event_that_it_cannot_judge)
{
    expect_error(
        "registre", "",
        "no model \"registre\"; did you mean 'register'? there are: cas-register, register");
    expect_error("register", "0 invoke write 1\n0 ok write 1\n0 invoke cas [1 2]",
                 "event 2: a register has no operation \"cas\"; it has read and write");
    expect_error("register", "0 invoke txn [[:r 1 nil]]",
                 "it has read and write; if these are transactions, say --model list-append");
    expect_error("set", "0 invoke txn [[:r 1 nil]]", "; if these are transactions, say --model");
    expect_error("cas-register", "0 invoke cas 3", "event 0: the value of a cas must be");
    expect_error("set", "0 invoke write 1", "event 0: a set has no operation \"write\"");
    expect_error("set", "0 invoke read\n0 ok read 5", "event 1: a read of a set must return");
    expect_error("register", "0 invoke read\n0 invoke read", "event 1: process 0 invokes");
}

/* --- algorithms --- */

/* 1 is written twice: not for the fast one. */
static const char twice[] = "0 invoke write 1\n0 ok write 1\n0 invoke write 1\n0 ok write 1\n"
                            "0 invoke read\n0 ok read 1";
static const char once[] = "0 invoke write 1\n0 ok write 1\n0 invoke read\n0 ok read 1";

Test(check, says_which_algorithm_it_used_and_why_not_a_faster_one)
{
    struct history history;
    struct check_result result;
    history_of(&history, once);
    check_with(&history, &(struct check_options){.model = "register"}, &result);
    cr_expect_str_eq(result.keys[0].algorithm, "zones");
    cr_expect_null(result.keys[0].why);
    cr_expect_str_eq(result.algorithm, "zones");
    check_result_fini(&result);
    history_fini(&history);
    history_of(&history, twice);
    check_with(&history, &(struct check_options){.model = "register"}, &result);
    cr_expect_str_eq(result.keys[0].algorithm, "configuration-search");
    expect_contains(result.keys[0].why, "zones: ");
    expect_contains(result.algorithm, "configuration-search (zones: ");
    check_result_fini(&result);
    history_fini(&history);
}

Test(check, uses_the_algorithm_it_is_told_to_or_says_unknown)
{
    struct history history;
    struct check_result result;
    struct errbuf err = ERRBUF_INIT;
    struct check_options options = {.model = "register", .algorithm = "configuration-search"};
    history_of(&history, once);
    check_with(&history, &options, &result);
    cr_expect_eq(result.verdict, VERDICT_VALID);
    cr_expect_str_eq(result.keys[0].algorithm, "configuration-search");
    check_result_fini(&result);
    options.algorithm = "no-such";
    cr_expect_eq(try_check(&history, &options, &result, &err), ERR_INPUT);
    expect_contains(err.text, "no algorithm \"no-such\"; there are: ");
    options.algorithm = "stack";
    cr_expect_eq(try_check(&history, &options, &result, &err), ERR_INPUT);
    cr_expect_str_eq(err.text, "the algorithm stack does not decide the model register");
    history_fini(&history);
    history_of(&history, twice);
    options.algorithm = "zones";
    check_with(&history, &options, &result);
    cr_expect_eq(result.verdict, VERDICT_UNKNOWN);
    expect_contains(result.summary, "unknown: the history: zones: ");
    check_result_fini(&result);
    history_fini(&history);
}

Test(check, keeps_the_order_of_a_valid_key_for_a_certificate)
{
    static const char *const algorithms[] = {"zones", "configuration-search"};
    for (size_t i = 0; i < 2; i++) {
        struct history history;
        struct check_result result;
        struct check_options options = {
            .model = "register", .algorithm = algorithms[i], .want_certificate = true};
        history_of(&history, once);
        check_with(&history, &options, &result);
        cr_assert_eq(result.keys[0].order_count, 2, "%s", algorithms[i]);
        cr_expect_eq(result.keys[0].order[0], 0);
        cr_expect_eq(result.keys[0].order[1], 2);
        check_result_fini(&result);
        history_fini(&history);
    }
}

/* --- JSON --- */

Test(check, gives_all_it_found_as_one_json_document)
{
    struct history history;
    struct check_result result;
    history_of(&history, "0 invoke write 5\n0 ok write 5\n0 invoke write 7\n0 ok write 7\n"
                         "1 invoke read\n1 ok read 5");
    check_with(&history, &(struct check_options){.model = "register"}, &result);
    char *text = check_result_json(&result, &checked);
    cr_assert_not_null(text);
    json_t *json = json_loads(text, 0, NULL);
    cr_assert_not_null(json);
    cr_expect_str_eq(json_string_value(json_object_get(json, "verdict")), "invalid");
    json_t *key = json_array_get(json_object_get(json, "keys"), 0);
    cr_expect_eq(json_integer_value(json_object_get(key, "operations")), 3);
    json_t *witness = json_object_get(key, "witness");
    cr_assert_eq(json_array_size(witness), 2);
    json_t *read = json_object_get(json_array_get(witness, 1), "completion");
    cr_expect_eq(json_integer_value(json_object_get(read, "index")), 5);
    cr_expect_eq(json_integer_value(json_object_get(read, "value")), 5);
    json_decref(json);
    free(text);
    check_result_fini(&result);
    history_fini(&history);
}

Test(check, refuses_operations_of_which_nobody_can_say_whose_they_are)
{
    struct check_options options = {.model = "register"};
    struct check_result result;
    struct operations all;
    struct errbuf err = ERRBUF_INIT;
    struct op ops[] = {
        {.process = PROCESS_NEMESIS, .type = OP_INVOKE, .f = F_WRITE, .value = value_int(1)},
        {.process = PROCESS_NONE, .type = OP_INFO, .f = F_WRITE, .value = value_int(1)},
        {.process = 0, .type = OP_INVOKE, .f = F_WRITE, .value = value_int(1)},
        {.process = PROCESS_NONE, .type = OP_INVOKE, .f = F_WRITE, .value = value_int(2)}};
    cr_assert_eq(operations_init(&all, 0), 0);
    for (size_t i = 0; i < 3; i++)
        cr_assert_eq(operations_append(&all, &ops[i], &err), 0);
    cr_assert_eq(operations_finish(&all, &err), 0);
    cr_assert_eq(check_history(&all, &options, &result, &err), 0, "%s", err.text);
    check_result_fini(&result);
    operations_fini(&all);
    cr_assert_eq(operations_init(&all, 0), 0);
    for (size_t i = 0; i < 4; i++)
        cr_assert_eq(operations_append(&all, &ops[i], &err), 0);
    cr_assert_eq(operations_finish(&all, &err), 0);
    cr_expect_eq(check_history(&all, &options, &result, &err), ERR_INPUT);
    expect_contains(err.text, "event 3: nobody can say whose write this is (invoke)");
    operations_fini(&all);
}

Test(check, gives_json_for_any_text_in_a_value)
{
    struct history history;
    struct check_result result;
    history_of(&history, "0 invoke read\n0 ok read \"a\\u0000b\"");
    cr_assert_eq(history.ops[1].value.count, 3);
    check_with(&history, &(struct check_options){.model = "register"}, &result);
    char *text = check_result_json(&result, &checked);
    cr_assert_not_null(text);
    expect_contains(text, "a\\u0000b");
    free(text);
    check_result_fini(&result);
    history_fini(&history);
}
