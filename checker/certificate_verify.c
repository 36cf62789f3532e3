#include "checker/certificate.h"

#include "checker/budget.h"
#include "checker/certificate_reader.h"
#include "checker/certificate_text.h"
#include "core/arena.h"
#include "core/edn.h"
#include "core/err.h"
#include "core/errbuf.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

struct verifier {
    const struct certificate_claim *claim;
    struct operations *all;
    const struct specification *specification;
    struct certificate_reader reader;
    struct budget budget;
    struct operation *ops; /* of the key */
    struct object object;
    uint32_t *numbers; /* of its operations, as the certificate lists them */
    uint32_t number_count;
    uint32_t near; /* the operation found last: the next is close to it */
    enum verify_end end;
    struct certificate_proof *proof;
};

/* Not accepted, which is no error: ends all. */
static int reject(struct verifier *verifier, const char *reason, struct errbuf *err)
{
    errbuf_set(err, 0, "%s:%lu: %s", verifier->claim->path, verifier->reader.line, reason);
    verifier->end = VERIFY_REJECTED;
    return 0;
}

static int no_memory(struct errbuf *err)
{
    return errbuf_set(err, ERR_NOMEM, "no memory to verify a certificate");
}

/* --- what the certificate is about --- */

static int expect_line(struct verifier *verifier, const char *expected, size_t length,
                       struct errbuf *err)
{
    struct strbuf line = STRBUF_INIT;
    int rc = certificate_next_line(&verifier->reader, err);
    if (rc == 0)
        rc = certificate_take_rest(&verifier->reader, err);
    if (rc != 0)
        return rc;
    strbuf_printf(&line, "%s%s%s", verifier->reader.word,
                  verifier->reader.rest.length > 0 ? " " : "",
                  verifier->reader.rest.text ? verifier->reader.rest.text : "");
    bool same =
        strbuf_ok(&line) && line.length == length && memcmp(line.text, expected, length) == 0;
    if (!same) {
        char reason[512];
        snprintf(reason, sizeof reason, "it says \"%.200s\", but of this history holds \"%.*s\"",
                 line.text ? line.text : "", (int)(length < 200 ? length : 200), expected);
        reject(verifier, reason, err);
    }
    strbuf_fini(&line);
    return 0;
}

static int read_title(struct verifier *verifier, struct errbuf *err)
{
    struct certificate_reader *reader = &verifier->reader;
    int rc = certificate_next_line(reader, err);
    if (rc == 0)
        rc = certificate_take_rest(reader, err);
    if (rc == 0 && (strcmp(reader->word, "faultline") != 0 ||
                    strcmp(reader->rest.text, &CERTIFICATE_TITLE[strlen("faultline ")]) != 0))
        return certificate_malformed(reader, "a certificate begins with \"" CERTIFICATE_TITLE "\"",
                                     err);
    return rc;
}

/* Whether it is the model that is claimed, and one that can be verified with what is known. */
static int expect_model(struct verifier *verifier, struct errbuf *err)
{
    const char *model = verifier->specification->model;
    if (verifier->claim->model && strcmp(verifier->claim->model, model) != 0)
        return reject(verifier, "it is about another model", err);
    if (strcmp(model, "user") == 0 && !verifier->claim->semantics->user)
        return reject(verifier, "it is about a model described in a file, and no file is given",
                      err);
    return 0;
}

static int read_model(struct verifier *verifier, struct errbuf *err)
{
    struct certificate_reader *reader = &verifier->reader;
    int rc = certificate_next_line(reader, err);
    if (rc == 0)
        rc = certificate_take_rest(reader, err);
    if (rc != 0)
        return rc;
    verifier->specification = specification_find(reader->rest.text);
    if (strcmp(reader->word, "model") != 0 || !verifier->specification)
        return certificate_malformed(reader, "the name of a model is expected here", err);
    verifier->proof->model = verifier->specification->model;
    return expect_model(verifier, err);
}

static int read_terms(struct verifier *verifier, struct errbuf *err)
{
    struct strbuf terms = STRBUF_INIT;
    int rc = 0;
    certificate_put_terms(&terms, verifier->all, verifier->specification->model,
                          verifier->claim->semantics, verifier->ops);
    if (!strbuf_ok(&terms))
        rc = no_memory(err);
    const char *line = rc == 0 ? strchr(terms.text, '\n') + 1 : NULL; /* the model was read */
    for (; rc == 0 && *line && verifier->end == VERIFY_ACCEPTED;) {
        size_t length = strcspn(line, "\n");
        rc = expect_line(verifier, line, length, err);
        line += length + 1;
    }
    strbuf_fini(&terms);
    return rc;
}

/* --- one key --- */

static int load_key(struct verifier *verifier, uint32_t key, struct errbuf *err)
{
    const struct operations_key *of = &verifier->all->keys[key];
    struct errbuf why = ERRBUF_INIT;
    operations_of_key(verifier->all, key, verifier->ops);
    verifier->object = (struct object){.all = verifier->all,
                                       .values = verifier->all->values,
                                       .has_key = of->has_key,
                                       .key = of->key,
                                       .ops = verifier->ops,
                                       .count = of->count,
                                       .ok = of->ok,
                                       .failed = of->failed,
                                       .crashed = of->crashed};
    verifier->near = 0;
    struct specification_context context = {verifier->all->values, verifier->claim->semantics};
    for (uint32_t i = 0; i < of->count; i++)
        if (verifier->specification->accepts(&context, &verifier->ops[i], &why) != 0)
            return reject(verifier, why.text, err);
    return 0;
}

/* The operation invoked at this event; UINT32_MAX if there is none. Looks near the last one
 * first. */
static uint32_t find_operation(struct verifier *verifier, uint64_t index)
{
    const struct object *object = &verifier->object;
    if (index >= verifier->all->event_count || object->count == 0)
        return UINT32_MAX;
    position at = operations_position(verifier->all, index);
    uint32_t low = verifier->near, high = verifier->near, step = 1;
    while (low > 0 && object->ops[low].invoke > at)
        low = low > step ? low - step : 0, step *= 2;
    for (step = 1; high < object->count && object->ops[high].invoke < at; step *= 2)
        high = object->count - high > step ? high + step : object->count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (object->ops[middle].invoke < at)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == object->count || object->ops[low].invoke != at)
        return UINT32_MAX;
    verifier->near = low;
    return low;
}

static int read_numbers(struct verifier *verifier, const char *word, struct errbuf *err)
{
    uint64_t index;
    int more;
    if (strcmp(verifier->reader.word, word) != 0)
        return certificate_malformed(&verifier->reader, "this line is not expected here", err);
    verifier->number_count = 0;
    while ((more = certificate_take_number(&verifier->reader, &index, err)) > 0) {
        uint32_t number = find_operation(verifier, index);
        if (number == UINT32_MAX || verifier->number_count == verifier->object.count)
            return reject(verifier,
                          number == UINT32_MAX ? "it names an operation that this key does not have"
                                               : "it names more operations than this key has",
                          err);
        verifier->numbers[verifier->number_count++] = number;
    }
    return more;
}

static struct verify_input verify_input(struct verifier *verifier)
{
    return (struct verify_input){.object = &verifier->object,
                                 .specification = verifier->specification,
                                 .context = {verifier->all->values, verifier->claim->semantics},
                                 .budget = &verifier->budget};
}

static int conclude(struct verifier *verifier, enum verify_end end, const struct errbuf *why,
                    struct errbuf *err)
{
    if (end == VERIFY_ACCEPTED)
        return 0;
    reject(verifier, why->text, err);
    verifier->end = end;
    return 0;
}

static int verify_valid(struct verifier *verifier, struct errbuf *err)
{
    struct errbuf why = ERRBUF_INIT;
    struct verify_input input = verify_input(verifier);
    int rc = certificate_next_line(&verifier->reader, err);
    if (rc == 0)
        rc = read_numbers(verifier, "order", err);
    if (rc != 0 || verifier->end != VERIFY_ACCEPTED)
        return rc;
    enum verify_end end = verify_order(&input, verifier->numbers, verifier->number_count, &why);
    return conclude(verifier, end, &why, err);
}

/* --- an invalid key --- */

static int read_cut(struct verifier *verifier, position *out, struct errbuf *err)
{
    uint64_t index;
    int more = certificate_take_number(&verifier->reader, &index, err);
    if (more > 0 && index < verifier->all->event_count) {
        *out = operations_position(verifier->all, index);
        more = certificate_take_number(&verifier->reader, &index, err);
        return more <= 0 ? more
                         : certificate_malformed(&verifier->reader, "one index is expected", err);
    }
    return more < 0 ? more
                    : certificate_malformed(&verifier->reader,
                                            "the index of an event is expected here", err);
}

enum { FREE_MAX = 1024 };

static int read_free(struct verifier *verifier, value_ref *values, uint32_t *count,
                     struct errbuf *err)
{
    struct arena arena;
    struct value value;
    int rc = certificate_take_rest(&verifier->reader, err);
    if (rc != 0)
        return rc;
    const struct strbuf *rest = &verifier->reader.rest;
    struct strbuf same = STRBUF_INIT;
    struct edn_cursor cursor = {.at = rest->text, .end = rest->text + rest->length};
    arena_init(&arena, 0);
    if (*count == FREE_MAX || !edn_read_value(&cursor, &arena, &value) || cursor.at != cursor.end)
        rc = certificate_malformed(&verifier->reader, "a value is expected here", err);
    else if ((values[*count] = value_pool_intern(verifier->all->values, value)) == VALUE_REF_NOMEM)
        rc = no_memory(err);
    else
        certificate_put_value(&same, verifier->all->values, values[*count]);
    if (rc == 0 && (!strbuf_ok(&same) || strcmp(same.text, rest->text) != 0))
        rc = certificate_malformed(&verifier->reader, "a value is written like this nowhere", err);
    *count += rc == 0;
    strbuf_fini(&same);
    arena_fini(&arena);
    return rc;
}

/* The lines up to that of the operations that are kept: until, from and free, each of the first two
 * once. */
static int read_refutation(struct verifier *verifier, struct refutation *out, value_ref *values,
                           struct errbuf *err)
{
    *out = (struct refutation){.until = POSITION_NONE, .free_values = values};
    for (;;) {
        int rc = certificate_next_line(&verifier->reader, err);
        const char *word = verifier->reader.word;
        bool first = out->until == POSITION_NONE && !out->any_state && out->free_count == 0;
        if (rc == 0 && strcmp(word, "until") == 0 && first)
            rc = read_cut(verifier, &out->until, err);
        else if (rc == 0 && strcmp(word, "from") == 0 && !out->any_state && out->free_count == 0) {
            out->any_state = true;
            rc = read_cut(verifier, &out->from, err);
        } else if (rc == 0 && strcmp(word, "free") == 0)
            rc = read_free(verifier, values, &out->free_count, err);
        else
            return rc != 0 ? rc : read_numbers(verifier, "keep", err);
        if (rc != 0)
            return rc;
    }
}

static int verify_invalid(struct verifier *verifier, struct errbuf *err)
{
    struct errbuf why = ERRBUF_INIT;
    struct verify_input input = verify_input(verifier);
    struct refutation refutation;
    value_ref *values = malloc(FREE_MAX * sizeof *values);
    if (!values)
        return no_memory(err);
    int rc = read_refutation(verifier, &refutation, values, err);
    if (rc == 0 && verifier->end == VERIFY_ACCEPTED) {
        refutation.keep = verifier->numbers;
        refutation.keep_count = verifier->number_count;
        rc = conclude(verifier, verify_refutation(&input, &refutation, &why), &why, err);
    }
    free(values);
    return rc;
}

/* --- all keys --- */

/* Whether anything was asked of the object that it could have got wrong. */
static bool is_a_test(const struct verifier *verifier)
{
    return verifier->object.ok > 0 ||
           (verifier->claim->semantics->failures_are_tests && verifier->object.failed > 0);
}

static int verify_claim(struct verifier *verifier, const char *word, struct errbuf *err)
{
    struct certificate_proof *proof = verifier->proof;
    if (strcmp(word, verdict_name(VERDICT_UNKNOWN)) == 0) {
        proof->unknown++;
        return 0;
    }
    if (strcmp(word, verdict_name(VERDICT_INVALID)) == 0) {
        proof->invalid++;
        return verify_invalid(verifier, err);
    }
    if (strcmp(word, verdict_name(VERDICT_VACUOUS)) == 0) {
        proof->vacuous++;
        if (is_a_test(verifier))
            return reject(verifier, "an operation of this key was a test of it", err);
        return verify_valid(verifier, err);
    }
    proof->valid++;
    if (strcmp(word, verdict_name(VERDICT_VALID)) == 0 && !is_a_test(verifier))
        return reject(verifier, "no operation of this key succeeded: it is vacuous", err);
    if (strcmp(word, verdict_name(VERDICT_VALID)) == 0)
        return verify_valid(verifier, err);
    return certificate_malformed(&verifier->reader, "a verdict is expected at the end", err);
}

/* The line is "key 7 valid": the key as it is in the history, and a verdict. */
static int verify_key(struct verifier *verifier, uint32_t key, struct errbuf *err)
{
    struct certificate_reader *reader = &verifier->reader;
    struct strbuf expected = STRBUF_INIT, line = STRBUF_INIT;
    int rc = certificate_next_line(reader, err);
    if (rc == 0)
        rc = certificate_take_rest(reader, err);
    if (rc == 0) {
        strbuf_printf(&line, "%s %s", reader->word, reader->rest.text);
        certificate_put_key(&expected, verifier->all, key);
        strbuf_putc(&expected, ' ');
        if (!strbuf_ok(&line) || !strbuf_ok(&expected))
            rc = no_memory(err);
        else if (strncmp(line.text, expected.text, expected.length) != 0)
            rc = reject(verifier, "the next key of the history is another one", err);
        else
            rc = load_key(verifier, key, err);
    }
    if (rc == 0 && verifier->end == VERIFY_ACCEPTED)
        rc = verify_claim(verifier, line.text + expected.length, err);
    strbuf_fini(&expected);
    strbuf_fini(&line);
    return rc;
}

/* The last line: "end", and the seal of all before. */
static int read_end(struct verifier *verifier, struct errbuf *err)
{
    char seal[32];
    struct certificate_reader *reader = &verifier->reader;
    snprintf(seal, sizeof seal, "%016" PRIx64, reader->seal);
    int rc = certificate_next_line(reader, err);
    if (rc == 0)
        rc = certificate_take_rest(reader, err);
    if (rc == 0 && strcmp(reader->word, "end") != 0)
        return certificate_malformed(reader, "the end is expected here", err);
    if (rc == 0 && strcmp(reader->rest.text, seal) != 0)
        return reject(verifier, "it was changed after it was written", err);
    if (rc == 0 && getc(reader->file) != EOF)
        return certificate_malformed(reader, "there is more after the end", err);
    return rc;
}

static int verify_all(struct verifier *verifier, struct errbuf *err)
{
    int rc = read_title(verifier, err);
    if (rc == 0)
        rc = read_model(verifier, err);
    if (rc == 0 && verifier->end == VERIFY_ACCEPTED)
        rc = read_terms(verifier, err);
    for (uint32_t i = 0;
         i < verifier->all->key_count && rc == 0 && verifier->end == VERIFY_ACCEPTED; i++)
        rc = verify_key(verifier, i, err);
    if (rc == 0 && verifier->end == VERIFY_ACCEPTED)
        rc = read_end(verifier, err);
    return rc;
}

static enum verdict proven(const struct certificate_proof *proof)
{
    if (proof->invalid > 0)
        return VERDICT_INVALID;
    if (proof->unknown > 0)
        return VERDICT_UNKNOWN;
    return proof->valid > 0 ? VERDICT_VALID : VERDICT_VACUOUS;
}

int certificate_verify(const struct certificate_claim *claim, enum verify_end *end,
                       struct certificate_proof *out, struct errbuf *err)
{
    struct verifier verifier = {
        .claim = claim, .all = claim->all, .end = VERIFY_ACCEPTED, .proof = out};
    size_t room = (size_t)claim->all->largest_key + 1;
    *out = (struct certificate_proof){.verdict = VERDICT_UNKNOWN};
    budget_init(&verifier.budget, claim->time_limit_ns, claim->memory_limit_bytes);
    verifier.ops = malloc(room * sizeof *verifier.ops);
    verifier.numbers = malloc(room * sizeof *verifier.numbers);
    int rc = verifier.ops && verifier.numbers ? 0 : no_memory(err);
    if (rc == 0)
        rc = certificate_open(&verifier.reader, claim->path, err);
    if (rc == 0)
        rc = verify_all(&verifier, err);
    certificate_close(&verifier.reader);
    free(verifier.ops);
    free(verifier.numbers);
    *end = verifier.end;
    if (rc == 0 && *end == VERIFY_ACCEPTED)
        out->verdict = proven(out);
    return rc;
}
