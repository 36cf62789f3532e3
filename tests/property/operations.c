/* Random histories through several writers with tiny parts, some of them taken back and filled
 * again, equal those appended one event after the other; both equal what history_pair says, errors
 * included; and every event comes out as it went in. */
#include "core/operations.h"

#include "core/err.h"
#include "core/errbuf.h"
#include "core/operations_internal.h"
#include "core/random.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

enum { EVENTS_MAX = 40, WRITERS_MAX = 4, PART_MAX = 6 };

#ifdef __SANITIZE_ADDRESS__
enum { ROUNDS = 30000 };
#else
enum { ROUNDS = 250000 };
#endif

/* What each process is doing, so that most events can be where they are. */
struct simulated {
    struct op open[6];
    bool is_open[6];
    int32_t number[6]; /* of the process */
};

static struct value random_value(struct random *random, struct arena *arena)
{
    struct value pair;
    switch (random_below(random, 5)) {
    case 0:
        return value_nil();
    case 1:
        return value_string(random_below(random, 2) ? "a" : "b");
    case 2:
        cr_assert_eq(value_pair(arena, value_int(1), value_string("x"), &pair), 0);
        return pair;
    default:
        return value_int(random_between(random, 0, 3));
    }
}

static struct op random_invocation(struct random *random, struct arena *arena)
{
    static const symbol names[] = {F_READ, F_WRITE, F_CAS};
    struct op op = {.type = OP_INVOKE, .f = names[random_below(random, 3)]};
    op.has_key = random_below(random, 3) > 0;
    if (op.has_key)
        op.key = random_below(random, 3) ? value_int(random_between(random, 0, 4))
                                         : random_value(random, arena);
    op.value = random_value(random, arena);
    return op;
}

static struct op random_event(struct random *random, struct simulated *clients, struct arena *arena,
                              bool may_be_wrong)
{
    uint64_t client = random_below(random, 6);
    struct op op;
    if (random_below(random, 12) == 0) {
        op = random_invocation(random, arena);
        op.type = (uint8_t)random_below(random, 4);
        op.process = random_below(random, 2) ? PROCESS_NEMESIS : PROCESS_NONE;
    } else if (clients->is_open[client]) {
        op = clients->open[client];
        op.type = (uint8_t)random_between(random, OP_OK, OP_INFO);
        op.value = random_value(random, arena);
        clients->is_open[client] = false;
        clients->number[client] += op.type == OP_INFO ? 6 : 0;
    } else {
        op = random_invocation(random, arena);
        op.process = clients->number[client];
        clients->open[client] = op;
        clients->is_open[client] = true;
    }
    if (may_be_wrong && random_below(random, 25) == 0) {
        struct op other = random_invocation(random, arena);
        switch (random_below(random, 4)) {
        case 0:
            op.f = other.f;
            break;
        case 1:
            op.type = (uint8_t)random_below(random, 4);
            break;
        case 2:
            op.process = (int32_t)random_below(random, 8);
            break;
        default:
            op.has_key = other.has_key;
            op.key = other.key;
        }
    }
    op.time_ns = random_below(random, 8) ? random_between(random, 0, 1000000) : -1;
    op.error = random_below(random, 4) ? NULL : random_below(random, 2) ? "timeout" : "refused";
    return op;
}

static void make_history(struct random *random, struct history *history)
{
    struct simulated clients = {.number = {0, 1, 2, 3, 4, 5}};
    uint64_t count = random_below(random, EVENTS_MAX + 1);
    bool may_be_wrong = random_below(random, 2);
    history_init(history);
    for (uint64_t i = 0; i < count; i++) {
        struct op op = random_event(random, &clients, &history->arena, may_be_wrong);
        cr_assert_eq(history_append(history, &op, NULL), 0);
    }
}

/* --- what must come out --- */

struct expected {
    size_t error_at; /* the count if there is no error */
    bool is_key_error;
    struct errbuf err;
    uint32_t *partner;
};

static bool same_key(const struct op *a, const struct op *b)
{
    return a->has_key == b->has_key && (!a->has_key || value_equal(a->key, b->key));
}

/* history_pair, and what it leaves to others: that keys are the same. */
static void expect(const struct history *history, struct expected *out)
{
    *out = (struct expected){.error_at = history->count};
    struct history prefix = *history;
    if (history_pair(history, &out->partner, &out->err) != 0) {
        out->error_at = strtoul(out->err.text + strlen("event "), NULL, 10);
        prefix.count = out->error_at;
        cr_assert_eq(history_pair(&prefix, &out->partner, NULL), 0);
    }
    for (size_t i = 0; i < prefix.count; i++) {
        uint32_t before = out->partner[i];
        if (before < i && !same_key(&history->ops[i], &history->ops[before])) {
            out->error_at = i;
            out->is_key_error = true;
            return;
        }
    }
}

/* --- through writers --- */

struct part {
    size_t begin, end;
    uint32_t number;
    uint64_t writer;
    bool is_taken_back;
};

static void fill_part(struct operations *all, struct operations_writer *writer,
                      const struct history *history, const struct part *part, size_t shift)
{
    struct errbuf err = ERRBUF_INIT;
    cr_assert_eq(operations_begin_part(writer, part->number, &err), 0);
    for (size_t i = part->begin; i < part->end; i++) {
        struct operation_event event;
        const struct op *op = &history->ops[(i + shift) % history->count];
        cr_assert(operation_event_of(all->values, op, &event));
        cr_assert_eq(operations_add(writer, &event, &err), 0, "%s", err.text);
    }
}

/* Parts may come to their writers in any order that ascends for each of them. */
static void fill(struct random *random, const struct history *history, struct operations *all)
{
    struct part parts[EVENTS_MAX + 1];
    size_t count = 0, at = 0;
    uint32_t number = 0;
    uint64_t writer_count = 1 + random_below(random, WRITERS_MAX);
    bool takes_back = random_below(random, 3) == 0;
    while (at < history->count) {
        size_t end = at + random_below(random, PART_MAX + 1);
        end = end > history->count ? history->count : end;
        number += (uint32_t)random_below(random, 2);
        parts[count++] = (struct part){at, end, number++, random_below(random, writer_count),
                                       takes_back && random_below(random, 3) == 0};
        at = end;
        if (count == EVENTS_MAX)
            break;
    }
    if (at < history->count) /* too many empty parts: the rest in one */
        parts[count++] = (struct part){at, history->count, number, 0, false};
    struct operations_writer *writers[WRITERS_MAX], *again;
    for (uint64_t w = 0; w < writer_count; w++)
        cr_assert_eq(operations_open_writer(all, &writers[w], NULL), 0);
    for (uint64_t i = writer_count; i > 0; i--)
        for (size_t p = 0; p < count; p++)
            if (parts[p].writer == i - 1)
                fill_part(all, writers[i - 1], history, &parts[p], parts[p].is_taken_back ? 3 : 0);
    if (!takes_back)
        return;
    cr_assert_eq(operations_open_writer(all, &again, NULL), 0);
    for (size_t p = 0; p < count; p++) {
        if (!parts[p].is_taken_back)
            continue;
        operations_drop_part(all, parts[p].number);
        fill_part(all, again, history, &parts[p], 0);
    }
}

/* --- comparing --- */

struct replay {
    const struct history *history;
    size_t next;
};

static int expect_event(void *context, const struct op *op, struct errbuf *err)
{
    struct replay *replay = context;
    (void)err;
    cr_assert_lt(replay->next, replay->history->count);
    const struct op *was = &replay->history->ops[replay->next++];
    bool same_error =
        op->error && was->error ? strcmp(op->error, was->error) == 0 : op->error == was->error;
    cr_assert(same_error && op->index == was->index && op->time_ns == was->time_ns &&
              op->process == was->process && op->f == was->f && op->type == was->type &&
              same_key(op, was) && value_equal(op->value, was->value));
    return 0;
}

static void expect_events(const struct operations *all, const struct history *history)
{
    struct replay replay = {history, 0};
    struct op_sink sink = {.take = expect_event, .context = &replay};
    size_t before = operations_bytes(all);
    cr_assert_eq(operations_for_each_event(all, &sink, NULL), 0);
    cr_assert_eq(replay.next, history->count);
    cr_assert_eq(all->event_count, history->count);
    cr_assert_eq(operations_bytes(all), before);
    for (uint64_t i = 0; i < history->count; i++) {
        position at = operations_position(all, i);
        cr_assert_eq(operations_index(all, at), i);
        cr_assert_eq(operations_time_ns(all, at), history->ops[i].time_ns);
    }
}

static void expect_pairs(const struct operations *all, const struct history *history,
                         const uint32_t *partner)
{
    uint32_t operations = 0, next_other = 0;
    for (size_t i = 0; i < history->count; i++) {
        const struct op *op = &history->ops[i];
        position at = operations_position(all, i);
        struct operation found;
        uint32_t key = 0;
        if (op->process < 0) {
            cr_assert_eq(all->others[next_other++].at, at);
            continue;
        }
        bool is_invocation = op->type == OP_INVOKE;
        cr_assert_eq(operations_find(all, at, &key, &found), is_invocation);
        if (!is_invocation)
            continue;
        operations++;
        cr_assert_eq(found.complete == POSITION_NONE, partner[i] == HISTORY_UNPAIRED);
        if (found.complete != POSITION_NONE)
            cr_assert_eq(operations_index(all, found.complete), partner[i]);
    }
    cr_assert_eq(all->operation_count, operations);
    cr_assert_eq(all->other_count, next_other);
}

static bool same_operation(const struct operations *one, const struct operation *a,
                           const struct operations *two, const struct operation *b)
{
    bool open = a->complete == POSITION_NONE;
    return operations_index(one, a->invoke) == operations_index(two, b->invoke) &&
           open == (b->complete == POSITION_NONE) &&
           (open || operations_index(one, a->complete) == operations_index(two, b->complete)) &&
           a->process == b->process && a->f == b->f && a->outcome == b->outcome &&
           value_equal(value_pool_get(one->values, a->argument),
                       value_pool_get(two->values, b->argument)) &&
           value_equal(value_pool_get(one->values, a->result),
                       value_pool_get(two->values, b->result));
}

static void expect_same(const struct operations *one, const struct operations *two)
{
    cr_assert_eq(one->key_count, two->key_count);
    cr_assert_eq(one->largest_key, two->largest_key);
    for (uint32_t k = 0; k < one->key_count; k++) {
        const struct operations_key *a = &one->keys[k], *b = &two->keys[k];
        cr_assert(a->has_key == b->has_key && a->count == b->count && a->ok == b->ok &&
                  a->failed == b->failed && a->crashed == b->crashed);
        cr_assert(!a->has_key || value_equal(value_pool_get(one->values, a->key),
                                             value_pool_get(two->values, b->key)));
        cr_assert_eq(a->count, a->ok + a->failed + a->crashed);
        cr_assert_eq(operations_index(one, a->first), operations_index(two, b->first));
        struct operation ops_a[EVENTS_MAX], ops_b[EVENTS_MAX];
        operations_of_key(one, k, ops_a);
        operations_of_key(two, k, ops_b);
        cr_assert_eq(ops_a[0].invoke, a->first);
        for (uint32_t i = 0; i < a->count; i++)
            cr_assert(same_operation(one, &ops_a[i], two, &ops_b[i]));
    }
}

static void expect_error(int rc, const struct errbuf *err, const struct expected *expected)
{
    cr_assert_eq(rc, ERR_INPUT);
    if (!expected->is_key_error)
        cr_assert_str_eq(err->text, expected->err.text);
    else
        cr_assert(strstr(err->text, "it invoked that of") &&
                  strtoul(err->text + strlen("event "), NULL, 10) == expected->error_at);
}

static void append(const struct history *history, const struct expected *expected,
                   struct operations *all, struct errbuf *err)
{
    int rc = 0;
    size_t i = 0;
    for (; i < history->count && rc == 0; i++)
        rc = operations_append(all, &history->ops[i], err);
    if (expected->error_at == history->count) {
        cr_assert_eq(rc, 0, "%s", err->text);
        cr_assert_eq(operations_finish(all, err), 0);
    } else {
        cr_assert_eq(i, expected->error_at + 1);
        expect_error(rc, err, expected);
    }
}

Test(operations_property, however_they_are_filled_they_are_the_same_history)
{
    uint32_t wrong = 0, key_errors = 0, good = 0;
    for (uint64_t number = 0; number < ROUNDS; number++) {
        struct random random;
        struct history history;
        struct expected expected;
        struct operations appended, written;
        struct errbuf err = ERRBUF_INIT, other_err = ERRBUF_INIT;
        random_init(&random, 1, RANDOM_TEST, number);
        make_history(&random, &history);
        expect(&history, &expected);
        cr_assert_eq(operations_init(&appended, 0), 0);
        cr_assert_eq(operations_init(&written, 0), 0);
        operations_set_part_events(&appended, 1 + (uint32_t)random_below(&random, PART_MAX));
        append(&history, &expected, &appended, &err);
        fill(&random, &history, &written);
        int rc = operations_finish(&written, &other_err);
        if (expected.error_at < history.count) {
            expect_error(rc, &other_err, &expected);
            cr_assert_str_eq(err.text, other_err.text);
            wrong++;
            key_errors += expected.is_key_error;
        } else {
            cr_assert_eq(rc, 0, "history %d: %s", (int)number, other_err.text);
            expect_events(&appended, &history);
            expect_events(&written, &history);
            expect_pairs(&written, &history, expected.partner);
            expect_same(&appended, &written);
            good++;
        }
        free(expected.partner);
        operations_fini(&appended);
        operations_fini(&written);
        history_fini(&history);
    }
    cr_expect_gt(good, ROUNDS / 4);
    cr_expect_gt(wrong, ROUNDS / 10);
    cr_expect_gt(key_errors, ROUNDS / 100);
}
