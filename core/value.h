/* Values of operations: what was written, read or expected.
 *
 * A value is small (16 bytes) and passed by copy; what it points to (text, items) is borrowed from
 * the arena or buffer it was made in, and must outlive it. Values are immutable once made. */
#ifndef CORE_VALUE_H
#define CORE_VALUE_H

#include "core/text.h"

#include <stdint.h>

struct arena;
struct strbuf;

enum value_kind {
    VALUE_NIL,
    VALUE_BOOL,
    VALUE_INT,
    VALUE_FLOAT,
    VALUE_STRING,
    VALUE_KEYWORD, /* Jepsen's :name, without the colon */
    VALUE_LIST,
    VALUE_SET,
    VALUE_MAP, /* items alternate key, value */
};

struct value {
    uint32_t kind;  /* enum value_kind */
    uint32_t count; /* bytes of text, or number of items (a map of n pairs has 2n) */
    union {
        bool boolean;
        int64_t integer;
        double real;
        const char *text; /* NUL-terminated, and may hold NUL */
        const struct value *items;
    };
};

static inline struct value value_nil(void)
{
    return (struct value){.kind = VALUE_NIL};
}

static inline struct value value_int(int64_t integer)
{
    return (struct value){.kind = VALUE_INT, .integer = integer};
}

static inline struct value value_bool(bool boolean)
{
    return (struct value){.kind = VALUE_BOOL, .boolean = boolean};
}

/* Borrows text. */
struct value value_text(enum value_kind kind, const char *text, size_t length);
struct value value_string(const char *text);

/* Borrows items. */
struct value value_items(enum value_kind kind, const struct value *items, size_t count);

/* A list of two, its items in the arena; sets *out. -1 when the arena is full. */
int value_pair(struct arena *arena, struct value first, struct value second, struct value *out);

/* Copies value and everything below it into the arena; -1 when it is full. */
int value_copy(struct arena *arena, struct value value, struct value *out);

/* Deep equality. Lists compare in order; sets and maps regardless of order (O(n^2)). */
bool value_equal(struct value a, struct value b);

/* Equal values have equal hashes. */
uint64_t value_hash(struct value value);

static inline bool value_is_nil(struct value value)
{
    return value.kind == VALUE_NIL;
}

/* Whether it is of a kind of text, and this one. */
static inline bool value_is_text(struct value value, enum value_kind kind, const char *text)
{
    return value.kind == kind && text_is(value.text, value.count, text);
}

/* Whether it is this name, as a keyword or as a string: what formats without keywords make of
 * one. */
static inline bool value_is_name(struct value value, const char *name)
{
    return value_is_text(value, VALUE_KEYWORD, name) || value_is_text(value, VALUE_STRING, name);
}

/* The two items of a list of two; false for anything else. */
bool value_as_pair(struct value value, struct value *first, struct value *second);

/* JSON: a keyword becomes {"keyword": "k"}, a set {"set": [...]} and a map {"map": [k, v, ...]},
 * so that reading it back loses nothing. */
void value_write_json(struct strbuf *buf, struct value value);

/* For people: 5, nil, "text", :keyword, [1 2], #{1 2}, {a 1}. */
void value_write_text(struct strbuf *buf, struct value value);

#endif
