/* The configuration search by itself, on histories that the fast algorithms leave to it: one
 * register, clients that are always busy, duplicate values and cas, crashed operations, and now and
 * then one stale read. Prints one table; see usage below. The operations are made directly as the
 * search sees them, so nothing else is measured. */
#include "checker/budget.h"
#include "checker/linear.h"
#include "checker/semantics.h"
#include "core/clock.h"
#include "core/random.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct bench_cell {
    uint32_t clients, operations, values; /* values 0: every written value is new */
    double crashed;                       /* share of operations */
    uint32_t crashed_max;                 /* at most so many; 0 = no limit */
    bool stale;     /* one read returns what was overwritten before it began */
    bool crash_cas; /* only cas crash */
    bool certain;   /* one more client: write S, write T, read -> S; nobody else knows S and T */
};

struct bench_client {
    uint32_t call;
    int32_t seen; /* the state when it took effect; 0 = not yet */
    bool busy, crashes;
};

struct bench {
    const struct bench_cell *cell;
    struct random random;
    struct budget budget;
    struct calls calls;
    struct bench_client *clients;
    int32_t state, next_value, older; /* older: overwritten before the stale read began */
    uint32_t begun, crashed, stale_at;
    uint32_t script, scripted; /* steps of the certain violation done; its call */
};

static void bench_event(struct bench *bench, uint32_t call, bool is_return)
{
    bench->calls.events[bench->calls.event_count++] = call << 1 | is_return;
}

static int32_t bench_value(struct bench *bench)
{
    if (bench->cell->values)
        return 1 + (int32_t)random_below(&bench->random, bench->cell->values);
    return bench->next_value++;
}

static struct model_op bench_op(struct bench *bench)
{
    struct model_op op = {.needs = MODEL_NONE, .gives = MODEL_NONE, .avoids = MODEL_NONE};
    uint64_t kind = random_below(&bench->random, 3);
    if (kind == 0) {
        op.pure = true;
    } else {
        op.gives = bench_value(bench);
        op.blind = kind == 1;
    }
    if (kind == 2) {
        bool knows = !bench->cell->values || random_below(&bench->random, 2);
        op.needs = knows ? bench->state : bench_value(bench);
        if (op.needs == op.gives) {
            op.pure = true;
            op.gives = MODEL_NONE;
        }
    }
    return op;
}

static void bench_invoke(struct bench *bench, struct bench_client *client)
{
    struct calls *calls = &bench->calls;
    struct model_op op = bench_op(bench);
    uint32_t most = bench->cell->crashed_max;
    bool crashes = random_unit(&bench->random) < bench->cell->crashed &&
                   (!most || bench->crashed < most) &&
                   (!bench->cell->crash_cas || (!op.blind && !op.pure));
    *client = (struct bench_client){.call = calls->count, .busy = true, .crashes = crashes};
    calls->calls[calls->count++] = (struct call){.op = op, .invoke = calls->event_count};
    bench_event(bench, client->call, false);
    bench->begun++;
    bench->crashed += crashes;
}

static void bench_take_effect(struct bench *bench, struct bench_client *client)
{
    struct model_op *op = &bench->calls.calls[client->call].op;
    client->seen = bench->state;
    if (client->crashes && random_below(&bench->random, 2))
        return;
    if (op->gives != MODEL_NONE && (op->needs == MODEL_NONE || op->needs == bench->state)) {
        if (bench->state != op->gives && bench->begun < bench->stale_at)
            bench->older = bench->state;
        bench->state = op->gives;
    }
}

/* Calls that turn out to say nothing stay in the array, without events. */
static void bench_forget(struct bench *bench, uint32_t call)
{
    bench->calls.calls[call].invoke = CALL_NEVER;
}

static void bench_return(struct bench *bench, struct bench_client *client)
{
    struct call *call = &bench->calls.calls[client->call];
    bool is_read = call->op.pure && call->op.needs == MODEL_NONE;
    client->busy = false;
    if (client->crashes || (call->op.needs != MODEL_NONE && call->op.needs != client->seen)) {
        call->optional = true;
        call->complete = CALL_NEVER;
        if (!client->crashes || call->op.pure)
            bench_forget(bench, client->call);
        return;
    }
    if (is_read)
        call->op.needs = client->seen;
    if (is_read && bench->cell->stale && client->call > bench->stale_at) {
        call->op.needs = bench->older;
        bench->stale_at = UINT32_MAX;
    }
    call->returns = true;
    call->complete = bench->calls.event_count;
    bench_event(bench, client->call, true);
}

/* One of nine steps: invoke, take effect and return three calls. The read does not tell the truth.
 */
static void bench_script(struct bench *bench)
{
    int32_t first = (int32_t)bench->cell->values + 1, second = first + 1;
    struct calls *calls = &bench->calls;
    uint32_t number = bench->script / 3;
    struct model_op op = {.needs = MODEL_NONE, .gives = MODEL_NONE, .avoids = MODEL_NONE};
    op.pure = number == 2;
    op.blind = number != 2;
    if (number == 2)
        op.needs = first;
    else
        op.gives = number == 0 ? first : second;
    if (bench->script % 3 == 0) {
        bench->scripted = calls->count;
        calls->calls[calls->count++] =
            (struct call){.op = op, .invoke = calls->event_count, .returns = true};
        bench_event(bench, bench->scripted, false);
    } else if (bench->script % 3 == 1) {
        bench->state = op.blind ? op.gives : bench->state;
    } else {
        calls->calls[bench->scripted].complete = calls->event_count;
        bench_event(bench, bench->scripted, true);
    }
    bench->script++;
}

/* Leaves out what says nothing. */
static void bench_compact(struct bench *bench)
{
    struct calls *calls = &bench->calls;
    uint32_t *moved = malloc(calls->count * sizeof *moved), kept = 0, events = 0;
    if (!moved)
        abort();
    for (uint32_t i = 0; i < calls->count; i++) {
        bool stays = calls->calls[i].invoke != CALL_NEVER;
        moved[i] = stays ? kept : CALL_NEVER;
        if (stays)
            calls->calls[kept++] = calls->calls[i];
    }
    for (uint32_t i = 0; i < calls->event_count; i++) {
        uint32_t call = moved[event_call(calls->events[i])];
        if (call != CALL_NEVER)
            calls->events[events++] = call << 1 | event_is_return(calls->events[i]);
    }
    calls->count = kept;
    calls->event_count = events;
    free(moved);
}

static void bench_make(struct bench *bench, const struct bench_cell *cell, uint64_t seed,
                       double limit_s, size_t memory)
{
    *bench = (struct bench){.cell = cell, .state = 1, .older = 1, .next_value = 2};
    random_init(&bench->random, seed, RANDOM_TEST, 0);
    budget_init(&bench->budget, 0, memory);
    bench->stale_at = cell->operations / 2;
    bench->calls = (struct calls){.budget = &bench->budget,
                                  .capacity = cell->operations + 3,
                                  .event_capacity = cell->operations * 2 + 6};
    bench->calls.calls = budget_alloc(&bench->budget, bench->calls.capacity * sizeof(struct call));
    bench->calls.events =
        budget_alloc(&bench->budget, bench->calls.event_capacity * sizeof(uint32_t));
    bench->clients = calloc(cell->clients, sizeof *bench->clients);
    if (!bench->clients || !bench->calls.calls || !bench->calls.events)
        abort();
    for (uint32_t busy = 0; bench->begun < cell->operations || busy > 0;) {
        if (cell->certain && bench->begun > cell->operations / 2 && bench->script < 9 &&
            random_below(&bench->random, cell->clients) == 0)
            bench_script(bench);
        struct bench_client *client = &bench->clients[random_below(&bench->random, cell->clients)];
        if (!client->busy && bench->begun < cell->operations) {
            bench_invoke(bench, client);
            busy++;
        } else if (client->busy && !client->seen) {
            bench_take_effect(bench, client);
        } else if (client->busy) {
            bench_return(bench, client);
            busy--;
        }
    }
    bench_compact(bench);
    budget_set_deadline(&bench->budget, monotonic_ns() + (int64_t)(limit_s * 1e9));
}

static void bench_run(const struct bench_cell *cell, uint64_t seed, double limit_s, size_t memory)
{
    static const char *const names[] = {[LINEAR_VALID] = "valid",
                                        [LINEAR_INVALID] = "invalid",
                                        [LINEAR_OUT_OF_TIME] = "UNKNOWN: time",
                                        [LINEAR_OUT_OF_MEMORY] = "UNKNOWN: memory"};
    static struct history_semantics semantics;
    struct bench bench;
    bench_make(&bench, cell, seed, limit_s, memory);
    struct model_context context = {.semantics = &semantics, .budget = &bench.budget};
    context.values.count = (cell->values ? cell->values : (uint32_t)bench.next_value) + 3;
    int32_t initial = 1, anywhere = MODEL_ANY;
    struct linear_input input = {.model = &model_cas_register,
                                 .context = &context,
                                 .calls = &bench.calls,
                                 .initial = &initial,
                                 .initial_count = 1,
                                 .anywhere = &anywhere,
                                 .anywhere_count = 1};
    size_t before = bench.budget.bytes_used;
    int64_t start = monotonic_ns();
    struct linear_result result = linear_check(&input);
    double seconds = (double)(monotonic_ns() - start) / 1e9;
    printf("%7u %8u %6u %6u%% %-5s %4lu  %-15s %9.3f %12zu %12lu\n", cell->clients,
           cell->operations, cell->values, (unsigned)(cell->crashed * 100 + 0.5),
           cell->certain ? "lie"
           : cell->stale ? "stale"
                         : "-",
           (unsigned long)seed, names[result.end], seconds, bench.budget.bytes_peak - before,
           (unsigned long)result.steps);
    fflush(stdout);
    calls_fini(&bench.calls);
    free(bench.clients);
    if (bench.budget.bytes_used != 0)
        fprintf(stderr, "%zu bytes were not given back\n", bench.budget.bytes_used);
}

static void bench_matrix(uint64_t seeds, double limit_s, size_t memory)
{
    static const uint32_t clients[] = {5, 10, 20, 50, 100}, sizes[] = {10000, 100000, 1000000};
    static const double crashes[] = {0, 0.01, 0.05};
    for (int size = 0; size < 3; size++)
        for (int crash = 0; crash < 3; crash++)
            for (int client = 0; client < 5; client++)
                for (int stale = 0; stale < 3; stale++)
                    for (uint64_t seed = 1; seed <= seeds; seed++) {
                        struct bench_cell cell = {.clients = clients[client],
                                                  .operations = sizes[size],
                                                  .values = 5,
                                                  .crashed = crashes[crash],
                                                  .stale = stale == 1,
                                                  .certain = stale == 2};
                        bench_run(&cell, seed, limit_s, memory);
                    }
}

static void bench_crashed(uint64_t seeds, double limit_s, size_t memory)
{
    for (uint32_t kind = 0; kind < 6; kind++)
        for (uint64_t seed = 1; seed <= seeds; seed++) {
            struct bench_cell cell = {.clients = 10,
                                      .operations = 1000000,
                                      .values = kind / 2 == 0 ? 0 : 5,
                                      .crashed = 0.01,
                                      .crashed_max = 200,
                                      .crash_cas = kind / 2 == 2,
                                      .stale = kind % 2};
            bench_run(&cell, seed, limit_s, memory);
        }
}

/* usage: search [SEEDS [LIMIT_S]]                                   the whole table
 *        search SEEDS LIMIT_S CLIENTS OPERATIONS VALUES CRASHED STALE  one cell of it */
int main(int argc, char **argv)
{
    uint64_t seeds = argc > 1 ? strtoull(argv[1], NULL, 10) : 1;
    double limit_s = argc > 2 ? strtod(argv[2], NULL) : 10;
    size_t memory = (size_t)4 << 30;
    printf("%7s %8s %6s %7s %-5s %4s  %-15s %9s %12s %12s\n", "clients", "ops", "values", "crashed",
           "", "seed", "verdict", "seconds", "peak bytes", "steps");
    if (argc < 8) {
        bench_matrix(seeds, limit_s, memory);
        bench_crashed(seeds, limit_s, memory);
        return 0;
    }
    struct bench_cell cell = {.clients = (uint32_t)strtoul(argv[3], NULL, 10),
                              .operations = (uint32_t)strtoul(argv[4], NULL, 10),
                              .values = (uint32_t)strtoul(argv[5], NULL, 10),
                              .crashed = strtod(argv[6], NULL),
                              .stale = strtoul(argv[7], NULL, 10) == 1,
                              .certain = strtoul(argv[7], NULL, 10) == 2};
    for (uint64_t seed = 1; seed <= seeds; seed++)
        bench_run(&cell, seed, limit_s, memory);
    return 0;
}
