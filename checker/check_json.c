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

static json_t *event_json(const struct op *op)
{
    return json_pack("{s:I, s:I, s:i, s:s, s:o, s:o}", "index", (json_int_t)op->index, "time",
                     (json_int_t)op->time_ns, "process", (int)op->process, "type",
                     op_type_name(op->type), "f", text_json(symbol_name(op->f)), "value",
                     value_json(op->value));
}

/* Each operation of the witness: its invocation and, where there is one, its completion. */
static json_t *witness_json(const struct check_key *key, const struct history *history,
                            const uint32_t *partner)
{
    json_t *list = json_array();
    for (uint32_t i = 0; i < key->witness_count; i++) {
        uint32_t at = key->witness[i];
        json_t *completion =
            partner[at] == HISTORY_UNPAIRED ? json_null() : event_json(&history->ops[partner[at]]);
        json_array_append_new(list,
                              json_pack("{s:o, s:o}", "invocation", event_json(&history->ops[at]),
                                        "completion", completion));
    }
    return list;
}

static json_t *key_json(const struct check_key *key, const struct history *history,
                        const uint32_t *partner)
{
    return json_pack(
        "{s:o, s:s, s:I, s:I, s:I, s:I, s:I, s:f, s:o, s:o, s:o, s:o}", "key",
        key->has_key ? value_json(key->key) : json_null(), "verdict", verdict_name(key->verdict),
        "operations", (json_int_t)key->operations, "ok", (json_int_t)key->ok, "failed",
        (json_int_t)key->failed, "crashed", (json_int_t)key->crashed, "steps",
        (json_int_t)key->steps, "elapsed_s", (double)key->elapsed_ns / 1e9, "proven_until_s",
        key->proven_until_ns < 0 ? json_null() : json_real((double)key->proven_until_ns / 1e9),
        "cause", text_json(key->cause), "explanation", text_json(key->explanation), "witness",
        witness_json(key, history, partner));
}

static json_t *result_json(const struct check_result *result, const struct history *history,
                           const uint32_t *partner)
{
    json_t *keys = json_array();
    for (size_t i = 0; i < result->key_count; i++)
        json_array_append_new(keys, key_json(&result->keys[i], history, partner));
    json_t *details =
        result->details_json ? json_loads(result->details_json, JSON_ALLOW_NUL, NULL) : json_null();
    return json_pack("{s:s, s:s, s:o, s:o, s:b, s:f, s:I, s:o, s:o}", "verdict",
                     verdict_name(result->verdict), "model", result->model, "algorithm",
                     text_json(result->algorithm), "summary", text_json(result->summary),
                     "truncated", (int)history->truncated, "elapsed_s",
                     (double)result->elapsed_ns / 1e9, "memory_peak_bytes",
                     (json_int_t)result->memory_peak_bytes, "details", details, "keys", keys);
}

char *check_result_json(const struct check_result *result, const struct history *history)
{
    uint32_t *partner = NULL;
    if (history_pair(history, &partner, NULL) != 0)
        return NULL;
    json_t *json = result_json(result, history, partner);
    char *text = json ? json_dumps(json, JSON_INDENT(2) | JSON_PRESERVE_ORDER) : NULL;
    json_decref(json);
    free(partner);
    return text;
}
