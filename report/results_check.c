#include "report/results_check.h"

#include "report/results_json.h"

#include "core/arena.h"
#include "core/strbuf.h"

#include <stdlib.h>

struct witness {
    uint32_t position, name;
};

static int compare_positions(const void *a, const void *b)
{
    uint32_t left = ((const struct witness *)a)->position;
    uint32_t right = ((const struct witness *)b)->position;
    return (left > right) - (left < right);
}

static int64_t witness_position(json_t *item)
{
    return results_json_int(json_object_get(item, "invocation"), "index");
}

/* 7 of "T7"; 0 if it has no name. */
static uint32_t witness_name(json_t *item)
{
    const char *name = json_string_value(json_object_get(item, "name"));
    unsigned long number = name && name[0] == 'T' ? strtoul(name + 1, NULL, 10) : 0;
    return number <= UINT32_MAX ? (uint32_t)number : 0;
}

/* Seconds, as nanoseconds; -1 if absent. */
static int64_t member_ns(json_t *object, const char *name)
{
    json_t *member = json_object_get(object, name);
    double seconds = json_number_value(member);
    return json_is_number(member) && seconds >= 0 && seconds < 1e9 ? (int64_t)(seconds * 1e9 + 0.5)
                                                                   : -1;
}

static bool load_witness(json_t *list, struct arena *arena, struct results_key *out)
{
    size_t most = json_array_size(list), count = 0, i;
    struct witness *found = arena_zalloc(arena, most, sizeof *found);
    uint32_t *positions = arena_zalloc(arena, most, sizeof *positions);
    uint32_t *names = arena_zalloc(arena, most, sizeof *names);
    if (!found || !positions || !names)
        return false;
    json_t *item;
    json_array_foreach(list, i, item)
    {
        int64_t position = witness_position(item);
        if (position >= 0 && position < UINT32_MAX)
            found[count++] = (struct witness){(uint32_t)position, witness_name(item)};
    }
    if (count > 0)
        qsort(found, count, sizeof *found, compare_positions);
    for (i = 0; i < count; i++) {
        positions[i] = found[i].position;
        names[i] = found[i].name;
    }
    out->witness_count = count;
    out->witness = positions;
    out->witness_names = names;
    return true;
}

/* Values as people write them, texts as they are; NULL without memory. */
static const char *const *load_texts(json_t *list, bool values, struct arena *arena, size_t *count)
{
    const char **texts = arena_zalloc(arena, json_array_size(list) + 1, sizeof *texts);
    size_t i;
    json_t *item;
    if (!texts)
        return NULL;
    json_array_foreach(list, i, item)
    {
        texts[(*count)++] =
            values ? results_json_value(item, arena) : results_json_text(item, arena);
    }
    return texts;
}

static bool load_possibilities(json_t *json, struct arena *arena, struct results_key *out)
{
    json_t *possible = json_object_get(json, "possible");
    out->possible_is_known = json_is_array(possible);
    out->possible = load_texts(possible, true, arena, &out->possible_count);
    out->states = load_texts(json_object_get(json, "states"), false, arena, &out->state_count);
    return out->possible && out->states;
}

static bool load_pictures(json_t *list, struct arena *arena, struct results_key *out)
{
    out->pictures = arena_zalloc(arena, json_array_size(list) + 1, sizeof *out->pictures);
    if (!out->pictures)
        return false;
    size_t i;
    json_t *item;
    json_array_foreach(list, i, item)
    {
        out->pictures[out->picture_count++] =
            (struct results_picture){.title = results_json_string(item, "title", arena),
                                     .words = results_json_string(item, "words", arena),
                                     .svg = results_json_string(item, "svg", arena)};
    }
    return true;
}

static bool load_key(json_t *json, struct arena *arena, struct results_key *out)
{
    const char *verdict = json_string_value(json_object_get(json, "verdict"));
    int outcome = verdict ? outcome_parse(verdict) : -1;
    json_t *key = json_object_get(json, "key");
    *out = (struct results_key){
        .key = key && !json_is_null(key) ? results_json_value(key, arena) : "",
        .verdict = outcome < 0 ? OUTCOME_UNKNOWN : (enum outcome)outcome,
        .operations = results_json_int(json, "operations"),
        .ok = results_json_int(json, "ok"),
        .failed = results_json_int(json, "failed"),
        .crashed = results_json_int(json, "crashed"),
        .steps = results_json_int(json, "steps"),
        .elapsed_ns = member_ns(json, "elapsed_s"),
        .proven_until_ns = member_ns(json, "proven_until_s"),
        .cause = results_json_string(json, "cause", arena),
        .explanation = results_json_string(json, "explanation", arena),
        .failing = results_json_int(json, "failing"),
    };
    return load_possibilities(json, arena, out) &&
           load_witness(json_object_get(json, "witness"), arena, out) &&
           load_pictures(json_object_get(json, "pictures"), arena, out);
}

static bool load_keys(json_t *list, struct arena *arena, struct results_check *out)
{
    out->keys = arena_zalloc(arena, json_array_size(list), sizeof *out->keys);
    if (!out->keys)
        return false;
    size_t i;
    json_t *key;
    json_array_foreach(list, i, key)
    {
        if (!load_key(key, arena, &out->keys[i]))
            return false;
    }
    out->key_count = json_array_size(list);
    return true;
}

enum { DETAILS_MAX = 400 };

/* "a, b" of a list of names, of anything else its text. */
static const char *load_detail(json_t *value, struct arena *arena)
{
    struct strbuf names = STRBUF_INIT;
    size_t i;
    json_t *item;
    bool is_names = json_is_array(value) && json_array_size(value) > 0;
    json_array_foreach(value, i, item)
    {
        is_names = is_names && json_is_string(item);
        strbuf_printf(&names, "%s%s", i > 0 ? ", " : "", is_names ? json_string_value(item) : "");
    }
    const char *kept = is_names && strbuf_ok(&names) ? arena_strdup(arena, names.text) : NULL;
    strbuf_fini(&names);
    return kept                                                  ? kept
           : json_is_array(value) && json_array_size(value) == 0 ? ""
                                                                 : results_json_text(value, arena);
}

/* What is a document of its own, such as the evidence of a level, is told in words elsewhere. */
static void add_members(json_t *object, uint32_t group, struct arena *arena,
                        struct results_check *out)
{
    const char *name;
    json_t *value;
    json_object_foreach(object, name, value)
    {
        const char *kept = arena_strdup(arena, name);
        bool nested = json_is_object(value) || json_is_null(value) ||
                      (json_is_array(value) && json_is_object(json_array_get(value, 0)));
        if (kept && !nested && out->detail_count < DETAILS_MAX)
            out->details[out->detail_count++] = (struct results_detail){
                .group = group, .name = kept, .value = load_detail(value, arena)};
    }
}

static bool load_details(json_t *object, struct arena *arena, struct results_check *out)
{
    out->details = arena_zalloc(arena, DETAILS_MAX, sizeof *out->details);
    if (!out->details)
        return false;
    uint32_t group = 0;
    add_members(object, group, arena, out);
    const char *name;
    json_t *list, *item;
    size_t i;
    json_object_foreach(object, name, list)
    {
        json_array_foreach(list, i, item)
        {
            add_members(item, ++group, arena, out);
        }
    }
    return true;
}

bool results_check_load(json_t *document, struct arena *arena, struct results_check *out)
{
    if (!json_is_object(document))
        return true;
    out->present = true;
    out->model = results_json_string(document, "model", arena);
    out->algorithm = results_json_string(document, "algorithm", arena);
    out->summary = results_json_string(document, "summary", arena);
    out->elapsed_ns = member_ns(document, "elapsed_s");
    out->memory_peak_bytes = results_json_int(document, "memory_peak_bytes");
    return load_keys(json_object_get(document, "keys"), arena, out) &&
           load_details(json_object_get(document, "details"), arena, out);
}
