/* Members of a JSON object, whatever they are. Private to results*.c and run_events.c: jansson's
 * handles do not leave those. */
#ifndef REPORT_RESULTS_JSON_H
#define REPORT_RESULTS_JSON_H

#include <jansson.h>
#include <stdint.h>

struct arena;
struct strbuf;

/* Sums and differences of such numbers do not overflow. */
#define RESULTS_INT_MAX (INT64_MAX / 4)

/* object may be NULL or no object. "" and -1 for what is absent, of another type, or negative;
 * numbers above RESULTS_INT_MAX are that. */
const char *results_json_string(json_t *object, const char *name, struct arena *arena);
int64_t results_json_int(json_t *object, const char *name);

/* A string's text, anything else as JSON; "" for NULL or null. NUL becomes '?'. */
const char *results_json_text(json_t *json, struct arena *arena);

/* A value of a history as people write it (core/value.h): 5, nil, "text", [1 2]. */
const char *results_json_value(json_t *json, struct arena *arena);

/* The text, in the arena; frees the buffer. "" when memory ran out. */
const char *results_json_keep(struct strbuf *text, struct arena *arena);

#endif
