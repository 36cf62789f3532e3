/* The operations around a violation: a row for each process, a bar for each operation from its
 * invocation to its completion. Private to report/.
 *
 * timeline_select.c chooses the operations, timeline_layout.c gives them places, timeline.c draws.
 * Time is stretched where much happens and shortened where nothing does: what matters to a
 * violation is the order. */
#ifndef REPORT_TIMELINE_H
#define REPORT_TIMELINE_H

#include "report/bands.h"
#include "report/run_data.h"

struct strbuf;

enum {
    TIMELINE_WITNESS_MAX = 100, /* operations of the witness that are drawn */
    TIMELINE_LABEL_CHARS = 24,
};

struct timeline_op {
    struct operation_words words;
    bool is_witness;
    bool is_failing;   /* the one that cannot be placed */
    const char *label; /* "read 5"; at most TIMELINE_LABEL_CHARS, safe to show as HTML */
    size_t label_chars;
    uint32_t row;
    double x_begin, x_end; /* the end of the drawing if it never completed */
    double x_label;        /* in the bar if that is long enough, else behind it */
};

/* A moment that has a place: the invocation or completion of an operation that is drawn. */
struct timeline_stop {
    uint32_t index; /* of the event */
    uint32_t op;
    bool is_end;
    int64_t time_ns; /* -1 if not recorded */
    double x;
    int64_t idle_ns; /* the time left out before it; 0 if none is */
};

struct timeline {
    struct timeline_op *ops; /* in order of invocation */
    size_t count;
    size_t witness_left_out;
    size_t left_out;       /* operations of the key between the first and the last drawn */
    size_t pending_before; /* ... before the first, whose outcome is unknown */
    struct timeline_stop *stops;
    size_t stop_count;
    int32_t *processes; /* by row, ascending */
    size_t row_count;
    double left, right; /* of the area with bars */
};

/* Chooses the operations, which are those of the witness and at most this many others, the nearest
 * to them, and reads what they say. *out is in the arena; its count is 0 if the history lacks the
 * witness. ERR_NOMEM. O(operations * witness). */
int timeline_select(const struct run_data *run, const struct results_key *key, size_t others_max,
                    struct arena *arena, struct timeline *out, struct errbuf *err);

/* Gives rows and places, from x = left on; every label fits before the next operation of its row.
 * False without memory. */
bool timeline_layout(struct timeline *timeline, double left, struct arena *arena);

/* Spreads the places up to x = right, if they end before. */
void timeline_stretch(struct timeline *timeline, double right);

/* Where a time is drawn, between the places of the events around it. */
double timeline_x(const struct timeline *timeline, int64_t time_ns);

/* What an operation did, as a bar is labelled, uncut: "read 5". Not yet safe to show. */
void timeline_put_label(struct strbuf *out, const struct operation_words *words);

/* All of it: the drawing, and what was left out as a paragraph. Adds nothing if the history lacks
 * the witness. ERR_NOMEM. */
int timeline_put(struct strbuf *out, const struct run_data *run, const struct results_key *key,
                 const struct bands *bands, struct errbuf *err);

#endif
