/* Interned names of operations (read, write, cas, ...).
 *
 * Process-wide and append-only: a symbol is valid for the life of the program. Thread-safe;
 * symbol_name takes no lock. The names every part of the program knows have fixed numbers. */
#ifndef CORE_SYMBOL_H
#define CORE_SYMBOL_H

#include <stddef.h>
#include <stdint.h>

typedef uint16_t symbol;

enum symbol_builtin {
    F_NONE,
    F_READ,
    F_WRITE,
    F_CAS,
    F_ADD,
    F_APPEND,
    F_GET,
    F_PUT,
    F_TXN,
    F_TRANSFER,
    F_ACQUIRE,
    F_RELEASE,
    F_ENQUEUE,
    F_DEQUEUE,
    F_DRAIN,
    F_PUSH,
    F_POP,
    F_GENERATE,
    F_REMOVE,
    F_CONTAINS,
    F_INCREMENT,
    F_DECREMENT,
    F_ENQ,
    F_DEQ,
    F_INSERT,
    F_OFFER,
    F_POLL,
    F_LOCK,
    F_UNLOCK,
    F_INC,
    F_DEC,
    F_REMOVE_MIN,
    F_REMOVE_MAX,
    F_BUILTIN_COUNT,
};

enum { SYMBOL_MAX = 4096 };

/* The symbol of a name, made if new. F_NONE for an empty name, or when SYMBOL_MAX names are there
 * already (the input is then not a history of operations). */
symbol symbol_intern(const char *name, size_t length);

/* "" for F_NONE. The text lives as long as the program. */
const char *symbol_name(symbol id);

/* The usual name of the same operation: F_ENQUEUE for "enq", "insert" and "offer", F_DEQUEUE for
 * "deq", "poll", "remove-min" and "remove-max", F_ACQUIRE for "lock", F_RELEASE for "unlock",
 * F_INCREMENT for "inc", F_DECREMENT for "dec"; any other symbol is its own. */
symbol symbol_canonical(symbol id);

#endif
