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

int errbuf_set(struct errbuf *err, int code, const char *format, ...)
{
    if (!err)
        return code;
    va_list args;
    va_start(args, format);
    int wanted = vsnprintf(err->text, sizeof err->text, format, args);
    va_end(args);
    mark_cut(err, wanted < 0 ? 0 : (size_t)wanted);
    return code;
}

int errbuf_set_errno(struct errbuf *err, int code, const char *format, ...)
{
    int saved = errno;
    if (!err)
        return code;
    va_list args;
    va_start(args, format);
    int wanted = vsnprintf(err->text, sizeof err->text, format, args);
    va_end(args);
    size_t used = wanted < 0 ? 0 : (size_t)wanted;
    if (used < sizeof err->text) {
        int more = snprintf(err->text + used, sizeof err->text - used, ": %s", strerror(saved));
        used += more < 0 ? 0 : (size_t)more;
    }
    mark_cut(err, used);
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
    int wanted = vsnprintf(err->text, sizeof err->text, format, args);
    va_end(args);
    size_t used = wanted < 0 ? 0 : (size_t)wanted;
    if (used < sizeof err->text) {
        int more = snprintf(err->text + used, sizeof err->text - used, ": %s", old);
        used += more < 0 ? 0 : (size_t)more;
    }
    mark_cut(err, used);
}
