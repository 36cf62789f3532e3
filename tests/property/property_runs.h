/* How many random histories a property test runs: `usual`, a tenth under AddressSanitizer, times
 * the environment variable FAULTLINE_PROPERTY_RUNS for a long run by hand. */
#ifndef TESTS_PROPERTY_RUNS_H
#define TESTS_PROPERTY_RUNS_H

#include <stdint.h>
#include <stdlib.h>

#if defined(__SANITIZE_ADDRESS__)
enum { PROPERTY_SHARE = 10 };
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
enum { PROPERTY_SHARE = 10 };
#else
enum { PROPERTY_SHARE = 1 };
#endif
#else
enum { PROPERTY_SHARE = 1 };
#endif

static inline uint64_t property_runs(uint64_t usual)
{
    const char *times = getenv("FAULTLINE_PROPERTY_RUNS");
    long factor = times ? strtol(times, NULL, 10) : 1;
    return usual / PROPERTY_SHARE * (factor > 0 ? (uint64_t)factor : 1);
}

#endif
