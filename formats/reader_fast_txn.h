/* Transactions of the usual shape in a fast path: [[:append 5 7] [:r 5 [1 7]] [:r 6 nil] [:w 8 3]],
 * or the same in JSON, straight into packed words (core/micro_ops.h).
 *
 * Most of such a history's text are lists that were read, and most lists are an earlier one of the
 * same key with some items more or less at the end. So a list is first compared with how the
 * longest one so far was written, eight bytes at a time: what is the same need not be read as
 * numbers again, nor stored (core/micro_lists.h).
 *
 * A transaction may be longer than FAST_REACH; so its length is watched, and FAST_REACH is left
 * behind it for the rest of the event. */
#ifndef FORMATS_READER_FAST_TXN_H
#define FORMATS_READER_FAST_TXN_H

#include "formats/reader_fast.h"

/* How a format writes them. */
struct fast_txn_format {
    char separator; /* between items; there may be a space behind it if it is a comma */

    /* Takes the name of what is done and the separator behind it. fast_odd if it is odd. */
    const char *(*take_f)(const char *at, enum micro_f *out);

    /* A key or value that is no list. fast_odd if it is odd. */
    const char *(*take_scalar)(struct reader_part *part, const char *at, value_ref *out);
};

/* Whether a value that begins here, of an event as a whole, may be a transaction to be packed. */
static inline bool fast_may_be_txn(const struct reader_part *part, const char *at)
{
    return part->input->options.pack_transactions && FAST_IS(at, "[[");
}

/* --- texts of lists --- */

/* How many bytes two texts have in common, at most `most`; 7 more of each may be read. */
static inline size_t fast_common(const char *a, const char *b, size_t most)
{
    for (size_t i = 0; i < most; i += 8) {
        uint64_t differs = fast_load(a + i) ^ fast_load(b + i);
        if (differs) {
            i += (unsigned)__builtin_ctzll(differs) / 8;
            return i < most ? i : most;
        }
    }
    return most;
}

/* How often a byte occurs in a text of ASCII; 7 more bytes may be read. */
static inline uint32_t fast_count_bytes(const char *at, size_t length, char byte)
{
    uint32_t count = 0;
    for (size_t i = 0; i < length; i += 8) {
        uint64_t word = fast_load(at + i) ^ FAST_BYTES((uint8_t)byte);
        uint64_t others = (word & FAST_BYTES(0x7f)) + FAST_BYTES(0x7f);
        uint64_t found = ~(others | word) & FAST_BYTES(0x80);
        if (length - i < 8)
            found &= (UINT64_C(1) << 8 * (length - i)) - 1;
        count += (uint32_t)((found >> 7) * FAST_BYTES(0x01) >> 56);
    }
    return count;
}

static inline const char *fast_txn_skip(const struct fast_txn_format *format, const char *at)
{
    return format->separator == ',' ? fast_skip_space(at) : at;
}

/* Adds items that begin here to a list; where they end, at a ']'. fast_odd if they are odd. */
static inline const char *fast_txn_items(struct reader_part *part,
                                         const struct fast_txn_format *format, const char *at,
                                         struct micro_list *list)
{
    for (;;) {
        value_ref item = VALUE_REF_NIL;
        if (!FAST_USUAL(part->end - at >= FAST_REACH))
            return fast_odd;
        at = fast_integer(part, at, &item);
        if (!FAST_USUAL(*at == format->separator || *at == ']') ||
            !micro_lists_add(part->lists, list, item))
            return fast_odd;
        if (*at == ']')
            return at;
        at = fast_txn_skip(format, at + 1);
    }
}

/* The list whose text begins here compared with the longest one of its key: if it is a beginning of
 * that one, *count is its length and the answer where it ends. Else NULL, and *at is where what is
 * new begins, in a list that was begun again if there is nothing in common. */
static inline const char *fast_txn_prefix(const struct reader_part *part,
                                          const struct fast_txn_format *format, const char **at,
                                          struct micro_list *list, uint32_t *count)
{
    size_t left = (size_t)(part->end - *at) - FAST_REACH, length = list->text_length;
    size_t same = fast_common(*at, list->text, length < left ? length : left);
    const char *end = *at + same;
    if (same == length && *end == ']') {
        *count = list->count;
        return end;
    }
    if (same < length && *end == ']' && list->text[same] == format->separator) {
        *count =
            list->count - fast_count_bytes(list->text + same, length - same, format->separator);
        return end;
    }
    if (same == length && *end == format->separator)
        *at = fast_txn_skip(format, end + 1);
    else
        micro_list_begin(list, list->key);
    return NULL;
}

/* What a read of a key saw, behind its '['. Where it ends; fast_odd if it is odd. */
static inline const char *fast_txn_list(struct reader_part *part,
                                        const struct fast_txn_format *format, value_ref key,
                                        const char *at)
{
    const char *begin = at, *end = NULL;
    struct micro_list *list = micro_lists_slot(part->lists, key);
    uint32_t count = 0;
    if (key == VALUE_REF_NIL || *at == ']' || part->end - at < FAST_REACH)
        return fast_odd;
    if (list->key == key && list->text_length)
        end = fast_txn_prefix(part, format, &at, list, &count);
    else
        micro_list_begin(list, key);
    if (!end) {
        end = fast_txn_items(part, format, at, list);
        count = list->count;
        list->text = begin;
        list->text_length = (size_t)(end - begin);
        if (end == fast_odd)
            micro_list_begin(list, VALUE_REF_NIL);
    }
    bool is_added =
        end != fast_odd && micro_ops_add_shared(&part->transactions, key, list->address, count);
    return FAST_USUAL(is_added) ? end + 1 : fast_odd;
}

/* --- transactions --- */

/* An empty list is stored as it is. */
static inline const char *fast_txn_empty(struct reader_part *part, value_ref key, const char *at)
{
    if (!micro_ops_begin_list(&part->transactions, key))
        return fast_odd;
    micro_ops_end_list(&part->transactions);
    return at + 1;
}

static inline const char *fast_txn_micro(struct reader_part *part,
                                         const struct fast_txn_format *format, const char *at)
{
    enum micro_f f = MICRO_READ;
    value_ref key = VALUE_REF_NIL, value = VALUE_REF_NIL;
    at = format->take_f(at, &f);
    at = (unsigned char)(*at - '0') <= 9 ? fast_integer(part, at, &key)
                                         : format->take_scalar(part, at, &key);
    if (!FAST_USUAL(*at == format->separator))
        return fast_odd;
    at = fast_txn_skip(format, at + 1);
    if (*at == '[' && f == MICRO_READ)
        return at[1] == ']' ? fast_txn_empty(part, key, at + 1)
                            : fast_txn_list(part, format, key, at + 1);
    at = (unsigned char)(*at - '0') <= 9 ? fast_integer(part, at, &value)
                                         : format->take_scalar(part, at, &value);
    if (!FAST_USUAL(at != fast_odd && *at == ']'))
        return fast_odd;
    return micro_ops_add(&part->transactions, f, key, value) ? at : fast_odd;
}

/* The transaction that begins with the '[' here; where it ends, fast_odd if it is odd. */
static inline const char *fast_txn(struct reader_part *part, const struct fast_txn_format *format,
                                   const char *at, value_ref *out)
{
    if (!part->lists && !(part->lists = micro_lists_new(part->values)))
        return fast_odd;
    if (!micro_ops_begin(&part->transactions))
        return fast_odd;
    do {
        at = fast_txn_skip(format, at + 1);
        if (!FAST_USUAL(part->end - at >= FAST_REACH && *at == '['))
            return fast_odd;
        at = fast_txn_micro(part, format, at + 1);
        if (!FAST_USUAL(*at == ']'))
            return fast_odd;
        at++;
    } while (*at == format->separator);
    if (!FAST_USUAL(*at == ']' && part->end - at >= FAST_REACH))
        return fast_odd;
    *out = micro_ops_end(&part->transactions);
    return at + 1;
}

#endif
