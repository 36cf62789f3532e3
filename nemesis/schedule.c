#include "nemesis/schedule.h"

#include "core/clock.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

/* RANDOM_NEMESIS, index 0, gives the times; index 1 + r the deck of round r. */
enum { INDEX_TIMES = 0, INDEX_DECKS = 1 };

enum schedule_state {
    IDLE,     /* no fault */
    STARTING, /* a start was given out, and has not completed */
    ACTIVE,
    STOPPING, /* a stop was given out, and has not completed */
};

struct schedule {
    struct generator base;
    struct nemesis_schedule config;
    symbol *starts, *stops; /* by fault */
    struct random times;
    bool begun;
    enum schedule_state state;
    uint64_t id;        /* of the current injection, or of the next one */
    int64_t origin_ns;  /* when the first was planned, without its jitter */
    int64_t planned_ns; /* when the next one is planned */
    int64_t due_ns;     /* when the next operation may be given, in IDLE and ACTIVE */
    symbol given_out;   /* in STARTING and STOPPING: the operation awaited */
};

size_t nemesis_schedule_fault(uint64_t seed, size_t count, uint64_t id)
{
    assert(count > 0 && count <= NEMESIS_FAULTS_MAX);
    uint32_t deck[NEMESIS_FAULTS_MAX];
    struct random random;
    random_init(&random, seed, RANDOM_NEMESIS, INDEX_DECKS + id / count);
    random_shuffle(&random, deck, count);
    return deck[id % count];
}

static int64_t min_ns(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static int64_t max_ns(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

static void plan_next(struct schedule *schedule)
{
    int64_t interval_ns = schedule->config.interval_ns;
    int64_t jitter_ns = random_between(&schedule->times, -(interval_ns / 5), interval_ns / 5);
    schedule->planned_ns = schedule->origin_ns + (int64_t)schedule->id * interval_ns + jitter_ns;
}

static void begin(struct schedule *schedule, int64_t now_ns)
{
    schedule->begun = true;
    schedule->origin_ns = now_ns + min_ns(schedule->config.interval_ns / 2, 2 * NS_PER_S);
    plan_next(schedule);
    schedule->due_ns = schedule->planned_ns;
}

static void wait_until(struct generator_step *out, int64_t wake_ns)
{
    *out = (struct generator_step){.outcome = GENERATOR_WAIT, .wake_ns = wake_ns};
}

static void schedule_step(struct generator *generator, const struct generator_context *context,
                          struct generator_step *out)
{
    struct schedule *schedule = (struct schedule *)generator;
    if (schedule->config.count == 0) {
        *out = (struct generator_step){.outcome = GENERATOR_DONE};
        return;
    }
    if (!schedule->begun)
        begin(schedule, context->now_ns);
    uint32_t thread;
    bool awaited = schedule->state == STARTING || schedule->state == STOPPING;
    if (awaited || !generator_free_thread(context, &thread)) {
        wait_until(out, INT64_MAX);
        return;
    }
    if (context->now_ns < schedule->due_ns) {
        wait_until(out, schedule->due_ns);
        return;
    }
    size_t fault =
        nemesis_schedule_fault(schedule->config.seed, schedule->config.count, schedule->id);
    bool start = schedule->state == IDLE;
    schedule->state = start ? STARTING : STOPPING;
    schedule->given_out = start ? schedule->starts[fault] : schedule->stops[fault];
    *out = (struct generator_step){
        .outcome = GENERATOR_OP,
        .thread = thread,
        .op = {.f = schedule->given_out,
               .process = context->process[thread],
               .value = value_int((int64_t)schedule->id)},
    };
}

/* The calm before the next fault, however long healing took. */
static int64_t calm_ns(const struct nemesis_schedule *config)
{
    return (config->interval_ns - config->duration_ns) / 4;
}

static void schedule_update(struct generator *generator, const struct generator_context *context,
                            uint32_t thread, const struct op *event)
{
    (void)thread;
    struct schedule *schedule = (struct schedule *)generator;
    if (event->type == OP_INVOKE || event->f != schedule->given_out)
        return;
    if (schedule->state == STARTING) {
        schedule->state = ACTIVE;
        schedule->due_ns = context->now_ns + schedule->config.duration_ns;
    } else if (schedule->state == STOPPING) {
        schedule->state = IDLE;
        schedule->id++;
        plan_next(schedule);
        schedule->due_ns =
            max_ns(schedule->planned_ns, context->now_ns + calm_ns(&schedule->config));
    }
}

static const struct generator_type schedule_type = {
    .name = "nemesis-schedule",
    .step = schedule_step,
    .update = schedule_update,
};

static symbol name_of(const char *verb, const char *fault)
{
    char name[128];
    int length = snprintf(name, sizeof name, "%s-%s", verb, fault);
    assert(length > 0 && (size_t)length < sizeof name);
    return symbol_intern(name, (size_t)length);
}

static bool name_operations(struct schedule *schedule, struct arena *arena)
{
    size_t count = schedule->config.count;
    schedule->starts = arena_zalloc(arena, count, sizeof *schedule->starts);
    schedule->stops = arena_zalloc(arena, count, sizeof *schedule->stops);
    if (!schedule->starts || !schedule->stops)
        return false;
    for (size_t i = 0; i < count; i++) {
        schedule->starts[i] = name_of("start", schedule->config.names[i]);
        schedule->stops[i] = name_of("stop", schedule->config.names[i]);
        if (schedule->starts[i] == F_NONE || schedule->stops[i] == F_NONE)
            return false;
    }
    return true;
}

struct generator *nemesis_schedule_new(struct arena *arena, const struct nemesis_schedule *config)
{
    assert(config->count == 0 || config->interval_ns > 0);
    assert(config->duration_ns >= 0 && config->count <= NEMESIS_FAULTS_MAX);
    struct schedule *schedule = arena_zalloc(arena, 1, sizeof *schedule);
    if (!schedule)
        return NULL;
    schedule->base.type = &schedule_type;
    schedule->config = *config;
    random_init(&schedule->times, config->seed, RANDOM_NEMESIS, INDEX_TIMES);
    return name_operations(schedule, arena) ? &schedule->base : NULL;
}
