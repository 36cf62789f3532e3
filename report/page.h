/* The parts of report.html, each its own <section>. Private to report/.
 *
 * The page is HTML that is also well-formed XML: every element is closed, every attribute quoted,
 * so that tools can check it. Text of others goes through safe_text.h only. */
#ifndef REPORT_PAGE_H
#define REPORT_PAGE_H

#include "report/bands.h"
#include "report/run_data.h"
#include "report/statistics.h"

struct strbuf;

/* Rows of the longest tables; what is beyond is counted. */
enum { PAGE_ROWS_MAX = 1000, PAGE_ROWS_OPEN = 30, PAGE_VIOLATIONS_MAX = 5 };

/* From <!DOCTYPE> to <body>, the style included; and the end. The page may run the script with this
 * hash, or none if it is NULL. */
void page_open(struct strbuf *out, const char *title, const char *script_hash);
void page_close(struct strbuf *out);

/* A coloured badge with the verdict's name. */
void page_put_badge(struct strbuf *out, enum outcome outcome, bool large);

/* The sentence without the verdict's name before it. */
const char *page_sentence(const struct results *results);

/* Verdict, setting, remarks and what went wrong. */
void page_put_verdict(struct strbuf *out, const struct run_data *run);
/* Operations, by function. */
void page_put_figures(struct strbuf *out, const struct run_data *run,
                      const struct statistics *statistics);
/* Each fault with what was seen of it. */
void page_put_faults(struct strbuf *out, const struct run_data *run);
/* Each key that is invalid: timeline and explanation. ERR_NOMEM. */
int page_put_violations(struct strbuf *out, const struct run_data *run, const struct bands *bands,
                        struct errbuf *err);
/* Why a key is invalid: the operation that cannot be placed, what it could have answered, what the
 * object could have been, and the faults that were active then. */
void page_put_why(struct strbuf *out, const struct run_data *run, const struct results_key *key);
/* Examples of what was found, each in words and, if it is a cycle, drawn. Nothing without any. */
void page_put_pictures(struct strbuf *out, const struct run_data *run);
/* Every operation, up to a million of them, in a picture to move about in: its place, hidden until
 * the script shows it; and at the end of the page what it is drawn from, and the script. Nothing if
 * the operations were not read. ERR_NOMEM. About 0.5 s for a million, 19 bytes of the page each. */
const char *page_script_hash(const struct run_data *run); /* for page_open */
void page_put_timeline(struct strbuf *out, const struct run_data *run);
int page_put_timeline_data(struct strbuf *out, const struct run_data *run,
                           const struct bands *bands, struct errbuf *err);
/* What the check found, by key. */
void page_put_check(struct strbuf *out, const struct run_data *run);
/* What happened to the nodes; the phases; the plan; the files. */
void page_put_events(struct strbuf *out, const struct run_data *run);
void page_put_phases(struct strbuf *out, const struct run_data *run);
void page_put_plan(struct strbuf *out, const struct run_data *run);
void page_put_files(struct strbuf *out, const struct run_data *run);

/* <td>, right-aligned for numbers; a dash for what is not known. */
void page_put_count_cell(struct strbuf *out, int64_t count);
void page_put_duration_cell(struct strbuf *out, int64_t duration_ns);
void page_put_text_cell(struct strbuf *out, const char *text);

/* <details>, open unless there are more than PAGE_ROWS_OPEN rows, with its summary: "42 events". */
void page_open_details(struct strbuf *out, size_t rows, const char *noun);
/* </details>, after a paragraph about rows beyond PAGE_ROWS_MAX. */
void page_close_details(struct strbuf *out, size_t rows, const char *where);

#endif
