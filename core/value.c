#include "core/value.h"

#include "core/arena.h"
#include "core/strbuf.h"

#include <assert.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

struct value value_text(enum value_kind kind, const char *text, size_t length)
{
    assert(kind == VALUE_STRING || kind == VALUE_KEYWORD);
    return (struct value){.kind = kind, .count = (uint32_t)length, .text = text};
}

struct value value_string(const char *text)
{
    return value_text(VALUE_STRING, text, strlen(text));
}

struct value value_items(enum value_kind kind, const struct value *items, size_t count)
{
    assert(kind == VALUE_LIST || kind == VALUE_SET || kind == VALUE_MAP);
    return (struct value){.kind = kind, .count = (uint32_t)count, .items = items};
}

int value_pair(struct arena *arena, struct value first, struct value second, struct value *out)
{
    struct value items[2] = {first, second};
    const struct value *copy = arena_copy(arena, items, sizeof items);
    if (!copy)
        return -1;
    *out = value_items(VALUE_LIST, copy, 2);
    return 0;
}

static bool has_items(struct value value)
{
    return value.kind >= VALUE_LIST;
}

static bool has_text(struct value value)
{
    return value.kind == VALUE_STRING || value.kind == VALUE_KEYWORD;
}

int value_copy(struct arena *arena, struct value value, struct value *out)
{
    if (has_text(value)) {
        value.text = arena_strndup(arena, value.text, value.count);
        if (!value.text)
            return -1;
    } else if (has_items(value)) {
        struct value *items = arena_alloc(arena, value.count * sizeof *items);
        if (!items)
            return -1;
        for (uint32_t i = 0; i < value.count; i++)
            if (value_copy(arena, value.items[i], &items[i]) != 0)
                return -1;
        value.items = items;
    }
    *out = value;
    return 0;
}

static bool items_equal_in_order(struct value a, struct value b)
{
    for (uint32_t i = 0; i < a.count; i++)
        if (!value_equal(a.items[i], b.items[i]))
            return false;
    return true;
}

/* How often the group of `width` items at `at` occurs in value. */
static uint32_t count_group(struct value value, const struct value *at, uint32_t width)
{
    uint32_t found = 0;
    for (uint32_t i = 0; i + width <= value.count; i += width) {
        bool same = true;
        for (uint32_t j = 0; j < width && same; j++)
            same = value_equal(value.items[i + j], at[j]);
        found += same;
    }
    return found;
}

static bool items_equal_any_order(struct value a, struct value b, uint32_t width)
{
    for (uint32_t i = 0; i + width <= a.count; i += width)
        if (count_group(a, a.items + i, width) != count_group(b, a.items + i, width))
            return false;
    return true;
}

bool value_equal(struct value a, struct value b)
{
    if (a.kind != b.kind)
        return false;
    switch ((enum value_kind)a.kind) {
    case VALUE_NIL:
        return true;
    case VALUE_BOOL:
        return a.boolean == b.boolean;
    case VALUE_INT:
        return a.integer == b.integer;
    case VALUE_FLOAT:
        return a.real == b.real || (isnan(a.real) && isnan(b.real));
    case VALUE_STRING:
    case VALUE_KEYWORD:
        return a.count == b.count && memcmp(a.text, b.text, a.count) == 0;
    case VALUE_LIST:
        return a.count == b.count && items_equal_in_order(a, b);
    case VALUE_SET:
        return a.count == b.count && items_equal_any_order(a, b, 1);
    case VALUE_MAP:
        return a.count == b.count && items_equal_any_order(a, b, 2);
    }
    return false;
}

static uint64_t mix(uint64_t h, uint64_t x)
{
    h = (h ^ x) * 0x9fb21c651e98df25u;
    return h ^ (h >> 32);
}

static uint64_t hash_bytes(uint64_t h, const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++)
        h = mix(h, (unsigned char)text[i]);
    return h;
}

uint64_t value_hash(struct value value)
{
    uint64_t h = mix(0x2545f4914f6cdd1du, value.kind);
    switch ((enum value_kind)value.kind) {
    case VALUE_NIL:
        return h;
    case VALUE_BOOL:
        return mix(h, value.boolean);
    case VALUE_INT:
        return mix(h, (uint64_t)value.integer);
    case VALUE_FLOAT: {
        if (isnan(value.real))
            return mix(h, 1);
        double real = value.real == 0 ? 0 : value.real; /* -0.0 equals 0.0 */
        uint64_t bits;
        memcpy(&bits, &real, sizeof bits);
        return mix(h, bits);
    }
    case VALUE_STRING:
    case VALUE_KEYWORD:
        return hash_bytes(h, value.text, value.count);
    case VALUE_LIST:
        for (uint32_t i = 0; i < value.count; i++)
            h = mix(h, value_hash(value.items[i]));
        return h;
    case VALUE_SET:
    case VALUE_MAP: {
        uint64_t sum = 0;
        uint32_t width = value.kind == VALUE_MAP ? 2 : 1;
        for (uint32_t i = 0; i + width <= value.count; i += width)
            sum += mix(value_hash(value.items[i]), value_hash(value.items[i + width - 1]));
        return mix(h, sum);
    }
    }
    return h;
}

bool value_as_pair(struct value value, struct value *first, struct value *second)
{
    if (value.kind != VALUE_LIST || value.count != 2)
        return false;
    *first = value.items[0];
    *second = value.items[1];
    return true;
}

static void write_real(struct strbuf *buf, double real)
{
    char text[40];
    snprintf(text, sizeof text, "%.17g", real);
    strbuf_puts(buf, text);
    if (isfinite(real) && !strpbrk(text, ".eE"))
        strbuf_puts(buf, ".0");
}

static void write_json_items(struct strbuf *buf, struct value value)
{
    strbuf_putc(buf, '[');
    for (uint32_t i = 0; i < value.count; i++) {
        if (i)
            strbuf_putc(buf, ',');
        value_write_json(buf, value.items[i]);
    }
    strbuf_putc(buf, ']');
}

void value_write_json(struct strbuf *buf, struct value value)
{
    switch ((enum value_kind)value.kind) {
    case VALUE_NIL:
        strbuf_puts(buf, "null");
        break;
    case VALUE_BOOL:
        strbuf_puts(buf, value.boolean ? "true" : "false");
        break;
    case VALUE_INT:
        strbuf_put_int(buf, value.integer);
        break;
    case VALUE_FLOAT:
        if (isfinite(value.real))
            write_real(buf, value.real);
        else
            strbuf_puts(buf, isnan(value.real) ? "{\"float\":\"nan\"}"
                             : value.real > 0  ? "{\"float\":\"inf\"}"
                                               : "{\"float\":\"-inf\"}");
        break;
    case VALUE_STRING:
        strbuf_put_json_string(buf, value.text, value.count);
        break;
    case VALUE_KEYWORD:
        strbuf_puts(buf, "{\"keyword\":");
        strbuf_put_json_string(buf, value.text, value.count);
        strbuf_putc(buf, '}');
        break;
    case VALUE_LIST:
        write_json_items(buf, value);
        break;
    case VALUE_SET:
    case VALUE_MAP:
        strbuf_puts(buf, value.kind == VALUE_SET ? "{\"set\":" : "{\"map\":");
        write_json_items(buf, value);
        strbuf_putc(buf, '}');
        break;
    }
}

static void write_text_items(struct strbuf *buf, struct value value, const char *open, char close)
{
    strbuf_puts(buf, open);
    for (uint32_t i = 0; i < value.count; i++) {
        if (i)
            strbuf_putc(buf, ' ');
        value_write_text(buf, value.items[i]);
    }
    strbuf_putc(buf, close);
}

void value_write_text(struct strbuf *buf, struct value value)
{
    switch ((enum value_kind)value.kind) {
    case VALUE_NIL:
        strbuf_puts(buf, "nil");
        break;
    case VALUE_KEYWORD:
        strbuf_putc(buf, ':');
        strbuf_add(buf, value.text, value.count);
        break;
    case VALUE_FLOAT:
        write_real(buf, value.real);
        break;
    case VALUE_LIST:
        write_text_items(buf, value, "[", ']');
        break;
    case VALUE_SET:
        write_text_items(buf, value, "#{", '}');
        break;
    case VALUE_MAP:
        write_text_items(buf, value, "{", '}');
        break;
    case VALUE_BOOL:
    case VALUE_INT:
    case VALUE_STRING:
        value_write_json(buf, value);
        break;
    }
}
