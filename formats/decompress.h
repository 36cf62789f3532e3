/* Text out of gzip (RFC 1952) and zstd (RFC 8878) bytes: of several members or frames, as one. */
#ifndef FORMATS_DECOMPRESS_H
#define FORMATS_DECOMPRESS_H

#include <stdbool.h>
#include <stddef.h>

struct errbuf;
struct strbuf;

/* "gzip" or "zstd" if that is what the bytes begin as, else NULL. */
const char *decompress_format(const char *bytes, size_t length);

/* Appends the text to *out, which holds at most bytes_max then (0 = no cap). Bytes that end too
 * early are no error: what could be read is there, and *is_cut is set. name is for errors.
 * Errors, after which *out may hold anything: ERR_INPUT (not in a format, or corrupt: the text says
 * where), ERR_NOMEM, also for the cap. */
int decompress(const char *name, const char *bytes, size_t length, size_t bytes_max,
               struct strbuf *out, bool *is_cut, struct errbuf *err);

#endif
