/* What every reader of transactions must survive: the first byte chooses the memory there is, the
 * rest is the text. What reads becomes transactions, within limits. */
#ifndef TESTS_FUZZ_TRANSACTIONS_H
#define TESTS_FUZZ_TRANSACTIONS_H

#include "checker/budget.h"
#include "core/err.h"
#include "core/errbuf.h"
#include "formats/reader.h"
#include "transactions/transactions.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void fuzz_build(const struct operations *all, const struct history_semantics *semantics)
{
    const struct operations_key *key = all->keys;
    struct operation *ops = malloc((key->count + 1) * sizeof *ops);
    operations_of_key(all, 0, ops);
    struct object object = {.all = all,
                            .values = all->values,
                            .ops = ops,
                            .count = key->count,
                            .ok = key->ok,
                            .failed = key->failed,
                            .crashed = key->crashed};
    struct transactions_source source = {.object = &object,
                                         .initial = semantics->initial,
                                         .initial_may_be_nil = semantics->initial_may_be_nil,
                                         .has_no_initial = semantics->has_no_initial};
    struct budget budget;
    struct transactions txns;
    struct errbuf err = ERRBUF_INIT;
    budget_init(&budget, INT64_C(200000000), 1 << 24);
    int rc = transactions_build(&source, &budget, &txns, &err);
    if (rc == ERR_INPUT || (rc == 0 && txns.txn_count != key->count))
        abort(); /* what was read are transactions, of registers */
    transactions_fini(&txns);
    if (budget.bytes_used != 0)
        abort();
    free(ops);
}

static void fuzz_transactions(const struct reader *reader, const uint8_t *data, size_t size)
{
    if (size == 0)
        return;
    struct reader_input input = {
        .name = "fuzz",
        .text = (const char *)data + 1,
        .length = size - 1,
        .options = {.threads = 1, .bytes_max = data[0] & 1 ? (size_t)(data[0] >> 1) << 11 : 0}};
    struct operations all;
    struct errbuf err = ERRBUF_INIT;
    reader->sniff(input.text, input.length);
    int rc = reader_read(reader, &input, &all, &err);
    if (rc == ERR_INPUT && strncmp(err.text, "fuzz:", 5) != 0)
        abort(); /* the place is missing */
    if (rc != 0)
        return;
    if (all.key_count > 0)
        fuzz_build(&all, &reader->semantics);
    operations_fini(&all);
}

#endif
