/* The contract of a history writer: from events to the text of a format.
 *
 * A writer loses nothing that its format can hold. What the format cannot hold is an error that
 * names the event and says why - unless it is mere decoration (enum writer_loss), which is left out
 * and counted.
 *
 * To add one, do these three things: write writer_NAME.c with a `const struct writer`; declare it
 * here; name it in writer_table (writer.c). The round trips of tests/property/convert.c find it
 * there. */
#ifndef FORMATS_WRITER_H
#define FORMATS_WRITER_H

#include "core/history.h"
#include "core/history_header.h"
#include "core/strbuf.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct errbuf;
struct history_semantics;
struct operations;
struct value_pool;

/* What may be lost without the history saying anything else. */
enum writer_loss {
    WRITER_TIMES,     /* the order of events stays */
    WRITER_ERRORS,    /* the text why an operation failed or crashed */
    WRITER_PROCESSES, /* who did it; what overlaps what stays */
    WRITER_ECHOES,    /* the value of a completion that says no more than that it happened */
    WRITER_CRASHES, /* the moment when a client stopped waiting: it is as if nobody had answered */
    WRITER_NOTHING_KNOWN, /* gained: a crash without a value is written as timed out */
    WRITER_FAILED_CAS,    /* gained: a failed cas now says that the value was another one */
    WRITER_ORDER,         /* what was over before what, of different processes */
    WRITER_NO_TIMES,      /* gained: the order of events now says what was over before what */
    WRITER_INITIAL,       /* the value before the first write */
    WRITER_LOSS_COUNT,
};

/* What a writer must know about the whole history before the first event. */
struct writer_facts {
    bool clients_have_keys; /* every operation is on one of several independent objects */
    bool times_increase;    /* every event has a time, later than the one before */
    struct history_header header;
};

struct writer_output {
    struct strbuf text; /* where a writer appends */
    struct writer_facts facts;
    uint64_t lost[WRITER_LOSS_COUNT];
    void *state; /* the writer's own, zeroed */
};

struct writer {
    const char *name;      /* the same as that of the reader */
    const char *doc;       /* one line */
    const char *extension; /* of files that are written so if nothing else is said; NULL */
    size_t state_size;

    /* Errors of all: ERR_INPUT (the format cannot hold it; the text names the event by its index),
     * ERR_NOMEM. begin, end and fini may be NULL. */
    int (*begin)(struct writer_output *out, struct errbuf *err);
    int (*write)(struct writer_output *out, const struct op *op, struct errbuf *err);
    int (*end)(struct writer_output *out, struct errbuf *err);
    void (*fini)(struct writer_output *out);
};

extern const struct writer writer_jsonl;
extern const struct writer writer_json;
extern const struct writer writer_edn;
extern const struct writer writer_porcupine_etcd;
extern const struct writer writer_porcupine_kv;
extern const struct writer writer_polylin;
extern const struct writer writer_limo;
extern const struct writer writer_awdit;
extern const struct writer writer_plume;
extern const struct writer writer_dbcop_json;
extern const struct writer writer_dbcop_hist;

/* NULL if there is none of this name. */
const struct writer *writer_find(const char *name);

/* The writer for a file: the one called format, or if that is NULL by the file's extension.
 * ERR_INPUT with those there are. */
int writer_choose(const char *path, const char *format, const struct writer **out,
                  struct errbuf *err);

/* Goes through all events once. ERR_NOMEM. */
int writer_learn(const struct operations *all, struct writer_facts *facts, struct errbuf *err);

/* What the format it was read in says of the whole history; the values stay where they are. */
void writer_learn_semantics(const struct history_semantics *semantics,
                            const struct value_pool *values, struct writer_facts *facts);

/* For formats that cannot hold that there are no times, or the value before the first write: counts
 * it as lost. */
void writer_lose_header(struct writer_output *out);

/* ERR_INPUT with "event INDEX: a FORMAT history cannot hold WHAT". */
int writer_cannot(const struct writer *writer, const struct op *op, const char *what,
                  struct errbuf *err);

/* "a" or "an", before its name. */
const char *writer_article(const struct writer *writer);

/* "1200 times, 3 errors"; empty if nothing was lost. */
void writer_put_losses(struct strbuf *out, const uint64_t lost[WRITER_LOSS_COUNT]);

/* --- into a file --- */

struct history_writer;

/* path: "-" is standard output. A plain file appears under its name only once it is complete.
 * Errors: ERR_IO, ERR_NOMEM. */
int history_writer_open(const char *path, const struct writer *format,
                        const struct writer_facts *facts, struct history_writer **out,
                        struct errbuf *err);

/* Events go here, in order. A few hundred kilobytes are held back. Errors: those of the format, and
 * ERR_IO. */
struct op_sink history_writer_sink(struct history_writer *writer);

/* Completes the file if `complete` (ERR_IO, and those of the format), else leaves none. Frees the
 * writer in any case; lost (may be NULL) is what decoration was left out. */
int history_writer_close(struct history_writer *writer, bool complete,
                         uint64_t lost[WRITER_LOSS_COUNT], struct errbuf *err);

#endif
