/* events.jsonl of a run (injector/events.h): what happened besides operations. Private to report/.
 */
#ifndef REPORT_RUN_EVENTS_H
#define REPORT_RUN_EVENTS_H

#include "report/results.h"

struct run_event {
    int64_t t_ns;     /* since the start of the run; -1 if not recorded */
    const char *node; /* "" if it is not one node's */
    const char *what; /* "killed (pid 4711)", "partition: heal failed: ..." */
};

struct run_events {
    struct run_event
        *items; /* processes, messages of the run, and failures: not phases or faults */
    size_t count;
    struct results_fault *faults; /* as the events tell them, for a run without results */
    size_t fault_count;
    size_t unreadable; /* lines that are not events, but for a cut last one */
    bool truncated;    /* the last line is cut short */
};

/* Reads the text of the file. ERR_NOMEM. Linear time but for faults, whose number is small. */
int run_events_read(const char *text, size_t length, struct arena *arena, struct run_events *out,
                    struct errbuf *err);

#endif
