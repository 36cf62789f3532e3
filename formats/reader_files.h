/* The files of a history that is a directory: one for each session. Private to readers. */
#ifndef FORMATS_READER_FILES_H
#define FORMATS_READER_FILES_H

#include "formats/reader.h"
#include "formats/reader_text.h"

struct reader_files {
    struct reader_file *files; /* owned, with their names */
    struct reader_text *texts; /* owned */
    size_t count;
};

bool reader_files_is_directory(const char *path);

/* Opens every *.log in a directory, in the order of their names (T2.log before T10.log). bytes_max
 * as reader_text_open, of each. Errors: its, and ERR_INPUT if there is none. */
int reader_files_open(const char *path, size_t bytes_max, struct reader_files *out,
                      struct errbuf *err);

/* Whether one was compressed, and ends too early. */
bool reader_files_are_cut(const struct reader_files *files);

void reader_files_close(struct reader_files *files);

#endif
