#include "checker/verify_texts.h"
#include "checker/budget.h"

#include <criterion/criterion.h>

static struct value_pool *pool;

static value_ref text(const char *of)
{
    return value_pool_intern(pool, value_string(of));
}

static struct verify_kept get_of(value_ref answer)
{
    return (struct verify_kept){.op = {.f = F_GET, .outcome = OP_OK, .result = answer}};
}

Test(verify_texts, tells_apart_only_what_an_answer_begins_with)
{
    struct budget budget;
    struct verify_texts texts;
    pool = value_pool_new(0);
    budget_init(&budget, 0, 0);
    struct verify_kept kept[] = {get_of(text("abc")), get_of(text("x")), get_of(text("abd")),
                                 get_of(VALUE_REF_NIL), get_of(text("ab"))};
    struct verify_input input = {.context = {.values = pool}, .budget = &budget};
    struct verify_reduced reduced = {.kept = kept, .kept_count = 5};
    cr_assert(verify_texts_init(&texts, &input, &reduced));
    static const char *const seen[] = {"", "a", "ab", "abc", "abd", "x"};
    static const char *const unseen[] = {"b", "abb", "abcd", "abe", "aa", "xy", "z", "?"};
    for (size_t i = 0; i < sizeof seen / sizeof seen[0]; i++)
        cr_expect_eq(verify_texts_alike(&texts, pool, text(seen[i])), text(seen[i]), "%s", seen[i]);
    for (size_t i = 0; i < sizeof unseen / sizeof unseen[0]; i++)
        cr_expect_eq(verify_texts_alike(&texts, pool, text(unseen[i])), texts.other, "%s",
                     unseen[i]);
    cr_expect_eq(verify_texts_alike(&texts, pool, texts.other), texts.other);
    verify_texts_fini(&texts, &budget);
    cr_expect_eq(budget.bytes_used, 0);
    value_pool_free(pool);
}

Test(verify_texts, of_no_answers_are_all_alike)
{
    struct budget budget;
    struct verify_texts texts;
    pool = value_pool_new(0);
    budget_init(&budget, 0, 0);
    struct verify_input input = {.context = {.values = pool}, .budget = &budget};
    struct verify_reduced reduced = {0};
    cr_assert(verify_texts_init(&texts, &input, &reduced));
    cr_expect_eq(verify_texts_alike(&texts, pool, text("a")),
                 verify_texts_alike(&texts, pool, text("bc")));
    verify_texts_fini(&texts, &budget);
    cr_expect_eq(budget.bytes_used, 0);
    value_pool_free(pool);
}
