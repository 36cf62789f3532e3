/* Takes the lines of a certificate apart, one after the other, however long they are. Private to
 * certificate*.c. */
#ifndef CHECKER_CERTIFICATE_READER_H
#define CHECKER_CERTIFICATE_READER_H

#include "core/strbuf.h"

#include <stdint.h>
#include <stdio.h>

struct errbuf;

struct certificate_reader {
    const char *path;
    FILE *file;
    unsigned long line;
    uint64_t seal, seal_before; /* of all bytes taken; and without the last one */
    char word[32];              /* the first of the line */
    struct strbuf rest;         /* of the line, when certificate_take_rest took it */
};

/* Errors: ERR_IO. */
int certificate_open(struct certificate_reader *reader, const char *path, struct errbuf *err);
void certificate_close(struct certificate_reader *reader);

/* ERR_INPUT with "PATH:LINE: problem". */
int certificate_malformed(const struct certificate_reader *reader, const char *problem,
                          struct errbuf *err);

/* Reads the first word of the next line. Errors: ERR_INPUT, none is there. */
int certificate_next_line(struct certificate_reader *reader, struct errbuf *err);

/* The rest of the line, without the space before and the newline after it. ERR_INPUT, ERR_NOMEM. */
int certificate_take_rest(struct certificate_reader *reader, struct errbuf *err);

/* The next number of the line: 1, or 0 at its end. ERR_INPUT if there is something else, or it is
 * not written in the one way that the writer has. */
int certificate_take_number(struct certificate_reader *reader, uint64_t *out, struct errbuf *err);

#endif
