/* What the script of a page is given: read back as the script reads it, it is the history. */
#include "report/timeline_data.h"

#include "core/errbuf.h"
#include "core/random.h"

#include <criterion/criterion.h>
#include <jansson.h>
#include <stdio.h>

enum { OPS = 3000, KEYS = 3, PROCESSES = 6 };

struct reading {
    const unsigned char *at, *end;
};

static uint64_t number(struct reading *reading)
{
    uint64_t value = 0;
    for (unsigned shift = 0;; shift += 7) {
        cr_assert(reading->at < reading->end && shift < 64);
        unsigned char byte = *reading->at++;
        value |= (uint64_t)(byte & 127) << shift;
        if (byte < 128)
            return value;
    }
}

static int64_t unzigzag(uint64_t value)
{
    return (int64_t)(value >> 1) ^ -(int64_t)(value & 1);
}

static json_t *list_of(const struct strbuf *items)
{
    struct strbuf text = STRBUF_INIT;
    strbuf_printf(&text, "[%s]", items->text ? items->text : "");
    json_t *list = json_loads(text.text, 0, NULL);
    cr_assert(json_is_array(list), "%.200s", text.text);
    strbuf_fini(&text);
    return list;
}

static void expect_value(const struct operations *all, uint64_t code, value_ref ref, json_t *words)
{
    struct strbuf text = STRBUF_INIT;
    char digits[32];
    value_write_text(&text, value_pool_get(all->values, ref));
    const char *shown = digits;
    if (code == 0)
        shown = "nil";
    else if (code % 2 == 1)
        snprintf(digits, sizeof digits, "%lld", (long long)unzigzag((code - 1) / 2));
    else
        shown = json_string_value(json_array_get(words, (code - 2) / 2));
    cr_assert_str_eq(shown, text.text);
    strbuf_fini(&text);
}

static struct value random_value(struct random *random, char text[16])
{
    snprintf(text, 16, "v%d", (int)random_below(random, 50));
    switch (random_below(random, 4)) {
    case 0:
        return value_nil();
    case 1:
        return value_string(text);
    case 2:
        return value_int(random_between(random, -5, 5));
    default:
        return value_int(random_between(random, -(1LL << 40), 1LL << 40));
    }
}

/* Processes of three keys; some crash, some never answer. */
static void make_history(struct operations *all, bool timed)
{
    struct random random;
    struct op open[PROCESSES];
    bool busy[PROCESSES] = {false};
    int64_t now = 0;
    int32_t next = PROCESSES, process[PROCESSES];
    char text[16];
    random_init(&random, 3, RANDOM_TEST, 0);
    for (int i = 0; i < PROCESSES; i++)
        process[i] = i;
    cr_assert_eq(operations_init(all, 0), 0);
    for (int i = 0; i < 2 * OPS; i++) {
        size_t p = random_below(&random, PROCESSES);
        now += random_between(&random, 0, 1 << random_below(&random, 30));
        struct op op = {.time_ns = timed ? now : -1, .process = process[p], .has_key = true};
        if (!busy[p]) {
            op.type = OP_INVOKE;
            op.f = random_below(&random, 2) ? F_READ : F_WRITE;
            op.key = value_int(random_between(&random, 0, KEYS - 1));
            open[p] = op;
        } else {
            op.type = (uint8_t)(random_below(&random, 20) ? OP_OK : random_between(&random, 2, 3));
            op.f = open[p].f;
            op.key = open[p].key;
            op.error = op.type == OP_OK ? NULL : "timed out";
            process[p] = op.type == OP_INFO ? next++ : process[p];
        }
        busy[p] = !busy[p];
        op.value = random_value(&random, text);
        struct errbuf err = ERRBUF_INIT;
        cr_assert_eq(operations_append(all, &op, &err), 0, "%s", err.text);
    }
    cr_assert_eq(operations_finish(all, NULL), 0);
}

struct sums {
    int64_t time;
    uint64_t index;
};

static void expect_operation(struct reading *reading, const struct timeline_data *data,
                             const struct operation *op, struct sums *sums, json_t *functions,
                             json_t *words)
{
    const struct operations *all = data->all;
    bool completed = op->complete != POSITION_NONE;
    sums->time += unzigzag(number(reading));
    int64_t duration = (int64_t)number(reading);
    uint64_t process = number(reading), f = number(reading);
    uint64_t argument = number(reading), result = number(reading);
    sums->index += number(reading);
    cr_assert_eq(sums->index, operations_index(all, op->invoke));
    if (data->timed) {
        cr_assert_eq(sums->time, operations_time_ns(all, op->invoke));
        cr_assert(!completed || sums->time + duration == operations_time_ns(all, op->complete));
    } else {
        cr_assert_eq((uint64_t)sums->time, sums->index);
        cr_assert(!completed ||
                  (uint64_t)(sums->time + duration) == operations_index(all, op->complete));
    }
    cr_assert_eq(process, op->process);
    cr_assert_eq(f % 4, !completed ? 3 : op->outcome == OP_OK ? 0 : op->outcome == OP_FAIL ? 1 : 2);
    cr_assert_str_eq(json_string_value(json_array_get(functions, f / 4)), symbol_name(op->f));
    expect_value(all, argument, op->argument, words);
    expect_value(all, result == 0 ? argument : result - 1, op->result, words);
    if (f % 4 == 0)
        return;
    uint64_t error = number(reading);
    cr_assert_eq(error != 0, completed);
    if (error != 0)
        cr_assert_str_eq(json_string_value(json_array_get(words, error - 1)), "timed out");
}

static void expect_key(struct timeline_data *data, uint32_t key, uint32_t first, uint32_t count)
{
    struct strbuf bytes = STRBUF_INIT;
    struct sums sums = {0, 0};
    struct operation *ops = malloc(data->all->keys[key].count * sizeof *ops);
    operations_of_key(data->all, key, ops);
    cr_assert_eq(timeline_data_put(data, key, first, count, &bytes, NULL), 0);
    struct reading reading = {(const unsigned char *)bytes.text,
                              (const unsigned char *)bytes.text + bytes.length};
    json_t *functions = list_of(&data->functions), *words = list_of(&data->words);
    for (uint32_t i = first; i < first + count; i++)
        expect_operation(&reading, data, &ops[i], &sums, functions, words);
    cr_assert_eq(reading.at, reading.end);
    cr_assert_lt(bytes.length, 20u * count + 20);
    json_decref(functions);
    json_decref(words);
    strbuf_fini(&bytes);
    free(ops);
}

static void expect_history(bool timed)
{
    struct operations all;
    struct timeline_data data;
    make_history(&all, timed);
    cr_assert_eq(timeline_data_init(&data, &all, timed, NULL), 0);
    cr_assert_eq(all.key_count, KEYS);
    for (uint32_t key = 0; key < all.key_count; key++)
        expect_key(&data, key, 0, all.keys[key].count);
    expect_key(&data, 1, 100, 50);
    timeline_data_fini(&data);
    operations_fini(&all);
}

Test(report_timeline_data, is_the_history)
{
    expect_history(true);
}

Test(report_timeline_data, without_times_goes_by_events)
{
    expect_history(false);
}

Test(report_timeline_data, shows_text_of_others_harmless_and_cut)
{
    struct strbuf text = STRBUF_INIT;
    timeline_data_put_text(&text, "a\"\x1b[31m\n\xe2\x80\xae z\xff");
    cr_expect_str_eq(text.text, "\"a\\\"\xef\xbf\xbd[31m \xef\xbf\xbd z\xef\xbf\xbd\"");
    strbuf_reset(&text);
    char xs[2 * TIMELINE_WORD_CHARS + 1];
    memset(xs, 'x', sizeof xs - 1);
    xs[sizeof xs - 1] = '\0';
    timeline_data_put_text(&text, xs);
    cr_expect_eq(text.length, TIMELINE_WORD_CHARS - 1 + strlen("\"\xe2\x80\xa6\""));
    strbuf_reset(&text);
    xs[TIMELINE_WORD_CHARS] = '\0';
    timeline_data_put_text(&text, xs);
    cr_expect_eq(text.length, TIMELINE_WORD_CHARS + 2);
    strbuf_fini(&text);
}

Test(report_timeline_data, has_an_ellipsis_for_words_beyond_its_room)
{
    struct operations all;
    struct timeline_data data;
    struct strbuf bytes = STRBUF_INIT;
    enum { WRITES = 70000 };
    char text[TIMELINE_WORD_CHARS];
    cr_assert_eq(operations_init(&all, 0), 0);
    for (int i = 0; i < 2 * WRITES; i++) {
        snprintf(text, sizeof text, "%070d", i / 2);
        struct op op = {.time_ns = i, .f = F_WRITE, .type = i % 2 ? OP_OK : OP_INVOKE};
        op.value = value_string(text);
        cr_assert_eq(operations_append(&all, &op, NULL), 0);
    }
    cr_assert_eq(operations_finish(&all, NULL), 0);
    cr_assert_eq(timeline_data_init(&data, &all, true, NULL), 0);
    cr_assert_eq(timeline_data_put(&data, 0, 0, WRITES, &bytes, NULL), 0);
    cr_expect_lt(data.words.length, TIMELINE_WORDS_BYTES_MAX + 200);
    cr_expect_lt(data.word_count, WRITES);
    struct reading reading = {(const unsigned char *)bytes.text,
                              (const unsigned char *)bytes.text + bytes.length};
    uint64_t argument = 0;
    for (int i = 0; i < WRITES; i++)
        for (int n = 0; n < 7; n++) {
            uint64_t value = number(&reading);
            argument = n == 4 ? value : argument;
        }
    cr_expect_eq(argument, 2, "the last write's word is the ellipsis");
    timeline_data_fini(&data);
    operations_fini(&all);
    strbuf_fini(&bytes);
}
