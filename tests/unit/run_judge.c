/* What a run is judged to be where it was checked while it went on. */
#include "injector/run_state.h"

#include <criterion/criterion.h>
#include <string.h>

static struct plan plan = {.time_limit_ns = 60 * NS_PER_S};

static void judge(enum verdict found, const char *summary, bool stopped, struct run_result *out)
{
    static struct run run;
    memset(&run, 0, sizeof run);
    run.plan = &plan;
    run.spans[PHASE_DRIVE] = (struct phase_span){2 * NS_PER_S, 15 * NS_PER_S};
    run.check = (struct check_result){.verdict = found, .summary = summary};
    run.have_check = run.have_online = true;
    run.online = (struct follower_status){.violated = true,
                                          .violation_ns = 14 * NS_PER_S,
                                          .noticed_ns = 14 * NS_PER_S + NS_PER_S / 4,
                                          .stopped = stopped,
                                          .what = "read of process 3 on key 7 (operation 2)"};
    run_judge(&run, out);
}

Test(run_judge, is_invalid_where_the_check_at_the_end_confirms_a_violation)
{
    struct run_result result;
    judge(VERDICT_INVALID, "invalid: key 7", true, &result);
    cr_expect_eq(result.verdict, VERDICT_INVALID);
    cr_expect_eq(result.exit_status, 1);
    cr_expect_str_eq(result.summary,
                     "invalid: key 7; stopped 0.2 s after the violation, at 12.2 s of 60.0 s");
}

Test(run_judge, says_nothing_of_stopping_where_the_run_went_on)
{
    struct run_result result;
    judge(VERDICT_INVALID, "invalid: key 7", false, &result);
    cr_expect_eq(result.exit_status, 1);
    cr_expect_str_eq(result.summary, "invalid: key 7");
}

Test(run_judge, is_unknown_where_the_check_at_the_end_does_not_confirm_a_violation)
{
    struct run_result result;
    judge(VERDICT_VALID, "valid: all keys", true, &result);
    cr_expect_eq(result.verdict, VERDICT_UNKNOWN);
    cr_expect_eq(result.exit_status, 2);
    cr_expect_str_eq(result.summary,
                     "unknown: a violation was seen while the test ran (read of process 3 on key 7 "
                     "(operation 2)), but the check at the end does not confirm it: valid: all "
                     "keys; stopped 0.2 s after the violation, at 12.2 s of 60.0 s");
    judge(VERDICT_VALID, "valid: all keys", false, &result);
    cr_expect_eq(result.exit_status, 2);
    judge(VERDICT_UNKNOWN, "unknown: the time limit", true, &result);
    cr_expect_eq(result.exit_status, 2);
    cr_expect(strstr(result.summary, "unknown: the time limit"));
}
