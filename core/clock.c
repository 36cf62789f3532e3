#include "core/clock.h"

#include <assert.h>
#include <stdio.h>
#include <time.h>

static int64_t read_clock(clockid_t id)
{
    struct timespec ts;
    clock_gettime(id, &ts);
    return (int64_t)ts.tv_sec * NS_PER_S + ts.tv_nsec;
}

int64_t monotonic_ns(void)
{
    return read_clock(CLOCK_MONOTONIC);
}

static int64_t real_now(const struct clock *clock)
{
    return monotonic_ns() - clock->origin_ns;
}

static int64_t virtual_now(const struct clock *clock)
{
    return clock->virtual_ns;
}

void clock_init_real(struct clock *clock)
{
    *clock = (struct clock){
        .now_ns = real_now, .origin_ns = monotonic_ns(), .wall_ns = read_clock(CLOCK_REALTIME)};
}

void clock_init_virtual(struct clock *clock)
{
    *clock = (struct clock){.now_ns = virtual_now};
}

void clock_advance_to(struct clock *clock, int64_t now_ns)
{
    assert(clock->now_ns == virtual_now);
    if (now_ns > clock->virtual_ns)
        clock->virtual_ns = now_ns;
}

void sleep_ns(int64_t duration_ns)
{
    if (duration_ns <= 0)
        return;
    struct timespec ts = {.tv_sec = duration_ns / NS_PER_S, .tv_nsec = duration_ns % NS_PER_S};
    clock_nanosleep(CLOCK_MONOTONIC, 0, &ts, NULL);
}

void clock_iso8601(const struct clock *clock, int64_t time_ns, char out[CLOCK_ISO8601_SIZE])
{
    int64_t wall = clock->wall_ns + time_ns;
    time_t seconds = (time_t)(wall / NS_PER_S);
    struct tm tm;
    gmtime_r(&seconds, &tm);
    char date[24];
    strftime(date, sizeof date, "%Y-%m-%dT%H:%M:%S", &tm);
    snprintf(out, CLOCK_ISO8601_SIZE, "%s.%06dZ", date, (int)(wall % NS_PER_S / NS_PER_US));
}
