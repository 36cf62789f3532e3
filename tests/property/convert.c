/* Random histories, written in every format: either the format refuses them, or what is read again
 * is the same history, but for the decoration that the writer counted as lost. */
#include "formats/reader.h"
#include "formats/writer.h"
#include "generator/generate.h"
#include "property/random_values.h"

#include "core/errbuf.h"
#include "core/history.h"

#include <criterion/criterion.h>
#include <stdlib.h>

#if defined(__SANITIZE_ADDRESS__)
enum { HISTORIES = 2000 };
#else
enum { HISTORIES = 20000 };
#endif

enum { CLIENTS = 4, EVENTS_MAX = 24 };

/* What the histories of a round are made of. */
struct taste {
    const symbol *functions;
    bool any_values, texts, pairs; /* else small integers and nil */
    bool keys, text_keys, others, crashes, failures, times, errors;
};

struct actor {
    int32_t process;
    bool busy;
    struct op op;
};

static struct value pick_value(struct random *random, struct arena *arena,
                               const struct taste *taste, symbol f)
{
    if (taste->any_values)
        return random_value(random, arena, 3);
    if (taste->pairs && f == F_CAS) {
        struct value pair;
        cr_assert_eq(value_pair(arena, value_int((int64_t)random_below(random, 5)),
                                value_int((int64_t)random_below(random, 5)), &pair),
                     0);
        return pair;
    }
    if (random_below(random, 4) == 0)
        return value_nil();
    if (taste->texts)
        return random_text(random, arena, VALUE_STRING);
    return value_int(random_between(random, -1, 9));
}

static void add(struct random *random, const struct taste *taste, struct history *history,
                struct op op)
{
    op.time_ns = -1;
    if (taste->times)
        op.time_ns = random_below(random, 40) == 0 && taste->any_values
                         ? random_between(random, -1, INT64_MAX)
                         : (int64_t)history->count * 1000;
    if (taste->errors && op.type != OP_INVOKE && random_below(random, 3) == 0) {
        static const char *const errors[] = {
            "timed-out",   ":timeout", "[:a 1]", "no \"route\"", "",
            "[not closed", ":a b",     "#{1}",   "nil",          "3"};
        op.error = errors[random_below(random, 10)];
    }
    cr_assert_eq(history_append(history, &op, NULL), 0);
}

static symbol pick_function(struct random *random, const struct taste *taste)
{
    uint32_t count = 0;
    while (taste->functions[count] != F_NONE)
        count++;
    return taste->functions[random_below(random, count)];
}

static void act(struct random *random, const struct taste *taste, struct history *history,
                struct actor *actor, int32_t *next_process)
{
    struct arena *arena = &history->arena;
    if (!actor->busy) {
        symbol f = pick_function(random, taste);
        actor->op = (struct op){.process = actor->process, .type = OP_INVOKE, .f = f};
        actor->op.value = pick_value(random, arena, taste, f);
        actor->op.has_key = taste->keys;
        if (taste->keys)
            actor->op.key = taste->text_keys ? random_text(random, arena, VALUE_STRING)
                                             : pick_value(random, arena, taste, F_NONE);
    } else {
        uint64_t way = random_below(random, 8);
        actor->op.type = way == 0 && taste->crashes    ? OP_INFO
                         : way == 1 && taste->failures ? OP_FAIL
                                                       : OP_OK;
        if (random_below(random, 2))
            actor->op.value = pick_value(random, arena, taste, actor->op.f);
    }
    add(random, taste, history, actor->op);
    actor->busy = !actor->busy;
    if (actor->op.type == OP_INFO)
        actor->process = (*next_process)++;
}

static void make_history(struct random *random, const struct taste *taste, struct history *history)
{
    struct actor actors[CLIENTS] = {{0}};
    int32_t next_process = CLIENTS;
    for (int32_t i = 0; i < CLIENTS; i++)
        actors[i].process = i;
    for (uint64_t events = random_below(random, EVENTS_MAX); events > 0; events--) {
        if (taste->others && random_below(random, 6) == 0) {
            struct op op = {.process = random_below(random, 2) ? PROCESS_NEMESIS : PROCESS_NONE,
                            .type = OP_INFO,
                            .f = pick_function(random, taste),
                            .value = pick_value(random, &history->arena, taste, F_NONE)};
            add(random, taste, history, op);
        } else {
            act(random, taste, history, &actors[random_below(random, CLIENTS)], &next_process);
        }
    }
    for (int i = 0; i < CLIENTS && !taste->crashes; i++)
        if (actors[i].busy)
            act(random, taste, history, &actors[i], &next_process);
}

/* --- there and back --- */

struct way {
    const struct writer *writer;
    struct writer_output output;
    struct history again;
};

static int write_event(void *context, const struct op *op, struct errbuf *err)
{
    struct way *way = context;
    return way->writer->write(&way->output, op, err);
}

static int write_history(struct way *way, const struct operations *all, struct errbuf *err)
{
    const struct writer *writer = way->writer;
    struct op_sink sink = {.take = write_event, .context = way};
    cr_assert_eq(writer_learn(all, &way->output.facts, err), 0);
    way->output.state = calloc(1, writer->state_size + 1);
    int rc = writer->begin ? writer->begin(&way->output, err) : 0;
    if (rc == 0)
        rc = operations_for_each_event(all, &sink, err);
    if (rc == 0 && writer->end)
        rc = writer->end(&way->output, err);
    if (writer->fini)
        writer->fini(&way->output);
    free(way->output.state);
    return rc;
}

static void read_again(struct way *way)
{
    struct operations all;
    struct errbuf err = ERRBUF_INIT;
    struct op_sink sink = history_sink(&way->again);
    const char *text = way->output.text.text ? way->output.text.text : "";
    struct reader_input input = {
        .name = "again",
        .text = text,
        .length = way->output.text.length,
        .options = {.threads = 1, .independent = way->output.facts.clients_have_keys}};
    history_init(&way->again);
    cr_assert_eq(reader_read(reader_find(way->writer->name), &input, &all, &err), 0, "%s\n%s",
                 err.text, text);
    cr_assert_not(all.truncated, "%s", text);
    cr_assert_eq(operations_for_each_event(&all, &sink, &err), 0);
    operations_fini(&all);
}

static bool same_error(const struct way *way, const struct op *a, const struct op *b)
{
    if (a->error && b->error && strcmp(a->error, b->error) == 0)
        return true;
    if (!a->error && b->error)
        return way->output.lost[WRITER_NOTHING_KNOWN] > 0 && strcmp(b->error, "timed-out") == 0;
    return a->error == b->error || (!b->error && way->output.lost[WRITER_ERRORS] > 0);
}

static bool same_value(const struct way *way, const struct op *a, const struct op *b)
{
    symbol f = symbol_canonical(a->f);
    bool adds = f == F_ENQUEUE || f == F_PUSH;
    bool echo = adds && way->output.lost[WRITER_ECHOES] > 0 && a->type == OP_OK;
    return echo || value_equal(a->value, b->value);
}

/* Who is who, where the format does not hold it. */
static bool same_process(const struct way *way, int32_t *names, const struct op *a,
                         const struct op *b)
{
    if (way->output.lost[WRITER_PROCESSES] == 0)
        return a->process == b->process;
    if (a->type == OP_INVOKE)
        names[a->process] = b->process;
    return names[a->process] == b->process;
}

static void compare(const struct way *way, const struct history *history)
{
    const uint64_t *lost = way->output.lost;
    int32_t names[256];
    size_t at = 0;
    for (size_t i = 0; i < history->count; i++) {
        const struct op *a = &history->ops[i], *b = &way->again.ops[at];
        if (a->type == OP_INFO && lost[WRITER_CRASHES] > 0)
            continue;
        cr_assert(at < way->again.count, "%s: events are missing", way->writer->name);
        bool same = a->type == b->type && symbol_canonical(a->f) == symbol_canonical(b->f) &&
                    a->has_key == b->has_key && (!a->has_key || value_equal(a->key, b->key)) &&
                    same_value(way, a, b) && same_process(way, names, a, b) &&
                    same_error(way, a, b) && (a->time_ns == b->time_ns || lost[WRITER_TIMES] > 0);
        cr_assert(same, "%s: event %zu\n%s", way->writer->name, i, way->output.text.text);
        at++;
    }
    cr_assert_eq(at, way->again.count, "%s", way->writer->name);
}

static void fill(const struct history *history, struct operations *all)
{
    struct errbuf err = ERRBUF_INIT;
    cr_assert_eq(operations_init(all, 0), 0);
    for (size_t i = 0; i < history->count; i++)
        cr_assert_eq(operations_append(all, &history->ops[i], &err), 0, "%s", err.text);
    cr_assert_eq(operations_finish(all, &err), 0, "%s", err.text);
}

/* Whether the format holds it. */
static bool there_and_back(const struct writer *writer, const struct history *history)
{
    struct way way = {.writer = writer};
    struct operations all;
    struct errbuf err = ERRBUF_INIT;
    fill(history, &all);
    bool held = write_history(&way, &all, &err) == 0;
    if (held && history->count > 0) {
        read_again(&way);
        compare(&way, history);
        history_fini(&way.again);
    }
    cr_assert(held || err.text[0] != '\0');
    strbuf_fini(&way.output.text);
    operations_fini(&all);
    return held;
}

static uint32_t count_held(const char *format, const struct taste *taste, uint32_t histories)
{
    uint32_t held = 0;
    struct random random;
    random_init(&random, 5, RANDOM_TEST, 0);
    for (uint32_t i = 0; i < histories; i++) {
        struct history history;
        struct taste now = *taste;
        now.keys = taste->keys && (taste->text_keys || random_below(&random, 2));
        history_init(&history);
        make_history(&random, &now, &history);
        held += there_and_back(writer_find(format), &history);
        history_fini(&history);
    }
    return held;
}

static const symbol any_functions[] = {F_READ, F_WRITE, F_CAS, F_TXN, F_ADD, F_NONE};
static const symbol register_functions[] = {F_READ, F_WRITE, F_CAS, F_NONE};
static const symbol kv_functions[] = {F_GET, F_PUT, F_APPEND, F_NONE};
static const symbol queue_functions[] = {F_ENQUEUE, F_DEQUEUE, F_NONE};

static const struct taste everything = {.functions = any_functions,
                                        .any_values = true,
                                        .keys = true,
                                        .others = true,
                                        .crashes = true,
                                        .failures = true,
                                        .times = true,
                                        .errors = true};

Test(convert, json_lines_and_json_hold_everything, .timeout = 300)
{
    cr_expect_eq(count_held("jsonl", &everything, HISTORIES), HISTORIES);
    cr_expect_eq(count_held("json", &everything, HISTORIES), HISTORIES);
}

Test(convert, edn_holds_everything_but_odd_keywords, .timeout = 300)
{
    uint32_t held = count_held("edn", &everything, HISTORIES);
    cr_expect(held > HISTORIES / 10 && held < HISTORIES, "%u", held);
    struct taste integers = everything;
    integers.any_values = false;
    cr_expect_eq(count_held("edn", &integers, HISTORIES), HISTORIES);
}

Test(convert, porcupine_s_logs_hold_their_operations, .timeout = 300)
{
    struct taste etcd = {.functions = register_functions,
                         .pairs = true,
                         .crashes = true,
                         .failures = true,
                         .times = true,
                         .errors = true};
    uint32_t held = count_held("porcupine-etcd", &etcd, HISTORIES);
    cr_expect_eq(held, HISTORIES, "%u", held);
    struct taste kv = {.functions = kv_functions,
                       .texts = true,
                       .keys = true,
                       .text_keys = true,
                       .crashes = true,
                       .failures = true,
                       .errors = true};
    cr_expect_eq(count_held("porcupine-kv", &kv, HISTORIES), HISTORIES);
}

Test(convert, each_format_refuses_what_it_cannot_hold, .timeout = 300)
{
    static const char *const formats[] = {"porcupine-etcd", "porcupine-kv", "polylin", "limo"};
    struct taste queue = {.functions = queue_functions, .times = true};
    for (int i = 0; i < 4; i++) {
        uint32_t held = count_held(formats[i], &everything, HISTORIES / 10);
        cr_expect_lt(held, HISTORIES / 10 / 2, "%s: %u", formats[i], held);
        count_held(formats[i], &queue, HISTORIES / 10);
    }
}

/* --- generated histories, which the monitors' formats hold --- */

static void there_and_back_generated(const char *model, const char *format, uint64_t seed)
{
    struct generate_options options = {.model = model,
                                       .operations = 40,
                                       .concurrency = 5,
                                       .read_share = -1,
                                       .elements_max = 4,
                                       .seed = seed};
    struct history history;
    struct errbuf err = ERRBUF_INIT;
    struct op_sink sink = history_sink(&history);
    history_init(&history);
    cr_assert_eq(generate_history(&options, &sink, &err), 0, "%s", err.text);
    cr_assert(there_and_back(writer_find(format), &history), "%s %s", model, format);
    history_fini(&history);
}

Test(convert, the_monitors_formats_hold_their_objects, .timeout = 300)
{
    static const char *const pairs[][2] = {
        {"fifo-queue", "polylin"},
        {"priority-queue", "polylin"},
        {"stack", "polylin"},
        {"linear-set", "polylin"},
        {"fifo-queue", "limo"},
        {"stack", "limo"},
        {"kv", "jsonl"},
        {"bank", "edn"},
        {"multi-register", "json"},
        {"register", "porcupine-etcd"},
    };
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++)
        for (uint64_t seed = 0; seed < HISTORIES / 40; seed++)
            there_and_back_generated(pairs[i][0], pairs[i][1], seed);
}
