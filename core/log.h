/* The program's own log: lines on standard error (or a file), by area and level.
 *
 * Thread-safe; one write(2) a line. What users are meant to read goes to the cli's output, not
 * here. Levels are set with a specification such as "info,net=debug,check=off"; an unknown area or
 * level is an error, never silently ignored. */
#ifndef CORE_LOG_H
#define CORE_LOG_H

struct errbuf;

enum log_area {
    LOG_CORE,
    LOG_PLAN,
    LOG_REMOTE,
    LOG_DATABASE,
    LOG_SCHEDULE,
    LOG_CLIENT,
    LOG_NEMESIS,
    LOG_CHECK,
    LOG_REPORT,
    LOG_RUN,
    LOG_AREA_COUNT,
};

enum log_level { LOG_OFF, LOG_ERROR, LOG_WARN, LOG_INFO, LOG_DEBUG };

/* ERR_INPUT with the known names in the text; then the levels stay as they were. */
int log_configure(const char *specification, struct errbuf *err);

/* Sends a copy of every line to this file descriptor as well; -1 ends that. Borrowed. */
void log_set_copy(int fd);

/* A function called before and after a line is written to standard error, so that a live status
 * line can step aside. NULL for none. */
void log_set_console_hook(void (*hook)(void *context, int writing), void *context);

void log_write(enum log_area area, enum log_level level, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#define log_error(area, ...) log_write(area, LOG_ERROR, __VA_ARGS__)
#define log_warn(area, ...)  log_write(area, LOG_WARN, __VA_ARGS__)
#define log_info(area, ...)  log_write(area, LOG_INFO, __VA_ARGS__)
#define log_debug(area, ...) log_write(area, LOG_DEBUG, __VA_ARGS__)

#endif
