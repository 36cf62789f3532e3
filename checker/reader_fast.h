/* What the fast paths of readers have in common: events of the usual shape, read eight bytes at a
 * time.
 *
 * A fast path takes an event as programs write it (known members, no escapes, small values) or
 * declines it, NULL; then the general parser reads it again, from its beginning. Whatever a fast
 * path takes means the same as the general parser says (tests/property/reader_fast.c), so it is
 * free to decline anything odd. It adds nothing before it took the whole event.
 *
 * Bounds: a member or entry is begun only if FAST_REACH more bytes may be read, and is over, or
 * declined, before they are.
 *
 * Digits are taken as in "SWAR" number parsing: Daniel Lemire, "Number Parsing at a Gigabyte per
 * Second" (2021), section 3.1. */
#ifndef CHECKER_READER_FAST_H
#define CHECKER_READER_FAST_H

#include "checker/reader_part.h"

#include <endian.h>
#include <string.h>

enum {
    FAST_REACH = 512,
    FAST_TEXT_MAX = 64, /* longest string or keyword */
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
    char error[FAST_TEXT_MAX + 2];
};

static inline uint64_t fast_load(const char *at)
{
    uint64_t word;
    memcpy(&word, at, sizeof word);
    return le64toh(word);
}

#define FAST_BYTES(byte) (UINT64_C(0x0101010101010101) * (byte))

/* Whether there is room for one more member. */
static inline bool fast_may_go_on(const struct reader_part *part, const char *at)
{
    return part->end - at >= FAST_REACH && !part->input->options.general_only;
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

/* 1 to 18 digits. NULL if there are none or more. */
static inline const char *fast_digits(const char *at, int64_t *out)
{
    static const uint64_t powers[] = {1,      10,      100,      1000,     10000,
                                      100000, 1000000, 10000000, 100000000};
    uint64_t word = fast_load(at);
    unsigned count = fast_count_digits(word);
    if (count == 0)
        return NULL;
    uint64_t number = fast_number(word, count);
    at += count;
    for (unsigned total = 8; count == 8; total += 8) {
        word = fast_load(at);
        count = fast_count_digits(word);
        if (total + count > 18)
            return NULL;
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
    int64_t number;
    bool negative = *at == '-';
    at = fast_digits(at + negative, &number);
    if (!at)
        return NULL;
    number = negative ? -number : number;
    *out = value_ref_holds_int(number) ? value_ref_int((int32_t)number)
                                       : value_pool_intern(part->values, value_int(number));
    return *out == VALUE_REF_NOMEM ? NULL : at;
}

static inline const char *fast_process(const char *at, int32_t *out)
{
    int64_t number;
    at = fast_digits(at, &number);
    if (!at || number > INT32_MAX)
        return NULL;
    *out = (int32_t)number;
    return at;
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

/* F_NONE if the name is odd. */
static inline symbol fast_symbol(struct reader_part *part, const char *name, int length)
{
    if (length < 1 || length > READER_SYMBOL_BYTES)
        return F_NONE;
    uint64_t words[2] = {fast_load(name), 0};
    if (length < 8)
        words[0] &= (UINT64_C(1) << 8 * length) - 1;
    else if (length > 8)
        words[1] = fast_load(name + 8) & UINT64_MAX >> 8 * (16 - length);
    return reader_symbol(&part->symbols, words, name, (size_t)length);
}

/* -1 if there is none. Sets *end behind the name. */
static inline int fast_type(const char *at, const char **end)
{
    if (FAST_IS(at, "invoke"))
        return *end = at + 6, OP_INVOKE;
    if (FAST_IS(at, "ok"))
        return *end = at + 2, OP_OK;
    if (FAST_IS(at, "fail"))
        return *end = at + 4, OP_FAIL;
    if (FAST_IS(at, "info"))
        return *end = at + 4, OP_INFO;
    return -1;
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
    if (event->event.process < 0 || !is_pair)
        return fast_ref(part, &event->value, &event->event.value);
    event->event.has_key = true;
    event->event.key = event->value.ref;
    event->event.value = event->value.second;
    return event->value.is_pair;
}

#endif
