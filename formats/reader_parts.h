/* Reads a text by parts, several at the same time. Private to readers. */
#ifndef FORMATS_READER_PARTS_H
#define FORMATS_READER_PARTS_H

#include "formats/reader.h"

/* Fills operations with a reader that has read_part; *all is initialised, and not finished.
 * Errors: as reader_read. */
int reader_parts_read(const struct reader *reader, const struct reader_input *input,
                      struct operations *all, struct errbuf *err);

/* Where the event of this index begins in a text that was read before; NULL if it is not found, or
 * the reader has no read_part. Linear. */
const char *reader_parts_find_event(const struct reader *reader, const struct reader_input *input,
                                    uint64_t index);

#endif
