#include "cli/command.h"

#include "cli/arguments.h"
#include "core/err.h"
#include "formats/writer.h"
#include "generator/generate.h"
#include "generator/txn_generate.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char synopsis[] = "gen [options] FILE";

struct gen_arguments {
    struct txn_generate_options txn; /* with what all models have in common */
    uint64_t keys, concurrency, values, elements, permits, writes_per_key;
    const char *read, *crash, *fail, *duplicates, *at, *micro_ops;
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

/* 3, or 1-8. */
static int parse_range(const char *name, const char *text, uint32_t *least, uint32_t *most,
                       struct errbuf *err)
{
    if (!text)
        return 0;
    char *end;
    unsigned long first = strtoul(text, &end, 10), last = first;
    bool is_number = end != text;
    if (is_number && *end == '-') {
        const char *rest = end + 1;
        last = strtoul(rest, &end, 10);
        is_number = end != rest;
    }
    if (!is_number || *end != '\0' || first == 0 || last < first || last > 1000000000)
        return errbuf_set(err, ERR_INPUT, "--%s: '%s' is not a range, such as 1-8", name, text);
    *least = (uint32_t)first;
    *most = (uint32_t)last;
    return 0;
}

static int parse_numbers(struct gen_arguments *arguments, struct errbuf *err)
{
    struct txn_generate_options *txn = &arguments->txn;
    struct generate_options *options = &txn->common;
    int rc = parse_share("read", arguments->read, &options->read_share, err);
    rc = rc ? rc : parse_share("crash", arguments->crash, &options->crash_share, err);
    rc = rc ? rc : parse_share("fail", arguments->fail, &options->fail_share, err);
    rc = rc ? rc : parse_share("duplicates", arguments->duplicates, &options->duplicate_share, err);
    rc = rc ? rc : parse_share("at", arguments->at, &options->anomaly_at, err);
    rc = rc ? rc : parse_count("keys", arguments->keys, &options->keys, err);
    rc = rc ? rc : parse_count("concurrency", arguments->concurrency, &options->concurrency, err);
    rc = rc ? rc : parse_count("values", arguments->values, &options->values, err);
    rc = rc ? rc : parse_count("elements", arguments->elements, &options->elements_max, err);
    rc = rc ? rc : parse_count("permits", arguments->permits, &options->permits, err);
    rc = rc ? rc
            : parse_count("writes-per-key", arguments->writes_per_key, &txn->writes_per_key, err);
    return rc ? rc
              : parse_range("micro-ops", arguments->micro_ops, &txn->micro_ops_min,
                            &txn->micro_ops_max, err);
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

static int make(const struct txn_generate_options *options, const struct op_sink *sink,
                struct errbuf *err)
{
    if (txn_generate_has(options->common.model))
        return txn_generate(options, sink, err);
    if (options->level || options->micro_ops_max)
        return errbuf_set(err, ERR_INPUT, "only transactions have --level and --micro-ops");
    return generate_history(&options->common, sink, err);
}

static int generate(struct gen_arguments *arguments, const char *path, struct errbuf *err)
{
    const struct writer *format;
    struct history_writer *writer;
    struct txn_generate_options *options = &arguments->txn;
    int rc = parse_numbers(arguments, err);
    if (rc == 0)
        rc = choose_format(arguments, path, &format, err);
    bool has_keys = options->common.keys > 0 && !txn_generate_has(options->common.model);
    struct writer_facts facts = {.clients_have_keys = has_keys, .times_increase = true};
    if (rc == 0)
        rc = history_writer_open(path, format, &facts, &writer, err);
    if (rc != 0)
        return rc;
    options->has_keywords = format == &writer_edn;
    struct op_sink sink = history_writer_sink(writer);
    rc = make(options, &sink, err);
    int closed = history_writer_close(writer, rc == 0, NULL, rc == 0 ? err : NULL);
    return rc != 0 ? rc : closed;
}

/* A name of a list that began at this column, and the next one's column. */
static size_t print_name(const char *name, size_t column)
{
    enum { WIDTH = 100, INDENT = 19 };
    size_t length = strlen(name) + 1;
    if (column + length <= WIDTH)
        return column + (size_t)printf(" %s", name);
    printf("\n%*s %s", INDENT, "", name);
    return INDENT + length;
}

static void print_models(void)
{
    const char *name;
    fputs("\nModels and their anomalies:", stdout);
    for (size_t i = 0; (name = generate_model_name(i)) != NULL; i++) {
        size_t column = (size_t)printf("\n  %-17s", name) - 1;
        for (const char *const *anomaly = generate_anomalies(name); *anomaly; anomaly++)
            column = print_name(*anomaly, column);
    }
    for (size_t i = 0; (name = txn_generate_model_name(i)) != NULL; i++) {
        size_t column = (size_t)printf("\n  %-17s", name) - 1, number = 0;
        for (const char *anomaly; (anomaly = txn_generate_anomaly(name, &number)) != NULL;)
            column = print_name(anomaly, column);
    }
    size_t column = (size_t)printf("\n\n  their levels     ") - 2;
    for (size_t i = 0; (name = txn_generate_level(i)) != NULL; i++)
        column = print_name(name, column);
    putchar('\n');
}

int command_gen(int argc, char **argv)
{
    struct gen_arguments arguments = {.txn.common = {.model = "cas-register",
                                                     .operations = 1000,
                                                     .read_share = -1,
                                                     .anomaly_at = 0.5},
                                      .concurrency = 10,
                                      .writes_per_key = 32};
    struct generate_options *options = &arguments.txn.common;
    const struct argument table[] = {
        {"model", ARGUMENT_TEXT, &options->model, "M", "what the clients use (cas-register)"},
        {"operations", ARGUMENT_NUMBER, &options->operations, "N", "in all (1000)"},
        {"keys", ARGUMENT_NUMBER, &arguments.keys, "N",
         "independent objects; one without a key. Of transactions: in use at a time (10)"},
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
        {"level", ARGUMENT_TEXT, &arguments.txn.level, "L",
         "of transactions: what the store keeps (strict-serializable)"},
        {"micro-ops", ARGUMENT_TEXT, &arguments.micro_ops, "MIN-MAX", "of a transaction (1-4)"},
        {"writes-per-key", ARGUMENT_NUMBER, &arguments.writes_per_key, "N",
         "of transactions: then another key takes its place; 0 = never (32)"},
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
