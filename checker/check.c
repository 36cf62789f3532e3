#include "checker/check.h"

#include "checker/check_run.h"
#include "core/clock.h"
#include "core/err.h"
#include "core/errbuf.h"
#include "core/strbuf.h"

#include <stdlib.h>
#include <string.h>

/* --- one key --- */

static struct object object_of(const struct check_run *run, uint32_t index)
{
    const struct operations_key *key = &run->all->keys[index];
    return (struct object){.all = run->all,
                           .values = run->all->values,
                           .has_key = key->has_key,
                           .key = key->key,
                           .count = key->count,
                           .ok = key->ok,
                           .failed = key->failed,
                           .crashed = key->crashed};
}

/* Gathers the operations of a key, and has them judged. */
static int check_object(struct check_worker *worker, uint32_t index, struct strbuf *details,
                        struct errbuf *err)
{
    struct check_run *run = worker->run;
    struct check_key *out = &run->result->keys[index];
    struct object object = object_of(run, index);
    size_t size = object.count * sizeof *object.ops;
    struct operation *ops = budget_alloc(&worker->budget, size);
    if (!ops) {
        out->cause = check_cause_memory;
        return 0;
    }
    operations_of_key(run->all, index, ops);
    object.ops = ops;
    int rc = run->checker ? check_other_object(worker, &object, out, details, err)
                          : check_linear_object(worker, &object, out, err);
    budget_free(&worker->budget, ops, size);
    return rc;
}

static int check_key(struct check_worker *worker, uint32_t index, int64_t deadline_ns,
                     struct strbuf *details, struct errbuf *err)
{
    struct check_key *key = &worker->run->result->keys[index];
    int64_t start_ns = monotonic_ns();
    budget_set_deadline(&worker->budget, deadline_ns);
    key->cause = NULL;
    int rc = check_object(worker, index, details, err);
    key->elapsed_ns += monotonic_ns() - start_ns;
    return rc;
}

int check_set_witness(struct check_worker *worker, const struct object *object,
                      const uint32_t *numbers, uint32_t count, uint32_t failing,
                      struct check_key *out, struct errbuf *err)
{
    uint32_t *events = arena_alloc(worker->arena, count * sizeof *events);
    struct operation *ops = arena_alloc(worker->arena, count * sizeof *ops);
    if (!events || !ops)
        return errbuf_set(err, ERR_NOMEM, "no memory for a witness of %u operations", count);
    out->failing = UINT32_MAX;
    for (uint32_t i = 0; i < count; i++) {
        ops[i] = object->ops[numbers[i]];
        events[i] = (uint32_t)operations_index(object->all, ops[i].invoke);
        if (numbers[i] == failing)
            out->failing = i;
    }
    out->witness = events;
    out->witness_ops = ops;
    out->witness_count = count;
    return 0;
}

/* --- the keys, smallest first --- */

struct turn {
    uint32_t operations;
    uint32_t key;
};

static int compare_turns(const void *a, const void *b)
{
    const struct turn *x = a, *y = b;
    if (x->operations != y->operations)
        return x->operations < y->operations ? -1 : 1;
    return x->key < y->key ? -1 : x->key > y->key;
}

static bool is_to_do(const struct check_run *run, uint32_t key, bool again)
{
    return !again || run->result->keys[key].cause == check_cause_time;
}

/* Each key may take its equal part of the time that is left, so that one hard key costs no other
 * its verdict; what easy ones leave over goes to those after them, the largest. */
static int check_round(struct check_worker *worker, const struct turn *turns, bool again,
                       struct errbuf *err)
{
    const struct check_run *run = worker->run;
    int64_t deadline_ns = run->deadline_ns;
    uint32_t left = 0;
    for (uint32_t i = 0; i < run->all->key_count; i++)
        left += is_to_do(run, turns[i].key, again);
    for (uint32_t i = 0; i < run->all->key_count; i++) {
        if (!is_to_do(run, turns[i].key, again))
            continue;
        int64_t now_ns = monotonic_ns();
        if (again && deadline_ns && now_ns >= deadline_ns)
            return 0;
        int64_t share_ns = deadline_ns ? now_ns + (deadline_ns - now_ns) / left : 0;
        int rc = check_key(worker, turns[i].key, share_ns, NULL, err);
        if (rc != 0)
            return rc;
        left--;
    }
    return 0;
}

static int check_keys(struct check_worker *worker, struct errbuf *err)
{
    const struct check_run *run = worker->run;
    struct turn *turns = malloc((run->all->key_count + 1) * sizeof *turns);
    if (!turns)
        return errbuf_set(err, ERR_NOMEM, "no memory to order %u keys", run->all->key_count);
    for (uint32_t i = 0; i < run->all->key_count; i++)
        turns[i] = (struct turn){.operations = run->all->keys[i].count, .key = i};
    qsort(turns, run->all->key_count, sizeof *turns, compare_turns);
    int rc = check_round(worker, turns, false, err);
    if (rc == 0 && run->deadline_ns && run->all->key_count > 1)
        rc = check_round(worker, turns, true, err);
    free(turns);
    return rc;
}

/* --- the result --- */

static int make_keys(struct check_run *run, struct errbuf *err)
{
    struct check_result *result = run->result;
    result->keys = arena_zalloc(&result->arena, run->all->key_count, sizeof *result->keys);
    if (!result->keys)
        return errbuf_set(err, ERR_NOMEM, "no memory for the verdicts of %u keys",
                          run->all->key_count);
    result->key_count = run->all->key_count;
    for (uint32_t i = 0; i < run->all->key_count; i++) {
        const struct operations_key *key = &run->all->keys[i];
        result->keys[i] = (struct check_key){.has_key = key->has_key,
                                             .key = value_pool_get(run->all->values, key->key),
                                             .verdict = VERDICT_UNKNOWN,
                                             .operations = key->count,
                                             .ok = key->ok,
                                             .failed = key->failed,
                                             .crashed = key->crashed,
                                             .proven_until_ns = -1};
    }
    return 0;
}

/* --- all together --- */

static int no_such_model(const char *name, struct errbuf *err)
{
    struct strbuf names = STRBUF_INIT;
    struct check_model model;
    for (size_t i = 0; check_model_get(i, &model); i++)
        strbuf_printf(&names, "%s%s", i == 0 ? "" : ", ", model.name);
    errbuf_set(err, ERR_INPUT, "no model \"%s\"; there are: %s", name ? name : "",
               strbuf_ok(&names) ? names.text : "");
    strbuf_fini(&names);
    return ERR_INPUT;
}

/* --- checkers that look at the history as a whole, or key by key --- */

static int check_others(struct check_worker *worker, struct errbuf *err)
{
    struct check_run *run = worker->run;
    struct strbuf details = STRBUF_INIT;
    int rc = 0;
    for (uint32_t i = 0; i < run->all->key_count && rc == 0; i++)
        rc = check_key(worker, i, run->deadline_ns, &details, err);
    if (rc == 0 && details.length > 0) {
        strbuf_puts(&details, "]}");
        run->result->details_json =
            strbuf_ok(&details) ? arena_strdup(&run->result->arena, details.text) : NULL;
        if (!run->result->details_json)
            rc = errbuf_set(err, ERR_NOMEM, "no memory for the findings");
    }
    strbuf_fini(&details);
    return rc;
}

static int check_all(struct check_run *run, struct errbuf *err)
{
    const struct check_options *options = run->options;
    struct check_worker worker = {.run = run, .arena = &run->result->arena};
    size_t held = operations_bytes(run->all), limit = options->memory_limit_bytes;
    budget_init(&worker.budget, 0, limit == 0 ? 0 : limit > held ? limit - held : 1);
    int rc = make_keys(run, err);
    if (rc == 0)
        rc = run->checker ? check_others(&worker, err) : check_keys(&worker, err);
    run->result->memory_peak_bytes = worker.budget.bytes_peak;
    return rc != 0 ? rc : check_summarize(run, err);
}

static int64_t find_deadline(const struct check_options *options, int64_t start_ns)
{
    int64_t limit_ns = options->time_limit_ns > 0 ? start_ns + options->time_limit_ns : 0;
    if (options->deadline_ns > 0 && (limit_ns == 0 || options->deadline_ns < limit_ns))
        return options->deadline_ns;
    return limit_ns;
}

static int find_algorithm(struct check_run *run, struct errbuf *err)
{
    const char *name = run->options->algorithm;
    if (!name)
        return 0;
    run->forced = algorithm_find(name);
    if (!run->forced) {
        struct strbuf names = STRBUF_INIT;
        for (const struct algorithm *const *at = algorithm_table; *at; at++)
            strbuf_printf(&names, "%s%s", at == algorithm_table ? "" : ", ", (*at)->name);
        errbuf_set(err, ERR_INPUT, "no algorithm \"%s\"; there are: %s", name,
                   strbuf_ok(&names) ? names.text : "");
        strbuf_fini(&names);
        return ERR_INPUT;
    }
    if (run->checker || !algorithm_decides(run->forced, run->model->name))
        return errbuf_set(err, ERR_INPUT, "the algorithm %s does not decide the model %s", name,
                          run->options->model);
    return 0;
}

int check_history(struct operations *all, const struct check_options *options,
                  struct check_result *result, struct errbuf *err)
{
    int64_t start_ns = monotonic_ns();
    struct check_run run = {.all = all,
                            .options = options,
                            .model = options->model ? model_find(options->model) : NULL,
                            .checker = options->model ? checker_find(options->model) : NULL,
                            .result = result,
                            .deadline_ns = find_deadline(options, start_ns)};
    if (!run.model && !run.checker)
        return no_such_model(options->model, err);
    int rc = find_algorithm(&run, err);
    if (rc != 0)
        return rc;
    *result = (struct check_result){.model = run.model ? run.model->name : run.checker->name};
    arena_init(&result->arena, 0);
    rc = check_all(&run, err);
    result->elapsed_ns = monotonic_ns() - start_ns;
    if (rc != 0)
        check_result_fini(result);
    return rc;
}

void check_result_fini(struct check_result *result)
{
    for (unsigned i = 0; i < result->worker_count; i++)
        arena_fini(&result->worker_arenas[i]);
    arena_fini(&result->arena);
    *result = (struct check_result){0};
}
