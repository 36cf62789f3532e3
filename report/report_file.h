/* Whole files of a run's folder. Private to report/. */
#ifndef REPORT_REPORT_FILE_H
#define REPORT_REPORT_FILE_H

#include <stdbool.h>

struct errbuf;
struct strbuf;

/* Is there something called NAME in dir? */
bool report_file_exists(const char *dir, const char *name);

/* Adds all of DIR/NAME to out. ERR_IO, ERR_NOMEM: out is as it was. */
int report_file_read(const char *dir, const char *name, struct strbuf *out, struct errbuf *err);

/* Writes DIR/NAME under a temporary name, then renames it. ERR_IO: DIR/NAME is as it was.
 * ERR_NOMEM if the text could not be built. */
int report_file_write(const char *dir, const char *name, const struct strbuf *text,
                      struct errbuf *err);

#endif
