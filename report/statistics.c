#include "report/statistics.h"

#include "core/err.h"
#include "core/errbuf.h"

#include <stdlib.h>

static void count_operation(struct function_statistics *function,
                            const struct client_operation *operation)
{
    function->count++;
    function->ok += operation->type == OP_OK;
    function->fail += operation->type == OP_FAIL;
    function->info += operation_is_open(operation);
}

static struct function_statistics *find_function(struct statistics *statistics, symbol f)
{
    for (size_t i = 0; i < statistics->function_count; i++)
        if (statistics->functions[i].f == f)
            return &statistics->functions[i];
    if (statistics->function_count == STATISTICS_FUNCTIONS_MAX)
        return NULL;
    struct function_statistics *function = &statistics->functions[statistics->function_count++];
    *function = (struct function_statistics){.f = f};
    return function;
}

static size_t count_functions(const struct client_operations *operations)
{
    bool seen[SYMBOL_MAX] = {false};
    size_t count = 0;
    for (size_t i = 0; i < operations->count; i++) {
        count += !seen[operations->items[i].f];
        seen[operations->items[i].f] = true;
    }
    return count;
}

int64_t statistics_quantile(const int64_t *ascending, size_t count, unsigned percent)
{
    if (count == 0)
        return -1;
    size_t rank = (count * percent + 99) / 100;
    return ascending[rank > 0 ? rank - 1 : 0];
}

static int compare_latency(const void *a, const void *b)
{
    int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;
    return (left > right) - (left < right);
}

/* The latencies of ok operations of one function, or of all. */
static void set_quantiles(const struct client_operations *operations, bool all, int64_t *latency,
                          struct function_statistics *function)
{
    size_t count = 0;
    for (size_t i = 0; i < operations->count; i++) {
        const struct client_operation *at = &operations->items[i];
        if (at->type == OP_OK && (all || at->f == function->f) && at->invoke_ns >= 0 &&
            at->complete_ns >= at->invoke_ns)
            latency[count++] = at->complete_ns - at->invoke_ns;
    }
    if (count > 0)
        qsort(latency, count, sizeof *latency, compare_latency);
    function->p50_ns = statistics_quantile(latency, count, 50);
    function->p90_ns = statistics_quantile(latency, count, 90);
    function->p99_ns = statistics_quantile(latency, count, 99);
    function->max_ns = count > 0 ? latency[count - 1] : -1;
}

int statistics_make(const struct client_operations *operations, struct statistics *out,
                    struct errbuf *err)
{
    *out = (struct statistics){0};
    for (size_t i = 0; i < operations->count; i++) {
        const struct client_operation *operation = &operations->items[i];
        struct function_statistics *function = find_function(out, operation->f);
        if (function)
            count_operation(function, operation);
        count_operation(&out->all, operation);
    }
    out->function_total = count_functions(operations);
    int64_t *latency = malloc((operations->count + 1) * sizeof *latency);
    if (!latency)
        return errbuf_set(err, ERR_NOMEM, "no memory for the latencies of %zu operations",
                          operations->count);
    for (size_t i = 0; i < out->function_count; i++)
        set_quantiles(operations, false, latency, &out->functions[i]);
    set_quantiles(operations, true, latency, &out->all);
    free(latency);
    return 0;
}
