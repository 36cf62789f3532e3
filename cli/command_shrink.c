#include "cli/command.h"

#include "checker/model_choice.h"
#include "checker/shrink.h"
#include "cli/arguments.h"
#include "core/arena.h"
#include "core/err.h"
#include "formats/reader.h"
#include "formats/writer.h"
#include "injector/model_file.h"
#include "isolation/judge.h"

#include <stdio.h>
#include <string.h>

static const char synopsis[] = "shrink [options] FILE [OUT]";

struct shrink_arguments {
    const char *model;
    const char *format, *to;
    const char *initial, *total;
    uint64_t permits;
    int64_t time_limit_ns;
    uint64_t memory_limit_bytes;
    bool independent, allow_negative, linearizable;
};

static int load(const struct shrink_arguments *arguments, const char *file, struct arena *arena,
                struct operations *all, struct check_options *options, struct errbuf *err)
{
    struct history_semantics *semantics = &options->semantics;
    const char *model = arguments->model;
    bool is_file = model && model_file_is_meant(model);
    struct reader_options how = {.independent = arguments->independent,
                                 .refuses_pairs = !is_file && model_has_single_values(model)};
    int rc = reader_load(file, arguments->format, how, all, semantics, err);
    if (rc == 0 && arguments->initial)
        rc = reader_set_initial(semantics, arguments->initial, all->values, err);
    options->model = "user";
    if (rc == 0 && is_file)
        rc = model_file_load(model, arena, &semantics->user, err);
    else if (rc == 0)
        rc = model_choose(model, semantics, &options->model, err);
    if (rc == 0 && !is_file && judge_is_of_transactions(options->model))
        rc =
            errbuf_set(err, ERR_INPUT,
                       "histories of transactions are not shrunk: check tells the few transactions "
                       "that refute a level");
    semantics->permits = (uint32_t)arguments->permits;
    options->time_limit_ns = arguments->time_limit_ns;
    options->memory_limit_bytes = arguments->memory_limit_bytes;
    options->checker.allow_negative = arguments->allow_negative;
    options->checker.linearizable = arguments->linearizable;
    return rc != 0 ? rc : cli_read_total(arguments->total, &options->checker, err);
}

/* As --to says, else as the name of OUT, else as FILE is written, else JSON Lines. */
static int choose_format(const struct shrink_arguments *arguments, const char *file,
                         const char *out, const struct writer **format, struct errbuf *err)
{
    const char *from = arguments->format;
    if (arguments->to)
        return writer_choose(out, arguments->to, format, err);
    if (strcmp(out, "-") != 0 && writer_choose(out, NULL, format, NULL) == 0)
        return 0;
    if (from && writer_find(from))
        return writer_choose(out, from, format, err);
    if (writer_choose(file, NULL, format, NULL) == 0)
        return 0;
    return writer_choose(out, "jsonl", format, err);
}

static int write_out(const struct operations *all, const char *out, const struct writer *format,
                     struct errbuf *err)
{
    struct writer_facts facts;
    struct history_writer *writer;
    int rc = writer_learn(all, &facts, err);
    if (rc == 0)
        rc = history_writer_open(out, format, &facts, &writer, err);
    if (rc != 0)
        return rc;
    struct op_sink sink = history_writer_sink(writer);
    rc = operations_for_each_event(all, &sink, err);
    int closed = history_writer_close(writer, rc == 0, NULL, rc == 0 ? err : NULL);
    return rc != 0 ? rc : closed;
}

static int shrink(const struct shrink_arguments *arguments, const char *file, const char *out)
{
    struct errbuf err = ERRBUF_INIT;
    struct operations all = {0};
    struct check_options options = {0};
    struct shrink_result result = {0};
    const struct writer *format;
    struct arena arena;
    arena_init(&arena, 0);
    int rc = choose_format(arguments, file, out, &format, &err);
    if (rc == 0)
        rc = load(arguments, file, &arena, &all, &options, &err);
    if (rc == 0)
        rc = shrink_history(&all, &options, &result, &err);
    if (rc == 0 && result.verdict == VERDICT_INVALID)
        rc = write_out(&result.smaller, out, format, &err);
    int status = rc == 0 ? verdict_exit_status(result.verdict) : cli_fail("shrink", rc, &err);
    if (rc == 0 && result.verdict == VERDICT_INVALID)
        fprintf(stderr, "%s: invalid: %u of %u operations still are%s\n", file, result.after,
                result.before, result.smallest ? "" : "; a limit ended it before the smallest");
    else if (rc == 0)
        fprintf(stderr, "%s: %s: nothing to shrink\n", file, verdict_name(result.verdict));
    shrink_result_fini(&result);
    operations_fini(&all);
    arena_fini(&arena);
    return status;
}

int command_shrink(int argc, char **argv)
{
    struct shrink_arguments arguments = {0};
    const struct argument table[] = {
        {"model", ARGUMENT_TEXT, &arguments.model, "M",
         "what the history is checked against (what its header names, else cas-register), or the "
         "file of a model"},
        {"format", ARGUMENT_TEXT, &arguments.format, "F",
         "of FILE; found out if not given; see list formats"},
        {"to", ARGUMENT_TEXT, &arguments.to, "F", "of OUT; by its name, or as FILE, if not given"},
        {"initial", ARGUMENT_TEXT, &arguments.initial, "VALUE", "value before the first write"},
        {"independent", ARGUMENT_FLAG, &arguments.independent, NULL,
         "values of a Jepsen history are [key value]"},
        {"permits", ARGUMENT_NUMBER, &arguments.permits, "N", "of a semaphore (1)"},
        {"total", ARGUMENT_TEXT, &arguments.total, "N", "bank: as for check"},
        {"allow-negative", ARGUMENT_FLAG, &arguments.allow_negative, NULL, "bank: as for check"},
        {"linearizable", ARGUMENT_FLAG, &arguments.linearizable, NULL, "set-full: as for check"},
        {"time-limit", ARGUMENT_DURATION, &arguments.time_limit_ns, "S",
         "of check and shrinking; then the smallest found so far is written"},
        {"memory-limit", ARGUMENT_BYTES, &arguments.memory_limit_bytes, "B", "likewise"},
        {0},
    };
    struct errbuf err = ERRBUF_INIT;
    bool help;
    int operands = arguments_parse(table, argc, argv, &help, &err);
    if (help) {
        printf("usage: faultline %s\n\nWrites the smallest history that still fails to OUT, or to "
               "standard output: made by sound\nreductions only, so that the violation is one "
               "that happened. Exit status: the verdict on FILE.\n\n",
               synopsis);
        arguments_print(table);
        return 0;
    }
    if (operands >= 0 && operands != 1 && operands != 2)
        errbuf_set(&err, ERR_INPUT, "a history is needed, and where to write, %d were given",
                   operands);
    if (operands != 1 && operands != 2)
        return cli_usage("shrink", synopsis, &err);
    return shrink(&arguments, argv[0], operands == 2 ? argv[1] : "-");
}
