#include "checker/model_choice.h"

#include "core/err.h"
#include "core/errbuf.h"
#include "formats/reader_keys.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

Test(model_choice, is_what_was_told_then_what_the_history_says_then_a_register)
{
    struct history_semantics silent = {0}, queue = {.model = "fifo-queue"};
    const char *model = NULL;
    cr_expect_eq(model_choose("stack", &silent, &model, NULL), 0);
    cr_expect_str_eq(model, "stack");
    cr_expect_eq(model_choose("unordered-queue", &queue, &model, NULL), 0);
    cr_expect_str_eq(model, "unordered-queue");
    cr_expect_eq(model_choose("no-such-model", &queue, &model, NULL), 0);
    cr_expect_str_eq(model, "no-such-model", "for check_history to say so");
    cr_expect_eq(model_choose(NULL, &queue, &model, NULL), 0);
    cr_expect_str_eq(model, "fifo-queue");
    cr_expect_eq(model_choose(NULL, &silent, &model, NULL), 0);
    cr_expect_str_eq(model, "cas-register");
}

Test(model_choice, refuses_a_model_with_other_operations_than_the_header_says)
{
    struct history_semantics queue = {.model = "fifo-queue"};
    struct errbuf err = ERRBUF_INIT;
    const char *model = "as before";
    cr_expect_eq(model_choose("stack", &queue, &model, &err), ERR_INPUT);
    cr_expect_str_eq(model, "as before");
    cr_expect(strstr(err.text, "fifo-queue") && strstr(err.text, "stack"), "%s", err.text);
}

static bool sees_keys(const struct reader *reader, const char *text, bool independent)
{
    struct reader_input input = {
        .name = "FILE", .text = text, .length = strlen(text), .options.independent = independent};
    return reader_sees_keys(reader, &input);
}

#define INVOKE(f, value) "{:type :invoke, :f :" f ", :value " value ", :process 0}\n"
#define OK(f, value)     "{:type :ok, :f :" f ", :value " value ", :process 0}\n"

Test(model_choice, keys_are_seen_where_all_values_are_pairs_and_some_wait_for_an_answer)
{
    static const char keyed[] =
        INVOKE("write", "[1 2]") OK("write", "[1 2]") INVOKE("read", "[1 nil]") OK("read", "[1 2]");
    static const char unnamed[] = "{:type :invoke, :f :read, :value [1 nil]}\n"
                                  "{:type :ok, :f :read, :value [1 2]}\n";
    static const char json[] =
        "{\"type\":\"invoke\",\"f\":\"read\",\"value\":[1,null],\"process\":0}\n";
    cr_expect(sees_keys(&reader_edn, keyed, false));
    cr_expect(sees_keys(&reader_edn, unnamed, false));
    cr_expect(sees_keys(&reader_json, json, false));
    cr_expect_not(sees_keys(&reader_edn, keyed, true), "they are taken apart already");
    cr_expect_not(sees_keys(&reader_jsonl, json, false), "ours have a member for it");
}

Test(model_choice, no_keys_are_seen_in_cas_in_pairs_that_are_written_or_in_nothing)
{
    static const char cas[] =
        INVOKE("cas", "[1 2]") OK("cas", "[1 2]") INVOKE("read", "nil") OK("read", "2");
    static const char pairs[] =
        INVOKE("write", "[1 2]") OK("write", "[1 2]") INVOKE("read", "nil") OK("read", "[1 nil]");
    cr_expect_not(sees_keys(&reader_edn, cas, false));
    cr_expect_not(sees_keys(&reader_edn, pairs, false));
    cr_expect_not(sees_keys(&reader_edn, INVOKE("cas", "[1 2]"), false));
    cr_expect_not(sees_keys(&reader_edn, "", false));
    cr_expect_not(sees_keys(&reader_edn, "{:type :invoke", false));
}

Test(model_choice, models_whose_operations_have_a_key_themselves_may_have_pairs)
{
    cr_expect(model_has_single_values(NULL));
    cr_expect(model_has_single_values("register"));
    cr_expect(model_has_single_values("fifo-queue"));
    cr_expect_not(model_has_single_values("multi-register"));
    cr_expect_not(model_has_single_values("kv"));
    cr_expect(model_has_single_values("set"), "a checker");
    cr_expect_not(model_has_single_values("stats"), "it takes anything");
}

/* As Jepsen's sets: reads come only when everything was added. */
enum late_keys { KEYED, PLAIN_AT_LAST, ANSWERED_WITHOUT_KEY };

static void write_late_keys(int fd, enum late_keys how)
{
    for (int i = 0; i < 3000; i++)
        dprintf(fd, INVOKE("add", "[1 %d]") OK("add", "[1 %d]"), i, i);
    dprintf(fd, INVOKE("read", "[1 nil]") OK("read", "%s"),
            how == ANSWERED_WITHOUT_KEY ? "[1 2 3]" : "[1 [1 2]]");
    if (how == PLAIN_AT_LAST)
        dprintf(fd, INVOKE("add", "7") OK("add", "7"));
}

Test(model_choice, keys_are_seen_also_where_reads_come_last)
{
    struct reader_options options = {.threads = 1, .refuses_pairs = true};
    for (enum late_keys how = KEYED; how <= ANSWERED_WITHOUT_KEY; how++) {
        struct operations all;
        struct history_semantics semantics;
        struct errbuf err = ERRBUF_INIT;
        char path[] = "/tmp/faultline-keys-XXXXXX";
        int fd = mkstemp(path);
        write_late_keys(fd, how);
        close(fd);
        int rc = reader_load(path, NULL, options, &all, &semantics, &err);
        unlink(path);
        cr_assert_eq(rc, how == KEYED ? ERR_INPUT : 0, "%s", err.text);
        if (how != KEYED)
            operations_fini(&all);
        else
            cr_expect(strstr(err.text, "say --independent"), "%s", err.text);
    }
}

Test(model_choice, a_limit_of_memory_holds_while_keys_are_looked_for)
{
    struct operations all;
    bool keyed;
    struct op op = {.type = OP_INVOKE, .f = F_READ};
    struct value items[2] = {value_int(1), value_nil()};
    op.value = value_items(VALUE_LIST, items, 2);
    cr_assert_eq(operations_init(&all, 0), 0);
    for (op.process = 0; op.process < 100; op.process++)
        cr_assert_eq(operations_append(&all, &op, NULL), 0);
    cr_assert_eq(operations_finish(&all, NULL), 0);
    cr_expect_eq(reader_finds_keys(&all, operations_bytes(&all) + 100, &keyed), ERR_NOMEM);
    cr_expect(reader_finds_keys(&all, operations_bytes(&all) + 2400, &keyed) == 0 && keyed);
    operations_fini(&all);
}
