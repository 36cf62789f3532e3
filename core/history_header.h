/* The first line of a history in JSON Lines whose events do not say all there is to know:
 *
 *   {"history":{"times":false,"initial":0}}
 *
 * times false: the order of the events says nothing of what was over before what, but within each
 * process. initial: the value that every object holds before its first write; initial_may_be_nil
 * true: or nil. has_initial false: what was read somebody wrote. Without the line, or a member,
 * order is time and the value before is nil. */
#ifndef CORE_HISTORY_HEADER_H
#define CORE_HISTORY_HEADER_H

#include "core/value.h"

#include <stdbool.h>

struct arena;
struct json_cursor;
struct strbuf;

struct history_header {
    bool has_no_times, has_no_initial;
    bool initial_is_given, initial_may_be_nil;
    struct value initial;
};

/* Appends the line, newline included. */
void history_header_write(struct strbuf *out, const struct history_header *header);

/* Reads a line, from cursor->at to cursor->end (its newline not included): 1 if it is a header,
 * whose values are in the arena; 0 if it is another line, and the cursor is where it was; -1 if it
 * is malformed, and the cursor says where and why. */
int history_header_read(struct json_cursor *cursor, struct arena *arena,
                        struct history_header *out);

#endif
