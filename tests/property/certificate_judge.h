/* An independent judge of certificates, for the tests: whether a text is a whole certificate, every
 * line of which is true of the history. It has its own reader, and asks brute force and
 * refutation_judge.h. What it cannot know by itself, how the head of a true certificate reads, it
 * takes from one. Keys are integers. */
#ifndef TESTS_CERTIFICATE_JUDGE_H
#define TESTS_CERTIFICATE_JUDGE_H

#include "checker/verdict.h"
#include "core/strbuf.h"
#include "property/refutation_judge.h"

#include <inttypes.h>
#include <stdio.h>

enum { JUDGE_FREE_MAX = 8 };

struct certificate_judge {
    enum random_kind kind;
    const struct specification *specification;
    const struct operations *all;
    const struct history_semantics *semantics;
    struct brute_force *brute;
    struct budget *budget;
    const struct strbuf *original; /* a true certificate of the same history */
    value_ref names[JUDGE_REGISTERS];
    const char *at; /* what is still to be read */
    struct operation ops[RANDOM_OBJECT_OPS_MAX];
    struct object object;
    uint32_t numbers[RANDOM_OBJECT_OPS_MAX], count; /* that a line names */
    bool proven[VERDICT_VACUOUS + 1];
};

static inline uint64_t certificate_seal_of(const char *text, size_t length)
{
    uint64_t hash = UINT64_C(14695981039346656037);
    for (size_t i = 0; i < length; i++)
        hash = (hash ^ (unsigned char)text[i]) * UINT64_C(1099511628211);
    return hash;
}

/* Takes this text, if it is next. */
static inline bool certificate_says(struct certificate_judge *judge, const char *text)
{
    size_t length = strlen(text);
    if (strncmp(judge->at, text, length) != 0)
        return false;
    judge->at += length;
    return true;
}

/* A number as it is usually written. */
static inline bool certificate_number(struct certificate_judge *judge, uint64_t *out)
{
    char again[24];
    size_t digits = strspn(judge->at, "0123456789");
    if (digits == 0 || digits > 18)
        return false;
    *out = strtoull(judge->at, NULL, 10);
    snprintf(again, sizeof again, "%" PRIu64, *out);
    judge->at += digits;
    return strlen(again) == digits;
}

/* The rest of a line: invocations of the key, by the indexes of their events. */
static inline bool certificate_numbers(struct certificate_judge *judge)
{
    uint64_t index;
    judge->count = 0;
    while (!certificate_says(judge, "\n")) {
        uint32_t number = 0;
        if (!certificate_says(judge, " ") || !certificate_number(judge, &index))
            return false;
        while (number < judge->object.count &&
               operations_index(judge->all, judge->ops[number].invoke) != index)
            number++;
        if (number == judge->object.count || judge->count == judge->object.count)
            return false;
        judge->numbers[judge->count++] = number;
    }
    return true;
}

static inline bool certificate_valid(struct certificate_judge *judge, bool vacuous)
{
    struct specification_context context = {judge->all->values, judge->semantics};
    bool tested =
        judge->object.ok > 0 || (judge->semantics->failures_are_tests && judge->object.failed > 0);
    if (tested == vacuous || !certificate_says(judge, "order") || !certificate_numbers(judge))
        return false;
    for (uint32_t i = 0; i < judge->count; i++)
        for (uint32_t j = 0; j < i; j++)
            if (judge->numbers[i] == judge->numbers[j])
                return false;
    return brute_force_explains(judge->specification, &context, &judge->object, judge->numbers,
                                judge->count);
}

static inline bool certificate_event(struct certificate_judge *judge, position *out)
{
    uint64_t index;
    if (!certificate_number(judge, &index) || index >= judge->all->event_count ||
        !certificate_says(judge, "\n"))
        return false;
    *out = operations_position(judge->all, index);
    return true;
}

/* Values of registers are integers or nil. */
static inline bool certificate_free(struct certificate_judge *judge, value_ref *out)
{
    uint64_t number;
    if (certificate_says(judge, "nil\n")) {
        *out = VALUE_REF_NIL;
        return true;
    }
    bool minus = certificate_says(judge, "-");
    if (!certificate_number(judge, &number) || (minus && number == 0) || number > INT32_MAX)
        return false;
    *out = value_pool_intern(judge->all->values,
                             value_int(minus ? -(int64_t)number : (int64_t)number));
    return certificate_says(judge, "\n");
}

static inline bool certificate_invalid(struct certificate_judge *judge)
{
    value_ref values[JUDGE_FREE_MAX];
    struct refutation refutation = {
        .keep = judge->numbers, .until = POSITION_NONE, .free_values = values};
    struct judge inner = {.kind = judge->kind,
                          .input = {.object = &judge->object,
                                    .specification = judge->specification,
                                    .context = {judge->all->values, judge->semantics},
                                    .budget = judge->budget},
                          .refutation = &refutation,
                          .memo = judge->brute,
                          .names = judge->names};
    if (certificate_says(judge, "until ") && !certificate_event(judge, &refutation.until))
        return false;
    refutation.any_state = certificate_says(judge, "from ");
    if (refutation.any_state && !certificate_event(judge, &refutation.from))
        return false;
    while (certificate_says(judge, "free "))
        if (refutation.free_count == JUDGE_FREE_MAX ||
            !certificate_free(judge, &values[refutation.free_count++]))
            return false;
    if (!certificate_says(judge, "keep") || !certificate_numbers(judge))
        return false;
    refutation.keep_count = judge->count;
    return judge_refutes(&inner);
}

static inline bool certificate_key(struct certificate_judge *judge, uint32_t key)
{
    const struct operations_key *of = &judge->all->keys[key];
    char line[32];
    operations_of_key(judge->all, key, judge->ops);
    judge->object = (struct object){.all = judge->all,
                                    .values = judge->all->values,
                                    .ops = judge->ops,
                                    .count = of->count,
                                    .ok = of->ok,
                                    .failed = of->failed,
                                    .crashed = of->crashed};
    snprintf(line, sizeof line, "key %d ", of->has_key ? value_ref_as_int(of->key) : 0);
    if (!certificate_says(judge, of->has_key ? line : "object "))
        return false;
    if (certificate_says(judge, "unknown\n"))
        return judge->proven[VERDICT_UNKNOWN] = true;
    if (certificate_says(judge, "invalid\n"))
        return judge->proven[VERDICT_INVALID] = certificate_invalid(judge);
    if (certificate_says(judge, "vacuous\n"))
        return judge->proven[VERDICT_VACUOUS] = certificate_valid(judge, true);
    return certificate_says(judge, "valid\n") &&
           (judge->proven[VERDICT_VALID] = certificate_valid(judge, false));
}

/* Whether the text is a true certificate; *out is then what it proves of all keys together. */
static inline bool certificate_judge(struct certificate_judge *judge, const struct strbuf *text,
                                     enum verdict *out)
{
    char seal[32];
    const char *digest = strstr(judge->original->text, "\ndigest ");
    size_t head = (size_t)(strchr(digest + 1, '\n') + 1 - judge->original->text);
    memset(judge->proven, 0, sizeof judge->proven);
    if (text->length <= head || strlen(text->text) != text->length ||
        memcmp(text->text, judge->original->text, head) != 0)
        return false;
    judge->at = text->text + head;
    for (uint32_t key = 0; key < judge->all->key_count; key++)
        if (!certificate_key(judge, key))
            return false;
    snprintf(seal, sizeof seal, "end %016" PRIx64 "\n",
             certificate_seal_of(text->text, (size_t)(judge->at - text->text)));
    *out = judge->proven[VERDICT_INVALID]   ? VERDICT_INVALID
           : judge->proven[VERDICT_UNKNOWN] ? VERDICT_UNKNOWN
           : judge->proven[VERDICT_VALID]   ? VERDICT_VALID
                                            : VERDICT_VACUOUS;
    return certificate_says(judge, seal) && judge->at == text->text + text->length;
}

#endif
