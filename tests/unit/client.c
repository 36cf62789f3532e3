#include <criterion/criterion.h>

#include "core/err.h"
#include "core/errbuf.h"
#include "injector/client.h"

#include <string.h>

/* A client that answers what the test tells it to. */
struct scripted {
    struct client client;
    void (*answer)(struct op *completion, bool *reopen);
};

static void scripted_invoke(struct client *client, const struct op *invocation,
                            struct op *completion, bool *reopen, struct arena *arena)
{
    (void)invocation;
    (void)arena;
    ((struct scripted *)client)->answer(completion, reopen);
}

static const struct client_type scripted_type = {.name = "scripted", .invoke = scripted_invoke};

static const struct op invocation = {.index = 12,
                                     .time_ns = 34,
                                     .process = 5,
                                     .f = F_WRITE,
                                     .type = OP_INVOKE,
                                     .has_key = true,
                                     .key = {.kind = VALUE_INT, .integer = 7},
                                     .value = {.kind = VALUE_INT, .integer = 3}};

static int invoke(void (*answer)(struct op *, bool *), struct op *completion, bool *reopen,
                  struct errbuf *err)
{
    struct scripted scripted = {{&scripted_type}, answer};
    static struct arena arena;
    return client_invoke_checked(&scripted.client, &invocation, completion, reopen, &arena, err);
}

static void answer_ok(struct op *completion, bool *reopen)
{
    (void)reopen;
    completion->type = OP_OK;
    completion->value = value_int(99);
}

static void answer_fail(struct op *completion, bool *reopen)
{
    (void)reopen;
    completion->type = OP_FAIL;
    completion->error = "refused";
}

static void answer_info(struct op *completion, bool *reopen)
{
    *reopen = true;
    completion->type = OP_INFO;
    completion->error = "timeout";
}

Test(client, passes_on_what_a_well_behaved_client_answers)
{
    struct op completion;
    bool reopen = true;
    struct errbuf err = ERRBUF_INIT;
    cr_assert_eq(invoke(answer_ok, &completion, &reopen, &err), 0, "%s", err.text);
    cr_assert_eq(completion.type, OP_OK);
    cr_assert_eq(completion.value.integer, 99);
    cr_assert_not(reopen);
    cr_assert_eq(invoke(answer_fail, &completion, &reopen, &err), 0, "%s", err.text);
    cr_assert_eq(completion.type, OP_FAIL);
    cr_assert_str_eq(completion.error, "refused");
    cr_assert_eq(invoke(answer_info, &completion, &reopen, &err), 0, "%s", err.text);
    cr_assert_eq(completion.type, OP_INFO);
    cr_assert(reopen);
}

static void change_process(struct op *completion, bool *reopen)
{
    answer_ok(completion, reopen);
    completion->process++;
}

static void change_f(struct op *completion, bool *reopen)
{
    answer_ok(completion, reopen);
    completion->f = F_READ;
}

static void change_key(struct op *completion, bool *reopen)
{
    answer_ok(completion, reopen);
    completion->key = value_int(8);
}

static void drop_key(struct op *completion, bool *reopen)
{
    answer_ok(completion, reopen);
    completion->has_key = false;
}

static void stay_silent(struct op *completion, bool *reopen)
{
    (void)completion;
    (void)reopen;
}

static void make_up_a_type(struct op *completion, bool *reopen)
{
    (void)reopen;
    completion->type = 77;
    completion->error = "whatever";
}

static void fail_without_reason(struct op *completion, bool *reopen)
{
    (void)reopen;
    completion->type = OP_FAIL;
}

static void info_with_empty_reason(struct op *completion, bool *reopen)
{
    (void)reopen;
    completion->type = OP_INFO;
    completion->error = "";
}

Test(client, rejects_whoever_breaks_the_contract_and_records_that_nobody_knows)
{
    static const struct {
        void (*answer)(struct op *completion, bool *reopen);
        const char *complaint;
    } cases[] = {
        {change_process, "changed the process"},
        {change_f, "changed f"},
        {change_key, "changed the key"},
        {drop_key, "changed the key"},
        {stay_silent, "neither ok nor fail nor info"},
        {make_up_a_type, "neither ok nor fail nor info"},
        {fail_without_reason, "does not say why"},
        {info_with_empty_reason, "does not say why"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct op completion;
        bool reopen;
        struct errbuf err = ERRBUF_INIT;
        cr_assert_eq(invoke(cases[i].answer, &completion, &reopen, &err), ERR_INPUT, "case %zu", i);
        cr_assert(strstr(err.text, cases[i].complaint), "%s", err.text);
        cr_assert(strstr(err.text, "scripted") && strstr(err.text, "write"), "%s", err.text);
        cr_assert_eq(completion.type, OP_INFO);
        cr_assert_eq(completion.process, 5);
        cr_assert_eq(completion.f, F_WRITE);
        cr_assert(completion.has_key && completion.key.integer == 7);
        cr_assert_eq(completion.value.integer, 3);
        cr_assert(strstr(completion.error, cases[i].complaint), "%s", completion.error);
    }
}
