#include "injector/journal.h"

#include "core/err.h"
#include "core/errbuf.h"
#include "core/log.h"
#include "injector/journal_controller.h"
#include "injector/journal_record.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct journal {
    pthread_mutex_t lock;
    int fd;
    off_t size;    /* of whole lines */
    uint64_t last; /* number of the newest record */
    uint64_t open; /* records that are not done */
    bool *done;    /* by number */
    size_t capacity;
    bool broken; /* half a line is in it that could not be taken back */
};

/* One line in one write. What could not be written whole is taken back, so that a later line does
 * not stand behind half of another. Frees the line; the lock is held, or nobody else is there. */
static int append(struct journal *journal, char *line, struct errbuf *err)
{
    if (!line)
        return errbuf_set(err, ERR_IO, "journal: out of memory, or a text that is not UTF-8");
    size_t length = strlen(line);
    ssize_t n = -1;
    errno = EIO;
    if (!journal->broken)
        while ((n = write(journal->fd, line, length)) < 0 && errno == EINTR)
            continue;
    int error = n < 0 ? errno : ENOSPC;
    free(line);
    if (n == (ssize_t)length) {
        journal->size += n;
        return 0;
    }
    if (n > 0 && ftruncate(journal->fd, journal->size) != 0)
        journal->broken = true;
    errno = error;
    return errbuf_set_errno(err, ERR_IO, "the journal cannot be written");
}

int journal_open(const char *path, struct journal **out, struct errbuf *err)
{
    struct journal *journal = calloc(1, sizeof *journal);
    if (!journal)
        return errbuf_set(err, ERR_NOMEM, "no memory for a journal");
    struct journal_controller self;
    int rc = journal_controller_self(&self, err);
    journal->fd =
        rc == 0 ? open(path, O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0644) : -1;
    if (rc == 0 && journal->fd < 0)
        rc = errbuf_set_errno(err, ERR_IO, "%s", path);
    else if (rc == 0 && (rc = append(journal, journal_controller_line(&self), err)) != 0) {
        close(journal->fd);
        unlink(path);
    }
    if (rc != 0) {
        free(journal);
        return rc;
    }
    pthread_mutex_init(&journal->lock, NULL);
    *out = journal;
    return 0;
}

void journal_close(struct journal *journal)
{
    if (!journal)
        return;
    struct errbuf err = ERRBUF_INIT;
    if (journal->open == 0 && append(journal, journal_closed_line(), &err) != 0)
        log_warn(LOG_RUN, "%s", err.text);
    close(journal->fd);
    pthread_mutex_destroy(&journal->lock);
    free(journal->done);
    free(journal);
}

static bool make_room(struct journal *journal)
{
    if (journal->last + 1 < journal->capacity)
        return true;
    size_t capacity = journal->capacity ? 2 * journal->capacity : 64;
    bool *done = realloc(journal->done, capacity * sizeof *done);
    if (!done)
        return false;
    journal->done = done;
    journal->capacity = capacity;
    return true;
}

static int add(struct journal *journal, struct journal_record *record, uint64_t *id,
               struct errbuf *err)
{
    pthread_mutex_lock(&journal->lock);
    record->id = journal->last + 1;
    int rc = make_room(journal) ? append(journal, journal_record_line(record), err)
                                : errbuf_set(err, ERR_NOMEM, "no memory for the journal");
    if (rc == 0) {
        *id = ++journal->last;
        journal->done[*id] = false;
        journal->open++;
    }
    pthread_mutex_unlock(&journal->lock);
    return rc;
}

int journal_process(struct journal *journal, const char *node, struct process_id process,
                    uint64_t *id, struct errbuf *err)
{
    struct journal_record record = {.undo = JOURNAL_PROCESS, .node = node, .process = process};
    return add(journal, &record, id, err);
}

int journal_netns(struct journal *journal, const char *node, struct netns_id netns, uint64_t *id,
                  struct errbuf *err)
{
    struct journal_record record = {.undo = JOURNAL_NETNS, .node = node, .netns = netns};
    return add(journal, &record, id, err);
}

int journal_resume(struct journal *journal, const char *node, struct process_id process,
                   uint64_t *id, struct errbuf *err)
{
    struct journal_record record = {.undo = JOURNAL_RESUME, .node = node, .process = process};
    return add(journal, &record, id, err);
}

int journal_command(struct journal *journal, const char *node, const char *const *argv,
                    const char *input, uint64_t *id, struct errbuf *err)
{
    struct journal_record record = {
        .undo = JOURNAL_COMMAND, .node = node, .argv = argv, .input = input};
    return add(journal, &record, id, err);
}

void journal_done(struct journal *journal, uint64_t id)
{
    struct errbuf err = ERRBUF_INIT;
    pthread_mutex_lock(&journal->lock);
    assert(id > 0 && id <= journal->last);
    bool again = journal->done[id];
    journal->done[id] = true;
    journal->open -= again ? 0 : 1;
    /* If this is lost, heal looks at the record again and finds nothing to undo. */
    if (!again && append(journal, journal_done_line(id), &err) != 0)
        log_warn(LOG_RUN, "%s", err.text);
    pthread_mutex_unlock(&journal->lock);
}
