/* The kv logs that Porcupine tests itself with: a map a line,
 *
 *     {:process 0, :type :invoke, :f :append, :key "0", :value "x 0 0 y"}
 *
 * of get, put and append. Every key is an object of its own, which begins with "". */
#include "formats/reader_part.h"

#include "core/edn.h"
#include "core/value_map.h"

#include <string.h>

static struct value member(struct value map, const char *name)
{
    struct value found = value_nil();
    value_map_get(map, VALUE_KEYWORD, name, &found);
    return found;
}

static bool take_f(struct value value, symbol *out)
{
    *out = value_is_text(value, VALUE_KEYWORD, "get")      ? F_GET
           : value_is_text(value, VALUE_KEYWORD, "put")    ? F_PUT
           : value_is_text(value, VALUE_KEYWORD, "append") ? F_APPEND
                                                           : F_NONE;
    return *out != F_NONE;
}

/* NULL, or what is wrong. */
static const char *take_event(struct value map, struct op *op)
{
    struct value process = member(map, "process"), type = member(map, "type");
    int parsed = type.kind == VALUE_KEYWORD ? op_type_parse(type.text, type.count) : -1;
    if (map.kind != VALUE_MAP)
        return "expected {:process 0, :type :invoke, :f :get, :key \"k\", :value nil}";
    if (process.kind != VALUE_INT || process.integer < 0 || process.integer > INT32_MAX)
        return ":process must be a number from 0 to 2147483647";
    if (parsed < 0)
        return ":type must be :invoke, :ok, :fail or :info";
    if (!take_f(member(map, "f"), &op->f))
        return ":f must be :get, :put or :append";
    op->process = (int32_t)process.integer;
    op->type = (uint8_t)parsed;
    op->has_key = true;
    op->key = member(map, "key");
    op->value = member(map, "value");
    if (op->key.kind != VALUE_STRING)
        return ":key must be a text";
    if (op->value.kind != VALUE_STRING && !value_is_nil(op->value))
        return ":value must be a text or nil";
    return NULL;
}

static int take_line(struct reader_part *part, const char *line, const char *stop, bool is_last,
                     struct errbuf *err)
{
    struct edn_cursor cursor = {.at = line, .end = stop};
    struct value map;
    struct op op = {.time_ns = -1};
    if (!edn_skip_space(&cursor))
        return reader_part_fail(part, cursor.at, cursor.problem);
    if (cursor.at == stop)
        return 0;
    const char *start = cursor.at;
    if (!edn_read_value(&cursor, &part->arena, &map))
        return is_last && cursor.ended_early ? reader_part_ended(part)
                                             : reader_part_fail(part, cursor.at, cursor.problem);
    if (!edn_skip_space(&cursor) || cursor.at < stop)
        return reader_part_fail(part, cursor.at, "expected the end of the line");
    const char *problem = take_event(map, &op);
    return problem ? reader_part_fail(part, start, problem) : reader_part_add(part, &op, err);
}

static int read_part(struct reader_part *part, struct errbuf *err)
{
    return reader_part_lines(part, NULL, take_line, err);
}

/* Each of these words in the first line that is not blank. */
static bool sniff(const char *text, size_t length)
{
    static const char *const words[] = {":process ", ":type :", ":f :", ":key \"", ":value "};
    size_t start = 0;
    while (start < length && memchr(" \t\r\n", text[start], 4))
        start++;
    if (start == length || text[start] != '{')
        return false;
    const char *newline = memchr(text + start, '\n', length - start);
    size_t line = newline ? (size_t)(newline - text) - start : length - start;
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (!memmem(text + start, line, words[i], strlen(words[i])))
            return false;
    return true;
}

const struct reader reader_porcupine_kv = {
    .name = "porcupine-kv",
    .doc = "Porcupine's kv logs: {:process 0, :type :invoke, :f :get, :key \"k\", :value nil}",
    .semantics = {.failures_are_tests = true},
    .sniff = sniff,
    .read_part = read_part,
};
