#include "checker/certificate.h"

#include "checker/certificate_text.h"
#include "checker/specification.h"
#include "core/err.h"
#include "core/errbuf.h"
#include "core/strbuf.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

enum { CHUNK_BYTES = 1 << 16 };

struct writer {
    const struct check_result *result;
    const struct operations *all;
    FILE *file;
    const char *path;
    struct strbuf text;    /* not written yet */
    uint64_t seal;         /* of what is written */
    struct operation *ops; /* of one key */
};

static int flush(struct writer *writer, struct errbuf *err)
{
    struct strbuf *text = &writer->text;
    if (!strbuf_ok(text))
        return errbuf_set(err, ERR_NOMEM, "no memory for a certificate");
    if (text->length > 0 && fwrite(text->text, 1, text->length, writer->file) != text->length)
        return errbuf_set_errno(err, ERR_IO, "%s", writer->path);
    for (size_t i = 0; i < text->length; i++)
        writer->seal = certificate_seal(writer->seal, text->text[i]);
    strbuf_reset(text);
    return 0;
}

static int put_index(struct writer *writer, uint64_t index, struct errbuf *err)
{
    strbuf_putc(&writer->text, ' ');
    strbuf_put_int(&writer->text, (int64_t)index);
    return writer->text.length < CHUNK_BYTES ? 0 : flush(writer, err);
}

static int put_order(struct writer *writer, const struct check_key *key, struct errbuf *err)
{
    int rc = 0;
    strbuf_puts(&writer->text, "order");
    for (uint32_t i = 0; i < key->order_count && rc == 0; i++)
        rc = put_index(writer, key->order[i], err);
    strbuf_putc(&writer->text, '\n');
    return rc;
}

static int put_refutation(struct writer *writer, uint32_t number,
                          const struct refutation *refutation, struct errbuf *err)
{
    int rc = 0;
    const struct operations *all = writer->all;
    if (refutation->until != POSITION_NONE)
        strbuf_printf(&writer->text, "until %llu\n",
                      (unsigned long long)operations_index(all, refutation->until));
    if (refutation->any_state)
        strbuf_printf(&writer->text, "from %llu\n",
                      (unsigned long long)operations_index(all, refutation->from));
    for (uint32_t i = 0; i < refutation->free_count; i++) {
        strbuf_puts(&writer->text, "free ");
        certificate_put_value(&writer->text, all->values, refutation->free_values[i]);
        strbuf_putc(&writer->text, '\n');
    }
    operations_of_key(all, number, writer->ops);
    strbuf_puts(&writer->text, "keep");
    for (uint32_t i = 0; i < refutation->keep_count && rc == 0; i++)
        rc = put_index(writer, operations_index(all, writer->ops[refutation->keep[i]].invoke), err);
    strbuf_putc(&writer->text, '\n');
    return rc;
}

static int put_key(struct writer *writer, uint32_t number, struct errbuf *err)
{
    const struct check_key *key = &writer->result->keys[number];
    certificate_put_key(&writer->text, writer->all, number);
    strbuf_printf(&writer->text, " %s\n", verdict_name(key->verdict));
    if (key->verdict == VERDICT_UNKNOWN)
        return 0;
    if (key->verdict == VERDICT_INVALID)
        return put_refutation(writer, number, &key->refutation, err);
    return put_order(writer, key, err);
}

/* A model from a file goes by its own name in the result. */
static const char *model_of(const struct check_result *result,
                            const struct history_semantics *semantics)
{
    return semantics->user ? "user" : result->model;
}

static int write_all(struct writer *writer, const struct history_semantics *semantics,
                     struct errbuf *err)
{
    int rc = 0;
    struct strbuf terms = STRBUF_INIT;
    certificate_put_terms(&terms, writer->all, model_of(writer->result, semantics), semantics,
                          writer->ops);
    strbuf_printf(&writer->text, "%s\n%s", CERTIFICATE_TITLE, strbuf_ok(&terms) ? terms.text : "");
    if (!strbuf_ok(&terms))
        rc = errbuf_set(err, ERR_NOMEM, "no memory for a certificate");
    strbuf_fini(&terms);
    for (uint32_t i = 0; i < writer->all->key_count && rc == 0; i++)
        rc = put_key(writer, i, err);
    if (rc == 0)
        rc = flush(writer, err);
    strbuf_printf(&writer->text, "end %016" PRIx64 "\n", writer->seal);
    return rc != 0 ? rc : flush(writer, err);
}

int certificate_write(const struct check_result *result, const struct operations *all,
                      const struct history_semantics *semantics, const char *path,
                      struct errbuf *err)
{
    struct writer writer = {
        .result = result, .all = all, .path = path, .seal = CERTIFICATE_SEAL_INIT};
    if (!specification_find(model_of(result, semantics)))
        return errbuf_set(err, ERR_UNSUPPORTED,
                          "%s has no certificates: it is no model of linearizability",
                          result->model);
    writer.ops = malloc((all->largest_key + 1) * sizeof *writer.ops);
    if (!writer.ops)
        return errbuf_set(err, ERR_NOMEM, "no memory for a certificate");
    writer.file = fopen(path, "we");
    int rc = writer.file ? write_all(&writer, semantics, err)
                         : errbuf_set_errno(err, ERR_IO, "%s", path);
    if (writer.file && fclose(writer.file) != 0 && rc == 0)
        rc = errbuf_set_errno(err, ERR_IO, "%s", path);
    strbuf_fini(&writer.text);
    free(writer.ops);
    return rc;
}
