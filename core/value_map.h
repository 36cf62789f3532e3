/* Members of a map that a reader has read: of its operations, or of a value in them. */
#ifndef CORE_VALUE_MAP_H
#define CORE_VALUE_MAP_H

#include "core/value.h"

struct arena;

/* What readers of JSON and EDN say where a key comes twice. Which of the two is meant nobody can
 * tell (JSON leaves it open, RFC 8259, section 4; EDN forbids it), so that neither is taken. */
#define VALUE_MAP_REPEATS "the same key is there twice"

/* Whether a key is there twice. O(n log n); more than a few keys take 16 bytes each of the arena;
 * where it is full the answer is false. */
bool value_map_repeats(struct value map, struct arena *arena);

/* What the map has under a name of this kind, VALUE_STRING or VALUE_KEYWORD; *out is left alone,
 * and false returned, if it has none, or if it is no map. O(n). */
bool value_map_get(struct value map, enum value_kind kind, const char *name, struct value *out);

#endif
