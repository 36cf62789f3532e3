#include "cli/command.h"

#include "cli/arguments.h"
#include "core/err.h"
#include "report/report.h"

#include <stdio.h>

static const char synopsis[] = "index [STORE]";

int command_index(int argc, char **argv)
{
    const struct argument table[] = {{0}};
    struct errbuf err = ERRBUF_INIT;
    bool help;
    int operands = arguments_parse(table, argc, argv, &help, &err);
    if (help) {
        printf("usage: faultline %s\n\nWrites STORE/index.html, a page over all runs of the store "
               "(store).\n\n",
               synopsis);
        arguments_print(table);
        return 0;
    }
    if (operands > 1)
        errbuf_set(&err, ERR_INPUT, "one store at a time, %d were given", operands);
    if (operands < 0 || operands > 1)
        return cli_usage("index", synopsis, &err);
    const char *store = operands == 1 ? argv[0] : "store";
    int rc = report_write_index(store, &err);
    if (rc != 0)
        return cli_fail("index", rc, &err);
    printf("%s/index.html\n", store);
    return 0;
}
