/* States that are bags: elements in some order, and how often each is there. Private to the models
 * of queues that are not first in first out.
 *
 * In words: element, count, element, count, ...; a "place" is the index of an element's word. */
#ifndef CHECKER_MODEL_BAG_H
#define CHECKER_MODEL_BAG_H

#include "checker/model_common.h"

/* Whether element a comes before element b; both are numbers of values. */
typedef bool bag_order(const struct model_context *context, int32_t a, int32_t b);

/* The place of an element, or where it would be. O(log length). */
uint32_t bag_place(const struct model_context *context, int32_t state, int32_t element,
                   bag_order *is_before);

/* The state with one more of the element. O(length). */
int32_t bag_add(struct model_context *context, int32_t state, int32_t element,
                bag_order *is_before);

/* The state with one less of the element at this place. O(length). */
int32_t bag_take(struct model_context *context, int32_t state, uint32_t place);

#endif
