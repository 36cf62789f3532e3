/* Operations, packed for the script of a page (assets/timeline_model.js), about 12 bytes each.
 *
 * A key's operations are a row of numbers (7 bits a byte, the low ones first, the high bit set but
 * in the last), for each operation in order of invocation:
 *
 *   invocation's time less the one before (zigzag); duration; process; 4 * function + outcome;
 *   argument; 0 if the result is the same, else 1 + result; invocation's index less the one before;
 *   and, if the outcome is not ok, 0 or 1 + the word of its error
 *
 * Outcomes: 0 ok, 1 fail, 2 info, 3 never answered. Times are nanoseconds, or indexes of events if
 * none were recorded. Values: 0 is nil, 1 + 2 * zigzag an integer, 2 + 2 * n word number n. Words
 * are what people write, cut short; word 0 stands for those that there was no room for. Private to
 * report/. */
#ifndef REPORT_TIMELINE_DATA_H
#define REPORT_TIMELINE_DATA_H

#include "core/operations.h"
#include "core/strbuf.h"

enum { TIMELINE_WORD_CHARS = 80, TIMELINE_WORDS_BYTES_MAX = 4 << 20 };

struct errbuf;
struct timeline_word;

struct timeline_data {
    const struct operations *all;
    bool timed;                /* times were recorded */
    struct strbuf functions;   /* names, as items of a JSON list */
    uint16_t *function_number; /* by symbol; 0 = none yet, else number + 1 */
    uint16_t function_count;
    struct strbuf words; /* items of a JSON list */
    struct timeline_word *slots;
    uint32_t word_count, slot_count;
};

/* ERR_NOMEM; needs timeline_data_fini in any case. */
int timeline_data_init(struct timeline_data *data, const struct operations *all, bool timed,
                       struct errbuf *err);
void timeline_data_fini(struct timeline_data *data);

/* Adds the bytes of `count` operations of a key from the first on. ERR_NOMEM. About 0.3 us for each
 * operation of the key. */
int timeline_data_put(struct timeline_data *data, uint32_t key, uint32_t first, uint32_t count,
                      struct strbuf *out, struct errbuf *err);

/* Text of others as a JSON string, without what does not belong on a page, and cut short. */
void timeline_data_put_text(struct strbuf *out, const char *text);

#endif
