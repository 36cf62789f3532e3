/* Readers of transactions that are not text, dbcop's and Cobra's: what they take, of files and of
 * directories, and each malformed input beside the error it gets. */
#include "unit/reader_transactions_support.h"

#include <endian.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

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
