/* Runs a generator on virtual time, with the driver's own dispatch, and compares traces with golden
 * files: what would happen in a run whose clients answer after given times.
 *
 * Nothing sleeps and nothing is random: the same simulation gives the same trace. To add a golden
 * trace: write the test, run it once with FAULTLINE_GOLDEN=write in the environment, and read the
 * file that it made in tests/sim/golden/ before you commit it. */
#ifndef TESTS_SIM_SIMULATE_H
#define TESTS_SIM_SIMULATE_H

#include <criterion/criterion.h>

#include "core/clock.h"
#include "core/errbuf.h"
#include "core/history.h"
#include "core/strbuf.h"
#include "injector/dispatch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SIMULATED_CLIENTS_MAX = 64 };

/* What is simulated. What is left out (0, NULL) takes the default in brackets. */
struct simulation {
    struct generator *generator;
    uint32_t clients;
    bool nemesis;
    int32_t first_process;
    /* How long an operation takes; number counts operations from 0. [simulated_latency] */
    int64_t (*latency_ns)(uint32_t thread, uint64_t number);
    uint64_t info_every; /* every so many operations of clients end info [never] */
    uint64_t fail_every; /* ... or fail [never] */
    /* Called for each completion of a client that is to be ok: may change value, type, error. */
    void (*complete)(void *context, struct op *completion);
    void *context;
    int64_t end_ns; /* stop giving out operations then [when the generator is done] */
};

enum simulation_end {
    SIMULATION_DONE,    /* the generator was done */
    SIMULATION_STOPPED, /* end_ns */
    SIMULATION_STUCK,   /* it waits for ever */
    SIMULATION_FAILED,  /* it failed, or never came to an end */
};

struct trace {
    struct history history; /* with process PROCESS_NEMESIS for the nemesis */
    uint32_t *threads;      /* of each event */
    size_t capacity;
    enum simulation_end end;
    int64_t end_ns;
};

/* Spread from 1 to 10 ms, so that operations overlap and overtake each other; the nemesis takes a
 * quarter of a second. */
static inline int64_t simulated_latency(uint32_t thread, uint64_t number)
{
    uint64_t mixed = (number + 1) * 0x9e3779b97f4a7c15u ^ ((uint64_t)thread << 32);
    return NS_PER_MS + (int64_t)((mixed >> 33) % 9000) * NS_PER_US;
}

/* --- running --- */

struct simulated_thread {
    bool running;
    int64_t end_ns;
    struct op op;
    struct arena arena;
};

struct simulator {
    const struct simulation *what;
    struct dispatch dispatch;
    struct clock clock;
    struct arena spare;
    struct simulated_thread threads[SIMULATED_CLIENTS_MAX + 1];
    uint64_t operations, client_operations;
    struct trace *trace;
};

static inline void simulator_record(struct simulator *simulator, uint32_t thread,
                                    const struct op *event)
{
    struct trace *trace = simulator->trace;
    if (trace->history.count == trace->capacity) {
        trace->capacity = trace->capacity ? trace->capacity * 2 : 256;
        trace->threads = realloc(trace->threads, trace->capacity * sizeof *trace->threads);
        cr_assert(trace->threads != NULL);
    }
    trace->threads[trace->history.count] = thread;
    cr_assert_eq(history_append(&trace->history, event, NULL), 0);
}

static inline void simulator_begin(struct simulator *simulator, const struct generator_step *step)
{
    const struct simulation *what = simulator->what;
    struct simulated_thread *thread = &simulator->threads[step->thread];
    cr_assert(!thread->running, "thread %u was given two operations at once", step->thread);
    simulator_record(simulator, step->thread, &step->op);
    struct arena arena = thread->arena;
    thread->arena = simulator->spare;
    simulator->spare = arena;
    thread->running = true;
    thread->op = step->op;
    int64_t latency_ns = what->latency_ns ? what->latency_ns(step->thread, simulator->operations)
                         : step->thread == what->clients
                             ? 250 * NS_PER_MS
                             : simulated_latency(step->thread, simulator->operations);
    thread->end_ns = simulator->clock.virtual_ns + latency_ns;
    simulator->operations++;
}

static inline void simulator_answer(struct simulator *simulator, struct op *completion)
{
    const struct simulation *what = simulator->what;
    uint64_t number = ++simulator->client_operations;
    if (what->info_every && number % what->info_every == 0) {
        completion->type = OP_INFO;
        completion->error = "timeout";
    } else if (what->fail_every && number % what->fail_every == 0) {
        completion->type = OP_FAIL;
        completion->error = "refused";
    } else {
        completion->type = OP_OK;
        if (what->complete)
            what->complete(what->context, completion);
    }
}

/* The thread whose operation ends first, or DISPATCH_NOBODY. */
static inline uint32_t simulator_first_to_end(const struct simulator *simulator)
{
    uint32_t first = DISPATCH_NOBODY;
    for (uint32_t i = 0; i <= simulator->what->clients; i++)
        if (simulator->threads[i].running &&
            (first == DISPATCH_NOBODY ||
             simulator->threads[i].end_ns < simulator->threads[first].end_ns))
            first = i;
    return first;
}

static inline void simulator_end_operation(struct simulator *simulator, uint32_t number)
{
    struct simulated_thread *thread = &simulator->threads[number];
    clock_advance_to(&simulator->clock, thread->end_ns);
    struct op completion = thread->op;
    completion.type = OP_INFO;
    if (number < simulator->what->clients)
        simulator_answer(simulator, &completion);
    completion.time_ns = thread->end_ns;
    simulator_record(simulator, number, &completion);
    dispatch_complete(&simulator->dispatch, thread->end_ns, number, &completion);
    dispatch_release(&simulator->dispatch, number);
    thread->running = false;
    arena_reset(&thread->arena);
}

/* Goes to whatever is next: an operation's end, or the time the generator wants to be asked.
 * Returns who asks then; DISPATCH_NOBODY if nothing will ever happen. */
static inline uint32_t simulator_advance(struct simulator *simulator, int64_t wake_ns)
{
    uint32_t ending = simulator_first_to_end(simulator);
    if (ending != DISPATCH_NOBODY && simulator->threads[ending].end_ns <= wake_ns) {
        simulator_end_operation(simulator, ending);
        return ending;
    }
    if (wake_ns == INT64_MAX)
        return DISPATCH_NOBODY;
    clock_advance_to(&simulator->clock, wake_ns);
    return dispatch_longest_free(&simulator->dispatch);
}

static inline enum simulation_end simulator_run(struct simulator *simulator)
{
    const struct simulation *what = simulator->what;
    uint32_t asker = dispatch_longest_free(&simulator->dispatch);
    for (uint64_t steps = 0; steps < 10 * 1000 * 1000; steps++) {
        struct generator_step step = {.outcome = GENERATOR_WAIT, .wake_ns = INT64_MAX};
        int64_t now_ns = clock_now_ns(&simulator->clock);
        if (what->end_ns && now_ns >= what->end_ns)
            return SIMULATION_STOPPED;
        if (simulator->dispatch.free_count > 0)
            dispatch_step(&simulator->dispatch, now_ns, asker, &simulator->spare, &step);
        if (step.outcome == GENERATOR_DONE)
            return SIMULATION_DONE;
        if (step.outcome == GENERATOR_FAILED)
            return SIMULATION_FAILED;
        if (step.outcome == GENERATOR_OP) {
            simulator_begin(simulator, &step);
            if (simulator->dispatch.busy[asker])
                asker = dispatch_longest_free(&simulator->dispatch);
            continue;
        }
        asker = simulator_advance(simulator, step.wake_ns);
        if (asker == DISPATCH_NOBODY)
            return SIMULATION_STUCK;
    }
    return SIMULATION_FAILED;
}

/* Runs it to its end, and waits for the operations that then still run. */
static inline void simulate(const struct simulation *what, struct trace *trace)
{
    cr_assert(what->generator != NULL);
    cr_assert(what->clients <= SIMULATED_CLIENTS_MAX);
    struct simulator *simulator = calloc(1, sizeof *simulator);
    cr_assert(simulator != NULL);
    *trace = (struct trace){0};
    history_init(&trace->history);
    simulator->what = what;
    simulator->trace = trace;
    clock_init_virtual(&simulator->clock);
    cr_assert_eq(dispatch_init(&simulator->dispatch, what->generator, what->clients, what->nemesis,
                               what->first_process, NULL),
                 0);
    trace->end = simulator_run(simulator);
    trace->end_ns = clock_now_ns(&simulator->clock);
    uint32_t ending;
    while ((ending = simulator_first_to_end(simulator)) != DISPATCH_NOBODY)
        simulator_end_operation(simulator, ending);
    dispatch_fini(&simulator->dispatch);
    arena_fini(&simulator->spare);
    for (uint32_t i = 0; i <= what->clients; i++)
        arena_fini(&simulator->threads[i].arena);
    free(simulator);
}

static inline void trace_fini(struct trace *trace)
{
    history_fini(&trace->history);
    free(trace->threads);
    *trace = (struct trace){0};
}

/* --- text --- */

/* One line an event: time (ms) thread process type f key value [error]. */
static inline void trace_write(const struct trace *trace, const struct simulation *what,
                               struct strbuf *out)
{
    static const char *const ends[] = {"done", "stopped", "stuck", "failed"};
    for (size_t i = 0; i < trace->history.count; i++) {
        const struct op *op = &trace->history.ops[i];
        strbuf_printf(out, "%10.3f  ", (double)op->time_ns / (double)NS_PER_MS);
        if (trace->threads[i] == what->clients)
            strbuf_puts(out, "n  nemesis  ");
        else
            strbuf_printf(out, "%-2u p%-6d  ", trace->threads[i], op->process);
        strbuf_printf(out, "%-6s  %-6s  ", op_type_name(op->type), symbol_name(op->f));
        if (op->has_key)
            value_write_text(out, op->key);
        else
            strbuf_putc(out, '-');
        strbuf_puts(out, "  ");
        value_write_text(out, op->value);
        if (op->error)
            strbuf_printf(out, "  (%s)", op->error);
        strbuf_putc(out, '\n');
    }
    strbuf_printf(out, "%10.3f  %s\n", (double)trace->end_ns / (double)NS_PER_MS, ends[trace->end]);
    cr_assert(strbuf_ok(out));
}

/* The text of a simulation's trace; to free(). */
static inline char *simulate_text(const struct simulation *what)
{
    struct trace trace;
    struct strbuf text = STRBUF_INIT;
    simulate(what, &trace);
    trace_write(&trace, what, &text);
    trace_fini(&trace);
    return text.text;
}

/* --- golden files --- */

static inline char *golden_read(const char *path)
{
    FILE *file = fopen(path, "r");
    if (!file)
        return NULL;
    struct strbuf text = STRBUF_INIT;
    char chunk[4096];
    size_t got;
    while ((got = fread(chunk, 1, sizeof chunk, file)) > 0)
        strbuf_add(&text, chunk, got);
    fclose(file);
    return text.text;
}

static inline void golden_write(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    cr_assert(file != NULL, "%s cannot be written", path);
    fputs(text, file);
    cr_assert_eq(fclose(file), 0);
}

/* Fails with the first line that differs. */
static inline void golden_compare(const char *name, const char *expected, const char *actual)
{
    int line = 1;
    while (*expected && *actual) {
        size_t wanted = strcspn(expected, "\n"), got = strcspn(actual, "\n");
        if (wanted != got || memcmp(expected, actual, wanted) != 0)
            break;
        expected += wanted + (expected[wanted] == '\n');
        actual += got + (actual[got] == '\n');
        line++;
    }
    cr_assert(!*expected && !*actual, "golden/%s.txt:%d\n  expected: %.*s\n  actual:   %.*s", name,
              line, (int)strcspn(expected, "\n"), expected, (int)strcspn(actual, "\n"), actual);
}

/* Compares the simulation's trace with tests/sim/golden/NAME.txt. */
static inline void simulate_golden(const char *name, const struct simulation *what)
{
    char path[512];
    snprintf(path, sizeof path, "%s/sim/golden/%s.txt", TESTS_DIR, name);
    char *actual = simulate_text(what);
    const char *mode = getenv("FAULTLINE_GOLDEN");
    if (mode && strcmp(mode, "write") == 0)
        golden_write(path, actual);
    char *expected = golden_read(path);
    cr_assert(expected != NULL, "%s: no such file; FAULTLINE_GOLDEN=write makes it", path);
    golden_compare(name, expected, actual);
    free(expected);
    free(actual);
}

#endif
