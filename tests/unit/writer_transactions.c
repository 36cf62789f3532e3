/* What the formats of transactions without times cannot hold, and how they say so. */
#include "formats/writer.h"

#include "unit/checker_support.h"

#include "core/operations_from.h"

#include <criterion/criterion.h>
#include <stdlib.h>

static int write_event(void *context, const struct op *op, struct errbuf *err)
{
    const struct writer *writer = ((void **)context)[0];
    return writer->write(((void **)context)[1], op, err);
}

/* "P TYPE F VALUE" a line, as history_of. */
static int write_text(const struct writer *writer, const char *events, struct history_header header,
                      struct writer_output *out, struct errbuf *err)
{
    struct history history;
    struct operations all;
    void *context[] = {(void *)(uintptr_t)writer, out};
    struct op_sink sink = {.take = write_event, .context = context};
    history_of(&history, events);
    *err = (struct errbuf)ERRBUF_INIT;
    cr_assert_eq(operations_from_history(&all, &history, 0, err), 0, "%s", err->text);
    *out = (struct writer_output){.text = STRBUF_INIT, .facts = {.header = header}};
    out->state = calloc(1, writer->state_size + 1);
    int rc = writer->begin ? writer->begin(out, err) : 0;
    rc = rc == 0 ? operations_for_each_event(&all, &sink, err) : rc;
    rc = rc == 0 ? writer->end(out, err) : rc;
    writer->fini(out);
    free(out->state);
    operations_fini(&all);
    history_fini(&history);
    return rc;
}

static const struct history_header zero = {
    .has_no_times = true, .initial_is_given = true, .initial = {.kind = VALUE_INT, .integer = 0}};
static const struct history_header none = {.has_no_times = true, .has_no_initial = true};
static const struct history_header nil = {.has_no_times = true};

static void expect_refused(const struct writer *writer, const char *txn,
                           struct history_header header, const char *expected)
{
    char events[400];
    struct writer_output out;
    struct errbuf err;
    snprintf(events, sizeof events, "0 invoke txn %s\n0 ok txn %s\n", txn, txn);
    cr_expect_eq(write_text(writer, events, header, &out, &err), ERR_INPUT, "%s", txn);
    cr_expect_str_eq(err.text, expected);
    strbuf_fini(&out.text);
}

static void expect_written(const struct writer *writer, const char *events,
                           struct history_header header, const char *expected)
{
    struct writer_output out;
    struct errbuf err;
    cr_expect_eq(write_text(writer, events, header, &out, &err), 0, "%s", err.text);
    cr_expect_str_eq(out.text.text ? out.text.text : "", expected);
    strbuf_fini(&out.text);
}

static const char some[] = "4 invoke txn [[:w 0 1]]\n7 invoke txn [[:w 0 2] [:r 1 5]]\n"
                           "7 ok txn [[:w 0 2] [:r 1 5]]\n4 ok txn [[:w 0 1]]\n"
                           "7 invoke txn [[:r 0 1]]\n7 ok txn [[:r 0 1]]\n";

Test(writer_transactions, put_each_session_together)
{
    expect_written(&writer_awdit, some, none, "w 0 2\nr 1 5\n---\nr 0 1\n===\nw 0 1\n");
    expect_written(&writer_dbcop_hist, some, zero, "[0:=2 1==5]\n[0==1]\n---\n[0:=1]\n");
    expect_written(&writer_dbcop_json, some, zero,
                   "{\"data\":[[{\"events\":[{\"Write\":{\"variable\":0,\"version\":2}},{\"Read\":{"
                   "\"variable\":1,\"version\":5}}],\"committed\":true},\n{\"events\":[{\"Read\":{"
                   "\"variable\":0,\"version\":1}}],\"committed\":true}],\n[{\"events\":[{"
                   "\"Write\":{\"variable\":0,\"version\":1}}],\"committed\":true}]]}\n");
    expect_written(&writer_plume, some, zero, "w(0,2,7,0)\nr(1,5,7,0)\nw(0,1,4,1)\nr(0,1,7,2)\n");
}

Test(writer_transactions, tell_what_was_aborted)
{
    static const char aborted[] = "0 invoke txn [[:w 0 1]]\n0 fail txn [[:w 0 1]]\n";
    struct writer_output out;
    struct errbuf err;
    expect_written(&writer_plume, aborted, zero, "w(0,1,0,-1)\n");
    expect_written(&writer_dbcop_hist, aborted, zero, "[0:=1]!\n");
    cr_expect_eq(write_text(&writer_awdit, aborted, none, &out, &err), ERR_INPUT);
    cr_expect_str_eq(err.text, "event 1: an awdit history cannot hold an aborted transaction");
    strbuf_fini(&out.text);
}

Test(writer_transactions, refuse_what_is_no_register_of_numbers)
{
    const struct writer *plume = &writer_plume;
    expect_refused(
        plume, "[[:append 1 2]]", zero,
        "event 1: a plume history cannot hold anything but reads and writes of registers");
    expect_refused(plume, "[[:r 1 [2]]]", zero,
                   "event 1: a plume history cannot hold a value that is no number from 0 on");
    expect_refused(plume, "[[:r :x 2]]", zero,
                   "event 1: a plume history cannot hold a key that is no number from 0 on");
    expect_refused(plume, "[[:w 1 -2]]", zero,
                   "event 1: a plume history cannot hold a value that is no number from 0 on");
    expect_refused(plume, "[[:w 1 nil]]", zero,
                   "event 1: a plume history cannot hold a value that is no number from 0 on");
    expect_refused(plume, "[]", zero, "event 1: a plume history cannot hold an empty transaction");
    expect_refused(plume, "nil", zero,
                   "event 1: a plume history cannot hold a transaction whose "
                   "end does not say what it did");
}

Test(writer_transactions, refuse_other_beginnings)
{
    expect_refused(&writer_plume, "[[:r 1 nil]]", zero,
                   "event 1: a plume history cannot hold a read of nil: every key begins with 0");
    expect_refused(&writer_plume, "[[:r 1 0]]", nil,
                   "event 1: a plume history cannot hold a read of 0, with which every key begins");
    expect_refused(&writer_plume, "[[:r 1 nil] [:w 2 0]]", nil,
                   "event 1: a plume history cannot hold both reads of nil and writes of 0");
    expect_refused(&writer_awdit, "[[:r 1 nil]]", nil,
                   "event 1: an awdit history cannot hold a "
                   "read of what was there before the first "
                   "write");
    expect_refused(&writer_awdit, "[[:r 1 0]]", zero,
                   "event 1: an awdit history cannot hold a "
                   "read of what was there before the first "
                   "write");
    expect_refused(&writer_dbcop_hist, "[[:r 1 nil]]", zero,
                   "event 1: a dbcop-hist history cannot hold a read of nil, which is not what "
                   "keys begin with");
    expect_refused(&writer_dbcop_json, "[[:r 1 0]]", none,
                   "event 1: a dbcop-json history cannot hold a read of 0, with which every key "
                   "may begin");
}

Test(writer_transactions, refuse_what_has_no_known_end)
{
    struct writer_output out;
    struct errbuf err;
    cr_expect_eq(write_text(&writer_awdit, "0 invoke txn [[:w 0 1]]\n", none, &out, &err),
                 ERR_INPUT);
    cr_expect_str_eq(err.text, "an awdit history cannot hold transactions that nobody ended: 1 of "
                               "them are open at its end");
    strbuf_fini(&out.text);
    cr_expect_eq(write_text(&writer_plume, "0 invoke txn [[:w 0 1]]\n0 info txn [[:w 0 1]]\n", zero,
                            &out, &err),
                 ERR_INPUT);
    cr_expect_str_eq(err.text,
                     "event 1: a plume history cannot hold a transaction whose end nobody knows");
    strbuf_fini(&out.text);
}

Test(writer_transactions, lose_the_order_of_those_that_have_one)
{
    struct writer_output out;
    struct errbuf err;
    struct history_header ordered = {.has_no_times = false};
    cr_expect_eq(write_text(&writer_plume, some, ordered, &out, &err), 0, "%s", err.text);
    cr_expect_eq(out.lost[WRITER_ORDER], 1);
    strbuf_fini(&out.text);
}
