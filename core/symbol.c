#include "core/symbol.h"

#include <assert.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

static const char *_Atomic names[SYMBOL_MAX] = {
    [F_NONE] = "",
    [F_READ] = "read",
    [F_WRITE] = "write",
    [F_CAS] = "cas",
    [F_ADD] = "add",
    [F_APPEND] = "append",
    [F_GET] = "get",
    [F_PUT] = "put",
    [F_TXN] = "txn",
    [F_TRANSFER] = "transfer",
    [F_ACQUIRE] = "acquire",
    [F_RELEASE] = "release",
    [F_ENQUEUE] = "enqueue",
    [F_DEQUEUE] = "dequeue",
    [F_DRAIN] = "drain",
    [F_PUSH] = "push",
    [F_POP] = "pop",
    [F_GENERATE] = "generate",
    [F_REMOVE] = "remove",
    [F_CONTAINS] = "contains",
    [F_INCREMENT] = "increment",
    [F_DECREMENT] = "decrement",
    [F_ENQ] = "enq",
    [F_DEQ] = "deq",
    [F_INSERT] = "insert",
    [F_OFFER] = "offer",
    [F_POLL] = "poll",
    [F_LOCK] = "lock",
    [F_UNLOCK] = "unlock",
    [F_INC] = "inc",
    [F_DEC] = "dec",
    [F_REMOVE_MIN] = "remove-min",
    [F_REMOVE_MAX] = "remove-max",
};
static _Atomic uint32_t count = F_BUILTIN_COUNT;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static symbol find(const char *name, size_t length, uint32_t from, uint32_t to)
{
    for (uint32_t i = from; i < to; i++) {
        const char *known = names[i];
        if (strncmp(known, name, length) == 0 && known[length] == '\0')
            return (symbol)i;
    }
    return F_NONE;
}

static symbol add(const char *name, size_t length)
{
    uint32_t next = count;
    if (next == SYMBOL_MAX)
        return F_NONE;
    char *copy = malloc(length + 1);
    if (!copy)
        return F_NONE;
    memcpy(copy, name, length);
    copy[length] = '\0';
    names[next] = copy;
    count = next + 1;
    return (symbol)next;
}

symbol symbol_intern(const char *name, size_t length)
{
    if (length == 0 || memchr(name, '\0', length))
        return F_NONE;
    uint32_t seen = count;
    symbol found = find(name, length, 1, seen);
    if (found != F_NONE)
        return found;
    pthread_mutex_lock(&lock);
    found = find(name, length, seen, count);
    if (found == F_NONE)
        found = add(name, length);
    pthread_mutex_unlock(&lock);
    return found;
}

const char *symbol_name(symbol id)
{
    assert(id < count);
    return names[id];
}

symbol symbol_canonical(symbol id)
{
    switch (id) {
    case F_ENQ:
    case F_INSERT:
    case F_OFFER:
        return F_ENQUEUE;
    case F_DEQ:
    case F_POLL:
    case F_REMOVE_MIN:
    case F_REMOVE_MAX:
        return F_DEQUEUE;
    case F_LOCK:
        return F_ACQUIRE;
    case F_UNLOCK:
        return F_RELEASE;
    case F_INC:
        return F_INCREMENT;
    case F_DEC:
        return F_DECREMENT;
    default:
        return id;
    }
}
