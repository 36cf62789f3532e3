#include "checker/check_run.h"

#include "core/err.h"
#include "core/errbuf.h"
#include "core/strbuf.h"

#include <string.h>

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

/* "linearizable as register", "correct by the bank checker". */
static void put_promise(struct strbuf *out, const struct check_run *run)
{
    strbuf_printf(out, run->checker ? "correct by the %s checker" : "linearizable as %s",
                  run->result->model);
}

static void put_note(struct strbuf *out, const struct check_key *key)
{
    if (key->note)
        strbuf_printf(out, "; %s", key->note);
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
    put_promise(out, run);
    if (run->result->key_count == 1)
        put_note(out, &run->result->keys[0]);
    if (tally->without_success > 0 && run->result->key_count > 1)
        strbuf_printf(out, "; on %u of them no operation succeeded", tally->without_success);
    else if (tally->without_success > 0)
        strbuf_puts(out, "; but none succeeded");
}

static void put_invalid(struct strbuf *out, const struct check_run *run, const struct tally *tally)
{
    put_key_name(out, tally->worst);
    strbuf_puts(out, " is not ");
    put_promise(out, run);
    strbuf_printf(out, ": %s", tally->worst->cause);
    put_note(out, tally->worst);
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

void check_put_truncation(struct strbuf *out, const struct operations *all)
{
    if (!all->truncated)
        return;
    strbuf_puts(out, "; ");
    operations_put_truncation(all, out);
    strbuf_puts(out, ", and the verdict is of the part before it");
}

static int put_summary(struct check_run *run, struct errbuf *err)
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
    check_put_truncation(&text, run->all);
    result->summary = strbuf_ok(&text) ? arena_strdup(&result->arena, text.text) : NULL;
    strbuf_fini(&text);
    return result->summary ? 0 : errbuf_set(err, ERR_NOMEM, "no memory for the summary");
}

/* --- the algorithms --- */

/* How many keys an algorithm decided, and the first reason why no faster one did. */
struct use {
    uint32_t keys;
    const char *why;
};

static struct use find_use(const struct check_result *result, const char *algorithm)
{
    struct use use = {0};
    for (size_t i = 0; i < result->key_count; i++) {
        const struct check_key *key = &result->keys[i];
        if (!key->algorithm || strcmp(key->algorithm, algorithm) != 0)
            continue;
        use.keys++;
        if (!use.why)
            use.why = key->why;
    }
    return use;
}

/* "zones (997 keys), configuration-search (3 keys; zones: a value is written twice)" */
static void put_algorithms(struct strbuf *out, const struct check_result *result)
{
    bool any = false;
    for (const struct algorithm *const *at = algorithm_table; *at; at++) {
        struct use use = find_use(result, (*at)->name);
        if (use.keys == 0)
            continue;
        strbuf_printf(out, "%s%s", any ? ", " : "", (*at)->name);
        any = true;
        if (result->key_count > 1)
            strbuf_printf(out, " (%u key%s", use.keys, use.keys == 1 ? "" : "s");
        if (use.why)
            strbuf_printf(out, "%s%s", result->key_count > 1 ? "; " : " (", use.why);
        strbuf_puts(out, use.why || result->key_count > 1 ? ")" : "");
    }
    if (!any)
        strbuf_puts(out, "no algorithm came to an end");
}

static void put_semantics(struct strbuf *out, const struct check_run *run)
{
    const struct history_semantics *semantics = &run->options->semantics;
    if (semantics->initial_is_given) {
        strbuf_puts(out, "; initial value ");
        value_write_text(out, value_pool_get(run->all->values, semantics->initial));
        strbuf_puts(out, semantics->initial_may_be_nil ? " or nil" : "");
    }
    if (semantics->nil_read_is_unknown)
        strbuf_puts(out, "; a read of nil says nothing");
    if (semantics->failed_cas_differs)
        strbuf_puts(out, "; a failed cas says that the value was another");
}

static int describe_algorithm(struct check_run *run, struct errbuf *err)
{
    struct check_result *result = run->result;
    struct strbuf text = STRBUF_INIT;
    if (run->checker) {
        strbuf_puts(&text, run->checker->doc);
    } else {
        put_algorithms(&text, result);
        put_semantics(&text, run);
    }
    result->algorithm = strbuf_ok(&text) ? arena_strdup(&result->arena, text.text) : NULL;
    strbuf_fini(&text);
    return result->algorithm ? 0 : errbuf_set(err, ERR_NOMEM, "no memory for the summary");
}

int check_summarize(struct check_run *run, struct errbuf *err)
{
    int rc = put_summary(run, err);
    return rc != 0 ? rc : describe_algorithm(run, err);
}
