/* The nemesis with faults that only note how they are called. */
#include "nemesis/nemesis.h"

#include "core/clock.h"
#include "core/err.h"
#include "core/errbuf.h"
#include "injector/events.h"
#include "nemesis/schedule.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* --- a fault that notes its calls, and fails when told to --- */

static char calls[4096];
static int inject_failures, heal_failures;
static bool effect; /* observe sees one */

static void note(const char *what, const struct fault_instance *instance)
{
    size_t used = strlen(calls);
    snprintf(calls + used, sizeof calls - used, "%s%s %u", used ? ", " : "", what, instance->id);
}

static int fake_probe(const struct fault_env *env, const struct option_values *options,
                      struct errbuf *err)
{
    (void)env;
    (void)options;
    (void)err;
    strcat(calls, "probe");
    return 0;
}

static int unsupported_probe(const struct fault_env *env, const struct option_values *options,
                             struct errbuf *err)
{
    (void)env;
    (void)options;
    return errbuf_set(err, ERR_UNSUPPORTED, "not here; go elsewhere");
}

static void fake_choose(struct fault_instance *instance, struct random *random)
{
    random_shuffle(random, instance->chosen.order, instance->env->cluster->count);
}

static int fake_inject(struct fault_instance *instance, struct errbuf *err)
{
    note("inject", instance);
    instance->nodes = node_bit(instance->chosen.order[0]);
    snprintf(instance->description, sizeof instance->description, "one: n%u",
             instance->chosen.order[0] + 1);
    if (inject_failures > 0) {
        inject_failures--;
        return errbuf_set(err, ERR_COMMAND, "the node said no");
    }
    return 0;
}

static void fake_observe(struct fault_instance *instance)
{
    note("observe", instance);
    instance->proven = effect;
    snprintf(instance->evidence, sizeof instance->evidence, effect ? "3 packets" : "nothing seen");
}

static int fake_heal(struct fault_instance *instance, struct errbuf *err)
{
    note("heal", instance);
    if (heal_failures > 0) {
        heal_failures--;
        return errbuf_set(err, ERR_TIMEOUT, "the node is silent");
    }
    return 0;
}

static int fake_open(const struct fault_env *env, const struct option_values *options, void **kept,
                     struct errbuf *err)
{
    (void)env;
    (void)options;
    (void)err;
    strcat(calls, "open");
    *kept = calls;
    return 0;
}

static void fake_close(void *kept)
{
    cr_assert_eq(kept, (void *)calls);
    strcat(calls, "; closed");
}

static const struct fault_type fake = {.name = "fake",
                                       .probe = fake_probe,
                                       .choose = fake_choose,
                                       .inject = fake_inject,
                                       .observe = fake_observe,
                                       .heal = fake_heal};
static const struct fault_type keeper = {.name = "keeper",
                                         .probe = unsupported_probe,
                                         .open = fake_open,
                                         .close = fake_close,
                                         .choose = fake_choose,
                                         .inject = fake_inject,
                                         .observe = fake_observe,
                                         .heal = fake_heal};
static const struct fault_type unsupported = {.name = "unsupported", .probe = unsupported_probe};

/* --- a cluster and a nemesis --- */

static struct node nodes[5] = {{.name = "n1", .index = 0},
                               {.name = "n2", .index = 1},
                               {.name = "n3", .index = 2},
                               {.name = "n4", .index = 3},
                               {.name = "n5", .index = 4}};
static struct cluster cluster = {.nodes = nodes, .count = 5};
static struct clock now;
static struct fault_env env = {.cluster = &cluster, .clock = &now};
static struct arena arena;
static struct nemesis *nemesis;

static struct nemesis_config config_of(const struct fault_choice *faults, size_t count)
{
    return (struct nemesis_config){.env = &env,
                                   .faults = faults,
                                   .fault_count = count,
                                   .interval_ns = 5 * NS_PER_S,
                                   .duration_ns = NS_PER_S,
                                   .seed = 42};
}

static void open_with(const struct fault_choice *faults, size_t count)
{
    clock_init_virtual(&now);
    arena_init(&arena, 0);
    struct nemesis_config config = config_of(faults, count);
    struct errbuf err = ERRBUF_INIT;
    cr_assert_eq(nemesis_standard.open(&config, &arena, &nemesis, &err), 0, "%s", err.text);
}

static void open_fake(void)
{
    static const struct fault_choice one[] = {{.type = &fake}};
    open_with(one, 1);
}

static void finish(void)
{
    nemesis_standard.close(nemesis);
    arena_fini(&arena);
}

static struct op perform(const char *f, int64_t id, int64_t at_ns)
{
    clock_advance_to(&now, at_ns);
    struct op op = {.f = symbol_intern(f, strlen(f)),
                    .process = PROCESS_NEMESIS,
                    .type = OP_INVOKE,
                    .value = value_int(id)};
    struct op completion = op;
    nemesis_standard.perform(nemesis, &op, &completion, &arena);
    cr_expect_eq(completion.type, OP_INFO);
    cr_expect_eq(completion.f, op.f);
    cr_expect_eq(completion.process, PROCESS_NEMESIS);
    return completion;
}

static const struct fault_record *record(size_t i, size_t count)
{
    size_t have;
    const struct fault_record *records = nemesis_standard.records(nemesis, &have);
    cr_assert_eq(have, count);
    return &records[i];
}

static void expect_active(const char *prefix)
{
    char text[320];
    nemesis_standard.active_text(nemesis, text, sizeof text);
    cr_expect_eq(strncmp(text, prefix, strlen(prefix)), 0, "'%s'", text);
    cr_expect(prefix[0] || !text[0], "'%s'", text);
}

/* --- tests --- */

Test(nemesis, injects_observes_heals_and_records)
{
    open_fake();
    effect = true;
    expect_active("");
    struct op started = perform("start-fake", 0, 1000);
    expect_active("fake one: n");
    cr_expect_eq(started.value.kind, VALUE_STRING);
    cr_expect_eq(strncmp(started.value.text, "one: n", 6), 0);
    struct op stopped = perform("stop-fake", 0, 5000);
    expect_active("");
    cr_expect_str_eq(stopped.value.text, "3 packets");
    cr_expect_null(stopped.error);
    cr_expect_str_eq(calls, "inject 0, observe 0, heal 0");
    const struct fault_record *r = record(0, 1);
    cr_expect(r->proven);
    cr_expect_str_eq(r->evidence, "3 packets");
    cr_expect_str_eq(r->description, started.value.text);
    cr_expect_str_eq(r->error, "");
    cr_expect_eq(r->injected_ns, 1000);
    cr_expect_eq(r->healed_ns, 5000);
    cr_expect_eq(node_set_count(r->nodes), 1);
    finish();
}

Test(nemesis, a_fault_without_effect_is_not_proven)
{
    open_fake();
    effect = false;
    perform("start-fake", 0, 1000);
    perform("stop-fake", 0, 5000);
    cr_expect(!record(0, 1)->proven);
    cr_expect_str_eq(record(0, 1)->evidence, "nothing seen");
    finish();
}

Test(nemesis, a_failed_injection_is_recorded_cleaned_up_and_not_healed_again)
{
    open_fake();
    inject_failures = 1;
    struct op started = perform("start-fake", 0, 1000);
    cr_expect_str_eq(started.error, "the node said no");
    expect_active("");
    struct op stopped = perform("stop-fake", 0, 2000);
    cr_expect_str_eq(stopped.value.text, "nothing to heal");
    cr_expect_str_eq(calls, "inject 0, heal 0");
    const struct fault_record *r = record(0, 1);
    cr_expect_eq(r->injected_ns, -1);
    cr_expect_eq(r->healed_ns, -1);
    cr_expect_str_eq(r->error, "the node said no");
    cr_expect(!r->proven);
    finish();
}

Test(nemesis, a_failed_heal_keeps_the_proof_and_is_tried_again_by_heal_all)
{
    open_fake();
    effect = true;
    heal_failures = 1;
    perform("start-fake", 0, 1000);
    struct op stopped = perform("stop-fake", 0, 2000);
    cr_expect_str_eq(stopped.error, "the node is silent");
    cr_expect(record(0, 1)->proven);
    cr_expect_str_eq(record(0, 1)->error, "the node is silent");
    cr_expect_eq(record(0, 1)->healed_ns, -1);
    expect_active("fake one: n");
    effect = false; /* by now nothing is to be seen any more */
    clock_advance_to(&now, 9000);
    struct errbuf err = ERRBUF_INIT;
    cr_expect_eq(nemesis_standard.heal_all(nemesis, &err), 0, "%s", err.text);
    cr_expect(record(0, 1)->proven);
    cr_expect_str_eq(record(0, 1)->evidence, "3 packets");
    cr_expect_str_eq(record(0, 1)->error, "");
    cr_expect_eq(record(0, 1)->healed_ns, 9000);
    expect_active("");
    finish();
}

Test(nemesis, heal_all_says_what_is_left)
{
    open_fake();
    heal_failures = 2;
    perform("start-fake", 0, 1000);
    perform("stop-fake", 0, 2000);
    struct errbuf err = ERRBUF_INIT;
    cr_expect_eq(nemesis_standard.heal_all(nemesis, &err), ERR_IO);
    cr_expect_eq(strncmp(err.text, "could not heal fake one: n", 26), 0, "%s", err.text);
    cr_expect_not_null(strstr(err.text, ": the node is silent"));
    cr_expect_eq(nemesis_standard.heal_all(nemesis, &err), 0);
    finish();
}

Test(nemesis, heal_all_goes_on_after_one_that_fails)
{
    open_fake();
    perform("start-fake", 0, 1000);
    perform("start-fake", 1, 2000);
    perform("start-fake", 2, 3000);
    calls[0] = '\0';
    heal_failures = 1;
    cr_expect_eq(nemesis_standard.heal_all(nemesis, NULL), ERR_IO);
    cr_expect_str_eq(calls, "observe 2, heal 2, observe 1, heal 1, observe 0, heal 0");
    cr_expect_eq(record(2, 3)->healed_ns, -1);
    cr_expect_eq(record(1, 3)->healed_ns, 3000);
    cr_expect_eq(record(0, 3)->healed_ns, 3000);
    expect_active("fake");
    cr_expect_eq(nemesis_standard.heal_all(nemesis, NULL), 0);
    cr_expect_eq(record(2, 3)->healed_ns, 3000);
    finish();
}

/* An injection that failed, and whose clean-up failed as well, is nobody's but heal_all's. */
Test(nemesis, what_a_failed_injection_left_is_healed_in_the_end)
{
    open_fake();
    inject_failures = 1;
    heal_failures = 1;
    effect = true;
    perform("start-fake", 0, 1000);
    cr_expect_eq(nemesis_standard.heal_all(nemesis, NULL), 0);
    cr_expect_str_eq(calls, "inject 0, heal 0, heal 0");
    cr_expect(!record(0, 1)->proven, "what was never in place proves nothing");
    cr_expect_str_eq(record(0, 1)->error, "the node said no");
    finish();
}

Test(nemesis, heal_all_without_faults_has_nothing_to_do)
{
    open_with(NULL, 0);
    cr_expect_eq(nemesis_standard.heal_all(nemesis, NULL), 0);
    size_t count;
    nemesis_standard.records(nemesis, &count);
    cr_expect_eq(count, 0);
    finish();
}

static void descriptions(char *out, size_t size)
{
    open_fake();
    out[0] = '\0';
    for (int64_t id = 0; id < 20; id++) {
        struct op started = perform("start-fake", id, 1000 * (id + 1));
        size_t used = strlen(out);
        snprintf(out + used, size - used, "%s,", started.value.text);
        perform("stop-fake", id, 1000 * (id + 1) + 1);
    }
    record(19, 20);
    finish();
}

Test(nemesis, same_seed_hits_the_same_nodes)
{
    static char a[1024], b[1024];
    descriptions(a, sizeof a);
    descriptions(b, sizeof b);
    cr_expect_str_eq(a, b);
    size_t different = 0;
    for (const char *n = "12345"; *n; n++) {
        char target[] = {':', ' ', 'n', *n, ',', '\0'};
        different += strstr(a, target) != NULL;
    }
    cr_expect_eq(different, 5, "every node has its turn: %s", a);
}

/* Even if earlier injections were never made: targets follow from seed and id alone. */
Test(nemesis, targets_do_not_depend_on_what_happened_before)
{
    open_fake();
    struct op alone = perform("start-fake", 7, 1000);
    char expected[64];
    snprintf(expected, sizeof expected, "%s,", alone.value.text);
    finish();
    static char all[1024];
    descriptions(all, sizeof all);
    const char *at = all;
    for (int i = 0; i < 7; i++)
        at = strchr(at, ',') + 1;
    cr_expect_eq(strncmp(at, expected, strlen(expected)), 0, "%s in %s", expected, all);
}

Test(nemesis, the_fault_of_an_id_is_the_schedules)
{
    static const struct fault_choice two[] = {{.type = &fake}, {.type = &keeper}};
    open_with(two, 2);
    for (int64_t id = 0; id < 10; id++) {
        const char *name = two[nemesis_schedule_fault(42, 2, (uint64_t)id)].type->name;
        char f[32];
        snprintf(f, sizeof f, "start-%s", name);
        perform(f, id, id + 1);
        cr_expect_str_eq(record((size_t)id, (size_t)id + 1)->fault, name);
    }
    cr_expect_eq(nemesis_standard.heal_all(nemesis, NULL), 0);
    finish();
}

Test(nemesis, probe_opens_what_keeps_something_and_close_closes_it)
{
    static const struct fault_choice one[] = {{.type = &keeper}};
    open_with(one, 1);
    cr_expect_eq(nemesis_standard.probe(nemesis, NULL), 0);
    cr_expect_eq(nemesis_standard.probe(nemesis, NULL), 0);
    cr_expect_str_eq(calls, "open");
    finish();
    cr_expect_str_eq(calls, "open; closed");
}

Test(nemesis, probe_names_the_fault_that_cannot_be_done)
{
    static const struct fault_choice two[] = {{.type = &fake}, {.type = &unsupported}};
    open_with(two, 2);
    struct errbuf err = ERRBUF_INIT;
    cr_expect_eq(nemesis_standard.probe(nemesis, &err), ERR_UNSUPPORTED);
    cr_expect_str_eq(err.text, "nemesis: unsupported: not here; go elsewhere");
    cr_expect_str_eq(calls, "probe");
    finish();
}

Test(nemesis, a_duration_that_fills_the_interval_is_refused)
{
    static const struct fault_choice one[] = {{.type = &fake}};
    arena_init(&arena, 0);
    struct nemesis_config config = config_of(one, 1);
    config.duration_ns = config.interval_ns;
    struct errbuf err = ERRBUF_INIT;
    cr_expect_eq(nemesis_standard.open(&config, &arena, &nemesis, &err), ERR_INPUT);
    cr_expect_not_null(strstr(err.text, "shorter than the interval"));
    arena_fini(&arena);
}

Test(nemesis, open_reports_that_memory_ran_out)
{
    static const struct fault_choice one[] = {{.type = &fake}};
    arena_init(&arena, 16);
    struct nemesis_config config = config_of(one, 1);
    cr_expect_eq(nemesis_standard.open(&config, &arena, &nemesis, NULL), ERR_NOMEM);
    arena_fini(&arena);
}

static void read_events(const char *path, char *out, size_t size)
{
    FILE *file = fopen(path, "r");
    cr_assert_not_null(file);
    out[fread(out, 1, size - 1, file)] = '\0';
    fclose(file);
}

Test(nemesis, writes_an_event_for_every_step)
{
    char path[64];
    snprintf(path, sizeof path, "/tmp/faultline-nemesis-events.%d", (int)getpid());
    open_fake();
    cr_assert_eq(events_open(path, &now, &env.events, NULL), 0);
    effect = true;
    heal_failures = 1;
    perform("start-fake", 0, 1000);
    perform("stop-fake", 0, 2000);
    cr_assert_eq(nemesis_standard.heal_all(nemesis, NULL), 0);
    events_close(env.events);
    static char text[8192];
    read_events(path, text, sizeof text);
    unlink(path);
    static const char *const in_order[] = {
        "\"state\":\"injecting\"",
        "\"state\":\"injected\",\"description\":\"one: n",
        "\"state\":\"observed\",\"proven\":true,\"evidence\":\"3 packets\"",
        "\"state\":\"healing\"",
        "\"state\":\"failed\",\"what\":\"heal\",\"error\":\"the node is",
        "\"state\":\"observed\"",
        "\"state\":\"healing\"",
        "\"state\":\"healed\""};
    const char *at = text;
    for (size_t i = 0; i < sizeof in_order / sizeof in_order[0]; i++) {
        const char *found = strstr(at, in_order[i]);
        cr_assert_not_null(found, "%s is missing after: %s", in_order[i], at);
        at = found + 1;
    }
    finish();
}
