/* Histories that generate_history makes, as operations. */
#ifndef TESTS_GENERATED_OPERATIONS_H
#define TESTS_GENERATED_OPERATIONS_H

#include "core/errbuf.h"
#include "core/operations_from.h"
#include "generator/generate.h"

#include <criterion/criterion.h>

static inline int generated_append(void *context, const struct op *op, struct errbuf *err)
{
    return operations_append(context, op, err);
}

static inline void generate_operations(const struct generate_options *options,
                                       struct operations *all)
{
    struct op_sink sink = {.take = generated_append, .context = all};
    struct errbuf err = ERRBUF_INIT;
    cr_assert_eq(operations_init(all, 0), 0);
    cr_assert_eq(generate_history(options, &sink, &err), 0, "%s", err.text);
    cr_assert_eq(operations_finish(all, &err), 0, "%s", err.text);
}

/* Of few operations by few clients; a third of the histories have crashes, others failures. */
static inline struct generate_options few_operations(const char *model, const char *anomaly,
                                                     uint64_t operations, uint32_t clients,
                                                     uint64_t seed)
{
    return (struct generate_options){.model = model,
                                     .operations = operations,
                                     .concurrency = clients,
                                     .elements_max = 8,
                                     .read_share = -1,
                                     .crash_share = seed % 3 ? 0 : 0.05,
                                     .fail_share = seed % 5 ? 0 : 0.05,
                                     .seed = seed,
                                     .anomaly = anomaly,
                                     .anomaly_at = (double)(seed % 11) / 10};
}

#endif
