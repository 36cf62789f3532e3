/* What must hold of every run, whatever the timing: checked on many simulated ones. */
#include "sim/random_runs.h"

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
