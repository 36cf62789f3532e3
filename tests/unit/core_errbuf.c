#include "core/errbuf.h"

#include "core/err.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

Test(errbuf, set_replaces_the_text_and_hands_back_the_code)
{
    struct errbuf err = ERRBUF_INIT;
    cr_assert_str_eq(err.text, "");
    cr_assert_eq(errbuf_set(&err, ERR_IO, "first %d", 1), ERR_IO);
    cr_assert_eq(errbuf_set(&err, ERR_INPUT, "%s: no such key", "plan.yaml:3"), ERR_INPUT);
    cr_assert_str_eq(err.text, "plan.yaml:3: no such key");
}

Test(errbuf, set_errno_appends_what_errno_says)
{
    struct errbuf err = ERRBUF_INIT;
    errno = ENOENT;
    cr_assert_eq(errbuf_set_errno(&err, ERR_IO, "cannot open %s", "x"), ERR_IO);
    cr_assert_str_eq(err.text, "cannot open x: No such file or directory");
}

Test(errbuf, prefixes_stand_outermost_first)
{
    struct errbuf err = ERRBUF_INIT;
    errbuf_set(&err, ERR_INPUT, "no such fault");
    errbuf_prefix(&err, "nemesis");
    errbuf_prefix(&err, "plan.yaml:%d", 12);
    cr_assert_str_eq(err.text, "plan.yaml:12: nemesis: no such fault");
}

Test(errbuf, accepts_null_everywhere)
{
    cr_assert_eq(errbuf_set(NULL, ERR_IO, "dropped"), ERR_IO);
    cr_assert_eq(errbuf_set_errno(NULL, ERR_NOMEM, "dropped"), ERR_NOMEM);
    errbuf_prefix(NULL, "dropped");
}

/* Texts around the size of the buffer: whole if they fit, else cut with "..." at the very end. */
Test(errbuf, a_text_that_does_not_fit_ends_in_dots)
{
    char text[2048];
    memset(text, 'x', sizeof text);
    for (size_t length = 1000; length < 1050; length++) {
        struct errbuf err = ERRBUF_INIT;
        errbuf_set(&err, ERR_IO, "%.*s", (int)length, text);
        size_t got = strlen(err.text);
        bool fits = length < sizeof err.text;
        cr_assert_eq(got, fits ? length : sizeof err.text - 1);
        cr_assert_eq(strcmp(err.text + got - 3, "...") == 0, !fits);

        errbuf_set(&err, ERR_IO, "%.*s", (int)length - 10, text);
        errbuf_prefix(&err, "context_");
        got = strlen(err.text);
        cr_assert_eq(got, fits ? length : sizeof err.text - 1);
        cr_assert(strncmp(err.text, "context_: xxx", 13) == 0);
        cr_assert_eq(strcmp(err.text + got - 3, "...") == 0, !fits);

        errno = EPERM; /* ": Operation not permitted" has 25 bytes */
        errbuf_set_errno(&err, ERR_IO, "%.*s", (int)length - 25, text);
        cr_assert_eq(strlen(err.text), fits ? length : sizeof err.text - 1);
    }
}

Test(err, every_code_has_a_name_of_its_own)
{
    for (int code = ERR_CANCELLED; code <= 0; code++)
        for (int other = code + 1; other <= 0; other++)
            cr_assert_str_neq(err_name(code), err_name(other));
    cr_assert_str_eq(err_name(-1000), "unknown error");
}
