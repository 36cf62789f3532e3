/* Readers: what they take, and each malformed input beside the error it gets. */
#include "core/strbuf.h"
#include "unit/reader_support.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <unistd.h>

#define expect_contains(text, part)                                                                \
    cr_expect(strstr(text, part) != NULL, "\"%s\" does not contain \"%s\"", text, part)

static int read_text(const struct reader *reader, const char *text, bool independent,
                     struct history *history, struct errbuf *err)
{
    struct reader_options options = {.independent = independent, .threads = 1};
    return read_bytes(reader, text, strlen(text), options, history, err);
}

static void read_good(const struct reader *reader, const char *text, struct history *history)
{
    struct errbuf err = ERRBUF_INIT;
    cr_assert_eq(read_text(reader, text, false, history, &err), 0, "%s", err.text);
}

static void expect_error(const struct reader *reader, const char *text, const char *expected)
{
    struct history history;
    struct errbuf err = ERRBUF_INIT;
    cr_expect_eq(read_text(reader, text, false, &history, &err), ERR_INPUT, "accepted: %s", text);
    cr_expect_str_eq(err.text, expected);
    history_fini(&history);
}

static void expect_truncated(const struct reader *reader, const char *text, size_t count)
{
    struct history history;
    read_good(reader, text, &history);
    cr_expect(history.truncated, "not seen as cut short: %s", text);
    cr_expect_eq(history.count, count, "%zu events of: %s", history.count, text);
    history_fini(&history);
}

/* --- EDN --- */

Test(reader_edn, takes_maps_in_a_stream_a_vector_or_a_list)
{
    static const char *const texts[] = {
        "{:type :invoke, :f :read, :value nil, :process 0}\n{:type :ok :f :read :value 3 "
        ":process 0}",
        "[{:type :invoke, :f :read, :value nil, :process 0}\n{:type :ok :f :read :value 3 "
        ":process 0}]",
        "({:type :invoke, :f :read, :value nil, :process 0},,{:type :ok :f :read :value 3 "
        ":process 0})\n;end\n",
    };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct history history;
        read_good(&reader_edn, texts[i], &history);
        cr_assert_eq(history.count, 2);
        cr_expect_not(history.truncated);
        cr_expect_eq(history.ops[0].type, OP_INVOKE);
        cr_expect_eq(history.ops[1].type, OP_OK);
        cr_expect_eq(history.ops[1].f, F_READ);
        cr_expect(value_equal(history.ops[1].value, value_int(3)));
        cr_expect_eq(history.ops[1].process, 0);
        history_fini(&history);
    }
}

Test(reader_edn, skips_what_it_does_not_know_however_it_looks)
{
    struct history history;
    read_good(&reader_edn,
              "; a comment with { and \"\n"
              "#jepsen.history.Op{:index 0, :time 12,\n ; another }\n"
              " :clock-offsets {\"n1\" 1.5e3, \"n2\" #{:a \\b \\} \\newline}},\n"
              " :exception #object[java.lang.Foo 0x12 \"}\\\"\"] :error [:timeout \"x\"]\n"
              " :ns/key #_ignored #inst \"2020\" :regex #\"a\\\"]\" :value #_[1 2] [:r #_x 1/2]\n"
              " :f :cas :process 7 :type :invoke}",
              &history);
    cr_assert_eq(history.count, 1);
    cr_expect_eq(history.ops[0].time_ns, 12);
    cr_expect_eq(history.ops[0].process, 7);
    cr_expect_str_eq(history.ops[0].error, "[:timeout \"x\"]");
    struct value first, second;
    cr_assert(value_as_pair(history.ops[0].value, &first, &second));
    cr_expect_eq(first.kind, VALUE_KEYWORD);
    cr_expect_str_eq(second.text, "1/2");
    history_fini(&history);
}

Test(reader_edn, tells_large_integers_apart)
{
    struct history history;
    read_good(&reader_edn,
              "{:type :invoke :value [9223372036854775807 9223372036854775808 "
              "9223372036854775809 -9223372036854775808 5N +6]}",
              &history);
    const struct value *items = history.ops[0].value.items;
    cr_expect_eq(items[0].integer, INT64_MAX);
    cr_expect_not(value_equal(items[1], items[2]));
    cr_expect_eq(items[3].integer, INT64_MIN);
    cr_expect_eq(items[4].integer, 5);
    cr_expect_eq(items[5].integer, 6);
    history_fini(&history);
}

Test(reader_edn, knows_clients_by_their_number)
{
    struct history history;
    read_good(&reader_edn,
              "{:type :info :process :nemesis}{:type :info :process :other}{:type :info}",
              &history);
    cr_expect_eq(history.ops[0].process, PROCESS_NEMESIS);
    cr_expect_eq(history.ops[1].process, PROCESS_NONE);
    cr_expect_eq(history.ops[2].process, PROCESS_NONE);
    cr_expect_eq(history.ops[2].time_ns, -1);
    history_fini(&history);
}

Test(reader_edn, takes_values_apart_into_keys_only_when_asked)
{
    static const char text[] = "{:type :invoke :f :cas :process 0 :value [:x [1 2]]}"
                               "{:type :info :f :start :process :nemesis :value nil}";
    struct history history;
    struct errbuf err = ERRBUF_INIT;
    read_good(&reader_edn, text, &history);
    cr_expect_not(history.ops[0].has_key);
    history_fini(&history);
    cr_assert_eq(read_text(&reader_edn, text, true, &history, &err), 0, "%s", err.text);
    cr_expect(history.ops[0].has_key);
    cr_expect_str_eq(history.ops[0].key.text, "x");
    cr_expect_eq(history.ops[0].value.count, 2);
    history_fini(&history);
    cr_expect_eq(
        read_text(&reader_edn, "{:type :ok :f :read :process 0 :value 3}", true, &history, &err),
        ERR_INPUT);
    cr_expect_str_eq(err.text, "FILE:1:1: the :value of an operation on an independent key must be "
                               "[key value]");
    history_fini(&history);
}

Test(reader_edn, leaves_out_a_last_event_that_is_cut_short_anywhere)
{
    static const char event[] = "{:type :ok, :f :read, :value \"a b\", :process 12}";
    for (size_t cut = 1; cut < sizeof event - 1; cut++) {
        char text[200];
        snprintf(text, sizeof text, "{:type :invoke :f :read :process 12}\n%.*s", (int)cut, event);
        expect_truncated(&reader_edn, text, 1);
        snprintf(text, sizeof text, "[{:type :invoke :f :read :process 12}\n%.*s", (int)cut, event);
        expect_truncated(&reader_edn, text, 1);
    }
    expect_truncated(&reader_edn, "[{:type :invoke :f :read :process 12}", 1);
}

Test(reader_edn, says_where_and_what_is_wrong)
{
    expect_error(&reader_edn, "{:type :invoke}\n 5 ",
                 "FILE:2:2: expected a map: {:type ..., :f ..., :value ..., :process ...}");
    expect_error(&reader_edn, "{:type :invoke}\n{:type :okay}",
                 "FILE:2:8: :type must be :invoke, :ok, :fail or :info");
    expect_error(&reader_edn, "{:f :read}",
                 "FILE:1:1: an event needs :type :invoke, :ok, :fail or :info");
    expect_error(&reader_edn, "{:type :ok :process -3}",
                 "FILE:1:21: a process is a number from 0 to 2147483647, or :nemesis");
    expect_error(&reader_edn, "{:type :ok\n :value [1 2)}",
                 "FILE:2:13: expected a value, found a closing bracket");
    expect_error(&reader_edn, "{:type :ok :f 5}", "FILE:1:15: :f must be a keyword");
    expect_error(&reader_edn, "[{:type :ok}] {:type :ok}",
                 "FILE:1:15: expected the end of the text after the end of the history");
    expect_error(&reader_edn, "{:type :ok :value \"\\q\"} ",
                 "FILE:1:20: an escape that EDN does not have");
    expect_error(&reader_edn, "{:type :ok :value {1}} ",
                 "FILE:1:21: a map needs a value for every key");
}

Test(reader_edn, refuses_values_that_nest_without_end)
{
    char *text = malloc(200001);
    memset(text, '[', 200000);
    memcpy(text, "{:type :ok :value ", 18);
    text[200000] = '\0';
    expect_error(&reader_edn, text, "FILE:1:83: values nest deeper than 64 levels");
    memcpy(text, "{:type :ok :other ", 18);
    struct history history;
    struct errbuf err = ERRBUF_INIT;
    cr_expect_eq(read_text(&reader_edn, text, false, &history, &err), ERR_INPUT);
    expect_contains(err.text, "values nest too deeply");
    history_fini(&history);
    free(text);
}

/* --- Jepsen's JSON --- */

Test(reader_json, takes_an_array_or_objects_one_after_another)
{
    static const char *const texts[] = {
        "[{\"type\":\"invoke\",\"process\":3,\"f\":\"cas\",\"value\":[1,2]},\n"
        "{\"type\":\"fail\",\"process\":3,\"f\":\"cas\",\"value\":[1,2],\"time\":5,\"x\":{}}]",
        "{\"type\":\"invoke\",\"process\":3,\"f\":\"cas\",\"value\":[1,2]}\n"
        "{\"type\":\"fail\",\"process\":3,\"f\":\"cas\",\"value\":[1,2],\"time\":5}\n",
    };
    for (size_t i = 0; i < 2; i++) {
        struct history history;
        read_good(&reader_json, texts[i], &history);
        cr_assert_eq(history.count, 2);
        cr_expect_eq(history.ops[1].type, OP_FAIL);
        cr_expect_eq(history.ops[1].f, F_CAS);
        cr_expect_eq(history.ops[1].time_ns, 5);
        history_fini(&history);
    }
}

Test(reader_json, says_where_and_what_is_wrong)
{
    expect_error(&reader_json, "[{\"type\":\"invoke\"},\n 5]",
                 "FILE:2:2: expected an object: {\"type\": ..., \"f\": ..., \"value\": ...}");
    expect_error(&reader_json, "[{\"f\":\"read\"}]",
                 "FILE:1:2: an event needs \"type\": \"invoke\", \"ok\", \"fail\" or \"info\"");
    expect_error(&reader_json, "[{\"type\":\"ok\"} {\"type\":\"ok\"}]",
                 "FILE:1:16: expected ',' or ']' after an event");
    expect_error(&reader_json, "[{\"type\":\"ok\",\"f\":3}]", "FILE:1:2: \"f\" must be a string");
    expect_error(&reader_json, "[] 1",
                 "FILE:1:4: expected the end of the text after the end of the history");
}

Test(reader_json, leaves_out_a_last_event_that_is_cut_short)
{
    expect_truncated(&reader_json, "[{\"type\":\"ok\"},{\"type\":\"o", 1);
    expect_truncated(&reader_json, "[{\"type\":\"ok\"}", 1);
}

/* --- Porcupine's etcd logs --- */

#define LOG "INFO  jepsen.util - "

Test(reader_porcupine_etcd, takes_events_and_ignores_other_lines)
{
    struct history history;
    read_good(&reader_porcupine_etcd,
              "some header\nINFO  jepsen.core - 1\t:invoke\n" LOG "0\t:invoke\t:read\tnil\n" LOG
              "12\t:invoke\t:cas\t[1 2]\r\n" LOG "0\t:ok\t:read\tnil\n" LOG
              "12\t:info\t:cas\t:timed-out\n" LOG ":nemesis\t:info\t:start\tnil\n" LOG
              "3 ops so far\n" LOG "4\t:invoke\t:read\tnil\n" LOG "4\t:fail\t:read\t:timed-out\n",
              &history);
    cr_assert_eq(history.count, 6);
    cr_expect_eq(history.ops[1].process, 12);
    cr_expect_eq(history.ops[1].value.count, 2);
    cr_expect_eq(history.ops[3].type, OP_INFO);
    cr_expect(value_is_nil(history.ops[3].value));
    cr_expect_str_eq(history.ops[3].error, "timed-out");
    cr_expect_eq(history.ops[5].type, OP_FAIL);
    history_fini(&history);
}

Test(reader_porcupine_etcd, takes_no_event_for_another_line_because_its_type_is_unknown)
{
    expect_error(&reader_porcupine_etcd, LOG "0\t:invoke\t:read\tnil\n" LOG "0\t:okay\t:read\t1\n",
                 "FILE:2:23: expected :invoke, :ok, :fail or :info");
}

Test(reader_porcupine_etcd, does_not_believe_that_a_write_failed_when_it_timed_out)
{
    struct history history;
    read_good(&reader_porcupine_etcd,
              LOG "0\t:invoke\t:write\t1\n" LOG "0\t:fail\t:write\t:timed-out\n", &history);
    cr_expect_eq(history.ops[1].type, OP_INFO);
    history_fini(&history);
}

Test(reader_porcupine_etcd, leaves_out_a_last_line_that_may_lack_digits)
{
    expect_truncated(&reader_porcupine_etcd, LOG "0\t:invoke\t:write\t1\n" LOG "0\t:ok\t:write\t1",
                     1);
    expect_truncated(&reader_porcupine_etcd, LOG "0\t:invoke\t:cas\t[1 2]\n" LOG "0\t:ok\t:cas\t[1",
                     1);
    expect_truncated(&reader_porcupine_etcd, LOG "0\t:invoke\t:write\t1\n" LOG "0\t:ok\t:wr", 1);
    struct history history;
    read_good(&reader_porcupine_etcd, LOG "0\t:invoke\t:cas\t[1 2]", &history);
    cr_expect_not(history.truncated);
    cr_expect_eq(history.count, 1);
    history_fini(&history);
}

Test(reader_porcupine_etcd, says_where_and_what_is_wrong)
{
    expect_error(&reader_porcupine_etcd, LOG "0\t:invoke\t:wriite\t1\n",
                 "FILE:1:31: expected :read, :write or :cas");
    expect_error(&reader_porcupine_etcd, "x\n" LOG "0\t:invoke\t:cas\t1\n",
                 "FILE:2:36: the argument of :cas must be [expected new]");
    expect_error(&reader_porcupine_etcd, LOG "0\t:ok\t:read\t:timed-out\n",
                 "FILE:1:33: expected a value, or :timed-out with :info or :fail");
    expect_error(&reader_porcupine_etcd, LOG "0\t:ok\t:read\t1 2\n",
                 "FILE:1:35: expected the end of the line");
    expect_error(&reader_porcupine_etcd, LOG "0\t:ok\t:read\n", "FILE:1:32: expected a value");
}

/* --- which format --- */

static void expect_format(const char *text, const char *name)
{
    const struct reader *found = NULL;
    for (const struct reader *const *reader = reader_table; *reader && !found; reader++)
        if ((*reader)->sniff(text, strlen(text)))
            found = *reader;
    cr_expect_str_eq(found ? found->name : "none", name, "%s", text);
}

Test(reader, knows_a_format_by_its_beginning)
{
    expect_format("{\"index\":0,\"type\":\"invoke\"}\n", "jsonl");
    expect_format("\n\n{ \"index\"", "jsonl");
    expect_format("[{\"process\":94}]", "json");
    expect_format(" [ {\n\"process\"", "json");
    expect_format("{:type :invoke}", "edn");
    expect_format("; hello\n[{:type :invoke}]", "edn");
    expect_format("(#jepsen.history.Op{:index 0})", "edn");
    expect_format("[]", "edn");
    expect_format("x\nINFO  jepsen.util - 0\t:invoke\t:read\tnil\n", "porcupine-etcd");
    expect_format("hello", "none");
    expect_format("[1 2]", "none");
}

Test(reader, loads_a_file_with_the_semantics_of_its_format)
{
    char path[] = "/tmp/faultline-reader-XXXXXX";
    int fd = mkstemp(path);
    static const char text[] = "{:type :invoke :f :read :process 0}\n";
    cr_assert_eq(write(fd, text, sizeof text - 1), (ssize_t)sizeof text - 1);
    close(fd);
    struct operations all;
    struct history_semantics semantics;
    struct errbuf err = ERRBUF_INIT;
    int rc = reader_load(path, NULL, (struct reader_options){0}, &all, &semantics, &err);
    cr_assert_eq(rc, 0, "%s", err.text);
    cr_expect_eq(all.event_count, 1);
    cr_expect(semantics.nil_read_is_unknown);
    cr_expect_eq(semantics.initial, value_ref_int(0));
    operations_fini(&all);
    rc = reader_load(path, "ednn", (struct reader_options){0}, &all, &semantics, &err);
    cr_expect_eq(rc, ERR_INPUT);
    expect_contains(err.text, "no history format \"ednn\"; did you mean 'edn'? there are: ");
    unlink(path);
}

Test(reader, says_why_a_file_cannot_be_loaded)
{
    struct operations all;
    struct history_semantics semantics;
    struct reader_options options = {0};
    struct errbuf err = ERRBUF_INIT;
    cr_expect_eq(reader_load("/no/such/file", NULL, options, &all, &semantics, &err), ERR_INPUT);
    expect_contains(err.text, "/no/such/file: cannot be opened: No such file");
    char empty[] = "/tmp/faultline-test-XXXXXX";
    cr_assert(mkdtemp(empty));
    cr_expect_eq(reader_load(empty, NULL, options, &all, &semantics, &err), ERR_INPUT);
    expect_contains(err.text, "is a directory without any .log of Cobra's in it");
    rmdir(empty);
}

Test(reader, takes_the_user_s_word_for_the_initial_value)
{
    struct value_pool *values = value_pool_new(0);
    struct errbuf err = ERRBUF_INIT;
    struct history_semantics semantics = reader_edn.semantics;
    cr_assert_eq(reader_set_initial(&semantics, "nil", values, &err), 0);
    cr_expect(semantics.initial_is_given && !semantics.initial_may_be_nil);
    cr_expect_eq(semantics.initial, VALUE_REF_NIL);
    cr_assert_eq(reader_set_initial(&semantics, "\"a b\"", values, &err), 0);
    cr_expect_str_eq(value_pool_get(values, semantics.initial).text, "a b");
    cr_expect_eq(reader_set_initial(&semantics, "1 2", values, &err), ERR_INPUT);
    cr_expect_eq(reader_set_initial(&semantics, "", values, &err), ERR_INPUT);
    expect_contains(err.text, "initial value \"\": expected one value");
    value_pool_free(values);
}

/* --- limits --- */

static int read_many(struct reader_options options, struct errbuf *err)
{
    struct strbuf text = STRBUF_INIT;
    struct history history;
    for (int i = 0; i < 20000; i++)
        strbuf_puts(&text, "{:type :info :process :nemesis :value \"some text\"}\n");
    int rc = read_bytes(&reader_edn, text.text, text.length, options, &history, err);
    history_fini(&history);
    strbuf_fini(&text);
    return rc;
}

Test(reader, stops_when_the_time_is_over)
{
    struct errbuf err = ERRBUF_INIT;
    cr_expect_eq(read_many((struct reader_options){.deadline_ns = 1}, &err), ERR_TIMEOUT);
    cr_expect_str_eq(err.text, "FILE: the time was over before it was read");
}

Test(reader, stops_at_its_cap_of_bytes)
{
    struct errbuf err = ERRBUF_INIT;
    cr_expect_eq(read_many((struct reader_options){.bytes_max = 1 << 18}, &err), ERR_NOMEM);
    cr_expect_eq(read_many((struct reader_options){.bytes_max = 100}, &err), ERR_NOMEM);
    cr_expect_eq(read_many((struct reader_options){.bytes_max = 1 << 24}, &err), 0);
}

Test(reader, names_the_first_event_that_cannot_follow_another)
{
    struct history history;
    struct errbuf err = ERRBUF_INIT;
    cr_expect_eq(read_text(&reader_edn,
                           "{:type :invoke :f :read :process 3}\n{:type :ok :f :add :process 3}",
                           false, &history, &err),
                 ERR_INPUT);
    cr_expect_str_eq(err.text,
                     "FILE: event 1: process 3 completes add, but it invoked read at event 0");
    history_fini(&history);
}

static void load_text(const char *text, struct operations *all)
{
    char path[] = "/tmp/faultline-reader-XXXXXX";
    int fd = mkstemp(path);
    struct history_semantics semantics;
    struct errbuf err = ERRBUF_INIT;
    cr_assert_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    close(fd);
    cr_assert_eq(reader_load(path, NULL, (struct reader_options){0}, all, &semantics, &err), 0,
                 "%s", err.text);
    unlink(path);
}

Test(reader, pairs_the_events_of_a_history_without_processes)
{
    struct operations all;
    load_text("[{:type :invoke :f :read} {:type :ok :f :read :value 1} {:type :invoke :f :write "
              ":value 2} {:type :info :f :write :value 2} {:type :invoke :f :read} {:type :ok :f "
              ":read :value 3}]",
              &all);
    cr_expect_eq(all.operation_count, 3);
    cr_expect_eq(all.other_count, 0);
    struct operation ops[3];
    operations_of_key(&all, 0, ops);
    cr_expect_eq(ops[0].result, value_ref_int(1));
    cr_expect_eq(ops[1].outcome, OP_INFO);
    cr_expect_neq(ops[2].process, ops[1].process, "whoever crashed is gone");
    operations_fini(&all);
}

static void expect_place(const char *text, const char *expected)
{
    char path[] = "/tmp/faultline-reader-XXXXXX";
    int fd = mkstemp(path);
    struct operations all;
    struct history_semantics semantics;
    struct errbuf err = ERRBUF_INIT;
    cr_assert_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    close(fd);
    cr_expect_eq(reader_load(path, NULL, (struct reader_options){0}, &all, &semantics, &err),
                 ERR_INPUT);
    cr_expect_eq(strncmp(err.text, path, strlen(path)), 0);
    cr_expect_str_eq(err.text + strlen(path), expected);
    errbuf_set(&err, ERR_INPUT, "%s: event 1: is odd", path);
    reader_place_error(path, NULL, &err);
    char *end = strstr(expected, ": event 1");
    cr_expect_eq(strncmp(err.text + strlen(path), expected, (size_t)(end - expected)), 0, "%s",
                 err.text);
    errbuf_set(&err, ERR_INPUT, "%s: event 7: is not there", path);
    reader_place_error(path, NULL, &err);
    cr_expect_str_eq(err.text + strlen(path), ": event 7: is not there");
    unlink(path);
}

Test(reader, says_where_an_event_is_that_cannot_follow_another)
{
    static const char problem[] = ": event 1: process 3 completes write, but it invoked read at "
                                  "event 0";
    char expected[256];
    snprintf(expected, sizeof expected, ":4:1%s", problem);
    expect_place("\n{\"process\":3,\"type\":\"invoke\",\"f\":\"read\"}\n\n"
                 "{\"process\":3,\"type\":\"ok\",\"f\":\"write\"}\n",
                 expected);
    expect_place("[{\"process\":3,\"type\":\"invoke\",\"f\":\"read\"},\n\n\n"
                 "{\"process\":3,\"type\":\"ok\",\"f\":\"write\"}]\n",
                 expected);
    snprintf(expected, sizeof expected, ":2:3%s", problem);
    expect_place("[{:process 3 :type :invoke :f :read} ; {:type :ok}\n"
                 "  {:process 3 :type :ok :f :write}]\n",
                 expected);
    snprintf(expected, sizeof expected, ":3:1%s", problem);
    expect_place("\xef\xbb\xbf" LOG "3\t:invoke\t:read\tnil\nother\n" LOG "3\t:ok\t:write\tnil\n",
                 expected);
}

Test(reader, skips_the_byte_order_mark_of_an_editor)
{
    struct operations all;
    load_text("\xef\xbb\xbf" LOG "0\t:invoke\t:read\tnil\n" LOG "0\t:ok\t:read\tnil\n", &all);
    cr_expect_eq(all.operation_count, 1);
    operations_fini(&all);
    load_text("\xef\xbb\xbf{:type :invoke :f :read :process 0}", &all);
    cr_expect_eq(all.operation_count, 1);
    operations_fini(&all);
    load_text("\xef\xbb\xbf", &all);
    cr_expect_eq(all.event_count, 0);
    operations_fini(&all);
}

Test(reader, leaves_events_without_processes_alone_that_are_no_pairs)
{
    struct operations all;
    load_text("[{:type :invoke :f :read} {:type :invoke :f :read}]", &all);
    cr_expect_eq(all.operation_count, 0);
    cr_expect_eq(all.other_count, 2);
    operations_fini(&all);
    load_text("[{:type :info :f :start :process :nemesis} {:type :info :f :stop :process "
              ":nemesis}]",
              &all);
    cr_expect_eq(all.other_count, 2);
    operations_fini(&all);
}
