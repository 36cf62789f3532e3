/* Zones of an object: groups of operations that stand together in every linearization, each with
 * the earliest end and the latest start among them. Whether all of them can be put in order, and
 * in which one (Gibbons & Korach 1997; see zones.h).
 *
 * Zone A must stand before zone B if A.end < B.start. A forward zone has end < start. No two zones
 * must stand before each other unless two forward zones overlap, or a backward one lies inside a
 * forward one; and if there are no such two, the smaller of end and start orders them. Zones come
 * sorted by their latest start, as operations do, and forward zones that do not overlap have the
 * same order by their ends: so nothing is ever sorted. Linear. */
#ifndef CHECKER_ZONE_LINE_H
#define CHECKER_ZONE_LINE_H

#include "core/operation.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct budget;

#define ZONE_NONE UINT32_MAX

struct zone_line {
    const struct operation *ops;
    uint32_t count;
    struct budget *budget;
    uint32_t *zones;      /* by the operation that started last: the number of its zone, or
                             ZONE_NONE; [count] is a zone that never ends */
    const position *ends; /* where the end of zone 0 is; 0: it ended before everything */
    size_t stride;        /* from one zone's end to the next one's, in bytes */
};

enum zone_line_end { ZONE_LINE_ORDERED, ZONE_LINE_CROSSED, ZONE_LINE_OUT_OF_TIME };

/* False: no memory. The operations are borrowed; `ends` is to be set. */
bool zone_line_init(struct zone_line *line, struct budget *budget, const struct operation *ops,
                    uint32_t count);
void zone_line_fini(struct zone_line *line);

/* Whether no two zones must stand before each other; if two must, sets them: *forward is a forward
 * zone, and starts later than *other. */
enum zone_line_end zone_line_check(const struct zone_line *line, uint32_t *forward,
                                   uint32_t *other);

/* Goes through zones that can be ordered, in order: begins as {0, 0}; ZONE_NONE after the last. */
struct zone_walk {
    uint32_t backward, forward; /* places in line->zones */
};
uint32_t zone_line_next(const struct zone_line *line, struct zone_walk *walk);

#endif
