/* The text of a history file: mapped if it is a plain file, read or unpacked (gzip, zstd)
 * otherwise. Private to readers. */
#ifndef FORMATS_READER_TEXT_H
#define FORMATS_READER_TEXT_H

#include <stdbool.h>
#include <stddef.h>

struct errbuf;

struct reader_text {
    const char *data; /* owned; not NUL-terminated; never NULL once open */
    size_t length;
    bool is_mapped;
    bool is_cut; /* it was compressed, and ends too early */
};

/* Opens a file ("-": standard input). Text that is not mapped takes at most bytes_max (0 = no cap).
 * Errors: ERR_INPUT (no such file, see err_of_path; compressed, and corrupt), ERR_IO, ERR_NOMEM. */
int reader_text_open(const char *path, size_t bytes_max, struct reader_text *text,
                     struct errbuf *err);
void reader_text_close(struct reader_text *text);

#endif
