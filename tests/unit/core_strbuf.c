#include "core/strbuf.h"

#include <criterion/criterion.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

Test(strbuf, grows_and_stays_terminated)
{
    struct strbuf buf = STRBUF_INIT;
    cr_assert(strbuf_ok(&buf));
    cr_assert_null(buf.text);
    for (int i = 0; i < 5000; i++) {
        strbuf_printf(&buf, "%d", i % 10);
        cr_assert_eq(buf.text[buf.length], '\0');
    }
    strbuf_puts(&buf, "end");
    strbuf_add(&buf, "!\0?", 3);
    strbuf_putc(&buf, '.');
    cr_assert_eq(buf.length, 5007);
    cr_assert_arr_eq(buf.text + 4998, "89end!\0?.", 10);
    strbuf_fini(&buf);
    cr_assert_null(buf.text);
}

Test(strbuf, a_failure_keeps_what_was_there_until_reset)
{
    struct strbuf buf = STRBUF_INIT;
    strbuf_puts(&buf, "kept");
    cr_assert_not(strbuf_reserve(&buf, SIZE_MAX / 2));
    cr_assert_not(strbuf_ok(&buf));
    strbuf_puts(&buf, "dropped");
    strbuf_printf(&buf, "%d", 1);
    cr_assert_str_eq(buf.text, "kept");
    strbuf_reset(&buf);
    cr_assert(strbuf_ok(&buf));
    cr_assert_str_eq(buf.text, "");
    strbuf_puts(&buf, "new");
    cr_assert_str_eq(buf.text, "new");
    strbuf_fini(&buf);
}

Test(strbuf, writes_integers_as_printf_does)
{
    static const int64_t numbers[] = {
        0, 1, -1, 9, 10, -10, 99, 100, 1234567890, INT32_MIN, INT64_MAX, INT64_MIN, INT64_MIN + 1};
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        struct strbuf buf = STRBUF_INIT;
        char expected[32];
        snprintf(expected, sizeof expected, "%" PRId64, numbers[i]);
        strbuf_put_int(&buf, numbers[i]);
        cr_assert_str_eq(buf.text, expected);
        strbuf_fini(&buf);
    }
}

static void assert_json(const char *text, size_t length, const char *expected)
{
    struct strbuf buf = STRBUF_INIT;
    strbuf_put_json_string(&buf, text, length);
    cr_assert_str_eq(buf.text, expected);
    strbuf_fini(&buf);
}

Test(strbuf, json_strings_escape_what_they_must)
{
    assert_json("", 0, "\"\"");
    assert_json("plain", 5, "\"plain\"");
    assert_json("a\"b\\c/", 6, "\"a\\\"b\\\\c/\"");
    assert_json("\b\t\n\f\r", 5, "\"\\b\\t\\n\\f\\r\"");
    assert_json("\0\x01\x1f\x7f", 4, "\"\\u0000\\u0001\\u001f\\u007f\"");
}

/* Unicode 15, table 3-7: well-formed byte sequences, and the nearest ones that are not. */
Test(strbuf, json_strings_keep_utf8_and_replace_what_is_none)
{
    static const char *const good[] = {"\xc2\x80",         "\xdf\xbf",         "\xe0\xa0\x80",
                                       "\xed\x9f\xbf",     "\xee\x80\x80",     "\xef\xbf\xbf",
                                       "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf", "\xe2\x82\xac"};
    static const char *const bad[] = {"\x80", "\xbf", "\xc0", "\xc1",
                                      "\xf5", "\xff", "\xc2", "\xe2"};
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        char expected[16];
        snprintf(expected, sizeof expected, "\"%s\"", good[i]);
        assert_json(good[i], strlen(good[i]), expected);
    }
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_json(bad[i], 1, "\"\\ufffd\"");
    assert_json("\xc0\xaf", 2, "\"\\ufffd\\ufffd\"");            /* overlong */
    assert_json("\xe0\x9f\xbf", 3, "\"\\ufffd\\ufffd\\ufffd\""); /* overlong */
    assert_json("\xed\xa0\x80", 3, "\"\\ufffd\\ufffd\\ufffd\""); /* half a surrogate pair */
    assert_json("\xf0\x8f\xbf\xbf", 4, "\"\\ufffd\\ufffd\\ufffd\\ufffd\"");
    assert_json("\xf4\x90\x80\x80", 4, "\"\\ufffd\\ufffd\\ufffd\\ufffd\"");
    assert_json("\xe2\x82\xac", 2, "\"\\ufffd\\ufffd\""); /* cut short by the length */
    assert_json("\xe2\x82x", 3, "\"\\ufffd\\ufffdx\"");
}
