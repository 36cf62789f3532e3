#include "checker/check.h"

#include "core/strbuf.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

/* A value as the history's JSON Lines write it. */
static json_t *value_json(struct value value)
{
    struct strbuf text = STRBUF_INIT;
    value_write_json(&text, value);
    json_t *json = strbuf_ok(&text)
                       ? json_loadb(text.text, text.length, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL)
                       : NULL;
    strbuf_fini(&text);
    return json;
}

/* Text may hold bytes that are not UTF-8, which jansson refuses: they are replaced. */
static json_t *text_json(const char *text)
{
    if (!text)
        return json_null();
    struct strbuf quoted = STRBUF_INIT;
    strbuf_put_json_string(&quoted, text, strlen(text));
    json_t *json = strbuf_ok(&quoted) ? json_loadb(quoted.text, quoted.length,
                                                   JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL)
                                      : NULL;
    strbuf_fini(&quoted);
    return json;
}

static json_t *event_json(const struct operations *all, const struct operation *op,
                          enum op_type type, position at, value_ref value)
{
    return json_pack("{s:I, s:I, s:i, s:s, s:o, s:o}", "index",
                     (json_int_t)operations_index(all, at), "time",
                     (json_int_t)operations_time_ns(all, at), "process", (int)op->process, "type",
                     op_type_name(type), "f", text_json(symbol_name(op->f)), "value",
                     value_json(value_pool_get(all->values, value)));
}

/* Each operation of the witness: its invocation and, where there is one, its completion. */
static json_t *witness_json(const struct check_key *key, const struct operations *all)
{
    json_t *list = json_array();
    for (uint32_t i = 0; i < key->witness_count; i++) {
        const struct operation *op = &key->witness_ops[i];
        json_t *completion =
            op->complete == POSITION_NONE
                ? json_null()
                : event_json(all, op, (enum op_type)op->outcome, op->complete, op->result);
        json_t *item = json_pack("{s:o, s:o}", "invocation",
                                 event_json(all, op, OP_INVOKE, op->invoke, op->argument),
                                 "completion", completion);
        if (key->witness_names)
            json_object_set_new(item, "name", json_sprintf("T%u", key->witness_names[i]));
        json_array_append_new(list, item);
    }
    return list;
}

/* The index of the failing operation's invocation. */
static json_t *failing_json(const struct check_key *key)
{
    return key->failing < key->witness_count ? json_integer(key->witness[key->failing])
                                             : json_null();
}

static json_t *possible_json(const struct check_key *key, const struct operations *all)
{
    if (!key->possible)
        return json_null();
    json_t *list = json_array();
    for (uint32_t i = 0; i < key->possible_count; i++)
        json_array_append_new(list, value_json(value_pool_get(all->values, key->possible[i])));
    return list;
}

static json_t *states_json(const struct check_key *key)
{
    if (key->state_count == 0)
        return json_null();
    json_t *list = json_array();
    for (uint32_t i = 0; i < key->state_count; i++)
        json_array_append_new(list, text_json(key->states[i]));
    return list;
}

static json_t *pictures_json(const struct check_key *key)
{
    json_t *list = json_array();
    for (uint32_t i = 0; i < key->picture_count; i++)
        json_array_append_new(list, json_pack("{s:o, s:o, s:o}", "title",
                                              text_json(key->pictures[i].title), "words",
                                              text_json(key->pictures[i].words), "svg",
                                              text_json(key->pictures[i].svg)));
    return list;
}

static json_t *key_json(const struct check_key *key, const struct operations *all)
{
    return json_pack(
        "{s:o, s:s, s:I, s:I, s:I, s:I, s:I, s:f, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, "
        "s:o}",
        "key", key->has_key ? value_json(key->key) : json_null(), "verdict",
        verdict_name(key->verdict), "operations", (json_int_t)key->operations, "ok",
        (json_int_t)key->ok, "failed", (json_int_t)key->failed, "crashed", (json_int_t)key->crashed,
        "steps", (json_int_t)key->steps, "elapsed_s", (double)key->elapsed_ns / 1e9,
        "proven_until_s",
        key->proven_until_ns < 0 ? json_null() : json_real((double)key->proven_until_ns / 1e9),
        "algorithm", text_json(key->algorithm), "why", text_json(key->why), "cause",
        text_json(key->cause), "failing", failing_json(key), "possible", possible_json(key, all),
        "states", states_json(key), "explanation", text_json(key->explanation), "witness",
        witness_json(key, all), "pictures", pictures_json(key));
}

static json_t *result_json(const struct check_result *result, const struct operations *all)
{
    json_t *keys = json_array();
    for (size_t i = 0; i < result->key_count; i++)
        json_array_append_new(keys, key_json(&result->keys[i], all));
    json_t *details =
        result->details_json ? json_loads(result->details_json, JSON_ALLOW_NUL, NULL) : json_null();
    return json_pack("{s:s, s:s, s:o, s:o, s:b, s:f, s:I, s:o, s:o}", "verdict",
                     verdict_name(result->verdict), "model", result->model, "algorithm",
                     text_json(result->algorithm), "summary", text_json(result->summary),
                     "truncated", (int)all->truncated, "elapsed_s",
                     (double)result->elapsed_ns / 1e9, "memory_peak_bytes",
                     (json_int_t)result->memory_peak_bytes, "details", details, "keys", keys);
}

char *check_result_json(const struct check_result *result, const struct operations *all)
{
    json_t *json = result_json(result, all);
    char *text = json ? json_dumps(json, JSON_INDENT(2) | JSON_PRESERVE_ORDER) : NULL;
    json_decref(json);
    return text;
}
