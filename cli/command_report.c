#include "cli/command.h"

#include "cli/arguments.h"
#include "core/err.h"
#include "core/strbuf.h"
#include "report/report.h"
#include "report/text.h"

#include <stdio.h>

static const char synopsis[] = "report DIR";

int command_report(int argc, char **argv)
{
    const struct argument table[] = {{0}};
    struct errbuf err = ERRBUF_INIT;
    bool help;
    int operands = arguments_parse(table, argc, argv, &help, &err);
    if (help) {
        printf("usage: faultline %s\n\nMakes report.html of a run's folder again, and prints the "
               "outcome. Exit status: the\nrun's verdict.\n\n",
               synopsis);
        arguments_print(table);
        return 0;
    }
    if (operands >= 0 && operands != 1)
        errbuf_set(&err, ERR_INPUT, "one run's folder is needed, %d were given", operands);
    if (operands != 1)
        return cli_usage("report", synopsis, &err);
    struct strbuf text = STRBUF_INIT;
    int status;
    int rc = report_write_html(argv[0], &err);
    if (rc == 0)
        rc = report_write_text(argv[0], &text, &err);
    if (rc == 0)
        rc = report_exit_status(argv[0], &status, &err);
    if (rc == 0)
        fputs(text.text, stdout);
    strbuf_fini(&text);
    return rc == 0 ? status : cli_fail("report", rc, &err);
}
