/* Readers of transactions without times: what they take, and each malformed input beside the error
 * it gets. */
#include "unit/reader_support.h"

#include "core/strbuf.h"

#include <criterion/criterion.h>
#include <endian.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static void put_events(struct strbuf *out, const struct history *history)
{
    for (size_t i = 0; i < history->count; i++) {
        const struct op *op = &history->ops[i];
        cr_expect(op->f == F_TXN && op->time_ns == -1 && !op->has_key);
        strbuf_printf(out, "%d %s ", op->process, op_type_name(op->type));
        value_write_text(out, op->value);
        strbuf_putc(out, '\n');
    }
    if (history->truncated)
        strbuf_puts(out, "truncated\n");
}

/* Every transaction as its completion, "process type value", or its invocation if it has none. */
static void put_transactions(struct strbuf *out, const struct history *history)
{
    struct history kept = {.truncated = history->truncated};
    kept.ops = malloc((history->count + 1) * sizeof *kept.ops);
    for (size_t i = 0; i < history->count; i++) {
        const struct op *op = &history->ops[i], *next = op + 1;
        bool is_answered = i + 1 < history->count && next->type != OP_INVOKE;
        if (op->type == OP_INVOKE && is_answered)
            cr_expect(op->process == next->process && value_equal(op->value, next->value));
        else
            kept.ops[kept.count++] = *op;
    }
    put_events(out, &kept);
    free(kept.ops);
}

static void expect_from(const struct reader *reader, const char *text, size_t length,
                        const char *expected)
{
    struct history history;
    struct errbuf err = ERRBUF_INIT;
    struct strbuf found = STRBUF_INIT;
    struct reader_options options = {.threads = 1};
    cr_assert_eq(read_bytes(reader, text, length, options, &history, &err), 0, "%s", err.text);
    put_transactions(&found, &history);
    cr_expect_str_eq(found.text ? found.text : "", expected);
    strbuf_fini(&found);
    history_fini(&history);
}

static void expect_error_from(const struct reader *reader, const char *text, size_t length,
                              const char *expected)
{
    struct history history;
    struct errbuf err = ERRBUF_INIT;
    struct reader_options options = {.threads = 1};
    cr_expect_eq(read_bytes(reader, text, length, options, &history, &err), ERR_INPUT,
                 "accepted: %s", expected);
    cr_expect_str_eq(err.text, expected);
    history_fini(&history);
}

static void expect(const struct reader *reader, const char *text, const char *expected)
{
    cr_expect_eq(reader_sniff(text, strlen(text)), reader, "%s", text);
    expect_from(reader, text, strlen(text), expected);
}

static void expect_error(const struct reader *reader, const char *text, const char *expected)
{
    expect_error_from(reader, text, strlen(text), expected);
}

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

/* --- binary --- */

struct bytes {
    char at[4096];
    size_t length;
};

static void put_byte(struct bytes *bytes, int byte)
{
    bytes->at[bytes->length++] = (char)byte;
}

static void put_big(struct bytes *bytes, uint64_t number)
{
    number = htobe64(number);
    memcpy(bytes->at + bytes->length, &number, sizeof number);
    bytes->length += sizeof number;
}

static void put_little(struct bytes *bytes, uint64_t number)
{
    number = htole64(number);
    memcpy(bytes->at + bytes->length, &number, sizeof number);
    bytes->length += sizeof number;
}

static void put_text(struct bytes *bytes, const char *text)
{
    put_little(bytes, strlen(text));
    memcpy(bytes->at + bytes->length, text, strlen(text));
    bytes->length += strlen(text);
}

/* --- dbcop, bincode --- */

static void put_header(struct bytes *bytes)
{
    for (uint64_t i = 0; i < 5; i++)
        put_little(bytes, i);
    put_text(bytes, "a test");
    put_text(bytes, "2020-01-31T10:00:00+00:00");
    put_text(bytes, "2020-01-31T10:00:01+00:00");
}

static void put_event(struct bytes *bytes, int writes, uint64_t key, uint64_t value, int succeeded)
{
    put_byte(bytes, writes);
    put_little(bytes, key);
    put_little(bytes, value);
    put_byte(bytes, succeeded);
}

static void put_history(struct bytes *bytes)
{
    put_header(bytes);
    put_little(bytes, 2);
    put_little(bytes, 2);
    put_little(bytes, 3);
    put_event(bytes, 1, 4, 7, 1);
    put_event(bytes, 1, 5, 8, 0);
    put_event(bytes, 0, 5, 0, 1);
    put_byte(bytes, 1);
    put_little(bytes, 1);
    put_event(bytes, 1, 4, UINT64_MAX, 1);
    put_byte(bytes, 0);
    put_little(bytes, 1);
    put_little(bytes, 0);
    put_byte(bytes, 1);
}

Test(reader_dbcop, takes_sessions_of_transactions_of_events)
{
    struct bytes bytes = {.length = 0};
    put_history(&bytes);
    cr_expect_eq(reader_sniff(bytes.at, bytes.length), &reader_dbcop);
    expect_from(&reader_dbcop, bytes.at, bytes.length,
                "0 ok [[:w 4 7] [:r 5 0]]\n0 fail [[:w 4 \"18446744073709551615\"]]\n1 ok []\n");
}

Test(reader_dbcop, takes_what_there_is_wherever_it_is_cut)
{
    struct bytes bytes = {.length = 0};
    put_history(&bytes);
    for (size_t length = 0; length < bytes.length; length++) {
        struct history history;
        struct errbuf err = ERRBUF_INIT;
        cr_expect_eq(read_bytes(&reader_dbcop, bytes.at, length,
                                (struct reader_options){.threads = 1}, &history, &err),
                     0, "%zu: %s", length, err.text);
        cr_expect(history.truncated, "%zu", length);
        history_fini(&history);
    }
    expect_from(&reader_dbcop, bytes.at, bytes.length - 17,
                "0 ok [[:w 4 7] [:r 5 0]]\n"
                "0 fail [[:w 4 \"18446744073709551615\"]]\ntruncated\n");
}

Test(reader_dbcop, says_where_and_what_is_wrong)
{
    struct bytes bytes = {.length = 0};
    put_history(&bytes);
    put_byte(&bytes, 0);
    expect_error_from(&reader_dbcop, bytes.at, bytes.length,
                      "FILE: byte 243: expected the end of the file");
    bytes.at[144] = 2;
    expect_error_from(&reader_dbcop, bytes.at, bytes.length, "FILE: byte 144: expected 0 or 1");
    bytes.at[40 + 7] = 1;
    expect_error_from(&reader_dbcop, bytes.at, bytes.length,
                      "FILE: byte 40: expected the length of a text");
}

/* --- Cobra --- */

static void put_start(struct bytes *bytes, char what, uint64_t id)
{
    put_byte(bytes, what);
    put_big(bytes, id);
}

static void put_cobra_write(struct bytes *bytes, uint64_t write, uint64_t key)
{
    put_start(bytes, 'W', write);
    put_big(bytes, key);
    put_big(bytes, 99);
}

static void put_cobra_read(struct bytes *bytes, uint64_t write, uint64_t key)
{
    put_start(bytes, 'R', 77);
    put_big(bytes, write);
    put_big(bytes, key);
    put_big(bytes, 99);
}

static void put_session(struct bytes *bytes, uint64_t first)
{
    put_start(bytes, 'S', 1);
    put_cobra_write(bytes, first, 0xfedcba9876543210);
    put_cobra_read(bytes, 0xbebeebee, 6);
    put_start(bytes, 'C', 1);
    put_start(bytes, 'S', 2);
    put_cobra_read(bytes, 5, 6);
    put_cobra_read(bytes, 0xdeadbeef, 6);
    put_start(bytes, 'A', 2);
}

Test(reader_cobra, takes_a_log)
{
    struct bytes bytes = {.length = 0};
    put_session(&bytes, 5);
    cr_expect_eq(reader_sniff(bytes.at, bytes.length), &reader_cobra);
    expect_from(&reader_cobra, bytes.at, bytes.length,
                "0 ok [[:w -81985529216486896 5] [:r 6 nil]]\n0 fail [[:r 6 5] [:r 6 nil]]\n");
}

Test(reader_cobra, does_not_know_the_end_of_what_is_cut_short)
{
    struct bytes bytes = {.length = 0};
    put_session(&bytes, 5);
    expect_from(&reader_cobra, bytes.at, bytes.length - 1,
                "0 ok [[:w -81985529216486896 5] [:r 6 nil]]\n"
                "0 invoke [[:r 6 5] [:r 6 nil]]\ntruncated\n");
}

Test(reader_cobra, says_where_and_what_is_wrong)
{
    struct bytes bytes = {.length = 0};
    put_session(&bytes, 5);
    bytes.at[9] = 'X';
    expect_error_from(&reader_cobra, bytes.at, bytes.length,
                      "FILE: byte 9: expected S, W, R, C or A");
    bytes.length = 0;
    put_start(&bytes, 'S', 1);
    put_start(&bytes, 'S', 2);
    expect_error_from(&reader_cobra, bytes.at, bytes.length,
                      "FILE: byte 9: a transaction begins before the last one ended");
    bytes.at[9] = 'C';
    expect_error_from(&reader_cobra, bytes.at, bytes.length,
                      "FILE: byte 9: another transaction ends than the one that began");
    expect_error_from(&reader_cobra, bytes.at + 9, 9, "FILE: byte 0: no transaction has begun");
}

static void write_file(const char *directory, const char *name, const struct bytes *bytes)
{
    char path[256];
    snprintf(path, sizeof path, "%s/%s", directory, name);
    FILE *file = fopen(path, "wb");
    cr_assert(file && fwrite(bytes->at, 1, bytes->length, file) == bytes->length);
    fclose(file);
}

static void remove_file(const char *directory, const char *name)
{
    char path[256];
    snprintf(path, sizeof path, "%s/%s", directory, name);
    unlink(path);
}

Test(reader_cobra, takes_each_log_of_a_directory_for_a_session)
{
    char directory[] = "/tmp/faultline-test-XXXXXX";
    cr_assert(mkdtemp(directory));
    struct bytes bytes = {.length = 0};
    put_session(&bytes, 10);
    write_file(directory, "T10.log", &bytes);
    bytes.length = 0;
    put_session(&bytes, 2);
    write_file(directory, "T2.log", &bytes);
    struct bytes other = {.at = "no log", .length = 6};
    write_file(directory, "notes.txt", &other);

    struct operations all;
    struct history_semantics semantics;
    struct errbuf err = ERRBUF_INIT;
    struct reader_options options = {0};
    cr_assert_eq(reader_load(directory, NULL, options, &all, &semantics, &err), 0, "%s", err.text);
    cr_expect(semantics.has_no_times && !semantics.has_no_initial);
    cr_expect_eq(all.operation_count, 4);
    struct operation ops[4];
    operations_of_key(&all, 0, ops);
    cr_expect(ops[0].process == 0 && ops[1].process == 0 && ops[2].process == 1);
    struct value first = value_pool_get(all.values, ops[0].result);
    cr_expect_eq(first.items[0].items[2].integer, 2, "T2.log comes before T10.log");
    operations_fini(&all);

    bytes.at[0] = 'X';
    write_file(directory, "T3.log", &bytes);
    cr_expect_eq(reader_load(directory, NULL, options, &all, &semantics, &err), ERR_INPUT);
    cr_expect(strstr(err.text, "/T3.log: byte 0: expected S, W, R, C or A"), "%s", err.text);
    cr_expect_eq(reader_load(directory, "edn", options, &all, &semantics, &err), ERR_INPUT);
    cr_expect(strstr(err.text, "is a directory, which only a cobra history is"), "%s", err.text);
    static const char *const names[] = {"T10.log", "T2.log", "T3.log", "notes.txt"};
    for (int i = 0; i < 4; i++)
        remove_file(directory, names[i]);
    rmdir(directory);
}

Test(reader_dbcop, takes_a_directory_with_its_history)
{
    char directory[] = "/tmp/faultline-test-XXXXXX";
    cr_assert(mkdtemp(directory));
    struct bytes bytes = {.length = 0};
    put_history(&bytes);
    write_file(directory, "history.bincode", &bytes);
    struct operations all;
    struct history_semantics semantics;
    struct errbuf err = ERRBUF_INIT;
    struct reader_options options = {0};
    cr_assert_eq(reader_load(directory, NULL, options, &all, &semantics, &err), 0, "%s", err.text);
    cr_expect_eq(all.operation_count, 3);
    operations_fini(&all);
    remove_file(directory, "history.bincode");
    rmdir(directory);
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
