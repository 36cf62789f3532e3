/* Whether a history of Jepsen's is one of independent keys, seen by its first operations. */
#ifndef CHECKER_READER_KEYS_H
#define CHECKER_READER_KEYS_H

#include "checker/reader.h"

/* Whether all values that clients invoke with at the beginning are pairs, some of them [key nil]:
 * so begins a read of one of several objects, and hardly anything else. Reads 64 KiB. */
bool reader_sees_keys(const struct reader *reader, const struct reader_input *input);

#endif
