/* Certificates of random histories of every model: each is accepted and proves the verdict; and a
 * changed one is accepted if and only if an independent judge finds every line of it true. */
#include "checker/certificate.h"
#include "core/err.h"
#include "core/errbuf.h"
#include "core/strbuf.h"
#include "property/brute_force.h"
#include "property/certificate_mutations.h"
#include "property/property_runs.h"
#include "property/random_objects.h"
#include "property/tally.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <unistd.h>

enum {
    SEED = 8128,
    HISTORIES = 2000,
    KEYS_MAX = 3,
    EVENTS_MAX = KEYS_MAX * RANDOM_OBJECT_OPS_MAX * 2
};

struct bench {
    struct random_objects all;
    struct brute_force brute;
    struct operations operations;
    struct op events[EVENTS_MAX]; /* what was appended to them */
    uint32_t event_count;
    struct check_result result;
    struct history_semantics semantics; /* of all keys */
    bool linearizable, any_ok;
    char path[64];
    struct strbuf text; /* of the certificate */
    struct budget budget;
    struct certificate_judge judge;
    struct tally tally;
};

static void bench_init(struct bench *bench, int kind)
{
    *bench = (struct bench){.text = STRBUF_INIT};
    snprintf(bench->path, sizeof bench->path, "/dev/shm/faultline-certificate-%d", (int)getpid());
    random_objects_init(&bench->all, random_kind_names[kind], SEED, 0);
}

static void bench_fini(struct bench *bench)
{
    unlink(bench->path);
    strbuf_fini(&bench->text);
    brute_force_free(&bench->brute);
    random_objects_fini(&bench->all);
}

/* --- a history of some keys --- */

static void append(struct bench *bench, uint32_t key, const struct operation *op, enum op_type type)
{
    const struct value_pool *pool = bench->all.pool;
    struct op event = {.time_ns = -1,
                       .process = op->process + (int32_t)key * 100,
                       .f = op->f,
                       .type = (uint8_t)type,
                       .has_key = key > 0,
                       .key = value_int(key),
                       .value =
                           value_pool_get(pool, type == OP_INVOKE ? op->argument : op->result)};
    struct errbuf err = ERRBUF_INIT;
    cr_assert_eq(operations_append(&bench->operations, &event, &err), 0, "%s", err.text);
    bench->events[bench->event_count++] = event;
}

static void append_object(struct bench *bench, uint32_t key)
{
    const struct object *object = &bench->all.object;
    for (position at = 0; at < bench->all.now; at++)
        for (uint32_t i = 0; i < object->count; i++) {
            const struct operation *op = &object->ops[i];
            if (op->invoke == at)
                append(bench, key, op, OP_INVOKE);
            else if (op->complete == at)
                append(bench, key, op, op->outcome);
        }
}

/* All keys have the semantics of the first. Processes are told apart by key, which matters to the
 * owners of mutexes: the definition is asked about the operations as they are then. */
static void make_history(struct bench *bench)
{
    struct random_objects *all = &bench->all;
    uint32_t keys = random_pick(all, 3) ? 1 : 1 + random_pick(all, KEYS_MAX);
    bool keyed = random_pick(all, 2);
    cr_assert_eq(operations_init(&bench->operations, 0), 0);
    bench->event_count = 0;
    for (uint32_t key = 0; key < keys; key++) {
        struct random_options options = random_options_any(all);
        random_objects_next(all, &options);
        if (key == 0)
            bench->semantics = all->semantics;
        append_object(bench, keyed ? key + 1 : key);
        if (all->kind == RANDOM_USER) /* another model each time */
            break;
    }
    cr_assert_eq(operations_finish(&bench->operations, NULL), 0);
}

static void judge(struct bench *bench)
{
    struct operation ops[RANDOM_OBJECT_OPS_MAX];
    struct specification_context context = {bench->operations.values, &bench->semantics};
    bench->linearizable = true;
    bench->any_ok = false;
    for (uint32_t key = 0; key < bench->operations.key_count; key++) {
        struct object object = {.values = bench->operations.values,
                                .ops = ops,
                                .count = bench->operations.keys[key].count};
        operations_of_key(&bench->operations, key, ops);
        bench->any_ok = bench->any_ok || bench->operations.keys[key].ok > 0;
        bool linearizable =
            brute_force_is_linearizable(&bench->brute, bench->all.specification, &context, &object);
        bench->linearizable = bench->linearizable && linearizable;
    }
}

static void check(struct bench *bench)
{
    struct errbuf err = ERRBUF_INIT;
    struct check_options options = {.model = bench->all.specification->model,
                                    .threads = 1,
                                    .want_certificate = true,
                                    .semantics = bench->semantics};
    cr_assert_eq(check_history(&bench->operations, &options, &bench->result, &err), 0, "%s",
                 err.text);
    enum verdict expected = !bench->linearizable ? VERDICT_INVALID
                            : bench->any_ok      ? VERDICT_VALID
                                                 : VERDICT_VACUOUS;
    cr_assert_eq(bench->result.verdict, expected, "%s: %s, not %s: %s", options.model,
                 verdict_name(bench->result.verdict), verdict_name(expected),
                 bench->result.summary);
    cr_assert_eq(
        certificate_write(&bench->result, &bench->operations, &bench->semantics, bench->path, &err),
        0, "%s", err.text);
}

/* --- its certificate --- */

static void read_text(struct bench *bench)
{
    char chunk[4096];
    size_t length;
    FILE *file = fopen(bench->path, "r");
    cr_assert(file);
    strbuf_reset(&bench->text);
    while ((length = fread(chunk, 1, sizeof chunk, file)) > 0)
        strbuf_add(&bench->text, chunk, length);
    fclose(file);
}

static void write_text(struct bench *bench, const char *text, size_t length)
{
    FILE *file = fopen(bench->path, "w");
    cr_assert(file && fwrite(text, 1, length, file) == length);
    fclose(file);
}

static int verify(struct bench *bench, bool named, enum verify_end *end,
                  struct certificate_proof *proof, struct errbuf *err)
{
    struct certificate_claim claim = {.path = bench->path,
                                      .all = &bench->operations,
                                      .semantics = &bench->semantics,
                                      .model = named ? bench->all.specification->model : NULL};
    return certificate_verify(&claim, end, proof, err);
}

/* Accepted if and only if the judge finds it true, and then it proves the verdict, or less. */
static void try_mutation(struct bench *bench, struct strbuf *mutated, bool named)
{
    struct errbuf err = ERRBUF_INIT;
    struct certificate_proof proof;
    enum verify_end end;
    enum verdict judged = VERDICT_UNKNOWN;
    mutate_certificate(&bench->all, &bench->text, mutated);
    if (mutated->length == bench->text.length &&
        memcmp(mutated->text, bench->text.text, mutated->length) == 0)
        return;
    write_text(bench, mutated->text, mutated->length);
    int rc = verify(bench, named, &end, &proof, &err);
    bool accepted = rc == 0 && end == VERIFY_ACCEPTED;
    bool is_true = certificate_judge(&bench->judge, mutated, &judged);
    cr_assert(rc == 0 || rc == ERR_INPUT, "%s", err.text);
    cr_assert(rc != 0 || end != VERIFY_OUT_OF_BUDGET, "%s", err.text);
    cr_assert_eq(accepted, is_true,
                 "%s: %s, but the judge says otherwise: %s\n%s\nwhere it was\n%s",
                 bench->all.specification->model, accepted ? "accepted" : "refused", err.text,
                 mutated->text, bench->text.text);
    bench->tally.mutations++;
    bench->tally.refused += !accepted;
    bench->tally.still_true += accepted;
    if (!accepted)
        return;
    cr_assert_eq(proof.verdict, judged);
    cr_assert(judged == VERDICT_UNKNOWN || (judged == VERDICT_INVALID) == !bench->linearizable,
              "%s: accepted as %s", bench->all.specification->model, verdict_name(judged));
}

/* --- a history that differs in one place --- */

/* Another value, outcome or process at one event, or two events of different processes swapped;
 * false: nothing was changed. */
static bool change_event(struct bench *bench, struct op *events)
{
    uint32_t at = random_pick(&bench->all, bench->event_count), kind = random_pick(&bench->all, 4);
    struct op *event = &events[at], *next = at + 1 < bench->event_count ? event + 1 : event;
    int32_t process = event->process;
    if (kind == 0 && !(event->type == OP_FAIL || event->type == OP_INFO)) {
        event->value = value_int(77);
    } else if (kind == 1 && event->type == OP_OK) {
        event->type = random_pick(&bench->all, 2) ? OP_FAIL : OP_INFO;
        for (uint32_t i = at + 1; i < bench->event_count && event->type == OP_INFO; i++)
            events[i].process += events[i].process == process ? 5000 : 0;
    } else if (kind == 2) {
        for (uint32_t i = 0; i < bench->event_count; i++)
            events[i].process += events[i].process == process ? 5000 : 0;
    } else if (kind == 3 && next->process != process && next->type != event->type) {
        struct op first = *event;
        *event = *next;
        *next = first;
    } else {
        return false;
    }
    return true;
}

/* The certificate is refused for it, whatever is true of both. */
static void check_other_history(struct bench *bench)
{
    struct op events[EVENTS_MAX];
    struct operations other;
    struct errbuf err = ERRBUF_INIT;
    struct certificate_proof proof;
    enum verify_end end;
    memcpy(events, bench->events, bench->event_count * sizeof *events);
    if (bench->event_count == 0 || !change_event(bench, events))
        return;
    cr_assert_eq(operations_init(&other, 0), 0);
    for (uint32_t i = 0; i < bench->event_count; i++)
        cr_assert_eq(operations_append(&other, &events[i], &err), 0, "%s", err.text);
    cr_assert_eq(operations_finish(&other, &err), 0, "%s", err.text);
    struct certificate_claim claim = {
        .path = bench->path, .all = &other, .semantics = &bench->semantics};
    cr_assert_eq(certificate_verify(&claim, &end, &proof, &err), 0, "%s", err.text);
    cr_assert_eq(end, VERIFY_REJECTED, "%s: accepted of another history:\n%s",
                 bench->all.specification->model, bench->text.text);
    cr_assert(strstr(err.text, "but of this history holds \"digest"), "%s", err.text);
    bench->tally.mutations++;
    bench->tally.refused++;
    operations_fini(&other);
}

static void judge_init(struct bench *bench)
{
    value_ref *names = bench->judge.names;
    bench->judge = (struct certificate_judge){.kind = bench->all.kind,
                                              .specification = bench->all.specification,
                                              .all = &bench->operations,
                                              .semantics = &bench->semantics,
                                              .brute = &bench->brute,
                                              .budget = &bench->budget,
                                              .original = &bench->text};
    for (int i = 0; i < JUDGE_REGISTERS; i++)
        names[i] = value_pool_intern(bench->operations.values,
                                     value_text(VALUE_KEYWORD, i == 0 ? "x" : "y", 1));
    if (names[0] > names[1]) { /* as a specification sorts them */
        value_ref first = names[0];
        names[0] = names[1];
        names[1] = first;
    }
}

static void check_certificate(struct bench *bench, struct strbuf *mutated)
{
    struct errbuf err = ERRBUF_INIT;
    struct certificate_proof proof;
    enum verify_end end;
    enum verdict judged = VERDICT_UNKNOWN;
    bool named = random_pick(&bench->all, 2);
    cr_assert_eq(verify(bench, named, &end, &proof, &err), 0, "%s", err.text);
    read_text(bench);
    cr_assert_eq(end, VERIFY_ACCEPTED, "%s\n%s", err.text, bench->text.text);
    cr_assert_eq(proof.verdict, bench->result.verdict);
    judge_init(bench);
    cr_assert(certificate_judge(&bench->judge, &bench->text, &judged),
              "%s: the judge refuses near line %.60s\n%s", bench->all.specification->model,
              bench->judge.at ? bench->judge.at : "", bench->text.text);
    cr_assert_eq(judged, proof.verdict);
    bench->tally.proofs++;
    check_other_history(bench);
    for (int i = 0; i < 4; i++)
        try_mutation(bench, mutated, named);
}

static void check_kind(int kind, uint32_t runs)
{
    struct strbuf mutated = STRBUF_INIT;
    struct bench bench;
    struct tally *tally = &bench.tally;
    bench_init(&bench, kind);
    for (uint32_t i = 0; i < runs; i++) {
        make_history(&bench);
        judge(&bench);
        check(&bench);
        check_certificate(&bench, &mutated);
        tally->valid += bench.linearizable;
        tally->invalid += !bench.linearizable;
        check_result_fini(&bench.result);
        operations_fini(&bench.operations);
    }
    tally->model = random_kind_names[kind];
    tally->algorithm = "certificate";
    tally->histories = runs;
    tally_print(tally);
    cr_assert(tally->invalid > runs / 10 && tally->valid > runs / 3);
    cr_assert(tally->refused > runs * 2 && tally->still_true > runs / 20, "%s: %lu, %lu",
              tally->model, tally->refused, tally->still_true);
    bench_fini(&bench);
    strbuf_fini(&mutated);
}

Test(certificate, of_every_answer_is_accepted_and_a_changed_one_only_if_it_is_still_true,
     .timeout = 7200)
{
    uint32_t runs = property_runs(HISTORIES);
    for (int kind = 0; kind < RANDOM_KIND_COUNT; kind++)
        check_kind(kind, runs);
}
