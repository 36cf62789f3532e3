/* Which calls were linearized on the way to a configuration, in which order.
 *
 * A tree that grows at its leaves: a node says which call came last, and the rest is its parent's.
 * Nodes of configurations that came to nothing are collected now and then, so that little more is
 * kept than one node for every call of the order: 16 bytes each. Parents have smaller numbers than
 * their children. Memory comes from the budget. Not thread-safe. */
#ifndef CHECKER_TRACE_H
#define CHECKER_TRACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct budget;

struct trace_node {
    uint32_t parent;
    uint32_t call;  /* the caller's number of it; a crashed one: of any of its kind. UINT32_MAX:
                       an initial state, and no call */
    uint32_t event; /* the caller's: linearized before this return */
    int32_t state;  /* ... which left this */
};

enum { TRACE_ROOT = 0 };

struct trace {
    struct budget *budget;
    struct trace_node *nodes; /* nodes[TRACE_ROOT] is no call */
    uint32_t count, capacity;
    uint32_t collect_at; /* collecting pays from this count on */
    uint32_t *moved;     /* while collecting */
};

/* The root is there already. -1 when the memory ran out; then there is nothing to free. */
int trace_init(struct trace *trace, struct budget *budget);
void trace_fini(struct trace *trace);

/* The new node, or UINT32_MAX when the memory ran out. */
uint32_t trace_add(struct trace *trace, struct trace_node node);

static inline bool trace_wants_collection(const struct trace *trace)
{
    return trace->count >= trace->collect_at;
}

/* Collecting: begin, mark every node that is in use, sweep, ask for each where it is now, end.
 * -1 when the memory ran out; then nothing has begun. */
int trace_collect_begin(struct trace *trace);
void trace_mark(struct trace *trace, uint32_t node);
void trace_sweep(struct trace *trace);
uint32_t trace_moved(const struct trace *trace, uint32_t node);
void trace_collect_end(struct trace *trace);

#endif
