/* Porcupine's etcd logs: reads, writes and cas of one register.
 *
 *     INFO  jepsen.util - 3<tab>:invoke<tab>:cas<tab>[2 4] */
#include "formats/writer.h"

#include "core/edn_write.h"

#include <string.h>

static const char *why_not(const struct op *op)
{
    struct value first, second;
    if (op->process < 0)
        return "an event that is no client's";
    if (op->has_key)
        return "a key";
    if (op->f != F_READ && op->f != F_WRITE && op->f != F_CAS)
        return "any operation but read, write and cas";
    if (op->value.kind == VALUE_KEYWORD)
        return "a keyword as a value";
    bool unknown = value_is_nil(op->value) && op->type == OP_INFO;
    if (op->f == F_CAS && !unknown && !value_as_pair(op->value, &first, &second))
        return "a cas without its [expected new]";
    return NULL;
}

/* Its reader gives a crash without a value, and a failed read without one, this error. */
static bool timed_out(const struct op *op)
{
    bool may = op->type == OP_INFO || (op->type == OP_FAIL && op->f == F_READ);
    bool says_so = op->error && strcmp(op->error, "timed-out") == 0;
    return may && value_is_nil(op->value) && (says_so || (op->type == OP_INFO && op->f == F_CAS));
}

static int write(struct writer_output *out, const struct op *op, struct errbuf *err)
{
    static const char *const types[] = {[OP_INVOKE] = ":invoke\t:",
                                        [OP_OK] = ":ok\t:",
                                        [OP_FAIL] = ":fail\t:",
                                        [OP_INFO] = ":info\t:"};
    const char *why = why_not(op);
    if (why)
        return writer_cannot(&writer_porcupine_etcd, op, why, err);
    struct strbuf *text = &out->text;
    strbuf_puts(text, "INFO  jepsen.util - ");
    strbuf_put_int(text, op->process);
    strbuf_putc(text, '\t');
    strbuf_puts(text, types[op->type]);
    strbuf_puts(text, symbol_name(op->f));
    strbuf_putc(text, '\t');
    bool is_timeout = timed_out(op), held = true;
    if (is_timeout)
        strbuf_puts(text, ":timed-out");
    else
        held = edn_write_value(text, op->value);
    strbuf_putc(text, '\n');
    bool kept_error = is_timeout && op->error && strcmp(op->error, "timed-out") == 0;
    out->lost[WRITER_TIMES] += op->time_ns >= 0;
    out->lost[WRITER_ERRORS] += op->error && !kept_error;
    out->lost[WRITER_NOTHING_KNOWN] += is_timeout && !kept_error;
    out->lost[WRITER_FAILED_CAS] += op->f == F_CAS && op->type == OP_FAIL;
    return held ? 0 : writer_cannot(&writer_porcupine_etcd, op, "this keyword or text", err);
}

const struct writer writer_porcupine_etcd = {
    .name = "porcupine-etcd",
    .doc = "Porcupine's etcd logs: read, write and cas of one register",
    .extension = ".log",
    .write = write,
};
