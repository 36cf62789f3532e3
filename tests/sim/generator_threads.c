/* What must hold of generators that share out threads, by groups or one by one, and of what each is
 * told, whatever the timing; and where memory ends. */
#include "sim/random_runs.h"

/* --- groups --- */

static struct generator *make_long_key(void *context, struct arena *in, uint64_t key)
{
    const uint64_t *seed = context;
    return generator_limit(in, 10 + key % 7,
                           generator_source(in, stream(*seed, key), next_random_write, NULL));
}

enum { KEYS = 23, GROUP_SIZE = 3 };

static void grouped(uint64_t seed, uint64_t latencies, struct trace *trace)
{
    latency_seed = latencies;
    struct generator *groups = generator_groups(&arena, GROUP_SIZE, KEYS, make_long_key, &seed);
    struct simulation what = {.generator = generator_stagger(&arena, stream(seed, 99), 400, groups),
                              .clients = 10,
                              .nemesis = true,
                              .latency_ns = random_latency,
                              .info_every = 9};
    simulate(&what, trace);
    cr_assert_eq(trace->end, SIMULATION_DONE);
    arena_fini(&arena);
}

Test(generator_threads, groups_never_share_a_key)
{
    for (uint64_t seed = 1; seed <= 50; seed++) {
        struct trace trace;
        int64_t group_of[KEYS], operations[KEYS] = {0};
        for (int i = 0; i < KEYS; i++)
            group_of[i] = -1;
        grouped(seed, seed, &trace);
        for (size_t i = 0; i < trace.history.count; i++) {
            const struct op *op = &trace.history.ops[i];
            cr_assert(op->has_key && op->key.kind == VALUE_INT && op->key.integer < KEYS);
            cr_assert_lt(trace.threads[i], 10, "the nemesis is in no group");
            int64_t group = trace.threads[i] / GROUP_SIZE;
            int64_t *owner = &group_of[op->key.integer];
            *owner = *owner < 0 ? group : *owner;
            cr_assert_eq(*owner, group, "key %lld", (long long)op->key.integer);
            operations[op->key.integer] += is_invocation(&trace, i);
        }
        for (int i = 0; i < KEYS; i++)
            cr_assert_eq(operations[i], 10 + i % 7, "every operation of every key");
        trace_fini(&trace);
    }
}

/* The values of a key's operations, in order of invocation. */
static void key_text(const struct trace *trace, int64_t key, struct strbuf *out)
{
    for (size_t i = 0; i < trace->history.count; i++)
        if (is_invocation(trace, i) && trace->history.ops[i].key.integer == key) {
            value_write_text(out, trace->history.ops[i].value);
            strbuf_putc(out, ' ');
        }
}

Test(generator_threads, a_keys_operations_do_not_depend_on_timing)
{
    struct trace first;
    grouped(7, 1, &first);
    for (uint64_t latencies = 2; latencies <= 20; latencies++) {
        struct trace other;
        grouped(7, latencies, &other);
        for (int64_t key = 0; key < KEYS; key++) {
            struct strbuf a = STRBUF_INIT, b = STRBUF_INIT;
            key_text(&first, key, &a);
            key_text(&other, key, &b);
            cr_assert_str_eq(a.text, b.text, "key %lld", (long long)key);
            strbuf_fini(&a);
            strbuf_fini(&b);
        }
        trace_fini(&other);
    }
    trace_fini(&first);
}

/* --- each thread --- */

static struct generator *make_two(void *context, struct arena *in, uint32_t thread)
{
    (void)context;
    struct op ops[] = {{.f = F_READ, .value = value_int(thread)},
                       {.f = F_WRITE, .value = value_int(thread)}};
    return generator_sequence(in, ops, 2);
}

Test(generator_threads, each_thread_visits_each_once_also_those_busy_at_first)
{
    for (uint64_t seed = 1; seed <= 100; seed++) {
        struct generator *children[] = {
            generator_limit(&arena, 6, source(seed, 0)),
            generator_each_thread(&arena, make_two, NULL),
        };
        latency_seed = seed;
        struct simulation what = {.generator = generator_interleave(&arena, children, 2),
                                  .clients = 1 + (uint32_t)(seed % 9),
                                  .nemesis = true,
                                  .latency_ns = random_latency,
                                  .info_every = 3};
        struct trace trace;
        uint32_t reads[10] = {0}, writes[10] = {0};
        simulate(&what, &trace);
        for (size_t i = 0; i < trace.history.count; i++) {
            const struct op *op = &trace.history.ops[i];
            if (!is_invocation(&trace, i) || op->value.integer >= 10)
                continue;
            cr_assert_eq((uint32_t)op->value.integer, trace.threads[i]);
            reads[trace.threads[i]] += op->f == F_READ;
            writes[trace.threads[i]] += op->f == F_WRITE;
        }
        for (uint32_t i = 0; i < what.clients; i++) {
            cr_assert_eq(reads[i], 1);
            cr_assert_eq(writes[i], 1);
        }
        trace_fini(&trace);
        arena_fini(&arena);
    }
}

/* --- what generators are told --- */

/* Passes on what its child says, and checks what it is told. */
struct listener {
    struct generator generator;
    struct generator *child;
    int64_t key;         /* of every event; -1 = any */
    int32_t only_thread; /* of every event; -1 = any client */
    uint64_t given, begun, ended;
};

static void listener_step(struct generator *generator, const struct generator_context *context,
                          struct generator_step *out)
{
    struct listener *listener = (struct listener *)generator;
    generator_step(listener->child, context, out);
    listener->given += out->outcome == GENERATOR_OP;
}

static void listener_update(struct generator *generator, const struct generator_context *context,
                            uint32_t thread, const struct op *event)
{
    struct listener *listener = (struct listener *)generator;
    cr_assert(thread >= context->first && thread < context->last);
    cr_assert(event->process >= 0, "told of the nemesis");
    cr_assert(listener->key < 0 || (event->has_key && event->key.integer == listener->key));
    cr_assert(listener->only_thread < 0 || thread == (uint32_t)listener->only_thread);
    cr_assert(context->busy[thread]);
    listener->begun += event->type == OP_INVOKE;
    listener->ended += event->type != OP_INVOKE;
}

static const struct generator_type listener_type = {
    .name = "listener", .step = listener_step, .update = listener_update};

static struct listener *listeners[64];
static size_t listener_count;

static struct generator *listen(struct arena *in, int64_t key, int32_t only_thread,
                                struct generator *child)
{
    struct listener *listener = arena_zalloc(in, 1, sizeof *listener);
    *listener = (struct listener){
        .generator = {&listener_type}, .child = child, .key = key, .only_thread = only_thread};
    listeners[listener_count++] = listener;
    return &listener->generator;
}

static struct generator *make_heard_key(void *context, struct arena *in, uint64_t key)
{
    return listen(in, (int64_t)key, -1, make_long_key(context, in, key));
}

static struct generator *make_heard_thread(void *context, struct arena *in, uint32_t thread)
{
    return listen(in, -1, (int32_t)thread, make_two(context, in, thread));
}

/* What is done is not told how its last operations end: it is gone by then. */
Test(generator_threads, every_generator_is_told_of_its_own_events_and_no_others)
{
    uint64_t seed = 5;
    struct generator *one[] = {listen(&arena, -1, -1, source(5, 1))};
    const uint32_t weight = 1;
    struct generator *deep = generator_interleave(
        &arena, (struct generator *[]){generator_mix(&arena, stream(5, 2), one, &weight, 1)}, 1);
    deep = generator_time_limit(&arena, 300 * NS_PER_S,
                                generator_stagger(&arena, stream(5, 3), 300, deep));
    deep = generator_clients(&arena, generator_limit(&arena, 300, deep));
    struct op fault = {.f = symbol_intern("start", 5)};
    struct op faults[] = {fault, fault, fault};
    struct generator *children[] = {
        generator_while(&arena, deep,
                        generator_nemesis(&arena, generator_sequence(&arena, faults, 3))),
        generator_groups(&arena, GROUP_SIZE, KEYS, make_heard_key, &seed),
        generator_each_thread(&arena, make_heard_thread, NULL)};
    latency_seed = 5;
    struct simulation what = {.generator = generator_phases(&arena, children, 3),
                              .clients = 10,
                              .nemesis = true,
                              .latency_ns = random_latency};
    struct trace trace;
    simulate(&what, &trace);
    uint64_t given = 0;
    cr_assert_eq(listener_count, 1 + KEYS + 10);
    for (size_t i = 0; i < listener_count; i++) {
        cr_assert_eq(listeners[i]->begun, listeners[i]->given, "listener %zu", i);
        cr_assert_gt(listeners[i]->ended, 0, "listener %zu", i);
        cr_assert_leq(listeners[i]->ended, listeners[i]->given, "listener %zu", i);
        given += listeners[i]->given;
    }
    cr_assert_geq(listeners[0]->ended, 290, "the last ten may end when it is done");
    cr_assert_eq(given, count_invocations(&trace));
    trace_fini(&trace);
    arena_fini(&arena);
}

/* --- memory --- */

static struct generator *no_memory_key(void *context, struct arena *in, uint64_t key)
{
    return key < 3 ? make_long_key(context, in, key) : NULL;
}

Test(generator_threads, a_generator_that_finds_no_memory_fails_and_is_not_taken_for_done)
{
    uint64_t seed = 1;
    struct generator *groups = generator_groups(&arena, 2, 0, no_memory_key, &seed);
    struct generator *children[] = {groups, source(1, 1)};
    struct generator *tree = generator_while(
        &arena, generator_clients(&arena, generator_stagger(&arena, stream(1, 2), 100, groups)),
        generator_nemesis(&arena, generator_sleep(&arena, NS_PER_S)));
    struct simulation what = {
        .generator = generator_phases(&arena, &tree, 1), .clients = 4, .nemesis = true};
    struct trace trace;
    simulate(&what, &trace);
    cr_assert_eq(trace.end, SIMULATION_FAILED);
    cr_assert_gt(count_invocations(&trace), 10);
    trace_fini(&trace);
    cr_assert_null(generator_limit(&arena, 1, NULL));
    children[1] = NULL;
    cr_assert_null(generator_interleave(&arena, children, 2));
    cr_assert_null(generator_phases(&arena, children, 2));
    cr_assert_null(generator_while(&arena, children[0], NULL));
    cr_assert_null(generator_clients(&arena, NULL));
    cr_assert_null(generator_stagger(&arena, stream(1, 1), 5, NULL));
    cr_assert_null(generator_time_limit(&arena, 5, NULL));
    arena_fini(&arena);
    arena_init(&arena, 8); /* full from the start */
    cr_assert_null(source(1, 1));
    cr_assert_null(generator_sleep(&arena, 1));
    cr_assert_null(generator_each_thread(&arena, make_two, NULL));
    cr_assert_null(generator_groups(&arena, 1, 1, make_long_key, &seed));
    arena_fini(&arena);
}
