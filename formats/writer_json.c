/* Jepsen's JSON: an array of operation objects, one a line. What JSON lacks (keywords, sets, maps
 * whose keys are no strings) is written as core/value.h says. The value of an operation on one of
 * several independent objects is [key, value], and is read again with --independent. */
#include "formats/writer.h"

#include "formats/writer_json.h"

#include <string.h>

static bool is_json(struct value value)
{
    if (value.kind == VALUE_STRING || value.kind == VALUE_KEYWORD)
        return utf8_is_valid(value.text, value.count);
    for (uint32_t i = 0; value.kind >= VALUE_LIST && i < value.count; i++)
        if (!is_json(value.items[i]))
            return false;
    return true;
}

int writer_check_json(const struct writer *writer, const struct op *op, struct errbuf *err)
{
    const char *name = symbol_name(op->f);
    if (is_json(op->value) && (!op->has_key || is_json(op->key)) &&
        utf8_is_valid(name, strlen(name)) &&
        (!op->error || utf8_is_valid(op->error, strlen(op->error))))
        return 0;
    return writer_cannot(writer, op, "text that is not UTF-8", err);
}

static int check_key(const struct writer_output *out, const struct op *op, struct errbuf *err)
{
    if (op->has_key && op->process < 0)
        return writer_cannot(&writer_json, op, "the key of an event that is no client's", err);
    if (op->has_key && !out->facts.clients_have_keys)
        return writer_cannot(&writer_json, op, "a key, as other operations have none", err);
    return 0;
}

static void put_value(struct writer_output *out, const struct op *op)
{
    strbuf_puts(&out->text, ",\"value\":");
    if (op->has_key) {
        strbuf_putc(&out->text, '[');
        value_write_json(&out->text, op->key);
        strbuf_putc(&out->text, ',');
    }
    value_write_json(&out->text, op->value);
    if (op->has_key)
        strbuf_putc(&out->text, ']');
}

static int begin(struct writer_output *out, struct errbuf *err)
{
    (void)err;
    writer_lose_header(out);
    strbuf_putc(&out->text, '[');
    return 0;
}

static int write(struct writer_output *out, const struct op *op, struct errbuf *err)
{
    struct strbuf *text = &out->text;
    const char *name = symbol_name(op->f);
    int rc = writer_check_json(&writer_json, op, err);
    if (rc == 0)
        rc = check_key(out, op, err);
    if (rc != 0)
        return rc;
    strbuf_puts(text, op->index == 0 ? "{\"type\":\"" : ",\n{\"type\":\"");
    strbuf_puts(text, op_type_name(op->type));
    strbuf_puts(text, "\",\"f\":");
    if (op->f != F_NONE)
        strbuf_put_json_string(text, name, strlen(name));
    else
        strbuf_puts(text, "null");
    put_value(out, op);
    if (op->process >= 0) {
        strbuf_puts(text, ",\"process\":");
        strbuf_put_int(text, op->process);
    } else if (op->process == PROCESS_NEMESIS) {
        strbuf_puts(text, ",\"process\":\"nemesis\"");
    }
    if (op->time_ns >= 0) {
        strbuf_puts(text, ",\"time\":");
        strbuf_put_int(text, op->time_ns);
    }
    strbuf_puts(text, ",\"index\":");
    strbuf_put_int(text, op->index);
    if (op->error) {
        strbuf_puts(text, ",\"error\":");
        strbuf_put_json_string(text, op->error, strlen(op->error));
    }
    strbuf_putc(text, '}');
    return 0;
}

static int end(struct writer_output *out, struct errbuf *err)
{
    (void)err;
    strbuf_puts(&out->text, "]\n");
    return 0;
}

const struct writer writer_json = {
    .name = "json",
    .doc = "Jepsen's JSON: an array of operation objects",
    .extension = ".json",
    .begin = begin,
    .write = write,
    .end = end,
};
