/* "did you mean ...?": the known name that is nearest to one that nobody knows. */
#ifndef CORE_SUGGEST_H
#define CORE_SUGGEST_H

#include <stddef.h>

enum { SUGGEST_SIZE = 832, SUGGEST_ONE_SIZE = 64 };

/* Writes "; did you mean 'faults'? known: interval, faults" into out, without the question if
 * nothing is near, and "; there are none" if `known` (which ends with NULL) is empty. Cut if it
 * does not fit. */
void suggest_names(const char *word, const char *const *known, char *out, size_t size);

/* The text "did you mean 'faults'? ", or "" if nothing is near, for a list that is told anyway:
 * names with blanks or commas between them; what stands in brackets is no name. */
struct suggestion {
    char text[SUGGEST_ONE_SIZE];
};
struct suggestion suggest_one(const char *word, const char *list);

#endif
