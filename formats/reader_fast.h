/* What the fast paths of readers have in common: events of the usual shape, read eight bytes at a
 * time.
 *
 * A fast path takes an event as programs write it (known members, no escapes, small values) or
 * declines it; then the general parser reads it again, from its beginning. Whatever a fast
 * path takes means the same as the general parser says (tests/property/reader_parts.c), so it is
 * free to decline anything odd. It adds nothing before it took the whole event.
 *
 * Members are tried in a straight line in which the usual orders are all contained: whether one is
 * there is then the same answer, at the same place of the code, in every event of a history, and
 * predicted well. A loop over "which member is next" was twice as slow.
 *
 * Bounds: an event is begun only if FAST_REACH more bytes may be read. Every member is taken at
 * most once and has at most four texts, of at most FAST_TEXT_MAX bytes: the event is over, or
 * declined, before they are.
 *
 * Digits are taken as in "SWAR" number parsing: Daniel Lemire, "Number Parsing at a Gigabyte per
 * Second" (2021), section 3.1. */
#ifndef FORMATS_READER_FAST_H
#define FORMATS_READER_FAST_H

#include "formats/reader_part.h"

#include <endian.h>
#include <string.h>

enum {
    FAST_REACH = 1024,
    FAST_TEXT_MAX = READER_PART_TEXT - 2, /* longest string or keyword */
};

/* Which members an event had: one that comes twice is odd. */
enum fast_member {
    FAST_INDEX = 1,
    FAST_TIME = 2,
    FAST_PROCESS = 4,
    FAST_TYPE = 8,
    FAST_F = 16,
    FAST_KEY = 32,
    FAST_VALUE = 64,
    FAST_ERROR = 128,
};

/* A value; of a list of two its items, so that [key value] can be taken apart. */
struct fast_value {
    bool is_pair;
    value_ref ref, second; /* the value; or the two items */
};

struct fast_event {
    struct operation_event event;
    struct fast_value value;
    unsigned members;
};

/* Events that were taken and are still to be added: several together, as operations_add_all wants
 * them. */
struct fast_batch {
    uint32_t count;
    struct operation_event events[READER_PART_BATCH];
};

/* Where the next event goes. */
static inline struct operation_event *fast_batch_next(struct fast_batch *batch)
{
    return &batch->events[batch->count];
}

/* Adds what is in it. Errors as reader_part_add_events. */
static inline int fast_batch_end(struct reader_part *part, struct fast_batch *batch,
                                 struct errbuf *err)
{
    uint32_t count = batch->count;
    batch->count = 0;
    return reader_part_add_events(part, batch->events, count, err);
}

/* Takes the next event, now filled in. Its error text is lent until the one after it only, so that
 * one with an error is not kept back. Errors as reader_part_add_events. */
static inline int fast_batch_take(struct reader_part *part, struct fast_batch *batch,
                                  struct errbuf *err)
{
    bool has_error = batch->events[batch->count++].error;
    if (batch->count < READER_PART_BATCH && !has_error)
        return 0;
    return fast_batch_end(part, batch, err);
}

static inline uint64_t fast_load(const char *at)
{
    uint64_t word;
    memcpy(&word, at, sizeof word);
    return le64toh(word);
}

#define FAST_BYTES(byte) (UINT64_C(0x0101010101010101) * (byte))

/* Whether there is room for an event. */
static inline bool fast_may_begin(const struct reader_part *part, const char *at)
{
    return part->end - at >= FAST_REACH && !part->input->options.general_only;
}

/* Where an odd event goes on: nothing matches here any more, so that one question at the end is
 * enough. */
extern const char fast_odd[FAST_TEXT_MAX];

/* What is so in every event but an odd one, as a branch: a processor guesses it and reads on, where
 * choosing between two addresses would make the next load wait. An event is about thirty such
 * questions one after the other. */
#define FAST_USUAL(is_so) __builtin_expect_with_probability(is_so, 1, 0.9999)

/* Skips one space: histories have one there always or never. */
static inline const char *fast_skip_space(const char *at)
{
    return FAST_USUAL(*at != ' ') ? at : at + 1;
}

/* Whether `text`, a literal, begins here. */
#define FAST_IS(at, text) (memcmp(at, text, sizeof(text) - 1) == 0)

/* How many digits a word begins with. */
static inline unsigned fast_count_digits(uint64_t word)
{
    uint64_t value = word ^ FAST_BYTES('0');
    uint64_t others = (value | (value + FAST_BYTES(0x76))) & FAST_BYTES(0x80);
    return others ? (unsigned)__builtin_ctzll(others) / 8 : 8;
}

/* The number of the first `count` digits of a word, 1 to 8. */
static inline uint64_t fast_number(uint64_t word, unsigned count)
{
    word = (word << (64 - 8 * count)) & FAST_BYTES(0x0f);
    word = word * 2561 >> 8;
    word = (word & UINT64_C(0x00ff00ff00ff00ff)) * 6553601 >> 16;
    return (word & UINT64_C(0x0000ffff0000ffff)) * UINT64_C(42949672960001) >> 32;
}

/* 1 to 18 digits. fast_odd if there are none or more. */
static inline const char *fast_digits(const char *at, int64_t *out)
{
    static const uint64_t powers[] = {1,      10,      100,      1000,     10000,
                                      100000, 1000000, 10000000, 100000000};
    uint64_t word = fast_load(at);
    unsigned count = fast_count_digits(word);
    if (!FAST_USUAL(count != 0))
        return fast_odd;
    uint64_t number = fast_number(word, count);
    at += count;
    for (unsigned total = 8; count == 8; total += 8) {
        word = fast_load(at);
        count = fast_count_digits(word);
        if (total + count > 18)
            return fast_odd;
        if (count)
            number = number * powers[count] + fast_number(word, count);
        at += count;
    }
    *out = (int64_t)number;
    return at;
}

/* An integer of 1 to 18 digits. */
static inline const char *fast_integer(struct reader_part *part, const char *at, value_ref *out)
{
    int64_t number = 0;
    bool negative = !FAST_USUAL(*at != '-');
    at = fast_digits(negative ? at + 1 : at, &number);
    number = negative ? -number : number;
    if (FAST_USUAL(at != fast_odd && value_ref_holds_int(number))) {
        *out = value_ref_int((int32_t)number);
        return at;
    }
    if (at == fast_odd)
        return at;
    *out = value_pool_intern(part->values, value_int(number));
    return *out == VALUE_REF_NOMEM ? fast_odd : at;
}

static inline const char *fast_process(const char *at, int32_t *out)
{
    int64_t number = 0;
    at = fast_digits(at, &number);
    *out = (int32_t)number;
    return FAST_USUAL(number <= INT32_MAX) ? at : fast_odd;
}

/* A zero byte in a word: the lowest bit set is in the first one. */
static inline uint64_t fast_zeros(uint64_t word)
{
    return (word - FAST_BYTES(0x01)) & ~word & FAST_BYTES(0x80);
}

/* The length of a string, without escapes or newlines, of at most FAST_TEXT_MAX bytes up to its
 * closing quote; -1 if it is not like that. `at` is behind the opening one. */
static inline int fast_string_length(const char *at)
{
    for (int length = 0; length <= FAST_TEXT_MAX; length += 8) {
        uint64_t word = fast_load(at + length);
        uint64_t found = fast_zeros(word ^ FAST_BYTES('"')) | fast_zeros(word ^ FAST_BYTES('\\')) |
                         fast_zeros(word ^ FAST_BYTES('\n'));
        if (found) {
            length += __builtin_ctzll(found) / 8;
            return at[length] == '"' && length <= FAST_TEXT_MAX ? length : -1;
        }
    }
    return -1;
}

static inline bool fast_text(struct reader_part *part, enum value_kind kind, const char *text,
                             int length, value_ref *out)
{
    *out = value_pool_intern(part->values, value_text(kind, text, (size_t)length));
    return *out != VALUE_REF_NOMEM;
}

static inline struct short_name fast_name(const char *name, int length)
{
    struct short_name out = {.words = {fast_load(name), 0}, .length = (size_t)length};
    if (length < 8)
        out.words[0] &= (UINT64_C(1) << 8 * length) - 1;
    else if (length > 8)
        out.words[1] = fast_load(name + 8) & UINT64_MAX >> 8 * (16 - length);
    return out;
}

/* F_NONE if the name is odd. */
static inline symbol fast_symbol(struct reader_part *part, const char *text, int length)
{
    if (length < 1 || length > READER_SYMBOL_BYTES)
        return F_NONE;
    struct short_name name = fast_name(text, length);
    symbol id = reader_symbols_find(&part->symbols, &name);
    if (id == F_NONE) {
        id = symbol_intern(text, (size_t)length);
        if (id != F_NONE)
            reader_symbols_put(&part->symbols, &name, id);
    }
    return id;
}

/* Where the type that begins here ends, *out filled in; fast_odd if there is none. Which it is
 * depends on chance, so that branches would be guessed wrong half the time: the low bits of the
 * first byte and one of the third tell. */
static inline const char *fast_type(const char *at, uint8_t *out)
{
    static const struct {
        uint64_t word, mask;
        uint8_t type, length;
    } types[16] = {
        [2] = {UINT64_C(0x6f666e69), UINT64_C(0xffffffff), OP_INFO, 4},
        [3] = {UINT64_C(0x656b6f766e69), UINT64_C(0xffffffffffff), OP_INVOKE, 6},
        [12] = {UINT64_C(0x6c696166), UINT64_C(0xffffffff), OP_FAIL, 4},
        [14] = {UINT64_C(0x6b6f), UINT64_C(0xffff), OP_OK, 2},
        [15] = {UINT64_C(0x6b6f), UINT64_C(0xffff), OP_OK, 2},
    };
    uint64_t word = fast_load(at);
    unsigned which = (unsigned)((word & 7) << 1 | (word >> 20 & 1));
    *out = types[which].type;
    bool is_it = types[which].length && (word & types[which].mask) == types[which].word;
    return FAST_USUAL(is_it) ? at + types[which].length : fast_odd;
}

static inline bool fast_ref(struct reader_part *part, const struct fast_value *value,
                            value_ref *out)
{
    *out = value->is_pair ? value_pool_intern_pair(part->values, value->ref, value->second)
                          : value->ref;
    return *out != VALUE_REF_NOMEM;
}

static inline bool fast_take_member(struct fast_event *event, enum fast_member member)
{
    bool is_new = !(event->members & member);
    event->members |= member;
    return is_new;
}

static inline void fast_begin(struct fast_event *event)
{
    event->event = (struct operation_event){.time_ns = -1, .process = PROCESS_NONE};
    event->value = (struct fast_value){.ref = VALUE_REF_NIL};
    event->members = 0;
}

/* Once all members are there; is_pair if values are [key value]. False if the event is odd. */
static inline bool fast_end(struct reader_part *part, bool is_pair, struct fast_event *event)
{
    if (!(event->members & FAST_TYPE))
        return false;
    if (event->event.process < 0 && micro_ops_is(event->value.ref))
        return false; /* only those of clients are packed */
    if (event->event.process < 0 || !is_pair)
        return fast_ref(part, &event->value, &event->event.value);
    event->event.has_key = true;
    event->event.key = event->value.ref;
    event->event.value = event->value.second;
    return event->value.is_pair;
}

#endif
