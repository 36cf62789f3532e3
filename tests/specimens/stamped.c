#include "specimens/stamped.h"

int stamp_compare(struct stamp a, struct stamp b)
{
    if (a.time != b.time)
        return a.time < b.time ? -1 : 1;
    return a.id < b.id ? -1 : a.id > b.id;
}

struct stamp stamped_entry_stamp(const json_t *entry)
{
    return (struct stamp){json_integer_value(json_array_get(entry, 1)),
                          json_integer_value(json_array_get(entry, 2))};
}

struct stamp stamped_stamp(const json_t *map, const char *key)
{
    return stamped_entry_stamp(json_object_get(map, key));
}

json_t *stamped_value(const json_t *map, const char *key)
{
    return json_array_get(json_object_get(map, key), 0);
}

json_t *stamped_entry(json_t *value, struct stamp stamp)
{
    return specimen_pack("[O, I, I]", value, (json_int_t)stamp.time, (json_int_t)stamp.id);
}

void stamped_merge(json_t *map, const char *key, json_t *entry)
{
    if (stamp_compare(stamped_entry_stamp(entry), stamped_stamp(map, key)) > 0)
        json_object_set(map, key, entry);
}

void stamped_merge_all(json_t *map, const json_t *entries)
{
    const char *key;
    json_t *entry;
    json_object_foreach((json_t *)entries, key, entry) stamped_merge(map, key, entry);
}

json_t *stamped_some(const json_t *map, size_t *from, size_t count)
{
    json_t *some = json_object(), *entry;
    const char *key;
    size_t number = 0;
    if (*from >= json_object_size(map))
        *from = 0;
    json_object_foreach((json_t *)map, key, entry)
    {
        if (number >= *from && number < *from + count)
            json_object_set(some, key, entry);
        number++;
    }
    *from += count;
    return some;
}
