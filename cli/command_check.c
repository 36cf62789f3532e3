#include "cli/command.h"

#include "checker/check.h"
#include "checker/reader.h"
#include "cli/arguments.h"
#include "core/err.h"
#include "core/strbuf.h"
#include "injector/model_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char synopsis[] = "check [options] FILE...";

struct check_arguments {
    const char *model;
    const struct user_model *user; /* the model, if a file describes it */
    const char *format;
    const char *initial;
    int64_t time_limit_ns;
    uint64_t memory_limit_bytes;
    bool independent;
    bool json;
};

/* What one file came to. */
struct outcome {
    int status;
    const char *word; /* the verdict, or "error" */
};

static void print_explanation(const struct check_key *key)
{
    struct strbuf name = STRBUF_INIT;
    if (key->has_key) {
        strbuf_puts(&name, "key ");
        value_write_text(&name, key->key);
        strbuf_puts(&name, ": ");
    }
    fprintf(stderr, "\n%s%s\n", name.text ? name.text : "", key->explanation);
    strbuf_fini(&name);
}

static void print_explanations(const char *file, const struct check_result *result)
{
    fprintf(stderr, "%s: %s (%s)\n", file, result->summary, result->algorithm);
    for (size_t i = 0; i < result->key_count; i++)
        if (result->keys[i].verdict == VERDICT_INVALID && result->keys[i].explanation)
            print_explanation(&result->keys[i]);
}

static void print_json(const char *file, const struct check_result *result,
                       const struct operations *all)
{
    char *text = check_result_json(result, all);
    struct strbuf name = STRBUF_INIT;
    strbuf_put_json_string(&name, file, strlen(file));
    if (text && strbuf_ok(&name))
        printf("{\"file\":%s,\"truncated\":%s,\"check\":%s}", name.text,
               all->truncated ? "true" : "false", text);
    strbuf_fini(&name);
    free(text);
}

static int check_loaded(const char *file, const struct check_arguments *arguments,
                        struct operations *all, const struct history_semantics *semantics,
                        struct outcome *out, struct errbuf *err)
{
    struct check_options options = {.model = arguments->model,
                                    .time_limit_ns = arguments->time_limit_ns,
                                    .memory_limit_bytes = arguments->memory_limit_bytes,
                                    .semantics = *semantics};
    struct check_result result;
    int rc = 0;
    options.semantics.user = arguments->user;
    if (arguments->initial)
        rc = reader_set_initial(&options.semantics, arguments->initial, all->values, err);
    if (rc == 0)
        rc = check_history(all, &options, &result, err);
    if (rc != 0) {
        errbuf_prefix(err, "%s", file);
        return rc;
    }
    *out = (struct outcome){verdict_exit_status(result.verdict), verdict_name(result.verdict)};
    if (arguments->json)
        print_json(file, &result, all);
    else
        print_explanations(file, &result);
    check_result_fini(&result);
    return 0;
}

static int load(const char *file, const struct check_arguments *arguments, struct operations *all,
                struct history_semantics *semantics, struct errbuf *err)
{
    struct reader_options how = {.independent = arguments->independent};
    if (strcmp(file, "-") != 0 && access(file, R_OK) != 0)
        return errbuf_set_errno(err, ERR_INPUT, "%s", file);
    return reader_load(file, arguments->format, how, all, semantics, err);
}

static struct outcome check_file(const char *file, const struct check_arguments *arguments)
{
    struct errbuf err = ERRBUF_INIT;
    struct operations all = {0};
    struct history_semantics semantics = {0};
    struct outcome outcome = {EXIT_HARNESS, "error"};
    int rc = load(file, arguments, &all, &semantics, &err);
    if (rc == 0) {
        if (all.truncated)
            fprintf(stderr, "%s: the last event is cut short and was left out\n", file);
        rc = check_loaded(file, arguments, &all, &semantics, &outcome, &err);
    }
    if (rc != 0) {
        fprintf(stderr, "%s\n", err.text);
        outcome.status = rc == ERR_INPUT ? EXIT_USAGE : EXIT_HARNESS;
        if (arguments->json)
            printf("null");
    }
    operations_fini(&all);
    return outcome;
}

/* Over several files the worst counts: 255, 254, 1, 2, 3, 0. */
static int worse(int a, int b)
{
    static const int order[] = {0, 3, 2, 1, EXIT_USAGE, EXIT_HARNESS};
    int rank_a = 0, rank_b = 0;
    for (int i = 0; i < (int)(sizeof order / sizeof order[0]); i++) {
        rank_a = order[i] == a ? i : rank_a;
        rank_b = order[i] == b ? i : rank_b;
    }
    return rank_a >= rank_b ? a : b;
}

static int check_files(char **files, int count, const struct check_arguments *arguments)
{
    int status = 0;
    if (arguments->json)
        putchar('[');
    for (int i = 0; i < count; i++) {
        if (arguments->json && i)
            puts(",");
        struct outcome outcome = check_file(files[i], arguments);
        if (!arguments->json)
            printf("%s\t%s\n", files[i], outcome.word);
        status = worse(status, outcome.status);
    }
    if (arguments->json)
        puts("]");
    return status;
}

/* The files, against a model that is described in another one. */
static int check_files_by(const char *model, char **files, int count,
                          struct check_arguments *arguments)
{
    struct errbuf err = ERRBUF_INIT;
    struct arena arena;
    arena_init(&arena, 0);
    int status, rc = model_file_load(model, &arena, &arguments->user, &err);
    if (rc == 0) {
        status = check_files(files, count, arguments);
    } else {
        fprintf(stderr, "%s\n", err.text);
        status = rc == ERR_INPUT ? EXIT_USAGE : EXIT_HARNESS;
    }
    arena_fini(&arena);
    return status;
}

int command_check(int argc, char **argv)
{
    struct check_arguments arguments = {.model = "cas-register"};
    const struct argument table[] = {
        {"model", ARGUMENT_TEXT, &arguments.model, "M",
         "what the history is checked against "
         "(cas-register); see list models; or a model's own file, M.yaml"},
        {"format", ARGUMENT_TEXT, &arguments.format, "F",
         "of the files; found out if not given; see list formats"},
        {"initial", ARGUMENT_TEXT, &arguments.initial, "VALUE",
         "value before the first write, such as nil, 0 or \"a\""},
        {"independent", ARGUMENT_FLAG, &arguments.independent, NULL,
         "values of a Jepsen history are [key value]"},
        {"json", ARGUMENT_FLAG, &arguments.json, NULL, "print one JSON document with every detail"},
        {"time-limit", ARGUMENT_DURATION, &arguments.time_limit_ns, "S",
         "for each file; then the verdict is unknown"},
        {"memory-limit", ARGUMENT_BYTES, &arguments.memory_limit_bytes, "B",
         "of search state; then the verdict is unknown"},
        {0},
    };
    struct errbuf err = ERRBUF_INIT;
    bool help;
    int operands = arguments_parse(table, argc, argv, &help, &err);
    if (help) {
        printf("usage: faultline %s\n\nPrints FILE<tab>VERDICT for each; details go to standard "
               "error. - is standard input.\n\n",
               synopsis);
        arguments_print(table);
        return 0;
    }
    if (operands == 0)
        errbuf_set(&err, ERR_INPUT, "no file was given");
    if (operands < 1)
        return cli_usage("check", synopsis, &err);
    if (model_file_is_meant(arguments.model))
        return check_files_by(arguments.model, argv, operands, &arguments);
    return check_files(argv, operands, &arguments);
}
