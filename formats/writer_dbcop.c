/* dbcop's text and JSON, as formats/reader_dbcop_hist.c and reader_dbcop_json.c say. Sessions are
 * in the order of their first transactions, and not called by the numbers of their processes. A
 * read of nil is one of what was there before the first write. */
#include "formats/writer.h"

#include "core/err.h"
#include "core/errbuf.h"
#include "formats/writer_txns.h"

#include <string.h>

/* --- what either can hold --- */

static const char *why_not(const struct writer_output *out, const struct writer_micro *micro)
{
    const struct history_header *header = &out->facts.header;
    bool begins_with_zero = header->initial_is_given && header->has_no_times &&
                            value_equal(header->initial, value_int(0));
    if (micro->writes)
        return NULL;
    if (value_is_nil(micro->value) && header->has_no_times &&
        (header->has_no_initial || (header->initial_is_given && !header->initial_may_be_nil)))
        return "a read of nil, which is not what keys begin with";
    if (value_equal(micro->value, value_int(0)) && !begins_with_zero)
        return "a read of 0, with which every key may begin";
    return NULL;
}

static int take_micro(struct writer_output *out, const struct writer *writer, const struct op *op,
                      uint32_t i, struct writer_micro *micro, struct errbuf *err)
{
    int rc = writer_txns_micro(writer, op, i, micro, err);
    const char *why = rc == 0 ? why_not(out, micro) : NULL;
    return why ? writer_cannot(writer, op, why, err) : rc;
}

/* As writer_txns_take; *text is that of the transaction's session. */
static int take(struct writer_output *out, const struct writer *writer, const struct op *op,
                struct strbuf **text, struct errbuf *err)
{
    int rc = writer_txns_take(out->state, writer, out, op, err);
    if (rc != 1)
        return rc;
    struct writer_session *session = writer_txns_session(out->state, op->process);
    if (!session)
        return errbuf_set(err, ERR_NOMEM, "no memory for the sessions");
    *text = &session->text;
    return 1;
}

/* What there is between sessions, before the first and behind the last. */
static int put_sessions(struct writer_output *out, const struct writer *writer, const char *before,
                        const char *between, const char *behind, struct errbuf *err)
{
    struct writer_txns *txns = out->state;
    strbuf_puts(&out->text, before);
    for (uint32_t i = 0; i < txns->count; i++) {
        const struct writer_session *session = &txns->sessions[i];
        out->lost[WRITER_PROCESSES] += session->process != (int32_t)i;
        strbuf_puts(&out->text, i == 0 ? "" : between);
        if (strbuf_ok(&session->text))
            strbuf_add(&out->text, session->text.text, session->text.length);
        else
            out->text.failed = true;
    }
    strbuf_puts(&out->text, behind);
    return writer_txns_end(txns, writer, err);
}

static void fini(struct writer_output *out)
{
    writer_txns_fini(out->state);
}

/* --- text --- */

static int write_hist(struct writer_output *out, const struct op *op, struct errbuf *err)
{
    const struct writer *writer = &writer_dbcop_hist;
    struct strbuf *text = NULL;
    int rc = take(out, writer, op, &text, err);
    if (rc != 1)
        return rc;
    if (op->value.count == 0)
        return writer_cannot(writer, op, "an empty transaction", err);
    for (uint32_t i = 0; i < op->value.count; i++) {
        struct writer_micro micro;
        rc = take_micro(out, writer, op, i, &micro, err);
        if (rc != 0)
            return rc;
        strbuf_putc(text, i == 0 ? '[' : ' ');
        writer_put_number(text, micro.key);
        strbuf_puts(text, micro.writes ? ":=" : "==");
        if (value_is_nil(micro.value))
            strbuf_putc(text, '?');
        else
            writer_put_number(text, micro.value);
    }
    strbuf_puts(text, op->type == OP_FAIL ? "]!\n" : "]\n");
    return 0;
}

static int end_hist(struct writer_output *out, struct errbuf *err)
{
    return put_sessions(out, &writer_dbcop_hist, "", "---\n", "", err);
}

const struct writer writer_dbcop_hist = {
    .name = "dbcop-hist",
    .doc = "dbcop's text: [x:=1 y==2 z==?], ! behind what was not committed, --- between sessions",
    .extension = ".hist",
    .state_size = sizeof(struct writer_txns),
    .write = write_hist,
    .end = end_hist,
    .fini = fini,
};

/* --- JSON --- */

static void put_event(struct strbuf *text, const struct writer_micro *micro)
{
    strbuf_puts(text, micro->writes ? "{\"Write\":{\"variable\":" : "{\"Read\":{\"variable\":");
    writer_put_number(text, micro->key);
    strbuf_puts(text, ",\"version\":");
    if (value_is_nil(micro->value))
        strbuf_puts(text, "null");
    else
        writer_put_number(text, micro->value);
    strbuf_puts(text, "}}");
}

static int write_json(struct writer_output *out, const struct op *op, struct errbuf *err)
{
    const struct writer *writer = &writer_dbcop_json;
    struct strbuf *text = NULL;
    int rc = take(out, writer, op, &text, err);
    if (rc != 1)
        return rc;
    strbuf_puts(text, text->length == 0 ? "[{\"events\":[" : ",\n{\"events\":[");
    for (uint32_t i = 0; i < op->value.count; i++) {
        struct writer_micro micro;
        rc = take_micro(out, writer, op, i, &micro, err);
        if (rc != 0)
            return rc;
        strbuf_puts(text, i == 0 ? "" : ",");
        put_event(text, &micro);
    }
    strbuf_puts(text, op->type == OP_FAIL ? "],\"committed\":false}" : "],\"committed\":true}");
    return 0;
}

static int end_json(struct writer_output *out, struct errbuf *err)
{
    const struct writer_txns *txns = out->state;
    bool any = txns->count > 0;
    return put_sessions(out, &writer_dbcop_json, "{\"data\":[", "],\n", any ? "]]}\n" : "]}\n",
                        err);
}

const struct writer writer_dbcop_json = {
    .name = "dbcop-json",
    .doc = "dbcop's JSON: sessions of transactions of {\"Write\": ...} and {\"Read\": ...}",
    .state_size = sizeof(struct writer_txns),
    .write = write_json,
    .end = end_json,
    .fini = fini,
};
