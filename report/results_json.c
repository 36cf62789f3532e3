#include "report/results_json.h"

#include "core/arena.h"
#include "core/json_value.h"
#include "core/strbuf.h"

#include <stdlib.h>
#include <string.h>

static const char *keep(const char *text, size_t length, struct arena *arena)
{
    char *copy = arena_strndup(arena, text, length);
    if (!copy)
        return "";
    for (char *nul = copy; (nul = memchr(nul, '\0', length - (size_t)(nul - copy))) != NULL;)
        *nul = '?';
    return copy;
}

const char *results_json_keep(struct strbuf *text, struct arena *arena)
{
    const char *kept = text->text && strbuf_ok(text) ? keep(text->text, text->length, arena) : "";
    strbuf_fini(text);
    return kept;
}

const char *results_json_text(json_t *json, struct arena *arena)
{
    if (!json || json_is_null(json))
        return "";
    if (json_is_string(json))
        return keep(json_string_value(json), json_string_length(json), arena);
    char *dump = json_dumps(json, JSON_ENCODE_ANY | JSON_PRESERVE_ORDER);
    const char *kept = dump ? keep(dump, strlen(dump), arena) : "";
    free(dump);
    return kept;
}

const char *results_json_string(json_t *object, const char *name, struct arena *arena)
{
    json_t *member = json_object_get(object, name);
    return json_is_string(member) ? results_json_text(member, arena) : "";
}

int64_t results_json_int(json_t *object, const char *name)
{
    json_t *member = json_object_get(object, name);
    if (!json_is_integer(member) || json_integer_value(member) < 0)
        return -1;
    int64_t number = json_integer_value(member);
    return number < RESULTS_INT_MAX ? number : RESULTS_INT_MAX;
}

const char *results_json_value(json_t *json, struct arena *arena)
{
    char *dump = json_dumps(json, JSON_ENCODE_ANY | JSON_COMPACT);
    if (!dump)
        return "";
    struct json_cursor cursor = {.at = dump, .end = dump + strlen(dump)};
    struct strbuf text = STRBUF_INIT;
    struct value value;
    if (json_read_value(&cursor, arena, &value))
        value_write_text(&text, value);
    free(dump);
    return results_json_keep(&text, arena);
}
