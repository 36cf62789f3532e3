#include "injector/events.h"

#include "core/err.h"
#include "core/errbuf.h"
#include "core/log.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct events {
    pthread_mutex_t lock;
    const struct clock *clock;
    int fd;
};

int events_open(const char *path, const struct clock *clock, struct events **out,
                struct errbuf *err)
{
    struct events *events = calloc(1, sizeof *events);
    if (!events)
        return errbuf_set(err, ERR_NOMEM, "no memory for the log of events");
    events->fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0644);
    if (events->fd < 0) {
        int rc = errbuf_set_errno(err, ERR_IO, "%s", path);
        free(events);
        return rc;
    }
    pthread_mutex_init(&events->lock, NULL);
    events->clock = clock;
    *out = events;
    return 0;
}

void events_close(struct events *events)
{
    if (!events)
        return;
    close(events->fd);
    pthread_mutex_destroy(&events->lock);
    free(events);
}

static json_t *pack_detail(const char *detail, va_list args)
{
    char format[256];
    int length = snprintf(format, sizeof format, "{%s}", detail);
    if (length < 0 || (size_t)length >= sizeof format)
        return NULL;
    json_error_t error;
    json_t *packed = json_vpack_ex(&error, 0, format, args);
    if (!packed)
        log_error(LOG_RUN, "event with detail '%s': %s", detail, error.text);
    return packed;
}

static void write_line(struct events *events, const char *node, const char *event, json_t *detail)
{
    char time[CLOCK_ISO8601_SIZE];
    int64_t now = clock_now_ns(events->clock);
    clock_iso8601(events->clock, now, time);
    json_t *line = json_pack("{s:s, s:I, s:s*, s:s, s:O*}", "time", time, "t", (json_int_t)now,
                             "node", node, "event", event, "detail", detail);
    char *text = line ? json_dumps(line, JSON_COMPACT) : NULL;
    json_decref(line);
    if (!text)
        return;
    size_t length = strlen(text);
    text[length] = '\n'; /* in place of the NUL, so that the line is one write */
    if (write(events->fd, text, length + 1) != (ssize_t)length + 1)
        log_error(LOG_RUN, "an event (%s) could not be written: %s", event, strerror(errno));
    free(text);
}

void events_write(struct events *events, const char *node, const char *event, const char *detail,
                  ...)
{
    if (!events)
        return;
    va_list args;
    va_start(args, detail);
    json_t *packed = pack_detail(detail, args);
    va_end(args);
    pthread_mutex_lock(&events->lock);
    write_line(events, node, event, packed);
    pthread_mutex_unlock(&events->lock);
    json_decref(packed);
}
