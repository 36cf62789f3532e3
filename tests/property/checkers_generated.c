/* Generated histories of every checker: the checker refutes none without an anomaly, and each that
 * has one. */
#include "checker/check.h"
#include "core/err.h"
#include "property/generated_operations.h"
#include "property/property_runs.h"

#include <criterion/criterion.h>

enum { SEEDS = 400 };

static enum verdict check(const char *model, const char *anomaly, uint64_t seed)
{
    struct generate_options options =
        few_operations(model, anomaly, 20 + seed % 200, 1 + (uint32_t)(seed % 7), seed);
    struct operations all;
    struct check_result result;
    struct errbuf err = ERRBUF_INIT;
    generate_operations(&options, &all);
    int rc = check_history(&all, &(struct check_options){.model = model}, &result, &err);
    cr_assert_eq(rc, 0, "%s: %s", model, err.text);
    enum verdict verdict = result.verdict;
    check_result_fini(&result);
    operations_fini(&all);
    return verdict;
}

/* A total-queue may also be unsure, where something crashed. */
static void expect(const char *model, const char *anomaly)
{
    uint32_t unsure = 0, seeds = SEEDS / PROPERTY_SHARE;
    for (uint64_t seed = 0; seed < seeds; seed++) {
        enum verdict verdict = check(model, anomaly, seed);
        if (verdict == VERDICT_UNKNOWN && seed % 3 == 0 && strcmp(model, "total-queue") == 0)
            unsure++;
        else if (anomaly)
            cr_assert_eq(verdict, VERDICT_INVALID, "%s %s, seed %llu: %s", model, anomaly,
                         (unsigned long long)seed, verdict_name(verdict));
        else
            cr_assert_neq(verdict, VERDICT_INVALID, "%s, seed %llu", model,
                          (unsigned long long)seed);
    }
    cr_expect_lt(unsure, seeds / 2);
}

Test(checkers_generated, histories_are_refuted_if_and_only_if_they_have_an_anomaly, .timeout = 120)
{
    uint32_t anomalies = 0;
    for (const struct checker *const *checker = checker_table; *checker; checker++) {
        const char *const *anomaly = generate_anomalies((*checker)->name);
        if (!anomaly)
            continue; /* stats */
        expect((*checker)->name, NULL);
        for (; *anomaly; anomaly++, anomalies++)
            expect((*checker)->name, *anomaly);
    }
    cr_expect_geq(anomalies, 15);
}
