#include "core/log.h"

#include "core/clock.h"
#include "core/err.h"
#include "core/errbuf.h"

#include <errno.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static const char *const area_names[LOG_AREA_COUNT] = {
    [LOG_CORE] = "core",         [LOG_PLAN] = "plan",         [LOG_REMOTE] = "remote",
    [LOG_DATABASE] = "database", [LOG_SCHEDULE] = "schedule", [LOG_CLIENT] = "client",
    [LOG_NEMESIS] = "nemesis",   [LOG_CHECK] = "check",       [LOG_REPORT] = "report",
    [LOG_RUN] = "run",
};
static const char *const level_names[] = {"off", "error", "warn", "info", "debug"};
enum { LEVEL_COUNT = sizeof level_names / sizeof level_names[0] };

static _Atomic int levels[LOG_AREA_COUNT] = {LOG_WARN, LOG_WARN, LOG_WARN, LOG_WARN, LOG_WARN,
                                             LOG_WARN, LOG_WARN, LOG_WARN, LOG_WARN, LOG_WARN};
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int copy_fd = -1;
static void (*console_hook)(void *, int);
static void *console_context;

static int find_name(const char *const *names, int count, const char *text, size_t length)
{
    for (int i = 0; i < count; i++)
        if (strlen(names[i]) == length && memcmp(names[i], text, length) == 0)
            return i;
    return -1;
}

/* One "level" or "area=level" of a specification. */
static int configure_item(const char *item, size_t length, int *wanted, struct errbuf *err)
{
    const char *equals = memchr(item, '=', length);
    const char *level_text = equals ? equals + 1 : item;
    size_t level_length = length - (size_t)(level_text - item);
    int level = find_name(level_names, LEVEL_COUNT, level_text, level_length);
    if (level < 0)
        return errbuf_set(err, ERR_INPUT,
                          "log: no level '%.*s': use off, error, warn, info or debug",
                          (int)level_length, level_text);
    if (!equals) {
        for (int i = 0; i < LOG_AREA_COUNT; i++)
            wanted[i] = level;
        return 0;
    }
    int area = find_name(area_names, LOG_AREA_COUNT, item, (size_t)(equals - item));
    if (area < 0)
        return errbuf_set(err, ERR_INPUT,
                          "log: no area '%.*s': use core, plan, remote, database, schedule, "
                          "client, nemesis, check, report or run",
                          (int)(equals - item), item);
    wanted[area] = level;
    return 0;
}

int log_configure(const char *specification, struct errbuf *err)
{
    int wanted[LOG_AREA_COUNT];
    for (int i = 0; i < LOG_AREA_COUNT; i++)
        wanted[i] = levels[i];
    for (const char *item = specification; *item;) {
        size_t length = strcspn(item, ",");
        int rc = configure_item(item, length, wanted, err);
        if (rc != 0)
            return rc;
        item += length + (item[length] == ',');
    }
    for (int i = 0; i < LOG_AREA_COUNT; i++)
        levels[i] = wanted[i];
    return 0;
}

void log_set_copy(int fd)
{
    pthread_mutex_lock(&lock);
    copy_fd = fd;
    pthread_mutex_unlock(&lock);
}

void log_set_console_hook(void (*hook)(void *context, int writing), void *context)
{
    pthread_mutex_lock(&lock);
    console_hook = hook;
    console_context = context;
    pthread_mutex_unlock(&lock);
}

static void write_all(int fd, const char *text, size_t length)
{
    while (length > 0) {
        ssize_t n = write(fd, text, length);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return;
        text += n;
        length -= (size_t)n;
    }
}

void log_write(enum log_area area, enum log_level level, const char *format, ...)
{
    if ((int)level > levels[area])
        return;
    char line[2048];
    struct clock wall;
    clock_init_real(&wall);
    char time[CLOCK_ISO8601_SIZE];
    clock_iso8601(&wall, 0, time);
    int head =
        snprintf(line, sizeof line, "%s %-5s %s: ", time, level_names[level], area_names[area]);
    va_list args;
    va_start(args, format);
    int body = vsnprintf(line + head, sizeof line - (size_t)head - 1, format, args);
    va_end(args);
    size_t length = strlen(line);
    if (body < 0)
        return;
    line[length++] = '\n';

    pthread_mutex_lock(&lock);
    if (console_hook)
        console_hook(console_context, 1);
    write_all(STDERR_FILENO, line, length);
    if (console_hook)
        console_hook(console_context, 0);
    if (copy_fd >= 0)
        write_all(copy_fd, line, length);
    pthread_mutex_unlock(&lock);
}
