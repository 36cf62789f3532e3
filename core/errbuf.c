#include "core/errbuf.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void mark_cut(struct errbuf *err, size_t wanted)
{
    if (wanted >= sizeof err->text)
        memcpy(err->text + sizeof err->text - 4, "...", 4);
}

/* The text; its length, had there been room for it. */
__attribute__((format(printf, 2, 0))) static size_t put(struct errbuf *err, const char *format,
                                                        va_list args)
{
    int wanted = vsnprintf(err->text, sizeof err->text, format, args);
    return wanted < 0 ? 0 : (size_t)wanted;
}

/* ": MORE" behind the `used` bytes of the text. */
static void put_more(struct errbuf *err, size_t used, const char *more)
{
    if (used < sizeof err->text) {
        int wanted = snprintf(err->text + used, sizeof err->text - used, ": %s", more);
        used += wanted < 0 ? 0 : (size_t)wanted;
    }
    mark_cut(err, used);
}

int errbuf_set(struct errbuf *err, int code, const char *format, ...)
{
    if (!err)
        return code;
    va_list args;
    va_start(args, format);
    mark_cut(err, put(err, format, args));
    va_end(args);
    return code;
}

int errbuf_set_errno(struct errbuf *err, int code, const char *format, ...)
{
    int saved = errno;
    if (!err)
        return code;
    va_list args;
    va_start(args, format);
    put_more(err, put(err, format, args), strerror(saved));
    va_end(args);
    return code;
}

void errbuf_prefix(struct errbuf *err, const char *format, ...)
{
    if (!err)
        return;
    char old[sizeof err->text];
    memcpy(old, err->text, sizeof old);
    va_list args;
    va_start(args, format);
    put_more(err, put(err, format, args), old);
    va_end(args);
}
