/* Events of EDN in their usual shape; see formats/reader_fast.h. */
#ifndef FORMATS_READER_EDN_FAST_H
#define FORMATS_READER_EDN_FAST_H

#include "formats/reader_fast.h"

/* The event that begins with the '{' at `at`, and may reach to part->end. Where it ends, *out
 * filled in, its error text in the part; NULL if it is odd. */
const char *reader_edn_fast(struct reader_part *part, const char *at, struct operation_event *out);

#endif
