/* For readers that take a text line by line in one go (struct reader, read_all). */
#ifndef FORMATS_READER_LINES_H
#define FORMATS_READER_LINES_H

#include "formats/reader.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct reader_lines {
    const struct reader_input *input;
    const char *line, *stop; /* the current one, without blanks at its ends and its newline */
    bool is_last;            /* it has no newline: its end may be missing */
    const char *next;
    const char *at; /* how far it has been taken */
    uint64_t count;
};

void reader_lines_init(struct reader_lines *lines, const struct reader_input *input);

/* Goes to the next line that is not blank: 1, or 0 when there is none. Also asks the clock, now
 * and then: ERR_TIMEOUT. */
int reader_lines_next(struct reader_lines *lines, struct errbuf *err);

/* The next word of the line, up to a blank or one of `ends`, which it does not take. False at the
 * end of the line. */
bool reader_lines_word(struct reader_lines *lines, const char *ends, const char **word,
                       size_t *length);

/* Skips blanks; if c is next, takes it. */
bool reader_lines_take(struct reader_lines *lines, char c);

/* Whether nothing is left of the line. */
bool reader_lines_done(struct reader_lines *lines);

/* A decimal number with an optional minus sign that fits; nothing else is in the word. */
bool reader_word_int(const char *word, size_t length, int64_t *out);

#endif
