/* Our own histories, as core/history_jsonl.h says. They hold everything. */
#include "formats/writer.h"

#include "core/history_jsonl.h"
#include "formats/writer_json.h"

static int write(struct writer_output *out, const struct op *op, struct errbuf *err)
{
    int rc = writer_check_json(&writer_jsonl, op, err);
    if (rc == 0)
        history_jsonl_write(&out->text, op);
    return rc;
}

/* A line for the whole history only where order is not time: else the events say all. */
static int begin(struct writer_output *out, struct errbuf *err)
{
    (void)err;
    if (out->facts.header.has_no_times)
        history_header_write(&out->text, &out->facts.header);
    return 0;
}

const struct writer writer_jsonl = {
    .name = "jsonl",
    .doc = "JSON Lines as faultline writes them: one event a line",
    .extension = ".jsonl",
    .begin = begin,
    .write = write,
};
