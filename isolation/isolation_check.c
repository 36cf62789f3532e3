#include "isolation/isolation_check.h"

#include "core/clock.h"
#include "core/err.h"
#include "core/errbuf.h"
#include "core/strbuf.h"
#include "isolation/isolation_run.h"

#include <string.h>

enum { EXAMPLES_STANDARD = 8 };

/* Only AWDIT's text has no first value of a key. */
static level_set levels_standard(const struct history_semantics *semantics, bool strongest)
{
    if (strongest)
        return semantics->has_no_initial ? LEVELS_OF_AWDIT : LEVELS_ALL;
    return level_bit(semantics->has_no_times ? LEVEL_SESSION_SERIALIZABLE
                                             : LEVEL_STRICT_SERIALIZABLE);
}

/* --- what is asked --- */

/* Whether every transaction is one operation: a cas may read and write. */
static bool has_single_steps(const struct isolation_run *run)
{
    for (uint32_t i = 0; i < run->txns.txn_count && !run->is_of_single_operations; i++)
        if (run->txns.txns[i + 1].micros - run->txns.txns[i].micros > 1)
            return false;
    return true;
}

static int refuse(enum level level, const char *why, struct errbuf *err)
{
    return errbuf_set(err, ERR_INPUT, "the level %s cannot be asked about here: %s",
                      level_row(level)->name, why);
}

/* Levels that mean nothing for the history are left out, or refused where they were named. */
static int choose_levels(struct isolation_run *run, struct errbuf *err)
{
    const struct history_semantics *semantics = &run->options->semantics;
    level_set named = run->isolation->levels;
    bool is_single = has_single_steps(run);
    run->asked = run->isolation->all ? LEVELS_ALL
                 : named             ? named
                                     : levels_standard(semantics, run->isolation->strongest);
    for (int i = 0; i < LEVEL_COUNT; i++) {
        const struct level_row *row = level_row((enum level)i);
        bool no_times = row->needs_time && semantics->has_no_times;
        bool not_single = row->is_of_single_operations && !is_single;
        if (!no_times && !not_single)
            continue;
        if (named >> i & 1)
            return refuse((enum level)i,
                          no_times ? "the history has no times"
                                   : "the transactions are not single operations",
                          err);
        run->unmet |= level_bit((enum level)i);
        run->asked &= ~level_bit((enum level)i);
    }
    run->found->asked = run->asked;
    return 0;
}

/* --- what is found --- */

/* Keeps the examples that a judge confirms. A kind of which none is left was not found. */
static void confirm_examples(struct isolation_run *run)
{
    struct anomalies *anomalies = &run->found->anomalies;
    isolation_begin_judging(run);
    for (int kind = 0; kind < ANOMALY_COUNT; kind++) {
        struct anomalies_of_kind *own = &anomalies->kinds[kind];
        uint32_t kept = 0, had = own->example_count;
        for (uint32_t i = 0; i < had; i++)
            if (evidence_judge_confirms_anomaly(&run->judge, &own->examples[i]))
                own->examples[kept++] = own->examples[i];
        own->example_count = kept;
        if (had > 0 && kept == 0) {
            anomalies->found &= ~anomaly_bit((enum anomaly)kind);
            anomalies->settled &= ~anomaly_bit((enum anomaly)kind);
            own->count = 0;
        }
    }
    isolation_end_judging(run);
}

static int infer_versions(struct isolation_run *run, struct errbuf *err)
{
    unsigned how = run->isolation->inference;
    if (how & INFER_LINEARIZABLE && run->options->semantics.has_no_times)
        return errbuf_set(err, ERR_INPUT,
                          "linearizable-keys tells nothing here: the history has no times");
    return version_graph_infer(&run->txns, how, &run->budget, &run->versions,
                               &run->found->anomalies, err);
}

/* Those that a level asked for forbids: others may be many, and take most of the time. Everything
 * if the strongest levels are to be found. */
static anomaly_set cycles_wanted(const struct isolation_run *run)
{
    anomaly_set wanted = 0;
    for (enum level level = 0; level < LEVEL_COUNT; level++)
        if (run->asked >> level & 1)
            wanted |= anomalies_of_level(level);
    return run->isolation->strongest ? (UINT32_C(1) << ANOMALY_COUNT) - 1 : wanted;
}

/* The dependencies that are of use: those of the wanted cycles, or all that the history tells of.
 */
static dependency_set kinds_wanted(const struct isolation_run *run, anomaly_set cycles)
{
    dependency_set kinds =
        levels_walk_graph(run->asked) ? DEPENDENCIES_ALL : anomalies_steps(cycles);
    if (run->options->semantics.has_no_times)
        kinds &= (dependency_set)~dependency_bit(DEPENDENCY_REALTIME);
    return kinds;
}

static int find_anomalies(struct isolation_run *run, struct errbuf *err)
{
    uint32_t wanted = run->isolation->examples_max;
    struct anomalies_options options = {.wanted = (UINT32_C(1) << ANOMALY_COUNT) - 1,
                                        .examples_max = wanted ? wanted : EXAMPLES_STANDARD,
                                        .arena = &run->result->arena};
    struct anomalies *out = &run->found->anomalies;
    anomaly_set cycles = cycles_wanted(run);
    int rc = anomalies_scan(&run->txns, &options, &run->budget, out, err);
    if (rc == 0 && run->isolation->inference)
        rc = infer_versions(run, err);
    if (rc == 0)
        rc = dependencies_build(&run->txns, run->versions.count > 0 ? &run->versions : NULL,
                                kinds_wanted(run, cycles), &run->budget, &run->graph, err);
    options.wanted = cycles;
    if (rc == 0)
        rc = anomalies_find_cycles(&run->graph, &options, out, err);
    if (rc == 0)
        confirm_examples(run);
    return rc;
}

/* One value of one key that two transactions wrote, or one and nobody: a read of it says nothing.
 */
static const char *tell_rewritten(struct isolation_run *run)
{
    const struct transactions *all = &run->txns;
    struct strbuf text = STRBUF_INIT;
    strbuf_puts(&text, "the value ");
    value_write_text(&text, value_pool_get(run->all->values, all->rewritten_value));
    bool was_there = all->rewritten_by[0] == TXN_NONE;
    strbuf_puts(&text, was_there ? " was in the beginning, and was written to the key "
                                 : " was written twice to the key ");
    value_write_text(&text,
                     value_pool_get(run->all->values, txn_key_value(all, all->rewritten_key)));
    strbuf_puts(&text, was_there ? " (event" : " (events");
    for (int i = was_there; i < 2; i++)
        strbuf_printf(&text, "%s %llu", i > was_there ? " and" : "",
                      (unsigned long long)operations_index(
                          run->all, txn_operation(all, all->rewritten_by[i])->invoke));
    strbuf_puts(&text, "), so that nobody can say which of them was read");
    const char *kept = strbuf_ok(&text) ? arena_strdup(&run->result->arena, text.text)
                                        : "a value was written twice";
    strbuf_fini(&text);
    return kept;
}

/* Jepsen's formats guess at what is there first in registers that are read and written by
 * themselves; in their transactions it is nil. */
static void set_initial(const struct isolation_run *run, struct transactions_source *source)
{
    const struct history_semantics *semantics = &run->options->semantics;
    bool is_guess = semantics->nil_read_is_unknown && semantics->initial_may_be_nil;
    if (!semantics->initial_is_given || (is_guess && !run->is_of_single_operations))
        return;
    source->initial = semantics->initial;
    source->initial_may_be_nil = semantics->initial_may_be_nil;
}

static int examine(struct isolation_run *run, struct errbuf *err)
{
    struct transactions_source source = {.object = &run->object,
                                         .has_no_initial = run->options->semantics.has_no_initial,
                                         .unwritten_reads_say_nothing =
                                             run->options->semantics.unwritten_reads_say_nothing,
                                         .threads = run->options->threads};
    int rc = isolation_gather(run, err);
    set_initial(run, &source);
    if (rc == 0)
        rc = transactions_build(&source, &run->budget, &run->txns, err);
    if (rc == 0)
        rc = isolation_model_settle(&run->txns, run->isolation, &run->model, err);
    if (rc == 0)
        rc = choose_levels(run, err);
    if (rc != 0 || run->object.ok == 0)
        return rc;
    if (run->all->truncated && run->options->semantics.has_no_times) {
        run->cause = "the history is cut short, and as it tells one session after another, what is "
                     "missing may be what others read";
        return 0;
    }
    if (run->txns.rewritten_by[1] != TXN_NONE) {
        run->cause = tell_rewritten(run);
        return 0;
    }
    evidence_judge_init(&run->judge, &run->txns, &run->budget);
    run->judge.promises = run->isolation->inference;
    rc = find_anomalies(run, err);
    if (rc == 0)
        rc = isolation_ask_levels(run, err);
    return rc;
}

/* --- all together --- */

static void open_budget(struct isolation_run *run)
{
    const struct check_options *options = run->options;
    size_t limit = options->memory_limit_bytes, held = operations_bytes(run->all);
    int64_t deadline_ns =
        options->time_limit_ns > 0 ? monotonic_ns() + options->time_limit_ns : INT64_MAX;
    if (options->deadline_ns > 0 && options->deadline_ns < deadline_ns)
        deadline_ns = options->deadline_ns;
    budget_init(&run->budget, 0, limit == 0 ? 0 : limit > held ? limit - held : 1);
    if (deadline_ns != INT64_MAX)
        budget_set_deadline(&run->budget, deadline_ns);
}

static void close_budget(struct isolation_run *run)
{
    shared_committed_release(&run->committed);
    if (run->judge.all)
        evidence_judge_fini(&run->judge);
    if (run->graph.budget)
        dependencies_fini(&run->graph);
    if (run->versions.budget)
        version_graph_fini(&run->versions);
    if (run->txns.budget)
        transactions_fini(&run->txns);
    isolation_scatter(run);
    run->result->memory_peak_bytes = run->budget.bytes_peak;
}

/* A limit is the reason for the verdict unknown; and so is memory, wherever there is a limit of it.
 */
static int take_limit(struct isolation_run *run, int rc, struct errbuf *err)
{
    bool is_limit = rc == ERR_TIMEOUT || (rc == ERR_NOMEM && run->options->memory_limit_bytes > 0);
    if (!is_limit)
        return rc;
    run->cause =
        arena_printf(&run->result->arena, rc == ERR_TIMEOUT ? "the time limit ended the check"
                                                            : "the memory limit ended the check");
    return run->cause ? 0 : errbuf_set(err, ERR_NOMEM, "no memory for the verdict");
}

int isolation_check(struct operations *all, const struct check_options *options,
                    const struct isolation_options *isolation, struct check_result *result,
                    struct isolation_result *found, struct errbuf *err)
{
    int64_t start_ns = monotonic_ns();
    struct isolation_result unwanted;
    struct isolation_run run = {.all = all,
                                .options = options,
                                .isolation = isolation,
                                .result = result,
                                .found = found ? found : &unwanted};
    int rc = check_refuse_unnamed(all, err);
    if (rc != 0)
        return rc;
    *run.found = (struct isolation_result){0};
    run.model = isolation_model_find(options->model);
    *result = (struct check_result){.model = run.model->name};
    arena_init(&result->arena, 0);
    open_budget(&run);
    rc = take_limit(&run, examine(&run, err), err);
    result->model = run.model->name;
    if (rc == 0)
        rc = isolation_tell(&run, err);
    close_budget(&run);
    result->elapsed_ns = monotonic_ns() - start_ns;
    if (result->key_count > 0)
        result->keys[0].elapsed_ns = result->elapsed_ns;
    if (rc != 0)
        check_result_fini(result);
    return rc;
}
