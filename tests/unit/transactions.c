/* Histories as transactions, keys and versions: who wrote what, and which version each read saw. */
#include "core/strbuf.h"
#include "transactions/txn_build.h"
#include "unit/transactions_support.h"

#define expect_micro(bench, txn, index, expected)                                                  \
    cr_expect_str_eq(micro_text(&(bench).txns, txn, index), expected)

Test(transactions, a_read_of_a_register_sees_the_version_with_its_value)
{
    struct txn_bench b;
    txn_bench_open(&b, "0 invoke txn [[:w :x 1] [:w :y 2]]\n"
                       "0 ok txn [[:w :x 1] [:w :y 2]]\n"
                       "1 invoke txn [[:r :x nil] [:r :y nil] [:r :z nil]]\n"
                       "1 ok txn [[:r :x 1] [:r :y nil] [:r :z 7]]\n");
    cr_assert_eq(b.txns.txn_count, 2);
    expect_micro(b, 0, 0, "x1");
    expect_micro(b, 1, 0, "x1");
    expect_micro(b, 1, 1, "y0");
    expect_micro(b, 1, 2, "z7");
    const struct micro *micros = b.txns.micros;
    cr_expect_eq(b.txns.versions[micros[0].version].txn, 0);
    cr_expect_eq(b.txns.versions[micros[4].version].txn, TXN_NONE, "nobody wrote 7 to z");
    cr_expect_eq(version_key(&b.txns, micros[1].version), micros[1].key);
    cr_expect_eq(b.txns.keys[0].ordered, 1);
    txn_bench_close(&b);
}

Test(transactions, the_longest_read_of_a_list_orders_its_versions)
{
    struct txn_bench b;
    txn_bench_open(&b, "0 invoke txn [[:append :x 5]]\n0 ok txn [[:append :x 5]]\n"
                       "0 invoke txn [[:append :x 3]]\n0 ok txn [[:append :x 3]]\n"
                       "0 invoke txn [[:append :x 9]]\n0 ok txn [[:append :x 9]]\n"
                       "1 invoke txn [[:r :x nil]]\n1 ok txn [[:r :x [3 5]]]\n"
                       "1 invoke txn [[:r :x nil]]\n1 ok txn [[:r :x [3]]]\n"
                       "1 invoke txn [[:r :x nil]]\n1 ok txn [[:r :x []]]\n");
    uint32_t first = b.txns.keys[0].first_version;
    cr_expect_eq(b.txns.keys[0].ordered, 3, "9 was never seen");
    cr_expect_eq(txn_key_versions(&b.txns, 0), 4);
    cr_expect_eq(b.txns.micros[1].version, first + 1);
    cr_expect_eq(b.txns.micros[0].version, first + 2);
    cr_expect_eq(b.txns.micros[2].version, first + 3);
    expect_micro(b, 3, 0, "x5");
    expect_micro(b, 4, 0, "x3");
    expect_micro(b, 5, 0, "x0");
    cr_expect_eq(b.txns.odd_read_count, 0);
    txn_bench_close(&b);
}

Test(transactions, reads_that_are_no_state_of_a_list_are_odd)
{
    struct txn_bench b;
    txn_bench_open(&b, "0 invoke txn [[:append :x 1] [:append :x 2]]\n"
                       "0 ok txn [[:append :x 1] [:append :x 2]]\n"
                       "1 invoke txn [[:r :x nil]]\n1 ok txn [[:r :x [1 2 1 2]]]\n"
                       "1 invoke txn [[:r :x nil]]\n1 ok txn [[:r :x [1 2]]]\n"
                       "1 invoke txn [[:r :x nil]]\n1 ok txn [[:r :x [2]]]\n");
    cr_assert_eq(b.txns.odd_read_count, 2);
    cr_expect_eq(b.txns.odd_reads[0].kind, READ_DUPLICATES);
    cr_expect_eq(b.txns.odd_reads[0].txn, 1);
    cr_expect_eq(b.txns.odd_reads[1].kind, READ_INCOMPATIBLE);
    cr_expect_eq(b.txns.odd_reads[1].txn, 3);
    expect_micro(b, 1, 0, "x2");
    cr_expect_eq(b.txns.keys[0].ordered, 3, "the order is that of the read without duplicates");
    uint32_t count;
    cr_expect_eq(txn_list(&b.txns, 1, b.txns.odd_reads[0].place, &count)[3], value_ref_int(2));
    cr_expect_eq(count, 4);
    txn_bench_close(&b);
}

Test(transactions, only_what_others_can_tell_is_an_outer_access)
{
    struct txn_bench b;
    txn_bench_open(&b,
                   "0 invoke txn nil\n"
                   "0 ok txn [[:r :x nil] [:w :x 1] [:w :y 1] [:r :x 1] [:w :x 2] [:r :x 2]]\n");
    expect_micro(b, 0, 0, "x0");
    expect_micro(b, 0, 1, "x1'");
    expect_micro(b, 0, 2, "y1");
    expect_micro(b, 0, 3, "x1'");
    expect_micro(b, 0, 4, "x2");
    expect_micro(b, 0, 5, "x2'");
    txn_bench_close(&b);
}

Test(transactions, an_uncertain_one_counts_if_it_was_observed)
{
    struct txn_bench b;
    txn_bench_open(&b, "0 invoke txn [[:append :x 1] [:r :y nil]]\n0 info txn nil\n"
                       "1 invoke txn [[:append :x 2]]\n1 info txn nil\n"
                       "2 invoke txn [[:append :x 3]]\n2 fail txn nil\n"
                       "3 invoke txn [[:append :x 4]]\n"
                       "4 invoke txn nil\n4 ok txn [[:r :x [1]]]\n"
                       "5 invoke txn nil\n5 ok txn [[:r :x [4]]]\n");
    cr_expect_eq(b.txns.txns[0].fate, TXN_OBSERVED);
    expect_micro(b, 0, 1, "y?");
    cr_expect_eq(b.txns.txns[1].fate, TXN_UNSEEN);
    cr_expect_eq(b.txns.txns[2].fate, TXN_ABORTED);
    cr_expect_eq(b.txns.txns[3].fate, TXN_OBSERVED, "an odd read observes as well");
    cr_expect_eq(b.txns.txns[4].fate, TXN_COMMITTED);
    cr_expect_not(txn_is_committed(&b.txns, 2));
    cr_expect_eq(b.txns.session_count, 6);
    txn_bench_close(&b);
}

Test(transactions, a_value_that_two_write_is_told)
{
    struct txn_bench b;
    txn_bench_open(&b, "0 invoke txn [[:w :x 1]]\n0 ok txn [[:w :x 1]]\n"
                       "1 invoke txn [[:w :x 1]]\n1 fail txn [[:w :x 1]]\n");
    cr_expect_eq(b.txns.rewritten_by[0], 0);
    cr_expect_eq(b.txns.rewritten_by[1], 1);
    cr_expect_eq(b.txns.rewritten_value, value_ref_int(1));
    txn_bench_close(&b);
}

Test(transactions, a_value_that_was_there_and_was_written_is_told_if_it_was_read)
{
    static const char writes[] = "0 invoke txn [[:w :x 0]]\n0 ok txn [[:w :x 0]]\n";
    static const char reads[] = "1 invoke txn [[:r :x nil]]\n1 ok txn [[:r :x 0]]\n"
                                "0 invoke txn [[:w :x 0]]\n0 fail txn [[:w :x 0]]\n";
    for (int is_read = 0; is_read < 2; is_read++)
        for (int has_initial = 0; has_initial < 2; has_initial++) {
            struct txn_bench b;
            struct transactions_source source = {.initial = value_ref_int(0),
                                                 .has_no_initial = !has_initial};
            cr_assert_eq(txn_bench_try_from(&b, is_read ? reads : writes, source), 0);
            bool is_told = is_read && has_initial;
            cr_expect_eq(b.txns.rewritten_by[0], TXN_NONE);
            cr_expect_eq(b.txns.rewritten_by[1], is_told ? 1 : TXN_NONE);
            txn_bench_close(&b);
        }
}

Test(transactions, a_register_may_hold_lists)
{
    struct txn_bench b;
    txn_bench_open(&b, "0 invoke txn [[:w :x [1 2 3]]]\n0 ok txn [[:w :x [1 2 3]]]\n"
                       "1 invoke txn nil\n1 ok txn [[:r :x [1 2 3]]]\n");
    cr_expect_eq(b.txns.micros[1].version, b.txns.micros[0].version);
    cr_expect_eq(b.txns.versions[b.txns.micros[0].version].txn, 0);
    txn_bench_close(&b);
}

Test(transactions, a_key_of_which_only_the_empty_list_was_read_is_a_list_without_elements)
{
    struct txn_bench b;
    txn_bench_open(&b, "0 invoke txn [[:r :x nil]]\n0 ok txn [[:r :x []]]\n");
    cr_expect_str_eq(micro_text(&b.txns, 0, 0), "x0");
    cr_expect_eq(b.txns.version_count, 1);
    txn_bench_close(&b);
}

Test(transactions, of_a_key_that_may_begin_with_nil_both_are_the_version_that_nobody_wrote)
{
    struct txn_bench b;
    const char *text = "0 invoke txn nil\n0 ok txn [[:r :x nil] [:r :x 0] [:w :x 1] [:r :y 0]]\n"
                       "0 invoke txn nil\n0 ok txn [[:w :y 0]]\n";
    struct transactions_source source = {.initial = value_ref_int(0), .initial_may_be_nil = true};
    cr_assert_eq(txn_bench_try_from(&b, text, source), 0, "%s", b.err.text);
    cr_expect_str_eq(micro_text(&b.txns, 0, 0), "x0");
    cr_expect_str_eq(micro_text(&b.txns, 0, 1), "x0'");
    cr_expect_eq(b.txns.micros[3].version, b.txns.micros[4].version, "y was written 0");
    txn_bench_close(&b);
}

Test(transactions, minus_one_is_a_value_as_any_other)
{
    struct txn_bench b;
    txn_bench_open(&b, "0 invoke txn nil\n0 ok txn [[:w :x -1] [:r :x -1] [:r :x 2]]\n"
                       "1 invoke txn [[:r :x nil]]\n");
    cr_expect_str_eq(micro_text(&b.txns, 0, 0), "x-1");
    cr_expect_str_eq(micro_text(&b.txns, 0, 1), "x-1'");
    cr_expect_str_eq(micro_text(&b.txns, 0, 2), "x2'");
    cr_expect_str_eq(micro_text(&b.txns, 1, 0), "x?");
    txn_bench_close(&b);
}

Test(transactions, what_is_no_transaction_is_an_error_with_its_event)
{
    struct txn_bench b;
    cr_expect_eq(txn_bench_try(&b, "0 invoke txn []\n0 ok txn []\n0 invoke txn 5\n0 ok txn 5\n"),
                 ERR_INPUT);
    cr_expect_str_eq(b.err.text,
                     "event 3: 5 is no micro-operation; the value of a transaction is a "
                     "list of [:append key element], [:w key value] and [:r key "
                     "what-was-read]");
    txn_bench_close(&b);
    cr_expect_eq(txn_bench_try(&b, "0 invoke txn [[:w 1 2] [:apend 1 2]]\n"), ERR_INPUT);
    cr_expect(strstr(b.err.text, "event 0: [:apend 1 2] is no micro-operation;"), "%s", b.err.text);
    txn_bench_close(&b);
    cr_expect_eq(txn_bench_try(&b, "0 invoke txn [[:w :x 1]]\n0 ok txn [[:append :x 2]]\n"
                                   "0 invoke txn [[:w :x 1]]\n0 ok txn [[:w :x 2]]\n"),
                 ERR_INPUT);
    cr_expect_str_eq(
        b.err.text,
        "event 3: key :x: it is written, but others append to it; a key is one of both");
    txn_bench_close(&b);
    cr_expect_eq(txn_bench_try(&b, "0 invoke txn [[:append :x 1]]\n0 ok txn [[:append :x 1]]\n"
                                   "0 invoke txn nil\n0 ok txn [[:r :x 1]]\n"),
                 ERR_INPUT);
    cr_expect_str_eq(
        b.err.text,
        "event 3: key :x: it was read as something else than a list, but others append to it");
    txn_bench_close(&b);
}

/* What decoding returns if a history of this many keys may have so many. */
static int decode_keys(int count, uint32_t keys_max, struct errbuf *err)
{
    struct txn_bench b;
    struct strbuf text = STRBUF_INIT;
    for (int i = 0; i < count; i++)
        strbuf_printf(&text, "0 invoke txn [[:w %d 1]]\n0 ok txn [[:w %d 1]]\n", i, i);
    txn_bench_open(&b, text.text);
    struct transactions again = {.object = &b.copy.object, .budget = &b.budget};
    const struct transactions_source source = {.object = &b.copy.object};
    struct txn_build build = {
        .source = &source, .out = &again, .pool = b.copy.object.values, .keys_max = keys_max};
    value_numbers_init(&again.key_values, &b.budget);
    int rc = txn_decode(&build, err);
    cr_expect(rc != 0 || again.key_count == (uint32_t)count);
    budget_free(&b.budget, build.keys, build.key_capacity * sizeof *build.keys);
    transactions_fini(&again);
    txn_bench_close(&b);
    strbuf_fini(&text);
    return rc;
}

/* Also where the keys come to the limit when their memory grows: it used to be freed twice then. */
Test(transactions, of_more_keys_than_there_are_numbers_for_are_refused)
{
    struct errbuf err = ERRBUF_INIT;
    cr_expect_eq(decode_keys(64, 64, &err), 0);
    cr_expect_eq(decode_keys(65, 64, &err), ERR_INPUT);
    cr_expect_str_eq(err.text, "more than 64 keys in one history");
    cr_expect_eq(decode_keys(65, 65, &err), 0);
    cr_expect_eq(decode_keys(200, 199, &err), ERR_INPUT);
}
