/* Readers of Porcupine's kv logs and of what the monitors of data structures read: what they take,
 * and each malformed input beside the error it gets. */
#include "unit/reader_support.h"

#include "core/strbuf.h"

#include <criterion/criterion.h>

static int read_text(const struct reader *reader, const char *text, struct history *history,
                     struct errbuf *err)
{
    struct reader_options options = {.threads = 1};
    return read_bytes(reader, text, strlen(text), options, history, err);
}

/* Every event as "process type f value" in one line each. */
static void expect_events(const struct reader *reader, const char *text, const char *expected)
{
    struct history history;
    struct errbuf err = ERRBUF_INIT;
    struct strbuf events = STRBUF_INIT;
    cr_assert_eq(read_text(reader, text, &history, &err), 0, "%s", err.text);
    for (size_t i = 0; i < history.count; i++) {
        const struct op *op = &history.ops[i];
        strbuf_printf(&events, "%d %s %s ", op->process, op_type_name(op->type),
                      symbol_name(op->f));
        if (op->has_key) {
            value_write_text(&events, op->key);
            strbuf_putc(&events, ':');
        }
        value_write_text(&events, op->value);
        strbuf_putc(&events, '\n');
    }
    if (history.truncated)
        strbuf_puts(&events, "truncated\n");
    cr_expect_str_eq(events.text ? events.text : "", expected);
    strbuf_fini(&events);
    history_fini(&history);
}

static void expect_error(const struct reader *reader, const char *text, const char *expected)
{
    struct history history;
    struct errbuf err = ERRBUF_INIT;
    cr_expect_eq(read_text(reader, text, &history, &err), ERR_INPUT, "accepted: %s", text);
    cr_expect_str_eq(err.text, expected);
    history_fini(&history);
}

/* --- Porcupine kv --- */

Test(reader_porcupine_kv, takes_a_map_a_line)
{
    expect_events(&reader_porcupine_kv,
                  "{:process 0, :type :invoke, :f :append, :key \"0\", :value \"x 0 0 y\"}\n"
                  "{:process 3, :type :invoke, :f :get, :key \"7\", :value nil}\n\n"
                  "{:process 0, :type :ok, :f :append, :key \"0\", :value \"x 0 0 y\"}\r\n"
                  "{:process 3, :type :ok, :f :get, :key \"7\", :value \"\"}",
                  "0 invoke append \"0\":\"x 0 0 y\"\n3 invoke get \"7\":nil\n"
                  "0 ok append \"0\":\"x 0 0 y\"\n3 ok get \"7\":\"\"\n");
}

Test(reader_porcupine_kv, leaves_out_a_last_line_that_is_cut_short)
{
    expect_events(&reader_porcupine_kv,
                  "{:process 0, :type :invoke, :f :get, :key \"0\", :value nil}\n"
                  "{:process 0, :type :ok, :f :get, :key \"0\", :val",
                  "0 invoke get \"0\":nil\ntruncated\n");
}

Test(reader_porcupine_kv, says_where_and_what_is_wrong)
{
    expect_error(&reader_porcupine_kv, "\n[1]\n",
                 "FILE:2:1: expected {:process 0, :type :invoke, :f :get, :key \"k\", :value nil}");
    expect_error(&reader_porcupine_kv, "words\n",
                 "FILE:1:1: expected {:process 0, :type :invoke, :f :get, :key \"k\", :value nil}");
    expect_error(&reader_porcupine_kv, "{:process -1, :type :ok, :f :get, :key \"0\"}\n",
                 "FILE:1:1: :process must be a number from 0 to 2147483647");
    expect_error(&reader_porcupine_kv, "{:process 1, :type :done, :f :get, :key \"0\"}\n",
                 "FILE:1:1: :type must be :invoke, :ok, :fail or :info");
    expect_error(&reader_porcupine_kv, "{:process 1, :type :invoke, :f :cas, :key \"0\"}\n",
                 "FILE:1:1: :f must be :get, :put or :append");
    expect_error(&reader_porcupine_kv, " {:process 1, :type :invoke, :f :get, :key 0}\n",
                 "FILE:1:2: :key must be a text");
    expect_error(&reader_porcupine_kv,
                 "{:process 1, :type :invoke, :f :put, :key \"0\", :value 1}\n",
                 "FILE:1:1: :value must be a text or nil");
    expect_error(&reader_porcupine_kv,
                 "{:process 1, :type :invoke, :f :get, :key \"0\", :value nil} 7\n",
                 "FILE:1:60: expected the end of the line");
}

/* --- PolyLin --- */

Test(reader_polylin, puts_the_ends_of_rows_in_order_and_gives_them_processes)
{
    expect_events(&reader_polylin, "# queue\nenq 7 10 20\ndeq -1 5 12\ndeq 7 21 22\n",
                  "0 invoke dequeue nil\n1 invoke enqueue 7\n0 ok dequeue nil\n1 ok enqueue 7\n"
                  "1 invoke dequeue nil\n1 ok dequeue 7\n");
}

Test(reader_polylin, takes_what_begins_and_ends_at_one_stamp_to_overlap)
{
    expect_events(&reader_polylin, "# stack\npush 1 10 20\npush 2 20 20\npop 2 20 30\n",
                  "0 invoke push 1\n1 invoke push 2\n2 invoke pop nil\n0 ok push 1\n"
                  "1 ok push 2\n2 ok pop 2\n");
}

Test(reader_polylin, knows_what_a_set_answered)
{
    expect_events(&reader_polylin, "# set\ninsert 4 1 1 2\ncontains 4 1 3 4\nremove 5 0 5 6\n",
                  "0 invoke add 4\n0 ok add true\n0 invoke contains 4\n0 ok contains true\n"
                  "0 invoke remove 5\n0 ok remove false\n");
}

Test(reader_polylin, has_time_stamps_as_times)
{
    struct history history;
    struct errbuf err = ERRBUF_INIT;
    cr_assert_eq(read_text(&reader_polylin, "# pqueue\ninsert 2 70000 9223372036854775807\n",
                           &history, &err),
                 0, "%s", err.text);
    cr_expect_eq(history.ops[0].time_ns, 70000);
    cr_expect_eq(history.ops[1].time_ns, INT64_MAX);
    history_fini(&history);
}

Test(reader_polylin, leaves_out_a_last_row_that_is_cut_short)
{
    expect_events(&reader_polylin, "# queue\nenq 7 10 20\ndeq 7 3",
                  "0 invoke enqueue 7\n0 ok enqueue 7\ntruncated\n");
}

Test(reader_polylin, says_where_and_what_is_wrong)
{
    expect_error(&reader_polylin, "# queue\nenqueue 7 10 20\n",
                 "FILE:2:1: expected a method: enq, deq, push, pop, insert, poll, ...");
    expect_error(&reader_polylin, "# queue\nenq a 10 20\n",
                 "FILE:2:5: expected the element, an integer");
    expect_error(&reader_polylin, "# queue\nenq 7 x 20\n",
                 "FILE:2:7: expected when it began, an integer from 0 on");
    expect_error(&reader_polylin, "# queue\nenq 7 10\nenq 8 11 12\n",
                 "FILE:2:9: expected when it ended, an integer");
    expect_error(&reader_polylin, "# queue\nenq 7 20 10\n",
                 "FILE:2:9: it must begin at 0 or later, and not end before it began");
    expect_error(&reader_polylin, "# queue\nenq 7 10 20 30\n",
                 "FILE:2:13: expected the end of the line");
    expect_error(&reader_polylin, "# queue\nenq -1 10 20\n",
                 "FILE:2:1: -1 is no element: it says that there was none");
    expect_error(&reader_polylin, "# set\ninsert 7 2 10 20\n",
                 "FILE:2:1: the answer must be 1 or 0");
    expect_error(&reader_polylin, "# queue\nenq 7 10 9223372036854775808\n",
                 "FILE:2:10: expected when it ended, an integer");
}

/* --- LiMo --- */

Test(reader_limo, takes_calls_with_and_without_brackets)
{
    expect_events(&reader_limo,
                  "# @object atomic-queue\n\n[1] call enq(a)\n[2] call deq\n[1] return\n"
                  "[2] return a\n[2] call deq()\n[2] return empty\n[1] call enq 12\n",
                  "1 invoke enqueue \"a\"\n2 invoke dequeue nil\n1 ok enqueue \"a\"\n"
                  "2 ok dequeue \"a\"\n2 invoke dequeue nil\n2 ok dequeue nil\n"
                  "1 invoke enqueue 12\n");
}

Test(reader_limo, takes_what_a_call_expects_for_what_it_returned)
{
    expect_events(&reader_limo,
                  "# @object register\n[1] call write(a)\n[1] return \n"
                  "[1] call read(a)\n[1] return",
                  "1 invoke write \"a\"\n1 ok write \"a\"\n1 invoke read nil\n1 ok read \"a\"\n");
}

Test(reader_limo, lets_threads_go_on_under_new_numbers_after_a_crash)
{
    expect_events(&reader_limo,
                  "# @object atomic-stack\n[0] call push(b)\ncrash\n[0] call pop(b)\n[0] return\n",
                  "0 invoke push \"b\"\n0 info push \"b\"\n1073741824 invoke pop nil\n"
                  "1073741824 ok pop \"b\"\n");
}

Test(reader_limo, leaves_out_a_last_line_that_is_cut_short)
{
    static const char *const cuts[] = {"[", "[1", "[1]", "[1] re", "[1] call", "[1] call deq("};
    for (size_t i = 0; i < sizeof cuts / sizeof cuts[0]; i++) {
        struct strbuf text = STRBUF_INIT;
        strbuf_printf(&text, "# @object atomic-queue\n[2] call deq\n%s", cuts[i]);
        expect_events(&reader_limo, text.text, "2 invoke dequeue nil\ntruncated\n");
        strbuf_fini(&text);
    }
}

Test(reader_limo, says_where_and_what_is_wrong)
{
    expect_error(&reader_limo, "# @object atomic-queue\ncall enq(1)\n",
                 "FILE:2:1: expected [THREAD] call METHOD(VALUE), or [THREAD] return VALUE");
    expect_error(&reader_limo, "[x] call enq(1)\n",
                 "FILE:1:2: a thread is a number from 0 to 1073741823");
    expect_error(&reader_limo, "[1 call enq(1)\n", "FILE:1:4: expected ']' after the thread");
    expect_error(&reader_limo, "[1] calls enq(1)\n",
                 "FILE:1:4: expected call or return after the thread");
    expect_error(&reader_limo, "[1] call\n", "FILE:1:9: expected what is called");
    expect_error(&reader_limo, "[1] call enq(1\n",
                 "FILE:1:15: expected ')' and the end of the line");
    expect_error(&reader_limo, "[1] call enq(1)\n[1] call deq()",
                 "FILE:2:1: the thread has not returned from its last call");
    expect_error(&reader_limo, "[1] return 3", "FILE:1:1: the thread has called nothing");
}

/* --- all --- */

Test(reader_monitors, are_known_by_the_beginning_of_the_text)
{
    static const struct {
        const char *text;
        const struct reader *reader;
    } cases[] = {
        {"{:process 0, :type :invoke, :f :get, :key \"7\", :value nil}\n", &reader_porcupine_kv},
        {"{:process 0, :type :invoke, :f :read, :value nil}\n", &reader_edn},
        {"# queue\nenq 1 2 3\n", &reader_polylin},
        {"\n# set\n", &reader_polylin},
        {"poll 1 2 3\n", &reader_polylin},
        {"# @object atomic-stack\n", &reader_limo},
        {"[1] call push 3\n", &reader_limo},
        {"[{:type :invoke, :f :read, :value nil}]", &reader_edn},
        {"[{\"type\":\"invoke\"}]", &reader_json},
        {"# something else\n", NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        cr_expect_eq(reader_sniff(cases[i].text, strlen(cases[i].text)), cases[i].reader, "%s",
                     cases[i].text);
}
