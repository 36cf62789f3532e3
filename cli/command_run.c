#include "cli/command.h"

#include "cli/arguments.h"
#include "cli/live.h"
#include "core/err.h"
#include "core/strbuf.h"
#include "injector/plan.h"
#include "injector/run.h"
#include "report/report.h"
#include "report/text.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char synopsis[] = "run [options] PLAN";

struct run_arguments {
    const char *store;
    const char *seed;
    const char *time_limit;
    struct argument_list set;
};

/* The run that the signal handler ends. */
static struct run *running;

static void on_signal(int number)
{
    static const char said[] = "\ninterrupted: healing and checking what there is; interrupt again "
                               "to leave out the recovery time and final reads\n";
    (void)number;
    int saved = errno;
    run_request_stop(running);
    ssize_t written = write(STDERR_FILENO, said, sizeof said - 1);
    (void)written; /* nobody is left to be told */
    errno = saved;
}

static void catch_signals(struct run *run)
{
    running = run;
    struct sigaction action = {.sa_handler = run ? on_signal : SIG_DFL, .sa_flags = SA_RESTART};
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGHUP, &action, NULL);
    signal(SIGPIPE, SIG_IGN); /* a node that hangs up is an answer, not our end */
}

/* --set key=value, and the options that are short for one. */
static int collect_overrides(struct run_arguments *arguments, struct plan_override *overrides,
                             char keys[][128], size_t *count, struct errbuf *err)
{
    *count = 0;
    for (size_t i = 0; i < arguments->set.count; i++) {
        const char *item = arguments->set.items[i];
        size_t length = strcspn(item, "=");
        if (item[length] != '=' || length == 0 || length >= 128)
            return errbuf_set(err, ERR_INPUT, "--set %s: write it as --set path.to.key=value",
                              item);
        memcpy(keys[i], item, length);
        keys[i][length] = '\0';
        overrides[(*count)++] = (struct plan_override){keys[i], item + length + 1};
    }
    if (arguments->seed)
        overrides[(*count)++] = (struct plan_override){"seed", arguments->seed};
    if (arguments->time_limit)
        overrides[(*count)++] = (struct plan_override){"time_limit", arguments->time_limit};
    return 0;
}

static void print_outcome(const struct run *run, const struct run_result *result)
{
    const char *dir = run_store(run)->dir;
    struct errbuf err = ERRBUF_INIT;
    struct strbuf text = STRBUF_INIT;
    if (report_write_html(dir, &err) != 0)
        fprintf(stderr, "faultline run: no report could be made: %s\n", err.text);
    if (report_write_text(dir, &text, &err) == 0 && text.text)
        fputs(text.text, stdout);
    else
        printf("%s\n%s\n", result->summary, dir);
    strbuf_fini(&text);
}

static int run_plan(const struct plan *plan, const char *store)
{
    struct errbuf err = ERRBUF_INIT;
    struct run *run;
    int rc = run_open(plan, cli_registry(), store, &run, &err);
    if (rc != 0) {
        cli_fail("run", rc, &err);
        return EXIT_HARNESS;
    }
    catch_signals(run);
    struct live *live = live_start(run);
    struct run_result result;
    run_execute(run, &result);
    live_stop(live);
    print_outcome(run, &result);
    catch_signals(NULL);
    run_close(run);
    return result.exit_status;
}

int command_run(int argc, char **argv)
{
    struct run_arguments arguments = {.store = "store"};
    const struct argument table[] = {
        {"seed", ARGUMENT_TEXT, &arguments.seed, "N", "every random choice follows from it"},
        {"time-limit", ARGUMENT_TEXT, &arguments.time_limit, "S", "how long clients drive it"},
        {"store", ARGUMENT_TEXT, &arguments.store, "DIR", "where runs are kept (store)"},
        {"set", ARGUMENT_LIST, &arguments.set, "KEY=VALUE",
         "replace a value of the plan, such as cluster.nodes=3; may be repeated"},
        {0},
    };
    struct errbuf err = ERRBUF_INIT;
    bool help;
    int operands = arguments_parse(table, argc, argv, &help, &err);
    if (help) {
        printf("usage: faultline %s\n\nPLAN is a file, or the name of a plan that ships (see "
               "faultline list plans).\n\n",
               synopsis);
        arguments_print(table);
        return 0;
    }
    if (operands >= 0 && operands != 1)
        errbuf_set(&err, ERR_INPUT, "one plan is needed, %d were given", operands);
    if (operands != 1)
        return cli_usage("run", synopsis, &err);

    struct plan_override overrides[ARGUMENT_LIST_MAX + 2];
    char keys[ARGUMENT_LIST_MAX][128];
    size_t count;
    struct plan *plan;
    int rc = collect_overrides(&arguments, overrides, keys, &count, &err);
    if (rc == 0)
        rc = plan_load(argv[0], cli_registry(), overrides, count, &plan, &err);
    if (rc != 0)
        return cli_fail("run", rc, &err);
    int status = run_plan(plan, arguments.store);
    plan_free(plan);
    return status;
}
