/* Whether a history of Jepsen's is one of independent keys, seen by its first operations. */
#ifndef FORMATS_READER_KEYS_H
#define FORMATS_READER_KEYS_H

#include "formats/reader.h"

/* Whether all values that clients invoke with at the beginning are pairs, some of them [key nil],
 * and all answers are pairs with the same key: so begins a read of one of several objects, and
 * hardly anything else. Reads 64 KiB. */
bool reader_sees_keys(const struct reader *reader, const struct reader_input *input);

/* Whether the format has no other place for keys, and nobody said that there are any. */
bool reader_may_have_keys(const struct reader *reader, const struct reader_input *input);

/* The same as reader_sees_keys of all operations. At most bytes_max bytes meanwhile (0 = no cap):
 * 24 an operation, and none unless the first one has a pair. Errors: ERR_NOMEM. */
int reader_finds_keys(const struct operations *all, size_t bytes_max, bool *out);

#endif
