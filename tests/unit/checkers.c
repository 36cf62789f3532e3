/* The checkers that are not about linearizability, rule by rule. */
#include "core/strbuf.h"
#include "unit/checker_support.h"

#include <stdlib.h>

/* What a checker finds in a history, as text: the summary and the details. */
static enum verdict find(const char *text, const struct check_options *options, char **details)
{
    struct history history;
    struct check_result result;
    history_of(&history, text);
    check_with(&history, options, &result);
    enum verdict verdict = result.verdict;
    if (details) {
        size_t size = strlen(result.summary) + strlen(result.details_json) + 2;
        *details = malloc(size);
        snprintf(*details, size, "%s\n%s", result.summary, result.details_json);
    }
    check_result_fini(&result);
    history_fini(&history);
    return verdict;
}

static void expect_details(const char *model, const char *text, enum verdict verdict,
                           const char *const *parts)
{
    char *details;
    cr_expect_eq(find(text, &(struct check_options){.model = model}, &details), verdict, "%s",
                 details);
    for (; *parts; parts++)
        expect_contains(details, *parts);
    free(details);
}

#define PARTS(...) ((const char *const[]){__VA_ARGS__, NULL})

static void expect_error(const char *model, const char *text, const char *part)
{
    struct history history;
    struct check_result result;
    struct errbuf err = ERRBUF_INIT;
    history_of(&history, text);
    cr_expect_eq(try_check(&history, &(struct check_options){.model = model}, &result, &err),
                 ERR_INPUT);
    expect_contains(err.text, part);
    history_fini(&history);
}

Test(checkers, counter_tells_the_bounds_of_a_wrong_read)
{
    expect_details("counter",
                   "0 invoke add 2\n0 ok add 2\n1 invoke add 3\n2 invoke read\n2 ok read 7",
                   VERDICT_INVALID,
                   PARTS("the counter was read as 7, but could only be 2 to 5, by process 2 "
                         "(3.000000 s to 4.000000 s)",
                         "\"read-count\":1", "\"errors\":[[2,7,5]]"));
}

Test(checkers, counter_begins_with_the_initial_value)
{
    struct check_options options = {
        .model = "counter", .semantics = {.initial = value_ref_int(10), .initial_is_given = true}};
    const char *text = "0 invoke add 2\n0 ok add 2\n1 invoke read\n1 ok read 12";
    cr_expect_eq(find(text, &options, NULL), VERDICT_VALID);
    cr_expect_eq(verdict_of("counter", text), VERDICT_INVALID);
}

Test(checkers, counter_refuses_what_it_cannot_add)
{
    expect_error("counter", "0 invoke add :x", "event 0: an add to a counter needs an integer");
    expect_error("counter", "0 invoke read\n0 ok read [1]", "event 1: a read of a counter must");
    expect_error("counter", "0 invoke write 1", "it has read, add, increment, decrement");
    expect_error("counter",
                 "0 invoke add 9223372036854775807\n0 ok add 1\n0 invoke add 1\n0 ok add 1",
                 "event 2: the sum of all adds to this counter is too large");
}

static enum verdict bank_of(const char *text, struct checker_options options)
{
    return find(text, &(struct check_options){.model = "bank", .checker = options}, NULL);
}

Test(checkers, bank_compares_with_the_given_total_or_the_first_read)
{
    const char *text = "0 invoke read\n0 ok read {0 6, 1 4}";
    struct checker_options options = {.total_is_given = true, .total = 11};
    cr_expect_eq(bank_of(text, (struct checker_options){0}), VERDICT_VALID);
    cr_expect_eq(bank_of(text, options), VERDICT_INVALID);
    options.total = 10;
    cr_expect_eq(bank_of(text, options), VERDICT_VALID);
}

Test(checkers, bank_lets_balances_be_negative_only_if_told)
{
    const char *text = "0 invoke read\n0 ok read {0 11, 1 -1}";
    cr_expect_eq(bank_of(text, (struct checker_options){.allow_negative = true}), VERDICT_VALID);
    cr_expect_eq(bank_of(text, (struct checker_options){0}), VERDICT_INVALID);
}

Test(checkers, bank_counts_each_wrong_read_once_by_its_first_reason)
{
    expect_details("bank",
                   "0 invoke read\n0 ok read {0 10, 1 0}\n0 invoke read\n0 ok read {0 -1, 2 nil}\n"
                   "0 invoke read\n0 ok read {0 nil, 1 0}\n0 invoke read\n0 ok read {0 -1, 1 0}",
                   VERDICT_INVALID,
                   PARTS("account 2 is none of the first read's", "\"error-count\":3",
                         "\"unexpected-key\":[2]", "\"nil-balance\":[0]", "\"wrong-total\":[-1]",
                         "\"negative-value-count\":0", "\"total\":10"));
}

Test(checkers, bank_refuses_reads_that_are_no_balances)
{
    expect_error("bank", "0 invoke read\n0 ok read 5", "event 1: a read of a bank must return");
    expect_error("bank", "0 invoke read\n0 ok read {0 \"a\"}", "event 1: a read of a bank");
}

/* 1 is known at 1 s, missed at 3 s, there again; 2 is there at 7 s, missed from 9 s on. */
static const char stale_and_lost[] =
    "0 invoke add 1\n0 ok add 1\n9 invoke read\n1 invoke read\n1 ok read []\n0 invoke add 2\n"
    "2 invoke read\n2 ok read [1 2]\n9 ok read [1]\n1 invoke read\n1 ok read #{1}\n";

Test(checkers, set_full_follows_every_element)
{
    expect_details("set-full", stale_and_lost, VERDICT_INVALID,
                   PARTS("element 2 was seen by process 2 (6.000000 s to 7.000000 s), but is "
                         "missing from then on, as in the read by process 1 (9.000000 s to "
                         "10.000000 s)",
                         "\"attempt-count\":2", "\"acknowledged-count\":1", "\"stable-count\":1",
                         "\"stale-count\":1", "\"never-read-count\":0", "\"lost\":[2]",
                         "\"stable-latencies\":{\"0\":2000,\"0.5\":2000,",
                         "\"lost-latencies\":{\"0\":0,"));
}

Test(checkers, set_full_refutes_stale_elements_only_if_asked_to)
{
    const char *text = "0 invoke add 1\n0 ok add 1\n1 invoke read\n1 ok read []\n1 invoke read\n"
                       "1 ok read [1]";
    struct check_options options = {.model = "set-full", .checker = {.linearizable = true}};
    cr_expect_eq(verdict_of("set-full", text), VERDICT_VALID);
    cr_expect_eq(find(text, &options, NULL), VERDICT_INVALID);
}

Test(checkers, set_full_gives_the_quantiles_of_all_stable_elements)
{
    struct strbuf text = STRBUF_INIT;
    for (int i = 0; i < 20; i++)
        strbuf_printf(&text, "0 invoke add %d\n0 ok add %d\n", i, i);
    strbuf_puts(&text,
                "1 invoke read\n1 ok read [0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18]\n"
                "1 invoke read\n1 ok read [0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19]");
    expect_details("set-full", text.text, VERDICT_VALID,
                   PARTS("{\"0\":0,\"0.5\":0,\"0.95\":1000,\"0.99\":1000,\"1\":1000}",
                         "\"lost-latencies\":null", "\"stale-count\":1"));
    strbuf_fini(&text);
}

Test(checkers, long_fork_refuses_what_is_no_group)
{
    expect_error("long-fork", "0 invoke txn [[:w 1 1] [:w 2 1]]", "event 0: an operation of long-");
    expect_error("long-fork", "0 invoke write 5", "event 0: an operation of long-fork is");
    expect_error("long-fork", "0 invoke read\n0 ok read [[:r 1 1] [:r 1 nil]]", "event 1: an op");
    expect_error("long-fork", "0 invoke read\n0 ok read [[:r 1 1] [:w 2 1]]", "event 1: an op");
}

Test(checkers, long_fork_counts_reads_before_and_after_all_writes)
{
    expect_details("long-fork",
                   "0 invoke read\n0 ok read [[:r 1 nil] [:r 2 nil]]\n0 invoke txn\n"
                   "0 ok txn [[:r 2 5] [:r 1 7]]",
                   VERDICT_VALID,
                   PARTS("\"reads-count\":2", "\"early-read-count\":1", "\"late-read-count\":1",
                         "\"forks\":[]"));
}

Test(checkers, queue_tells_what_came_out_too_often)
{
    expect_details("queue",
                   "0 invoke enqueue 1\n0 ok enqueue 1\n1 invoke dequeue\n1 ok dequeue 1\n"
                   "1 invoke drain\n1 ok drain [1 2]",
                   VERDICT_INVALID,
                   PARTS("element 2 was put in by nobody until then, but came out to process 1 "
                         "(4.000000 s to 5.000000 s)",
                         "\"unexpected\":[2]", "\"duplicated\":[1]", "\"taken-count\":3"));
    expect_error("queue", "0 invoke drain\n0 ok drain 5", "event 1: a drain of a queue must");
    expect_error("queue", "0 invoke enqueue nil", "event 0: an element of a queue must be");
    expect_error("queue", "0 invoke push 5", "it has enqueue, dequeue, drain");
}

Test(checkers, total_queue_counts_what_became_of_every_element)
{
    expect_details("total-queue",
                   "0 invoke enqueue 1\n0 ok enqueue 1\n0 invoke enqueue 2\n0 ok enqueue 2\n"
                   "1 invoke enqueue 3\n1 info enqueue 3\n0 invoke enqueue 4\n0 fail enqueue 4\n"
                   "0 invoke drain\n0 ok drain [1 1 3 4]",
                   VERDICT_INVALID,
                   PARTS("element 2 was acknowledged 1 times and came out 0 times; acknowledged to "
                         "process 0 (2.000000 s to 3.000000 s), and nothing was left after process "
                         "0 (8.000000 s to 9.000000 s)",
                         "\"lost\":[2]", "\"unexpected\":[4]", "\"duplicated\":[1]",
                         "\"recovered-count\":1", "\"ok-count\":2", "\"attempt-count\":3"));
}

Test(checkers, total_queue_is_unsure_of_what_a_crash_may_have_taken)
{
    const char *one = "0 invoke enqueue 1\n0 ok enqueue 1\n1 invoke dequeue\n1 info dequeue\n"
                      "0 invoke drain\n0 ok drain []";
    const char *two = "0 invoke enqueue 1\n0 ok enqueue 1\n0 invoke enqueue 2\n0 ok enqueue 2\n"
                      "1 invoke dequeue\n1 info dequeue\n0 invoke drain\n0 ok drain []";
    expect_details("total-queue", one, VERDICT_UNKNOWN, PARTS("may have taken them"));
    expect_details("total-queue", two, VERDICT_INVALID, PARTS("\"lost\":[1,2]"));
}

Test(checkers, unique_ids_tells_how_often_an_id_was_given_out)
{
    expect_details("unique-ids",
                   "0 invoke generate\n0 ok generate 5\n0 invoke generate\n0 ok generate -3\n"
                   "1 invoke generate\n1 ok generate 5\n1 invoke generate\n1 info generate -3\n"
                   "2 invoke generate\n2 ok generate 5",
                   VERDICT_INVALID,
                   PARTS("the id 5 was given out 3 times, to process 0 (0.000000 s to 1.000000 s) "
                         "and process 1 (4.000000 s to 5.000000 s)",
                         "\"attempted-count\":5", "\"acknowledged-count\":4",
                         "\"duplicated\":[[5,3]]", "\"range\":[-3,5]"));
}

Test(checkers, stats_counts_by_name_and_refutes_nothing)
{
    const char *text = "0 invoke read\n0 ok read 1\n0 invoke read\n0 fail read\n1 invoke write 1\n"
                       "1 info write 1";
    expect_details("stats", text, VERDICT_VACUOUS,
                   PARTS("none of these ever succeeded: write",
                         "{\"key\":null,\"count\":3,\"ok-count\":1,\"fail-count\":1,"
                         "\"info-count\":1,\"by-f\":{",
                         "\"read\":{\"count\":2,\"ok-count\":1,\"fail-count\":1,\"info-count\":0}",
                         "\"write\":{\"count\":1,\"ok-count\":0,"));
    cr_expect_eq(verdict_of("stats", "0 invoke read\n0 ok read 1\n"), VERDICT_VALID);
    cr_expect_not(checker_stats.confirm(NULL, NULL), "there is nothing to confirm");
}

Test(checkers, stats_counts_all_keys_together)
{
    struct history history;
    struct check_result result;
    history_init(&history);
    for (int i = 0; i < 4; i++) {
        struct op op = {.process = i / 2,
                        .type = i % 2 ? OP_OK : OP_INVOKE,
                        .f = F_READ,
                        .has_key = true,
                        .key = value_int(i / 2)};
        cr_assert_eq(history_append(&history, &op, NULL), 0);
    }
    check_with(&history, &(struct check_options){.model = "stats"}, &result);
    cr_expect_eq(result.key_count, 1);
    expect_contains(result.details_json, "\"ok-count\":2");
    check_result_fini(&result);
    history_fini(&history);
}

Test(checkers, sequential_counts_what_reads_saw)
{
    expect_details("sequential",
                   "0 invoke read 5\n0 ok read [5 [\"5_1\" \"5_0\"]]\n0 invoke read 5\n"
                   "0 ok read [5 [nil \"5_0\"]]\n0 invoke read 5\n0 ok read [5 [nil nil]]\n"
                   "0 invoke read 5\n0 ok read [5 [\"5_1\" nil]]",
                   VERDICT_INVALID,
                   PARTS("a later subkey was there and an earlier one was not: [5 [\"5_1\" nil]], "
                         "read by process 0 (6.000000 s to 7.000000 s)",
                         "\"all-count\":1", "\"some-count\":2", "\"none-count\":1",
                         "\"bad-count\":1"));
    expect_error("sequential", "0 invoke read 5\n0 ok read 7", "event 1: a read of sequential");
}

Test(checkers, causal_reverse_names_both_writes)
{
    const char *text = "0 invoke write 1\n0 ok write 1\n0 invoke write 2\n0 ok write 2\n"
                       "1 invoke read\n1 ok read [2]";
    expect_details("causal-reverse", text, VERDICT_INVALID,
                   PARTS("1, acknowledged to process 0 (0.000000 s to 1.000000 s) before 2 was "
                         "written by process 0 (2.000000 s to 3.000000 s), is missing from a read "
                         "that has the later one, by process 1",
                         "\"errors\":[1]", "\"acknowledged-count\":2"));
    cr_expect_eq(verdict_of("comments", text), VERDICT_INVALID);
    expect_error("comments", "0 invoke read\n0 ok read 7", "event 1: a read must return a list");
}

Test(checkers, monotonic_tells_which_row_is_off_order)
{
    expect_details("monotonic",
                   "0 invoke add\n0 ok add {:val 1 :sts 10}\n0 invoke add\n0 fail add {:val 2}\n"
                   "1 invoke read\n1 ok read [{:val 2 :sts 20} {:val 2 :sts 5}]",
                   VERDICT_INVALID,
                   PARTS("the value 1 is missing from the last read, by process 1 (4.000000 s to "
                         "5.000000 s); it was acknowledged to process 0",
                         "\"lost\":[1]", "\"duplicated\":[2]", "\"revived\":[2]",
                         "\"off-order-sts\":[2]", "\"off-order-val\":[]", "\"row-count\":2"));
    expect_details("monotonic", "0 invoke read\n0 ok read 5\n1 invoke read\n1 ok read 4",
                   VERDICT_INVALID,
                   PARTS("the value 4, a smaller one than was read before, was read by process 1 "
                         "(2.000000 s to 3.000000 s); before that, by process 0"));
    expect_error("monotonic", "0 invoke read\n0 ok read [:x]", "event 1: a read of monotonic");
    expect_error("monotonic", "0 invoke read\n0 ok read :x", "event 1: a read of monotonic");
}

Test(checkers, long_fork_keeps_many_groups_apart)
{
    struct strbuf text = STRBUF_INIT;
    for (int key = 0; key < 200; key++)
        strbuf_printf(&text, "0 invoke read\n0 ok read [[:r %d %s] [:r %d %s]]\n", key,
                      key % 2 ? "1" : "nil", key + 1, key % 2 ? "nil" : "1");
    cr_expect_eq(verdict_of("long-fork", text.text), VERDICT_VALID);
    strbuf_puts(&text, "0 invoke read\n0 ok read [[:r 101 nil] [:r 100 1]]");
    cr_expect_eq(verdict_of("long-fork", text.text), VERDICT_INVALID);
    strbuf_fini(&text);
}
