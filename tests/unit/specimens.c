/* The specimens without processes: their parts, and whole clusters of them on a network that is a
 * list, from which messages are delivered in any order, twice or not at all. */
#include "specimens/causal.h"
#include "specimens/operation.h"
#include "specimens/stamped.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

static json_t *parse(const char *text)
{
    json_t *json = json_loads(text, JSON_DECODE_ANY, NULL);
    cr_assert(json, "%s", text);
    return json;
}

static bool is_json(json_t *json, const char *text)
{
    json_t *expected = parse(text);
    bool equal = json_equal(json, expected);
    json_decref(expected);
    return equal;
}

/* --- parts --- */

Test(causal_delivery, waits_for_what_the_origin_had_seen_and_for_its_earlier_messages)
{
    const int64_t seen[3] = {2, 1, 0};
    static const struct {
        uint32_t origin;
        int64_t clock[3];
        bool next;
    } cases[] = {
        {0, {3, 0, 0}, true},                         /* its next one, and it had seen nothing */
        {0, {3, 1, 0}, true},                         /* ... or what is here */
        {0, {3, 2, 0}, false},                        /* ... or what is missing */
        {0, {3, 0, 1}, false}, {0, {4, 0, 0}, false}, /* not its next one */
        {0, {2, 0, 0}, false},                        /* again */
        {2, {2, 1, 1}, true},  {2, {3, 1, 1}, false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        cr_assert_eq(causal_is_next(seen, 3, cases[i].origin, cases[i].clock), cases[i].next,
                     "case %zu", i);
}

Test(last_writer_wins, merging_in_any_order_and_again_ends_the_same)
{
    struct random random;
    random_init(&random, 1, RANDOM_TEST, 0);
    enum { ENTRIES = 12, ROUNDS = 200 };
    for (int round = 0; round < ROUNDS; round++) {
        json_t *entries[ENTRIES], *first = json_object(), *second = json_object();
        char keys[ENTRIES][2];
        uint32_t order[ENTRIES];
        for (uint32_t i = 0; i < ENTRIES; i++) {
            keys[i][0] = (char)('a' + random_below(&random, 3));
            keys[i][1] = '\0';
            json_t *value = json_integer(i);
            entries[i] = stamped_entry(value, (struct stamp){(int64_t)random_below(&random, 4), i});
            json_decref(value);
            order[i] = i;
            stamped_merge(first, keys[i], entries[i]);
        }
        random_shuffle(&random, order, ENTRIES);
        for (uint32_t i = 0; i < 2 * ENTRIES; i++)
            stamped_merge(second, keys[order[i % ENTRIES]], entries[order[i % ENTRIES]]);
        /* time 0 is that of what was never written, and loses against it unless its id is more */
        cr_assert(json_equal(first, second));
        for (uint32_t i = 0; i < ENTRIES; i++) {
            struct stamp own = {json_integer_value(json_array_get(entries[i], 1)), i};
            cr_assert_leq(stamp_compare(own, stamped_stamp(first, keys[i])), 0);
            json_decref(entries[i]);
        }
        json_decref(first);
        json_decref(second);
    }
}

Test(last_writer_wins, some_entries_at_a_time_are_all_in_the_end)
{
    json_t *map = parse("{\"a\":[1,1,1],\"b\":[2,1,1],\"c\":[3,1,1],\"d\":[4,1,1],\"e\":[5,1,1]}");
    json_t *all = json_object();
    size_t from = 0;
    for (int i = 0; i < 3; i++) {
        json_t *some = stamped_some(map, &from, 2);
        cr_assert_leq(json_object_size(some), 2u);
        json_object_update(all, some);
        json_decref(some);
    }
    cr_assert(json_equal(all, map));
    json_decref(all);
    json_decref(map);
}

Test(operation, transactions_see_what_they_wrote_and_cas_compares)
{
    json_t *store = json_object();
    static const struct {
        const char *op, *answer; /* NULL: refused */
    } steps[] = {
        {"{\"f\":\"txn\",\"value\":[[\"r\",1,null],[\"append\",1,5],[\"r\",1,null],[\"w\",2,7]]}",
         "[[\"r\",1,null],[\"append\",1,5],[\"r\",1,[5]],[\"w\",2,7]]"},
        {"{\"f\":\"txn\",\"value\":[[\"append\",1,6],[\"r\",1,null],[\"r\",2,null]]}",
         "[[\"append\",1,6],[\"r\",1,[5,6]],[\"r\",2,7]]"},
        {"{\"f\":\"cas\",\"key\":2,\"value\":[6,8]}", NULL},
        {"{\"f\":\"read\",\"key\":2,\"value\":null}", "7"},
        {"{\"f\":\"cas\",\"key\":2,\"value\":[7,8]}", "[7,8]"},
        {"{\"f\":\"read\",\"key\":2,\"value\":null}", "8"},
        {"{\"f\":\"cas\",\"key\":3,\"value\":[7,8]}", NULL},
        {"{\"f\":\"read\",\"key\":3,\"value\":null}", "null"},
    };
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        json_t *op = parse(steps[i].op);
        cr_assert_null(operation_problem(op));
        json_t *answer = operation_perform_on(op, store);
        cr_assert(steps[i].answer ? is_json(answer, steps[i].answer) : !answer, "step %zu", i);
        json_decref(answer);
        json_decref(op);
    }
    json_decref(store);
    static const char *const strange[] = {
        "{\"f\":\"drop\"}",
        "{\"value\":1}",
        "{\"f\":\"txn\",\"value\":7}",
        "{\"f\":\"txn\",\"value\":[[\"r\",1]]}",
        "{\"f\":\"txn\",\"value\":[[\"x\",1,2]]}",
        "{\"f\":\"txn\",\"value\":[[\"r\",\"k\",2]]}",
        "{\"f\":\"cas\",\"key\":1,\"value\":4}",
    };
    for (size_t i = 0; i < sizeof strange / sizeof strange[0]; i++) {
        json_t *op = parse(strange[i]);
        cr_assert(operation_problem(op), "%s", strange[i]);
        json_decref(op);
    }
}

/* --- a cluster --- */

enum { NODES = 3, MESSAGES_MAX = 20000 };

struct cluster {
    struct specimen nodes[NODES];
    struct random random;
    struct {
        uint32_t from, to;
        json_t *message;
    } messages[MESSAGES_MAX];
    size_t count;
    uint32_t lost_percent, doubled_percent;
    int64_t request; /* the last one */
    json_t *answer;  /* to it; NULL: none yet */
};

static void cluster_send(struct specimen *node, uint32_t to, json_t *message)
{
    struct cluster *cluster = node->world;
    cr_assert_lt(cluster->count, MESSAGES_MAX);
    cluster->messages[cluster->count].from = node->self;
    cluster->messages[cluster->count].to = to;
    cluster->messages[cluster->count++].message = json_deep_copy(message);
    json_decref(message);
}

static void cluster_answer(struct specimen *node, int64_t request, json_t *answer)
{
    struct cluster *cluster = node->world;
    if (request == cluster->request && !cluster->answer)
        cluster->answer = json_incref(answer);
    json_decref(answer);
}

static struct cluster cluster;

static void cluster_open(const char *replication, const char *variant, const char *bug,
                         uint64_t seed)
{
    memset(&cluster, 0, sizeof cluster);
    random_init(&cluster.random, seed, RANDOM_TEST, 0);
    for (uint32_t i = 0; i < NODES; i++) {
        struct specimen *node = &cluster.nodes[i];
        *node = (struct specimen){.self = i,
                                  .count = NODES,
                                  .next_id = 1,
                                  .send = cluster_send,
                                  .answer = cluster_answer,
                                  .world = &cluster};
        random_init(&node->random, seed, RANDOM_TEST, 1 + i);
        cr_assert(specimen_open(node, replication, variant, bug), "%s %s", replication, bug);
    }
}

static void cluster_close(void)
{
    for (uint32_t i = 0; i < NODES; i++)
        specimen_close(&cluster.nodes[i]);
    for (size_t i = 0; i < cluster.count; i++)
        json_decref(cluster.messages[i].message);
    json_decref(cluster.answer);
}

/* Any one, which may be lost, or come again. */
static void deliver_one(void)
{
    size_t at = random_below(&cluster.random, cluster.count);
    uint32_t from = cluster.messages[at].from, to = cluster.messages[at].to;
    json_t *message = cluster.messages[at].message;
    uint64_t luck = random_below(&cluster.random, 100);
    bool is_own = from == to;
    if (is_own || luck >= cluster.lost_percent)
        cluster.nodes[to].type->message(&cluster.nodes[to], from, message);
    if (!is_own && luck >= 100 - cluster.doubled_percent)
        return;
    cluster.messages[at] = cluster.messages[--cluster.count];
    json_decref(message);
}

static void tick_all(void)
{
    for (uint32_t i = 0; i < NODES; i++) {
        cluster.nodes[i].now_ms += SPECIMEN_TICK_MS;
        cluster.nodes[i].type->tick(&cluster.nodes[i]);
    }
}

static void pass_time(int ticks)
{
    for (int i = 0; i < ticks; i++) {
        tick_all();
        for (size_t left = cluster.count; left > 0 && cluster.count > 0; left--)
            deliver_one();
    }
}

/* The answer, as long as the next request; NULL if it took too long. */
static json_t *ask(uint32_t to, const char *text)
{
    json_t *op = parse(text);
    json_decref(cluster.answer);
    cluster.answer = NULL;
    cluster.request = specimen_id(&cluster.nodes[to]);
    cluster.nodes[to].type->request(&cluster.nodes[to], cluster.request, op);
    json_decref(op);
    for (int i = 0; i < 400 && !cluster.answer; i++)
        pass_time(1);
    return cluster.answer;
}

static bool is_ok(const json_t *answer)
{
    const char *type = json_string_value(json_object_get(answer, "type"));
    return type && strcmp(type, "ok") == 0;
}

static json_t *ask_value(uint32_t to, const char *text)
{
    return json_object_get(ask(to, text), "value");
}

Test(specimens, every_one_knows_its_variants_and_bugs_and_refuses_others)
{
    for (const struct replication *const *at = replications; *at; at++) {
        const struct replication *type = *at;
        cr_assert(type->doc && type->variants[0] && type->bugs[0]);
        for (const char *const *bug = type->bugs; *bug; bug++) {
            cluster_open(type->name, NULL, *bug, 1);
            pass_time(3);
            cluster_close();
        }
        struct specimen node = {.count = NODES};
        cr_assert_not(specimen_open(&node, type->name, "no-such", ""));
        cr_assert_not(specimen_open(&node, type->name, NULL, "no-such"));
    }
    cr_assert_not(specimen_open(&(struct specimen){.count = NODES}, "no-such", NULL, ""));
}

Test(specimens, every_one_refuses_what_it_does_not_do)
{
    static const char *const strange[] = {"{}", "{\"f\":\"drop\"}", "{\"f\":\"txn\",\"value\":7}",
                                          "{\"f\":\"txn\",\"value\":[[\"x\",1,2]]}",
                                          "{\"f\":\"cas\",\"key\":1,\"value\":4}"};
    for (const struct replication *const *at = replications; *at; at++) {
        for (size_t i = 0; i < sizeof strange / sizeof strange[0]; i++) {
            cluster_open((*at)->name, NULL, "", 1);
            const json_t *answer = ask(1, strange[i]);
            cr_assert(answer && !is_ok(answer), "%s: %s", (*at)->name, strange[i]);
            cluster_close();
        }
    }
}

/* One operation after the other, each through another node, on a network that loses and doubles:
 * what is linearizable reads what was written last. */
Test(specimens, what_is_linearizable_reads_the_last_write_through_every_node)
{
    static const char *const names[] = {"primary", "chain", "quorum", "two-phase"};
    for (size_t kind = 0; kind < 4; kind++) {
        for (uint64_t seed = 0; seed < 10; seed++) {
            cluster_open(names[kind], NULL, "", seed);
            cluster.doubled_percent = 30;
            int64_t read;
            for (int64_t value = 1; value <= 12; value++) {
                char write[64];
                snprintf(write, sizeof write, "{\"f\":\"write\",\"key\":4,\"value\":%d}",
                         (int)value);
                if (!is_ok(ask((uint32_t)value % NODES, write)))
                    continue; /* a lock of before may not be gone yet */
                json_t *answer =
                    ask((uint32_t)(value + 1) % NODES, "{\"f\":\"read\",\"key\":4,\"value\":null}");
                read = json_integer_value(json_object_get(answer, "value"));
                if (is_ok(answer))
                    cr_assert_eq(read, value, "%s, seed %d", names[kind], (int)seed);
                pass_time(2);
            }
            cluster_close();
        }
    }
}

/* In the end all nodes hold the same, whatever was lost and doubled on the way. */
Test(specimens, what_is_eventual_converges_after_losses)
{
    static const struct {
        const char *name, *variant;
    } kinds[] = {{"gossip", NULL}, {"causal", NULL}, {"quorum", "weak"}, {"primary", "local"}};
    for (size_t kind = 0; kind < 4; kind++) {
        int written = 0;
        for (uint64_t seed = 0; seed < 10; seed++) {
            cluster_open(kinds[kind].name, kinds[kind].variant, "", seed);
            cluster.lost_percent = 40;
            cluster.doubled_percent = 20;
            for (int i = 1; i <= 15; i++) {
                char write[64];
                snprintf(write, sizeof write, "{\"f\":\"write\",\"key\":%d,\"value\":%d}", i % 4,
                         i);
                ask((uint32_t)random_below(&cluster.random, NODES), write);
            }
            cluster.lost_percent = cluster.doubled_percent = 0;
            pass_time(60);
            for (int key = 0; key < 4; key++) {
                char read[64];
                snprintf(read, sizeof read, "{\"f\":\"read\",\"key\":%d,\"value\":null}", key);
                int64_t first = json_integer_value(ask_value(0, read));
                written += first > 0;
                for (uint32_t node = 1; node < NODES; node++)
                    cr_assert_eq(json_integer_value(ask_value(node, read)), first, "%s, seed %d",
                                 kinds[kind].name, (int)seed);
            }
            cluster_close();
        }
        cr_assert_gt(written, 30, "%s", kinds[kind].name);
    }
}

/* Node 0 writes x, node 1 sees it and writes y: whoever sees y sees x. */
static int count_causal_violations(const char *bug)
{
    int violations = 0;
    for (uint64_t seed = 0; seed < 200; seed++) {
        cluster_open("causal", NULL, bug, seed);
        ask(0, "{\"f\":\"write\",\"key\":1,\"value\":1}");
        while (!is_json(ask_value(1, "{\"f\":\"read\",\"key\":1}"), "1") && cluster.count > 0)
            deliver_one();
        ask(1, "{\"f\":\"write\",\"key\":2,\"value\":2}");
        for (int i = 0; i < 20 && cluster.count > 0; i++) {
            deliver_one();
            json_t *both =
                ask_value(2, "{\"f\":\"txn\",\"value\":[[\"r\",1,null],[\"r\",2,null]]}");
            violations += is_json(both, "[[\"r\",1,null],[\"r\",2,2]]");
        }
        cluster_close();
    }
    return violations;
}

Test(specimens, causal_broadcast_shows_no_write_without_what_its_writer_had_seen)
{
    cr_assert_eq(count_causal_violations(""), 0);
    cr_assert_gt(count_causal_violations("drop-dependency"), 0);
}

Test(specimens, a_counter_counts_every_add_once)
{
    static const char *const bugs[] = {"", "one-cell", "deltas"};
    for (size_t i = 0; i < 3; i++) {
        cluster_open("counter", NULL, bugs[i], i);
        cluster.lost_percent = 40;
        for (int n = 0; n < 30; n++) {
            cr_assert(is_ok(ask((uint32_t)n % NODES, "{\"f\":\"add\",\"value\":2}")));
            pass_time(1);
        }
        cluster.lost_percent = 0;
        pass_time(40);
        for (uint32_t node = 0; node < NODES; node++)
            cr_assert_eq(json_integer_value(ask_value(node, "{\"f\":\"read\"}")) == 60, i == 0,
                         "bug '%s'", bugs[i]);
        cluster_close();
    }
}

Test(specimens, a_removed_element_stays_removed_and_one_added_again_comes_back)
{
    static const char *const bugs[] = {"", "lost-tombstone"};
    for (size_t i = 0; i < 2; i++) {
        cluster_open("set", NULL, bugs[i], i);
        ask(0, "{\"f\":\"add\",\"value\":7}");
        ask(0, "{\"f\":\"add\",\"value\":8}");
        pass_time(30);
        ask(0, "{\"f\":\"remove\",\"value\":7}");
        ask(0, "{\"f\":\"remove\",\"value\":8}");
        ask(0, "{\"f\":\"add\",\"value\":8}");
        pass_time(30);
        for (uint32_t node = 0; node < NODES; node++) {
            cr_assert_eq(json_is_true(ask_value(node, "{\"f\":\"contains\",\"value\":7}")), i == 1);
            cr_assert(json_is_true(ask_value(node, "{\"f\":\"contains\",\"value\":8}")));
        }
        cluster_close();
    }
}

/* Of two shards one is locked: neither installs anything. */
Test(specimens, a_transaction_that_one_shard_refuses_leaves_nothing_behind)
{
    static const char *const bugs[] = {"", "read-before-commit"};
    for (size_t i = 0; i < 2; i++) {
        int installed = 0;
        for (uint64_t seed = 0; seed < 40; seed++) {
            cluster_open("two-phase", NULL, bugs[i], seed);
            int64_t locked = 999 * SPECIMEN_NODES_MAX;
            json_t *prepare = specimen_pack("{s:s, s:I, s:[], s:[s]}", "t", "prepare", "id",
                                            (json_int_t)locked, "reads", "writes", "2");
            cluster.nodes[2].type->message(&cluster.nodes[2], 0, prepare);
            json_decref(prepare);
            json_t *answer = ask(0, "{\"f\":\"txn\",\"value\":[[\"w\",1,1],[\"w\",2,1]]}");
            cr_assert(answer && !is_ok(answer));
            pass_time(30);
            json_t *value = ask_value(1, "{\"f\":\"read\",\"key\":1,\"value\":null}");
            cr_assert(value, "the key is still locked");
            installed += !json_is_null(value);
            cluster_close();
        }
        cr_assert_eq(installed > 0, i == 1, "bug '%s'", bugs[i]);
    }
}
