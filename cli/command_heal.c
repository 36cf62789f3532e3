#include "cli/command.h"

#include "cli/arguments.h"
#include "core/err.h"
#include "injector/journal.h"

#include <glob.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char synopsis[] = "heal [DIR]";

/* Heals one journal; returns the exit status. Silent if there was nothing to do. */
static int heal_one(const char *path, bool quiet)
{
    struct errbuf err = ERRBUF_INIT;
    struct heal_report report;
    int rc = journal_heal(path, &report, &err);
    if (rc != 0 || report.failed > 0) {
        fprintf(stderr, "faultline heal: %s: %s\n", path,
                err.text[0] ? err.text : "something could not be undone");
        return EXIT_HARNESS;
    }
    if (report.controller_alive)
        printf("%s: its run is still going on: left alone\n", path);
    else if (report.records > 0 || !quiet)
        printf("%s: healed: %u records were open, %u undone, %u had nothing left to undo%s\n", path,
               report.records, report.undone, report.already,
               report.torn ? "; the last line was cut short and was never acted on" : "");
    return 0;
}

static int heal_all(const char *root)
{
    char pattern[PATH_MAX];
    snprintf(pattern, sizeof pattern, "%s/*/[0-9]*/journal.jsonl", root);
    glob_t found;
    int status = 0;
    if (glob(pattern, GLOB_NOSORT, NULL, &found) != 0) {
        printf("%s: no runs\n", root);
        return 0;
    }
    for (size_t i = 0; i < found.gl_pathc; i++) {
        int one = heal_one(found.gl_pathv[i], true);
        status = one ? one : status;
    }
    printf("%s: %zu runs looked at\n", root, found.gl_pathc);
    globfree(&found);
    return status;
}

int command_heal(int argc, char **argv)
{
    const struct argument table[] = {{0}};
    struct errbuf err = ERRBUF_INIT;
    bool help;
    int operands = arguments_parse(table, argc, argv, &help, &err);
    if (help) {
        printf("usage: faultline %s\n\nDIR is a run's folder, or a store with runs (store). Undoes "
               "what a controller that\ndied left behind; runs that still go on are left alone. "
               "Healing twice is harmless.\n\n",
               synopsis);
        arguments_print(table);
        return 0;
    }
    if (operands > 1)
        errbuf_set(&err, ERR_INPUT, "one folder at a time, %d were given", operands);
    if (operands < 0 || operands > 1)
        return cli_usage("heal", synopsis, &err);
    const char *dir = operands == 1 ? argv[0] : "store";
    char journal[PATH_MAX];
    snprintf(journal, sizeof journal, "%s/journal.jsonl", dir);
    if (access(journal, F_OK) == 0)
        return heal_one(journal, false);
    struct stat info;
    if (operands == 1 && (stat(dir, &info) != 0 || S_ISREG(info.st_mode))) {
        errbuf_set(&err, ERR_INPUT, "%s: no such folder", dir);
        return cli_usage("heal", synopsis, &err);
    }
    return heal_all(dir);
}
