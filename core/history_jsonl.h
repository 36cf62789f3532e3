/* Histories as JSON Lines, one event a line:
 *
 *   {"index":0,"time":1200345,"process":3,"type":"invoke","f":"write","key":7,"value":4}
 *
 * time is in nanoseconds since the start of the run; process a number, or "nemesis"; key only for
 * operations on one of several independent objects; error (a string) only where there is one.
 * Values are JSON; what JSON lacks is written as core/value.h says. Unknown members are skipped. */
#ifndef CORE_HISTORY_JSONL_H
#define CORE_HISTORY_JSONL_H

#include "core/history.h"

struct strbuf;

/* Appends op's line, newline included. About 0.2 us. */
void history_jsonl_write(struct strbuf *buf, const struct op *op);

/* Reads every line of text (length bytes, not NUL-terminated) into the sink. name is used in
 * errors: "NAME:LINE:COLUMN: what is wrong". A last line that is cut short anywhere (no newline,
 * and not a whole object) is left out and sets *truncated; anything else that is not a line as
 * above is ERR_INPUT. Values are built in an arena that is reset for every line. Linear time. */
int history_jsonl_read(const char *name, const char *text, size_t length,
                       const struct op_sink *sink, bool *truncated, struct errbuf *err);

#endif
