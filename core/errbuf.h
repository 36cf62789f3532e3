/* The text of an error, outermost context first: "plan.yaml:12: nemesis: no such fault".
 *
 * Lives on the caller's stack; never allocates; text that does not fit is cut and ends in "...".
 * Every function accepts NULL for the buffer, and then drops the text. */
#ifndef CORE_ERRBUF_H
#define CORE_ERRBUF_H

#include <stddef.h>

struct errbuf {
    char text[1024];
};

#define ERRBUF_INIT                                                                                \
    {                                                                                              \
        {                                                                                          \
            0                                                                                      \
        }                                                                                          \
    }

/* Replaces the text. Returns code, so that `return errbuf_set(err, ERR_INPUT, ...)` reads well. */
int errbuf_set(struct errbuf *err, int code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Like errbuf_set, and appends ": " and strerror(errno); errno is read first. */
int errbuf_set_errno(struct errbuf *err, int code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Puts context and ": " before the text that is there. */
void errbuf_prefix(struct errbuf *err, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
