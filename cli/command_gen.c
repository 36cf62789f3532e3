#include "cli/command.h"

#include "checker/generate.h"
#include "checker/writer.h"
#include "cli/arguments.h"
#include "core/err.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char synopsis[] = "gen [options] FILE";

struct gen_arguments {
    struct generate_options options;
    uint64_t keys, concurrency, values, elements, permits;
    const char *read, *crash, *fail, *duplicates, *at;
    const char *format;
};

/* 5% or 0.05. */
static int parse_share(const char *name, const char *text, double *out, struct errbuf *err)
{
    if (!text)
        return 0;
    char *end;
    double share = strtod(text, &end);
    if (end != text && strcmp(end, "%") == 0) {
        share /= 100;
        end++;
    }
    if (end == text || *end != '\0' || !(share >= 0 && share <= 1))
        return errbuf_set(err, ERR_INPUT, "--%s: '%s' is not a share, such as 5%% or 0.05", name,
                          text);
    *out = share;
    return 0;
}

static int parse_count(const char *name, uint64_t number, uint32_t *out, struct errbuf *err)
{
    if (number > 1000000000)
        return errbuf_set(err, ERR_INPUT, "--%s: more than 1000000000", name);
    *out = (uint32_t)number;
    return 0;
}

static int parse_numbers(struct gen_arguments *arguments, struct errbuf *err)
{
    struct generate_options *options = &arguments->options;
    int rc = parse_share("read", arguments->read, &options->read_share, err);
    rc = rc ? rc : parse_share("crash", arguments->crash, &options->crash_share, err);
    rc = rc ? rc : parse_share("fail", arguments->fail, &options->fail_share, err);
    rc = rc ? rc : parse_share("duplicates", arguments->duplicates, &options->duplicate_share, err);
    rc = rc ? rc : parse_share("at", arguments->at, &options->anomaly_at, err);
    rc = rc ? rc : parse_count("keys", arguments->keys, &options->keys, err);
    rc = rc ? rc : parse_count("concurrency", arguments->concurrency, &options->concurrency, err);
    rc = rc ? rc : parse_count("values", arguments->values, &options->values, err);
    rc = rc ? rc : parse_count("elements", arguments->elements, &options->elements_max, err);
    return rc ? rc : parse_count("permits", arguments->permits, &options->permits, err);
}

/* Standard output, and a file without an extension, are our own format. */
static int choose_format(const struct gen_arguments *arguments, const char *path,
                         const struct writer **out, struct errbuf *err)
{
    const char *slash = strrchr(path, '/');
    const char *name = slash ? slash + 1 : path;
    bool says_nothing = strcmp(path, "-") == 0 || !strchr(name, '.');
    const char *format = !arguments->format && says_nothing ? "jsonl" : arguments->format;
    return writer_choose(path, format, out, err);
}

static int generate(struct gen_arguments *arguments, const char *path, struct errbuf *err)
{
    const struct writer *format;
    struct history_writer *writer;
    int rc = parse_numbers(arguments, err);
    if (rc == 0)
        rc = choose_format(arguments, path, &format, err);
    struct writer_facts facts = {.clients_have_keys = arguments->options.keys > 0,
                                 .times_increase = true};
    if (rc == 0)
        rc = history_writer_open(path, format, &facts, &writer, err);
    if (rc != 0)
        return rc;
    struct op_sink sink = history_writer_sink(writer);
    rc = generate_history(&arguments->options, &sink, err);
    int closed = history_writer_close(writer, rc == 0, NULL, rc == 0 ? err : NULL);
    return rc != 0 ? rc : closed;
}

static void print_models(void)
{
    fputs("\nModels and their anomalies:\n", stdout);
    const char *model;
    for (size_t i = 0; (model = generate_model_name(i)) != NULL; i++) {
        printf("  %-17s", model);
        for (const char *const *anomaly = generate_anomalies(model); *anomaly; anomaly++)
            printf(" %s", *anomaly);
        putchar('\n');
    }
}

int command_gen(int argc, char **argv)
{
    struct gen_arguments arguments = {.options = {.model = "cas-register",
                                                  .operations = 1000,
                                                  .read_share = -1,
                                                  .anomaly_at = 0.5},
                                      .concurrency = 10};
    struct generate_options *options = &arguments.options;
    const struct argument table[] = {
        {"model", ARGUMENT_TEXT, &options->model, "M", "what the clients use (cas-register)"},
        {"operations", ARGUMENT_NUMBER, &options->operations, "N", "in all (1000)"},
        {"keys", ARGUMENT_NUMBER, &arguments.keys, "N", "independent objects; one without a key"},
        {"concurrency", ARGUMENT_NUMBER, &arguments.concurrency, "N",
         "clients of each object, always busy (10)"},
        {"values", ARGUMENT_NUMBER, &arguments.values, "N", "different values (0: all are new)"},
        {"elements", ARGUMENT_NUMBER, &arguments.elements, "N",
         "of queues, stacks, sets: about how many are in at once (64)"},
        {"permits", ARGUMENT_NUMBER, &arguments.permits, "N", "of a semaphore (1)"},
        {"read", ARGUMENT_TEXT, &arguments.read, "SHARE", "of operations that read or remove"},
        {"crash", ARGUMENT_TEXT, &arguments.crash, "SHARE", "of operations: 5% or 0.05 (0)"},
        {"fail", ARGUMENT_TEXT, &arguments.fail, "SHARE", "of operations, for no reason (0)"},
        {"duplicates", ARGUMENT_TEXT, &arguments.duplicates, "SHARE",
         "of new values that were written before (0)"},
        {"anomaly", ARGUMENT_TEXT, &options->anomaly, "A", "something the object cannot have done"},
        {"at", ARGUMENT_TEXT, &arguments.at, "SHARE", "how far into the history it is (50%)"},
        {"interval", ARGUMENT_DURATION, &options->interval_ns, "D", "between two events (1us)"},
        {"seed", ARGUMENT_NUMBER, &options->seed, "N", "another number, another history (0)"},
        {"format", ARGUMENT_TEXT, &arguments.format, "F",
         "by the extension of FILE if not given, or jsonl; see list formats"},
        {0},
    };
    struct errbuf err = ERRBUF_INIT;
    bool help;
    int operands = arguments_parse(table, argc, argv, &help, &err);
    if (help) {
        printf("usage: faultline %s\n\nMakes a history: valid, or with one anomaly. The same "
               "options make the same history.\n- is standard output.\n\n",
               synopsis);
        arguments_print(table);
        print_models();
        return 0;
    }
    if (operands >= 0 && operands != 1)
        errbuf_set(&err, ERR_INPUT, "it takes one file to write");
    if (operands != 1)
        return cli_usage("gen", synopsis, &err);
    int rc = generate(&arguments, argv[0], &err);
    return rc == 0 ? 0 : cli_fail("gen", rc, &err);
}
