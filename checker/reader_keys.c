#include "checker/reader_keys.h"

#include "checker/reader_unnamed.h"
#include "core/errbuf.h"

#include <stdlib.h>

enum { LOOK_MAX = 1 << 16 };

static bool are_keyed(const struct operations *all, const struct operation *ops, uint32_t count)
{
    bool has_nil = false;
    for (uint32_t i = 0; i < count; i++) {
        value_ref key, value;
        if (!value_pool_pair(all->values, ops[i].argument, &key, &value))
            return false;
        has_nil = has_nil || value == VALUE_REF_NIL;
    }
    return has_nil;
}

static bool has_keyed_values(const struct operations *all)
{
    if (all->key_count != 1 || all->keys[0].has_key)
        return false;
    uint32_t count = all->keys[0].count;
    struct operation *ops = malloc(count * sizeof *ops);
    if (ops)
        operations_of_key(all, 0, ops);
    bool keyed = ops && are_keyed(all, ops, count);
    free(ops);
    return keyed;
}

bool reader_sees_keys(const struct reader *reader, const struct reader_input *input)
{
    struct reader_input beginning = *input;
    struct operations all;
    struct errbuf err = ERRBUF_INIT;
    if (input->options.independent || (reader != &reader_edn && reader != &reader_json))
        return false;
    beginning.length = input->length < LOOK_MAX ? input->length : LOOK_MAX;
    beginning.is_mapped = false;
    beginning.options.threads = 1;
    if (reader_read(reader, &beginning, &all, &err) != 0)
        return false;
    bool keyed = reader_name_clients(&beginning.options, &all, &err) == 0 && has_keyed_values(&all);
    operations_fini(&all);
    return keyed;
}
