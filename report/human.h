/* Numbers and times as people write them. Private to report/. */
#ifndef REPORT_HUMAN_H
#define REPORT_HUMAN_H

#include <stdint.h>

struct strbuf;

/* "12,345". */
void human_put_count(struct strbuf *out, int64_t count);

/* "1 operation", "12,345 operations": noun is the singular, its plural ends in s. */
void human_put_counted(struct strbuf *out, int64_t count, const char *noun);

/* "12.5 %"; a part that is not all is never shown as 100 %, nor one that is there as 0 %. */
void human_put_percent(struct strbuf *out, int64_t part, int64_t whole);

/* "812 us", "3.4 ms", "1.22 s", "2 min 5 s", "1 h 3 min", with the sign for micro; a dash for what
 * is not known (negative). */
void human_put_duration(struct strbuf *out, int64_t duration_ns);

/* Seconds since the start of the run with this many decimals: "1,215.3 s"; a dash if negative. */
void human_put_moment(struct strbuf *out, int64_t time_ns, int decimals);

/* "1.5 MiB". */
void human_put_bytes(struct strbuf *out, int64_t bytes);

/* "199.6", "12,345": operations a second and the like. */
void human_put_rate(struct strbuf *out, double rate);

#endif
