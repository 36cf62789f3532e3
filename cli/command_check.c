#include "cli/command.h"

#include "checker/certificate.h"
#include "checker/check.h"
#include "checker/model_choice.h"
#include "cli/arguments.h"
#include "cli/isolation_arguments.h"
#include "core/clock.h"
#include "core/err.h"
#include "core/strbuf.h"
#include "formats/reader.h"
#include "injector/model_file.h"
#include "isolation/judge.h"
#include "report/report.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char synopsis[] = "check [options] FILE...";

struct check_arguments {
    const char *model;
    const struct user_model *user; /* the model, if a file describes it */
    const char *format;
    const char *initial;
    const char *algorithm;
    const char *total;
    const char *certificate;
    const char *html;
    int64_t time_limit_ns;
    uint64_t memory_limit_bytes, threads, permits;
    bool allow_negative;
    bool linearizable;
    bool independent;
    bool json;
    bool whole;
    struct isolation_arguments isolation;
};

/* What one file came to. */
struct outcome {
    int status;
    const char *word;        /* the verdict, or "error" */
    bool told;               /* its JSON document is printed */
    struct strbuf strongest; /* the strongest levels that hold, if those were asked for */
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

/* Of transactions the algorithm only stands with a plain `valid`: anything else has its reasons
 * below, in words for people. */
static void print_explanations(const char *file, const struct check_result *result,
                               const struct isolation_result *found)
{
    bool has_reasons = found->asked && (result->verdict != VERDICT_VALID || found->refuted);
    fprintf(stderr, "%s: %s", file, result->summary);
    if (!has_reasons)
        fprintf(stderr, " (%s)", result->algorithm);
    fputc('\n', stderr);
    for (size_t i = 0; i < result->key_count; i++)
        if (result->keys[i].explanation)
            print_explanation(&result->keys[i]);
    if (found->untold)
        fputs("Cycles of further kinds: --examples N tells the shortest of each, --cycles DIR "
              "draws them, --html FILE and --json have all.\n",
              stderr);
}

static void print_json(const char *file, const struct check_result *result,
                       const struct operations *all)
{
    char *text = check_result_json(result, all);
    struct strbuf name = STRBUF_INIT;
    strbuf_put_json_string(&name, file, strlen(file));
    if (text && strbuf_ok(&name))
        printf("{\"file\":%s,\"truncated\":%s,\"truncated_at\":%llu,\"check\":%s}", name.text,
               all->truncated ? "true" : "false", (unsigned long long)all->truncated_at, text);
    strbuf_fini(&name);
    free(text);
}

static void print_json_error(const char *file, const struct errbuf *err)
{
    struct strbuf text = STRBUF_INIT;
    strbuf_puts(&text, "{\"file\":");
    strbuf_put_json_string(&text, file, strlen(file));
    strbuf_puts(&text, ",\"error\":");
    strbuf_put_json_string(&text, err->text, strlen(err->text));
    printf("%s}", strbuf_ok(&text) ? text.text : "{\"error\":\"no memory\"");
    strbuf_fini(&text);
}

static void report(const char *file, const struct check_arguments *arguments,
                   const struct operations *all, struct check_result *result,
                   const struct isolation_result *found, struct outcome *out)
{
    out->status = verdict_exit_status(result->verdict);
    out->word = verdict_name(result->verdict);
    out->told = arguments->json;
    if (arguments->json)
        print_json(file, result, all);
    else
        print_explanations(file, result, found);
    check_result_fini(result);
}

/* An option that a model makes nothing of would be believed to have had an effect. */
static int check_options_fit(const struct check_arguments *arguments, const char *model,
                             struct errbuf *err)
{
    const struct {
        const char *name, *of; /* the only model that has it */
        bool is_given;
    } options[] = {
        {"permits", "semaphore", arguments->permits > 0},
        {"total", "bank", arguments->total},
        {"allow-negative", "bank", arguments->allow_negative},
        {"linearizable", "set-full", arguments->linearizable},
    };
    for (size_t i = 0; i < sizeof options / sizeof options[0]; i++)
        if (options[i].is_given && strcmp(options[i].of, model) != 0)
            return errbuf_set(err, ERR_INPUT, "--%s is an option of the model %s, not of %s",
                              options[i].name, options[i].of, model);
    if (arguments->algorithm && judge_is_of_transactions(model))
        return errbuf_set(err, ERR_INPUT,
                          "--algorithm is of the models of linearizability, not of %s", model);
    if (arguments->certificate && judge_is_of_transactions(model))
        return errbuf_set(err, ERR_INPUT,
                          "there is no certificate of a model of transactions; --json has the "
                          "evidence, step by step");
    return 0;
}

/* What the history is checked against: what the user says, or the history, or that levels are asked
 * about. */
static int choose_model(const struct check_arguments *arguments, struct check_options *options,
                        struct errbuf *err)
{
    const char *told = arguments->model;
    if (!told && !options->semantics.model && isolation_arguments_given(&arguments->isolation))
        told = "rw-register";
    int rc = model_choose(told, &options->semantics, &options->model, err);
    struct check_model known;
    if (rc != 0 || !judge_model_find(options->model, &known))
        return rc; /* a name that nobody knows is told by the judge */
    if (isolation_arguments_given(&arguments->isolation) &&
        !judge_is_of_transactions(options->model))
        return errbuf_set(err, ERR_INPUT,
                          "the model %s has no levels of isolation; list-append and rw-register do",
                          options->model);
    return check_options_fit(arguments, options->model, err);
}

/* The summary tells of a history that is cut short; with --whole none is judged. */
static int refuse_truncation(const char *file, const struct check_arguments *arguments,
                             const struct operations *all, struct errbuf *err)
{
    if (!all->truncated || !arguments->whole)
        return 0;
    struct strbuf text = STRBUF_INIT;
    operations_put_truncation(all, &text);
    errbuf_set(err, ERR_INPUT, "%s: %s, and --whole was asked for", file,
               strbuf_ok(&text) ? text.text : "is cut short");
    strbuf_fini(&text);
    return ERR_INPUT;
}

static int check_loaded(const char *file, const struct check_arguments *arguments,
                        struct check_options *options, struct operations *all, struct outcome *out,
                        struct errbuf *err)
{
    struct check_result result;
    struct isolation_options isolation;
    struct isolation_result found = {0};
    int rc = isolation_arguments_read(&arguments->isolation, &isolation, err);
    if (rc != 0)
        return rc;
    isolation.is_for_words_only =
        !arguments->json && !arguments->html && !arguments->isolation.cycles;
    rc = refuse_truncation(file, arguments, all, err);
    if (rc != 0)
        return rc;
    options->semantics.user = arguments->user;
    options->semantics.permits = (uint32_t)arguments->permits;
    isolation.model_is_open = !arguments->model;
    if (!arguments->user)
        rc = choose_model(arguments, options, err);
    if (rc == 0 && arguments->initial)
        rc = reader_set_initial(&options->semantics, arguments->initial, all->values, err);
    if (rc == 0)
        rc = judge_history(all, options, &isolation, &result, &found, err);
    if (rc != 0) {
        errbuf_prefix(err, "%s", file);
        if (rc == ERR_INPUT)
            reader_place_error(file, arguments->format, err);
        return rc;
    }
    if (arguments->certificate)
        rc = certificate_write(&result, all, &options->semantics, arguments->certificate, err);
    if (rc == 0 && arguments->html)
        rc = report_write_check(arguments->html, file, all, &result, err);
    if (rc == 0 && arguments->isolation.cycles)
        rc = isolation_write_cycles(arguments->isolation.cycles, &result, &found, err);
    if (isolation.strongest)
        isolation_put_strongest(&out->strongest, &found);
    report(file, arguments, all, &result, &found, out);
    if (rc != 0) {
        out->status = EXIT_HARNESS;
        out->word = "error";
    }
    return rc;
}

/* The time for reading and checking together begins here. */
static int options_of(const struct check_arguments *arguments, struct check_options *out,
                      struct errbuf *err)
{
    *out = (struct check_options){.algorithm = arguments->algorithm,
                                  .time_limit_ns = arguments->time_limit_ns,
                                  .memory_limit_bytes = arguments->memory_limit_bytes,
                                  .threads = (unsigned)arguments->threads,
                                  .want_certificate = arguments->certificate != NULL,
                                  .checker = {.allow_negative = arguments->allow_negative,
                                              .linearizable = arguments->linearizable}};
    model_choose(arguments->model, &out->semantics, &out->model, NULL); /* until it was read */
    if (arguments->time_limit_ns > 0)
        out->deadline_ns = monotonic_ns() + arguments->time_limit_ns;
    return cli_read_total(arguments->total, &out->checker, err);
}

static int load(const char *file, const struct check_arguments *arguments,
                struct check_options *options, struct operations *all, struct errbuf *err)
{
    bool is_of_transactions = isolation_arguments_given(&arguments->isolation) ||
                              judge_is_of_transactions(arguments->model);
    struct reader_options how = {.independent = arguments->independent,
                                 .pack_transactions = is_of_transactions,
                                 .refuses_pairs = !arguments->user && !is_of_transactions &&
                                                  model_has_single_values(arguments->model),
                                 .threads = options->threads,
                                 .deadline_ns = options->deadline_ns,
                                 .bytes_max = options->memory_limit_bytes};
    return reader_load(file, arguments->format, how, all, &options->semantics, err);
}

/* A limit that ends the reading already leaves the verdict unknown. */
static bool is_limit(int rc, const struct check_options *options)
{
    return rc == ERR_TIMEOUT || (rc == ERR_NOMEM && options->memory_limit_bytes > 0);
}

static struct outcome check_file(const char *file, const struct check_arguments *arguments)
{
    struct errbuf err = ERRBUF_INIT;
    struct operations all = {0};
    struct outcome outcome = {.status = EXIT_HARNESS, .word = "error"};
    struct check_options options;
    struct check_result unread;
    int rc = options_of(arguments, &options, &err);
    if (rc == 0)
        rc = load(file, arguments, &options, &all, &err);
    if (rc == 0) {
        rc = check_loaded(file, arguments, &options, &all, &outcome, &err);
    } else if (is_limit(rc, &options)) {
        rc = check_unread(&options, rc, &unread, &err);
        bool written = rc == 0;
        if (written && arguments->html)
            rc = report_write_check(arguments->html, file, NULL, &unread, &err);
        if (written)
            report(file, arguments, &all, &unread, &(struct isolation_result){0}, &outcome);
    }
    if (rc != 0) {
        fprintf(stderr, "%s\n", err.text);
        outcome.status = rc == ERR_INPUT ? EXIT_USAGE : EXIT_HARNESS;
        if (arguments->json && !outcome.told)
            print_json_error(file, &err);
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
            printf("%s\t%s\n", files[i],
                   outcome.strongest.length > 0 ? outcome.strongest.text : outcome.word);
        strbuf_fini(&outcome.strongest);
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
    struct check_arguments arguments = {0};
    const struct argument table[] = {
        {"model", ARGUMENT_TEXT, &arguments.model, "M",
         "what the history is checked against (what its header names, else cas-register); see list "
         "models; or a model's own file, M.yaml"},
        {"format", ARGUMENT_TEXT, &arguments.format, "F",
         "of the files; found out if not given; see list formats"},
        {"initial", ARGUMENT_TEXT, &arguments.initial, "VALUE",
         "value before the first write, such as nil, 0 or \"a\""},
        {"independent", ARGUMENT_FLAG, &arguments.independent, NULL,
         "values of a Jepsen history are [key value]"},
        {"whole", ARGUMENT_FLAG, &arguments.whole, NULL,
         "a file that ends too early (its writer died, a download broke off) is an error, instead "
         "of the verdict on what is there"},
        {"json", ARGUMENT_FLAG, &arguments.json, NULL, "print one JSON document with every detail"},
        {"time-limit", ARGUMENT_DURATION, &arguments.time_limit_ns, "S",
         "for reading and checking each file; then the verdict is unknown"},
        {"memory-limit", ARGUMENT_BYTES, &arguments.memory_limit_bytes, "B",
         "of operations and search state; then the verdict is unknown"},
        {"certificate", ARGUMENT_TEXT, &arguments.certificate, "FILE",
         "write the proof of the verdict, which verify accepts or rejects; of one history"},
        {"html", ARGUMENT_TEXT, &arguments.html, "FILE",
         "write a page that shows and explains the verdict; of one history"},
        {"threads", ARGUMENT_NUMBER, &arguments.threads, "N", "at most so many; one a core"},
        {"algorithm", ARGUMENT_TEXT, &arguments.algorithm, "A",
         "this one only; see list algorithms"},
        {"permits", ARGUMENT_NUMBER, &arguments.permits, "N",
         "semaphore: how many may be held at once (1)"},
        {"total", ARGUMENT_TEXT, &arguments.total, "N",
         "bank: the sum of all balances, such as Jepsen's 100; that of the first read if not "
         "given"},
        {"allow-negative", ARGUMENT_FLAG, &arguments.allow_negative, NULL,
         "bank: balances may go below zero"},
        {"consistency", ARGUMENT_TEXT, &arguments.isolation.consistency, "LEVEL[,LEVEL]",
         "transactions: the levels that must hold (strict-serializable, or "
         "strong-session-serializable without times); see list levels"},
        {"strongest", ARGUMENT_FLAG, &arguments.isolation.strongest, NULL,
         "transactions: print the strongest levels that hold instead of a verdict, LEVEL[,LEVEL] "
         "or "
         "none; and those that cannot be told, each as LEVEL?"},
        {"among", ARGUMENT_TEXT, &arguments.isolation.among, "LEVEL[,LEVEL]",
         "likewise, but look at these only; or awdit, its three; or all"},
        {"infer", ARGUMENT_TEXT, &arguments.isolation.infer, "WHAT[,WHAT]",
         "registers: orders of versions the database promises: wfr-keys, sequential-keys, "
         "linearizable-keys, transaction-order"},
        {"examples", ARGUMENT_NUMBER, &arguments.isolation.examples, "N",
         "transactions: show at most so many of each anomaly (8), and tell the shortest cycle of "
         "each kind"},
        {"cycles", ARGUMENT_TEXT, &arguments.isolation.cycles, "DIR",
         "transactions: write a picture (SVG) and a graph (DOT) of each cycle shown; of one "
         "history"},
        {"linearizable", ARGUMENT_FLAG, &arguments.linearizable, NULL,
         "set-full: an element, once known, must be in every later read"},
        {0},
    };
    struct errbuf err = ERRBUF_INIT;
    bool help;
    int operands = arguments_parse(table, argc, argv, &help, &err);
    if (help) {
        printf("usage: faultline %s\n\nPrints FILE<tab>VERDICT for each; details go to standard "
               "error. - is standard input.\n\nExit status: 0 valid, 1 invalid, 2 unknown, 3 "
               "vacuous: nothing was tested; 254 bad usage or\nhistory, so that nothing was "
               "judged; 255 the tool itself failed. Of --strongest: 0 told (what\nthe history "
               "shows too little of may be left as LEVEL?), 1 no level holds, 2 a limit\nended "
               "something first.\n\n",
               synopsis);
        arguments_print(table);
        return 0;
    }
    if (operands == 0)
        errbuf_set(&err, ERR_INPUT, "no file was given");
    if (operands > 1 && (arguments.certificate || arguments.html || arguments.isolation.cycles))
        operands = errbuf_set(&err, ERR_INPUT, "%s of one history, not of %d",
                              arguments.certificate ? "a certificate is"
                              : arguments.html      ? "a page is"
                                                    : "pictures of cycles are",
                              operands);
    if (operands < 1)
        return cli_usage("check", synopsis, &err);
    if (arguments.model && model_file_is_meant(arguments.model))
        return check_files_by(arguments.model, argv, operands, &arguments);
    return check_files(argv, operands, &arguments);
}
