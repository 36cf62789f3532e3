/* Golden traces: each combinator by itself, and a whole run of a register. */
#include "sim/simulate.h"

static struct arena arena;

static struct random stream(uint64_t index)
{
    struct random random;
    random_init(&random, 42, RANDOM_TEST, index);
    return random;
}

/* Writes of 0, 1, 2, ... without end. */
static bool next_write(void *context, struct random *random, struct arena *values, struct op *op)
{
    (void)random;
    (void)values;
    int64_t *next = context;
    op->f = F_WRITE;
    op->value = value_int((*next)++);
    return true;
}

static bool next_read(void *context, struct random *random, struct arena *values, struct op *op)
{
    (void)context;
    (void)random;
    (void)values;
    op->f = F_READ;
    return true;
}

static bool next_cas(void *context, struct random *random, struct arena *values, struct op *op)
{
    (void)context;
    op->f = F_CAS;
    return value_pair(values, value_int((int64_t)random_below(random, 5)),
                      value_int((int64_t)random_below(random, 5)), &op->value) == 0;
}

static struct generator *writes(void)
{
    return generator_source(&arena, stream(0), next_write, arena_zalloc(&arena, 1, 8));
}

static struct generator *some_writes(uint64_t count)
{
    return generator_limit(&arena, count, writes());
}

static struct generator *some_reads(uint64_t count)
{
    return generator_limit(&arena, count, generator_source(&arena, stream(1), next_read, NULL));
}

static struct generator *one(const char *f, int64_t value)
{
    struct op op = {.f = symbol_intern(f, strlen(f)), .value = value_int(value)};
    return generator_sequence(&arena, &op, 1);
}

static struct generator *both(struct generator *first, struct generator *second)
{
    struct generator *children[] = {first, second};
    return generator_phases(&arena, children, 2);
}

static void golden(const char *name, struct generator *generator, uint32_t clients, bool nemesis)
{
    struct simulation what = {.generator = generator, .clients = clients, .nemesis = nemesis};
    simulate_golden(name, &what);
    arena_fini(&arena);
}

Test(generator, a_source_ends_when_its_function_does_and_threads_take_turns)
{
    golden("source", some_writes(8), 3, false);
}

Test(generator, a_sequence_is_given_in_order)
{
    struct op ops[] = {
        {.f = F_WRITE, .value = value_int(1)},
        {.f = F_READ},
        {.f = F_ADD, .has_key = true, .key = value_int(7), .value = value_int(2)},
    };
    golden("sequence", generator_sequence(&arena, ops, 3), 2, false);
}

Test(generator, a_mix_goes_by_weight_and_drops_what_is_exhausted)
{
    struct generator *children[] = {some_writes(6), some_reads(12), one("never", 0)};
    const uint32_t weights[] = {1, 3, 0};
    golden("mix", generator_mix(&arena, stream(2), children, weights, 3), 3, false);
}

Test(generator, stagger_spreads_operations_at_random)
{
    golden("stagger", generator_stagger(&arena, stream(3), 200, some_writes(12)), 3, false);
}

static int64_t three_seconds(uint32_t thread, uint64_t number)
{
    (void)thread;
    return number == 4 ? 3 * NS_PER_S : 20 * NS_PER_MS;
}

Test(generator, stagger_catches_up_with_one_second_at_most)
{
    struct generator *child = generator_limit(&arena, 40, writes());
    struct simulation what = {.generator = generator_stagger(&arena, stream(3), 10, child),
                              .clients = 1,
                              .latency_ns = three_seconds};
    simulate_golden("stagger_backlog", &what);
    arena_fini(&arena);
}

Test(generator, a_limit_counts_operations)
{
    golden("limit", generator_limit(&arena, 3, writes()), 2, false);
}

Test(generator, a_time_limit_ends_at_its_time_even_while_the_child_waits)
{
    struct generator *slow = generator_stagger(&arena, stream(4), 100, writes());
    golden("time_limit", generator_time_limit(&arena, 60 * NS_PER_MS, slow), 2, false);
}

Test(generator, phases_wait_until_every_thread_is_free)
{
    struct generator *children[] = {
        generator_clients(&arena, some_writes(5)), generator_sleep(&arena, 10 * NS_PER_MS),
        generator_nemesis(&arena, one("start", 0)), generator_clients(&arena, some_reads(4))};
    golden("phases", generator_phases(&arena, children, 4), 3, true);
}

Test(generator, clients_and_nemesis_keep_to_their_threads)
{
    struct generator *children[] = {
        generator_clients(&arena, some_writes(6)),
        generator_nemesis(&arena, both(one("start", 0), one("stop", 0)))};
    golden("clients_nemesis", generator_interleave(&arena, children, 2), 2, true);
}

Test(generator, interleave_goes_round_and_ends_with_the_last)
{
    struct generator *children[] = {some_writes(3), some_reads(6), one("once", 1)};
    golden("interleave", generator_interleave(&arena, children, 3), 2, false);
}

static struct generator *fault_every(int64_t interval_ns, size_t count)
{
    struct generator *children[32];
    cr_assert(2 * count <= 32);
    for (size_t i = 0; i < count; i++) {
        children[2 * i] = generator_sleep(&arena, interval_ns);
        children[2 * i + 1] = one(i % 2 ? "stop" : "start", (int64_t)(i / 2));
    }
    return generator_nemesis(&arena, generator_phases(&arena, children, 2 * count));
}

/* The second operation of the nemesis is due exactly when the work ends, and must not begin. */
Test(generator, while_ends_with_the_work)
{
    struct generator *work = generator_clients(
        &arena, generator_time_limit(&arena, 1500 * NS_PER_MS,
                                     generator_stagger(&arena, stream(5), 20, writes())));
    golden("while", generator_while(&arena, work, fault_every(625 * NS_PER_MS, 6)), 2, true);
}

Test(generator, while_goes_on_when_what_is_beside_is_exhausted)
{
    struct generator *work = generator_clients(&arena, some_writes(6));
    struct generator *beside = generator_nemesis(&arena, one("start", 0));
    golden("while_beside_ends", generator_while(&arena, work, beside), 2, true);
}

static struct generator *make_key(void *context, struct arena *in, uint64_t key)
{
    (void)context;
    int64_t *next = arena_zalloc(in, 1, sizeof *next);
    *next = (int64_t)key * 100;
    return generator_limit(in, 4, generator_source(in, stream(key), next_write, next));
}

Test(generator, groups_work_on_a_key_each_and_then_take_the_next)
{
    golden("groups", generator_groups(&arena, 2, 5, make_key, NULL), 5, true);
}

static struct generator *make_nothing(void *context, struct arena *in, uint64_t key)
{
    (void)context;
    return key < 20 ? generator_sequence(in, NULL, 0) : make_key(context, in, key);
}

Test(generator, groups_pass_over_keys_without_operations)
{
    golden("groups_empty_keys", generator_groups(&arena, 1, 22, make_nothing, NULL), 2, false);
}

static struct generator *make_final_reads(void *context, struct arena *in, uint32_t thread)
{
    (void)context;
    struct op ops[] = {{.f = F_READ, .has_key = true, .key = value_int(0)},
                       {.f = F_READ, .has_key = true, .key = value_int(thread)}};
    return generator_sequence(in, ops, 2);
}

Test(generator, each_thread_visits_every_client_once)
{
    golden("each_thread", generator_each_thread(&arena, make_final_reads, NULL), 3, true);
}

Test(generator, each_thread_waits_for_a_client_that_is_busy_at_first)
{
    struct generator *children[] = {some_writes(2),
                                    generator_each_thread(&arena, make_final_reads, NULL)};
    golden("each_thread_busy", generator_interleave(&arena, children, 2), 3, false);
}

Test(generator, a_sleep_gives_nothing_for_its_time)
{
    golden("sleep", both(generator_sleep(&arena, 50 * NS_PER_MS), some_writes(1)), 1, false);
}

Test(generator, the_nemesis_part_is_done_where_there_is_no_nemesis)
{
    golden("no_nemesis", both(generator_nemesis(&arena, one("start", 0)), some_writes(1)), 1,
           false);
}

/* --- a whole run: keyed register under faults, then recovery and final reads --- */

static struct generator *make_register(void *context, struct arena *in, uint64_t key)
{
    const uint64_t *seed = context;
    static const uint32_t weights[] = {2, 1, 1};
    struct random random;
    random_init(&random, *seed, RANDOM_WORKLOAD, key);
    struct generator *children[] = {
        generator_source(in, random, next_read, NULL),
        generator_source(in, random, next_write, arena_zalloc(in, 1, sizeof(int64_t))),
        generator_source(in, random, next_cas, NULL)};
    return generator_limit(in, 15, generator_mix(in, random, children, weights, 3));
}

static struct generator *register_run(uint64_t *seed)
{
    struct random random;
    random_init(&random, *seed, RANDOM_SCHEDULE, 0);
    struct generator *work = generator_groups(&arena, 2, 0, make_register, seed);
    work = generator_stagger(&arena, random, 60, work);
    work = generator_clients(&arena, generator_time_limit(&arena, 2 * NS_PER_S, work));
    struct generator *phases[] = {
        generator_while(&arena, work, fault_every(300 * NS_PER_MS, 6)),
        generator_nemesis(&arena, one("heal", 0)), generator_sleep(&arena, 200 * NS_PER_MS),
        generator_clients(&arena, generator_each_thread(&arena, make_final_reads, NULL))};
    return generator_phases(&arena, phases, 4);
}

/* Reads find what was written last, in the order of completions; nothing checks it here. */
static void complete_register(void *context, struct op *completion)
{
    struct value *registers = context;
    struct value *here = &registers[completion->key.integer % 16];
    if (completion->f == F_READ)
        completion->value = *here;
    else if (completion->f == F_WRITE)
        *here = completion->value;
}

static struct simulation register_simulation(uint64_t *seed, struct value *registers)
{
    memset(registers, 0, 16 * sizeof *registers);
    return (struct simulation){.generator = register_run(seed),
                               .clients = 4,
                               .nemesis = true,
                               .first_process = 10,
                               .info_every = 7,
                               .fail_every = 5,
                               .complete = complete_register,
                               .context = registers};
}

Test(generator, a_whole_register_run)
{
    uint64_t seed = 42;
    struct value registers[16];
    struct simulation what = register_simulation(&seed, registers);
    simulate_golden("register", &what);
    arena_fini(&arena);
}

Test(generator, the_same_seed_gives_the_same_run_and_another_seed_another)
{
    uint64_t seeds[] = {42, 42, 43};
    char *texts[3];
    struct value registers[16];
    for (int i = 0; i < 3; i++) {
        struct simulation what = register_simulation(&seeds[i], registers);
        texts[i] = simulate_text(&what);
    }
    cr_assert_str_eq(texts[0], texts[1]);
    cr_assert_str_neq(texts[0], texts[2]);
    for (int i = 0; i < 3; i++)
        free(texts[i]);
    arena_fini(&arena);
}
