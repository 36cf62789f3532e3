/* Events of JSON in their usual shape; see formats/reader_fast.h. */
#ifndef FORMATS_READER_JSON_FAST_H
#define FORMATS_READER_JSON_FAST_H

#include "formats/reader_fast.h"

enum json_dialect {
    JSON_OURS,   /* core/history_jsonl.h */
    JSON_JEPSEN, /* reader_json.c */
};

/* The event that begins with the '{' at `at`, and may reach to part->end. Where it ends, *out
 * filled in, its error text in the part; NULL if it is odd. */
const char *reader_json_fast(struct reader_part *part, enum json_dialect dialect, const char *at,
                             struct operation_event *out);

#endif
