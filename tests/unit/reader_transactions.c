/* Readers of texts of transactions without times: what they take, and each malformed input beside
 * the error it gets. */
#include "unit/reader_transactions_support.h"

#include <stdio.h>
#include <unistd.h>

/* --- AWDIT --- */

Test(reader_awdit, takes_transactions_between_rules)
{
    expect(&reader_awdit, "w 0 1\nr 1 0\n---\nw 1 2\n=====\nr 0 1\n",
           "0 ok [[:w 0 1] [:r 1 0]]\n0 ok [[:w 1 2]]\n1 ok [[:r 0 1]]\n");
}

Test(reader_awdit, passes_over_what_is_empty)
{
    expect(&reader_awdit, "\n=\n---\n r\t0  7 \r\n\n-\n---\n===\n\n===\nw 0 7",
           "0 ok [[:r 0 7]]\n1 ok [[:w 0 7]]\n");
    expect_from(&reader_awdit, "", 0, "");
}

Test(reader_awdit, keeps_numbers_of_64_bits_apart)
{
    expect(&reader_awdit, "w 18446744073709551615 9223372036854775807\nr 2 9223372036854775808\n",
           "0 ok [[:w \"18446744073709551615\" 9223372036854775807] "
           "[:r 2 \"9223372036854775808\"]]\n");
}

Test(reader_awdit, does_not_know_the_end_of_what_is_cut_short)
{
    expect(&reader_awdit, "w 0 1\n---\nw 0 2\nr 1",
           "0 ok [[:w 0 1]]\n0 invoke [[:w 0 2]]\ntruncated\n");
    expect_from(&reader_awdit, "w", 1, "truncated\n");
}

Test(reader_awdit, says_where_and_what_is_wrong)
{
    expect_error(&reader_awdit, "w 0 1\nx 0 1\n",
                 "FILE:2:1: expected r KEY VALUE, w KEY VALUE, --- or ===");
    expect_error(&reader_awdit, "w -1 1\n", "FILE:1:3: expected the key, a number from 0 on");
    expect_error(&reader_awdit, "w 0\nr 0 1\n", "FILE:1:4: expected the value, a number from 0 on");
    expect_error(&reader_awdit, "w 0 1a\n", "FILE:1:6: expected the end of the line");
    expect_error(&reader_awdit, "w0 1\n", "FILE:1:2: expected the key, a number from 0 on");
    expect_error(&reader_awdit, "--=\n", "FILE:1:3: expected the end of the line");
}

Test(reader_awdit, reads_the_public_histories)
{
    const char *corpus = getenv("FAULTLINE_CORPUS");
    static const struct {
        const char *path;
        uint32_t transactions;
    } files[] = {{"causal/fully-ser.txt", 4}, {"none/hb-cycle.txt", 4}};
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        char path[4096];
        snprintf(path, sizeof path, "%s/awdit/%s", corpus ? corpus : SOURCE_DIR "/../shared/corpus",
                 files[i].path);
        if (access(path, R_OK) != 0)
            cr_skip_test("%s is not there", path);
        struct operations all;
        struct history_semantics semantics;
        struct errbuf err = ERRBUF_INIT;
        cr_assert_eq(reader_load(path, NULL, (struct reader_options){0}, &all, &semantics, &err), 0,
                     "%s", err.text);
        cr_expect_eq(all.operation_count, files[i].transactions, "%s: %u", path,
                     all.operation_count);
        cr_expect(semantics.has_no_times && semantics.has_no_initial);
        operations_fini(&all);
    }
}

/* --- Plume --- */

Test(reader_plume, puts_the_lines_of_a_transaction_together)
{
    expect(&reader_plume,
           "w(3,7,0,12)\nr(3,0,1,13)\nw(4,8,0,12)\nr( 4, 8, 1, 13 )\r\n\nr(3,7,1,14)",
           "0 ok [[:w 3 7] [:w 4 8]]\n1 ok [[:r 3 0] [:r 4 8]]\n1 ok [[:r 3 7]]\n");
    expect(&reader_plume, "w(1,5,4,0)\nw(2,6,4,0)\n", "4 ok [[:w 1 5] [:w 2 6]]\n");
}

Test(reader_plume, takes_lines_of_aborted_transactions_in_a_row_for_one)
{
    expect(&reader_plume, "w(1,5,0,-1)\nw(2,6,0,-1)\nw(1,7,1,-1)\nw(1,8,1,3)\nw(1,9,1,-1)\n",
           "0 fail [[:w 1 5] [:w 2 6]]\n1 fail [[:w 1 7]]\n1 ok [[:w 1 8]]\n1 fail [[:w 1 9]]\n");
}

Test(reader_plume, finds_each_of_many_transactions_again)
{
    struct strbuf text = STRBUF_INIT, expected = STRBUF_INIT;
    for (int round = 0; round < 2; round++)
        for (int i = 0; i < 3000; i++)
            strbuf_printf(&text, "%c(%d,%d,%d,%d)\n", round ? 'r' : 'w', i, i + 1, i % 7, i * 31);
    for (int i = 0; i < 3000; i++)
        strbuf_printf(&expected, "%d ok [[:w %d %d] [:r %d %d]]\n", i % 7, i, i + 1, i, i + 1);
    expect_from(&reader_plume, text.text, text.length, expected.text);
    strbuf_fini(&text);
    strbuf_fini(&expected);
}

Test(reader_plume, leaves_out_a_last_line_that_is_cut_short)
{
    expect(&reader_plume, "w(1,5,0,1)\nw(2,6,", "0 ok [[:w 1 5]]\ntruncated\n");
    expect(&reader_plume, "w(1,5,0,1)\nw(2,6,0,-", "0 ok [[:w 1 5]]\ntruncated\n");
}

Test(reader_plume, says_where_and_what_is_wrong)
{
    expect_error(&reader_plume, "w(1,5,0,1)\nx(1,5,0,1)\n",
                 "FILE:2:1: expected r(KEY,VALUE,SESSION,TRANSACTION) or w(...)");
    expect_error(&reader_plume, "w 1,5,0,1)\n", "FILE:1:3: expected '('");
    expect_error(&reader_plume, "w(a,5,0,1)\n", "FILE:1:3: expected the key, a number from 0 on");
    expect_error(&reader_plume, "w(1;5,0,1)\n", "FILE:1:4: expected ','");
    expect_error(&reader_plume, "w(1,-5,0,1)\n",
                 "FILE:1:5: expected the value, a number from 0 on");
    expect_error(&reader_plume, "w(1,5,2147483648,1)\n",
                 "FILE:1:7: expected the session, from 0 to 2147483647");
    expect_error(&reader_plume, "w(1,5,0,-2)\n",
                 "FILE:1:9: expected the transaction, a number from 0 on, or -1");
    expect_error(&reader_plume, "w(1,5,0,99999999999999999999)\n",
                 "FILE:1:9: expected the transaction, a number from 0 on, or -1");
    expect_error(&reader_plume, "w(1,5,0,1\n", "FILE:1:10: expected ')'");
    expect_error(&reader_plume, "w(1,5,0,1) w\n", "FILE:1:12: expected the end of the line");
    expect_error(&reader_plume, "w(1,5,0,1)\nw(2,5,1,1)\n",
                 "FILE:2:1: the transaction has lines of two sessions");
}

/* --- dbcop, text --- */

Test(reader_dbcop_hist, takes_transactions_in_brackets)
{
    expect(&reader_dbcop_hist,
           "// session 1\n[x:=1 y:=1] [z==2  z:=3]\n[y:=3]!\n\n---\n  // 2\n [y==? 7==1]\r\n-\n-\n"
           "[ y==3 ]",
           "0 ok [[:w \"x\" 1] [:w \"y\" 1]]\n0 ok [[:r \"z\" 2] [:w \"z\" 3]]\n"
           "0 fail [[:w \"y\" 3]]\n1 ok [[:r \"y\" nil] [:r 7 1]]\n3 ok [[:r \"y\" 3]]\n");
}

Test(reader_dbcop_hist, does_not_know_the_end_of_what_is_cut_short)
{
    expect(&reader_dbcop_hist, "[x:=1]\n[x==1 y:=",
           "0 ok [[:w \"x\" 1]]\n"
           "0 invoke [[:r \"x\" 1]]\ntruncated\n");
}

Test(reader_dbcop_hist, says_where_and_what_is_wrong)
{
    expect_error(&reader_dbcop_hist, "[x:=1]\nx\n", "FILE:2:1: expected [...], --- or //");
    expect_error(&reader_dbcop_hist, "[:=1]\n",
                 "FILE:1:2: expected VARIABLE:=VERSION or VARIABLE==VERSION");
    expect_error(&reader_dbcop_hist, "[x!=1]\n", "FILE:1:3: expected := or ==");
    expect_error(&reader_dbcop_hist, "[x:1]\n", "FILE:1:4: expected '='");
    expect_error(&reader_dbcop_hist, "[x:=?]\n",
                 "FILE:1:5: expected the version, a number from 0 on");
    expect_error(&reader_dbcop_hist, "[x==-1]\n",
                 "FILE:1:5: expected the version, a number from 0 on, or ?");
    expect_error(&reader_dbcop_hist, "[x==1y==1]\n", "FILE:1:6: expected a blank or ']'");
    expect_error(&reader_dbcop_hist, "--- [x:=1]\n", "FILE:1:5: expected the end of the line");
    expect_error(&reader_dbcop_hist, "/ x\n", "FILE:1:2: expected //");
}

/* --- dbcop, JSON --- */

Test(reader_dbcop_json, takes_events_written_in_full_or_in_short)
{
    expect(&reader_dbcop_json,
           "{\"params\": {\"id\": 0}, \"data\": [[{\"events\": [{\"Write\": {\"variable\": 0, "
           "\"version\": 1}},\n {\"Read\":{\"variable\":1,\"version\":null}}], \"committed\": "
           "true},{\"committed\":false,\"events\":[[\"w\",\"x\",3]]}], [], [{\"events\":[],"
           "\"committed\":true}]], \"end\": 5}\n",
           "0 ok [[:w 0 1] [:r 1 nil]]\n0 fail [[:w \"x\" 3]]\n2 ok []\n");
    expect(&reader_dbcop_json, "[[{\"events\":[[\"r\",0,1]],\"committed\":true}]]",
           "0 ok [[:r 0 1]]\n");
}

Test(reader_dbcop_json, does_not_know_the_end_of_what_is_cut_short)
{
    expect(
        &reader_dbcop_json,
        "{\"data\":[[{\"events\":[[\"w\",0,1]],\"committed\":true},{\"events\":[[\"r\",0,1],[\"w",
        "0 ok [[:w 0 1]]\n0 invoke [[:r 0 1]]\ntruncated\n");
}

Test(reader_dbcop_json, says_where_and_what_is_wrong)
{
    const struct reader *json = &reader_dbcop_json;
    static const char event[] =
        "expected {\"Write\": {\"variable\": 0, \"version\": 1}} or {\"Read\": ...}";
    char expected[200];
    snprintf(expected, sizeof expected, "FILE:1:23: %s", event);
    expect_error(json, "{\"data\":[[\n{\"events\":[1]}]]}",
                 "FILE:2:12: expected {\"Write\": "
                 "{\"variable\": 0, \"version\": 1}} or "
                 "{\"Read\": ...}");
    expect_error(json,
                 "{\"data\":[[{\"events\":[ {\"Write\":{\"variable\":0,\"version\":null}}]}]]}",
                 expected);
    expect_error(json, "{\"data\":[[{\"events\":[ [\"w\",null,1]]}]]}", expected);
    expect_error(json, "{\"data\":[[{\"events\":[ [\"x\",0,1]]}]]}", expected);
    expect_error(json, "{\"data\":[[{\"events\":[]}]]}",
                 "FILE:1:24: a transaction needs \"events\" and \"committed\"");
    expect_error(json, "{\"data\":[[{\"events\":[],\"committed\":1}]]}",
                 "FILE:1:37: \"committed\" must be true or false");
    expect_error(json, "{\"data\":[[{\"events\":[],\"events\":[]}]]}",
                 "FILE:1:33: a transaction has \"events\" once");
    expect_error(json, "{\"data\":[1]}", "FILE:1:10: expected a session, a list of transactions");
    expect_error(json, "{\"data\":[[1]]}",
                 "FILE:1:11: expected {\"events\": [...], \"committed\": true}");
    expect_error(json, "{\"data\":{}}", "FILE:1:9: expected the list of sessions");
    expect_error(json, "{\"data\":[],\"data\":[]}", "FILE:1:19: a history has \"data\" once");
    expect_error(json, "{\"params\":1}",
                 "FILE:1:13: the history needs \"data\", a list of sessions");
    expect_error(json, "{\"data\":[]} x", "FILE:1:13: expected the end of the text");
    expect_error(json, "{\"data\":[] x", "FILE:1:12: expected ',' or '}'");
}
