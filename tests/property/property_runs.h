/* How many random histories a property test looks at, of each model and algorithm: few enough by
 * default that all tests together take a minute or two, a tenth of that under AddressSanitizer; and
 * as many as the environment variable FAULTLINE_PROPERTY_RUNS says (tests/prove sets it). */
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

/* Not fewer than a thousand, for what tests expect of their numbers. */
static inline uint32_t property_runs(uint32_t usual)
{
    const char *wanted = getenv("FAULTLINE_PROPERTY_RUNS");
    unsigned long count = wanted ? strtoul(wanted, NULL, 10) : 0;
    if (count == 0)
        return usual / PROPERTY_SHARE;
    return count < 1000 ? 1000 : count > UINT32_MAX / 16 ? UINT32_MAX / 16 : (uint32_t)count;
}

#endif
