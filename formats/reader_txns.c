#include "formats/reader_txns.h"

#include "core/clock.h"
#include "core/err.h"
#include "core/errbuf.h"

enum { CALLS_PER_CLOCK = 4096 };

void reader_txns_init(struct reader_txns *txns, const struct reader_input *input,
                      struct operations *all)
{
    *txns = (struct reader_txns){.input = input, .all = all};
    micro_ops_writer_init(&txns->micros, all->values);
}

int reader_txns_no_memory(const struct reader_txns *txns, struct errbuf *err)
{
    return errbuf_set(err, ERR_NOMEM, "%s: no memory for its transactions", txns->input->name);
}

int reader_txns_ask_clock(struct reader_txns *txns, struct errbuf *err)
{
    int64_t deadline_ns = txns->input->options.deadline_ns;
    if (txns->until_clock-- > 0 || !deadline_ns)
        return 0;
    txns->until_clock = CALLS_PER_CLOCK;
    if (monotonic_ns() < deadline_ns)
        return 0;
    return errbuf_set(err, ERR_TIMEOUT, "%s: the time was over before it was read",
                      txns->input->name);
}

/* --- transactions --- */

int reader_txns_begin(struct reader_txns *txns, struct errbuf *err)
{
    if (!micro_ops_begin(&txns->micros))
        return reader_txns_no_memory(txns, err);
    txns->is_open = true;
    return 0;
}

int reader_txns_add(struct reader_txns *txns, enum micro_f f, value_ref key, value_ref value,
                    struct errbuf *err)
{
    if (key == VALUE_REF_NOMEM || value == VALUE_REF_NOMEM ||
        !micro_ops_add(&txns->micros, f, key, value))
        return reader_txns_no_memory(txns, err);
    return 0;
}

int reader_txns_end(struct reader_txns *txns, enum op_type outcome, struct errbuf *err)
{
    struct operation_event event = {.time_ns = -1,
                                    .process = txns->session,
                                    .f = F_TXN,
                                    .type = OP_INVOKE,
                                    .value = micro_ops_end(&txns->micros)};
    txns->is_open = false;
    int rc = operations_append_event(txns->all, &event, err);
    if (rc == 0 && outcome != OP_INFO) {
        event.type = (uint8_t)outcome;
        rc = operations_append_event(txns->all, &event, err);
    }
    return rc == 0 ? reader_txns_ask_clock(txns, err) : rc;
}

int reader_txns_cut(struct reader_txns *txns, struct errbuf *err)
{
    txns->all->truncated = true;
    return txns->is_open ? reader_txns_end(txns, OP_INFO, err) : 0;
}

/* --- numbers --- */

value_ref reader_txns_int(const struct reader_txns *txns, int64_t number)
{
    if (value_ref_holds_int(number))
        return value_ref_int((int32_t)number);
    return value_pool_intern(txns->all->values, value_int(number));
}

static value_ref as_text(const struct reader_txns *txns, const char *at, size_t length)
{
    return value_pool_intern(txns->all->values, value_text(VALUE_STRING, at, length));
}

const char *reader_txns_number(const struct reader_txns *txns, const char *at, const char *end,
                               value_ref *out)
{
    const char *begin = at;
    uint64_t number = 0;
    bool fits = true;
    for (; at < end && (unsigned char)(*at - '0') <= 9; at++) {
        uint64_t digit = (uint64_t)(*at - '0');
        fits = fits && number <= (INT64_MAX - digit) / 10;
        number = number * 10 + digit;
    }
    if (at == begin)
        return NULL;
    *out =
        fits ? reader_txns_int(txns, (int64_t)number) : as_text(txns, begin, (size_t)(at - begin));
    return at;
}
