/* Everything that is known of a run, read from its folder. Private to report/. */
#ifndef REPORT_RUN_DATA_H
#define REPORT_RUN_DATA_H

#include "report/client_operations.h"
#include "report/results.h"
#include "report/run_events.h"

#include "core/strbuf.h"

enum { RUN_NOTES_MAX = 8 };

struct run_data {
    const char *dir;
    struct arena arena;
    struct results results;
    struct run_events events;
    struct strbuf history_text; /* kept for the words of operations; empty if there is none */
    struct client_operations operations;
    const char *plan;                 /* NULL if there is none */
    const char *notes[RUN_NOTES_MAX]; /* what is missing or cut short, for people */
    size_t note_count;
};

/* Errors: as results_load, and ERR_NOMEM; nothing is left to free. dir is borrowed. What else is
 * missing or unreadable becomes a note. */
int run_data_load(const char *dir, struct run_data *out, struct errbuf *err);
void run_data_fini(struct run_data *run);

/* Since the start of the run: from the beginning of the first operation and of driving to the last
 * completion. An empty span if nothing has a time. */
struct run_span {
    int64_t begin_ns, end_ns;
};
struct run_span run_data_span(const struct run_data *run);

#endif
