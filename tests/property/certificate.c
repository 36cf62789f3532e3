/* Certificates of random histories of every model: each is accepted and proves the verdict; and no
 * change to its text makes it prove something that is not so. */
#include "checker/certificate.h"
#include "core/err.h"
#include "core/errbuf.h"
#include "core/strbuf.h"
#include "property/brute_force.h"
#include "property/property_runs.h"
#include "property/random_objects.h"
#include "property/tally.h"

#include <criterion/criterion.h>
#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

enum { SEED = 8128, HISTORIES = 2000, KEYS_MAX = 3 };

struct bench {
    struct random_objects all;
    struct brute_force brute;
    struct operations operations;
    struct check_result result;
    struct history_semantics semantics; /* of all keys */
    bool linearizable, any_ok;
    char path[64];
    struct strbuf text; /* of the certificate */
    uint32_t accepted, rejected, malformed;
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

static int verify(struct bench *bench, enum verify_end *end, struct certificate_proof *proof,
                  struct errbuf *err)
{
    struct certificate_claim claim = {.path = bench->path,
                                      .all = &bench->operations,
                                      .semantics = &bench->semantics,
                                      .model = bench->all.specification->model};
    return certificate_verify(&claim, end, proof, err);
}

/* Where the `skip`-th piece begins: a run of digits, of letters, or any other byte. */
static size_t piece_at(const struct strbuf *text, uint32_t place, size_t *length)
{
    size_t from = place % text->length;
    bool digits = text->text[from] >= '0' && text->text[from] <= '9';
    *length = 1;
    while (digits && from > 0 && text->text[from - 1] >= '0' && text->text[from - 1] <= '9')
        from--;
    while (digits && text->text[from + *length] >= '0' && text->text[from + *length] <= '9')
        ++*length;
    return from;
}

/* Another text: a number changed, dropped or doubled, two numbers swapped, a word replaced, a line
 * dropped or doubled, the end cut off, any byte changed. */
static void mutate(struct bench *bench, struct strbuf *out)
{
    static const char *const words[][2] = {
        {"invalid", "valid"},
        {"valid", "invalid"},
        {"valid", "unknown"},
        {"order", "keep"},
        {"keep", "order"},
        {"yes", "no"},
        {"no", "yes"},
        {"until", "from"},
        {"from", "until"},
        {"invalid", "vacuous"},
        {"free", "keep"},
        {"key", "object"},
        {"initial nil", "initial 0"},
        {"cas-register", "register"},
        {"register", "cas-register"},
        {"mutex", "owned-mutex"},
        {"fifo", "unordered"},
        {"permits 1", "permits 2"},
    };
    struct random_objects *all = &bench->all;
    const struct strbuf *text = &bench->text;
    uint32_t kind = random_pick(all, 8);
    size_t length, from = piece_at(text, random_pick(all, (uint32_t)text->length), &length);
    const char *tail = text->text + from + length;
    strbuf_reset(out);
    if (kind < 3) { /* a number, or a byte */
        long number = strtol(text->text + from, NULL, 10);
        strbuf_add(out, text->text, from);
        if (kind == 0)
            strbuf_printf(out, "%ld", number + (random_pick(all, 2) ? 1 : -1));
        else if (kind == 1)
            strbuf_printf(out, "%ld %ld", number, (long)random_pick(all, 30));
        strbuf_puts(out, tail);
    } else if (kind == 3) { /* two neighbours */
        long number = strtol(text->text + from, NULL, 10), other = strtol(tail, NULL, 10);
        size_t skip = *tail == ' ' ? 1 + strspn(tail + 1, "0123456789") : 0;
        strbuf_add(out, text->text, from);
        if (skip > 1)
            strbuf_printf(out, "%ld %ld", other, number);
        strbuf_puts(out, tail + skip);
    } else if (kind == 4) { /* the end cut off */
        strbuf_add(out, text->text, from);
    } else if (kind == 5) { /* a line dropped or doubled */
        while (from > 0 && text->text[from - 1] != '\n')
            from--;
        size_t line = strcspn(text->text + from, "\n") + 1;
        strbuf_add(out, text->text, from);
        if (random_pick(all, 2))
            strbuf_add(out, text->text + from, line);
        strbuf_puts(out, text->text + from + (random_pick(all, 2) ? line : 0));
    } else { /* a word, and with it sometimes the verdict */
        strbuf_puts(out, text->text);
        for (int i = 0; i < 1 + (int)random_pick(all, 2); i++) {
            const char *const *word = words[random_pick(all, sizeof words / sizeof words[0])];
            char *at = strstr(out->text, word[0]);
            if (!at)
                continue;
            struct strbuf copy = STRBUF_INIT;
            strbuf_add(&copy, out->text, (size_t)(at - out->text));
            strbuf_puts(&copy, word[1]);
            strbuf_puts(&copy, at + strlen(word[0]));
            strbuf_reset(out);
            strbuf_puts(out, copy.text);
            strbuf_fini(&copy);
        }
    }
}

/* A changed certificate that is accepted must prove what is so: another order of concurrent
 * operations, a later end, or less. */
static void try_mutation(struct bench *bench, struct strbuf *mutated)
{
    struct errbuf err = ERRBUF_INIT;
    struct certificate_proof proof;
    enum verify_end end;
    mutate(bench, mutated);
    if (mutated->length == bench->text.length &&
        memcmp(mutated->text, bench->text.text, mutated->length) == 0)
        return;
    write_text(bench, mutated->text, mutated->length);
    int rc = verify(bench, &end, &proof, &err);
    cr_assert(rc == 0 || rc == ERR_INPUT, "%s", err.text);
    bench->malformed += rc != 0;
    bench->rejected += rc == 0 && end == VERIFY_REJECTED;
    if (rc != 0 || end == VERIFY_REJECTED)
        return;
    bench->accepted++;
    bool so = proof.verdict == VERDICT_UNKNOWN ||
              (proof.verdict == VERDICT_INVALID) == !bench->linearizable;
    cr_assert(so, "%s: accepted as %s:\n%s\nwhere it was\n%s", bench->all.specification->model,
              verdict_name(proof.verdict), mutated->text, bench->text.text);
}

static void check_certificate(struct bench *bench, struct strbuf *mutated)
{
    struct errbuf err = ERRBUF_INIT;
    struct certificate_proof proof;
    enum verify_end end;
    cr_assert_eq(verify(bench, &end, &proof, &err), 0, "%s", err.text);
    read_text(bench);
    cr_assert_eq(end, VERIFY_ACCEPTED, "%s\n%s", err.text, bench->text.text);
    cr_assert_eq(proof.verdict, bench->result.verdict);
    for (int i = 0; i < 4; i++)
        try_mutation(bench, mutated);
}

Test(certificate, of_every_answer_is_accepted_and_no_change_proves_what_is_not_so, .timeout = 300)
{
    struct strbuf mutated = STRBUF_INIT;
    uint32_t runs = property_runs(HISTORIES);
    for (int kind = 0; kind < RANDOM_KIND_COUNT; kind++) {
        struct bench bench;
        uint32_t tally[2] = {0};
        bench_init(&bench, kind);
        for (uint32_t i = 0; i < runs; i++) {
            make_history(&bench);
            judge(&bench);
            check(&bench);
            check_certificate(&bench, &mutated);
            tally[bench.linearizable]++;
            check_result_fini(&bench.result);
            operations_fini(&bench.operations);
        }
        cr_assert(tally[0] > runs / 10 && tally[1] > runs / 3, "%s: %u invalid, %u valid",
                  random_kind_names[kind], tally[0], tally[1]);
        cr_assert(bench.rejected > runs && bench.malformed > runs / 2 && bench.accepted < runs,
                  "%s: %u accepted, %u rejected, %u malformed", random_kind_names[kind],
                  bench.accepted, bench.rejected, bench.malformed);
        bench_fini(&bench);
    }
    strbuf_fini(&mutated);
}
