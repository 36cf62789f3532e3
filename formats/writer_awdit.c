/* AWDIT's text, as formats/reader_awdit.c says. Sessions are in the order of their first
 * transactions, and not called by the numbers of their processes. */
#include "formats/writer.h"

#include "core/err.h"
#include "core/errbuf.h"
#include "formats/writer_txns.h"

static const char *why_not(const struct writer_output *out, const struct writer_micro *micro)
{
    const struct history_header *header = &out->facts.header;
    bool begins = header->has_no_times && header->initial_is_given &&
                  value_equal(micro->value, header->initial);
    return !micro->writes && (value_is_nil(micro->value) || (!header->has_no_initial && begins))
               ? "a read of what was there before the first write"
               : NULL;
}

static int put_micro(struct writer_output *out, const struct op *op, uint32_t i,
                     struct strbuf *text, struct errbuf *err)
{
    struct writer_micro micro;
    int rc = writer_txns_micro(&writer_awdit, op, i, &micro, err);
    if (rc != 0)
        return rc;
    const char *why = why_not(out, &micro);
    if (why)
        return writer_cannot(&writer_awdit, op, why, err);
    strbuf_puts(text, micro.writes ? "w " : "r ");
    writer_put_number(text, micro.key);
    strbuf_putc(text, ' ');
    writer_put_number(text, micro.value);
    strbuf_putc(text, '\n');
    return 0;
}

static int write(struct writer_output *out, const struct op *op, struct errbuf *err)
{
    struct writer_txns *txns = out->state;
    int rc = writer_txns_take(txns, &writer_awdit, out, op, err);
    if (rc != 1)
        return rc;
    if (op->type == OP_FAIL || op->value.count == 0)
        return writer_cannot(&writer_awdit, op,
                             op->value.count ? "an aborted transaction" : "an empty transaction",
                             err);
    struct writer_session *session = writer_txns_session(txns, op->process);
    if (!session)
        return errbuf_set(err, ERR_NOMEM, "no memory for the sessions");
    if (session->text.length > 0)
        strbuf_puts(&session->text, "---\n");
    rc = 0;
    for (uint32_t i = 0; i < op->value.count && rc == 0; i++)
        rc = put_micro(out, op, i, &session->text, err);
    return rc;
}

static int end(struct writer_output *out, struct errbuf *err)
{
    struct writer_txns *txns = out->state;
    for (uint32_t i = 0; i < txns->count; i++) {
        const struct writer_session *session = &txns->sessions[i];
        out->lost[WRITER_PROCESSES] += session->process != (int32_t)i;
        strbuf_puts(&out->text, i == 0 ? "" : "===\n");
        if (strbuf_ok(&session->text))
            strbuf_add(&out->text, session->text.text, session->text.length);
        else
            out->text.failed = true;
    }
    return writer_txns_end(txns, &writer_awdit, err);
}

static void fini(struct writer_output *out)
{
    writer_txns_fini(out->state);
}

const struct writer writer_awdit = {
    .name = "awdit",
    .doc = "AWDIT's text: r KEY VALUE and w KEY VALUE, --- between transactions, === sessions",
    .extension = ".awdit",
    .state_size = sizeof(struct writer_txns),
    .write = write,
    .end = end,
    .fini = fini,
};
