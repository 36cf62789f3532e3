#include "formats/writer_txns.h"

#include "core/err.h"
#include "core/errbuf.h"

#include <stdlib.h>
#include <string.h>

void writer_txns_fini(struct writer_txns *txns)
{
    for (uint32_t i = 0; i < txns->count; i++)
        strbuf_fini(&txns->sessions[i].text);
    free(txns->sessions);
    open_calls_fini(&txns->numbers);
}

/* --- events --- */

static const char *why_not(const struct op *op)
{
    return op->process < 0           ? "an event that is no client's"
           : op->has_key             ? "a key"
           : op->f != F_TXN && op->f ? "any operation but txn"
           : op->type == OP_INFO     ? "a transaction whose end nobody knows"
                                     : NULL;
}

int writer_txns_take(struct writer_txns *txns, const struct writer *writer,
                     struct writer_output *out, const struct op *op, struct errbuf *err)
{
    const char *why = why_not(op);
    if (why)
        return writer_cannot(writer, op, why, err);
    out->lost[WRITER_TIMES] += op->time_ns >= 0;
    out->lost[WRITER_ERRORS] += op->error != NULL;
    out->lost[WRITER_ORDER] += !txns->has_order && !out->facts.header.has_no_times;
    txns->has_order = true;
    txns->open += op->type == OP_INVOKE;
    txns->open -= op->type != OP_INVOKE;
    if (op->type == OP_INVOKE)
        return 0;
    return op->value.kind == VALUE_LIST
               ? 1
               : writer_cannot(writer, op, "a transaction whose end does not say what it did", err);
}

int writer_txns_end(const struct writer_txns *txns, const struct writer *writer, struct errbuf *err)
{
    if (txns->open == 0)
        return 0;
    return errbuf_set(err, ERR_INPUT,
                      "%s %s history cannot hold transactions that nobody ended: %u of them are "
                      "open at its end",
                      writer_article(writer), writer->name, txns->open);
}

/* --- micro-operations --- */

static bool is_name(struct value value, char name)
{
    return (value.kind == VALUE_KEYWORD || value.kind == VALUE_STRING) && value.count == 1 &&
           value.text[0] == name;
}

/* From 0 on; readers keep what does not fit in 63 bits as its digits. */
static bool is_number(struct value value)
{
    static const char most[] = "9223372036854775807";
    if (value.kind == VALUE_INT)
        return value.integer >= 0;
    if (value.kind != VALUE_STRING || value.count < strlen(most) || value.text[0] == '0')
        return false;
    for (uint32_t i = 0; i < value.count; i++)
        if (value.text[i] < '0' || value.text[i] > '9')
            return false;
    return value.count > strlen(most) || memcmp(value.text, most, value.count) > 0;
}

int writer_txns_micro(const struct writer *writer, const struct op *op, uint32_t i,
                      struct writer_micro *out, struct errbuf *err)
{
    struct value micro = op->value.items[i];
    bool is_micro = micro.kind == VALUE_LIST && micro.count == 3 &&
                    (is_name(micro.items[0], 'r') || is_name(micro.items[0], 'w'));
    if (!is_micro)
        return writer_cannot(writer, op, "anything but reads and writes of registers", err);
    *out = (struct writer_micro){
        .writes = is_name(micro.items[0], 'w'), .key = micro.items[1], .value = micro.items[2]};
    if (!is_number(out->key))
        return writer_cannot(writer, op, "a key that is no number from 0 on", err);
    if (!is_number(out->value) && (out->writes || !value_is_nil(out->value)))
        return writer_cannot(writer, op, "a value that is no number from 0 on", err);
    return 0;
}

int writer_txns_begin_with_zero(struct writer_txns *txns, const struct writer *writer,
                                const struct writer_output *out, const struct op *op,
                                struct writer_micro *micro, struct errbuf *err)
{
    const struct history_header *header = &out->facts.header;
    bool begins_with_zero = header->has_no_times && header->initial_is_given &&
                            value_equal(header->initial, value_int(0));
    bool begins_with_nil =
        !header->has_no_initial && (!begins_with_zero || header->initial_may_be_nil);
    bool is_zero = value_equal(micro->value, value_int(0)), is_nil = value_is_nil(micro->value);
    if (is_nil && !begins_with_nil)
        return writer_cannot(writer, op, "a read of nil: every key begins with 0", err);
    if (is_zero && !micro->writes && !begins_with_zero)
        return writer_cannot(writer, op, "a read of 0, with which every key begins", err);
    txns->has_nil |= is_nil;
    txns->has_zero |= is_zero && micro->writes;
    if (txns->has_nil && txns->has_zero)
        return writer_cannot(writer, op, "both reads of nil and writes of 0", err);
    if (is_nil)
        micro->value = value_int(0);
    return 0;
}

void writer_put_number(struct strbuf *out, struct value number)
{
    if (number.kind == VALUE_INT)
        strbuf_put_int(out, number.integer);
    else
        strbuf_add(out, number.text, number.count);
}

/* --- sessions --- */

struct writer_session *writer_txns_session(struct writer_txns *txns, int32_t process)
{
    struct open_call *call = open_calls_get(&txns->numbers, process);
    if (!call)
        return NULL;
    if (call->number > 0)
        return &txns->sessions[call->number - 1];
    if (txns->count == txns->capacity) {
        uint32_t more = txns->capacity ? 2 * txns->capacity : 16;
        struct writer_session *sessions = realloc(txns->sessions, more * sizeof *sessions);
        if (!sessions)
            return NULL;
        txns->sessions = sessions;
        txns->capacity = more;
    }
    call->number = (int32_t)++txns->count;
    struct writer_session *session = &txns->sessions[txns->count - 1];
    *session = (struct writer_session){.process = process, .text = STRBUF_INIT};
    return session;
}
