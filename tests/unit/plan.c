#include "injector/plan.h"

#include "core/err.h"
#include "core/errbuf.h"
#include "injector/shipped.h"
#include "unit/malformed_support.h"
#include "unit/plan_support.h"

#include "clients/table.h"
#include "nemesis/table.h"
#include "workloads/table.h"

#include <criterion/criterion.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct errbuf err;

static void set_up(void)
{
    shipped_set_dir(TESTS_DIR "/data/plans");
}

TestSuite(plan, .init = set_up);

#define HEAD                                                                                       \
    "name: it\ndatabase: toy\nworkload: {use: register, client: etcd}\n"                           \
    "cluster: {remote: netns}\n"

static struct plan *parse_with(const char *text, const struct plan_override *overrides,
                               size_t count)
{
    struct plan *plan = NULL;
    int rc =
        plan_parse("p.yaml", text, strlen(text), &plan_registry, overrides, count, &plan, &err);
    cr_assert_eq(rc, 0, "%s", err.text);
    return plan;
}

static struct plan *parse(const char *text)
{
    return parse_with(text, NULL, 0);
}

static void expect_override_error(const char *key, const char *value, const char *message)
{
    struct plan_override override = {key, value};
    struct plan *plan = NULL;
    cr_assert_eq(
        plan_parse("p.yaml", HEAD, strlen(HEAD), &plan_registry, &override, 1, &plan, &err),
        ERR_INPUT, "--set %s=%s is accepted", key, value);
    cr_assert_str_eq(err.text, message);
    cr_assert_null(plan);
}

/* --- malformed plans: tests/data/plans/invalid, each beside the error expected --- */

static void expect_malformed(const char *file)
{
    struct plan *plan = NULL;
    err.text[0] = '\0';
    int rc = plan_load(file, &plan_registry, NULL, 0, &plan, &err);
    expect_its_error(file, rc, err.text);
}

Test(plan, tells_every_mistake_with_its_place_and_what_would_be_right)
{
    size_t count = each_malformed(TESTS_DIR "/data/plans/invalid", expect_malformed);
    cr_assert_geq(count, 100, "only %zu malformed plans were found", count);
}

/* --- sound plans --- */

Test(plan, fills_in_what_is_left_out)
{
    struct plan *plan = parse("name: it\ndatabase: toy\nworkload: {use: register, client: etcd}\n");
    cr_assert_str_eq(plan->name, "it");
    cr_assert_str_eq(plan->path, "p.yaml");
    cr_assert_str_eq(plan->remote->name, "netns");
    cr_assert_eq(plan->node_count, 5);
    cr_assert_str_eq(plan->node_names[4], "n5");
    cr_assert_eq(plan->failure_tolerance, 2);
    cr_assert_not(plan->byzantine);
    cr_assert_str_eq(database_name(plan->database), "toy");
    cr_assert_eq(plan->workload, &plan_register);
    cr_assert_eq(option_int(plan->workload_options, "keys"), 10);
    cr_assert_eq(plan->client, &plan_etcd);
    cr_assert_not(option_bool(plan->client_options, "serializable"));
    cr_assert_eq(plan->concurrency, 10);
    cr_assert_eq(plan->rate, 200);
    cr_assert_eq(plan->fault_count, 0);
    cr_assert_eq(plan->nemesis_interval_ns, INT64_C(5000000000));
    cr_assert_eq(plan->nemesis_duration_ns, INT64_C(3000000000));
    cr_assert_str_eq(plan->model, "cas-register");
    cr_assert_eq(plan->check_time_limit_ns, INT64_C(60000000000));
    cr_assert_eq(plan->check_memory_limit_bytes, UINT64_C(2) << 30);
    cr_assert_not(plan->check_online);
    cr_assert_not(plan->check_stop_on_violation);
    cr_assert_eq(plan->time_limit_ns, INT64_C(60000000000));
    cr_assert_eq(plan->recovery_time_ns, INT64_C(5000000000));
    cr_assert_not(plan->seed_given);
    plan_free(plan);
}

static const char everything[] =
    "name: it\n"
    "cluster: {remote: netns, nodes: [a, b-2, c, d], failure_tolerance: 1, byzantine: true}\n"
    "database: {toy: {label: \"$(touch x) 'y' \\\"z\\\" {{open}} \\\\\", delay_ms: 7}}\n"
    "workload:\n  use: register\n  client: {etcd: {serializable: true, prefix: \"a: b\"}}\n"
    "  concurrency: 3n\n  rate: 0.30000000000000004\n  keys: 4\n  mix: skewed\n"
    "nemesis:\n  interval: 1.5s\n  duration: 700ms\n"
    "  faults: [kill, {kill: {targets: all}}, {partition: {groups: [[a, b-2], [c]]}}]\n"
    "check: {consistency: linearizable, model: cas-register, time_limit: 1.5m, memory_limit: "
    "10MB}\n"
    "time_limit: 90s\nrecovery_time: 0s\nseed: 9007199254740991\n";

Test(plan, reads_everything_that_is_said)
{
    struct plan *plan = parse(everything);
    size_t count;
    cr_assert_eq(plan->node_count, 4);
    cr_assert_str_eq(plan->node_names[1], "b-2");
    cr_assert_eq(plan->failure_tolerance, 1);
    cr_assert(plan->byzantine);
    cr_assert(option_bool(plan->client_options, "serializable"));
    cr_assert_str_eq(option_string(plan->client_options, "prefix"), "a: b");
    cr_assert_eq(plan->concurrency, 12);
    cr_assert_eq(plan->rate, 0.30000000000000004);
    cr_assert_eq(option_int(plan->workload_options, "keys"), 4);
    cr_assert_eq(option_choice(plan->workload_options, "mix"), 1);
    cr_assert_eq(plan->nemesis_interval_ns, 1500000000);
    cr_assert_eq(plan->nemesis_duration_ns, 700000000);
    cr_assert_eq(plan->fault_count, 3);
    cr_assert_eq(plan->faults[0].type, &plan_kill);
    cr_assert_not(option_is_given(plan->faults[0].options, "targets"));
    cr_assert_eq(option_choices(plan->faults[1].options, "targets", &count)[0], 2);
    cr_assert_str_eq(option_node_groups(plan->faults[2].options, "groups", &count)[1].names[0],
                     "c");
    cr_assert_str_eq(plan->model, "cas-register");
    cr_assert_eq(plan->check_time_limit_ns, INT64_C(90000000000));
    cr_assert_eq(plan->check_memory_limit_bytes, 10000000);
    cr_assert_eq(plan->recovery_time_ns, 0);
    cr_assert_eq(plan->seed, UINT64_C(9007199254740991));
    cr_assert(plan->seed_given);
    plan_free(plan);
}

Test(plan, of_transactions_a_level_may_be_asked_for)
{
    const struct {
        const char *check;
        level_set levels;
        const char *resolved;
    } cases[] = {
        {"{model: rw-register}", 0, "consistency: strict-serializable"},
        {"{model: rw-register, consistency: causal}", level_bit(LEVEL_CAUSAL),
         "consistency: causal"},
        {"{model: list-append, consistency: Snapshot_Isolation}",
         level_bit(LEVEL_SNAPSHOT_ISOLATION), "consistency: snapshot-isolation"},
        {"{consistency: linearizable}", 0, "consistency: linearizable"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char text[512];
        snprintf(text, sizeof text, "%s%s\n",
                 "name: it\ncluster: {remote: local, nodes: 3}\ndatabase: toy\n"
                 "workload: {use: register, client: etcd}\ncheck: ",
                 cases[i].check);
        struct plan *plan = parse(text);
        cr_assert_eq(plan->levels, cases[i].levels, "%s", cases[i].check);
        cr_assert(strstr(plan->resolved, cases[i].resolved), "%s", plan->resolved);
        plan_free(plan);
    }
}

/* Everything but the path and where the seed came from. */
static void expect_equal(const struct plan *a, const struct plan *b)
{
    cr_assert_str_eq(a->resolved, b->resolved);
    cr_assert_str_eq(a->name, b->name);
    cr_assert_eq(a->remote, b->remote);
    cr_assert_eq(a->node_count, b->node_count);
    for (uint32_t i = 0; i < a->node_count; i++)
        cr_assert_str_eq(a->node_names[i], b->node_names[i]);
    cr_assert_eq(a->failure_tolerance, b->failure_tolerance);
    cr_assert_eq(a->byzantine, b->byzantine);
    cr_assert_eq(!a->database, !b->database);
    cr_assert_eq(a->workload, b->workload);
    cr_assert_eq(a->client, b->client);
    cr_assert_eq(a->concurrency, b->concurrency);
    cr_assert_eq(a->rate, b->rate);
    cr_assert_eq(a->levels, b->levels);
    cr_assert_eq(a->fault_count, b->fault_count);
    for (size_t i = 0; i < a->fault_count; i++) {
        cr_assert_eq(a->faults[i].type, b->faults[i].type);
        for (const struct option *o = a->faults[i].type->options; o->name; o++)
            cr_assert_eq(option_is_given(a->faults[i].options, o->name),
                         option_is_given(b->faults[i].options, o->name), "%s", o->name);
    }
    cr_assert_eq(a->nemesis_interval_ns, b->nemesis_interval_ns);
    cr_assert_eq(a->nemesis_duration_ns, b->nemesis_duration_ns);
    cr_assert_str_eq(a->model, b->model);
    cr_assert_eq(a->check_time_limit_ns, b->check_time_limit_ns);
    cr_assert_eq(a->check_memory_limit_bytes, b->check_memory_limit_bytes);
    cr_assert_eq(a->check_online, b->check_online);
    cr_assert_eq(a->check_stop_on_violation, b->check_stop_on_violation);
    cr_assert_eq(a->time_limit_ns, b->time_limit_ns);
    cr_assert_eq(a->recovery_time_ns, b->recovery_time_ns);
    cr_assert_eq(a->seed, b->seed);
}

Test(plan, the_resolved_plan_loads_to_an_equal_one)
{
    static const char *const texts[] = {
        everything,
        HEAD,
        "name: it\nworkload: {use: null, client: null, rate: 0}\n",
        HEAD "nemesis: {faults: []}\n",
        HEAD "check: {online: true}\n",
        HEAD "check: {online: true, stop_on_violation: true}\n",
        HEAD "nemesis: {faults: [kill: , partition: {}]}\n",
        "name: it\nworkload: {use: register, client: etcd, concurrency: 7}\n"
        "cluster: {remote: local, nodes: 1}\n"
        "database: {name: d, settings: {v: 5}, start: {run: [x, '', \"\\t\\u2028\"], log: /l}}\n",
    };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct plan *plan = parse(texts[i]);
        /* From elsewhere, and without what ships: it must stand alone. */
        shipped_set_dir("/nonexistent");
        struct plan *again = parse(plan->resolved);
        expect_equal(plan, again);
        cr_assert(again->seed_given);
        plan_free(plan);
        plan_free(again);
        set_up();
    }
}

Test(plan, resolved_names_the_defaults_of_plug_ins)
{
    struct plan *plan = parse(HEAD "nemesis: {faults: [kill]}\nseed: 1\n");
    cr_assert(strstr(plan->resolved, "\n# workload: keys: 10\n"), "%s", plan->resolved);
    cr_assert(strstr(plan->resolved, "\n# workload.client.etcd: timeout: 2s\n"));
    cr_assert(strstr(plan->resolved, "\n# nemesis.faults[0].kill: targets: [one, minority]\n"));
    plan_free(plan);
}

Test(plan, a_seed_is_drawn_if_none_is_given)
{
    struct plan *a = parse(HEAD), *b = parse(HEAD);
    char line[64];
    cr_assert_neq(a->seed, b->seed);
    snprintf(line, sizeof line, "\nseed: %llu\n", (unsigned long long)a->seed);
    cr_assert(strstr(a->resolved, line), "%s", a->resolved);
    plan_free(a);
    plan_free(b);
}

Test(plan, tolerates_what_a_majority_allows)
{
    static const struct {
        uint32_t nodes, crash, byzantine;
    } cases[] = {{1, 0, 0}, {2, 0, 0}, {3, 1, 0}, {4, 1, 1}, {5, 2, 1}, {7, 3, 2}, {64, 31, 21}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char text[256];
        for (int byzantine = 0; byzantine < 2; byzantine++) {
            snprintf(text, sizeof text,
                     "name: it\ndatabase: toy\nworkload: {use: register, client: etcd, "
                     "concurrency: 1}\ncluster: {nodes: %u, byzantine: %s}\n",
                     cases[i].nodes, byzantine ? "true" : "false");
            struct plan *plan = parse(text);
            cr_assert_eq(plan->failure_tolerance, byzantine ? cases[i].byzantine : cases[i].crash);
            plan_free(plan);
        }
    }
}

/* --- overrides --- */

Test(plan, overrides_replace_and_add_before_anything_is_checked)
{
    static const struct plan_override overrides[] = {
        {"cluster.nodes", "3"},
        {"nemesis.faults", "[kill, {kill: {targets: all}}]"},
        {"nemesis.interval", "1s"},
        {"workload.client.etcd.serializable", "true"},
        {"workload.client.etcd.timeout", "9s"},
        {"database.toy.label", "a \"b\" $(c)"},
        {"seed", "5"},
        {"seed", "6"},
    };
    struct plan *plan =
        parse_with(HEAD "seed: wrong\n", overrides, sizeof overrides / sizeof overrides[0]);
    cr_assert_eq(plan->node_count, 3);
    cr_assert_eq(plan->fault_count, 2);
    cr_assert_eq(plan->nemesis_duration_ns, 600000000);
    cr_assert(option_bool(plan->client_options, "serializable"));
    cr_assert_eq(option_duration_ns(plan->client_options, "timeout"), INT64_C(9000000000));
    cr_assert_eq(plan->seed, 6);
    cr_assert(strstr(plan->resolved, "label: \"a \\\"b\\\" $(c)\""), "%s", plan->resolved);
    plan_free(plan);
}

Test(plan, an_error_in_an_override_names_it)
{
    expect_override_error("cluster.nodes", "no",
                          "--set cluster.nodes: cluster.nodes: must be a number from 1 to 64, or a "
                          "list of 1 to 64 names, not 'no'");
    expect_override_error("cluster.nodez", "3",
                          "--set cluster.nodez: cluster.nodez: there is no such key; did you mean "
                          "'nodes'? known: remote, failure_tolerance, byzantine, nodes");
    expect_override_error("nemesis.faults", "[kill, kil]",
                          "--set nemesis.faults: nemesis.faults[1]: there is no fault 'kil'; did "
                          "you mean 'kill'? known: partition, kill");
    expect_override_error("name", "", "--set name: there is nothing in it");
    expect_override_error("name", "a: b: c",
                          "--set name: not YAML: mapping values are not allowed in this context");
    expect_override_error("name.x", "1",
                          "--set name.x: 'name' is not a mapping; set it as a whole");
    expect_override_error("cluster..nodes", "1",
                          "--set cluster..nodes: the key must be a path such as cluster.nodes");
    expect_override_error("", "1", "--set : the key must be a path such as cluster.nodes");
    expect_override_error("a.b.c.d.e.f.g.h.i.j.k.l.m", "1",
                          "--set a.b.c.d.e.f.g.h.i.j.k.l.m: the key must be a path such as "
                          "cluster.nodes");
    expect_override_error("cluster.failure_tolerance", "3",
                          "--set cluster.failure_tolerance: cluster.failure_tolerance: 5 nodes "
                          "tolerate at most 2 crash faults; use failure_tolerance: 2 or at least 7 "
                          "nodes");
}

/* --- files --- */

Test(plan, says_which_plan_is_not_there)
{
    struct plan *plan = NULL;
    shipped_set_dir(SOURCE_DIR "/workloads");
    cr_assert_eq(plan_load("no-such.yaml", &plan_registry, NULL, 0, &plan, &err), ERR_INPUT);
    cr_assert(strncmp(err.text,
                      "no-such.yaml: there is no such file, and no plan of that name ships",
                      67) == 0,
              "%s", err.text);
    cr_assert_eq(plan_load("etcd-registre", &plan_registry, NULL, 0, &plan, &err), ERR_INPUT);
    cr_assert(strstr(err.text, "did you mean 'etcd-register'?"), "%s", err.text);
    cr_assert_eq(plan_load("/tmp", &plan_registry, NULL, 0, &plan, &err), ERR_INPUT);
}

Test(plan, a_database_beside_the_plan_comes_before_one_that_ships)
{
    char dir[] = "/tmp/faultline plan '$(x)' XXXXXX", path[256];
    cr_assert(mkdtemp(dir));
    static const char *const texts[] = {
        "name: it\ndatabase: toy\nworkload: {use: register, client: etcd}\n",
        "name: mine\nstart: {run: [sleep, '1']}\n",
    };
    static const char *const names[] = {"p.yaml", "toy.yaml"};
    for (int i = 0; i < 2; i++) {
        snprintf(path, sizeof path, "%s/%s", dir, names[i]);
        FILE *file = fopen(path, "w");
        cr_assert(file && fputs(texts[i], file) >= 0 && fclose(file) == 0);
    }
    snprintf(path, sizeof path, "%s/p.yaml", dir);
    struct plan *plan = NULL;
    cr_assert_eq(plan_load(path, &plan_registry, NULL, 0, &plan, &err), 0, "%s", err.text);
    cr_assert_str_eq(database_name(plan->database), "mine");
    plan_free(plan);
    struct plan_override by_path = {"database", "./toy.yaml"};
    cr_assert_eq(plan_load(path, &plan_registry, &by_path, 1, &plan, &err), 0, "%s", err.text);
    cr_assert_str_eq(database_name(plan->database), "mine");
    plan_free(plan);
    for (int i = 0; i < 2; i++) {
        snprintf(path, sizeof path, "%s/%s", dir, names[i]);
        unlink(path);
    }
    rmdir(dir);
}

Test(plan, every_plan_that_ships_is_sound_with_the_real_plug_ins)
{
    static const struct registry registry = {
        .workloads = workload_table, .clients = client_table, .faults = fault_table};
    shipped_set_dir(SOURCE_DIR "/workloads");
    DIR *dir = opendir(SOURCE_DIR "/workloads/plans");
    cr_assert(dir);
    size_t count = 0;
    for (struct dirent *entry; (entry = readdir(dir));) {
        char name[64];
        struct plan *plan = NULL, *again = NULL;
        if (entry->d_name[0] == '.')
            continue;
        snprintf(name, sizeof name, "%.*s", (int)strcspn(entry->d_name, "."), entry->d_name);
        cr_assert_eq(plan_load(name, &registry, NULL, 0, &plan, &err), 0, "%s", err.text);
        cr_assert_str_eq(plan->name, name);
        cr_assert_eq(plan_parse("again", plan->resolved, strlen(plan->resolved), &registry, NULL, 0,
                                &again, &err),
                     0, "%s", err.text);
        expect_equal(plan, again);
        plan_free(plan);
        plan_free(again);
        count++;
    }
    closedir(dir);
    cr_assert_geq(count, 3);
}
