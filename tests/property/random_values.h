/* Random values of every kind, with text that is hard to write. */
#ifndef TESTS_PROPERTY_RANDOM_VALUES_H
#define TESTS_PROPERTY_RANDOM_VALUES_H

#include "core/arena.h"
#include "core/random.h"
#include "core/strbuf.h"
#include "core/value_map.h"

#include <string.h>

enum { TEXT_PIECES = 16 };

/* Valid UTF-8 only: other bytes are replaced on purpose when they are written. */
static inline struct value random_text(struct random *random, struct arena *arena,
                                       enum value_kind kind)
{
    static const char *const pieces[TEXT_PIECES] = {"a",    "\"",           "\\",
                                                    "/",    "\n",           "\x01",
                                                    "\x7f", "\xc3\xa9",     "{}",
                                                    "[",    "null",         "\\u0041",
                                                    ":",    "\xe2\x82\xac", "\xf0\x9f\x98\x80",
                                                    ""};
    struct strbuf text = STRBUF_INIT;
    strbuf_puts(&text, "");
    for (uint64_t i = random_below(random, 6); i > 0; i--) {
        uint64_t piece = random_below(random, TEXT_PIECES + 1);
        if (piece == TEXT_PIECES)
            strbuf_add(&text, "\0", 1);
        else
            strbuf_puts(&text, pieces[piece]);
    }
    struct value value =
        value_text(kind, arena_strndup(arena, text.text, text.length), text.length);
    strbuf_fini(&text);
    return value;
}

static inline int64_t random_integer(struct random *random)
{
    return (int64_t)(random_u64(random) >> random_below(random, 64)) *
           (random_below(random, 2) ? 1 : -1);
}

/* Any bit pattern: subnormals, infinities, not-a-number, whole numbers. */
static inline double random_real(struct random *random)
{
    if (random_below(random, 3) == 0)
        return (double)random_between(random, -20, 20) / 4;
    uint64_t bits = random_u64(random);
    double real;
    memcpy(&real, &bits, sizeof real);
    return real;
}

/* Maps with a single string key that means another kind cannot be told from it when they are
 * written as objects; as {"map": [...]} they can. */
static inline struct value random_value(struct random *random, struct arena *arena, int depth)
{
    uint64_t kind = random_below(random, depth > 0 ? VALUE_MAP + 1 : VALUE_LIST);
    if (kind >= VALUE_LIST) {
        size_t count = (size_t)random_below(random, 5);
        count *= kind == VALUE_MAP ? 2 : 1;
        struct value *items = arena_alloc(arena, (count + 1) * sizeof *items);
        for (size_t i = 0; i < count; i++)
            items[i] = random_value(random, arena, depth - 1);
        if (kind == VALUE_MAP && count == 2 && random_below(random, 2))
            items[0] = value_string("set");
        if (kind == VALUE_MAP && value_map_repeats(value_items(VALUE_MAP, items, count), arena))
            count = 2;
        return value_items((enum value_kind)kind, items, count);
    }
    switch (kind) {
    case VALUE_BOOL:
        return value_bool(random_below(random, 2));
    case VALUE_INT:
        return value_int(random_integer(random));
    case VALUE_FLOAT:
        return (struct value){.kind = VALUE_FLOAT, .real = random_real(random)};
    case VALUE_STRING:
    case VALUE_KEYWORD:
        return random_text(random, arena, (enum value_kind)kind);
    default:
        return value_nil();
    }
}

#endif
