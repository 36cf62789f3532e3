#include "core/micro_ops.h"

/* How a value may be told. */
enum shape { NO_MICRO_OP, PLAIN, LIST };

static enum shape shape_of(struct value value, enum micro_f *f)
{
    static const char *const names[] = {
        [MICRO_READ] = "r", [MICRO_WRITE] = "w", [MICRO_APPEND] = "append"};
    if (value.kind != VALUE_LIST || value.count != 3)
        return NO_MICRO_OP;
    for (*f = MICRO_READ; *f <= MICRO_APPEND; ++*f)
        if (value_is_name(value.items[0], names[*f]))
            return *f == MICRO_READ && value.items[2].kind == VALUE_LIST ? LIST : PLAIN;
    return NO_MICRO_OP;
}

static bool pack_list(struct micro_ops_writer *writer, value_ref key, struct value list)
{
    bool goes_on = micro_ops_begin_list(writer, key);
    for (uint32_t i = 0; i < list.count && goes_on; i++) {
        value_ref item = value_pool_intern(writer->pool, list.items[i]);
        goes_on = item != VALUE_REF_NOMEM && micro_ops_add_item(writer, item);
    }
    if (goes_on)
        micro_ops_end_list(writer);
    return goes_on;
}

static bool pack_micro(struct micro_ops_writer *writer, const struct value *items, enum micro_f f,
                       enum shape shape)
{
    value_ref key = value_pool_intern(writer->pool, items[1]);
    if (key == VALUE_REF_NOMEM)
        return false;
    if (shape == LIST)
        return pack_list(writer, key, items[2]);
    value_ref value = value_pool_intern(writer->pool, items[2]);
    return value != VALUE_REF_NOMEM && micro_ops_add(writer, f, key, value);
}

bool micro_ops_pack(struct micro_ops_writer *writer, struct value value, value_ref *out)
{
    *out = VALUE_REF_NIL;
    if (value.kind != VALUE_LIST)
        return true;
    if (!micro_ops_begin(writer))
        return false;
    for (uint32_t i = 0; i < value.count; i++) {
        enum micro_f f;
        enum shape shape = shape_of(value.items[i], &f);
        if (shape == NO_MICRO_OP)
            return true;
        if (!pack_micro(writer, value.items[i].items, f, shape))
            return false;
    }
    *out = micro_ops_end(writer);
    return true;
}
