/* A run of the driver, and what must hold of its history, whoever misbehaved. */
#ifndef TESTS_DRIVER_RUN_H
#define TESTS_DRIVER_RUN_H

#include "core/history_jsonl.h"
#include "core/strbuf.h"
#include "stress/driver_clients.h"

static struct arena arena;
static _Atomic int stop;
static struct driver_counters counters;

struct result {
    int rc;
    struct errbuf err;
    int64_t duration_ns;
};

static inline bool next_write(void *context, struct random *random, struct arena *values,
                              struct op *op)
{
    (void)random;
    int64_t *next = context;
    char *text = arena_printf(values, "value %lld", (long long)*next);
    op->f = F_WRITE;
    return text && value_pair(values, value_int((*next)++), value_string(text), &op->value) == 0;
}

static inline struct generator *writes(void)
{
    struct random random;
    random_init(&random, 1, RANDOM_WORKLOAD, 0);
    return generator_source(&arena, random, next_write, arena_zalloc(&arena, 1, sizeof(int64_t)));
}

static inline struct generator *timed_writes(int64_t duration_ns, double rate)
{
    struct random random;
    random_init(&random, 1, RANDOM_SCHEDULE, 0);
    struct generator *work = generator_stagger(&arena, random, rate, writes());
    return generator_clients(&arena, generator_time_limit(&arena, duration_ns, work));
}

static inline struct generator *faults(int64_t interval_ns, size_t count)
{
    struct generator *children[64];
    struct op op = {.f = symbol_intern("start", 5)};
    CHECK(2 * count <= 64, "%zu", count);
    for (size_t i = 0; i < count; i++) {
        children[2 * i] = generator_sleep(&arena, interval_ns);
        children[2 * i + 1] = generator_sequence(&arena, &op, 1);
    }
    return generator_nemesis(&arena, generator_phases(&arena, children, 2 * count));
}

static inline void run(struct recorder *recorder, const struct clock *clock,
                       struct generator *generator, bool with_nemesis, int32_t *next_process,
                       struct result *result)
{
    static struct node nodes[] = {{.name = "n1"}, {.name = "n2"}, {.name = "n3"}};
    static const struct cluster cluster = {.nodes = nodes, .count = 3};
    CHECK(generator, "no memory");
    struct driver_config config = {.generator = generator,
                                   .recorder = recorder,
                                   .clock = clock,
                                   .cluster = &cluster,
                                   .client = &wild_type,
                                   .concurrency = concurrency,
                                   .first_process = first_process,
                                   .next_process = next_process,
                                   .nemesis_type = &slow_nemesis,
                                   .nemesis = with_nemesis ? &nemesis : NULL,
                                   .counters = &counters,
                                   .stop = &stop};
    int64_t begin_ns = monotonic_ns();
    result->rc = driver_run(&config, &result->err);
    result->duration_ns = monotonic_ns() - begin_ns;
    CHECK(opened == closed, "a client was not closed");
}

static inline void read_history(struct history *history)
{
    struct strbuf text = STRBUF_INIT;
    struct errbuf err = ERRBUF_INIT;
    FILE *file = fopen(path, "r");
    CHECK(file, "%s", path);
    char chunk[1 << 16];
    size_t got;
    while ((got = fread(chunk, 1, sizeof chunk, file)) > 0)
        strbuf_add(&text, chunk, got);
    fclose(file);
    history_init(history);
    struct op_sink sink = history_sink(history);
    int rc = history_jsonl_read(path, text.text, text.length, &sink, &history->truncated, &err);
    CHECK(rc == 0, "%s", err.text);
    strbuf_fini(&text);
}

/* Everything that holds of every history; `complete`: each invocation has its completion. */
static inline void check_history(const struct history *history, bool complete)
{
    uint32_t *partner;
    struct errbuf err = ERRBUF_INIT;
    uint64_t seen[4] = {0}, nemesis_events = 0;
    int64_t last_ns = 0;
    CHECK(history_pair(history, &partner, &err) == 0, "%s", err.text);
    for (size_t i = 0; i < history->count; i++) {
        const struct op *op = &history->ops[i];
        CHECK(op->time_ns >= last_ns, "event %zu goes back in time", i);
        last_ns = op->time_ns;
        if (op->process == PROCESS_NEMESIS) {
            CHECK(op->type == OP_INFO, "event %zu", i);
            nemesis_events++;
            continue;
        }
        seen[op->type]++;
        if (partner[i] != HISTORY_UNPAIRED)
            CHECK(number_of(op->value) == number_of(history->ops[partner[i]].value), "event %zu",
                  i);
        CHECK(!complete || partner[i] != HISTORY_UNPAIRED, "event %zu has no partner", i);
        if (op->type == OP_FAIL || op->type == OP_INFO)
            CHECK(op->error && op->error[0], "event %zu does not say why", i);
    }
    free(partner);
    CHECK(seen[OP_INVOKE] == counters.invoked, "%llu", (unsigned long long)counters.invoked);
    CHECK(seen[OP_OK] == counters.ok, "%llu", (unsigned long long)counters.ok);
    CHECK(seen[OP_FAIL] == counters.fail, "%llu", (unsigned long long)counters.fail);
    CHECK(seen[OP_INFO] == counters.info, "%llu", (unsigned long long)counters.info);
    CHECK(!complete || seen[OP_INVOKE] == seen[OP_OK] + seen[OP_FAIL] + seen[OP_INFO],
          "an operation did not complete");
    CHECK(nemesis_events == 2 * nemesis.performed, "%llu events of the nemesis",
          (unsigned long long)nemesis_events);
}

/* A run of its own, with a file of its own. */
static inline void whole_run(struct generator *generator, bool with_nemesis, struct result *result,
                             struct history *history)
{
    struct recorder *recorder;
    struct clock clock;
    *result = (struct result){0};
    unlink(path);
    CHECK(recorder_open(path, &recorder, &result->err) == 0, "%s", result->err.text);
    clock_init_real(&clock);
    run(recorder, &clock, generator, with_nemesis, NULL, result);
    CHECK(recorder_close(recorder, NULL) == 0, "close");
    read_history(history);
    check_history(history, true);
    arena_fini(&arena);
}

static inline void reset(uint32_t workers, struct behaviour how)
{
    concurrency = workers;
    first_process = 0;
    behaviour = how;
    counters = (struct driver_counters){0};
    nemesis.performed = 0;
    nemesis.duration_ns = 5 * NS_PER_MS;
    stop = 0;
}

#endif
