/* Every rule of checker/specification.h, one sentence each. */
#include "checker/specification.h"
#include "core/err.h"
#include "core/errbuf.h"

#include <criterion/criterion.h>
#include <string.h>

#define NIL VALUE_REF_NIL
#define YES VALUE_REF_TRUE
#define NO  VALUE_REF_FALSE

static struct value_pool *pool;
static struct history_semantics semantics;
static const struct specification *model;
static struct specification_state state;

static struct specification_context context(void)
{
    return (struct specification_context){pool, &semantics};
}

static void set_up(void)
{
    pool = value_pool_new(0);
}

static void tear_down(void)
{
    specification_state_fini(&state);
    value_pool_free(pool);
}

TestSuite(specification, .init = set_up, .fini = tear_down);

/* --- short words --- */

static value_ref number(int32_t integer)
{
    return value_ref_int(integer);
}

static value_ref text(const char *string)
{
    return value_pool_intern(pool, value_string(string));
}

static value_ref keyword(const char *name)
{
    return value_pool_intern(pool, value_text(VALUE_KEYWORD, name, strlen(name)));
}

static value_ref pair(value_ref first, value_ref second)
{
    return value_pool_intern_pair(pool, first, second);
}

static value_ref list(enum value_kind kind, const value_ref *refs, size_t count)
{
    struct value items[8];
    for (size_t i = 0; i < count; i++)
        items[i] = value_pool_get(pool, refs[i]);
    return value_pool_intern(pool, value_items(kind, items, count));
}

#define LIST(...)                                                                                  \
    list(VALUE_LIST, (value_ref[]){__VA_ARGS__}, sizeof((value_ref[]){__VA_ARGS__}) / 4)

static struct operation operation(enum op_type outcome, symbol f, value_ref argument,
                                  value_ref result)
{
    return (struct operation){.invoke = 0,
                              .complete = 1,
                              .process = 7,
                              .argument = argument,
                              .result = result,
                              .f = f,
                              .outcome = (uint8_t)outcome};
}

static void begin(const char *name)
{
    struct specification_context words = context();
    model = specification_find(name);
    cr_assert(model, "%s", name);
    cr_assert_eq(model->begin(&words, 0, &state), SPECIFICATION_APPLIED);
}

static enum specification_step apply(struct operation op, uint32_t choice)
{
    struct specification_context words = context();
    struct errbuf err = ERRBUF_INIT;
    cr_assert_eq(model->accepts(&words, &op, &err), 0, "%s", err.text);
    return model->apply(&words, &op, choice, &state);
}

/* Whether an operation that succeeded fits, and then its effect. */
static bool ok(symbol f, value_ref argument, value_ref result)
{
    struct specification_state before = {0};
    specification_state_copy(&before, &state);
    enum specification_step step = apply(operation(OP_OK, f, argument, result), 0);
    if (step == SPECIFICATION_REFUSED)
        cr_expect(specification_state_equal(&before, &state), "refused, and changed the state");
    specification_state_fini(&before);
    return step == SPECIFICATION_APPLIED;
}

static enum specification_effect effect(enum op_type outcome, symbol f, value_ref argument,
                                        value_ref result)
{
    struct specification_context words = context();
    struct operation op = operation(outcome, f, argument, result);
    return model->effect(&words, &op);
}

static bool observes(enum op_type outcome, symbol f, value_ref argument, value_ref result)
{
    struct specification_context words = context();
    struct operation op = operation(outcome, f, argument, result);
    return model->observes(&words, &op);
}

static bool accepts(symbol f, value_ref argument, value_ref result)
{
    struct specification_context words = context();
    struct operation op = operation(OP_OK, f, argument, result);
    struct errbuf err = ERRBUF_INIT;
    int rc = model->accepts(&words, &op, &err);
    cr_expect(rc == 0 || (rc == ERR_INPUT && err.text[0]), "an error without a text");
    return rc == 0;
}

/* --- registers --- */

Test(specification, a_register_answers_what_was_written_last)
{
    begin("register");
    cr_expect(ok(F_READ, NIL, NIL));
    cr_expect(ok(F_WRITE, number(1), NIL) && ok(F_WRITE, number(2), number(2)));
    cr_expect(!ok(F_READ, NIL, number(1)) && ok(F_READ, NIL, number(2)));
}

Test(specification, the_value_of_a_write_is_that_of_its_completion_if_there_is_one)
{
    begin("register");
    cr_expect(ok(F_WRITE, NIL, number(3)) && ok(F_READ, NIL, number(3)));
}

Test(specification, a_register_begins_with_what_is_given_and_perhaps_nil)
{
    struct specification_context words = context();
    semantics = (struct history_semantics){.initial = number(0), .initial_is_given = true};
    begin("cas-register");
    cr_expect(!ok(F_READ, NIL, NIL) && ok(F_READ, NIL, number(0)));
    cr_expect_eq(model->begin(&words, 1, &state), SPECIFICATION_NO_CHOICE);
    semantics.initial_may_be_nil = true;
    words = context();
    cr_expect_eq(model->begin(&words, 1, &state), SPECIFICATION_APPLIED);
    cr_expect(ok(F_READ, NIL, NIL));
    cr_expect_eq(model->begin(&words, 2, &state), SPECIFICATION_NO_CHOICE);
    semantics = (struct history_semantics){0};
}

Test(specification, a_read_of_nil_says_nothing_only_where_that_is_said)
{
    begin("register");
    cr_expect_eq(effect(OP_OK, F_READ, NIL, NIL), SPECIFICATION_MUST);
    semantics.nil_read_is_unknown = true;
    cr_expect_eq(effect(OP_OK, F_READ, NIL, NIL), SPECIFICATION_NOTHING);
    cr_expect_eq(effect(OP_OK, F_READ, NIL, number(1)), SPECIFICATION_MUST);
    semantics.nil_read_is_unknown = false;
}

Test(specification, ok_happened_info_may_have_and_fail_says_nothing)
{
    begin("cas-register");
    cr_expect_eq(effect(OP_OK, F_WRITE, number(1), NIL), SPECIFICATION_MUST);
    cr_expect_eq(effect(OP_INFO, F_WRITE, number(1), NIL), SPECIFICATION_MAY);
    cr_expect_eq(effect(OP_FAIL, F_WRITE, number(1), NIL), SPECIFICATION_NOTHING);
    cr_expect_eq(effect(OP_INFO, F_READ, NIL, NIL), SPECIFICATION_NOTHING);
    cr_expect_eq(effect(OP_FAIL, F_READ, NIL, NIL), SPECIFICATION_NOTHING);
    cr_expect_eq(effect(OP_INFO, F_CAS, pair(number(1), number(2)), NIL), SPECIFICATION_MAY);
}

Test(specification, a_cas_succeeds_only_on_the_expected_value)
{
    begin("cas-register");
    ok(F_WRITE, number(1), NIL);
    cr_expect(!ok(F_CAS, pair(number(2), number(3)), NIL));
    cr_expect(ok(F_CAS, pair(number(1), number(3)), pair(number(1), number(3))));
    cr_expect(ok(F_READ, NIL, number(3)));
}

Test(specification, a_failed_cas_proves_another_value_only_where_that_is_said)
{
    struct operation failed = operation(OP_FAIL, F_CAS, pair(number(1), number(2)), NIL);
    begin("cas-register");
    cr_expect_eq(effect(OP_FAIL, F_CAS, failed.argument, NIL), SPECIFICATION_NOTHING);
    semantics.failed_cas_differs = true;
    cr_expect_eq(effect(OP_FAIL, F_CAS, failed.argument, NIL), SPECIFICATION_MUST);
    cr_expect_eq(apply(failed, 0), SPECIFICATION_APPLIED);
    ok(F_WRITE, number(1), NIL);
    cr_expect_eq(apply(failed, 0), SPECIFICATION_REFUSED);
    cr_expect(ok(F_READ, NIL, number(1)), "it changes nothing");
    semantics.failed_cas_differs = false;
}

Test(specification, reads_failed_cas_and_cas_to_the_same_value_observe)
{
    begin("cas-register");
    cr_expect(observes(OP_OK, F_READ, NIL, number(1)));
    cr_expect(observes(OP_FAIL, F_CAS, pair(number(1), number(2)), NIL));
    cr_expect(observes(OP_OK, F_CAS, pair(number(1), number(1)), NIL));
    cr_expect(!observes(OP_OK, F_CAS, pair(number(1), number(2)), NIL));
    cr_expect(!observes(OP_OK, F_WRITE, number(1), NIL));
}

Test(specification, registers_accept_their_operations_only)
{
    begin("register");
    cr_expect(accepts(F_READ, NIL, NIL) && accepts(F_WRITE, NIL, NIL));
    cr_expect(!accepts(F_CAS, pair(number(1), number(2)), NIL) && !accepts(F_ADD, NIL, NIL));
    begin("cas-register");
    cr_expect(accepts(F_CAS, pair(number(1), number(2)), NIL));
    cr_expect(!accepts(F_CAS, number(1), NIL));
}

static value_ref part(const char *f, const char *name, value_ref value)
{
    return LIST(text(f), keyword(name), value);
}

Test(specification, a_txn_reads_and_writes_several_registers_at_once)
{
    begin("multi-register");
    cr_expect(ok(F_TXN, LIST(part("write", "x", number(1)), part("w", "y", number(2))), NIL));
    cr_expect(!ok(F_TXN, NIL, LIST(part("w", "x", number(5)), part("read", "y", number(3)))));
    cr_expect(ok(F_TXN, NIL, LIST(part("r", "x", number(1)), part("read", "y", number(2)))));
    cr_expect(ok(F_TXN, NIL, LIST(part("w", "x", number(9)), part("r", "x", number(9)))),
              "it reads what it wrote");
}

Test(specification, a_multi_register_also_reads_and_writes_one)
{
    begin("multi-register");
    cr_expect(ok(F_WRITE, pair(keyword("x"), number(4)), NIL));
    cr_expect(ok(F_READ, pair(keyword("x"), NIL), pair(keyword("x"), number(4))));
    cr_expect(ok(F_READ, pair(keyword("y"), NIL), pair(keyword("y"), NIL)), "never written");
    cr_expect(!accepts(F_READ, number(1), number(1)) && !accepts(F_TXN, number(1), NIL));
    cr_expect(!accepts(F_TXN, LIST(part("swap", "x", NIL)), NIL));
}

Test(specification, what_a_crashed_txn_read_says_nothing)
{
    begin("multi-register");
    cr_expect_eq(effect(OP_INFO, F_TXN, LIST(part("r", "x", NIL)), NIL), SPECIFICATION_NOTHING);
    struct operation crashed =
        operation(OP_INFO, F_TXN, LIST(part("r", "x", NIL), part("w", "y", number(1))), NIL);
    ok(F_WRITE, pair(keyword("x"), number(4)), NIL);
    cr_expect_eq(apply(crashed, 0), SPECIFICATION_APPLIED);
    cr_expect(ok(F_READ, pair(keyword("y"), NIL), pair(keyword("y"), number(1))));
}

/* --- kv --- */

Test(specification, a_kv_begins_empty_and_grows_by_appends)
{
    begin("kv");
    cr_expect(ok(F_GET, NIL, text("")) && ok(F_GET, NIL, NIL), "nil reads as the empty text");
    cr_expect(ok(F_APPEND, text("a"), NIL) && ok(F_APPEND, text("b"), NIL));
    cr_expect(ok(F_GET, NIL, text("ab")) && !ok(F_GET, NIL, text("ba")));
    cr_expect(ok(F_PUT, text("c"), NIL) && ok(F_GET, NIL, text("c")));
    cr_expect(!accepts(F_PUT, number(1), NIL) && !accepts(F_READ, NIL, NIL));
    cr_expect(observes(OP_OK, F_GET, NIL, NIL) && observes(OP_OK, F_APPEND, text(""), NIL));
}

Test(specification, a_kv_begins_with_the_text_that_the_user_gives)
{
    semantics = (struct history_semantics){.initial = text("z"), .initial_is_given = true};
    begin("kv");
    cr_expect(ok(F_GET, NIL, text("z")));
    semantics = (struct history_semantics){0};
}

/* --- mutexes --- */

Test(specification, a_mutex_is_held_once_and_released_by_anybody)
{
    begin("mutex");
    cr_expect(!ok(F_RELEASE, NIL, NIL) && ok(F_ACQUIRE, number(1), NIL));
    cr_expect(!ok(F_ACQUIRE, number(2), NIL) && ok(F_RELEASE, number(2), NIL));
    cr_expect(ok(F_LOCK, NIL, NIL) && ok(F_UNLOCK, NIL, NIL), "by other names");
}

Test(specification, an_owned_mutex_is_released_by_its_holder_and_not_taken_twice)
{
    begin("owned-mutex");
    cr_expect(ok(F_ACQUIRE, number(1), NIL) && !ok(F_ACQUIRE, number(1), NIL));
    cr_expect(!ok(F_RELEASE, number(2), NIL) && ok(F_RELEASE, number(1), NIL));
}

Test(specification, without_an_argument_the_owner_is_the_process)
{
    begin("owned-mutex");
    cr_expect(ok(F_ACQUIRE, NIL, NIL) && !ok(F_RELEASE, number(8), NIL));
    cr_expect(ok(F_RELEASE, number(7), NIL), "the process of all operations here");
}

Test(specification, a_reentrant_mutex_is_released_as_often_as_it_was_acquired)
{
    begin("reentrant-mutex");
    cr_expect(ok(F_ACQUIRE, number(1), NIL) && ok(F_ACQUIRE, number(1), NIL));
    cr_expect(ok(F_RELEASE, number(1), NIL) && !ok(F_ACQUIRE, number(2), NIL));
    cr_expect(ok(F_RELEASE, number(1), NIL) && !ok(F_RELEASE, number(1), NIL));
    cr_expect(ok(F_ACQUIRE, number(2), NIL));
}

Test(specification, a_semaphore_has_as_many_permits_as_are_said_or_one)
{
    begin("semaphore");
    cr_expect(ok(F_ACQUIRE, NIL, NIL) && !ok(F_ACQUIRE, NIL, NIL));
    semantics.permits = 3;
    begin("semaphore");
    cr_expect(ok(F_ACQUIRE, number(2), NIL) && !ok(F_ACQUIRE, number(2), NIL));
    cr_expect(ok(F_ACQUIRE, NIL, NIL) && ok(F_RELEASE, number(3), NIL));
    cr_expect(!ok(F_RELEASE, NIL, NIL));
    cr_expect(!accepts(F_ACQUIRE, number(0), NIL) && !accepts(F_ACQUIRE, text("a"), NIL));
    semantics.permits = 0;
}

/* --- sets --- */

Test(specification, a_set_answers_whether_it_has_an_element_and_whether_it_changed)
{
    begin("linear-set");
    cr_expect(ok(F_ADD, number(1), YES) && ok(F_ADD, number(1), NO) && !ok(F_ADD, number(1), YES));
    cr_expect(ok(F_CONTAINS, number(1), YES) && !ok(F_CONTAINS, number(1), NO));
    cr_expect(ok(F_CONTAINS, number(1), pair(number(1), YES)) && ok(F_CONTAINS, number(2), NO));
    cr_expect(ok(F_REMOVE, number(1), number(1)) && ok(F_REMOVE, number(1), NIL),
              "any other answer says nothing");
    cr_expect(!ok(F_REMOVE, number(1), YES) && ok(F_REMOVE, number(1), NO));
    cr_expect(observes(OP_OK, F_ADD, number(1), NO) && !observes(OP_OK, F_ADD, number(1), NIL));
    cr_expect(!accepts(F_CONTAINS, number(1), number(1)));
}

Test(specification, a_grow_only_set_is_read_as_a_whole)
{
    begin("grow-only-set");
    cr_expect(ok(F_READ, NIL, list(VALUE_LIST, NULL, 0)));
    cr_expect(ok(F_ADD, number(2), NIL) && ok(F_ADD, number(1), NIL) && ok(F_ADD, number(1), NIL));
    cr_expect(ok(F_READ, NIL, LIST(number(1), number(2))));
    cr_expect(ok(F_READ, NIL, LIST(number(2), number(1), number(2))), "in any order");
    cr_expect(ok(F_READ, NIL, list(VALUE_SET, (value_ref[]){number(1), number(2)}, 2)));
    cr_expect(!ok(F_READ, NIL, LIST(number(1))));
    cr_expect_eq(effect(OP_OK, F_READ, NIL, NIL), SPECIFICATION_NOTHING);
    cr_expect(!accepts(F_READ, NIL, number(1)));
}

/* --- queues and stack --- */

Test(specification, a_fifo_queue_gives_the_oldest_element)
{
    begin("fifo-queue");
    cr_expect(ok(F_ENQUEUE, number(1), NIL) && ok(F_ENQ, number(2), NIL));
    cr_expect(ok(F_INSERT, number(3), NIL) && ok(F_OFFER, number(4), NIL), "by other names");
    cr_expect(!ok(F_DEQUEUE, NIL, number(2)) && ok(F_DEQUEUE, NIL, number(1)));
    cr_expect(ok(F_DEQ, NIL, number(2)) && ok(F_POLL, NIL, number(3)));
    cr_expect(ok(F_REMOVE_MIN, NIL, number(4)));
}

Test(specification, nil_and_empty_as_text_or_keyword_say_that_there_was_nothing)
{
    begin("fifo-queue");
    cr_expect(ok(F_DEQUEUE, NIL, NIL) && ok(F_DEQUEUE, NIL, text("empty")));
    cr_expect(ok(F_DEQUEUE, NIL, keyword("empty")) && !ok(F_DEQUEUE, NIL, text("full")));
    ok(F_ENQUEUE, number(1), NIL);
    cr_expect(!ok(F_DEQUEUE, NIL, NIL) && !ok(F_DEQUEUE, NIL, keyword("empty")));
    cr_expect(observes(OP_OK, F_DEQUEUE, NIL, NIL) && !observes(OP_INFO, F_DEQUEUE, NIL, NIL));
}

Test(specification, what_says_that_there_was_nothing_is_no_element)
{
    static const char *const models[] = {"fifo-queue", "unordered-queue", "stack"};
    for (size_t i = 0; i < sizeof models / sizeof models[0]; i++) {
        begin(models[i]);
        symbol add = i == 2 ? F_PUSH : F_ENQUEUE;
        cr_expect_not(accepts(add, NIL, NIL));
        cr_expect_not(accepts(add, text("empty"), NIL));
        cr_expect(accepts(add, text("full"), NIL));
        specification_state_fini(&state);
    }
    begin("priority-queue");
    cr_expect_not(accepts(F_ENQUEUE, NIL, NIL));
}

Test(specification, a_crashed_dequeue_takes_what_it_takes)
{
    begin("fifo-queue");
    ok(F_ENQUEUE, number(1), NIL);
    ok(F_ENQUEUE, number(2), NIL);
    cr_expect_eq(apply(operation(OP_INFO, F_DEQUEUE, NIL, NIL), 0), SPECIFICATION_APPLIED);
    cr_expect_eq(apply(operation(OP_INFO, F_DEQUEUE, NIL, NIL), 1), SPECIFICATION_NO_CHOICE);
    cr_expect(ok(F_DEQUEUE, NIL, number(2)));
    cr_expect_eq(apply(operation(OP_INFO, F_DEQUEUE, NIL, NIL), 0), SPECIFICATION_APPLIED);
    cr_expect(ok(F_DEQUEUE, NIL, NIL), "from nothing nothing");
}

Test(specification, an_unordered_queue_gives_any_element_that_is_there)
{
    begin("unordered-queue");
    ok(F_ENQUEUE, number(1), NIL);
    ok(F_ENQUEUE, number(2), NIL);
    cr_expect(!ok(F_DEQUEUE, NIL, number(3)) && !ok(F_DEQUEUE, NIL, NIL));
    cr_expect(ok(F_DEQUEUE, NIL, number(2)) && !ok(F_DEQUEUE, NIL, number(2)));
    cr_expect(ok(F_DEQUEUE, NIL, number(1)) && ok(F_DEQUEUE, NIL, NIL));
}

Test(specification, a_crashed_dequeue_of_an_unordered_queue_has_a_choice_for_each_element)
{
    struct operation crashed = operation(OP_INFO, F_DEQUEUE, NIL, NIL);
    for (uint32_t choice = 0; choice < 2; choice++) {
        begin("unordered-queue");
        ok(F_ENQUEUE, number(1), NIL);
        ok(F_ENQUEUE, number(1), NIL);
        ok(F_ENQUEUE, number(2), NIL);
        cr_expect_eq(apply(crashed, 2), SPECIFICATION_NO_CHOICE, "equal elements are one choice");
        cr_expect_eq(apply(crashed, choice), SPECIFICATION_APPLIED);
        cr_expect(ok(F_DEQUEUE, NIL, number(1)));
        cr_expect_eq(ok(F_DEQUEUE, NIL, number(1)), choice == 1);
    }
}

Test(specification, a_priority_queue_gives_the_largest_integer)
{
    value_ref large = value_pool_intern(pool, value_int(INT64_MAX));
    begin("priority-queue");
    ok(F_ENQUEUE, number(-5), NIL);
    ok(F_ENQUEUE, large, NIL);
    ok(F_ENQUEUE, number(3), NIL);
    cr_expect(!ok(F_DEQUEUE, NIL, number(3)) && ok(F_DEQUEUE, NIL, large));
    cr_expect(ok(F_DEQUEUE, NIL, number(3)) && ok(F_DEQUEUE, NIL, number(-5)));
    cr_expect(!accepts(F_ENQUEUE, text("a"), NIL) && accepts(F_DEQUEUE, NIL, text("empty")));
}

Test(specification, a_stack_gives_the_youngest_element)
{
    begin("stack");
    ok(F_PUSH, number(1), NIL);
    ok(F_PUSH, number(2), NIL);
    cr_expect(!ok(F_POP, NIL, number(1)) && ok(F_POP, NIL, number(2)));
    cr_expect(ok(F_POP, NIL, number(1)) && ok(F_POP, NIL, keyword("empty")));
    cr_expect(!accepts(F_ENQUEUE, number(1), NIL));
}

/* --- counter --- */

Test(specification, a_counter_adds_up_and_steps_by_one_without_an_argument)
{
    begin("linear-counter");
    cr_expect(ok(F_READ, NIL, number(0)) && ok(F_ADD, number(5), NIL));
    cr_expect(ok(F_INCREMENT, NIL, NIL) && ok(F_DECREMENT, number(3), NIL) && ok(F_DEC, NIL, NIL));
    cr_expect(ok(F_INC, NIL, NIL) && ok(F_READ, NIL, number(3)) && !ok(F_READ, NIL, number(4)));
    cr_expect_eq(effect(OP_OK, F_READ, NIL, NIL), SPECIFICATION_NOTHING);
    cr_expect(!accepts(F_ADD, NIL, NIL) && !accepts(F_READ, NIL, text("a")));
}

Test(specification, a_counter_may_answer_its_new_value_but_not_by_repeating_the_argument)
{
    begin("linear-counter");
    cr_expect(ok(F_ADD, number(5), number(5)) && ok(F_ADD, number(5), number(5)));
    cr_expect(!ok(F_ADD, number(2), number(11)) && ok(F_ADD, number(2), number(12)));
    cr_expect(!ok(F_INCREMENT, NIL, number(1)) && ok(F_INCREMENT, NIL, number(13)));
}

Test(specification, a_counter_begins_where_the_user_says)
{
    semantics = (struct history_semantics){.initial = number(9), .initial_is_given = true};
    begin("linear-counter");
    cr_expect(ok(F_READ, NIL, number(9)));
    semantics = (struct history_semantics){0};
}

Test(specification, there_is_none_of_another_name)
{
    cr_expect_null(specification_find("no-such-model"));
    for (size_t i = 0; specification_table[i]; i++)
        cr_expect_eq(specification_find(specification_table[i]->model), specification_table[i]);
}
