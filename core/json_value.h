/* Reads JSON text into struct value: the history readers' way from bytes to values. */
#ifndef CORE_JSON_VALUE_H
#define CORE_JSON_VALUE_H

#include "core/value.h"

struct arena;

/* A position in a text; `at` moves as it is read. On failure `at` is where the trouble is and
 * `problem` says what was expected (static text). */
struct json_cursor {
    const char *at;
    const char *end;
    const char *problem;
    bool ended_early; /* the trouble is that the text ended */
};

enum { JSON_DEPTH_MAX = 64 };

void json_skip_space(struct json_cursor *cursor);

/* Skips white space and, if the next byte is c, takes it. */
bool json_take(struct json_cursor *cursor, char c);

/* As json_take, and a failure if it is not there. expected is static text: "expected ','". */
bool json_expect(struct json_cursor *cursor, char c, const char *expected);

/* One value of any kind, built in the arena. Escapes are decoded; {"keyword":..}, {"set":..},
 * {"map":..} and {"float":..} give the kinds they stand for; any other object becomes a map with
 * string keys. Integers outside int64 become strings of their
 * digits, so that none is taken for another. False on failure. */
bool json_read_value(struct json_cursor *cursor, struct arena *arena, struct value *out);

/* Passes over one value of any kind without building it. */
bool json_skip_value(struct json_cursor *cursor);

/* A string. *text points into the input if it has no escape, else into the arena. Not
 * NUL-terminated. */
bool json_read_string(struct json_cursor *cursor, struct arena *arena, const char **text,
                      size_t *length);

/* An integer that fits in int64. */
bool json_read_int(struct json_cursor *cursor, int64_t *out);

#endif
