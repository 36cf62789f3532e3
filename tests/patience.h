/* How long a test waits for what has to happen: far longer than it takes on the busiest machine,
 * for nothing but a failure waits that long. */
#ifndef TESTS_PATIENCE_H
#define TESTS_PATIENCE_H

#include "core/clock.h"

#define PATIENCE_NS (60 * NS_PER_S)

#endif
