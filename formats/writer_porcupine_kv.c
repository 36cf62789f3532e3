/* Porcupine's kv logs: get, put and append of texts under keys that are texts.
 *
 *     {:process 0, :type :invoke, :f :append, :key "0", :value "x 0 0 y"} */
#include "formats/writer.h"

#include "core/edn_write.h"

static const char *why_not(const struct op *op)
{
    if (op->process < 0)
        return "an event that is no client's";
    if (op->f != F_GET && op->f != F_PUT && op->f != F_APPEND)
        return "any operation but get, put and append";
    if (!op->has_key || op->key.kind != VALUE_STRING)
        return "an operation whose key is no text";
    if (op->value.kind != VALUE_STRING && !value_is_nil(op->value))
        return "a value that is no text";
    return NULL;
}

static int write(struct writer_output *out, const struct op *op, struct errbuf *err)
{
    const char *why = why_not(op);
    if (why)
        return writer_cannot(&writer_porcupine_kv, op, why, err);
    struct strbuf *text = &out->text;
    strbuf_puts(text, "{:process ");
    strbuf_put_int(text, op->process);
    strbuf_puts(text, ", :type :");
    strbuf_puts(text, op_type_name(op->type));
    strbuf_puts(text, ", :f :");
    strbuf_puts(text, symbol_name(op->f));
    strbuf_puts(text, ", :key ");
    bool held = edn_write_value(text, op->key);
    strbuf_puts(text, ", :value ");
    held = edn_write_value(text, op->value) && held;
    strbuf_puts(text, "}\n");
    out->lost[WRITER_TIMES] += op->time_ns >= 0;
    out->lost[WRITER_ERRORS] += op->error != NULL;
    return held ? 0 : writer_cannot(&writer_porcupine_kv, op, "text that is not UTF-8", err);
}

const struct writer writer_porcupine_kv = {
    .name = "porcupine-kv",
    .doc = "Porcupine's kv logs: get, put and append",
    .write = write,
};
