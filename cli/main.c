#include "cli/command.h"

#include "checker/checker.h"
#include "clients/table.h"
#include "core/err.h"
#include "core/log.h"
#include "core/suggest.h"
#include "injector/registry.h"
#include "injector/shipped.h"
#include "nemesis/nemesis.h"
#include "nemesis/table.h"
#include "workloads/table.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct entry {
    const char *name;
    command_main *main;
    const char *doc;
} commands[] = {
    {"run", command_run, "run a plan: break a cluster, record what clients saw, check it"},
    {"check", command_check, "check recorded histories"},
    {"report", command_report, "make a stored run's report again"},
    {"heal", command_heal, "undo what a dead controller left behind"},
    {"lint", command_lint, "check plans without starting anything"},
    {"gen", command_gen, "make a history, valid or with an anomaly"},
    {"convert", command_convert, "write a history in another format"},
    {"list", command_list, "what there is: plans, databases, workloads, models, formats, ..."},
    {"index", command_index, "make a page over all runs of a store"},
    {"verify", command_verify, "verify the certificate that check wrote, by separate, simple code"},
    {"shrink", command_shrink, "make the smallest history that still fails, by sound reductions"},
};
enum { COMMAND_COUNT = sizeof commands / sizeof commands[0] };

const struct registry *cli_registry(void)
{
    static const struct registry registry = {.workloads = workload_table,
                                             .clients = client_table,
                                             .faults = fault_table,
                                             .nemesis = &nemesis_standard};
    return &registry;
}

int cli_fail(const char *command, int code, const struct errbuf *err)
{
    fprintf(stderr, "faultline %s: %s\n", command, err->text[0] ? err->text : err_name(code));
    return code == ERR_INPUT ? EXIT_USAGE : EXIT_HARNESS;
}

int cli_usage(const char *command, const char *synopsis, const struct errbuf *err)
{
    fprintf(stderr, "faultline %s: %s\nusage: faultline %s\n", command, err->text, synopsis);
    return EXIT_USAGE;
}

int cli_read_total(const char *text, struct checker_options *out, struct errbuf *err)
{
    char *end;
    if (!text)
        return 0;
    errno = 0;
    out->total = strtoll(text, &end, 10);
    out->total_is_given = true;
    if (errno != 0 || end == text || *end != '\0')
        return errbuf_set(err, ERR_INPUT, "--total: '%s' is no integer", text);
    return 0;
}

static void print_help(FILE *out)
{
    fputs("faultline breaks a cluster on purpose, records what its clients saw, and proves or\n"
          "refutes what the database promised.\n\n",
          out);
    for (size_t i = 0; i < COMMAND_COUNT; i++)
        fprintf(out, "  faultline %-8s %s\n", commands[i].name, commands[i].doc);
    fputs("\nEach has --help. Exit status of run, check, report: 0 valid, 1 invalid, 2 unknown,\n"
          "3 vacuous, 254 bad usage, plan or history, 255 the tool itself failed.\n",
          out);
}

/* Where the shipped plans and databases are: told, installed, or in the source tree. */
static void find_data(void)
{
    const char *told = getenv("FAULTLINE_DATA");
    if (told)
        shipped_set_dir(told);
    else if (access(FAULTLINE_SOURCE_DIR "/workloads/databases", R_OK) == 0)
        shipped_set_dir(FAULTLINE_SOURCE_DIR "/workloads");
    else
        shipped_set_dir(FAULTLINE_INSTALL_DATADIR);
}

static int configure_log(void)
{
    const char *specification = getenv("FAULTLINE_LOG");
    struct errbuf err = ERRBUF_INIT;
    if (!specification || log_configure(specification, &err) == 0)
        return 0;
    fprintf(stderr, "faultline: FAULTLINE_LOG: %s\n", err.text);
    return EXIT_USAGE;
}

static int dispatch(int argc, char **argv)
{
    for (size_t i = 0; i < COMMAND_COUNT; i++)
        if (strcmp(commands[i].name, argv[1]) == 0)
            return commands[i].main(argc - 1, argv + 1);
    const char *known[COMMAND_COUNT + 1] = {0};
    char near[SUGGEST_SIZE];
    for (size_t i = 0; i < COMMAND_COUNT; i++)
        known[i] = commands[i].name;
    suggest_names(argv[1], known, near, sizeof near);
    fprintf(stderr, "faultline: no command '%s'%s\n\n", argv[1], near);
    print_help(stderr);
    return EXIT_USAGE;
}

int main(int argc, char **argv)
{
    int status = configure_log();
    if (status != 0)
        return status;
    find_data();
    if (argc < 2) {
        print_help(stderr);
        return EXIT_USAGE;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)
        print_help(stdout);
    else if (strcmp(argv[1], "--version") == 0)
        printf("faultline %s\n", FAULTLINE_VERSION);
    else
        status = dispatch(argc, argv);
    if (fflush(stdout) != 0 || ferror(stdout)) {
        fputs("faultline: standard output could not be written\n", stderr);
        return EXIT_HARNESS;
    }
    return status;
}
