/* Histories that txn_generate makes, as transactions. */
#ifndef TESTS_GENERATED_TRANSACTIONS_H
#define TESTS_GENERATED_TRANSACTIONS_H

#include "checker/budget.h"
#include "core/errbuf.h"
#include "generator/txn_generate.h"
#include "transactions/transactions.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

struct generated_transactions {
    struct operations all;
    struct operation *ops;
    struct object object;
    struct budget budget;
    struct transactions txns;
};

static inline int generated_append(void *context, const struct op *op, struct errbuf *err)
{
    return operations_append(context, op, err);
}

static inline void generated_transactions_open(struct generated_transactions *made,
                                               const struct txn_generate_options *options)
{
    struct errbuf err = ERRBUF_INIT;
    struct op_sink sink = {.take = generated_append, .context = &made->all};
    int rc = operations_init(&made->all, 0);
    rc = rc ? rc : txn_generate(options, &sink, &err);
    rc = rc ? rc : operations_finish(&made->all, &err);
    assert(rc == 0 && made->all.key_count == 1);
    const struct operations_key *key = made->all.keys;
    made->ops = malloc(key->count * sizeof *made->ops);
    operations_of_key(&made->all, 0, made->ops);
    made->object = (struct object){.all = &made->all,
                                   .values = made->all.values,
                                   .ops = made->ops,
                                   .count = key->count,
                                   .ok = key->ok,
                                   .failed = key->failed,
                                   .crashed = key->crashed};
    budget_init(&made->budget, 0, 0);
    struct transactions_source source = {.object = &made->object};
    rc = transactions_build(&source, &made->budget, &made->txns, &err);
    assert(rc == 0 && made->txns.rewritten_by[0] == TXN_NONE);
    (void)rc;
}

static inline void generated_transactions_close(struct generated_transactions *made)
{
    transactions_fini(&made->txns);
    assert(made->budget.bytes_used == 0);
    free(made->ops);
    operations_fini(&made->all);
}

#endif
