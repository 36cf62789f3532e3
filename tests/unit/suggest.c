#include "core/suggest.h"

#include <criterion/criterion.h>
#include <string.h>

static const char *const known[] = {"interval", "duration", "faults", NULL};

static const char *suggested(const char *word)
{
    static char text[SUGGEST_SIZE];
    suggest_names(word, known, text, sizeof text);
    return text;
}

Test(suggest, finds_the_name_that_was_mistyped)
{
    static const char *const mistyped[] = {"fault", "fualts", "faultss", "Faults", "fauls"};
    for (size_t i = 0; i < sizeof mistyped / sizeof mistyped[0]; i++)
        cr_assert_str_eq(suggested(mistyped[i]),
                         "; did you mean 'faults'? known: interval, duration, faults");
}

Test(suggest, only_lists_the_names_when_none_is_near)
{
    cr_assert_str_eq(suggested("x"), "; known: interval, duration, faults");
    cr_assert_str_eq(suggested(""), "; known: interval, duration, faults");
    cr_assert_str_eq(suggested("something-much-longer-than-any-word-in-the-list-of-names"),
                     "; known: interval, duration, faults");
}

Test(suggest, says_when_there_is_nothing_to_choose_from)
{
    static const char *const none[] = {NULL};
    char text[SUGGEST_SIZE];
    suggest_names("x", none, text, sizeof text);
    cr_assert_str_eq(text, "; there are none");
}

Test(suggest, cuts_what_does_not_fit)
{
    char text[16];
    memset(text, 'z', sizeof text);
    suggest_names("x", known, text, sizeof text);
    cr_assert_str_eq(text, "; known: interv");
}

Test(suggest, one_is_found_in_a_list_that_is_told_anyway)
{
    static const char list[] = "jsonl (.jsonl), json (.json), edn (.edn) --strongest --among";
    cr_expect_str_eq(suggest_one("ednn", list).text, "did you mean 'edn'? ");
    cr_expect_str_eq(suggest_one("JSONLL", list).text, "did you mean 'jsonl'? ");
    cr_expect_str_eq(suggest_one("--stronget", list).text, "did you mean '--strongest'? ");
    cr_expect_str_eq(suggest_one(".jso", "jsonl (.json)").text, "", "in brackets is no name");
    cr_expect_str_eq(suggest_one("something", list).text, "");
    cr_expect_str_eq(suggest_one("x", "").text, "");
    cr_expect_str_eq(suggest_one("x", "(").text, "");
}
