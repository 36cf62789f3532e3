#include "core/json_value.h"

#include "core/arena.h"
#include "core/value_list.h"
#include "core/value_map.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static bool fail(struct json_cursor *cursor, const char *problem)
{
    if (!cursor->problem) {
        cursor->problem = problem;
        cursor->ended_early = cursor->at >= cursor->end;
    }
    return false;
}

void json_skip_space(struct json_cursor *cursor)
{
    while (cursor->at < cursor->end && (*cursor->at == ' ' || *cursor->at == '\t' ||
                                        *cursor->at == '\n' || *cursor->at == '\r'))
        cursor->at++;
}

bool json_take(struct json_cursor *cursor, char c)
{
    json_skip_space(cursor);
    if (cursor->at < cursor->end && *cursor->at == c) {
        cursor->at++;
        return true;
    }
    return false;
}

bool json_expect(struct json_cursor *cursor, char c, const char *expected)
{
    return json_take(cursor, c) || fail(cursor, expected);
}

/* --- strings --- */

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

/* The four digits of \uXXXX, with `at` on the first. */
static bool read_hex4(struct json_cursor *cursor, uint32_t *out)
{
    uint32_t code = 0;
    for (int i = 0; i < 4; i++) {
        int digit = cursor->at < cursor->end ? hex_digit(*cursor->at) : -1;
        if (digit < 0)
            return fail(cursor, "expected four hexadecimal digits after \\u");
        code = code * 16 + (uint32_t)digit;
        cursor->at++;
    }
    *out = code;
    return true;
}

static char *put_utf8(char *out, uint32_t code)
{
    if (code < 0x80) {
        *out++ = (char)code;
    } else if (code < 0x800) {
        *out++ = (char)(0xc0 | code >> 6);
        *out++ = (char)(0x80 | (code & 0x3f));
    } else if (code < 0x10000) {
        *out++ = (char)(0xe0 | code >> 12);
        *out++ = (char)(0x80 | (code >> 6 & 0x3f));
        *out++ = (char)(0x80 | (code & 0x3f));
    } else {
        *out++ = (char)(0xf0 | code >> 18);
        *out++ = (char)(0x80 | (code >> 12 & 0x3f));
        *out++ = (char)(0x80 | (code >> 6 & 0x3f));
        *out++ = (char)(0x80 | (code & 0x3f));
    }
    return out;
}

static bool read_unicode_escape(struct json_cursor *cursor, char **out)
{
    uint32_t code;
    if (!read_hex4(cursor, &code))
        return false;
    bool high = code >= 0xd800 && code < 0xdc00;
    if (high && cursor->end - cursor->at >= 2 && cursor->at[0] == '\\' && cursor->at[1] == 'u') {
        const char *before = cursor->at;
        uint32_t low;
        cursor->at += 2;
        if (!read_hex4(cursor, &low))
            return false;
        if (low >= 0xdc00 && low < 0xe000)
            code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
        else
            cursor->at = before;
    }
    if (code >= 0xd800 && code < 0xe000)
        code = 0xfffd; /* half a surrogate pair */
    *out = put_utf8(*out, code);
    return true;
}

/* One escape, with `at` just behind the backslash. */
static bool read_escape(struct json_cursor *cursor, char **out)
{
    static const char names[] = "\"\\/bfnrt", bytes[] = "\"\\/\b\f\n\r\t";
    if (cursor->at == cursor->end)
        return fail(cursor, "the text ends inside a string");
    char c = *cursor->at;
    if (c == 'u') {
        cursor->at++;
        return read_unicode_escape(cursor, out);
    }
    const char *found = c ? strchr(names, c) : NULL;
    if (!found)
        return fail(cursor,
                    "no such escape in a string: use \\\" \\\\ \\/ \\b \\f \\n \\r \\t \\u");
    cursor->at++;
    *(*out)++ = bytes[found - names];
    return true;
}

/* The rest of a string that has an escape; `start` is its first byte, `at` on the backslash. */
static bool read_escaped_string(struct json_cursor *cursor, struct arena *arena, const char *start,
                                const char **text, size_t *length)
{
    const char *stop = cursor->at;
    while (stop < cursor->end && *stop != '"')
        stop += *stop == '\\' && stop + 1 < cursor->end ? 2 : 1;
    /* Decoding never makes a string longer. */
    char *copy = arena_alloc(arena, (size_t)(stop - start) + 1);
    if (!copy)
        return fail(cursor, "no memory for this string");
    char *out = copy;
    memcpy(out, start, (size_t)(cursor->at - start));
    out += cursor->at - start;
    while (cursor->at < cursor->end && *cursor->at != '"') {
        if (*cursor->at == '\\') {
            cursor->at++;
            if (!read_escape(cursor, &out))
                return false;
        } else {
            *out++ = *cursor->at++;
        }
    }
    if (cursor->at == cursor->end)
        return fail(cursor, "the text ends inside a string");
    cursor->at++;
    *text = copy;
    *length = (size_t)(out - copy);
    return true;
}

bool json_read_string(struct json_cursor *cursor, struct arena *arena, const char **text,
                      size_t *length)
{
    if (!json_expect(cursor, '"', "expected a string"))
        return false;
    const char *start = cursor->at;
    while (cursor->at < cursor->end && *cursor->at != '"' && *cursor->at != '\\')
        cursor->at++;
    if (cursor->at == cursor->end)
        return fail(cursor, "the text ends inside a string");
    if (*cursor->at == '\\')
        return read_escaped_string(cursor, arena, start, text, length);
    *text = start;
    *length = (size_t)(cursor->at - start);
    cursor->at++;
    return true;
}

/* --- numbers --- */

bool json_read_int(struct json_cursor *cursor, int64_t *out)
{
    json_skip_space(cursor);
    const char *at = cursor->at;
    bool negative = at < cursor->end && *at == '-';
    at += negative;
    const char *first = at;
    uint64_t number = 0;
    while (at < cursor->end && *at >= '0' && *at <= '9') {
        uint64_t digit = (uint64_t)(*at - '0');
        if (number > (UINT64_C(9223372036854775808) - digit) / 10)
            return fail(cursor, "an integer outside 64 bits");
        number = number * 10 + digit;
        at++;
    }
    if (at == first) {
        cursor->at = at;
        return fail(cursor, "expected an integer");
    }
    if (!negative && number > INT64_MAX)
        return fail(cursor, "an integer outside 64 bits");
    cursor->at = at;
    *out = negative ? (int64_t)(0 - number) : (int64_t)number;
    return true;
}

static bool take_digits(struct json_cursor *cursor)
{
    const char *first = cursor->at;
    while (cursor->at < cursor->end && *cursor->at >= '0' && *cursor->at <= '9')
        cursor->at++;
    return cursor->at > first || fail(cursor, "expected a digit");
}

/* Passes over a number as JSON writes it; *real if it has a fraction or an exponent. */
static bool scan_number(struct json_cursor *cursor, bool *real)
{
    const char *end = cursor->end;
    cursor->at += *cursor->at == '-';
    *real = false;
    if (!take_digits(cursor))
        return false;
    if (cursor->at < end && *cursor->at == '.') {
        *real = true;
        cursor->at++;
        if (!take_digits(cursor))
            return false;
    }
    if (cursor->at < end && (*cursor->at == 'e' || *cursor->at == 'E')) {
        *real = true;
        cursor->at++;
        cursor->at += cursor->at < end && (*cursor->at == '+' || *cursor->at == '-');
        return take_digits(cursor);
    }
    return true;
}

/* An integer that 64 bits do not hold stays its own digits: as a float it would be equal to its
 * neighbours. */
static bool keep_digits(struct json_cursor *cursor, struct arena *arena, const char *digits,
                        size_t length, struct value *out)
{
    const char *copy = arena_strndup(arena, digits, length);
    if (!copy)
        return fail(cursor, "no memory for this number");
    *out = value_text(VALUE_STRING, copy, length);
    return true;
}

static bool read_number(struct json_cursor *cursor, struct arena *arena, struct value *out)
{
    struct json_cursor number = {.at = cursor->at};
    bool real;
    if (!scan_number(cursor, &real))
        return false;
    number.end = cursor->at;
    size_t length = (size_t)(number.end - number.at);
    char copy[400];
    if (length >= sizeof copy)
        return fail(cursor, "a number of this length is not supported");
    memcpy(copy, number.at, length);
    copy[length] = '\0';
    int64_t integer;
    if (real)
        *out = (struct value){.kind = VALUE_FLOAT, .real = strtod(copy, NULL)};
    else if (json_read_int(&number, &integer))
        *out = value_int(integer);
    else
        return keep_digits(cursor, arena, copy, length, out);
    return true;
}

/* --- any value --- */

static bool push(struct json_cursor *cursor, struct arena *arena, struct value_list *list,
                 struct value item)
{
    return value_list_add(list, arena, item) == 0 || fail(cursor, "no memory for this value");
}

static bool read_value(struct json_cursor *cursor, struct arena *arena, struct value *out,
                       int depth);

static bool read_array(struct json_cursor *cursor, struct arena *arena, struct value *out,
                       int depth)
{
    struct value_list list = VALUE_LIST_INIT;
    if (!json_take(cursor, ']')) {
        do {
            struct value item;
            if (!read_value(cursor, arena, &item, depth) || !push(cursor, arena, &list, item))
                return false;
        } while (json_take(cursor, ','));
        if (!json_expect(cursor, ']', "expected ',' or ']' in an array"))
            return false;
    }
    *out = value_items(VALUE_LIST, list.items, list.count);
    return true;
}

/* {"keyword": "k"} and its like stand for kinds that JSON lacks. */
static struct value untag(struct value map)
{
    if (map.count != 2)
        return map;
    struct value tag = map.items[0], body = map.items[1];
    if (value_is_text(tag, VALUE_STRING, "keyword") && body.kind == VALUE_STRING)
        return value_text(VALUE_KEYWORD, body.text, body.count);
    if (value_is_text(tag, VALUE_STRING, "set") && body.kind == VALUE_LIST)
        return value_items(VALUE_SET, body.items, body.count);
    if (value_is_text(tag, VALUE_STRING, "map") && body.kind == VALUE_LIST && body.count % 2 == 0)
        return value_items(VALUE_MAP, body.items, body.count);
    if (value_is_text(tag, VALUE_STRING, "float") && body.kind == VALUE_STRING) {
        double real = value_is_text(body, VALUE_STRING, "nan")    ? (double)NAN
                      : value_is_text(body, VALUE_STRING, "inf")  ? (double)INFINITY
                      : value_is_text(body, VALUE_STRING, "-inf") ? (double)-INFINITY
                                                                  : 0;
        if (real != 0)
            return (struct value){.kind = VALUE_FLOAT, .real = real};
    }
    return map;
}

static bool read_text_value(struct json_cursor *cursor, struct arena *arena, struct value *out)
{
    const char *text;
    size_t length;
    if (!json_read_string(cursor, arena, &text, &length))
        return false;
    const char *copy = arena_strndup(arena, text, length);
    if (!copy || length > UINT32_MAX)
        return fail(cursor, "no memory for this string");
    *out = value_text(VALUE_STRING, copy, length);
    return true;
}

static bool read_object(struct json_cursor *cursor, struct arena *arena, struct value *out,
                        int depth)
{
    const char *begin = cursor->at;
    struct value_list list = VALUE_LIST_INIT;
    if (!json_take(cursor, '}')) {
        do {
            struct value key, item;
            if (!read_text_value(cursor, arena, &key) ||
                !json_expect(cursor, ':', "expected ':' after a member's name") ||
                !read_value(cursor, arena, &item, depth) || !push(cursor, arena, &list, key) ||
                !push(cursor, arena, &list, item))
                return false;
        } while (json_take(cursor, ','));
        if (!json_expect(cursor, '}', "expected ',' or '}' in an object"))
            return false;
    }
    *out = untag(value_items(VALUE_MAP, list.items, list.count));
    if (out->kind == VALUE_MAP && value_map_repeats(*out, arena)) {
        cursor->at = begin;
        return fail(cursor, VALUE_MAP_REPEATS);
    }
    return true;
}

static bool read_word(struct json_cursor *cursor, const char *word)
{
    size_t length = strlen(word), left = (size_t)(cursor->end - cursor->at);
    if (left < length && memcmp(cursor->at, word, left) == 0) {
        cursor->at = cursor->end;
        return fail(cursor, "the text ends inside a word");
    }
    if (left < length || memcmp(cursor->at, word, length) != 0)
        return fail(cursor, "expected a value: a number, string, array, object, true, false, null");
    cursor->at += length;
    return true;
}

static bool read_value(struct json_cursor *cursor, struct arena *arena, struct value *out,
                       int depth)
{
    json_skip_space(cursor);
    if (cursor->at == cursor->end)
        return fail(cursor, "expected a value");
    if (depth == JSON_DEPTH_MAX)
        return fail(cursor, "values nest deeper than 64 levels");
    switch (*cursor->at) {
    case '"':
        return read_text_value(cursor, arena, out);
    case '[':
        cursor->at++;
        return read_array(cursor, arena, out, depth + 1);
    case '{':
        cursor->at++;
        return read_object(cursor, arena, out, depth + 1);
    case 't':
        *out = value_bool(true);
        return read_word(cursor, "true");
    case 'f':
        *out = value_bool(false);
        return read_word(cursor, "false");
    case 'n':
        *out = value_nil();
        return read_word(cursor, "null");
    default:
        if (*cursor->at == '-' || (*cursor->at >= '0' && *cursor->at <= '9'))
            return read_number(cursor, arena, out);
        return fail(cursor, "expected a value: a number, string, array, object, true, false, null");
    }
}

bool json_read_value(struct json_cursor *cursor, struct arena *arena, struct value *out)
{
    return read_value(cursor, arena, out, 0);
}

static bool skip_string(struct json_cursor *cursor)
{
    cursor->at++;
    while (cursor->at < cursor->end && *cursor->at != '"')
        cursor->at += *cursor->at == '\\' && cursor->at + 1 < cursor->end ? 2 : 1;
    if (cursor->at >= cursor->end)
        return fail(cursor, "the text ends inside a string");
    cursor->at++;
    return true;
}

/* Brackets are balanced by count, not by kind: what is skipped is not judged. */
bool json_skip_value(struct json_cursor *cursor)
{
    size_t depth = 0;
    do {
        json_skip_space(cursor);
        if (cursor->at == cursor->end)
            return fail(cursor, "expected a value");
        char c = *cursor->at;
        if (c == '"') {
            if (!skip_string(cursor))
                return false;
        } else if (c == '[' || c == '{') {
            depth++;
            cursor->at++;
        } else if (c == ']' || c == '}') {
            if (depth == 0)
                return fail(cursor, "expected a value");
            depth--;
            cursor->at++;
        } else if (depth > 0 && (c == ',' || c == ':')) {
            cursor->at++;
        } else {
            struct arena scratch; /* only a very large integer needs any */
            struct value scalar;
            arena_init(&scratch, 0);
            bool ok = read_value(cursor, &scratch, &scalar, 0);
            arena_fini(&scratch);
            if (!ok)
                return false;
        }
    } while (depth > 0);
    return true;
}
