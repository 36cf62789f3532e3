/* A part of a text that one thread reads, and what readers do with it. */
#ifndef FORMATS_READER_PART_H
#define FORMATS_READER_PART_H

#include "core/arena.h"
#include "core/micro_lists.h"
#include "core/micro_ops.h"
#include "formats/reader.h"
#include "formats/reader_layout.h"
#include "formats/reader_symbols.h"

#include <stdatomic.h>

enum { READER_PART_TEXT = 66 };

struct reader_part {
    const struct reader_input *input;
    const struct reader_frame *frame;
    /* The events that begin in [begin, stop) are to be read. They may reach up to end, which is the
     * end of the text or (a guess may be wrong, and should not cost more than it is worth) earlier:
     * then who gets there sets gave_up. */
    const char *begin, *stop, *end;
    struct value_pool *values;
    struct arena arena; /* for one event: reader_part_add forgets what is in it */
    struct reader_symbols symbols;
    struct reader_layout layout;
    struct micro_ops_writer transactions; /* if they are to be packed */
    struct micro_lists *lists;            /* that they read; NULL until a fast path wants it */
    char error[READER_PART_TEXT];         /* of one event that a fast path took */

    /* What the reader sets. */
    const char *next; /* where the first event that was not read begins; the end of the text if
                         there is none */
    bool truncated;   /* the text ends inside an event or before the closing bracket */
    bool gave_up;
    const char *problem, *problem_at; /* see reader_part_fail */

    /* Private to reader_parts.c. */
    struct operations_writer *writer;
    const _Atomic bool *is_cancelled;
    uint32_t until_clock;
    bool seeks;         /* events are counted, not added, up to the one that is looked for */
    uint64_t seek_left; /* how many come before it */
    const char *sought; /* where it begins; NULL until it is found */
};

/* Adds an event of the text; the values and the error are copied. Also asks the clock, now and
 * then. Errors: ERR_NOMEM, ERR_TIMEOUT, ERR_CANCELLED, ERR_INPUT (the part is full). */
int reader_part_add(struct reader_part *part, const struct op *op, struct errbuf *err);

/* The same for one whose values are interned already. */
int reader_part_add_event(struct reader_part *part, const struct operation_event *event,
                          struct errbuf *err);

/* The same for several, at most READER_PART_BATCH. */
enum { READER_PART_BATCH = 32 };
int reader_part_add_events(struct reader_part *part, const struct operation_event *events,
                           uint32_t count, struct errbuf *err);

/* Something is wrong at this place of the text. Returns ERR_INPUT. */
int reader_part_fail(struct reader_part *part, const char *at, const char *problem);

/* Reading ended at part->end in the middle of something. Returns 0. */
int reader_part_ended(struct reader_part *part);

/* For formats of lines: hands over every line [line, stop) of the part, without its newline;
 * is_last if it has none. */
typedef int reader_take_line(struct reader_part *part, const char *line, const char *stop,
                             bool is_last, struct errbuf *err);

/* Before each, if it is not NULL: may take whole lines itself, and moves *line behind them. */
typedef int reader_take_usual(struct reader_part *part, const char **line, struct errbuf *err);

int reader_part_lines(struct reader_part *part, reader_take_usual *usual, reader_take_line *take,
                      struct errbuf *err);

#endif
