#include "formats/writer.h"

#include "checker/semantics.h"
#include "core/err.h"
#include "core/errbuf.h"
#include "core/operations.h"
#include "core/suggest.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const struct writer *const writer_table[] = {
    &writer_jsonl,        &writer_json,       &writer_edn,        &writer_porcupine_etcd,
    &writer_porcupine_kv, &writer_polylin,    &writer_limo,       &writer_awdit,
    &writer_plume,        &writer_dbcop_json, &writer_dbcop_hist, NULL,
};

const struct writer *writer_find(const char *name)
{
    for (const struct writer *const *writer = writer_table; *writer; writer++)
        if (strcmp((*writer)->name, name) == 0)
            return *writer;
    return NULL;
}

static bool ends_with(const char *text, const char *end)
{
    size_t length = strlen(text), end_length = strlen(end);
    return length > end_length && strcmp(text + length - end_length, end) == 0;
}

int writer_choose(const char *path, const char *format, const struct writer **out,
                  struct errbuf *err)
{
    struct strbuf known = STRBUF_INIT;
    *out = format ? writer_find(format) : NULL;
    for (const struct writer *const *writer = writer_table; *writer; writer++) {
        const char *extension = (*writer)->extension;
        if (!format && extension && ends_with(path, extension))
            *out = *writer;
        strbuf_printf(&known, "%s%s%s%s%s", writer == writer_table ? "" : ", ", (*writer)->name,
                      extension ? " (" : "", extension ? extension : "", extension ? ")" : "");
    }
    if (!*out && format)
        errbuf_set(err, ERR_INPUT, "no format \"%s\" to write; %sthere are: %s", format,
                   strbuf_ok(&known) ? suggest_one(format, known.text).text : "",
                   strbuf_ok(&known) ? known.text : "");
    else if (!*out)
        errbuf_set(err, ERR_INPUT, "%s: its name does not say the format; name one of: %s", path,
                   strbuf_ok(&known) ? known.text : "");
    strbuf_fini(&known);
    return *out ? 0 : ERR_INPUT;
}

/* --- what is known beforehand --- */

struct learning {
    struct writer_facts facts;
    int64_t last_ns;
};

static int learn(void *context, const struct op *op, struct errbuf *err)
{
    struct learning *learning = context;
    (void)err;
    if (op->process >= 0 && !op->has_key)
        learning->facts.clients_have_keys = false;
    if (op->time_ns <= learning->last_ns)
        learning->facts.times_increase = false;
    learning->last_ns = op->time_ns;
    return 0;
}

int writer_learn(const struct operations *all, struct writer_facts *facts, struct errbuf *err)
{
    struct learning learning = {
        .facts = {.clients_have_keys = all->operation_count > 0, .times_increase = true},
        .last_ns = -1};
    struct op_sink sink = {.take = learn, .context = &learning};
    int rc = operations_for_each_event(all, &sink, err);
    if (rc == 0)
        *facts = learning.facts;
    return rc;
}

void writer_learn_semantics(const struct history_semantics *semantics,
                            const struct value_pool *values, struct writer_facts *facts)
{
    facts->header = (struct history_header){
        .has_no_times = semantics->has_no_times,
        .has_no_initial = semantics->has_no_initial,
        .initial_is_given = semantics->initial_is_given,
        .initial_may_be_nil = semantics->initial_may_be_nil,
        .initial = value_pool_get(values, semantics->initial),
    };
}

/* --- what is lost --- */

void writer_lose_header(struct writer_output *out)
{
    const struct history_header *header = &out->facts.header;
    out->lost[WRITER_NO_TIMES] += header->has_no_times;
    out->lost[WRITER_INITIAL] +=
        header->has_no_times && (header->has_no_initial || header->initial_is_given);
}

const char *writer_article(const struct writer *writer)
{
    return strchr("ae", writer->name[0]) ? "an" : "a";
}

int writer_cannot(const struct writer *writer, const struct op *op, const char *what,
                  struct errbuf *err)
{
    return errbuf_set(err, ERR_INPUT, "event %lld: %s %s history cannot hold %s",
                      (long long)op->index, writer_article(writer), writer->name, what);
}

void writer_put_losses(struct strbuf *out, const uint64_t lost[WRITER_LOSS_COUNT])
{
    static const char *const names[WRITER_LOSS_COUNT] = {
        [WRITER_TIMES] = "times",
        [WRITER_ERRORS] = "errors",
        [WRITER_PROCESSES] = "numbers of processes",
        [WRITER_ECHOES] = "values of completions that say no more than that they happened",
        [WRITER_CRASHES] = "moments when a client stopped waiting",
        [WRITER_NOTHING_KNOWN] = "crashes without a value (now said to be timeouts)",
        [WRITER_FAILED_CAS] =
            "failures of cas that prove nothing (now they prove that the value was another one)",
        [WRITER_ORDER] = "order of what different processes did",
        [WRITER_NO_TIMES] = "note that the order of events says nothing of time (now it does)",
        [WRITER_INITIAL] = "value before the first write (say --initial)",
    };
    for (int i = 0; i < WRITER_LOSS_COUNT; i++)
        if (lost[i] > 0)
            strbuf_printf(out, "%s%llu %s", out->length ? ", " : "", (unsigned long long)lost[i],
                          names[i]);
}

/* --- into a file --- */

enum { HELD_BACK = 256 * 1024 };

struct history_writer {
    const struct writer *format;
    struct writer_output output;
    int fd;
    char *path;      /* for messages, and where it goes in the end */
    char *temporary; /* where it is until then; NULL if it is written in place */
};

static int flush(struct history_writer *writer, struct errbuf *err)
{
    struct strbuf *text = &writer->output.text;
    if (!strbuf_ok(text))
        return errbuf_set(err, ERR_NOMEM, "%s: no memory to write it", writer->path);
    for (size_t at = 0; at < text->length;) {
        ssize_t written = write(writer->fd, text->text + at, text->length - at);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return errbuf_set_errno(err, ERR_IO, "%s: cannot be written", writer->path);
        at += (size_t)written;
    }
    strbuf_reset(text);
    return 0;
}

/* A file that is there and is no plain one (a pipe, a device) is written in place. */
static int open_file(struct history_writer *writer, struct errbuf *err)
{
    struct stat status;
    if (strcmp(writer->path, "-") == 0) {
        writer->fd = STDOUT_FILENO;
        return 0;
    }
    bool in_place = stat(writer->path, &status) == 0 && !S_ISREG(status.st_mode);
    struct strbuf name = STRBUF_INIT;
    strbuf_printf(&name, "%s.%ld.part", writer->path, (long)getpid());
    if (in_place) {
        strbuf_fini(&name);
        writer->fd = open(writer->path, O_WRONLY | O_CLOEXEC);
    } else if (strbuf_ok(&name)) {
        writer->temporary = name.text;
        writer->fd = open(name.text, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    }
    return writer->fd >= 0 ? 0
                           : errbuf_set_errno(err, ERR_IO, "%s: cannot be opened", writer->path);
}

static void writer_free(struct history_writer *writer)
{
    if (writer->format->fini && writer->output.state)
        writer->format->fini(&writer->output);
    strbuf_fini(&writer->output.text);
    free(writer->output.state);
    free(writer->temporary);
    free(writer->path);
    free(writer);
}

int history_writer_open(const char *path, const struct writer *format,
                        const struct writer_facts *facts, struct history_writer **out,
                        struct errbuf *err)
{
    struct history_writer *writer = calloc(1, sizeof *writer);
    if (!writer)
        return errbuf_set(err, ERR_NOMEM, "%s: no memory to write it", path);
    writer->format = format;
    writer->fd = -1;
    writer->path = strdup(path);
    writer->output.facts = *facts;
    writer->output.state = calloc(1, format->state_size + 1);
    int rc = !writer->path || !writer->output.state
                 ? errbuf_set(err, ERR_NOMEM, "%s: no memory to write it", path)
                 : open_file(writer, err);
    if (rc == 0 && format->begin)
        rc = format->begin(&writer->output, err);
    if (rc == 0) {
        *out = writer;
        return 0;
    }
    if (writer->fd >= 0)
        history_writer_close(writer, false, NULL, NULL);
    else
        writer_free(writer);
    return rc;
}

static int take(void *context, const struct op *op, struct errbuf *err)
{
    struct history_writer *writer = context;
    int rc = writer->format->write(&writer->output, op, err);
    if (rc == 0 && writer->output.text.length >= HELD_BACK)
        rc = flush(writer, err);
    return rc;
}

struct op_sink history_writer_sink(struct history_writer *writer)
{
    return (struct op_sink){.take = take, .context = writer};
}

static int complete_file(struct history_writer *writer, struct errbuf *err)
{
    int rc = writer->format->end ? writer->format->end(&writer->output, err) : 0;
    return rc != 0 ? rc : flush(writer, err);
}

int history_writer_close(struct history_writer *writer, bool complete,
                         uint64_t lost[WRITER_LOSS_COUNT], struct errbuf *err)
{
    int rc = complete ? complete_file(writer, err) : 0;
    if (lost)
        memcpy(lost, writer->output.lost, sizeof writer->output.lost);
    if (writer->fd != STDOUT_FILENO && close(writer->fd) != 0 && rc == 0)
        rc = errbuf_set_errno(err, ERR_IO, "%s: cannot be written", writer->path);
    bool keep = complete && rc == 0;
    if (writer->temporary && keep && rename(writer->temporary, writer->path) != 0)
        rc = errbuf_set_errno(err, ERR_IO, "%s: cannot be written", writer->path);
    if (writer->temporary && (!keep || rc != 0))
        unlink(writer->temporary);
    writer_free(writer);
    return rc;
}
