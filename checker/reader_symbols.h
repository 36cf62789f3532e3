/* Names of operations that one thread met lately: a history has few, and each is read a million
 * times. */
#ifndef CHECKER_READER_SYMBOLS_H
#define CHECKER_READER_SYMBOLS_H

#include "core/symbol.h"

#include <stddef.h>
#include <stdint.h>

enum { READER_SYMBOLS_MAX = 8, READER_SYMBOL_BYTES = 16 };

/* Zero is empty. */
struct reader_symbols {
    struct {
        uint64_t words[2];
        size_t length; /* names may hold NUL, and then are none */
        symbol id;
    } items[READER_SYMBOLS_MAX];
    uint32_t count, next;
};

/* As symbol_intern, for a name of at most READER_SYMBOL_BYTES; words hold its bytes and zeros. */
static inline symbol reader_symbol(struct reader_symbols *symbols, const uint64_t words[2],
                                   const char *name, size_t length)
{
    for (uint32_t i = 0; i < symbols->count; i++)
        if (symbols->items[i].words[0] == words[0] && symbols->items[i].words[1] == words[1] &&
            symbols->items[i].length == length)
            return symbols->items[i].id;
    symbol id = symbol_intern(name, length);
    if (id == F_NONE)
        return id;
    uint32_t at = symbols->next++ % READER_SYMBOLS_MAX;
    symbols->items[at].words[0] = words[0];
    symbols->items[at].words[1] = words[1];
    symbols->items[at].length = length;
    symbols->items[at].id = id;
    symbols->count += symbols->count < READER_SYMBOLS_MAX;
    return id;
}

#endif
