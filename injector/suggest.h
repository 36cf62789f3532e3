/* "did you mean ...?": the known name that is nearest to one that nobody knows. */
#ifndef INJECTOR_SUGGEST_H
#define INJECTOR_SUGGEST_H

#include <stddef.h>

enum { SUGGEST_SIZE = 832 };

/* Writes "; did you mean 'faults'? known: interval, faults" into out, without the question if
 * nothing is near, and "; there are none" if `known` (which ends with NULL) is empty. Cut if it
 * does not fit. */
void suggest_names(const char *word, const char *const *known, char *out, size_t size);

#endif
