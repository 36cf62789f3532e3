/* Operations that nobody has answered yet, by process: for formats that have to know, at one end of
 * an operation, what its other end said. A hash table with linear probing. Not thread-safe. */
#ifndef CHECKER_OPEN_CALLS_H
#define CHECKER_OPEN_CALLS_H

#include "core/symbol.h"
#include "core/value_pool.h"

#include <stdbool.h>
#include <stdint.h>

struct open_call {
    int64_t process;
    /* The user's own, kept after open_calls_close. */
    int64_t start, element;
    value_ref argument;
    int32_t number;
    symbol f;
    bool is_open;
};

struct open_calls {
    struct open_call *calls; /* owned; half of them at least are free, with process < 0 */
    uint32_t size, used, open;
};

#define OPEN_CALLS_INIT                                                                            \
    {                                                                                              \
        0                                                                                          \
    }

void open_calls_fini(struct open_calls *all);

/* That of a process (>= 0), made if there is none, and then not open. NULL without memory. Valid
 * until the next of these calls. O(1) expected. */
struct open_call *open_calls_get(struct open_calls *all, int64_t process);

/* NULL if the process has nothing open. */
struct open_call *open_calls_find(const struct open_calls *all, int64_t process);

void open_calls_open(struct open_calls *all, struct open_call *call);
void open_calls_close(struct open_calls *all, struct open_call *call);

#endif
