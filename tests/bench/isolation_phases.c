/* Where the time goes when transactions are checked:
 *
 *     bench_isolation_phases FILE
 *
 * One line for each step, on the history in a file: seconds on the clock and of the processors
 * (others may be busy too), megabytes that it left behind or had at most, and bytes of each
 * transaction. */
#include "checker/budget.h"
#include "core/clock.h"
#include "core/errbuf.h"
#include "dependencies/anomalies.h"
#include "dependencies/cyclic_part.h"
#include "dependencies/dependencies.h"
#include "formats/reader.h"
#include "transactions/transactions.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

struct phases {
    struct operations all;
    struct operation *ops;
    struct object object;
    struct budget budget;
    struct transactions txns;
    struct dependencies graph;
    struct arena arena;
    struct anomalies anomalies;
    int64_t begun_ns;
    double begun_s; /* of the processors */
};

static double processors_s(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void begin(struct phases *phases)
{
    phases->begun_ns = monotonic_ns();
    phases->begun_s = processors_s();
}

static void told(struct phases *phases, const char *step, size_t bytes)
{
    int64_t now_ns = monotonic_ns();
    uint32_t count = phases->all.operation_count;
    printf("%-24s %8.3f s %8.3f s %8.1f MB %6.0f B\n", step,
           (double)(now_ns - phases->begun_ns) / 1e9, processors_s() - phases->begun_s,
           (double)bytes / 1048576, count ? (double)bytes / count : 0);
    fflush(stdout);
    begin(phases);
}

static int read_file(struct phases *phases, const char *path, struct errbuf *err)
{
    struct reader_options options = {.pack_transactions = true};
    struct history_semantics semantics;
    begin(phases);
    int rc = reader_load(path, NULL, options, &phases->all, &semantics, err);
    if (rc != 0)
        return rc;
    told(phases, "reading", operations_bytes(&phases->all));
    const struct operations_key *key = phases->all.keys;
    phases->ops = malloc((size_t)key->count * sizeof *phases->ops);
    operations_of_key(&phases->all, 0, phases->ops);
    phases->object = (struct object){.all = &phases->all,
                                     .values = phases->all.values,
                                     .ops = phases->ops,
                                     .count = key->count,
                                     .ok = key->ok,
                                     .failed = key->failed,
                                     .crashed = key->crashed};
    told(phases, "operations", key->count * sizeof *phases->ops);
    return 0;
}

static int check(struct phases *phases, struct errbuf *err)
{
    enum { ALL_KINDS = (1 << DEPENDENCY_COUNT) - 1 };
    struct transactions_source source = {.object = &phases->object};
    budget_init(&phases->budget, 0, 0);
    int rc = transactions_build(&source, &phases->budget, &phases->txns, err);
    if (rc != 0)
        return rc;
    told(phases, "transactions", phases->budget.bytes_peak);
    const struct anomalies_options options = {
        .wanted = UINT32_MAX, .examples_max = 8, .arena = &phases->arena};
    rc = anomalies_scan(&phases->txns, &options, &phases->budget, &phases->anomalies, err);
    if (rc != 0)
        return rc;
    told(phases, "what single reads show", phases->budget.bytes_peak);
    rc = dependencies_build(&phases->txns, NULL, ALL_KINDS, &phases->budget, &phases->graph, err);
    if (rc != 0)
        return rc;
    told(phases, "dependencies", phases->budget.bytes_peak);
    struct cyclic_part part;
    rc = cyclic_part_build(&phases->graph, DEPENDENCIES_ALL, &phases->budget, &part);
    told(phases, "components", phases->budget.bytes_peak);
    uint32_t vertices = part.vertex_count;
    cyclic_part_fini(&part);
    if (rc != 0)
        return rc;
    begin(phases);
    rc = anomalies_find_cycles(&phases->graph, &options, &phases->anomalies, err);
    if (rc != 0)
        return rc;
    told(phases, "components and cycles", phases->budget.bytes_peak);
    printf("%u vertices, %u edges, %u vertices in cycles, anomalies %#x\n",
           phases->graph.vertex_count, phases->graph.edge_count, vertices, phases->anomalies.found);
    return 0;
}

int main(int argc, char **argv)
{
    static struct phases phases;
    struct errbuf err = ERRBUF_INIT;
    if (argc != 2) {
        fprintf(stderr, "usage: bench_isolation_phases FILE\n");
        return 2;
    }
    arena_init(&phases.arena, 0);
    int rc = read_file(&phases, argv[1], &err);
    rc = rc ? rc : check(&phases, &err);
    if (rc != 0)
        fprintf(stderr, "%s\n", err.text);
    return rc == 0 ? 0 : 1;
}
