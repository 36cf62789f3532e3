/* The layout of a history's events: a program that writes histories writes the same members in the
 * same order with the same spaces every time, so that after one event was read, the bytes between
 * its values are known in all others.
 *
 * A layout is learned from one event, of JSON or EDN, that a fast path took; then an event of the
 * same layout is read value by value, what is between them compared in one step of two words
 * (formats/reader_fast_layout.h). Half the instructions of looking for each member by name. */
#ifndef FORMATS_READER_LAYOUT_H
#define FORMATS_READER_LAYOUT_H

#include <stdbool.h>
#include <stdint.h>

enum layout_field {
    LAYOUT_END,
    LAYOUT_INDEX,
    LAYOUT_TIME,
    LAYOUT_PROCESS,
    LAYOUT_TYPE,
    LAYOUT_F,
    LAYOUT_KEY,
    LAYOUT_VALUE,
    LAYOUT_FIELDS,
};

enum { LAYOUT_TEXT_MAX = 16 };

/* A text of at most LAYOUT_TEXT_MAX bytes, and the value behind it. */
struct layout_step {
    uint64_t words[2], masks[2];
    uint64_t stops; /* eight times the first byte behind the value */
    uint32_t length;
    enum layout_field field;
};

struct reader_layout {
    struct layout_step steps[LAYOUT_FIELDS]; /* the last one's field is LAYOUT_END */
    bool is_known, has_key;
    uint32_t misses; /* usual events of another layout */
};

/* How a format names its members. */
struct layout_names {
    const char *names[LAYOUT_FIELDS]; /* with what is around them; NULL: there is none */
    char name_end;                    /* behind a type or f; 0: whatever may be behind a value */
};

/* Learns from the event [begin, end), of which a fast path took each member; now and then, if there
 * is a layout already. is_pair: its value is [key value]. What cannot be learned leaves no layout.
 */
void reader_layout_learn(struct reader_layout *layout, const struct layout_names *names,
                         bool is_pair, const char *begin, const char *end);

#endif
