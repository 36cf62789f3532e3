#include "checker/check.h"

#include "checker/check_run.h"
#include "checker/check_schedule.h"
#include "checker/user_model.h"
#include "core/clock.h"
#include "core/err.h"
#include "core/errbuf.h"
#include "core/strbuf.h"
#include "core/suggest.h"

#include <string.h>

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

/* --- the result --- */

static struct check_key key_of(const struct check_run *run, uint32_t index)
{
    const struct operations_key *key = &run->all->keys[index];
    return (struct check_key){.has_key = key->has_key,
                              .key = value_pool_get(run->all->values, key->key),
                              .verdict = VERDICT_UNKNOWN,
                              .operations = key->count,
                              .ok = key->ok,
                              .failed = key->failed,
                              .crashed = key->crashed,
                              .proven_until_ns = -1};
}

/* The objects, as many as are judged by themselves. */
static int make_keys(struct check_run *run, struct errbuf *err)
{
    struct check_result *result = run->result;
    uint32_t count = run->object_count;
    result->keys = arena_zalloc(&result->arena, count, sizeof *result->keys);
    run->details = arena_zalloc(&result->arena, count, sizeof *run->details);
    if (!result->keys || !run->details)
        return errbuf_set(err, ERR_NOMEM, "no memory for the verdicts of %u keys", count);
    result->key_count = count;
    for (uint32_t i = 0; i < count; i++)
        result->keys[i] = key_of(run, i);
    for (uint32_t i = count; count > 0 && i < run->all->key_count; i++) {
        const struct operations_key *more = &run->all->keys[i];
        struct check_key *whole = &result->keys[0];
        whole->has_key = false;
        whole->operations += more->count;
        whole->ok += more->ok;
        whole->failed += more->failed;
        whole->crashed += more->crashed;
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
    const char *known = strbuf_ok(&names) ? names.text : "";
    errbuf_set(err, ERR_INPUT, "no model \"%s\"; %sthere are: %s", name ? name : "",
               suggest_one(name ? name : "", known).text, known);
    strbuf_fini(&names);
    return ERR_INPUT;
}

/* --- details --- */

static void put_details(struct strbuf *out, const struct check_run *run, uint32_t index)
{
    const char *details = run->details[index];
    strbuf_puts(out, out->length > 0 ? ",{\"key\":" : "{\"objects\":[{\"key\":");
    value_write_json(out,
                     run->result->keys[index].has_key ? run->result->keys[index].key : value_nil());
    if (details[1] != '}')
        strbuf_putc(out, ',');
    strbuf_puts(out, details + 1);
}

static int collect_details(struct check_run *run, struct errbuf *err)
{
    struct strbuf all = STRBUF_INIT;
    for (uint32_t i = 0; i < run->result->key_count; i++)
        if (run->details[i])
            put_details(&all, run, i);
    int rc = 0;
    if (all.length > 0) {
        strbuf_puts(&all, "]}");
        run->result->details_json =
            strbuf_ok(&all) ? arena_strdup(&run->result->arena, all.text) : NULL;
        if (!run->result->details_json)
            rc = errbuf_set(err, ERR_NOMEM, "no memory for the findings");
    }
    strbuf_fini(&all);
    return rc;
}

/* --- all together --- */

/* The operations, and what is kept of every key, count as well. */
static void open_pool(struct check_run *run)
{
    size_t limit = run->options->memory_limit_bytes;
    run->bytes_held = operations_bytes(run->all) + run->object_count * sizeof(struct check_key);
    run->bytes_free = limit > run->bytes_held ? limit - run->bytes_held : 0;
    budget_pool_init(&run->pool, limit, run->bytes_held);
}

static int check_all(struct check_run *run, struct errbuf *err)
{
    bool whole = run->checker && run->checker->whole_history;
    run->object_count = whole && run->all->key_count > 1 ? 1 : run->all->key_count;
    open_pool(run);
    int rc = make_keys(run, err);
    if (rc == 0)
        rc = check_schedule(run, err);
    if (rc == 0)
        rc = collect_details(run, err);
    run->result->memory_peak_bytes = atomic_load(&run->pool.bytes_peak) - run->bytes_held;
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
        const char *known = strbuf_ok(&names) ? names.text : "";
        errbuf_set(err, ERR_INPUT, "no algorithm \"%s\"; %sthere are: %s", name,
                   suggest_one(name, known).text, known);
        strbuf_fini(&names);
        return ERR_INPUT;
    }
    if (run->checker || !algorithm_decides(run->forced, run->model->name))
        return errbuf_set(err, ERR_INPUT, "the algorithm %s does not decide the model %s", name,
                          run->options->model);
    return 0;
}

int check_refuse_unnamed(const struct operations *all, struct errbuf *err)
{
    for (uint32_t i = 0; i < all->other_count; i++) {
        const struct op *op = &all->others[i].op;
        if (op->process == PROCESS_NONE && op->type != OP_INFO)
            return errbuf_set(err, ERR_INPUT,
                              "event %llu: nobody can say whose %s this is (%s): its process must "
                              "be a number from 0 on, or \"nemesis\"",
                              (unsigned long long)operations_index(all, all->others[i].at),
                              symbol_name(op->f), op_type_name(op->type));
    }
    return 0;
}

int check_history(struct operations *all, const struct check_options *options,
                  struct check_result *result, struct errbuf *err)
{
    int64_t start_ns = monotonic_ns();
    const struct user_model *user = options->semantics.user;
    const char *name = user ? NULL : options->model;
    struct check_run run = {.all = all,
                            .options = options,
                            .model = user   ? &model_user
                                     : name ? model_find(name)
                                            : NULL,
                            .checker = name ? checker_find(name) : NULL,
                            .result = result,
                            .deadline_ns = find_deadline(options, start_ns)};
    if (!run.model && !run.checker)
        return no_such_model(options->model, err);
    int rc = find_algorithm(&run, err);
    if (rc == 0)
        rc = check_refuse_unnamed(all, err);
    if (rc != 0)
        return rc;
    *result = (struct check_result){.model = user        ? user->name
                                             : run.model ? run.model->name
                                                         : run.checker->name};
    arena_init(&result->arena, 0);
    rc = check_all(&run, err);
    result->elapsed_ns = monotonic_ns() - start_ns;
    if (rc != 0)
        check_result_fini(result);
    return rc;
}

int check_unread(const struct check_options *options, int rc, struct check_result *result,
                 struct errbuf *err)
{
    *result = (struct check_result){
        .model = options->model, .verdict = VERDICT_UNKNOWN, .algorithm = "no algorithm was begun"};
    arena_init(&result->arena, 0);
    if (rc == ERR_TIMEOUT)
        result->summary = arena_printf(&result->arena,
                                       "unknown: the time limit (%g s) ended the reading of the "
                                       "history",
                                       (double)options->time_limit_ns / 1e9);
    else
        result->summary = arena_printf(&result->arena,
                                       "unknown: the memory limit (%zu bytes) ended the reading of "
                                       "the history",
                                       options->memory_limit_bytes);
    if (result->summary)
        return 0;
    check_result_fini(result);
    return errbuf_set(err, ERR_NOMEM, "no memory for a verdict");
}

void check_result_fini(struct check_result *result)
{
    for (unsigned i = 0; i < result->worker_count; i++)
        arena_fini(&result->worker_arenas[i]);
    arena_fini(&result->arena);
    *result = (struct check_result){0};
}
