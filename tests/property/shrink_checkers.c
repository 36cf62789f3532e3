/* Shrinking what the checkers refute that are not about linearizability: what is left is still
 * refuted, is part of what there was, cannot be less, and shows no kind of violation that the whole
 * history did not have. */
#include "checker/check.h"
#include "checker/shrink.h"
#include "property/generated_operations.h"
#include "property/property_runs.h"
#include "property/tally.h"

#include <criterion/criterion.h>
#include <ctype.h>
#include <string.h>

enum { HISTORIES = 60 };

static void generate(struct operations *all, const char *model, const char *anomaly, uint64_t seed)
{
    struct generate_options options =
        few_operations(model, anomaly, 10 + seed % 60, 1 + (uint32_t)(seed % 5), seed);
    generate_operations(&options, all);
}

static struct check_result check(struct operations *all, const char *model)
{
    struct check_result result;
    struct errbuf err = ERRBUF_INIT;
    struct check_options options = {.model = model, .threads = 1};
    cr_assert_eq(check_history(all, &options, &result, &err), 0, "%s", err.text);
    return result;
}

/* The count that details give a kind of violation; 0 if they do not name it. */
static long count_of(const char *details, const char *kind, size_t length)
{
    for (const char *at = details; (at = strstr(at, "-count\":")); at++)
        if ((size_t)(at - details) > length && memcmp(at - length, kind, length) == 0 &&
            at[-(long)length - 1] == '"')
            return strtol(at + strlen("-count\":"), NULL, 10);
    return 0;
}

/* Kinds that are only counted, and are no violation. */
static bool is_violation(const char *kind, size_t length)
{
    static const char *const kinds[] = {"lost", "unexpected", "duplicate", "duplicated", "stale"};
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        if (strlen(kinds[i]) == length && memcmp(kinds[i], kind, length) == 0)
            return true;
    return false;
}

static void expect_no_new_kind(const char *model, const char *before, const char *after)
{
    for (const char *at = after; (at = strstr(at, "-count\":")); at++) {
        const char *kind = at;
        while (kind > after && (isalpha((unsigned char)kind[-1]) || kind[-1] == '-'))
            kind--;
        size_t length = (size_t)(at - kind);
        if (is_violation(kind, length) && count_of(after, kind, length) > 0)
            cr_assert_gt(count_of(before, kind, length), 0, "%s: %.*s is new:\n%s\n%s", model,
                         (int)length, kind, before, after);
    }
}

static struct value value_of(const struct operations *all, value_ref ref)
{
    return value_pool_get(all->values, ref);
}

/* A read of a set may have lost elements. */
static bool is_part(struct value part, struct value whole)
{
    bool lists = (part.kind == VALUE_LIST || part.kind == VALUE_SET) && part.kind == whole.kind;
    for (uint32_t i = 0, at = 0; lists && i < part.count; i++, at++) {
        while (at < whole.count && !value_equal(part.items[i], whole.items[at]))
            at++;
        lists = at < whole.count;
    }
    return lists;
}

static bool is_same(const struct operations *a, const struct operation *x,
                    const struct operations *b, const struct operation *y)
{
    return x->process == y->process && x->f == y->f && x->outcome == y->outcome &&
           value_equal(value_of(a, x->argument), value_of(b, y->argument)) &&
           (value_equal(value_of(a, x->result), value_of(b, y->result)) ||
            (x->f == F_READ && is_part(value_of(a, x->result), value_of(b, y->result))));
}

/* Every operation that is left is one of the whole. */
static void expect_part_of(const struct operations *small, const struct operations *all)
{
    struct operation *ops = calloc(all->largest_key + 1, sizeof *ops);
    struct operation *left = calloc(small->largest_key + 1, sizeof *left);
    for (uint32_t key = 0; key < small->key_count; key++) {
        operations_of_key(small, key, left);
        for (uint32_t i = 0; i < small->keys[key].count; i++) {
            bool found = false;
            for (uint32_t of = 0; of < all->key_count; of++) {
                operations_of_key(all, of, ops);
                for (uint32_t j = 0; j < all->keys[of].count; j++)
                    found = found || is_same(small, &left[i], all, &ops[j]);
            }
            cr_assert(found);
        }
    }
    free(ops);
    free(left);
}

static void shrink_one(const char *model, const char *anomaly, uint64_t seed, struct tally *tally,
                       uint64_t *left)
{
    struct operations all;
    struct shrink_result shrunk;
    struct errbuf err = ERRBUF_INIT;
    struct check_options options = {.model = model, .threads = 1};
    generate(&all, model, anomaly, seed);
    struct check_result before = check(&all, model);
    cr_assert_eq(shrink_history(&all, &options, &shrunk, &err), 0, "%s: %s", model, err.text);
    cr_assert_eq(shrunk.verdict, before.verdict);
    tally->histories++;
    tally->invalid += before.verdict == VERDICT_INVALID;
    tally->valid += before.verdict != VERDICT_INVALID;
    if (before.verdict == VERDICT_INVALID) {
        struct check_result after = check(&shrunk.smaller, model);
        cr_assert_eq(after.verdict, VERDICT_INVALID, "%s %s, seed %lu: %s", model, anomaly,
                     (unsigned long)seed, after.summary);
        cr_assert(shrunk.smallest && shrunk.after == shrunk.smaller.operation_count);
        expect_part_of(&shrunk.smaller, &all);
        expect_no_new_kind(model, before.details_json, after.details_json);
        *left += shrunk.after;
        tally->proofs++;
        check_result_fini(&after);
    }
    check_result_fini(&before);
    shrink_result_fini(&shrunk);
    operations_fini(&all);
}

static void shrink_checker(const char *model)
{
    uint32_t runs = property_runs(HISTORIES * 10) / 10;
    for (const char *const *anomaly = generate_anomalies(model); *anomaly; anomaly++) {
        struct tally tally = {.model = model, .algorithm = "shrink"};
        uint64_t left = 0;
        for (uint32_t seed = 0; seed < runs; seed++)
            shrink_one(model, *anomaly, seed, &tally, &left);
        tally_print(&tally);
        cr_expect_gt(tally.invalid, runs / 2, "%s %s", model, *anomaly);
        cr_expect_lt(left, tally.invalid * 12, "%s %s: %lu operations of %lu histories", model,
                     *anomaly, left, tally.invalid);
    }
}

Test(shrink_checkers, leave_a_part_that_shows_only_what_was_so, .timeout = 7200)
{
    for (const struct checker *const *checker = checker_table; *checker; checker++)
        if (generate_anomalies((*checker)->name))
            shrink_checker((*checker)->name);
}
