/* What the terminal shows at the end of a run. */
#ifndef REPORT_TEXT_H
#define REPORT_TEXT_H

struct errbuf;
struct strbuf;

/* Adds the verdict with its sentence, the faults with what was seen of each, the operations, the
 * witness of an invalid in words, and where the report is. Reads results.json only. Whatever a
 * database wrote is made harmless for a terminal.
 *
 * Errors: ERR_INPUT not the folder of a run, or a results.json that is not one; ERR_IO; ERR_NOMEM.
 * On error nothing is added. */
int report_write_text(const char *run_dir, struct strbuf *out, struct errbuf *err);

#endif
