/* Time. Everything that measures or waits asks a clock, so that the scheduler and its tests run on
 * virtual time and a run on the machine's monotonic clock.
 *
 * Times are nanoseconds since the clock's origin (the start of a run). A real clock may be used
 * from any thread. A virtual clock belongs to one thread and moves only when told to. */
#ifndef CORE_CLOCK_H
#define CORE_CLOCK_H

#include <stddef.h>
#include <stdint.h>

#define NS_PER_US INT64_C(1000)
#define NS_PER_MS INT64_C(1000000)
#define NS_PER_S  INT64_C(1000000000)

struct clock {
    int64_t (*now_ns)(const struct clock *clock);
    int64_t origin_ns;  /* CLOCK_MONOTONIC at the origin; 0 for a virtual clock */
    int64_t wall_ns;    /* CLOCK_REALTIME at the origin, since the Unix epoch */
    int64_t virtual_ns; /* current time of a virtual clock */
};

void clock_init_real(struct clock *clock);
void clock_init_virtual(struct clock *clock);
/* Moves a virtual clock forward; never back. */
void clock_advance_to(struct clock *clock, int64_t now_ns);

static inline int64_t clock_now_ns(const struct clock *clock)
{
    return clock->now_ns(clock);
}

/* CLOCK_MONOTONIC, for deadlines outside any run. */
int64_t monotonic_ns(void);
/* Sleeps on CLOCK_MONOTONIC; returns early only when a signal interrupts it. */
void sleep_ns(int64_t duration_ns);

enum { CLOCK_ISO8601_SIZE = 40 };
/* The wall time of a moment of a run as "2026-01-31T23:59:59.123456Z" (UTC). */
void clock_iso8601(const struct clock *clock, int64_t time_ns, char out[CLOCK_ISO8601_SIZE]);

#endif
