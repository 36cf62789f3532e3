/* Figures of the operations, by function. Private to report/. */
#ifndef REPORT_STATISTICS_H
#define REPORT_STATISTICS_H

#include "report/client_operations.h"

enum { STATISTICS_FUNCTIONS_MAX = 40 };

struct function_statistics {
    symbol f;
    int64_t count, ok, fail, info; /* info: also those that never completed */
    /* Latency of ok operations; -1 if there is none. Nearest-rank quantiles, exact. */
    int64_t p50_ns, p90_ns, p99_ns, max_ns;
};

struct statistics {
    struct function_statistics functions[STATISTICS_FUNCTIONS_MAX]; /* by first appearance */
    size_t function_count;
    size_t function_total; /* more than function_count if there were too many */
    struct function_statistics all;
};

/* ERR_NOMEM. O(n log n). */
int statistics_make(const struct client_operations *operations, struct statistics *out,
                    struct errbuf *err);

/* The smallest of `count` ascending numbers that at least `percent` of them do not exceed. */
int64_t statistics_quantile(const int64_t *ascending, size_t count, unsigned percent);

#endif
