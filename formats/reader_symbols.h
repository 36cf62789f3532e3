/* Names of operations that one thread met lately: a history has few, and each is read a million
 * times. */
#ifndef FORMATS_READER_SYMBOLS_H
#define FORMATS_READER_SYMBOLS_H

#include "core/symbol.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { READER_SYMBOLS_BITS = 4, READER_SYMBOL_BYTES = 16 };

/* A short name: its bytes, and zeros behind them. It may hold NUL, hence the length. */
struct short_name {
    uint64_t words[2];
    size_t length;
};

/* Each name has its only place. Zero is empty. */
struct reader_symbols {
    struct {
        struct short_name name;
        symbol id;
    } items[1 << READER_SYMBOLS_BITS];
};

static inline uint32_t reader_symbols_place(const struct short_name *name)
{
    uint64_t mixed = (name->words[0] ^ name->words[1] << 1) * UINT64_C(0x9e3779b97f4a7c15);
    return (uint32_t)(mixed >> (64 - READER_SYMBOLS_BITS));
}

/* F_NONE if it is not there. */
static inline symbol reader_symbols_find(const struct reader_symbols *symbols,
                                         const struct short_name *name)
{
    uint32_t at = reader_symbols_place(name);
    const struct short_name *known = &symbols->items[at].name;
    bool same = known->words[0] == name->words[0] && known->words[1] == name->words[1] &&
                known->length == name->length;
    return same ? symbols->items[at].id : F_NONE;
}

static inline void reader_symbols_put(struct reader_symbols *symbols, const struct short_name *name,
                                      symbol id)
{
    uint32_t at = reader_symbols_place(name);
    symbols->items[at].name = *name;
    symbols->items[at].id = id;
}

#endif
