/* Random transactional histories, written in every format of transactions without times: either the
 * format refuses them, or what is read again are the same transactions of the same sessions, and
 * what keys begin with is the same. */
#include "core/err.h"
#include "formats/reader.h"
#include "formats/writer.h"
#include "property/property_runs.h"
#include "property/random_transactions.h"

#include <criterion/criterion.h>
#include <stdlib.h>

/* --- what a history says, whoever is called what --- */

enum { SESSIONS_MAX = 2 * WORLD_WRITES };

struct telling {
    char *sessions[SESSIONS_MAX];
    int32_t processes[SESSIONS_MAX];
    int count;
};

static int compare_texts(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static int session_of(struct telling *telling, int32_t process)
{
    int i = 0;
    while (i < telling->count && telling->processes[i] != process)
        i++;
    if (i == telling->count)
        telling->processes[telling->count++] = process;
    return i;
}

/* zero_is_nil: reads of 0 are told as reads of nil. */
static void put_value(struct strbuf *out, struct value txn, bool zero_is_nil)
{
    for (uint32_t i = 0; i < txn.count; i++) {
        struct value value = txn.items[i].items[2];
        bool reads = txn.items[i].items[0].text[0] == 'r';
        strbuf_printf(out, " %c", txn.items[i].items[0].text[0]);
        value_write_text(out, txn.items[i].items[1]);
        strbuf_putc(out, '=');
        value_write_text(out, reads && zero_is_nil && value_equal(value, value_int(0)) ? value_nil()
                                                                                       : value);
    }
    strbuf_putc(out, ';');
}

static void tell(const struct operations *all, bool zero_is_nil, struct telling *out)
{
    struct strbuf texts[SESSIONS_MAX] = {{0}};
    struct operation ops[SESSIONS_MAX];
    memset(out, 0, sizeof *out);
    cr_assert_leq(all->operation_count, SESSIONS_MAX);
    if (all->key_count > 0)
        operations_of_key(all, 0, ops);
    for (uint32_t i = 0; i < all->operation_count; i++) {
        struct strbuf *text = &texts[session_of(out, ops[i].process)];
        strbuf_puts(text, op_type_name(ops[i].outcome));
        put_value(text, value_pool_get(all->values, operation_value(&ops[i])), zero_is_nil);
    }
    for (int i = 0; i < out->count; i++)
        out->sessions[i] = texts[i].text;
    qsort(out->sessions, (size_t)out->count, sizeof *out->sessions, compare_texts);
}

static void forget(struct telling *telling)
{
    for (int i = 0; i < telling->count; i++)
        free(telling->sessions[i]);
}

/* --- there and back --- */

static int write_event(void *context, const struct op *op, struct errbuf *err)
{
    const struct writer *writer = ((void **)context)[0];
    return writer->write(((void **)context)[1], op, err);
}

/* Whether the format holds it. */
static bool write_history(const struct writer *writer, const struct operations *all,
                          const struct history_semantics *semantics, struct writer_output *out)
{
    void *context[] = {(void *)(uintptr_t)writer, out};
    struct op_sink sink = {.take = write_event, .context = context};
    struct errbuf err = ERRBUF_INIT;
    cr_assert_eq(writer_learn(all, &out->facts, NULL), 0);
    writer_learn_semantics(semantics, all->values, &out->facts);
    out->state = calloc(1, writer->state_size + 1);
    int rc = writer->begin ? writer->begin(out, &err) : 0;
    if (rc == 0)
        rc = operations_for_each_event(all, &sink, &err);
    if (rc == 0 && writer->end)
        rc = writer->end(out, &err);
    if (writer->fini)
        writer->fini(out);
    free(out->state);
    cr_assert(rc == 0 || (rc == ERR_INPUT && strstr(err.text, "cannot hold")), "%s", err.text);
    return rc == 0;
}

static void expect_same(const struct operations *all, const struct operations *again,
                        bool zero_is_nil, const struct writer *writer, const char *text)
{
    struct telling expected, found;
    tell(all, zero_is_nil, &expected);
    tell(again, zero_is_nil, &found);
    cr_assert_eq(found.count, expected.count, "%s:\n%s", writer->name, text);
    for (int i = 0; i < found.count; i++)
        cr_assert_str_eq(found.sessions[i], expected.sessions[i], "%s:\n%s", writer->name, text);
    forget(&expected);
    forget(&found);
}

static bool there_and_back(const struct operations *all, const struct history_semantics *semantics,
                           const struct writer *writer)
{
    struct writer_output out = {.text = STRBUF_INIT};
    bool held = write_history(writer, all, semantics, &out);
    if (held) {
        const struct reader *reader = reader_find(writer->name);
        struct reader_input input = {.name = "again",
                                     .text = out.text.text ? out.text.text : "",
                                     .length = out.text.length,
                                     .options = {.threads = 1}};
        struct operations again;
        struct errbuf err = ERRBUF_INIT;
        cr_assert_eq(reader_read(reader, &input, &again, &err), 0, "%s\n%s", err.text, input.text);
        cr_assert_not(again.truncated, "%s", input.text);
        bool zero_is_nil = writer != &writer_awdit && writer != &writer_jsonl;
        expect_same(all, &again, zero_is_nil, writer, input.text);
        cr_assert(out.lost[WRITER_ORDER] ==
                  (semantics->has_no_times || again.operation_count == 0 || writer == &writer_jsonl
                       ? 0
                       : 1));
        operations_fini(&again);
    }
    strbuf_fini(&out.text);
    return held;
}

/* What keys begin with: nil, 0, either, or nothing. */
static struct history_semantics semantics_of(uint64_t i)
{
    struct history_semantics semantics = {.has_no_times = i % 5 != 0};
    semantics.has_no_initial = i % 5 == 1;
    semantics.initial_is_given = i % 5 == 2 || i % 5 == 3;
    semantics.initial_may_be_nil = i % 5 == 3;
    semantics.initial = semantics.initial_is_given ? VALUE_REF_ZERO : VALUE_REF_NIL;
    return semantics;
}

static void expect_round_trips(const struct writer *writer, bool always)
{
    uint64_t held = 0, histories = property_runs(5000);
    for (uint64_t i = 0; i < histories; i++) {
        struct random_transactions world;
        struct history_semantics semantics = semantics_of(i);
        random_transactions_open(&world, false, i);
        held += there_and_back(&world.all, &semantics, writer);
        random_transactions_close(&world);
    }
    cr_expect(always ? held == histories : held < histories, "%s: %d of %d", writer->name,
              (int)held, (int)histories);
    cr_expect_gt(held, histories / 20, "%s: %d", writer->name, (int)held);
}

Test(convert_transactions, json_lines_hold_them_all)
{
    expect_round_trips(&writer_jsonl, true);
}

Test(convert_transactions, plume_s_text_holds_those_that_begin_with_zero)
{
    expect_round_trips(&writer_plume, false);
}

Test(convert_transactions, awdit_s_text_holds_those_that_read_what_was_written)
{
    expect_round_trips(&writer_awdit, false);
}

Test(convert_transactions, dbcop_s_text_holds_those_of_known_end)
{
    expect_round_trips(&writer_dbcop_hist, false);
}

Test(convert_transactions, dbcop_s_json_holds_those_of_known_end)
{
    expect_round_trips(&writer_dbcop_json, false);
}

Test(convert_transactions, lists_are_held_by_none)
{
    static const struct writer *const writers[] = {&writer_plume, &writer_awdit, &writer_dbcop_hist,
                                                   &writer_dbcop_json};
    struct history_semantics semantics = {.has_no_times = true};
    for (uint64_t i = 0; i < 200; i++) {
        struct random_transactions world;
        random_transactions_open(&world, true, i);
        bool has_append = false;
        for (uint32_t k = 0; k < world.txns.micro_count; k++)
            has_append |= world.txns.micros[k].f == MICRO_APPEND;
        for (int k = 0; k < 4 && has_append; k++)
            cr_expect_not(there_and_back(&world.all, &semantics, writers[k]));
        random_transactions_close(&world);
    }
}
