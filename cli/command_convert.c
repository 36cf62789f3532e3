#include "cli/command.h"

#include "cli/arguments.h"
#include "core/err.h"
#include "core/errbuf.h"
#include "formats/reader.h"
#include "formats/writer.h"

#include <stdio.h>
#include <string.h>

static const char synopsis[] = "convert [options] IN OUT";

struct convert_arguments {
    const char *from, *to;
    bool independent;
};

static void print_losses(const char *path, const uint64_t lost[WRITER_LOSS_COUNT])
{
    struct strbuf text = STRBUF_INIT;
    writer_put_losses(&text, lost);
    if (text.length > 0)
        fprintf(stderr, "%s: not held: %s\n", path, text.text);
    strbuf_fini(&text);
}

static void print_truncation(const char *path, const struct operations *all)
{
    struct strbuf text = STRBUF_INIT;
    operations_put_truncation(all, &text);
    fprintf(stderr, "%s: %s\n", path, strbuf_ok(&text) ? text.text : "is cut short");
    strbuf_fini(&text);
}

static int write_all(const struct operations *all, const struct history_semantics *semantics,
                     const char *path, const struct writer *format, struct errbuf *err)
{
    struct writer_facts facts;
    struct history_writer *writer;
    uint64_t lost[WRITER_LOSS_COUNT] = {0};
    int rc = writer_learn(all, &facts, err);
    writer_learn_semantics(semantics, all->values, &facts);
    if (rc == 0)
        rc = history_writer_open(path, format, &facts, &writer, err);
    if (rc != 0)
        return rc;
    struct op_sink sink = history_writer_sink(writer);
    rc = operations_for_each_event(all, &sink, err);
    int closed = history_writer_close(writer, rc == 0, lost, rc == 0 ? err : NULL);
    rc = rc != 0 ? rc : closed;
    if (rc == 0)
        print_losses(path, lost);
    return rc;
}

static int convert(const char *in, const char *out, const struct convert_arguments *arguments,
                   struct errbuf *err)
{
    struct operations all;
    struct history_semantics semantics = {0};
    const struct writer *format;
    struct reader_options how = {.independent = arguments->independent};
    int rc = writer_choose(out, arguments->to, &format, err);
    if (rc == 0)
        rc = reader_load(in, arguments->from, how, &all, &semantics, err);
    if (rc != 0)
        return rc;
    if (all.truncated && semantics.has_no_times)
        rc = errbuf_set(err, ERR_INPUT,
                        "%s: is cut short, and as it tells one session after another, what is left "
                        "is no history of its own",
                        in);
    else if (all.truncated)
        print_truncation(in, &all);
    if (rc == 0) {
        rc = write_all(&all, &semantics, out, format, err);
        if (rc == ERR_INPUT && strncmp(err->text, "event ", 6) == 0) {
            errbuf_prefix(err, "%s", in);
            reader_place_error(in, arguments->from, err);
        }
    }
    operations_fini(&all);
    return rc;
}

int command_convert(int argc, char **argv)
{
    struct convert_arguments arguments = {0};
    const struct argument table[] = {
        {"from", ARGUMENT_TEXT, &arguments.from, "F",
         "format of IN; found out if not given; see list formats"},
        {"format", ARGUMENT_TEXT, &arguments.to, "F",
         "format of OUT; by its extension if not given; see list formats"},
        {"independent", ARGUMENT_FLAG, &arguments.independent, NULL,
         "values of the Jepsen history IN are [key value]"},
        {0},
    };
    struct errbuf err = ERRBUF_INIT;
    bool help;
    int operands = arguments_parse(table, argc, argv, &help, &err);
    if (help) {
        printf("usage: faultline %s\n\nWrites a history in another format. What the other format "
               "cannot hold is an error;\nmere decoration is left out and counted on standard "
               "error. - is standard input or output.\n\n",
               synopsis);
        arguments_print(table);
        return 0;
    }
    if (operands >= 0 && operands != 2)
        errbuf_set(&err, ERR_INPUT, "it takes two files: IN and OUT");
    if (operands != 2)
        return cli_usage("convert", synopsis, &err);
    int rc = convert(argv[0], argv[1], &arguments, &err);
    return rc == 0 ? 0 : cli_fail("convert", rc, &err);
}
