/* What the processor did for this thread, in milliseconds: others may be busy too. */
#ifndef TESTS_THREAD_CLOCK_H
#define TESTS_THREAD_CLOCK_H

#include <time.h>

static inline double thread_clock_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

#endif
