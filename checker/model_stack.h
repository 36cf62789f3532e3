/* The states of a stack whose pushes are announced. Private to the model and to who puts the
 * pushes in order. */
#ifndef CHECKER_MODEL_STACK_H
#define CHECKER_MODEL_STACK_H

#include "checker/model_container.h"
#include "checker/stack_state.h"

enum { STACK_WORDS = 3 }; /* of an element */

/* A draft of the state, with room for one more element, and scratch to normalise it after one
 * step. False without memory. */
bool model_stack_open(struct model_context *context, int32_t state, struct stack_state *out,
                      int32_t **scratch);

#endif
