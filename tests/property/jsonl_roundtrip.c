/* Random histories with values of every kind: what is written is read back equal, and cut at any
 * byte the events before the cut are read, and only they. */
#include "core/history_jsonl.h"
#include "property/random_values.h"

#include "core/errbuf.h"
#include "core/random.h"
#include "core/strbuf.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static struct op random_op(struct random *random, struct arena *arena, int64_t index)
{
    static const symbol names[] = {F_NONE, F_READ, F_CAS, F_GENERATE};
    struct op op = {.index = index, .time_ns = -1, .process = PROCESS_NONE};
    op.type = (uint8_t)random_below(random, 4);
    op.f = names[random_below(random, 4)];
    if (random_below(random, 4))
        op.time_ns = random_between(random, 0, INT64_MAX);
    uint64_t who = random_below(random, 4);
    if (who > 0)
        op.process = who == 1 ? PROCESS_NEMESIS : (int32_t)random_between(random, 0, INT32_MAX);
    op.has_key = random_below(random, 2);
    op.key = op.has_key ? random_value(random, arena, 1) : value_nil();
    op.value = random_value(random, arena, 4);
    if (random_below(random, 2)) {
        struct value error = random_text(random, arena, VALUE_STRING);
        op.error = error.text; /* up to its first NUL */
    }
    return op;
}

static bool ops_equal(const struct op *a, const struct op *b)
{
    bool same_error = a->error && b->error ? strcmp(a->error, b->error) == 0 : a->error == b->error;
    return a->index == b->index && a->time_ns == b->time_ns && a->process == b->process &&
           a->f == b->f && a->type == b->type && a->has_key == b->has_key &&
           value_equal(a->key, b->key) && value_equal(a->value, b->value) && same_error;
}

static void make_history(uint64_t number, size_t count, struct history *history,
                         struct strbuf *text)
{
    struct random random;
    random_init(&random, 1, RANDOM_TEST, number);
    history_init(history);
    for (size_t i = 0; i < count; i++) {
        struct op op = random_op(&random, &history->arena, (int64_t)i);
        cr_assert_eq(history_append(history, &op, NULL), 0);
        history_jsonl_write(text, &op);
    }
    cr_assert(strbuf_ok(text));
}

static void read_history(const char *text, size_t length, struct history *history, bool *truncated)
{
    struct errbuf err = ERRBUF_INIT;
    history_init(history);
    struct op_sink sink = history_sink(history);
    cr_assert_eq(history_jsonl_read("h", text, length, &sink, truncated, &err), 0, "%s", err.text);
}

Test(jsonl_roundtrip, what_is_written_is_read_back_equal)
{
    for (uint64_t number = 0; number < 300; number++) {
        struct history written, read;
        struct strbuf text = STRBUF_INIT;
        bool truncated;
        make_history(number, 50, &written, &text);
        read_history(text.text, text.length, &read, &truncated);
        cr_assert_not(truncated);
        cr_assert_eq(read.count, written.count);
        for (size_t i = 0; i < read.count; i++)
            cr_assert(ops_equal(&read.ops[i], &written.ops[i]), "history %d, event %zu",
                      (int)number, i);
        history_fini(&written);
        history_fini(&read);
        strbuf_fini(&text);
    }
}

Test(jsonl_roundtrip, cut_at_any_byte_the_events_before_the_cut_are_read)
{
    for (uint64_t number = 1000; number < 1060; number++) {
        struct history written;
        struct strbuf text = STRBUF_INIT;
        make_history(number, 8, &written, &text);
        size_t lines = 0, line_start = 0;
        for (size_t cut = 0; cut <= text.length; cut++) {
            bool at_line_end = text.text[cut] == '\n';
            char *copy = malloc(cut + 1); /* just that size, for the sanitizers */
            memcpy(copy, text.text, cut);
            struct history read;
            bool truncated;
            read_history(copy, cut, &read, &truncated);
            cr_assert_eq(read.count, lines + at_line_end, "history %d cut at %zu", (int)number,
                         cut);
            cr_assert_eq(truncated, cut > line_start && !at_line_end);
            for (size_t i = 0; i < read.count; i++)
                cr_assert(ops_equal(&read.ops[i], &written.ops[i]));
            history_fini(&read);
            free(copy);
            if (at_line_end) {
                lines++;
                line_start = cut + 1;
            }
        }
        cr_assert_eq(lines, 8);
        history_fini(&written);
        strbuf_fini(&text);
    }
}
