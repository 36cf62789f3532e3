/* What the formats of transactions without times have in common: reads and writes of registers
 * whose keys and values are numbers, in sessions, committed or aborted. */
#ifndef FORMATS_WRITER_TXNS_H
#define FORMATS_WRITER_TXNS_H

#include "checker/open_calls.h"
#include "formats/writer.h"

/* The text of one process. */
struct writer_session {
    int32_t process;
    struct strbuf text;
};

struct writer_txns {
    struct writer_session *sessions; /* in order of their first transaction; owned */
    uint32_t count, capacity;
    struct open_calls numbers; /* of sessions, by process, plus one */
    uint32_t open;             /* transactions that nobody has ended yet */
    bool has_nil, has_zero;    /* of reads, and of writes */
    bool has_order;            /* told already that it is lost */
};

struct writer_micro {
    bool writes;
    struct value key, value; /* numbers; the value of a read may be nil */
};

void writer_txns_fini(struct writer_txns *txns);

/* Takes one event: 1 if it ends a transaction, which is to be written, 0 if it begins one. Errors:
 * ERR_INPUT (the formats cannot hold it). */
int writer_txns_take(struct writer_txns *txns, const struct writer *writer,
                     struct writer_output *out, const struct op *op, struct errbuf *err);

/* One of the micro-operations of a transaction, from 0 to op->value.count - 1. Errors: ERR_INPUT.
 */
int writer_txns_micro(const struct writer *writer, const struct op *op, uint32_t i,
                      struct writer_micro *out, struct errbuf *err);

/* For formats in which every key begins with 0: reads of nil become reads of 0, where that says the
 * same. Errors: ERR_INPUT. */
int writer_txns_begin_with_zero(struct writer_txns *txns, const struct writer *writer,
                                const struct writer_output *out, const struct op *op,
                                struct writer_micro *micro, struct errbuf *err);

/* The session of a process, made if it is new. NULL without memory. */
struct writer_session *writer_txns_session(struct writer_txns *txns, int32_t process);

/* ERR_INPUT if a transaction has no end. */
int writer_txns_end(const struct writer_txns *txns, const struct writer *writer,
                    struct errbuf *err);

/* As it is written: 7, or the digits of one that does not fit in 63 bits. */
void writer_put_number(struct strbuf *out, struct value number);

#endif
