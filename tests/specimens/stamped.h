/* What keys hold, each with a stamp that says which of two values is the later one. */
#ifndef SPECIMENS_STAMPED_H
#define SPECIMENS_STAMPED_H

#include "specimens/specimen.h"

/* In order of `time` (a count, or a clock), and among equals of `id`, which is never the same. */
struct stamp {
    int64_t time, id;
};

/* < 0, 0 or > 0. */
int stamp_compare(struct stamp a, struct stamp b);

/* A map is a JSON object: key -> [value, time, id]. */

/* Zeros for what was never written. */
struct stamp stamped_stamp(const json_t *map, const char *key);
/* Borrowed; NULL for what was never written. */
json_t *stamped_value(const json_t *map, const char *key);

json_t *stamped_entry(json_t *value, struct stamp stamp);
struct stamp stamped_entry_stamp(const json_t *entry); /* zeros for NULL */

/* Takes entries that are later than what is there: last writer wins. Merging is idempotent,
 * commutative and associative, so that all who merge the same end the same. */
void stamped_merge(json_t *map, const char *key, json_t *entry);
void stamped_merge_all(json_t *map, const json_t *entries);

/* Some entries as a new object: `count` of them from the one number *from on, which moves on and
 * begins again. */
json_t *stamped_some(const json_t *map, size_t *from, size_t count);

#endif
