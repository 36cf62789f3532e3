/* What a run found, for people: pages made from the files in a run's folder, and from nothing else,
 * so that any stored run can be reported again, anywhere, offline.
 *
 * A page is one file: no external resource, nothing fetched, and no script but the one that draws
 * its operations, without which the page says the same; its own security policy forbids the rest.
 * What databases and histories wrote appears in it as text only. Pages are written to
 * a temporary name and renamed. Not thread-safe against another report of the same folder. */
#ifndef REPORT_REPORT_H
#define REPORT_REPORT_H

struct check_result;
struct errbuf;
struct operations;

/* Reads RUN_DIR/{results.json,history.jsonl,events.jsonl,plan.yaml} and writes RUN_DIR/report.html.
 *
 * Whatever is missing, cut short or unreadable in history, events and plan is said in the page and
 * is no error. Without results.json the page shows the run as unfinished, with what the history and
 * the events tell. Errors: ERR_INPUT not the folder of a run, or a results.json that is not one;
 * ERR_IO; ERR_NOMEM; then an earlier report.html is left as it was.
 *
 * Cost: about 1 s and 200 bytes of memory each for a million operations. The page has about 20
 * bytes for each of the first million, and stays below 25 MB whatever the history's length. */
int report_write_html(const char *run_dir, struct errbuf *err);

/* Writes the same page about a history that was checked, whoever recorded it, to this file. name is
 * the history's, for people. Operations may be NULL if a limit ended their reading. ERR_IO;
 * ERR_NOMEM; then an earlier file is left as it was. Cost: as above. */
int report_write_check(const char *path, const char *name, const struct operations *all,
                       const struct check_result *check, struct errbuf *err);

/* Writes STORE_ROOT/index.html: one table over all STORE_ROOT/NAME/TIME/, newest first. A run whose
 * results.json cannot be read is shown with the reason. ERR_INPUT if the root is no folder; ERR_IO;
 * ERR_NOMEM. */
int report_write_index(const char *store_root, struct errbuf *err);

/* The exit status that belongs to the run's verdict: 0 valid, 1 invalid, 2 unknown, 3 vacuous, 255
 * the harness failed or the run never finished. Errors: as report_write_html. */
int report_exit_status(const char *run_dir, int *status, struct errbuf *err);

#endif
