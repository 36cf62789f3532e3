/* In memory a transaction is the number of its micro-operations and then, for each, a tag, the key,
 * and the value, the items or the address of a list that is shared. A tag holds f, the shape of
 * what follows, and the number of items. */
#include "core/micro_ops.h"

#include "core/value_pool_shared.h"
#include "core/value_words.h"

#include <string.h>

enum { SHAPE_NIL, SHAPE_VALUE, SHAPE_LIST, SHAPE_SHARED };
enum { F_BITS = 2, SHAPE_BITS = 2, COUNT_SHIFT = F_BITS + SHAPE_BITS };
enum { WORDS_MAX = (1 << (31 - COUNT_SHIFT)) - 1 }; /* of a transaction when it grows: 512 MiB */

#define REF_BASE (UINT32_C(1) << 30)

void micro_ops_writer_init(struct micro_ops_writer *writer, struct value_pool *pool)
{
    *writer = (struct micro_ops_writer){.pool = pool};
}

/* Moves the transaction under construction into a block of its own size twice over. */
bool micro_ops_make_room(struct micro_ops_writer *writer, uint32_t words)
{
    if (words <= (size_t)(writer->stop - writer->at))
        return true;
    size_t used = (size_t)(writer->at - writer->begin);
    if (used > WORDS_MAX)
        return false;
    size_t in_list = writer->list ? (size_t)(writer->list - writer->begin) : 0;
    size_t count;
    uint32_t unit;
    uint32_t *block =
        value_words_claim(value_pool_words(writer->pool), 2 * used + words, &unit, &count);
    if (!block)
        return false;
    if (used)
        memcpy(block, writer->begin, used * sizeof *block);
    *writer = (struct micro_ops_writer){.pool = writer->pool,
                                        .block = block,
                                        .begin = block,
                                        .list = writer->list ? block + in_list : NULL,
                                        .at = block + used,
                                        .stop = block + count,
                                        .unit = unit};
    return true;
}

bool micro_ops_begin(struct micro_ops_writer *writer)
{
    writer->at = writer->begin; /* an unended one is forgotten */
    writer->list = NULL;
    if (!micro_ops_make_room(writer, 1))
        return false;
    *writer->at++ = 0;
    return true;
}

static bool add(struct micro_ops_writer *writer, uint32_t tag, value_ref key)
{
    if (!micro_ops_make_room(writer, 3))
        return false;
    *writer->at++ = tag;
    *writer->at++ = key;
    ++*writer->begin;
    return true;
}

bool micro_ops_add(struct micro_ops_writer *writer, enum micro_f f, value_ref key, value_ref value)
{
    uint32_t shape = value == VALUE_REF_NIL ? SHAPE_NIL : SHAPE_VALUE;
    if (!add(writer, f | shape << F_BITS, key))
        return false;
    if (shape == SHAPE_VALUE)
        *writer->at++ = value;
    return true;
}

bool micro_ops_begin_list(struct micro_ops_writer *writer, value_ref key)
{
    if (!add(writer, MICRO_READ | SHAPE_LIST << F_BITS, key))
        return false;
    writer->list = writer->at;
    return true;
}

void micro_ops_end_list(struct micro_ops_writer *writer)
{
    writer->list[-2] |= (uint32_t)(writer->at - writer->list) << COUNT_SHIFT;
    writer->list = NULL;
}

bool micro_ops_add_shared(struct micro_ops_writer *writer, value_ref key, uint32_t address,
                          uint32_t count)
{
    if (!add(writer, MICRO_READ | SHAPE_SHARED << F_BITS | count << COUNT_SHIFT, key))
        return false;
    *writer->at++ = address;
    return true;
}

value_ref micro_ops_end(struct micro_ops_writer *writer)
{
    size_t first = (size_t)(writer->begin - writer->block);
    size_t next = (size_t)(writer->at - writer->block);
    next += -next % VALUE_WORDS_UNIT;
    writer->begin = writer->at = writer->block + next;
    return REF_BASE | (writer->unit + (uint32_t)(first / VALUE_WORDS_UNIT));
}

/* --- reading --- */

static const struct value_words *words_of(const struct value_pool *pool)
{
    return value_pool_words((struct value_pool *)(uintptr_t)pool);
}

struct micro_cursor micro_ops_open(const struct value_pool *pool, value_ref ref)
{
    const uint32_t *begin = value_words_at(words_of(pool), ref & (REF_BASE - 1));
    return (struct micro_cursor){.pool = pool, .begin = begin, .at = begin + 1, .left = *begin};
}

static uint32_t shape_of(uint32_t tag)
{
    return tag >> F_BITS & ((1 << SHAPE_BITS) - 1);
}

/* The items of a list whose tag is known, at what follows its key. */
static const value_ref *items_of(const struct value_pool *pool, uint32_t tag, const uint32_t *at)
{
    if (shape_of(tag) == SHAPE_LIST)
        return at;
    return value_words_at(words_of(pool), *at / VALUE_WORDS_UNIT) + *at % VALUE_WORDS_UNIT;
}

const value_ref *micro_ops_items(const struct value_pool *pool, value_ref ref, uint32_t place,
                                 uint32_t *count)
{
    const uint32_t *at = micro_ops_open(pool, ref).begin + place;
    *count = at[-2] >> COUNT_SHIFT;
    return items_of(pool, at[-2], at);
}

bool micro_ops_next(struct micro_cursor *cursor, struct micro_op *out)
{
    if (cursor->left == 0)
        return false;
    cursor->left--;
    uint32_t tag = *cursor->at++, shape = shape_of(tag);
    *out = (struct micro_op){.f = tag & ((1 << F_BITS) - 1), .key = *cursor->at++};
    if (shape == SHAPE_VALUE) {
        out->value = *cursor->at++;
    } else if (shape != SHAPE_NIL) {
        out->is_list = true;
        out->items = items_of(cursor->pool, tag, cursor->at);
        out->item_count = tag >> COUNT_SHIFT;
        out->place = (uint32_t)(cursor->at - cursor->begin);
        cursor->at += shape == SHAPE_LIST ? out->item_count : 1;
    }
    return true;
}

/* --- comparing --- */

/* How many words a micro-operation takes. */
static inline uint32_t width_of(uint32_t tag)
{
    uint32_t shape = shape_of(tag);
    return 2 + (shape == SHAPE_LIST ? tag >> COUNT_SHIFT : shape != SHAPE_NIL);
}

/* The number of micro-operations that are the same, up to the first that is not. */
static uint32_t count_same(const uint32_t *invoked, const uint32_t *answered)
{
    const uint32_t f_mask = (1 << F_BITS) - 1, *a = invoked + 1, *b = answered + 1;
    uint32_t least = *invoked < *answered ? *invoked : *answered, same = 0;
    for (; same < least; same++) {
        bool is_same = ((a[0] ^ b[0]) & f_mask) == 0 && a[1] == b[1];
        if (is_same && (a[0] & f_mask) != MICRO_READ)
            is_same = a[0] == b[0] && (shape_of(a[0]) == SHAPE_NIL || a[2] == b[2]);
        if (!is_same)
            break;
        a += width_of(a[0]);
        b += width_of(b[0]);
    }
    return same;
}

bool micro_ops_answer(const struct value_pool *pool, value_ref invoked, value_ref answered)
{
    const uint32_t *a = micro_ops_open(pool, invoked).begin;
    const uint32_t *b = micro_ops_open(pool, answered).begin;
    return a == b || (*a == *b && count_same(a, b) == *a);
}

static struct value item_of(struct value list, uint32_t index)
{
    return index < list.count ? list.items[index] : value_nil();
}

void micro_ops_find_difference(struct value_pool *pool, value_ref invoked, value_ref answered,
                               struct value *was, struct value *is)
{
    uint32_t at =
        count_same(micro_ops_open(pool, invoked).begin, micro_ops_open(pool, answered).begin);
    *was = item_of(value_pool_get(pool, invoked), at);
    *is = item_of(value_pool_get(pool, answered), at);
}
