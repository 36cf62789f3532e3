/* When a message of causal broadcast may be delivered. */
#ifndef SPECIMENS_CAUSAL_H
#define SPECIMENS_CAUSAL_H

#include <stdbool.h>
#include <stdint.h>

/* `seen`: how many messages of each node were delivered here. `clock`: how many its sender had
 * seen, itself among them. Next if it is the origin's next one, and nothing the origin had seen is
 * missing here. */
bool causal_is_next(const int64_t *seen, uint32_t count, uint32_t origin, const int64_t *clock);

#endif
