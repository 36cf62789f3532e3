/* Events of a layout that was learned (formats/reader_layout.h). Of the values, each function of a
 * format's fast path takes its own; so what is taken here means the same. */
#ifndef FORMATS_READER_FAST_LAYOUT_H
#define FORMATS_READER_FAST_LAYOUT_H

#include "formats/reader_fast_txn.h"
#include "formats/reader_layout.h"

/* A value that is no plain number; depth as in [key value], at most. fast_odd if it is odd. */
typedef const char *layout_take_value(struct reader_part *part, const char *at, int depth,
                                      struct fast_value *out);

/* 1 to 18 digits. */
static inline const char *layout_skip_digits(const char *at)
{
    unsigned count = fast_count_digits(fast_load(at)), total = count;
    while (count == 8 && total < 24) {
        count = fast_count_digits(fast_load(at + total));
        total += count;
    }
    return FAST_USUAL(total - 1 < 18) ? at + total : fast_odd;
}

/* A short name that was met before; fast_odd if it is none. */
static inline const char *layout_name(const struct reader_part *part, const char *at,
                                      uint64_t stops, symbol *out)
{
    struct short_name name = {.words = {fast_load(at), 0}};
    uint64_t *last = &name.words[0];
    uint64_t found = fast_zeros(*last ^ stops);
    if (!found) {
        last = &name.words[1];
        *last = fast_load(at + 8);
        found = fast_zeros(*last ^ stops);
        name.length = 8;
    }
    if (!found)
        return fast_odd;
    *last &= ((found & (0 - found)) >> 7) - 1;
    name.length += (unsigned)__builtin_ctzll(found) / 8;
    *out = reader_symbols_find(&part->symbols, &name);
    return FAST_USUAL(*out != F_NONE) ? at + name.length : fast_odd;
}

static inline const char *layout_value(struct reader_part *part, const char *at,
                                       layout_take_value *take, value_ref *out)
{
    if ((unsigned char)(*at - '0') <= 9)
        return fast_integer(part, at, out);
    struct fast_value value;
    at = take(part, at, 1, &value);
    return at != fast_odd && fast_ref(part, &value, out) ? at : fast_odd;
}

/* The value of a field that begins here. fast_odd, where no text is found, if it is odd. */
static inline const char *layout_field(struct reader_part *part, const struct layout_step *step,
                                       const char *at, layout_take_value *take,
                                       const struct fast_txn_format *transactions,
                                       struct operation_event *out)
{
    switch (step->field) {
    case LAYOUT_INDEX:
        return layout_skip_digits(at);
    case LAYOUT_TIME:
        return fast_digits(at, &out->time_ns);
    case LAYOUT_PROCESS:
        return fast_process(at, &out->process);
    case LAYOUT_TYPE:
        return fast_type(at, &out->type);
    case LAYOUT_F:
        return layout_name(part, at, step->stops, &out->f);
    case LAYOUT_KEY:
        return layout_value(part, at, take, &out->key);
    default:
        return fast_may_be_txn(part, at) ? fast_txn(part, transactions, at, &out->value)
                                         : layout_value(part, at, take, &out->value);
    }
}

/* The event that begins here, if it is of the layout; where it ends, NULL if it is not. The caller
 * asked fast_may_begin. */
static inline const char *layout_event(struct reader_part *part, const char *at,
                                       layout_take_value *take,
                                       const struct fast_txn_format *transactions,
                                       struct operation_event *out)
{
    const struct reader_layout *layout = &part->layout;
    if (!layout->is_known)
        return NULL;
    *out = (struct operation_event){.time_ns = -1, .has_key = layout->has_key};
    for (const struct layout_step *step = layout->steps;; step++) {
        uint64_t differs = ((fast_load(at) ^ step->words[0]) & step->masks[0]) |
                           ((fast_load(at + 8) ^ step->words[1]) & step->masks[1]);
        if (!FAST_USUAL(differs == 0))
            return NULL;
        at += step->length;
        if (step->field == LAYOUT_END)
            return at;
        at = layout_field(part, step, at, take, transactions, out);
    }
}

#endif
