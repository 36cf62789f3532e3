/* How fast the specialised algorithms are, on histories made in memory:
 *
 *     bench_algorithms [OPERATIONS] [CLIENTS]
 *
 * One line for each: millions of operations a second of the processor's time, check only and with
 * an order, and the bytes of the budget for each operation. Each history is valid: an operation
 * takes effect as it completes, and all clients are always busy. */
#include "bench/thread_clock.h"
#include "checker/algorithm.h"
#include "checker/model.h"
#include "core/errbuf.h"
#include "core/random.h"

#include <stdio.h>
#include <stdlib.h>

struct bench {
    struct random random;
    struct value_pool *pool;
    struct operation *ops;
    uint32_t count, clients;
    int64_t state, next; /* what the object holds, and the next new value */
    value_ref holder;
    struct value *elements;
    uint32_t element_count;
};

struct bench_case {
    const char *name;
    const char *model;
    const struct algorithm *algorithm;
    void (*ask)(struct bench *bench, struct operation *op);
    bool (*answer)(struct bench *bench, struct operation *op); /* false: not now */
};

static void ask_register(struct bench *bench, struct operation *op)
{
    bool reads = random_below(&bench->random, 2) == 0;
    op->f = reads ? F_READ : F_WRITE;
    op->argument = reads ? VALUE_REF_NIL : value_ref_int((int32_t)bench->next++);
}

static void ask_scattered_register(struct bench *bench, struct operation *op)
{
    ask_register(bench, op);
    if (op->f == F_WRITE)
        op->argument = value_ref_int((int32_t)((uint32_t)bench->next * 2654435761u >> 3));
}

static void ask_cas_register(struct bench *bench, struct operation *op)
{
    ask_register(bench, op);
    if (op->f == F_WRITE && random_below(&bench->random, 2) == 0) {
        op->f = F_CAS;
        op->argument = value_pool_intern_pair(bench->pool, (value_ref)bench->state, op->argument);
    }
}

static bool answer_register(struct bench *bench, struct operation *op)
{
    value_ref expected, next;
    op->outcome = OP_OK;
    if (op->f == F_READ) {
        op->result = (value_ref)bench->state;
    } else if (op->f == F_WRITE) {
        bench->state = op->argument;
    } else {
        value_pool_pair(bench->pool, op->argument, &expected, &next);
        if (bench->state == expected)
            bench->state = next;
        else
            op->outcome = OP_FAIL;
    }
    return true;
}

static void ask_counter(struct bench *bench, struct operation *op)
{
    op->f = random_below(&bench->random, 2) == 0 ? F_READ : F_ADD;
    op->argument = op->f == F_ADD ? value_ref_int(1) : VALUE_REF_NIL;
}

static bool answer_counter(struct bench *bench, struct operation *op)
{
    if (op->f == F_ADD)
        bench->next++;
    else
        op->result = value_ref_int((int32_t)bench->next - 1);
    return true;
}

/* Some twenty reads of all there is. */
static void ask_set(struct bench *bench, struct operation *op)
{
    bool reads = random_below(&bench->random, bench->count / 20 + 1) == 0;
    op->f = reads ? F_READ : F_ADD;
    op->argument = reads ? VALUE_REF_NIL : value_ref_int((int32_t)bench->next++);
}

static bool answer_set(struct bench *bench, struct operation *op)
{
    if (op->f == F_ADD) {
        bench->elements[bench->element_count++] = value_int(value_ref_as_int(op->argument));
        return true;
    }
    op->result = value_pool_intern(bench->pool,
                                   value_items(VALUE_LIST, bench->elements, bench->element_count));
    return true;
}

static void ask_mutex(struct bench *bench, struct operation *op)
{
    (void)bench;
    op->f = op->process % 2 == 0 ? F_ACQUIRE : F_RELEASE;
}

static bool answer_mutex(struct bench *bench, struct operation *op)
{
    bool acquire = op->f == F_ACQUIRE, held = bench->holder != VALUE_REF_NIL;
    if (acquire == held)
        return false;
    bench->holder = acquire ? VALUE_REF_TRUE : VALUE_REF_NIL;
    return true;
}

/* Each client by turns acquires and releases. */
static void ask_owned_mutex(struct bench *bench, struct operation *op)
{
    op->f = bench->holder == value_ref_int(op->process) ? F_RELEASE : F_ACQUIRE;
}

static bool answer_owned_mutex(struct bench *bench, struct operation *op)
{
    if (op->f == F_ACQUIRE && bench->holder != VALUE_REF_NIL)
        return false;
    bench->holder = op->f == F_ACQUIRE ? value_ref_int(op->process) : VALUE_REF_NIL;
    return true;
}

/* Fills bench->ops: clients take turns at random, each either invokes or completes. */
static void make(struct bench *bench, const struct bench_case *what)
{
    uint32_t *open = malloc(bench->clients * sizeof *open);
    uint32_t made = 0, busy = 0;
    position now = 0;
    bench->state = 0;
    bench->next = 1;
    bench->holder = VALUE_REF_NIL;
    bench->element_count = 0;
    for (uint32_t i = 0; i < bench->clients; i++)
        open[i] = UINT32_MAX;
    while (made < bench->count || busy > 0) {
        uint32_t client = (uint32_t)random_below(&bench->random, bench->clients);
        if (open[client] == UINT32_MAX && made < bench->count) {
            struct operation *op = &bench->ops[made];
            *op = (struct operation){.invoke = now++, .process = (int32_t)client};
            what->ask(bench, op);
            open[client] = made++;
            busy++;
        } else if (open[client] != UINT32_MAX) {
            struct operation *op = &bench->ops[open[client]];
            op->outcome = OP_OK;
            if (!what->answer(bench, op)) {
                if (made < bench->count)
                    continue;
                op->outcome = OP_FAIL;
            }
            op->complete = now++;
            open[client] = UINT32_MAX;
            busy--;
        }
    }
    free(open);
}

/* The best of three; sets *bytes. */
static double run(const struct bench *bench, const struct bench_case *what, bool order,
                  size_t *bytes)
{
    const struct model model = {.name = what->model};
    const struct history_semantics semantics = {0};
    struct object object = {.values = bench->pool, .ops = bench->ops, .count = bench->count};
    double best = 0;
    for (int i = 0; i < 3; i++) {
        struct budget budget;
        struct algorithm_result result;
        struct errbuf err = ERRBUF_INIT;
        budget_init(&budget, 0, 0);
        struct algorithm_input input = {.object = &object,
                                        .model = &model,
                                        .semantics = &semantics,
                                        .budget = &budget,
                                        .want_order = order};
        double start_ms = thread_clock_ms();
        int rc = what->algorithm->run(&input, &result, &err);
        double seconds = (thread_clock_ms() - start_ms) * 1e-3;
        if (rc != 0 || result.end != ALGORITHM_ACCEPTED) {
            fprintf(stderr, "%s: not accepted: %s %s\n", what->name, err.text,
                    result.reason ? result.reason : "");
            exit(1);
        }
        best = i == 0 || seconds < best ? seconds : best;
        *bytes = budget.bytes_peak;
        algorithm_result_fini(&result, &budget);
    }
    return best;
}

static const struct bench_case cases[] = {
    {"zones, register", "register", &algorithm_zones, ask_register, answer_register},
    {"zones, scattered values", "register", &algorithm_zones, ask_scattered_register,
     answer_register},
    {"zones, cas-register", "cas-register", &algorithm_zones, ask_cas_register, answer_register},
    {"counter", "linear-counter", &algorithm_counter, ask_counter, answer_counter},
    {"mutex", "mutex", &algorithm_mutex, ask_mutex, answer_mutex},
    {"owned mutex", "owned-mutex", &algorithm_owned_mutex, ask_owned_mutex, answer_owned_mutex},
    {"grow-only set", "grow-only-set", &algorithm_grow_only_set, ask_set, answer_set},
};

int main(int argc, char **argv)
{
    struct bench bench = {.count = argc > 1 ? (uint32_t)strtoul(argv[1], NULL, 10) : 1000000,
                          .clients = argc > 2 ? (uint32_t)strtoul(argv[2], NULL, 10) : 10};
    bench.ops = malloc(bench.count * sizeof *bench.ops);
    bench.elements = malloc(bench.count * sizeof *bench.elements);
    if (!bench.ops || !bench.elements || bench.count == 0 || bench.clients == 0)
        return 1;
    printf("%u operations, %u clients\n%-28s %10s %10s %8s %8s\n", bench.count, bench.clients, "",
           "Mops/s", "ordered", "B/op", "ordered");
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        size_t bytes, ordered_bytes;
        random_init(&bench.random, 7, RANDOM_TEST, i);
        bench.pool = value_pool_new(0);
        make(&bench, &cases[i]);
        double seconds = run(&bench, &cases[i], false, &bytes);
        double ordered = run(&bench, &cases[i], true, &ordered_bytes);
        printf("%-28s %10.1f %10.1f %8.1f %8.1f\n", cases[i].name, bench.count / seconds * 1e-6,
               bench.count / ordered * 1e-6, (double)bytes / bench.count,
               (double)ordered_bytes / bench.count);
        value_pool_free(bench.pool);
    }
    free(bench.elements);
    free(bench.ops);
    return 0;
}
