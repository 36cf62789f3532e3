/* What must hold of every run, whatever the timing: checked on many simulated ones. */
#include "sim/simulate.h"

static struct arena arena;

static struct random stream(uint64_t seed, uint64_t index)
{
    struct random random;
    random_init(&random, seed, RANDOM_TEST, index);
    return random;
}

static bool next_random_write(void *context, struct random *random, struct arena *values,
                              struct op *op)
{
    (void)context;
    (void)values;
    op->f = F_WRITE;
    op->value = value_int((int64_t)random_below(random, 1000000));
    return true;
}

static struct generator *source(uint64_t seed, uint64_t index)
{
    return generator_source(&arena, stream(seed, index), next_random_write, NULL);
}

/* Latencies that differ from seed to seed: 0 to 20 ms, now and then half a second. */
static uint64_t latency_seed;

static int64_t random_latency(uint32_t thread, uint64_t number)
{
    struct random random = stream(latency_seed, number * 100 + thread);
    return random_below(&random, 50) == 0 ? 500 * NS_PER_MS
                                          : random_between(&random, 0, 20) * NS_PER_MS;
}

static bool is_invocation(const struct trace *trace, size_t i)
{
    return trace->history.ops[i].type == OP_INVOKE;
}

static size_t count_invocations(const struct trace *trace)
{
    size_t count = 0;
    for (size_t i = 0; i < trace->history.count; i++)
        count += is_invocation(trace, i);
    return count;
}

/* Every history must pair: no process does two things at once, or goes on after an info. */
static void must_pair(const struct trace *trace)
{
    struct errbuf err = ERRBUF_INIT;
    uint32_t *partner = NULL;
    cr_assert_eq(history_pair(&trace->history, &partner, &err), 0, "%s", err.text);
    for (size_t i = 0; i < trace->history.count; i++)
        cr_assert(trace->history.ops[i].process < 0 || partner[i] != HISTORY_UNPAIRED);
    free(partner);
}

/* --- rate --- */

static int64_t short_latency(uint32_t thread, uint64_t number)
{
    (void)thread;
    return (int64_t)(number % 3) * NS_PER_MS;
}

static void staggered(uint32_t clients, double rate, uint64_t count, struct trace *trace)
{
    struct generator *work = generator_limit(&arena, count, source(1, 0));
    struct simulation what = {.generator = generator_stagger(&arena, stream(1, 1), rate, work),
                              .clients = clients,
                              .latency_ns = short_latency};
    simulate(&what, trace);
    cr_assert_eq(trace->end, SIMULATION_DONE);
    arena_fini(&arena);
}

Test(generator_properties, stagger_holds_its_rate_within_two_percent)
{
    static const double rates[] = {1, 200, 5000, 300000};
    for (size_t i = 0; i < sizeof rates / sizeof rates[0]; i++) {
        struct trace trace;
        staggered(40, rates[i], 10000, &trace);
        int64_t last_ns = 0;
        for (size_t j = 0; j < trace.history.count; j++)
            if (is_invocation(&trace, j))
                last_ns = trace.history.ops[j].time_ns;
        double expected_ns = 10000 * (double)NS_PER_S / rates[i];
        /* 40 clients of 1 ms each manage 40,000 a second: the last rate is more than they can. */
        if (rates[i] < 40000)
            cr_assert_float_eq((double)last_ns / expected_ns, 1, 0.02, "rate %f: %f", rates[i],
                               (double)last_ns / expected_ns);
        else
            cr_assert_gt((double)last_ns, expected_ns);
        trace_fini(&trace);
    }
}

Test(generator_properties, stagger_does_not_depend_on_the_number_of_threads)
{
    struct trace few, many;
    staggered(3, 300, 10000, &few);
    staggered(50, 300, 10000, &many);
    size_t at = 0, compared = 0, late = 0;
    for (size_t i = 0; i < few.history.count; i++) {
        if (!is_invocation(&few, i))
            continue;
        while (!is_invocation(&many, at))
            at++;
        int64_t delay_ns = few.history.ops[i].time_ns - many.history.ops[at].time_ns;
        cr_assert(delay_ns >= 0 && delay_ns < 10 * NS_PER_MS, "operation %zu: %lld ns", compared,
                  (long long)delay_ns);
        late += delay_ns > 0;
        compared++;
        at++;
    }
    cr_assert_eq(compared, 10000);
    cr_assert_lt(late, 500); /* three clients are now and then all busy */
    trace_fini(&few);
    trace_fini(&many);
}

/* --- limits, done --- */

Test(generator_properties, a_limit_is_exact)
{
    for (uint64_t count = 0; count < 200; count += 7) {
        struct trace trace;
        struct simulation what = {.generator = generator_limit(&arena, count, source(2, count)),
                                  .clients = 1 + (uint32_t)(count % 12),
                                  .info_every = 5};
        simulate(&what, &trace);
        cr_assert_eq(count_invocations(&trace), count);
        cr_assert_eq(trace.history.count, 2 * count);
        must_pair(&trace);
        trace_fini(&trace);
        arena_fini(&arena);
    }
}

/* --- a random tree of combinators --- */

static struct generator *make_random_key(void *context, struct arena *in, uint64_t key)
{
    const uint64_t *seed = context;
    return generator_limit(
        in, key % 5, generator_source(in, stream(*seed, 1000 + key), next_random_write, NULL));
}

static struct generator *make_random_thread(void *context, struct arena *in, uint32_t thread)
{
    return make_random_key(context, in, thread);
}

/* A finite tree, for all threads. */
static struct generator *random_tree(uint64_t *seed, struct random *random, int depth)
{
    struct generator *leaf = generator_limit(&arena, random_below(random, 12),
                                             source(*seed, random_below(random, 1 << 30)));
    uint64_t kind = depth == 0 ? 0 : random_below(random, 13);
    if (kind == 0)
        return leaf;
    if (kind == 1)
        return generator_sleep(&arena, random_between(random, 0, 100) * NS_PER_MS);
    if (kind == 2)
        return generator_groups(&arena, 1 + (uint32_t)random_below(random, 4),
                                1 + random_below(random, 9), make_random_key, seed);
    if (kind == 3)
        return generator_each_thread(&arena, make_random_thread, seed);
    struct generator *children[3];
    for (int i = 0; i < 3; i++)
        children[i] = random_tree(seed, random, depth - 1);
    const uint32_t weights[] = {(uint32_t)random_below(random, 3), 1, 2};
    switch (kind) {
    case 4:
        return generator_clients(&arena, children[0]);
    case 5:
        return generator_nemesis(&arena, children[0]);
    case 6:
        return generator_while(&arena, children[0], children[1]);
    case 7:
        return generator_interleave(&arena, children, 3);
    case 8:
        return generator_mix(&arena, *random, children, weights, 3);
    case 9:
        return generator_stagger(&arena, *random, 1 + (double)random_below(random, 300),
                                 children[0]);
    case 10:
        return generator_time_limit(&arena, random_between(random, 0, 300) * NS_PER_MS,
                                    children[0]);
    default:
        return generator_phases(&arena, children, 3);
    }
}

static struct simulation random_simulation(uint64_t *seed)
{
    struct random random = stream(*seed, 0);
    latency_seed = *seed;
    return (struct simulation){.generator = random_tree(seed, &random, 4),
                               .clients = 1 + (uint32_t)random_below(&random, 9),
                               .nemesis = random_below(&random, 2) == 1,
                               .latency_ns = random_latency,
                               .info_every = random_below(&random, 6),
                               .fail_every = random_below(&random, 6)};
}

/* The simulator fails if a thread is given two operations at once. */
Test(generator_properties, any_tree_ends_pairs_and_is_reproducible)
{
    size_t operations = 0;
    for (uint64_t seed = 1; seed <= 1500; seed++) {
        struct simulation what = random_simulation(&seed);
        struct trace trace;
        struct strbuf text = STRBUF_INIT;
        simulate(&what, &trace);
        cr_assert_eq(trace.end, SIMULATION_DONE, "seed %llu: end %d", (unsigned long long)seed,
                     trace.end);
        must_pair(&trace);
        operations += count_invocations(&trace);
        trace_write(&trace, &what, &text);
        trace_fini(&trace);
        struct simulation again = random_simulation(&seed);
        char *same = simulate_text(&again);
        cr_assert_str_eq(text.text, same, "seed %llu", (unsigned long long)seed);
        free(same);
        strbuf_fini(&text);
        arena_fini(&arena);
    }
    cr_assert_gt(operations, 10000);
}

/* Done means done: asked again and again, at any later time, it has nothing more. */
Test(generator_properties, done_means_done)
{
    for (uint64_t seed = 1; seed <= 1500; seed++) {
        struct simulation what = random_simulation(&seed);
        struct trace trace;
        simulate(&what, &trace);
        struct dispatch dispatch;
        cr_assert_eq(dispatch_init(&dispatch, what.generator, what.clients, what.nemesis, 0, NULL),
                     0);
        for (int i = 0; i < 5; i++) {
            struct generator_step step;
            dispatch_step(&dispatch, trace.end_ns + i * NS_PER_S, (uint32_t)i % what.clients,
                          &arena, &step);
            cr_assert_eq(step.outcome, GENERATOR_DONE, "seed %llu", (unsigned long long)seed);
        }
        dispatch_fini(&dispatch);
        trace_fini(&trace);
        arena_fini(&arena);
    }
}

/* --- phases --- */

static struct generator *marked(const char *f, uint64_t count)
{
    struct op ops[64] = {0};
    cr_assert(count <= 64);
    for (uint64_t i = 0; i < count; i++)
        ops[i].f = symbol_intern(f, strlen(f));
    return generator_sequence(&arena, ops, count);
}

Test(generator_properties, phases_never_overlap)
{
    static const char *const names[] = {"one", "two", "three", "four"};
    for (uint64_t seed = 1; seed <= 200; seed++) {
        struct generator *children[4];
        struct random random = stream(seed, 0);
        for (int i = 0; i < 4; i++)
            children[i] = marked(names[i], 1 + random_below(&random, 40));
        latency_seed = seed;
        struct simulation what = {.generator = generator_phases(&arena, children, 4),
                                  .clients = 5,
                                  .nemesis = true,
                                  .latency_ns = random_latency,
                                  .info_every = 4};
        struct trace trace;
        simulate(&what, &trace);
        int phase = 0, open = 0;
        for (size_t i = 0; i < trace.history.count; i++) {
            const struct op *op = &trace.history.ops[i];
            if (open == 0 && strcmp(symbol_name(op->f), names[phase]) != 0)
                phase++;
            cr_assert_str_eq(symbol_name(op->f), names[phase], "seed %llu event %zu",
                             (unsigned long long)seed, i);
            /* The nemesis' events come in pairs too, both of type info. */
            static bool nemesis_open;
            bool begins = op->process == PROCESS_NEMESIS ? !nemesis_open : op->type == OP_INVOKE;
            if (op->process == PROCESS_NEMESIS)
                nemesis_open = begins;
            open += begins ? 1 : -1;
        }
        cr_assert_eq(phase, 3);
        cr_assert_eq(open, 0);
        trace_fini(&trace);
        arena_fini(&arena);
    }
}

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

Test(generator_properties, groups_never_share_a_key)
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

Test(generator_properties, a_keys_operations_do_not_depend_on_timing)
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

/* --- mix --- */

static bool next_marked(void *context, struct random *random, struct arena *values, struct op *op)
{
    (void)random;
    (void)values;
    op->f = *(const symbol *)context;
    return true;
}

Test(generator_properties, a_mix_keeps_its_weights)
{
    static const symbol marks[] = {F_READ, F_WRITE, F_CAS};
    static const uint32_t weights[] = {1, 3, 6};
    struct generator *children[3];
    for (int i = 0; i < 3; i++)
        children[i] =
            generator_source(&arena, stream(3, 0), next_marked, (void *)(uintptr_t)&marks[i]);
    struct generator *mix = generator_mix(&arena, stream(3, 9), children, weights, 3);
    struct simulation what = {.generator = generator_limit(&arena, 20000, mix), .clients = 7};
    struct trace trace;
    size_t seen[F_BUILTIN_COUNT] = {0};
    simulate(&what, &trace);
    for (size_t i = 0; i < trace.history.count; i++)
        if (is_invocation(&trace, i))
            seen[trace.history.ops[i].f]++;
    for (int i = 0; i < 3; i++)
        cr_assert_float_eq((double)seen[marks[i]] / 20000, weights[i] / 10.0, 0.015);
    trace_fini(&trace);
    arena_fini(&arena);
}

/* --- each thread --- */

static struct generator *make_two(void *context, struct arena *in, uint32_t thread)
{
    (void)context;
    struct op ops[] = {{.f = F_READ, .value = value_int(thread)},
                       {.f = F_WRITE, .value = value_int(thread)}};
    return generator_sequence(in, ops, 2);
}

Test(generator_properties, each_thread_visits_each_once_also_those_busy_at_first)
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
Test(generator_properties, every_generator_is_told_of_its_own_events_and_no_others)
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

Test(generator_properties, a_generator_that_finds_no_memory_fails_and_is_not_taken_for_done)
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
