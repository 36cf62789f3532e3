#include "checker/check_run.h"

#include "checker/explain.h"
#include "checker/linear.h"
#include "checker/recheck.h"
#include "checker/witness.h"
#include "core/err.h"
#include "core/errbuf.h"

const char check_cause_time[] = "the time limit ended the check";
const char check_cause_memory[] = "the memory limit ended the check";

/* The time of the last return before event `last`. */
static int64_t proven_until(const struct check_run *run, const struct calls *calls, uint32_t last)
{
    while (last-- > 0)
        if (event_is_return(calls->events[last]))
            return run->history->ops[calls->calls[event_call(calls->events[last])].complete]
                .time_ns;
    return -1;
}

static int set_unknown(struct check_key *out, const char *cause, int64_t proven_until_ns)
{
    out->verdict = VERDICT_UNKNOWN;
    out->cause = cause;
    if (proven_until_ns > out->proven_until_ns)
        out->proven_until_ns = proven_until_ns;
    return 0;
}

static int no_text_memory(struct errbuf *err)
{
    return errbuf_set(err, ERR_NOMEM, "no memory for the explanation of a verdict");
}

/* The verdict `invalid`, once the witness is confirmed. */
static int set_invalid(struct check_run *run, const struct explain_input *explain,
                       struct check_key *out, struct errbuf *err)
{
    struct arena *arena = &run->result->arena;
    out->cause = explain_cause(explain, arena);
    out->explanation = out->cause ? explain_witness(explain, out->cause, arena) : NULL;
    if (!out->explanation)
        return no_text_memory(err);
    out->verdict = VERDICT_INVALID;
    out->witness = explain->witness->invokes;
    out->witness_count = explain->witness->count;
    return 0;
}

static int confirm(struct check_run *run, const struct key_group *group,
                   const struct linear_input *input, const struct linear_result *found,
                   struct check_key *out, struct errbuf *err)
{
    struct arena *arena = &run->result->arena;
    struct witness witness;
    struct calls window;
    int64_t until = proven_until(run, input->calls, found->last);
    if (witness_find(input, found, arena, &witness, &window, &out->steps) != 0)
        return set_unknown(out, check_cause_memory, until);
    struct errbuf why = ERRBUF_INIT;
    enum recheck_end end = recheck_register(run->history, run->keys.partner, group,
                                            &run->options->semantics, &witness, &run->budget, &why);
    struct explain_input explain = {.history = run->history,
                                    .partner = run->keys.partner,
                                    .group = group,
                                    .witness = &witness,
                                    .linear = input,
                                    .window = &window};
    int rc;
    if (end == RECHECK_CONFIRMED) {
        rc = set_invalid(run, &explain, out, err);
    } else {
        const char *cause = arena_printf(
            arena, "a violation was found at event %u, but its re-check did not confirm it: %s",
            witness.failing, why.text);
        rc = cause ? set_unknown(out, cause, until) : no_text_memory(err);
    }
    calls_fini(&window);
    return rc;
}

static bool is_a_test(const struct check_run *run, const struct key_group *group)
{
    return group->ok > 0 || (run->options->semantics.failures_are_tests && group->failed > 0);
}

static int check_calls(struct check_run *run, const struct key_group *group,
                       struct model_context *context, const struct calls *calls,
                       struct check_key *out, struct errbuf *err)
{
    int32_t initial[MODEL_INITIAL_MAX];
    int initial_count = run->model->initial(context, initial, MODEL_INITIAL_MAX);
    if (initial_count < 0)
        return set_unknown(out, check_cause_memory, -1);
    struct linear_input input = {.model = run->model,
                                 .context = context,
                                 .calls = calls,
                                 .initial = initial,
                                 .initial_count = (uint32_t)initial_count};
    struct linear_result found = linear_check(&input);
    out->steps += found.steps;
    switch (found.end) {
    case LINEAR_VALID:
        out->verdict = is_a_test(run, group) ? VERDICT_VALID : VERDICT_VACUOUS;
        out->cause = group->ok > 0 ? NULL : "no operation succeeded";
        return 0;
    case LINEAR_INVALID:
        return confirm(run, group, &input, &found, out, err);
    case LINEAR_OUT_OF_TIME:
        return set_unknown(out, check_cause_time, proven_until(run, calls, found.last));
    case LINEAR_OUT_OF_MEMORY:
        break;
    }
    return set_unknown(out, check_cause_memory, proven_until(run, calls, found.last));
}

int check_linear_key(struct check_run *run, const struct key_group *group, struct check_key *out,
                     struct errbuf *err)
{
    struct model_context context = {.semantics = &run->options->semantics, .budget = &run->budget};
    value_table_init(&context.values, &run->budget);
    struct calls calls;
    int rc = calls_build(&calls, run->history, &run->keys, group, run->model, &context, err);
    if (rc == 0) {
        rc = check_calls(run, group, &context, &calls, out, err);
        calls_fini(&calls);
    } else if (rc == ERR_NOMEM) {
        rc = set_unknown(out, check_cause_memory, -1);
    }
    value_table_fini(&context.values);
    return rc;
}
