/* Why a stack has no order, in few operations. Part of stack.c's check, which see for the words. */
#ifndef CHECKER_STACK_WITNESS_H
#define CHECKER_STACK_WITNESS_H

#include "checker/container.h"

#include <stdint.h>

enum { STACK_PUT = 1, STACK_TAKE = 2 };

/* open: by value, which of its windows have no bare cell; 0: it was cleared. Rejects by some of
 * those that were not: such that each has a window all of whose cells are covered by others of
 * them. O(n log n), and then tries to leave out one after the other if they are few. */
void stack_reject(const struct container *container, const uint8_t *open,
                  struct algorithm_result *out);

#endif
