/* Reads EDN text (the data notation of Clojure) into struct value.
 *
 * Commas are white space; `;` starts a comment; `#_` discards the value after it; a tag (#inst,
 * #jepsen.history.Op) is dropped and its value kept. Symbols, characters, ratios and integers
 * outside 64 bits become strings with their text, so that different ones stay different. */
#ifndef CORE_EDN_H
#define CORE_EDN_H

#include "core/value.h"

#include <stdbool.h>
#include <stddef.h>

struct arena;

/* A position in a text; `at` moves as it is read. On failure `at` is where the trouble is and
 * `problem` says what was expected (static text). */
struct edn_cursor {
    const char *at;
    const char *end;
    const char *problem;
    bool ended_early; /* the trouble is that the text ended */
};

enum { EDN_DEPTH_MAX = 64, EDN_SKIP_DEPTH_MAX = 1024 };

/* Passes over white space, comments, discarded values and tags. False on failure (a discarded value
 * that is malformed); reaching the end is none. */
bool edn_skip_space(struct edn_cursor *cursor);

/* Skips space; if the next byte is c, takes it. */
bool edn_take(struct edn_cursor *cursor, char c);

/* One value of any kind, built in the arena. False on failure. */
bool edn_read_value(struct edn_cursor *cursor, struct arena *arena, struct value *out);

/* Passes over one value of any kind, and is more lenient about what it is. */
bool edn_skip_value(struct edn_cursor *cursor);

/* Notes a failure at the cursor's position; returns false. The first problem stays. */
bool edn_fail(struct edn_cursor *cursor, const char *problem);

/* Line and column of a position, from 1. O(text before it). */
void edn_position(const char *text, const char *at, size_t *line, size_t *column);

#endif
