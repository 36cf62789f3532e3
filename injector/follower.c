#include "injector/follower.h"

#include "core/clock.h"
#include "core/err.h"
#include "core/errbuf.h"
#include "core/history_jsonl.h"
#include "core/json_value.h"
#include "core/log.h"
#include "core/strbuf.h"
#include "injector/events.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { CHUNK_BYTES = 64 * 1024, LOOK_SHARE = 100 /* looking takes one in so many parts of time */ };

static const int64_t poll_ns = 50 * NS_PER_MS;
static const int64_t look_every_min_ns = 100 * NS_PER_MS;
static const int64_t look_every_max_ns = NS_PER_S;

struct follower {
    struct follower_config config;
    pthread_t thread;
    bool joined;
    _Atomic int64_t finish_ns; /* monotonic: no more is recorded, be done by then; 0 = go on */

    /* The thread's own. */
    int fd;
    struct online *online;
    struct strbuf text; /* read, but not taken: a piece of a line */
    struct arena arena; /* of the event being taken */
    int64_t next_index;
    int64_t next_look_ns;
    bool told_suspicion;

    pthread_mutex_t lock; /* for the status */
    struct follower_status status;
};

static int64_t cpu_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return now.tv_sec * NS_PER_S + now.tv_nsec;
}

/* --- what is told --- */

static void describe(const struct online_violation *found, char out[FOLLOWER_TEXT_SIZE])
{
    struct strbuf key = STRBUF_INIT;
    if (found->has_key) {
        strbuf_puts(&key, " on key ");
        value_write_text(&key, found->key);
    }
    snprintf(out, FOLLOWER_TEXT_SIZE, "%.40s of process %d%.80s (operation %llu)",
             symbol_name(found->f), found->process, strbuf_ok(&key) && key.text ? key.text : "",
             (unsigned long long)found->index);
    strbuf_fini(&key);
}

static void tell_violation(struct follower *follower)
{
    const struct online_violation *found = online_violation(follower->online);
    const struct follower_config *config = &follower->config;
    struct follower_status *status = &follower->status;
    int64_t now_ns = clock_now_ns(config->clock);
    int none = 0;
    bool going = atomic_load(&follower->finish_ns) == 0;
    bool stopped = config->stop && going &&
                   atomic_compare_exchange_strong(config->stop, &none, config->stop_value);
    pthread_mutex_lock(&follower->lock);
    status->violated = true;
    status->violation_ns = found->time_ns;
    status->noticed_ns = now_ns;
    status->index = found->index;
    status->stopped = stopped;
    describe(found, status->what);
    pthread_mutex_unlock(&follower->lock);
    char message[FOLLOWER_TEXT_SIZE + 64];
    snprintf(message, sizeof message, "violation: %s, noticed %.1f s later%s", status->what,
             (double)(now_ns - found->time_ns) / 1e9, stopped ? "; stopping" : "");
    log_warn(LOG_CHECK, "%s", message);
    events_write(config->events, NULL, "online", "s:s, s:s, s:I", "state", "violation", "message",
                 message, "at_ns", (json_int_t)found->time_ns);
}

static void tell(struct follower *follower, const char *state, const char *message)
{
    log_warn(LOG_CHECK, "%s", message);
    events_write(follower->config.events, NULL, "online", "s:s, s:s", "state", state, "message",
                 message);
}

static void tell_end(struct follower *follower, const char *problem)
{
    pthread_mutex_lock(&follower->lock);
    snprintf(follower->status.problem, FOLLOWER_TEXT_SIZE, "%s", problem);
    pthread_mutex_unlock(&follower->lock);
    tell(follower, "ended", problem);
}

static void publish(struct follower *follower)
{
    struct online_status check = online_status(follower->online);
    bool had_ended = follower->status.check.keys_ended > 0;
    pthread_mutex_lock(&follower->lock);
    follower->status.check = check;
    follower->status.cpu_ns = cpu_ns();
    pthread_mutex_unlock(&follower->lock);
    if (check.suspected > 0 && !follower->told_suspicion) {
        follower->told_suspicion = true;
        tell(follower, "suspected",
             "too many operations are open at the same time to follow them all; the check at the "
             "end decides");
    }
    if (check.keys_ended > 0 && !had_ended)
        tell_end(follower, "some keys are no longer checked while the test runs: no memory, or the "
                           "search lost track; the check at the end decides");
}

/* --- taking events --- */

/* False when nothing more can be read: the reason is told. */
static bool take_line(struct follower *follower, const char *line, size_t length)
{
    struct json_cursor cursor = {.at = line, .end = line + length};
    struct op op;
    int found = history_jsonl_read_line(&cursor, &follower->arena, &op);
    if (found > 0) {
        op.index = follower->next_index++;
        online_take(follower->online, &op);
    }
    arena_reset(&follower->arena);
    if (found < 0)
        tell_end(follower, "the recorded history cannot be read; the check at the end decides");
    return found >= 0;
}

static bool take_lines(struct follower *follower)
{
    struct strbuf *text = &follower->text;
    const char *line = text->text, *end = text->text + text->length, *newline;
    while (line < end && (newline = memchr(line, '\n', (size_t)(end - line)))) {
        if (!take_line(follower, line, (size_t)(newline - line)))
            return false;
        line = newline + 1;
    }
    size_t left = (size_t)(end - line);
    memmove(text->text, line, left);
    text->length = left;
    return true;
}

enum reading { READING_MORE, READING_END, READING_FAILED };

static enum reading read_chunk(struct follower *follower)
{
    struct strbuf *text = &follower->text;
    if (!strbuf_reserve(text, CHUNK_BYTES)) {
        tell_end(follower, "no memory to follow the history; the check at the end decides");
        return READING_FAILED;
    }
    ssize_t got = read(follower->fd, text->text + text->length, CHUNK_BYTES);
    if (got < 0 && errno == EINTR)
        return READING_MORE;
    if (got < 0) {
        tell_end(follower, "the recorded history cannot be read; the check at the end decides");
        return READING_FAILED;
    }
    text->length += (size_t)got;
    if (got > 0 && !take_lines(follower))
        return READING_FAILED;
    return got < CHUNK_BYTES ? READING_END : READING_MORE;
}

static void look(struct follower *follower)
{
    int64_t begin_ns = cpu_ns();
    online_look(follower->online);
    int64_t pause_ns = (cpu_ns() - begin_ns) * LOOK_SHARE;
    pause_ns = pause_ns < look_every_min_ns ? look_every_min_ns : pause_ns;
    pause_ns = pause_ns > look_every_max_ns ? look_every_max_ns : pause_ns;
    follower->next_look_ns = monotonic_ns() + pause_ns;
}

/* --- the thread --- */

static void follow(struct follower *follower)
{
    enum reading reading = READING_MORE;
    while (reading != READING_FAILED && !online_violation(follower->online)) {
        int64_t finish_ns = atomic_load(&follower->finish_ns);
        reading = read_chunk(follower);
        bool last = finish_ns != 0 && (reading != READING_MORE || monotonic_ns() >= finish_ns);
        if (last || monotonic_ns() >= follower->next_look_ns)
            look(follower);
        publish(follower);
        if (last)
            break;
        if (reading == READING_END && finish_ns == 0)
            sleep_ns(poll_ns);
    }
    if (online_violation(follower->online))
        tell_violation(follower);
    publish(follower);
}

static void *follower_main(void *argument)
{
    follow(argument);
    return NULL;
}

/* --- life --- */

static void release(struct follower *follower)
{
    online_close(follower->online);
    follower->online = NULL;
    strbuf_fini(&follower->text);
    arena_fini(&follower->arena);
    if (follower->fd >= 0)
        close(follower->fd);
    follower->fd = -1;
}

static int open_follower(struct follower *follower, struct errbuf *err)
{
    const struct follower_config *config = &follower->config;
    follower->fd = open(config->path, O_RDONLY | O_CLOEXEC);
    if (follower->fd < 0)
        return errbuf_set_errno(err, ERR_IO, "%s", config->path);
    int rc = online_open(&config->check, &follower->online, err);
    if (rc != 0)
        return rc;
    int problem = pthread_create(&follower->thread, NULL, follower_main, follower);
    if (problem != 0)
        return errbuf_set(err, ERR_NOMEM, "cannot start the thread that checks the history: %s",
                          strerror(problem));
    return 0;
}

int follower_start(const struct follower_config *config, struct follower **out, struct errbuf *err)
{
    struct follower *follower = calloc(1, sizeof *follower);
    if (!follower)
        return errbuf_set(err, ERR_NOMEM, "no memory to follow a history");
    follower->config = *config;
    follower->fd = -1;
    follower->status.check.checked_until_ns = -1;
    follower->status.violation_ns = follower->status.noticed_ns = -1;
    arena_init(&follower->arena, 0);
    pthread_mutex_init(&follower->lock, NULL);
    int rc = open_follower(follower, err);
    if (rc != 0) {
        follower->joined = true;
        follower_free(follower);
        return rc;
    }
    *out = follower;
    return 0;
}

void follower_finish(struct follower *follower, int64_t limit_ns)
{
    if (follower->joined)
        return;
    atomic_store(&follower->finish_ns, monotonic_ns() + limit_ns);
    pthread_join(follower->thread, NULL);
    follower->joined = true;
    release(follower);
}

void follower_get_status(struct follower *follower, struct follower_status *out)
{
    pthread_mutex_lock(&follower->lock);
    *out = follower->status;
    pthread_mutex_unlock(&follower->lock);
}

void follower_free(struct follower *follower)
{
    if (!follower)
        return;
    follower_finish(follower, 0);
    release(follower);
    pthread_mutex_destroy(&follower->lock);
    free(follower);
}
