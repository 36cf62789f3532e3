/* The linearizability checker against the definition, on random small histories. */
#include "checker/linear.h"
#include "checker/budget.h"
#include "checker/check.h"
#include "checker/verify.h"
#include "checker/witness.h"
#include "core/errbuf.h"
#include "core/history_jsonl.h"
#include "core/strbuf.h"
#include "object_copy.h"
#include "property/oracle.h"
#include "property/property_runs.h"
#include "property/small_histories.h"
#include "property/tally.h"

#include <criterion/criterion.h>

enum {
    SEED = 20240611,
    HISTORIES = 200000,
    WITNESSES = 12000,
    WINDOWS = 30000,
};

static const char *history_text(const struct history *history)
{
    static struct strbuf text;
    strbuf_reset(&text);
    for (size_t i = 0; i < history->count; i++)
        history_jsonl_write(&text, &history->ops[i]);
    return text.text ? text.text : "";
}

static enum verdict expected_verdict(const struct history *history,
                                     const struct history_semantics *semantics)
{
    bool any_ok = false;
    for (size_t i = 0; i < history->count; i++)
        any_ok = any_ok || history->ops[i].type == OP_OK;
    if (!oracle_is_linearizable(history, semantics))
        return VERDICT_INVALID;
    return any_ok ? VERDICT_VALID : VERDICT_VACUOUS;
}

static bool has_cas(const struct history *history)
{
    for (size_t i = 0; i < history->count; i++)
        if (history->ops[i].f == F_CAS)
            return true;
    return false;
}

static void check_one(struct random *random, uint64_t number, uint32_t tally[4])
{
    struct history_semantics semantics = small_semantics(random);
    struct small_options options = small_options(random);
    struct history history;
    history_init(&history);
    small_history(random, &options, &semantics, &history);
    struct check_options check = {.model = has_cas(&history) ? "cas-register" : "register",
                                  .semantics = semantics};
    struct check_result result;
    struct errbuf err = ERRBUF_INIT;
    struct operations all;
    cr_assert_eq(operations_from_history(&all, &history, 0, &err), 0, "%s", err.text);
    cr_assert_eq(check_history(&all, &check, &result, &err), 0, "%s", err.text);
    enum verdict expected = expected_verdict(&history, &semantics);
    cr_assert_eq(result.verdict, expected, "history %lu: %s, expected %s: %s\n%s", number,
                 verdict_name(result.verdict), verdict_name(expected), result.summary,
                 history_text(&history));
    if (expected == VERDICT_INVALID)
        cr_assert(result.keys[0].witness_count > 0 && result.keys[0].explanation);
    tally[expected]++;
    check_result_fini(&result);
    operations_fini(&all);
    history_fini(&history);
}

Test(linear, agrees_with_every_order_on_small_histories, .timeout = 900)
{
    struct random random;
    uint32_t tally[4] = {0}, runs = property_runs(HISTORIES);
    random_init(&random, SEED, RANDOM_TEST, 0);
    for (uint64_t i = 0; i < runs; i++)
        check_one(&random, i, tally);
    /* Both verdicts must really have been asked for. */
    cr_assert_gt(tally[VERDICT_VALID], runs / 5);
    cr_assert_gt(tally[VERDICT_INVALID], runs / 10);
    tally_print(&(struct tally){.model = "cas-register",
                                .algorithm = "whole-check",
                                .histories = runs,
                                .valid = runs - tally[VERDICT_INVALID],
                                .invalid = tally[VERDICT_INVALID],
                                .proofs = tally[VERDICT_INVALID]});
}

/* --- one history taken apart: calls, search, witness, verification --- */

struct parts {
    struct history history;
    struct history_semantics semantics;
    struct budget budget;
    struct object_copy copy;
    struct model_context context;
    struct calls calls;
    int32_t initial[MODEL_INITIAL_MAX];
    struct linear_input input;
};

static const int32_t any_state = MODEL_ANY;

/* False if there is no operation at all. */
static bool parts_init(struct parts *parts, struct random *random,
                       const struct small_options *options)
{
    *parts = (struct parts){.semantics = small_semantics(random)};
    history_init(&parts->history);
    small_history(random, options, &parts->semantics, &parts->history);
    budget_init(&parts->budget, 0, 0);
    object_copy_init(&parts->copy, &parts->history);
    parts->context = (struct model_context){.semantics = &parts->semantics,
                                            .pool = parts->copy.object.values,
                                            .budget = &parts->budget};
    value_numbers_init(&parts->context.values, &parts->budget);
    cr_assert_eq(
        calls_build(&parts->calls, &parts->copy.object, &model_cas_register, &parts->context, NULL),
        0);
    int count = model_cas_register.initial(&parts->context, parts->initial, MODEL_INITIAL_MAX);
    parts->input = (struct linear_input){.model = &model_cas_register,
                                         .context = &parts->context,
                                         .calls = &parts->calls,
                                         .initial = parts->initial,
                                         .initial_count = (uint32_t)count,
                                         .anywhere = &any_state,
                                         .anywhere_count = 1};
    return parts->calls.event_count > 0;
}

static void parts_fini(struct parts *parts)
{
    calls_fini(&parts->calls);
    value_numbers_fini(&parts->context.values);
    cr_assert_eq(parts->budget.bytes_used, 0, "%zu bytes were not given back",
                 parts->budget.bytes_used);
    object_copy_fini(&parts->copy);
    history_fini(&parts->history);
}

static enum verify_end verify(struct parts *parts, const struct refutation *witness,
                              struct errbuf *why)
{
    struct verify_input input = {
        .object = &parts->copy.object,
        .specification = specification_find("cas-register"),
        .context = {.values = parts->copy.all.values, .semantics = &parts->semantics},
        .budget = &parts->budget};
    return verify_refutation(&input, witness, why);
}

/* A witness that confirms must do so because the history is invalid. */
static void expect_sound(struct parts *parts, const struct refutation *witness)
{
    struct errbuf why = ERRBUF_INIT;
    if (verify(parts, witness, &why) == VERIFY_ACCEPTED)
        cr_assert_not(oracle_is_linearizable(&parts->history, &parts->semantics),
                      "confirmed a witness of a linearizable history:\n%s",
                      history_text(&parts->history));
}

static struct refutation without_one(const struct refutation *witness, uint32_t left_out,
                                     uint32_t *numbers)
{
    struct refutation fewer = *witness;
    fewer.keep_count = 0;
    for (uint32_t i = 0; i < witness->keep_count; i++)
        if (i != left_out)
            numbers[fewer.keep_count++] = witness->keep[i];
    fewer.keep = numbers;
    return fewer;
}

static bool has_failed_cas(const struct calls *calls)
{
    for (uint32_t i = 0; i < calls->count; i++)
        if (calls->calls[i].op.avoids != MODEL_NONE)
            return true;
    return false;
}

static position any_position(const struct parts *parts, struct random *random)
{
    return operations_position(&parts->copy.all, random_below(random, parts->history.count));
}

static void mutate_witness(struct parts *parts, const struct refutation *witness,
                           struct random *random)
{
    uint32_t numbers[ORACLE_OPS_MAX];
    struct errbuf why = ERRBUF_INIT;
    for (uint32_t i = 0; i < witness->keep_count; i++) {
        struct refutation fewer = without_one(witness, i, numbers);
        enum verify_end end = verify(parts, &fewer, &why);
        /* The search forgets what a failed cas proves of an unknown state, the verification does
         * not: only without them is every operation of a witness needed by both. */
        if (!has_failed_cas(&parts->calls))
            cr_assert_eq(end, VERIFY_REJECTED, "operation %u of %u could be left out:\n%s", i,
                         witness->keep_count, history_text(&parts->history));
        expect_sound(parts, &fewer);
    }
    struct refutation other = *witness;
    other.any_state = true;
    other.from = any_position(parts, random);
    expect_sound(parts, &other);
    other = *witness;
    other.until = any_position(parts, random);
    expect_sound(parts, &other);
}

static uint32_t witness_one(struct random *random)
{
    struct small_options options = small_options(random);
    struct parts parts;
    options.lie_percent = 25;
    uint32_t is_invalid = 0;
    if (parts_init(&parts, random, &options)) {
        struct linear_result found = linear_check(&parts.input);
        if (found.end == LINEAR_INVALID) {
            struct witness witness;
            struct errbuf why = ERRBUF_INIT;
            uint64_t steps = 0;
            cr_assert_eq(witness_find(&parts.input, &parts.copy.object, &found, &witness, &steps),
                         0);
            cr_assert_eq(verify(&parts, &witness.refutation, &why), VERIFY_ACCEPTED, "%s\n%s",
                         why.text, history_text(&parts.history));
            mutate_witness(&parts, &witness.refutation, random);
            witness_fini(&witness, &parts.budget);
            is_invalid = 1;
        }
    }
    parts_fini(&parts);
    return is_invalid;
}

Test(linear, every_witness_is_confirmed_and_none_with_an_operation_less, .timeout = 300)
{
    struct random random;
    uint32_t invalid = 0;
    random_init(&random, SEED, RANDOM_TEST, 1);
    for (uint32_t i = 0; i < WITNESSES; i++)
        invalid += witness_one(&random);
    cr_assert_gt(invalid, WITNESSES / 5);
}

/* --- verifying witnesses that nobody found --- */

Test(linear, verification_accepts_no_made_up_witness_of_a_linearizable_history, .timeout = 300)
{
    struct random random;
    random_init(&random, SEED, RANDOM_TEST, 2);
    for (uint32_t i = 0; i < WINDOWS; i++) {
        struct small_options options = small_options(&random);
        struct parts parts;
        if (parts_init(&parts, &random, &options)) {
            uint32_t numbers[ORACLE_OPS_MAX], count = 0;
            uint32_t keep = (uint32_t)random_below(&random, 100);
            for (uint32_t j = 0; j < parts.calls.count; j++)
                if (random_below(&random, 100) >= keep / 3)
                    numbers[count++] = parts.calls.calls[j].number;
            uint64_t last =
                parts.history.count - 1 - random_below(&random, 1 + parts.history.count / 3);
            struct refutation witness = {
                .keep = numbers,
                .keep_count = count,
                .until = operations_position(&parts.copy.all, last),
                .any_state = random_below(&random, 2) == 0,
            };
            if (witness.any_state)
                witness.from = operations_position(
                    &parts.copy.all, random_below(&random, 1 + parts.history.count / 2));
            expect_sound(&parts, &witness);
        }
        parts_fini(&parts);
    }
}

/* --- windows: calls that may have happened before --- */

/* The definition of a window: what completed before `first` is gone, what was open there or is
 * open after `last` may happen, and the register may hold anything at the start. */
static bool window_is_linearizable(const struct parts *parts, uint32_t first, uint32_t last)
{
    struct oracle all, window = {0};
    oracle_read(&all, &parts->history, &parts->semantics);
    for (int i = 0; i < all.count; i++) {
        struct oracle_op op = all.ops[i];
        if (op.complete < first || op.invoke > last)
            continue;
        if (op.complete > last)
            op.complete = UINT32_MAX;
        op.must = op.must && op.invoke >= first && op.complete != UINT32_MAX;
        window.ops[window.count++] = op;
    }
    for (int64_t state = -1; state < 5; state++)
        if (oracle_orders(&window, 0, state))
            return true;
    return oracle_orders(&window, 0, ORACLE_OTHER);
}

/* Of an event of the calls, its index in the history. */
static uint32_t event_index(const struct parts *parts, uint32_t event)
{
    const struct calls *calls = &parts->calls;
    const struct call *call = &calls->calls[event_call(calls->events[event])];
    position at = event_is_return(calls->events[event]) ? call->complete : call->invoke;
    return (uint32_t)operations_index(&parts->copy.all, at);
}

Test(linear, a_window_is_refuted_exactly_when_no_state_before_it_could_explain_it, .timeout = 300)
{
    struct random random;
    uint32_t refuted = 0;
    random_init(&random, SEED, RANDOM_TEST, 3);
    for (uint32_t i = 0; i < WINDOWS; i++) {
        struct small_options options = small_options(&random);
        struct parts parts;
        options.lie_percent = 25;
        if (parts_init(&parts, &random, &options)) {
            uint32_t first = (uint32_t)random_below(&random, parts.calls.event_count);
            uint32_t last =
                first + (uint32_t)random_below(&random, parts.calls.event_count - first);
            uint64_t steps = 0;
            enum search_end end = linear_search_window(&parts.input, first, last, 0, &steps);
            bool expected = window_is_linearizable(&parts, event_index(&parts, first),
                                                   event_index(&parts, last));
            cr_assert(end == SEARCH_ACCEPTED || end == SEARCH_REJECTED);
            if (end == SEARCH_REJECTED || !has_failed_cas(&parts.calls))
                cr_assert_eq(end == SEARCH_ACCEPTED, expected, "window %u..%u:\n%s",
                             event_index(&parts, first), event_index(&parts, last),
                             history_text(&parts.history));
            refuted += end == SEARCH_REJECTED;
        }
        parts_fini(&parts);
    }
    cr_assert_gt(refuted, WINDOWS / 50);
}

/* --- a search of small width --- */

Test(linear, a_narrow_search_never_contradicts_a_wide_one, .timeout = 300)
{
    struct random random;
    uint32_t stuck = 0;
    random_init(&random, SEED, RANDOM_TEST, 4);
    for (uint32_t i = 0; i < WINDOWS; i++) {
        struct small_options options = small_options(&random);
        struct parts parts;
        options.operations_max = 20;
        options.processes_max = 8;
        options.crash_percent = 30;
        if (parts_init(&parts, &random, &options)) {
            struct search_input search = {.model = parts.input.model,
                                          .context = &parts.context,
                                          .calls = &parts.calls,
                                          .initial = parts.initial,
                                          .initial_count = parts.input.initial_count};
            struct search_result wide = config_search(&search);
            search.width_max = 1;
            struct search_result narrow = config_search(&search);
            cr_assert(narrow.end == wide.end || narrow.end == SEARCH_STUCK, "%s",
                      history_text(&parts.history));
            stuck += narrow.end == SEARCH_STUCK;
        }
        parts_fini(&parts);
    }
    cr_assert_gt(stuck, 10);
}
