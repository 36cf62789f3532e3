/* What happened in a run besides operations: JSON Lines, one event a line, written at once:
 *
 *   {"time":"2026-01-31T23:59:59.123456Z","t":1200345,"node":"n1","event":"process",
 *    "detail":{"state":"killed","pid":4711}}
 *
 * t is in nanoseconds since the start of the run; node only where the event is one node's.
 * Events: phase {phase, state: begin|end}, process {state: started|ready|killed|paused|resumed|
 * stopped|died, pid}, fault {id, fault, state: injecting|injected|observed|healing|healed|failed,
 * description, nodes, ...}, run {message}, online {state: violation|suspected|ended, message,
 * at_ns}. Thread-safe. */
#ifndef INJECTOR_EVENTS_H
#define INJECTOR_EVENTS_H

#include "core/clock.h"

struct errbuf;
struct events;

/* clock is borrowed and gives `time` and `t`. */
int events_open(const char *path, const struct clock *clock, struct events **out,
                struct errbuf *err);
void events_close(struct events *events);

/* detail is a jansson pack format for an object's inside, such as "s:s, s:i", then its arguments.
 * node may be NULL; events may be NULL (then nothing is written). */
void events_write(struct events *events, const char *node, const char *event, const char *detail,
                  ...);

#endif
