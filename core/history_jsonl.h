/* Histories as JSON Lines, one event a line:
 *
 *   {"index":0,"time":1200345,"process":3,"type":"invoke","f":"write","key":7,"value":4}
 *
 * time is in nanoseconds since the start of the run; process a number, or "nemesis"; key only for
 * operations on one of several independent objects; error (a string) only where there is one.
 * Values are JSON; what JSON lacks is written as core/value.h says. Unknown members are skipped.
 * The first line may say more of the whole (core/history_header.h). */
#ifndef CORE_HISTORY_JSONL_H
#define CORE_HISTORY_JSONL_H

#include "core/history.h"

struct strbuf;

/* Appends op's line, newline included. About 0.2 us. */
void history_jsonl_write(struct strbuf *buf, const struct op *op);

struct json_cursor;

/* Reads one line, from cursor->at to cursor->end (its newline not included): 1 if it is an event,
 * whose index is 0 and whose text lives in the arena or in the line; 0 if it is blank; -1 if it is
 * neither, and the cursor says where and why. */
int history_jsonl_read_line(struct json_cursor *cursor, struct arena *arena, struct op *op);

/* The same for the first line, which may also be a header: then 0. */
int history_jsonl_read_first_line(struct json_cursor *cursor, struct arena *arena, struct op *op);

/* Whether a line that could not be read is the unclean end of a file: the last one, without its
 * newline, and cut short or filled up with NUL as crashed file systems do. */
bool history_jsonl_is_cut(const struct json_cursor *cursor, const char *line);

/* Reads every line of text (length bytes, not NUL-terminated) into the sink. name is used in
 * errors: "NAME:LINE:COLUMN: what is wrong". A last line that is cut short anywhere (no newline,
 * and not a whole object) is left out and sets *truncated; anything else that is not a line as
 * above is ERR_INPUT. Values are built in an arena that is reset for every line. Linear time. */
int history_jsonl_read(const char *name, const char *text, size_t length,
                       const struct op_sink *sink, bool *truncated, struct errbuf *err);

#endif
