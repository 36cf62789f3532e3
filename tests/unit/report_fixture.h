/* A run's folder as a real run leaves it: a simulated register under faults, its history, the real
 * checker's document, events and a plan. For the tests of report/ only. */
#ifndef TESTS_REPORT_FIXTURE_H
#define TESTS_REPORT_FIXTURE_H

#include "checker/check.h"
#include "core/clock.h"
#include "core/errbuf.h"
#include "core/history_jsonl.h"
#include "core/operations_from.h"
#include "core/random.h"
#include "core/strbuf.h"

#include <jansson.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define FIXTURE __attribute__((unused)) static

enum { FIXTURE_CLIENTS = 10, FIXTURE_PER_KEY = 400 };

struct fixture_config {
    size_t operations;      /* 200 a second */
    size_t stale_from;      /* reads of key 1 return an old value from here on; 0 = never */
    size_t faults;          /* every 5 s for 4 s: partition, kill, pause, ... */
    size_t faults_unproven; /* of which the first ones had no effect */
    const char *verdict;    /* NULL = the checker's */
    const char *error;      /* what went wrong; may be NULL */
    size_t time_limit_ns;   /* of the check; 0 = none */
    const char *evil;       /* text put wherever text of others may be; may be NULL */
};

struct fixture_op {
    int64_t begin_ns, point_ns, end_ns;
    int64_t key, value, expected;
    int32_t process;
    symbol f;
    uint8_t outcome;
    bool applies;
};

/* --- files --- */

FIXTURE void fixture_write(const char *dir, const char *name, const char *text, size_t length)
{
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%.4000s/%.90s", dir, name);
    FILE *file = fopen(path, "w");
    if (!file || fwrite(text, 1, length, file) != length || fclose(file) != 0)
        abort();
}

FIXTURE char *fixture_read(const char *dir, const char *name)
{
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%.4000s/%.90s", dir, name);
    FILE *file = fopen(path, "r");
    if (!file)
        return NULL;
    char *text = NULL;
    size_t size = 0;
    if (getdelim(&text, &size, '\0', file) < 0)
        text = strdup("");
    fclose(file);
    return text;
}

FIXTURE void fixture_remove(const char *dir)
{
    pid_t child = fork();
    if (child == 0) {
        execlp("rm", "rm", "-rf", dir, (char *)NULL);
        _exit(127);
    }
    waitpid(child, NULL, 0);
}

FIXTURE size_t fixture_count(const char *text, const char *what)
{
    size_t count = 0;
    for (const char *at = text; (at = strstr(at, what)); at += strlen(what))
        count++;
    return count;
}

/* --- markup --- */

#define NAME_CHARS "abcdefghijklmnopqrstuvwxyz0123456789"

/* Past an element's tag; NULL, and *problem, if it is not one. */
FIXTURE const char *fixture_tag(const char *at, const char *stack[], size_t *depth,
                                const char **problem)
{
    bool closing = at[1] == '/';
    const char *name = at + 1 + closing, *end = name;
    size_t length = strspn(name, NAME_CHARS);
    for (bool quoted = false; *end && (quoted || *end != '>'); end++) {
        quoted ^= *end == '"';
        if (*end == '<')
            *problem = at;
    }
    if (length == 0 || !*end || *problem)
        *problem = at;
    else if (closing && (*depth == 0 || strncmp(stack[--*depth], name, length) != 0 ||
                         strspn(stack[*depth], NAME_CHARS) != length))
        *problem = at;
    else if (!closing && end[-1] != '/')
        stack[(*depth)++] = name;
    return *problem || *depth > 60 ? NULL : end + 1;
}

/* NULL if every element is closed in order, every attribute is quoted, every & begins an entity,
 * and there is no control character; else where the trouble is. */
FIXTURE const char *fixture_markup_problem(const char *html)
{
    const char *stack[64], *problem = NULL, *at = html + strlen("<!DOCTYPE html>");
    size_t depth = 0;
    if (strncmp(html, "<!DOCTYPE html>", strlen("<!DOCTYPE html>")) != 0)
        return html;
    while (*at) {
        if (strncmp(at, "//<![CDATA[", 11) == 0) {
            at = strstr(at, "//]]>");
            if (!at)
                return html;
            at += strlen("//]]>");
            continue;
        }
        if (*at == '<') {
            if (!(at = fixture_tag(at, stack, &depth, &problem)))
                return problem ? problem : html;
            continue;
        }
        bool entity = strncmp(at, "&amp;", 5) == 0 || strncmp(at, "&lt;", 4) == 0 ||
                      strncmp(at, "&gt;", 4) == 0 || strncmp(at, "&quot;", 6) == 0 ||
                      strncmp(at, "&#39;", 5) == 0;
        if ((*at == '&' && !entity) || ((unsigned char)*at < ' ' && *at != '\n' && *at != '\t'))
            return at;
        at++;
    }
    return depth == 0 ? NULL : stack[depth - 1];
}

/* --- the simulated register --- */

FIXTURE int64_t fixture_fault_begin(size_t fault)
{
    return (int64_t)(2 + 5 * fault) * NS_PER_S;
}

FIXTURE bool fixture_in_fault(const struct fixture_config *config, int64_t time_ns)
{
    int64_t at = time_ns - 2 * NS_PER_S;
    return at >= 0 && (size_t)(at / (5 * NS_PER_S)) < config->faults &&
           at % (5 * NS_PER_S) < 4 * NS_PER_S;
}

FIXTURE int64_t fixture_latency(struct random *random, bool fault)
{
    double latency = 0.9e6 / (1.0001 - random_unit(random)) * (0.6 + random_unit(random));
    if (fault && random_below(random, 4) == 0)
        latency += 3e8 * random_unit(random);
    return (int64_t)(latency < 9e8 ? latency : 9e8);
}

FIXTURE void fixture_choose(struct fixture_op *op, struct random *random, size_t number, bool fault)
{
    static const symbol functions[] = {F_READ, F_READ, F_WRITE, F_CAS};
    op->f = functions[random_below(random, 4)];
    op->key = (int64_t)(number / (FIXTURE_PER_KEY * 4) * 4 + number % 4) + 1;
    op->value = random_between(random, 0, 4);
    op->expected = random_between(random, 0, 4);
    op->outcome = OP_OK;
    op->applies = true;
    uint64_t luck = random_below(random, 100);
    if (fault && luck < 6) {
        op->outcome = OP_FAIL;
        op->applies = false;
    } else if (fault && luck < 8 && op->f != F_READ) {
        op->outcome = OP_INFO;
        op->applies = luck == 6;
    }
}

FIXTURE struct fixture_op *fixture_schedule(const struct fixture_config *config)
{
    struct random random;
    random_init(&random, 7, RANDOM_TEST, 0);
    struct fixture_op *ops = calloc(config->operations + 1, sizeof *ops);
    int64_t free_at[FIXTURE_CLIENTS] = {0}, now = NS_PER_S / 2;
    int32_t process[FIXTURE_CLIENTS];
    for (int i = 0; i < FIXTURE_CLIENTS; i++)
        process[i] = i;
    for (size_t i = 0; i < config->operations; i++) {
        struct fixture_op *op = &ops[i];
        size_t client = 0;
        now += (int64_t)(random_unit(&random) * 10e6);
        for (size_t c = 0; c < FIXTURE_CLIENTS; c++)
            client = free_at[c] < free_at[client] ? c : client;
        now = free_at[client] > now ? free_at[client] + 1000 : now;
        bool fault = fixture_in_fault(config, now);
        fixture_choose(op, &random, i, fault);
        op->process = process[client];
        op->begin_ns = now;
        op->end_ns = now + (op->outcome == OP_INFO ? NS_PER_S : fixture_latency(&random, fault));
        op->point_ns = now + (int64_t)(random_unit(&random) * (double)(op->end_ns - now));
        free_at[client] = op->end_ns;
        if (op->outcome == OP_INFO)
            process[client] += FIXTURE_CLIENTS;
    }
    return ops;
}

FIXTURE int fixture_compare_points(const void *a, const void *b)
{
    const struct fixture_op *left = *(struct fixture_op *const *)a;
    const struct fixture_op *right = *(struct fixture_op *const *)b;
    return (left->point_ns > right->point_ns) - (left->point_ns < right->point_ns);
}

/* Lets every operation happen at its point; -1 is nil. */
FIXTURE void fixture_apply(const struct fixture_config *config, struct fixture_op *ops)
{
    size_t count = config->operations;
    struct fixture_op **order = malloc((count + 1) * sizeof(struct fixture_op *));
    int64_t *value = malloc((count + 8) * sizeof *value), stale = 99;
    for (size_t i = 0; i < count; i++)
        order[i] = &ops[i];
    for (size_t i = 0; i < count + 8; i++)
        value[i] = -1;
    qsort(order, count, sizeof(struct fixture_op *), fixture_compare_points);
    for (size_t i = 0; i < count; i++) {
        struct fixture_op *op = order[i];
        int64_t *at = &value[op->key];
        if (op->f == F_READ) {
            bool lie = config->stale_from && op->key == 1 && i > config->stale_from && stale != *at;
            op->value = lie && stale != 99 ? stale : *at;
        } else if (op->f == F_CAS && op->applies && *at != op->expected) {
            op->outcome = op->outcome == OP_OK ? OP_FAIL : op->outcome;
        } else if (op->applies) {
            if (op->key == 1 && i < config->stale_from)
                stale = *at;
            *at = op->value;
        }
    }
    free(order);
    free(value);
}

/* --- the history --- */

struct fixture_event {
    int64_t time_ns;
    const struct fixture_op *op;
    bool is_end;
};

FIXTURE int fixture_compare_events(const void *a, const void *b)
{
    const struct fixture_event *left = a, *right = b;
    if (left->time_ns != right->time_ns)
        return left->time_ns < right->time_ns ? -1 : 1;
    return (int)right->is_end - (int)left->is_end;
}

FIXTURE struct op fixture_op_event(const struct fixture_event *event, const char *evil,
                                   struct value items[2])
{
    const struct fixture_op *op = event->op;
    struct op out = {.time_ns = event->time_ns,
                     .process = op->process,
                     .f = op->f,
                     .type = event->is_end ? op->outcome : OP_INVOKE,
                     .has_key = true,
                     .key = evil ? value_string(evil) : value_int(op->key),
                     .value = value_int(op->value)};
    if (op->f == F_CAS) {
        items[0] = value_int(op->expected);
        items[1] = value_int(op->value);
        out.value = value_items(VALUE_LIST, items, 2);
    }
    if (op->f == F_READ && (!event->is_end || op->outcome != OP_OK || op->value < 0))
        out.value = value_nil();
    if (event->is_end && op->outcome != OP_OK)
        out.error = evil ? evil : op->outcome == OP_FAIL ? "refused" : "timed out after 1 s";
    return out;
}

FIXTURE void fixture_history(const struct fixture_config *config, const struct fixture_op *ops,
                             struct history *history, struct strbuf *text)
{
    size_t count = 2 * config->operations;
    struct fixture_event *events = calloc(count + 1, sizeof *events);
    for (size_t i = 0; i < config->operations; i++) {
        events[2 * i] = (struct fixture_event){ops[i].begin_ns, &ops[i], false};
        events[2 * i + 1] = (struct fixture_event){ops[i].end_ns, &ops[i], true};
    }
    qsort(events, count, sizeof *events, fixture_compare_events);
    for (size_t i = 0; i < count; i++) {
        struct value items[2];
        struct op op = fixture_op_event(&events[i], config->evil, items);
        op.index = (int64_t)i;
        if (history_append(history, &op, NULL) != 0)
            abort();
        history_jsonl_write(text, &op);
    }
    free(events);
}

/* --- results.json and events.jsonl --- */

FIXTURE json_t *fixture_text(const char *text, const char *evil)
{
    return json_string(evil ? evil : text);
}

FIXTURE json_t *fixture_faults(const struct fixture_config *config)
{
    static const struct {
        const char *fault, *description, *evidence;
    } kinds[] = {
        {"partition", "halves: n1 n4 | n2 n3 n5", "1,204 packets dropped on n1 n4"},
        {"kill", "minority: n2 n5", "process gone on n2 n5; started again"},
        {"partition", "majorities ring", "3,310 packets dropped on n1 n2 n3 n4 n5"},
        {"pause", "one: n3", "process stopped (state T) on n3; it ran again"},
    };
    json_t *list = json_array();
    for (size_t i = 0; i < config->faults; i++) {
        int64_t begin = fixture_fault_begin(i);
        bool proven = i >= config->faults_unproven;
        json_array_append_new(
            list, json_pack("{s:i, s:s, s:o, s:[s, s], s:I, s:I, s:b, s:o, s:s, s:i}", "id", (int)i,
                            "fault", kinds[i % 4].fault, "description",
                            fixture_text(kinds[i % 4].description, config->evil), "nodes", "n1",
                            "n4", "injected_ns", (json_int_t)begin, "healed_ns",
                            (json_int_t)(begin + 4 * NS_PER_S), "proven", (int)proven, "evidence",
                            fixture_text(proven ? kinds[i % 4].evidence : "no packet was dropped",
                                         config->evil),
                            "error", "", "client_operations_overlapping", 812));
    }
    return list;
}

FIXTURE json_t *fixture_check(const struct fixture_config *config, const struct history *history,
                              enum verdict *verdict, char *summary, size_t size)
{
    struct check_options options = {.model = "cas-register",
                                    .time_limit_ns = (int64_t)config->time_limit_ns};
    struct check_result result;
    struct errbuf err = ERRBUF_INIT;
    struct operations all;
    if (operations_from_history(&all, history, 0, &err) != 0 ||
        check_history(&all, &options, &result, &err) != 0) {
        fprintf(stderr, "%s\n", err.text);
        abort();
    }
    *verdict = result.verdict;
    snprintf(summary, size, "%.900s", result.summary);
    char *text = check_result_json(&result, &all);
    json_t *json = text ? json_loads(text, 0, NULL) : NULL;
    free(text);
    check_result_fini(&result);
    operations_fini(&all);
    return json;
}

FIXTURE int fixture_status(const char *verdict)
{
    static const char *const names[] = {"valid", "invalid", "unknown", "vacuous"};
    for (int i = 0; i < 4; i++)
        if (strcmp(names[i], verdict) == 0)
            return i;
    return 255;
}

FIXTURE void fixture_results(const char *dir, const struct fixture_config *config,
                             const struct fixture_op *ops, const struct history *history)
{
    char summary[1024] = "";
    enum verdict found = VERDICT_UNKNOWN;
    json_t *check = config->error ? NULL : fixture_check(config, history, &found, summary, 1024);
    const char *verdict = config->verdict ? config->verdict : verdict_name(found);
    int count[4] = {0};
    for (size_t i = 0; i < config->operations; i++)
        count[ops[i].outcome]++;
    int64_t end = (int64_t)config->operations * 5 * NS_PER_MS;
    json_t *json = json_pack(
        "{s:s, s:o, s:s, s:I, s:s, s:s, s:i, s:{s:s, s:[{s:s, s:s}, {s:s, s:s}, {s:s, s:s}], s:i},"
        " s:{s:s, s:s}, s:{s:s, s:s, s:s, s:i, s:f}, s:I, s:[{s:s, s:I, s:I}, {s:s, s:I, s:I}, "
        "{s:s, s:I, s:I}], s:{s:I, s:I, s:I, s:I}, s:o, s:b, s:o*, s:[s*]}",
        "faultline", "0.1.0", "name", fixture_text("etcd-register", config->evil), "started",
        "2026-03-01T12:34:56.123456Z", "seed", (json_int_t)42, "verdict", verdict, "summary",
        config->error ? config->error : summary, "exit_status", fixture_status(verdict), "cluster",
        "remote", "netns", "nodes", "name", "n1", "address", "10.77.0.11", "name", "n2", "address",
        "10.77.0.12", "name", "n3", "address", "10.77.0.13", "failure_tolerance", 1, "database",
        "name", "etcd", "version", "etcd Version: 3.4.23", "workload", "name", "register", "client",
        "etcd", "model", "cas-register", "concurrency", FIXTURE_CLIENTS, "rate", 200.0,
        "duration_ns", (json_int_t)(end + 5 * NS_PER_S), "phases", "phase", "nodes", "begin_ns",
        (json_int_t)0, "end_ns", (json_int_t)NS_PER_S / 4, "phase", "drive", "begin_ns",
        (json_int_t)NS_PER_S / 2, "end_ns", (json_int_t)end, "phase", "check", "begin_ns",
        (json_int_t)end, "end_ns", (json_int_t)(end + NS_PER_S / 5), "operations", "invoked",
        (json_int_t)config->operations, "ok", (json_int_t)count[OP_OK], "fail",
        (json_int_t)count[OP_FAIL], "info", (json_int_t)count[OP_INFO], "faults",
        fixture_faults(config), "history_truncated", 0, "check", check, "errors", config->error);
    char *text = json ? json_dumps(json, JSON_INDENT(1)) : NULL;
    if (!text)
        abort();
    fixture_write(dir, "results.json", text, strlen(text));
    free(text);
    json_decref(json);
}

FIXTURE void fixture_events(const char *dir, const struct fixture_config *config)
{
    struct strbuf out = STRBUF_INIT;
    for (size_t i = 0; i < config->faults; i++) {
        long long begin = fixture_fault_begin(i), end = begin + 4 * NS_PER_S;
        const char *fault = i % 4 == 1 ? "kill" : i % 4 == 3 ? "pause" : "partition";
        strbuf_printf(&out,
                      "{\"t\":%lld,\"event\":\"fault\",\"detail\":{\"id\":%zu,\"fault\":\"%s\","
                      "\"state\":\"injected\",\"description\":\"halves\",\"nodes\":\"n1 n4\"}}\n",
                      begin, i, fault);
        strbuf_printf(&out,
                      "{\"time\":\"x\",\"t\":%lld,\"node\":\"n2\",\"event\":\"process\",\"detail\":"
                      "{\"state\":\"%s\",\"pid\":4711}}\n",
                      begin + 1000, i % 4 == 3 ? "paused" : "killed");
        strbuf_printf(&out,
                      "{\"t\":%lld,\"event\":\"fault\",\"detail\":{\"id\":%zu,\"fault\":\"%s\","
                      "\"state\":\"observed\",\"proven\":true,\"evidence\":\"seen\"}}\n",
                      end - 1000, i, fault);
        strbuf_printf(&out,
                      "{\"t\":%lld,\"event\":\"fault\",\"detail\":{\"id\":%zu,\"fault\":\"%s\","
                      "\"state\":\"healed\"}}\n",
                      end, i, fault);
    }
    strbuf_puts(&out, "{\"t\":1,\"event\":\"run\",\"detail\":{\"message\":");
    const char *message = config->evil ? config->evil : "the database took 3 s to recover";
    strbuf_put_json_string(&out, message, strlen(message));
    strbuf_puts(&out, "}}\n");
    fixture_write(dir, "events.jsonl", out.text, out.length);
    strbuf_fini(&out);
}

/* Fills the folder, which must exist. */
FIXTURE void fixture_make(const char *dir, const struct fixture_config *config)
{
    static const char plan[] = "name: etcd-register\ncluster:\n  remote: netns\n  nodes: 5\n";
    struct history history;
    struct strbuf text = STRBUF_INIT;
    history_init(&history);
    struct fixture_op *ops = fixture_schedule(config);
    fixture_apply(config, ops);
    fixture_history(config, ops, &history, &text);
    fixture_write(dir, "history.jsonl", text.text ? text.text : "", text.length);
    fixture_results(dir, config, ops, &history);
    fixture_events(dir, config);
    const char *shown = config->evil ? config->evil : plan;
    fixture_write(dir, "plan.yaml", shown, strlen(shown));
    free(ops);
    strbuf_fini(&text);
    history_fini(&history);
}

#endif
