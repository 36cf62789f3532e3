/* Which calls may be left out of a history only together, for the models whose calls the search
 * does not see through: all that is done with one element of a container, or by one owner of a
 * mutex (verify.h says why that is sound). */
#ifndef CHECKER_WITNESS_UNITS_H
#define CHECKER_WITNESS_UNITS_H

#include "checker/calls.h"

#define UNIT_STAYS UINT32_MAX /* the call cannot be left out */

/* Fills unit[], one number from 0 for each call: calls of the same unit go together. Every pure
 * call is a unit of its own; so is every call if the model's are not opaque. The unit of the call
 * of operation `failing` stays. Sets *count to the number of units. ERR_NOMEM. O(calls). */
int witness_units(const struct calls *calls, const struct object *object, const struct model *model,
                  uint32_t failing, uint32_t *unit, uint32_t *count);

#endif
