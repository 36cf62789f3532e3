/* How fast are the checks of containers with distinct values?
 *
 *   bench_containers [OPERATIONS [CLIENTS [ELEMENTS [SEED [MODEL [ANOMALY]]]]]]
 *                     1000000     10       64        1     all     -
 *
 * Makes a history of each model in memory, and prints one line for each: milliseconds of the
 * processor for the check alone (the best of five), operations a second, and the most bytes an
 * operation that the check held at one time; then, unless an anomaly is named, the same with the
 * linearization written down. The anomaly "none" is none. */
#include "bench/thread_clock.h"
#include "checker/algorithm.h"
#include "core/errbuf.h"
#include "core/operations.h"
#include "generator/generate.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct bench {
    struct operations all;
    struct object object;
    struct errbuf err;
    enum algorithm_end expected;
};

static void bench_die(const struct bench *bench, const char *what)
{
    fprintf(stderr, "%s: %s\n", what, bench->err.text);
    exit(EXIT_FAILURE);
}

static int bench_take(void *context, const struct op *op, struct errbuf *err)
{
    struct bench *bench = context;
    return operations_append(&bench->all, op, err);
}

static void bench_make(struct bench *bench, const struct generate_options *options)
{
    struct op_sink sink = {.context = bench, .take = bench_take};
    if (operations_init(&bench->all, 0) != 0 ||
        generate_history(options, &sink, &bench->err) != 0 ||
        operations_finish(&bench->all, &bench->err) != 0)
        bench_die(bench, options->model);
    struct operation *ops = malloc(bench->all.keys[0].count * sizeof *ops);
    if (!ops)
        bench_die(bench, "no memory");
    operations_of_key(&bench->all, 0, ops);
    bench->object = (struct object){
        .all = &bench->all,
        .values = bench->all.values,
        .ops = ops,
        .count = bench->all.keys[0].count,
    };
}

/* Milliseconds of the fastest of five. */
static double bench_run(struct bench *bench, const struct algorithm *algorithm, bool want_order,
                        size_t *bytes)
{
    double best = 1e9;
    for (int i = 0; i < 5; i++) {
        struct budget budget;
        struct history_semantics semantics = {0};
        struct algorithm_result result;
        budget_init(&budget, 0, 0);
        struct algorithm_input input = {.object = &bench->object,
                                        .semantics = &semantics,
                                        .budget = &budget,
                                        .want_order = want_order};
        double began = thread_clock_ms();
        int rc = algorithm->run(&input, &result, &bench->err);
        double ms = thread_clock_ms() - began;
        if (rc != 0 || result.end != bench->expected)
            bench_die(bench, rc != 0 ? algorithm->name : "not the verdict it should be");
        algorithm_result_fini(&result, &budget);
        *bytes = budget.bytes_peak;
        best = ms < best ? ms : best;
    }
    return best;
}

static void bench_model(const struct generate_options *options, const struct algorithm *algorithm,
                        bool want_order)
{
    struct bench bench = {.err = ERRBUF_INIT,
                          .expected = options->anomaly ? ALGORITHM_REJECTED : ALGORITHM_ACCEPTED};
    size_t bytes = 0;
    bench_make(&bench, options);
    double ms = bench_run(&bench, algorithm, false, &bytes), count = bench.object.count;
    printf("%-16s %9.0f ops %8.1f ms %6.1f M/s %6.1f B/op", options->model, count, ms,
           count / ms / 1e3, (double)bytes / count);
    if (want_order) {
        ms = bench_run(&bench, algorithm, true, &bytes);
        printf("    order %8.1f ms %6.1f B/op", ms, (double)bytes / count);
    }
    printf("\n");
    free((void *)bench.object.ops);
    operations_fini(&bench.all);
}

static uint64_t bench_argument(int argc, char **argv, int at, uint64_t usual)
{
    return argc > at ? strtoull(argv[at], NULL, 10) : usual;
}

int main(int argc, char **argv)
{
    static const struct algorithm *const algorithms[] = {
        &algorithm_fifo_queue, &algorithm_priority_queue, &algorithm_unordered_queue,
        &algorithm_stack,      &algorithm_element_set,    NULL,
    };
    for (size_t i = 0; algorithms[i]; i++) {
        struct generate_options options = {
            .model = algorithms[i]->models[0],
            .operations = bench_argument(argc, argv, 1, 1000000),
            .concurrency = (uint32_t)bench_argument(argc, argv, 2, 10),
            .elements_max = (uint32_t)bench_argument(argc, argv, 3, 64),
            .seed = bench_argument(argc, argv, 4, 1),
            .read_share = -1,
            .anomaly = argc > 6 && strcmp(argv[6], "none") != 0 ? argv[6] : NULL,
            .anomaly_at = 0.9,
        };
        if (argc <= 5 || strcmp(argv[5], options.model) == 0)
            bench_model(&options, algorithms[i], argc <= 6);
    }
    return 0;
}
