/* For readers of transactions that were recorded by session and without times: each becomes an
 * invocation and, right behind it, its completion, of a process for each session; both say what the
 * transaction wrote and read (packed, core/micro_ops.h). */
#ifndef FORMATS_READER_TXNS_H
#define FORMATS_READER_TXNS_H

#include "core/micro_ops.h"
#include "formats/reader.h"

struct reader_txns {
    const struct reader_input *input;
    struct operations *all;
    struct micro_ops_writer micros;
    int32_t session; /* of the current transaction; the user's to set */
    bool is_open;    /* one was begun and not ended */
    uint32_t until_clock;
};

void reader_txns_init(struct reader_txns *txns, const struct reader_input *input,
                      struct operations *all);

/* Begins a transaction. Errors of all: ERR_NOMEM. */
int reader_txns_begin(struct reader_txns *txns, struct errbuf *err);

/* f: MICRO_READ or MICRO_WRITE. */
int reader_txns_add(struct reader_txns *txns, enum micro_f f, value_ref key, value_ref value,
                    struct errbuf *err);

/* Ends it: OP_OK, OP_FAIL, or OP_INFO if nobody knows its end: then it has no completion, and the
 * session must not go on. Also asks the clock, now and then. Errors: also ERR_TIMEOUT, and
 * ERR_INPUT from operations_append_event. */
int reader_txns_end(struct reader_txns *txns, enum op_type outcome, struct errbuf *err);

/* The text ended inside a transaction: what there is of it may have taken effect, if there is
 * anything. */
int reader_txns_cut(struct reader_txns *txns, struct errbuf *err);

/* ERR_TIMEOUT if the time is over. Looks at the clock now and then only. */
int reader_txns_ask_clock(struct reader_txns *txns, struct errbuf *err);

/* A number without a sign, up to `end`; one that does not fit in 63 bits becomes its text, so that
 * different ones stay different. Where it ends; NULL if there is none. *out may be
 * VALUE_REF_NOMEM. */
const char *reader_txns_number(const struct reader_txns *txns, const char *at, const char *end,
                               value_ref *out);

value_ref reader_txns_int(const struct reader_txns *txns, int64_t number);

int reader_txns_no_memory(const struct reader_txns *txns, struct errbuf *err);

#endif
