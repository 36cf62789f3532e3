#include "core/edn.h"

#include "core/arena.h"
#include "core/text.h"
#include "core/value_list.h"
#include "core/value_map.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

bool edn_fail(struct edn_cursor *cursor, const char *problem)
{
    if (!cursor->problem) {
        cursor->problem = problem;
        cursor->ended_early = cursor->at >= cursor->end;
    }
    return false;
}

void edn_position(const char *text, const char *at, size_t *line, size_t *column)
{
    const char *start = text;
    *line = 1;
    for (const char *newline = text;
         (newline = memchr(newline, '\n', (size_t)(at - newline))) != NULL;) {
        (*line)++;
        start = ++newline;
    }
    *column = (size_t)(at - start) + 1;
}

/* --- space and tokens --- */

static bool is_space(char c)
{
    return c == ' ' || c == '\n' || c == ',' || c == '\t' || c == '\r' || c == '\f' || c == '\v';
}

/* Whether a byte ends a symbol, keyword or number. */
static bool is_delimiter(char c)
{
    return is_space(c) || c == '(' || c == ')' || c == '[' || c == ']' || c == '{' || c == '}' ||
           c == '"' || c == ';';
}

static size_t token_length(const struct edn_cursor *cursor)
{
    const char *at = cursor->at;
    while (at < cursor->end && !is_delimiter(*at))
        at++;
    return (size_t)(at - cursor->at);
}

static void skip_blank(struct edn_cursor *cursor)
{
    while (cursor->at < cursor->end) {
        if (is_space(*cursor->at)) {
            cursor->at++;
        } else if (*cursor->at == ';') {
            const char *newline = memchr(cursor->at, '\n', (size_t)(cursor->end - cursor->at));
            cursor->at = newline ? newline + 1 : cursor->end;
        } else {
            return;
        }
    }
}

/* Whether a tag begins here: '#' and a letter or, for a namespace that all keys share, a colon. */
static bool at_tag(const struct edn_cursor *cursor)
{
    if (cursor->end - cursor->at < 2 || cursor->at[0] != '#')
        return false;
    char c = cursor->at[1];
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == ':';
}

static bool skip_space(struct edn_cursor *cursor, int depth);
static bool skip_value(struct edn_cursor *cursor, int depth);

bool edn_skip_space(struct edn_cursor *cursor)
{
    return skip_space(cursor, 0);
}

static bool skip_space(struct edn_cursor *cursor, int depth)
{
    for (;;) {
        skip_blank(cursor);
        if (cursor->end - cursor->at >= 2 && cursor->at[0] == '#' && cursor->at[1] == '_') {
            cursor->at += 2;
            if (!skip_value(cursor, depth + 1))
                return false;
        } else if (at_tag(cursor)) {
            cursor->at++;
            cursor->at += token_length(cursor);
        } else {
            return true;
        }
    }
}

bool edn_take(struct edn_cursor *cursor, char c)
{
    if (!edn_skip_space(cursor) || cursor->at >= cursor->end || *cursor->at != c)
        return false;
    cursor->at++;
    return true;
}

/* --- skipping --- */

static bool skip_string(struct edn_cursor *cursor)
{
    cursor->at++;
    while (cursor->at < cursor->end && *cursor->at != '"')
        cursor->at += *cursor->at == '\\' && cursor->at + 1 < cursor->end ? 2 : 1;
    if (cursor->at >= cursor->end) {
        cursor->at = cursor->end;
        return edn_fail(cursor, "the text ends inside a string");
    }
    cursor->at++;
    return true;
}

/* The bracket that closes what begins at the cursor, which it passes; 0 if nothing does. */
static char take_opening(struct edn_cursor *cursor)
{
    char c = *cursor->at;
    if (c == '#' && cursor->end - cursor->at >= 2 &&
        (cursor->at[1] == '{' || cursor->at[1] == '(')) {
        cursor->at++;
        c = *cursor->at;
    }
    if (c != '(' && c != '[' && c != '{')
        return 0;
    cursor->at++;
    return c == '(' ? ')' : c == '[' ? ']' : '}';
}

static bool skip_items(struct edn_cursor *cursor, char closing, int depth)
{
    for (;;) {
        if (!skip_space(cursor, depth))
            return false;
        if (cursor->at == cursor->end)
            return edn_fail(cursor, "the text ends inside a collection");
        if (*cursor->at == closing) {
            cursor->at++;
            return true;
        }
        if (!skip_value(cursor, depth + 1))
            return false;
    }
}

static bool skip_value(struct edn_cursor *cursor, int depth)
{
    if (!skip_space(cursor, depth))
        return false;
    if (cursor->at == cursor->end)
        return edn_fail(cursor, "expected a value");
    if (depth >= EDN_SKIP_DEPTH_MAX)
        return edn_fail(cursor, "values nest too deeply");
    char closing = take_opening(cursor);
    if (closing)
        return skip_items(cursor, closing, depth);
    if (*cursor->at == '"')
        return skip_string(cursor);
    if (*cursor->at == '#' && cursor->end - cursor->at >= 2 && cursor->at[1] == '"') {
        cursor->at++; /* a regular expression */
        return skip_string(cursor);
    }
    if (*cursor->at == '\\') /* a character may be a delimiter */
        cursor->at += cursor->end - cursor->at >= 2 ? 2 : 1;
    else if (token_length(cursor) == 0)
        return edn_fail(cursor, "expected a value, found a closing bracket");
    cursor->at += token_length(cursor);
    return true;
}

bool edn_skip_value(struct edn_cursor *cursor)
{
    return skip_value(cursor, 0);
}

/* --- scalars --- */

static bool make_text(struct edn_cursor *cursor, struct arena *arena, enum value_kind kind,
                      const char *text, size_t length, struct value *out)
{
    const char *copy = length <= UINT32_MAX ? arena_strndup(arena, text, length) : NULL;
    if (!copy)
        return edn_fail(cursor, "no memory for this text");
    *out = value_text(kind, copy, length);
    return true;
}

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

static size_t put_utf8(char *out, uint32_t code)
{
    if (code < 0x80) {
        out[0] = (char)code;
        return 1;
    }
    if (code < 0x800) {
        out[0] = (char)(0xc0 | code >> 6);
        out[1] = (char)(0x80 | (code & 0x3f));
        return 2;
    }
    out[0] = (char)(0xe0 | code >> 12);
    out[1] = (char)(0x80 | (code >> 6 & 0x3f));
    out[2] = (char)(0x80 | (code & 0x3f));
    return 3;
}

/* The escape at `at` (on the backslash); returns its length in the text, 0 if it is none. */
static size_t decode_escape(const char *at, const char *end, char *out, size_t *out_length)
{
    static const char names[] = "tnrbf\\\"", bytes[] = "\t\n\r\b\f\\\"";
    if (end - at < 2)
        return 0;
    if (at[1] == 'u') {
        uint32_t code = 0;
        for (int i = 2; i < 6; i++) {
            int digit = at + i < end ? hex_digit(at[i]) : -1;
            if (digit < 0)
                return 0;
            code = code << 4 | (uint32_t)digit;
        }
        *out_length = put_utf8(out, code);
        return 6;
    }
    const char *name = memchr(names, at[1], sizeof names - 1);
    if (!name)
        return 0;
    out[0] = bytes[name - names];
    *out_length = 1;
    return 2;
}

static bool read_string(struct edn_cursor *cursor, struct arena *arena, struct value *out)
{
    const char *start = cursor->at + 1;
    struct edn_cursor ahead = *cursor;
    if (!skip_string(&ahead)) {
        *cursor = ahead;
        return false;
    }
    const char *stop = ahead.at - 1;
    char *text = arena_alloc(arena, (size_t)(stop - start) + 1);
    if (!text)
        return edn_fail(cursor, "no memory for this text");
    size_t length = 0;
    for (const char *at = start; at < stop;) {
        size_t added = 1, taken = 1;
        if (*at == '\\') {
            taken = decode_escape(at, stop, text + length, &added);
            if (taken == 0) {
                cursor->at = at;
                return edn_fail(cursor, "an escape that EDN does not have");
            }
        } else {
            text[length] = *at;
        }
        length += added;
        at += taken;
    }
    text[length] = '\0';
    *out = value_text(VALUE_STRING, text, length);
    cursor->at = ahead.at;
    return true;
}

static bool read_character(struct edn_cursor *cursor, struct arena *arena, struct value *out)
{
    const char *start = ++cursor->at;
    if (start == cursor->end)
        return edn_fail(cursor, "the text ends inside a character");
    cursor->at++;
    cursor->at += token_length(cursor);
    return make_text(cursor, arena, VALUE_STRING, start, (size_t)(cursor->at - start), out);
}

/* An integer of 64 bits with an optional N; false leaves the cursor. */
static bool read_integer(struct edn_cursor *cursor, size_t length, struct value *out)
{
    const char *at = cursor->at, *stop = cursor->at + length;
    bool negative = *at == '-';
    at += negative || *at == '+';
    if (at < stop && stop[-1] == 'N')
        stop--;
    if (at == stop)
        return false;
    uint64_t number = 0, most = (uint64_t)INT64_MAX + negative;
    for (; at < stop; at++) {
        if (*at < '0' || *at > '9')
            return false;
        uint64_t digit = (uint64_t)(*at - '0');
        if (number > (most - digit) / 10)
            return false;
        number = number * 10 + digit;
    }
    *out = value_int(negative ? (int64_t)(0 - number) : (int64_t)number);
    cursor->at += length;
    return true;
}

static bool has_only(const char *text, size_t length, const char *allowed)
{
    for (size_t i = 0; i < length; i++)
        if (!strchr(allowed, text[i]) || text[i] == '\0')
            return false;
    return true;
}

static bool read_real(struct edn_cursor *cursor, size_t length, struct value *out)
{
    char copy[64];
    if (length >= sizeof copy)
        return false;
    memcpy(copy, cursor->at, length);
    copy[length] = '\0';
    if (!strpbrk(copy, ".eE") || !has_only(copy, length, "0123456789.eE+-"))
        return false;
    char *stop;
    double real = strtod(copy, &stop);
    if (*stop != '\0')
        return false;
    *out = (struct value){.kind = VALUE_FLOAT, .real = real};
    cursor->at += length;
    return true;
}

/* ##Inf, ##-Inf, ##NaN; false leaves the cursor. */
static bool read_symbolic(struct edn_cursor *cursor, size_t length, struct value *out)
{
    const char *text = cursor->at;
    *out = (struct value){.kind = VALUE_FLOAT, .real = INFINITY};
    if (text_is(text, length, "##-Inf"))
        out->real = -INFINITY;
    else if (text_is(text, length, "##NaN"))
        out->real = NAN;
    else if (!text_is(text, length, "##Inf"))
        return false;
    cursor->at += length;
    return true;
}

static bool read_token(struct edn_cursor *cursor, struct arena *arena, struct value *out)
{
    const char *text = cursor->at;
    size_t length = token_length(cursor);
    if (length == 0)
        return edn_fail(cursor, "expected a value, found a closing bracket");
    bool has_sign = *text == '-' || *text == '+';
    char first = length > 1 && has_sign ? text[1] : text[0];
    if (first >= '0' && first <= '9' &&
        (read_integer(cursor, length, out) || read_real(cursor, length, out)))
        return true;
    if (*text == '#' && read_symbolic(cursor, length, out))
        return true;
    cursor->at += length;
    if (text_is(text, length, "nil"))
        *out = value_nil();
    else if (text_is(text, length, "true") || text_is(text, length, "false"))
        *out = value_bool(length == 4);
    else if (*text == ':')
        return make_text(cursor, arena, VALUE_KEYWORD, text + 1, length - 1, out);
    else
        return make_text(cursor, arena, VALUE_STRING, text, length, out);
    return true;
}

/* --- collections --- */

static bool push(struct edn_cursor *cursor, struct arena *arena, struct value_list *list,
                 struct value item)
{
    return value_list_add(list, arena, item) == 0 || edn_fail(cursor, "no memory for this value");
}

static bool read_value(struct edn_cursor *cursor, struct arena *arena, struct value *out,
                       int depth);

static bool read_items(struct edn_cursor *cursor, struct arena *arena, char closing,
                       enum value_kind kind, struct value *out, int depth)
{
    const char *begin = cursor->at;
    struct value_list list = VALUE_LIST_INIT;
    for (;;) {
        struct value item;
        if (!skip_space(cursor, depth))
            return false;
        if (cursor->at == cursor->end)
            return edn_fail(cursor, "the text ends inside a collection");
        if (*cursor->at == closing)
            break;
        if (!read_value(cursor, arena, &item, depth + 1) || !push(cursor, arena, &list, item))
            return false;
    }
    if (kind == VALUE_MAP && list.count % 2 != 0)
        return edn_fail(cursor, "a map needs a value for every key");
    cursor->at++;
    *out = value_items(kind, list.items, list.count);
    if (kind == VALUE_MAP && value_map_repeats(*out, arena)) {
        cursor->at = begin;
        return edn_fail(cursor, VALUE_MAP_REPEATS);
    }
    return true;
}

static bool read_value(struct edn_cursor *cursor, struct arena *arena, struct value *out, int depth)
{
    if (!skip_space(cursor, depth))
        return false;
    if (cursor->at == cursor->end)
        return edn_fail(cursor, "expected a value");
    if (depth >= EDN_DEPTH_MAX)
        return edn_fail(cursor, "values nest deeper than 64 levels");
    bool is_set = cursor->end - cursor->at >= 2 && cursor->at[0] == '#' && cursor->at[1] == '{';
    char closing = take_opening(cursor);
    if (closing)
        return read_items(cursor, arena, closing,
                          is_set           ? VALUE_SET
                          : closing == '}' ? VALUE_MAP
                                           : VALUE_LIST,
                          out, depth);
    if (*cursor->at == '"')
        return read_string(cursor, arena, out);
    if (*cursor->at == '\\')
        return read_character(cursor, arena, out);
    return read_token(cursor, arena, out);
}

bool edn_read_value(struct edn_cursor *cursor, struct arena *arena, struct value *out)
{
    return read_value(cursor, arena, out, 0);
}
