/* Everything that is known of a run, read from its folder; or of a history that was checked.
 * Private to report/. */
#ifndef REPORT_RUN_DATA_H
#define REPORT_RUN_DATA_H

#include "report/client_operations.h"
#include "report/results.h"
#include "report/run_events.h"

#include "core/operations.h"
#include "core/strbuf.h"

enum { RUN_NOTES_MAX = 8 };

struct run_data {
    const char *dir;              /* NULL: a history that was checked, without a run */
    const char *where;            /* all of what a page shows the beginning of */
    const struct operations *all; /* NULL if they were not read, or are not as they should be */
    struct operations read;       /* all, of a run */
    struct arena arena;
    struct results results;
    struct run_events events;
    struct strbuf history_text; /* without `all`, for the words of operations */
    struct client_operations operations;
    const char *plan;                 /* NULL if there is none */
    const char *notes[RUN_NOTES_MAX]; /* what is missing or cut short, for people */
    size_t note_count;
};

/* Errors: as results_load, and ERR_NOMEM; nothing is left to free. dir is borrowed. What else is
 * missing or unreadable becomes a note. */
int run_data_load(const char *dir, struct run_data *out, struct errbuf *err);

/* What is known of a history that was checked, which the result and the operations are of; all
 * three are borrowed. Operations may be NULL: reading them did not end. ERR_NOMEM, then nothing is
 * left to free. */
int run_data_from_check(const char *name, const struct operations *all,
                        const struct check_result *check, struct run_data *out, struct errbuf *err);
void run_data_fini(struct run_data *run);

/* Fills in the words of these operations; values live in the arena or with the run. ERR_NOMEM. */
int run_data_read_words(const struct run_data *run, struct operation_words *words, size_t count,
                        struct arena *arena, struct errbuf *err);

/* Since the start of the run: from the beginning of the first operation and of driving to the last
 * completion. An empty span if nothing has a time. */
struct run_span {
    int64_t begin_ns, end_ns;
};
struct run_span run_data_span(const struct run_data *run);

#endif
