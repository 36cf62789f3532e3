/* Long random histories of register transactions, from replicas that keep causal consistency: a
 * transaction reads and writes at its session's replica, and what others wrote arrives there later,
 * in the order in which it was committed; of two writes the one with the later Lamport time stays.
 * One replica is serializable. Now and then a read sees something older. */
#ifndef TESTS_MANY_TRANSACTIONS_H
#define TESTS_MANY_TRANSACTIONS_H

#include "checker/budget.h"
#include "core/errbuf.h"
#include "core/random.h"
#include "transactions/transactions.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { MANY_MICROS = 8 };

struct many_options {
    uint32_t txns, sessions, keys, replicas;
    uint32_t lag;          /* commits that a replica is behind, at most */
    uint32_t stale;        /* of a million reads, so many see something older */
    uint32_t read_percent; /* of micro-operations */
    bool in_blocks;        /* one session after the other, as files without times have it */
    uint64_t seed;
};

/* A write: its value is its number. */
struct many_write {
    uint32_t key, replica, time;
};

struct many_session {
    struct micro_op micros[MANY_MICROS];
    uint32_t count;
    bool is_busy;
    value_ref *done; /* in_blocks: its transactions */
    uint32_t done_count;
};

struct many_transactions {
    struct many_options options;
    struct random random;
    struct operations all;
    struct operations_writer *events;
    struct micro_ops_writer micros;
    struct many_session *sessions;
    struct many_write *writes;
    uint32_t write_count, event_count;
    uint32_t *state;   /* by replica and key: a write's number; 0 = none */
    uint32_t *arrived; /* by replica */
    uint32_t *times;
    struct operation *ops;
    struct object object;
    struct budget budget;
    struct transactions txns;
};

static inline void many_put(struct many_transactions *many, uint32_t replica, uint32_t write)
{
    const struct many_write *put = &many->writes[write];
    uint32_t *state = &many->state[(size_t)replica * many->options.keys + put->key];
    const struct many_write *old = &many->writes[*state];
    if (*state == 0 || put->time > old->time ||
        (put->time == old->time && put->replica >= old->replica))
        *state = write;
    if (many->times[replica] < put->time)
        many->times[replica] = put->time;
}

/* Whether a replica has received a part of a transaction only. */
static inline bool many_is_amid(const struct many_transactions *many, uint32_t arrived)
{
    const struct many_write *last = &many->writes[arrived];
    return arrived > 0 && arrived < many->write_count && last[0].time == last[1].time &&
           last[0].replica == last[1].replica;
}

static inline void many_receive(struct many_transactions *many, uint32_t replica)
{
    uint32_t behind = (uint32_t)random_below(&many->random, many->options.lag + 1);
    while (many->arrived[replica] + behind < many->write_count ||
           many_is_amid(many, many->arrived[replica]))
        many_put(many, replica, ++many->arrived[replica]);
}

static inline value_ref many_read(struct many_transactions *many, uint32_t replica, uint32_t key)
{
    uint32_t write = many->state[(size_t)replica * many->options.keys + key];
    if (random_below(&many->random, 1000000) < many->options.stale)
        while (write > 0 && (many->writes[--write].key != key || random_below(&many->random, 2)))
            ;
    return write ? value_ref_int((int32_t)write) : VALUE_REF_NIL;
}

static inline void many_emit(struct many_transactions *many, uint32_t session, enum op_type type,
                             value_ref value)
{
    struct errbuf err = ERRBUF_INIT;
    if (many->event_count % (OPERATIONS_PART_MAX / 2) == 0) {
        int rc = operations_begin_part(many->events, many->event_count / (OPERATIONS_PART_MAX / 2),
                                       &err);
        assert(rc == 0);
        (void)rc;
    }
    many->event_count++;
    struct operation_event event = {.time_ns = -1,
                                    .process = (int32_t)session,
                                    .f = F_TXN,
                                    .type = (uint8_t)type,
                                    .value = value};
    int rc = operations_add(many->events, &event, &err);
    assert(rc == 0);
    (void)rc;
}

static inline void many_begin(struct many_transactions *many, uint32_t session)
{
    struct many_session *own = &many->sessions[session];
    own->count = 1 + (uint32_t)random_below(&many->random, MANY_MICROS);
    for (uint32_t i = 0; i < own->count; i++)
        own->micros[i] = (struct micro_op){
            .f = random_below(&many->random, 100) < many->options.read_percent ? MICRO_READ
                                                                               : MICRO_WRITE,
            .key = value_ref_int((int32_t)random_below(&many->random, many->options.keys))};
    own->is_busy = true;
    if (!many->options.in_blocks)
        many_emit(many, session, OP_INVOKE, VALUE_REF_NIL);
}

static inline void many_commit(struct many_transactions *many, uint32_t session)
{
    struct many_session *own = &many->sessions[session];
    uint32_t replica = session % many->options.replicas, time;
    many_receive(many, replica);
    time = ++many->times[replica];
    micro_ops_begin(&many->micros);
    for (uint32_t i = 0; i < own->count; i++) {
        struct micro_op *op = &own->micros[i];
        uint32_t key = (uint32_t)value_ref_as_int(op->key);
        if (op->f == MICRO_READ) {
            op->value = many_read(many, replica, key);
            for (uint32_t k = 0; k < i; k++)
                if (own->micros[k].key == op->key)
                    op->value = own->micros[k].value;
        } else {
            many->writes[++many->write_count] = (struct many_write){key, replica, time};
            op->value = value_ref_int((int32_t)many->write_count);
        }
        micro_ops_add(&many->micros, op->f, op->key, op->value);
    }
    for (uint32_t i = 0; i < own->count; i++)
        if (own->micros[i].f == MICRO_WRITE)
            many_put(many, replica, (uint32_t)value_ref_as_int(own->micros[i].value));
    value_ref txn = micro_ops_end(&many->micros);
    if (many->options.in_blocks)
        own->done[own->done_count++] = txn;
    else
        many_emit(many, session, OP_OK, txn);
    own->is_busy = false;
}

static inline void many_run(struct many_transactions *many)
{
    const struct many_options *options = &many->options;
    uint32_t left = options->txns, busy = 0;
    while (left > 0 || busy > 0) {
        uint32_t session = (uint32_t)random_below(&many->random, options->sessions);
        if (many->sessions[session].is_busy) {
            many_commit(many, session);
            busy--;
        } else if (left > 0) {
            many_begin(many, session);
            left--;
            busy++;
        }
    }
    for (uint32_t i = 0; options->in_blocks && i < options->sessions; i++)
        for (uint32_t k = 0; k < many->sessions[i].done_count; k++) {
            many_emit(many, i, OP_INVOKE, VALUE_REF_NIL);
            many_emit(many, i, OP_OK, many->sessions[i].done[k]);
        }
}

static inline void many_make_object(struct many_transactions *many)
{
    struct errbuf err = ERRBUF_INIT;
    int rc = operations_finish(&many->all, &err);
    assert(rc == 0 && many->all.key_count == 1);
    (void)rc;
    const struct operations_key *key = many->all.keys;
    many->ops = malloc(key->count * sizeof *many->ops);
    operations_of_key(&many->all, 0, many->ops);
    many->object = (struct object){.all = &many->all,
                                   .values = many->all.values,
                                   .ops = many->ops,
                                   .count = key->count,
                                   .ok = key->ok,
                                   .failed = key->failed,
                                   .crashed = key->crashed};
}

/* Makes the history; many->txns is for the caller to build, with many->budget. */
static inline void many_transactions_open(struct many_transactions *many,
                                          const struct many_options *options)
{
    struct errbuf err = ERRBUF_INIT;
    memset(many, 0, sizeof *many);
    many->options = *options;
    random_init(&many->random, options->seed, RANDOM_TEST, 0);
    budget_init(&many->budget, 0, 0);
    int rc = operations_init(&many->all, 0);
    assert(rc == 0);
    rc = operations_open_writer(&many->all, &many->events, &err);
    assert(rc == 0);
    (void)rc;
    micro_ops_writer_init(&many->micros, many->all.values);
    many->sessions = calloc(options->sessions, sizeof *many->sessions);
    for (uint32_t i = 0; options->in_blocks && i < options->sessions; i++)
        many->sessions[i].done = malloc(options->txns * sizeof(value_ref));
    many->writes = calloc((size_t)options->txns * MANY_MICROS + 1, sizeof *many->writes);
    many->state = calloc((size_t)options->replicas * options->keys, sizeof *many->state);
    many->arrived = calloc(options->replicas, sizeof *many->arrived);
    many->times = calloc(options->replicas, sizeof *many->times);
    many_run(many);
    for (uint32_t i = 0; i < options->sessions; i++)
        free(many->sessions[i].done);
    free(many->sessions);
    free(many->writes);
    free(many->state);
    free(many->arrived);
    free(many->times);
    many_make_object(many);
}

static inline void many_transactions_close(struct many_transactions *many)
{
    transactions_fini(&many->txns);
    assert(many->budget.bytes_used == 0);
    free(many->ops);
    operations_fini(&many->all);
}

#endif
