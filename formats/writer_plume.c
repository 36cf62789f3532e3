/* The text of Plume and PolySI, as formats/reader_plume.c says. Transactions are numbered as they
 * end. */
#include "formats/writer.h"

#include "core/err.h"
#include "formats/writer_txns.h"

struct plume {
    struct writer_txns txns;
    int64_t next; /* number of a transaction */
    int32_t
        aborted_last; /* process whose aborted transaction was written last, plus one; 0: none */
};

static int put_line(struct writer_output *out, const struct op *op, uint32_t i, int64_t number,
                    struct errbuf *err)
{
    struct plume *state = out->state;
    struct writer_micro micro;
    int rc = writer_txns_micro(&writer_plume, op, i, &micro, err);
    if (rc == 0)
        rc = writer_txns_begin_with_zero(&state->txns, &writer_plume, out, op, &micro, err);
    if (rc != 0)
        return rc;
    strbuf_puts(&out->text, micro.writes ? "w(" : "r(");
    writer_put_number(&out->text, micro.key);
    strbuf_putc(&out->text, ',');
    writer_put_number(&out->text, micro.value);
    strbuf_putc(&out->text, ',');
    strbuf_put_int(&out->text, op->process);
    strbuf_putc(&out->text, ',');
    strbuf_put_int(&out->text, number);
    strbuf_puts(&out->text, ")\n");
    return 0;
}

/* Two in a row would be taken for one. */
static int check_aborted(struct plume *state, const struct op *op, struct errbuf *err)
{
    bool is_aborted = op->type == OP_FAIL;
    bool follows_another = is_aborted && state->aborted_last == op->process + 1;
    state->aborted_last = is_aborted ? op->process + 1 : 0;
    if (!follows_another)
        return 0;
    return writer_cannot(&writer_plume, op,
                         "two aborted transactions of one process without another between", err);
}

static int write(struct writer_output *out, const struct op *op, struct errbuf *err)
{
    struct plume *state = out->state;
    int rc = writer_txns_take(&state->txns, &writer_plume, out, op, err);
    if (rc != 1)
        return rc;
    if (op->value.count == 0)
        return writer_cannot(&writer_plume, op, "an empty transaction", err);
    rc = check_aborted(state, op, err);
    int64_t number = op->type == OP_FAIL ? -1 : state->next++;
    for (uint32_t i = 0; i < op->value.count && rc == 0; i++)
        rc = put_line(out, op, i, number, err);
    return rc;
}

static int end(struct writer_output *out, struct errbuf *err)
{
    struct plume *state = out->state;
    return writer_txns_end(&state->txns, &writer_plume, err);
}

static void fini(struct writer_output *out)
{
    struct plume *state = out->state;
    writer_txns_fini(&state->txns);
}

const struct writer writer_plume = {
    .name = "plume",
    .doc = "the text of Plume and PolySI: r(KEY,VALUE,SESSION,TRANSACTION) and w(...)",
    .extension = ".plume",
    .state_size = sizeof(struct plume),
    .write = write,
    .end = end,
    .fini = fini,
};
