/* Every level in the document that check --json prints of transactions says one thing only: what
 * was decided keeps no words of a decider that was asked before, and what was not says why. */
#include "isolation/isolation_check.h"

#include "core/random.h"
#include "property/contested_transactions.h"
#include "property/property_runs.h"
#include "property/random_transactions.h"

#include <criterion/criterion.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

struct seen {
    uint64_t valid, invalid, unknown, following;
};

static const char *text_of(const json_t *object, const char *name)
{
    return json_string_value(json_object_get(object, name));
}

static bool is_null(const json_t *object, const char *name)
{
    return json_is_null(json_object_get(object, name));
}

static const json_t *find_level(const json_t *levels, const char *name)
{
    for (size_t i = 0; i < json_array_size(levels); i++)
        if (strcmp(text_of(json_array_get(levels, i), "level"), name) == 0)
            return json_array_get(levels, i);
    return NULL;
}

static void expect_following(const json_t *levels, const json_t *level, const char *from)
{
    const json_t *other = find_level(levels, from);
    cr_assert(other, "%s follows from what is not there", text_of(level, "level"));
    cr_assert_str_eq(text_of(other, "verdict"), text_of(level, "verdict"));
    cr_assert_not(json_object_get(other, "follows-from"));
    cr_assert(is_null(level, "algorithm") && is_null(level, "evidence"), "%s has another's words",
              text_of(level, "level"));
}

static void expect_one_thing(const json_t *levels, const json_t *level, struct seen *seen)
{
    const char *name = text_of(level, "level"), *verdict = text_of(level, "verdict");
    const char *from = text_of(level, "follows-from");
    bool is_invalid = strcmp(verdict, "invalid") == 0;
    if (strcmp(verdict, "unknown") == 0) {
        seen->unknown++;
        cr_assert(text_of(level, "why"), "%s is unknown, and nobody says why", name);
        cr_assert(!from && is_null(level, "evidence"), "%s is unknown", name);
        return;
    }
    cr_assert(is_null(level, "why"), "%s is %s: %s", name, verdict, text_of(level, "why"));
    seen->valid += !is_invalid;
    seen->invalid += is_invalid;
    seen->following += from != NULL;
    if (from) {
        expect_following(levels, level, from);
    } else {
        cr_assert(text_of(level, "algorithm"), "nobody decided %s", name);
        cr_assert_eq(is_null(level, "evidence"), !is_invalid, "%s is %s", name, verdict);
    }
}

static void ask(struct random_transactions *world, const struct isolation_options *isolation,
                struct seen *seen)
{
    struct check_result result;
    struct errbuf err = ERRBUF_INIT;
    struct check_options options = {.model = world->lists ? "list-append" : "rw-register",
                                    .threads = 1};
    int rc = isolation_check(&world->all, &options, isolation, &result, NULL, &err);
    cr_assert_eq(rc, 0, "%s", err.text);
    if (result.details_json) {
        json_error_t trouble;
        json_t *details = json_loads(result.details_json, 0, &trouble);
        cr_assert(details, "%s", trouble.text);
        const json_t *levels = json_object_get(details, "levels");
        cr_assert_gt(json_array_size(levels), 0);
        for (size_t i = 0; i < json_array_size(levels); i++)
            expect_one_thing(levels, json_array_get(levels, i), seen);
        json_decref(details);
    }
    check_result_fini(&result);
}

/* --consistency with one level or several, --strongest, and --among with some, all, and AWDIT's. */
static void ask_in_every_way(struct random_transactions *world, uint64_t number, struct seen *seen)
{
    static const level_set of_single_operations =
        UINT32_C(1) << LEVEL_LINEARIZABLE | UINT32_C(1) << LEVEL_SEQUENTIAL;
    struct random random;
    random_init(&random, number, RANDOM_TEST, 0);
    level_set some = (level_set)random_below(&random, UINT64_C(1) << LEVEL_COUNT);
    some = (some | level_bit(LEVEL_SERIALIZABLE)) & ~of_single_operations;
    struct isolation_options ways[] = {
        {.levels = level_bit(LEVEL_SERIALIZABLE)},
        {.levels = some},
        {.strongest = true},
        {.strongest = true, .levels = some},
        {.strongest = true, .all = true},
        {.strongest = true, .levels = LEVELS_OF_AWDIT},
    };
    for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++)
        ask(world, &ways[i], seen);
}

static void expect_documents(bool lists, bool contested)
{
    struct seen seen = {0};
    uint64_t histories = property_runs(400);
    for (uint64_t i = 0; i < histories; i++) {
        struct random_transactions world;
        if (contested)
            contested_transactions_open(&world, i);
        else
            random_transactions_open(&world, lists, i);
        ask_in_every_way(&world, i, &seen);
        random_transactions_close(&world);
    }
    printf(
        "documents of %llu histories: levels %llu valid, %llu invalid, %llu unknown; %llu follow "
        "from others\n",
        (unsigned long long)histories, (unsigned long long)seen.valid,
        (unsigned long long)seen.invalid, (unsigned long long)seen.unknown,
        (unsigned long long)seen.following);
    cr_expect(seen.valid > histories && seen.invalid > histories && seen.unknown > 0 &&
              seen.following > histories);
}

Test(isolation_document, says_one_thing_of_each_level_of_lists)
{
    expect_documents(true, false);
}

Test(isolation_document, says_one_thing_of_each_level_of_registers)
{
    expect_documents(false, false);
}

Test(isolation_document, says_one_thing_of_each_level_of_contested_registers)
{
    expect_documents(false, true);
}
