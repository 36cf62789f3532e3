#include "formats/reader_keys.h"

#include "core/err.h"
#include "core/errbuf.h"
#include "formats/reader_unnamed.h"

#include <stdlib.h>

enum { LOOK_MAX = 1 << 16 };

static bool are_keyed(const struct operations *all, const struct operation *ops, uint32_t count)
{
    bool has_nil = false;
    for (uint32_t i = 0; i < count; i++) {
        value_ref key, value, answered, answer;
        if (!value_pool_pair(all->values, ops[i].argument, &key, &value))
            return false;
        if (ops[i].result != VALUE_REF_NIL &&
            (!value_pool_pair(all->values, ops[i].result, &answered, &answer) || answered != key))
            return false;
        has_nil = has_nil || value == VALUE_REF_NIL;
    }
    return has_nil;
}

int reader_finds_keys(const struct operations *all, size_t bytes_max, bool *out)
{
    struct operation first;
    uint32_t key;
    value_ref name, value;
    *out = false;
    if (all->key_count != 1 || all->keys[0].has_key ||
        !operations_find(all, all->keys[0].first, &key, &first) ||
        !value_pool_pair(all->values, first.argument, &name, &value))
        return 0;
    uint32_t count = all->keys[0].count;
    size_t bytes = count * sizeof(struct operation);
    if (bytes_max && operations_bytes(all) + bytes > bytes_max)
        return ERR_NOMEM;
    struct operation *ops = malloc(bytes);
    if (!ops)
        return ERR_NOMEM;
    operations_of_key(all, 0, ops);
    *out = are_keyed(all, ops, count);
    free(ops);
    return 0;
}

bool reader_may_have_keys(const struct reader *reader, const struct reader_input *input)
{
    return !input->options.independent && (reader == &reader_edn || reader == &reader_json);
}

bool reader_sees_keys(const struct reader *reader, const struct reader_input *input)
{
    struct reader_input beginning = *input;
    struct operations all;
    struct errbuf err = ERRBUF_INIT;
    bool keyed = false;
    if (!reader_may_have_keys(reader, input))
        return false;
    beginning.length = input->length < LOOK_MAX ? input->length : LOOK_MAX;
    beginning.is_mapped = false;
    beginning.options.threads = 1;
    if (reader_read(reader, &beginning, &all, &err) != 0)
        return false;
    if (reader_name_clients(&beginning.options, &all, &err) != 0 ||
        reader_finds_keys(&all, 0, &keyed) != 0)
        keyed = false;
    operations_fini(&all);
    return keyed;
}
