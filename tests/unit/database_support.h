/* Databases on nodes of a real remote, run in processes of their own and cleaned up after. */
#ifndef TESTS_DATABASE_SUPPORT_H
#define TESTS_DATABASE_SUPPORT_H

#include "core/arena.h"
#include "injector/database.h"
#include "injector/database_description.h"
#include "injector/events.h"
#include "injector/shipped.h"
#include "injector/yaml_tree.h"
#include "unit/remote_support.h"

#include <jansson.h>

/* A database on nodes, in a folder whose name would harm any shell. */
struct bench {
    const struct remote_type *type;
    struct arena arena;
    struct clock clock;
    struct node nodes[NODES_MAX];
    struct cluster cluster;
    struct journal *journal;
    struct events *events;
    struct remote *remote;
    const struct database *database;
    struct database_run *run;
    char dir[80];
    char events_path[96];
    struct errbuf err;
};

static const char *const names[] = {"n1", "n2", "n3", "n4", "n5", "n6", "n7"};

static inline void load(struct bench *b, const char *text)
{
    struct yaml_node *node;
    shipped_set_dir(SOURCE_DIR "/workloads");
    CHECK(yaml_tree_parse("d.yaml", text, strlen(text), &b->arena, &node, &b->err) == 0, "%s",
          b->err.text);
    CHECK(database_load(node, "database", ".", &b->arena, &b->database, &b->err) == 0, "%s",
          b->err.text);
}

/* The folder of all benches of a scenario; each has one of its own in it. */
static char scenario_dir[64];

static inline void open_bench(struct bench *b, const char *remote, uint32_t count, const char *text)
{
    char path[128];
    *b = (struct bench){.type = remote_find(remote)};
    arena_init(&b->arena, 0);
    clock_init_real(&b->clock);
    load(b, text);
    if (b->type->enter_privileges)
        CHECK(b->type->enter_privileges(&b->err) == 0, "%s", b->err.text);
    static unsigned number;
    snprintf(b->dir, sizeof b->dir, "%s/%u", scenario_dir, number++);
    CHECK(mkdir(b->dir, 0755) == 0);
    for (uint32_t i = 0; i < count; i++)
        b->nodes[i] = (struct node){.name = names[i], .index = i};
    b->cluster = (struct cluster){.nodes = b->nodes, .count = count};
    snprintf(path, sizeof path, "%s/journal.jsonl", b->dir);
    CHECK(journal_open(path, &b->journal, &b->err) == 0, "%s", b->err.text);
    snprintf(b->events_path, sizeof b->events_path, "%s/events.jsonl", b->dir);
    CHECK(events_open(b->events_path, &b->clock, &b->events, &b->err) == 0, "%s", b->err.text);
    snprintf(path, sizeof path, "%s/nodes", b->dir);
    struct remote_config config = {.run_name = "test", .dir = path, .journal = b->journal};
    CHECK(b->type->open(&config, &b->cluster, &b->remote, &b->err) == 0, "%s", b->err.text);
    CHECK(b->type->enter(b->remote, &b->err) == 0, "%s", b->err.text);
    CHECK(database_run_new(b->database, b->remote, &b->cluster, b->events, &b->run, &b->err) == 0);
}

static inline void close_bench(struct bench *b)
{
    database_run_free(b->run);
    b->type->close(b->remote);
    events_close(b->events);
    journal_close(b->journal);
    remove_temporary(b->dir);
    arena_fini(&b->arena);
}

static inline void heal_benches(void)
{
    char path[128];
    struct heal_report report;
    for (unsigned i = 0; i < 4; i++) {
        snprintf(path, sizeof path, "%s/%u/journal.jsonl", scenario_dir, i);
        if (access(path, F_OK) == 0)
            journal_heal(path, &report, NULL);
    }
}

struct scenario {
    void (*act)(void *context);
    void *context;
};

/* In one more process: a scenario that fails ends at once, and leaves its nodes to us. */
static inline void act_and_clean_up(void *context)
{
    const struct scenario *scenario = context;
    int status;
    strcpy(scenario_dir, "/tmp/faultline db '$(x)' XXXXXX");
    CHECK(mkdtemp(scenario_dir) != NULL);
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        scenario->act(scenario->context);
        fflush(NULL);
        _exit(0);
    }
    CHECK(waitpid(child, &status, 0) == child);
    heal_benches();
    remove_temporary(scenario_dir);
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0, "status %#x", (unsigned)status);
}

static inline void run_bench(void (*act)(void *context), void *context)
{
    struct scenario scenario = {act, context};
    run_scenario(AS_USER, act_and_clean_up, &scenario);
}

/* The states of a node's process so far, as "started ready killed". */
static inline void states_of(const struct bench *b, const char *node, char *out, size_t size)
{
    char *text = file_text(b->events_path);
    out[0] = '\0';
    for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
        json_t *event = json_loads(line, 0, NULL);
        const char *name = json_string_value(json_object_get(event, "node"));
        const char *state =
            json_string_value(json_object_get(json_object_get(event, "detail"), "state"));
        size_t used = strlen(out);
        if (name && state && strcmp(name, node) == 0)
            snprintf(out + used, size - used, "%s%s", used ? " " : "", state);
        json_decref(event);
    }
    free(text);
}

static inline void expect_states(const struct bench *b, const char *node, const char *wanted)
{
    char states[512];
    states_of(b, node, states, sizeof states);
    CHECK(strcmp(states, wanted) == 0, "states of %s: %s", node, states);
}

static inline char *node_file(const struct bench *b, uint32_t node, const char *name)
{
    char path[256];
    snprintf(path, sizeof path, "%s/%s", b->nodes[node].dir, name);
    return file_text(path);
}

/* The file, once it has a text as long as this. */
static inline char *await_text(const struct bench *b, uint32_t node, const char *name,
                               size_t length)
{
    for (int64_t deadline = monotonic_ns() + PATIENCE_NS;; sleep_ns(NS_PER_MS)) {
        char *text = node_file(b, node, name);
        if (strlen(text) >= length || monotonic_ns() > deadline)
            return text;
        free(text);
    }
}

#define SLEEPER "{name: sleeper, start: {run: [sleep, '1000']}"

#endif
