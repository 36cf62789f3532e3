#include "injector/recorder.h"

#include "core/err.h"
#include "core/errbuf.h"
#include "core/history_jsonl.h"
#include "core/strbuf.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct recorder {
    pthread_mutex_t lock;
    int fd;
    int64_t next_index;
    struct strbuf buffer; /* lines not written yet */
    bool no_memory;
    int write_errno; /* of the first write that failed; nothing is written after it */
    char *path;      /* for errors */
};

static void recorder_free(struct recorder *recorder)
{
    strbuf_fini(&recorder->buffer);
    pthread_mutex_destroy(&recorder->lock);
    free(recorder->path);
    free(recorder);
}

int recorder_open(const char *path, struct recorder **out, struct errbuf *err)
{
    struct recorder *recorder = calloc(1, sizeof *recorder);
    if (!recorder)
        return errbuf_set(err, ERR_NOMEM, "no memory to record a history");
    pthread_mutex_init(&recorder->lock, NULL);
    recorder->path = strdup(path);
    if (!recorder->path || !strbuf_reserve(&recorder->buffer, 4096)) {
        recorder_free(recorder);
        return errbuf_set(err, ERR_NOMEM, "no memory to record a history");
    }
    recorder->fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0644);
    if (recorder->fd < 0) {
        int rc = errbuf_set_errno(err, ERR_IO, "%s", path);
        recorder_free(recorder);
        return rc;
    }
    *out = recorder;
    return 0;
}

/* A line that does not fit into memory leaves none of itself behind: half a line in the middle of
 * the file would make all of it unreadable. */
void recorder_add(struct recorder *recorder, struct op *op)
{
    pthread_mutex_lock(&recorder->lock);
    op->index = recorder->next_index++;
    if (!recorder->no_memory && recorder->write_errno == 0) {
        size_t before = recorder->buffer.length;
        history_jsonl_write(&recorder->buffer, op);
        if (!strbuf_ok(&recorder->buffer)) {
            recorder->no_memory = true;
            recorder->buffer.length = before;
        }
    }
    pthread_mutex_unlock(&recorder->lock);
}

static void write_buffer(struct recorder *recorder)
{
    const char *at = recorder->buffer.text;
    size_t left = recorder->buffer.length;
    while (left > 0 && recorder->write_errno == 0) {
        ssize_t wrote = write(recorder->fd, at, left);
        if (wrote >= 0) {
            at += wrote;
            left -= (size_t)wrote;
        } else if (errno != EINTR) {
            recorder->write_errno = errno;
        }
    }
    strbuf_reset(&recorder->buffer);
}

static int flush_locked(struct recorder *recorder, struct errbuf *err)
{
    if (recorder->buffer.length > 0)
        write_buffer(recorder);
    if (recorder->write_errno != 0) {
        errno = recorder->write_errno;
        return errbuf_set_errno(err, ERR_IO, "the history cannot be written: %s", recorder->path);
    }
    if (recorder->no_memory)
        return errbuf_set(err, ERR_IO, "no memory for an event of the history: %s", recorder->path);
    return 0;
}

int recorder_flush(struct recorder *recorder, struct errbuf *err)
{
    pthread_mutex_lock(&recorder->lock);
    int rc = flush_locked(recorder, err);
    pthread_mutex_unlock(&recorder->lock);
    return rc;
}

int recorder_close(struct recorder *recorder, struct errbuf *err)
{
    if (!recorder)
        return 0;
    int rc = flush_locked(recorder, err);
    if (close(recorder->fd) != 0 && rc == 0)
        rc = errbuf_set_errno(err, ERR_IO, "%s", recorder->path);
    recorder_free(recorder);
    return rc;
}
