#include "cli/command.h"

#include "cli/arguments.h"
#include "core/err.h"
#include "injector/plan.h"

#include <stdio.h>

static const char synopsis[] = "lint PLAN...";

/* Prints the error, or the plan with every default filled in. */
static int lint_one(const char *path, bool resolved)
{
    struct errbuf err = ERRBUF_INIT;
    struct plan *plan;
    int rc = plan_load(path, cli_registry(), NULL, 0, &plan, &err);
    if (rc != 0) {
        fprintf(stderr, "%s\n", err.text);
        return rc == ERR_INPUT ? EXIT_USAGE : EXIT_HARNESS;
    }
    if (resolved)
        fputs(plan->resolved, stdout);
    else
        printf("%s\tok\n", path);
    plan_free(plan);
    return 0;
}

int command_lint(int argc, char **argv)
{
    bool resolved = false, help;
    const struct argument table[] = {
        {"resolved", ARGUMENT_FLAG, &resolved, NULL, "print the plan with every default filled in"},
        {0},
    };
    struct errbuf err = ERRBUF_INIT;
    int operands = arguments_parse(table, argc, argv, &help, &err);
    if (help) {
        printf("usage: faultline %s\n\n", synopsis);
        arguments_print(table);
        return 0;
    }
    if (operands == 0)
        errbuf_set(&err, ERR_INPUT, "no plan was given");
    if (operands < 1)
        return cli_usage("lint", synopsis, &err);
    int worst = 0;
    for (int i = 0; i < operands; i++) {
        int status = lint_one(argv[i], resolved);
        worst = status > worst ? status : worst;
    }
    return worst;
}
