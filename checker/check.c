#include "checker/check.h"

#include "checker/check_run.h"
#include "core/clock.h"
#include "core/err.h"
#include "core/errbuf.h"
#include "core/strbuf.h"

#include <stdlib.h>
#include <string.h>

/* --- the keys, smallest first --- */

struct turn {
    uint32_t events;
    uint32_t group;
};

static int compare_turns(const void *a, const void *b)
{
    const struct turn *x = a, *y = b;
    if (x->events != y->events)
        return x->events < y->events ? -1 : 1;
    return x->group < y->group ? -1 : x->group > y->group;
}

static bool is_to_do(const struct check_run *run, uint32_t group, bool again)
{
    return !again || run->result->keys[group].cause == check_cause_time;
}

static int check_key(struct check_run *run, uint32_t group, int64_t deadline_ns, struct errbuf *err)
{
    struct check_key *key = &run->result->keys[group];
    int64_t start_ns = monotonic_ns();
    budget_set_deadline(&run->budget, deadline_ns);
    key->cause = NULL;
    int rc = check_linear_key(run, &run->keys.groups[group], key, err);
    key->elapsed_ns += monotonic_ns() - start_ns;
    return rc;
}

/* Each key may take its equal part of the time that is left, so that one hard key costs no other
 * its verdict; what easy ones leave over goes to those after them, the largest. */
static int check_round(struct check_run *run, const struct turn *turns, bool again,
                       int64_t deadline_ns, struct errbuf *err)
{
    uint32_t left = 0;
    for (uint32_t i = 0; i < run->keys.count; i++)
        left += is_to_do(run, turns[i].group, again);
    for (uint32_t i = 0; i < run->keys.count; i++) {
        if (!is_to_do(run, turns[i].group, again))
            continue;
        int64_t now_ns = monotonic_ns();
        if (again && deadline_ns && now_ns >= deadline_ns)
            return 0;
        int64_t share_ns = deadline_ns ? now_ns + (deadline_ns - now_ns) / left : 0;
        int rc = check_key(run, turns[i].group, share_ns, err);
        if (rc != 0)
            return rc;
        left--;
    }
    return 0;
}

static int check_keys(struct check_run *run, struct errbuf *err)
{
    int64_t deadline_ns = run->budget.deadline_ns;
    struct turn *turns = malloc((run->keys.count + 1) * sizeof *turns);
    if (!turns)
        return errbuf_set(err, ERR_NOMEM, "no memory to order %u keys", run->keys.count);
    for (uint32_t i = 0; i < run->keys.count; i++)
        turns[i] = (struct turn){.events = run->keys.groups[i].event_count, .group = i};
    qsort(turns, run->keys.count, sizeof *turns, compare_turns);
    int rc = check_round(run, turns, false, deadline_ns, err);
    if (rc == 0 && deadline_ns && run->keys.count > 1)
        rc = check_round(run, turns, true, deadline_ns, err);
    free(turns);
    return rc;
}

/* --- the result --- */

static int make_keys(struct check_run *run, struct errbuf *err)
{
    struct check_result *result = run->result;
    result->keys = arena_zalloc(&result->arena, run->keys.count, sizeof *result->keys);
    if (!result->keys)
        return errbuf_set(err, ERR_NOMEM, "no memory for the verdicts of %u keys", run->keys.count);
    result->key_count = run->keys.count;
    for (uint32_t i = 0; i < run->keys.count; i++) {
        const struct key_group *group = &run->keys.groups[i];
        result->keys[i] = (struct check_key){.has_key = group->has_key,
                                             .key = group->key,
                                             .verdict = VERDICT_UNKNOWN,
                                             .operations = group->operations,
                                             .ok = group->ok,
                                             .failed = group->failed,
                                             .crashed = group->crashed,
                                             .proven_until_ns = -1};
    }
    return 0;
}

struct tally {
    uint32_t count[VERDICT_VACUOUS + 1];
    uint32_t without_success; /* keys */
    uint64_t operations;
    const struct check_key *worst; /* of several invalid: the one with the smallest witness */
};

static bool is_worse(const struct check_key *a, const struct check_key *b)
{
    if (a->verdict == b->verdict)
        return a->verdict == VERDICT_INVALID && a->witness_count < b->witness_count;
    return verdict_worst(a->verdict, b->verdict) == a->verdict;
}

static struct tally tally_keys(const struct check_result *result)
{
    struct tally tally = {.worst = result->keys};
    for (size_t i = 0; i < result->key_count; i++) {
        const struct check_key *key = &result->keys[i];
        tally.count[key->verdict]++;
        tally.operations += key->operations;
        tally.without_success += key->ok == 0;
        if (is_worse(key, tally.worst))
            tally.worst = key;
    }
    return tally;
}

/* A key without a successful operation says nothing; one that succeeded makes it a test. */
static enum verdict overall(const struct tally *tally)
{
    if (tally->count[VERDICT_INVALID] > 0)
        return VERDICT_INVALID;
    if (tally->count[VERDICT_UNKNOWN] > 0)
        return VERDICT_UNKNOWN;
    return tally->count[VERDICT_VALID] > 0 ? VERDICT_VALID : VERDICT_VACUOUS;
}

/* 11203 as "11,203". */
static void put_count(struct strbuf *out, uint64_t number)
{
    if (number >= 1000) {
        put_count(out, number / 1000);
        strbuf_printf(out, ",%03u", (unsigned)(number % 1000));
    } else {
        strbuf_printf(out, "%u", (unsigned)number);
    }
}

static void put_key_name(struct strbuf *out, const struct check_key *key)
{
    if (key->has_key) {
        strbuf_puts(out, "key ");
        value_write_text(out, key->key);
    } else {
        strbuf_puts(out, "the history");
    }
}

static const char *promise(const struct check_run *run)
{
    return run->model == &model_set ? "correct as a " : "linearizable as ";
}

static void put_valid(struct strbuf *out, const struct check_run *run, const struct tally *tally)
{
    if (run->result->key_count > 1) {
        put_count(out, run->result->key_count);
        strbuf_puts(out, " keys, ");
    }
    put_count(out, tally->operations);
    strbuf_puts(out, tally->operations == 1 ? " operation, " : " operations, ");
    strbuf_puts(out, run->result->key_count > 1 ? "every key " : "");
    strbuf_puts(out, promise(run));
    strbuf_puts(out, run->model->name);
    if (tally->without_success > 0 && run->result->key_count > 1)
        strbuf_printf(out, "; on %u of them no operation succeeded", tally->without_success);
    else if (tally->without_success > 0)
        strbuf_puts(out, "; but none succeeded");
}

static void put_invalid(struct strbuf *out, const struct check_run *run, const struct tally *tally)
{
    put_key_name(out, tally->worst);
    strbuf_puts(out, " is not ");
    strbuf_puts(out, promise(run));
    strbuf_printf(out, "%s: %s", run->model->name, tally->worst->cause);
    if (tally->count[VERDICT_INVALID] > 1)
        strbuf_printf(out, " (%u of %zu keys are invalid)", tally->count[VERDICT_INVALID],
                      run->result->key_count);
}

static void put_limit(struct strbuf *out, const struct check_run *run, const char *cause)
{
    if (cause == check_cause_time && run->options->time_limit_ns > 0)
        strbuf_printf(out, "the time limit (%g s) ended the check",
                      (double)run->options->time_limit_ns / 1e9);
    else if (cause == check_cause_memory && run->options->memory_limit_bytes > 0)
        strbuf_printf(out, "the memory limit (%zu bytes) ended the check",
                      run->options->memory_limit_bytes);
    else
        strbuf_puts(out, cause == check_cause_memory ? "memory ran out" : cause);
}

static void put_unknown(struct strbuf *out, const struct check_run *run, const struct tally *tally)
{
    if (run->result->key_count > 1) {
        put_count(out, tally->count[VERDICT_VALID]);
        strbuf_puts(out, " of ");
        put_count(out, run->result->key_count);
        strbuf_puts(out, " keys valid; ");
    }
    put_key_name(out, tally->worst);
    if (tally->worst->proven_until_ns >= 0)
        strbuf_printf(out, " valid up to %.3f s, then ",
                      (double)tally->worst->proven_until_ns / 1e9);
    else
        strbuf_puts(out, ": ");
    put_limit(out, run, tally->worst->cause);
}

static int summarize(struct check_run *run, struct errbuf *err)
{
    struct check_result *result = run->result;
    struct tally tally = tally_keys(result);
    struct strbuf text = STRBUF_INIT;
    result->verdict = overall(&tally);
    strbuf_printf(&text, "%s: ", verdict_name(result->verdict));
    if (result->verdict == VERDICT_VALID)
        put_valid(&text, run, &tally);
    else if (result->verdict == VERDICT_INVALID)
        put_invalid(&text, run, &tally);
    else if (result->verdict == VERDICT_UNKNOWN)
        put_unknown(&text, run, &tally);
    else
        strbuf_puts(&text, tally.worst && tally.worst->cause && result->key_count == 1
                               ? tally.worst->cause
                               : "no operation succeeded, so nothing was tested");
    if (run->history->truncated)
        strbuf_puts(&text, "; the history's last event is cut short and was left out");
    result->summary = strbuf_ok(&text) ? arena_strdup(&result->arena, text.text) : NULL;
    strbuf_fini(&text);
    return result->summary ? 0 : errbuf_set(err, ERR_NOMEM, "no memory for the summary");
}

static int describe_algorithm(struct check_run *run, struct errbuf *err)
{
    const struct history_semantics *semantics = &run->options->semantics;
    struct check_result *result = run->result;
    struct strbuf text = STRBUF_INIT;
    if (run->model == &model_set) {
        strbuf_puts(&text, "the last read against the adds acknowledged before it");
    } else {
        strbuf_puts(&text, "configuration search, just in time, layer by layer; initial value ");
        value_write_text(&text, semantics->initial_is_given ? semantics->initial : value_nil());
        strbuf_puts(&text, semantics->initial_may_be_nil ? " or nil" : "");
        if (semantics->nil_read_is_unknown)
            strbuf_puts(&text, "; a read of nil says nothing");
        if (semantics->failed_cas_differs)
            strbuf_puts(&text, "; a failed cas says that the value was another");
    }
    result->algorithm = strbuf_ok(&text) ? arena_strdup(&result->arena, text.text) : NULL;
    strbuf_fini(&text);
    return result->algorithm ? 0 : errbuf_set(err, ERR_NOMEM, "no memory for the summary");
}

/* --- all together --- */

static int no_such_model(const char *name, struct errbuf *err)
{
    struct strbuf names = STRBUF_INIT;
    for (const struct model *const *model = model_table; *model; model++) {
        strbuf_puts(&names, model == model_table ? "" : ", ");
        strbuf_puts(&names, (*model)->name);
    }
    errbuf_set(err, ERR_INPUT, "no model \"%s\"; there are: %s", name ? name : "",
               strbuf_ok(&names) ? names.text : "");
    strbuf_fini(&names);
    return ERR_INPUT;
}

/* The budget does not even hold the index of the history: one verdict for all of it. */
static int set_index_too_large(struct check_run *run, struct errbuf *err)
{
    struct check_result *result = run->result;
    result->keys = arena_zalloc(&result->arena, 1, sizeof *result->keys);
    if (!result->keys)
        return errbuf_set(err, ERR_NOMEM, "no memory for a verdict");
    result->key_count = 1;
    result->keys[0] = (struct check_key){
        .verdict = VERDICT_UNKNOWN, .cause = check_cause_memory, .proven_until_ns = -1};
    return summarize(run, err);
}

static int check_indexed(struct check_run *run, struct errbuf *err)
{
    int rc = make_keys(run, err);
    if (rc != 0)
        return rc;
    rc = run->model == &model_set ? check_set_all(run, err) : check_keys(run, err);
    return rc != 0 ? rc : summarize(run, err);
}

int check_history(const struct history *history, const struct check_options *options,
                  struct check_result *result, struct errbuf *err)
{
    int64_t start_ns = monotonic_ns();
    const struct model *model = options->model ? model_find(options->model) : NULL;
    if (!model)
        return no_such_model(options->model, err);
    *result = (struct check_result){.model = model->name};
    arena_init(&result->arena, 0);
    struct check_run run = {
        .history = history, .options = options, .model = model, .result = result};
    budget_init(&run.budget, options->time_limit_ns, options->memory_limit_bytes);
    int rc = describe_algorithm(&run, err);
    if (rc == 0) {
        rc = keys_build(&run.keys, history, &run.budget, err);
        if (rc == 0) {
            rc = check_indexed(&run, err);
            keys_fini(&run.keys);
        } else if (rc == ERR_NOMEM) {
            rc = set_index_too_large(&run, err);
        }
    }
    result->elapsed_ns = monotonic_ns() - start_ns;
    result->memory_peak_bytes = run.budget.bytes_peak;
    if (rc != 0)
        check_result_fini(result);
    return rc;
}

void check_result_fini(struct check_result *result)
{
    arena_fini(&result->arena);
    *result = (struct check_result){0};
}
