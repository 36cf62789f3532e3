/* A counter as a CRDT (Shapiro, Preguica, Baquero & Zawirski, "Conflict-free Replicated Data
 * Types", SSS 2011: the PN-counter): each node counts what it added in a cell of its own, nodes
 * tell each other their cells, and the greater count of a cell is the later one. One cell for what
 * goes up and one for what goes down.
 *
 * In the end every acknowledged add is counted once; until then a read may lack some.
 *
 * Bugs: deltas tells the others what was added since it told them last, once, which is lost if the
 * message is; one-cell counts for all in one cell, so that of two adds at the same time one is
 * lost.
 */
#include "specimens/specimen.h"

#include <stdlib.h>
#include <string.h>

struct cell {
    int64_t up, down;
};

struct counter {
    struct cell cells[SPECIMEN_NODES_MAX];
    struct cell told; /* of its own, to all others */
};

static void *counter_open(struct specimen *node)
{
    (void)node;
    struct counter *counter = calloc(1, sizeof *counter);
    if (!counter)
        abort();
    return counter;
}

static int64_t total(const struct counter *counter)
{
    int64_t sum = 0;
    for (uint32_t i = 0; i < SPECIMEN_NODES_MAX; i++)
        sum += counter->cells[i].up - counter->cells[i].down;
    return sum;
}

static void add(struct specimen *node, int64_t amount)
{
    struct counter *counter = node->state;
    struct cell *cell = &counter->cells[specimen_has_bug(node, "one-cell") ? 0 : node->self];
    *(amount < 0 ? &cell->down : &cell->up) += amount < 0 ? -amount : amount;
}

static void counter_request(struct specimen *node, int64_t request, json_t *op)
{
    const char *f = json_string_value(json_object_get(op, "f"));
    if (f && strcmp(f, "add") == 0) {
        add(node, json_integer_value(json_object_get(op, "value")));
        specimen_succeed(node, request, NULL);
    } else if (f && strcmp(f, "read") == 0) {
        specimen_succeed(node, request, json_integer(total(node->state)));
    } else {
        specimen_refuse(node, request, "a counter does not do that");
    }
}

/* A delta, what was added since the last message, needs to arrive exactly once. */
static void merge(const struct specimen *node, int64_t *here, int64_t there)
{
    if (specimen_has_bug(node, "deltas"))
        *here += there;
    else if (there > *here)
        *here = there;
}

static void counter_message(struct specimen *node, uint32_t from, json_t *message)
{
    (void)from;
    struct counter *counter = node->state;
    for (uint32_t i = 0; i < node->count; i++) {
        const json_t *cell = json_array_get(json_object_get(message, "cells"), i);
        merge(node, &counter->cells[i].up, json_integer_value(json_array_get(cell, 0)));
        merge(node, &counter->cells[i].down, json_integer_value(json_array_get(cell, 1)));
    }
}

static void tell_cells(struct specimen *node)
{
    const struct counter *counter = node->state;
    json_t *cells = json_array();
    for (uint32_t i = 0; i < node->count; i++)
        json_array_append_new(cells, specimen_pack("[I, I]", (json_int_t)counter->cells[i].up,
                                                   (json_int_t)counter->cells[i].down));
    node->send(node, specimen_other(node),
               specimen_pack("{s:s, s:o}", "t", "cells", "cells", cells));
}

static void tell_delta(struct specimen *node)
{
    struct counter *counter = node->state;
    const struct cell *own = &counter->cells[node->self];
    json_t *cells = json_array();
    for (uint32_t i = 0; i < node->count; i++) {
        struct cell delta = {0};
        if (i == node->self)
            delta = (struct cell){own->up - counter->told.up, own->down - counter->told.down};
        json_array_append_new(
            cells, specimen_pack("[I, I]", (json_int_t)delta.up, (json_int_t)delta.down));
    }
    counter->told = *own;
    specimen_send_others(node, specimen_pack("{s:s, s:o}", "t", "cells", "cells", cells));
}

static void counter_tick(struct specimen *node)
{
    if (specimen_has_bug(node, "deltas"))
        tell_delta(node);
    else
        tell_cells(node);
}

static const char *const variants[] = {"cells", NULL};
static const char *const bugs[] = {"deltas", "one-cell", NULL};

const struct replication replication_counter = {
    .name = "counter",
    .doc = "a counter as a CRDT",
    .variants = variants,
    .bugs = bugs,
    .open = counter_open,
    .close = free,
    .request = counter_request,
    .message = counter_message,
    .tick = counter_tick,
};
