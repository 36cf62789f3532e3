/* The runs of a store: STORE/NAME/TIME/. Private to report/. */
#ifndef REPORT_STORE_SCAN_H
#define REPORT_STORE_SCAN_H

#include "report/results.h"

struct stored_run {
    const char *name; /* of the folder NAME */
    const char *time; /* of the folder TIME */
    bool has_report;
    enum outcome outcome;
    const char *sentence; /* of the verdict, or why results.json cannot be read */
    bool is_unreadable;
    int64_t duration_ns, operations; /* -1 if not known */
    struct results_fault_totals faults;
};

struct store_scan {
    struct stored_run *runs; /* newest first; in the arena */
    size_t count;
};

/* Links (`latest`), hidden folders, folders that are no run or cannot be read are passed over.
 * ERR_INPUT the root is no folder that can be read; ERR_IO; ERR_NOMEM. Reads every results.json
 * wholly. */
int store_scan(const char *root, struct arena *arena, struct store_scan *out, struct errbuf *err);

#endif
