/* Transactions in tests, from a text that is read beside what is expected. */
#ifndef TESTS_TRANSACTIONS_SUPPORT_H
#define TESTS_TRANSACTIONS_SUPPORT_H

#include "checker/budget.h"
#include "object_copy.h"
#include "transactions/transactions.h"
#include "unit/checker_support.h"

struct txn_bench {
    struct history history;
    struct object_copy copy;
    struct budget budget;
    struct transactions txns;
    struct errbuf err;
};

/* "P TYPE F VALUE" a line, as history_of; the source's object is made of it. Returns what
 * transactions_build does. */
static inline int txn_bench_try_from(struct txn_bench *bench, const char *text,
                                     struct transactions_source source)
{
    bench->err = (struct errbuf)ERRBUF_INIT;
    history_of(&bench->history, text);
    object_copy_init(&bench->copy, &bench->history);
    budget_init(&bench->budget, 0, 0);
    source.object = &bench->copy.object;
    return transactions_build(&source, &bench->budget, &bench->txns, &bench->err);
}

static inline int txn_bench_try(struct txn_bench *bench, const char *text)
{
    return txn_bench_try_from(bench, text, (struct transactions_source){0});
}

static inline void txn_bench_open(struct txn_bench *bench, const char *text)
{
    cr_assert_eq(txn_bench_try(bench, text), 0, "%s", bench->err.text);
}

static inline void txn_bench_close(struct txn_bench *bench)
{
    transactions_fini(&bench->txns);
    cr_expect_eq(bench->budget.bytes_used, 0);
    object_copy_fini(&bench->copy);
    history_fini(&bench->history);
}

/* What the micro-operation of a transaction has as its version: "x0" the initial one of key x, "x5"
 * the one of value 5, "x?" an unread one; with "'" behind it if it is no outer access. */
static inline const char *micro_text(const struct transactions *all, uint32_t txn, uint32_t index)
{
    static char text[64];
    const struct micro *micro = &all->micros[all->txns[txn].micros + index];
    struct value key = value_pool_get(all->object->values, txn_key_value(all, micro->key));
    char version[32] = "?";
    if (micro->version == all->keys[micro->key].first_version)
        strcpy(version, "0");
    else if (micro->version != VERSION_UNREAD)
        snprintf(version, sizeof version, "%d",
                 (int)value_ref_as_int(all->versions[micro->version].value));
    snprintf(text, sizeof text, "%s%s%s", key.text, version, micro->is_outer ? "" : "'");
    return text;
}

#endif
