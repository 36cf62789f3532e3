/* Names of operations that one thread met lately: a history has few, and each is read a million
 * times. */
#ifndef CHECKER_READER_SYMBOLS_H
#define CHECKER_READER_SYMBOLS_H

#include "core/symbol.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum { READER_SYMBOLS_MAX = 8, READER_SYMBOL_BYTES = 16 };

/* Zero is empty. */
struct reader_symbols {
    struct {
        uint64_t name[READER_SYMBOL_BYTES / 8]; /* the bytes, and zeros behind them */
        symbol id;
    } items[READER_SYMBOLS_MAX];
    uint32_t count, next;
};

/* As symbol_intern. */
static inline symbol reader_symbol(struct reader_symbols *symbols, const char *name, size_t length)
{
    uint64_t bytes[READER_SYMBOL_BYTES / 8] = {0};
    if (length > READER_SYMBOL_BYTES)
        return symbol_intern(name, length);
    memcpy(bytes, name, length);
    for (uint32_t i = 0; i < symbols->count; i++)
        if (symbols->items[i].name[0] == bytes[0] && symbols->items[i].name[1] == bytes[1])
            return symbols->items[i].id;
    symbol id = symbol_intern(name, length);
    if (id == F_NONE)
        return id;
    uint32_t at = symbols->next++ % READER_SYMBOLS_MAX;
    symbols->items[at].name[0] = bytes[0];
    symbols->items[at].name[1] = bytes[1];
    symbols->items[at].id = id;
    symbols->count += symbols->count < READER_SYMBOLS_MAX;
    return id;
}

#endif
