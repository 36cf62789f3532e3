#include "injector/store.h"

#include "core/clock.h"
#include "core/err.h"
#include "core/errbuf.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* STORE_NAME_MAX: room for the longest name below a run's folder. */
enum { STORE_TRIES_MAX = 100, STORE_NAME_MAX = 64 };

/* mkdir -p; path is changed while it works and put back. */
static int make_parents(char *path, struct errbuf *err)
{
    for (char *slash = strchr(path + 1, '/');; slash = strchr(slash + 1, '/')) {
        if (slash)
            *slash = '\0';
        int rc = mkdir(path, 0755);
        if (rc != 0 && errno != EEXIST)
            rc = errbuf_set_errno(err, ERR_IO, "cannot make the folder %s", path);
        else
            rc = 0;
        if (slash)
            *slash = '/';
        if (rc != 0 || !slash)
            return rc;
    }
}

/* 20260131T235959.123Z: sorts by time, and is a plain file name. */
static void time_name(char out[32])
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    struct tm tm;
    gmtime_r(&now.tv_sec, &tm);
    size_t used = strftime(out, 32, "%Y%m%dT%H%M%S", &tm);
    snprintf(out + used, 32 - used, ".%03dZ", (int)(now.tv_nsec / NS_PER_MS % 1000));
}

static int link_latest(const char *parent, const char *name, struct errbuf *err)
{
    char link[PATH_MAX + 16], temporary[PATH_MAX + 32]; /* room for our names */
    snprintf(temporary, sizeof temporary, "%s/.latest.%ld", parent, (long)getpid());
    snprintf(link, sizeof link, "%s/latest", parent);
    unlink(temporary);
    if (symlink(name, temporary) != 0 || rename(temporary, link) != 0)
        return errbuf_set_errno(err, ERR_IO, "cannot make the link %s", link);
    return 0;
}

int store_create(const char *root, const char *name, struct store *store, struct errbuf *err)
{
    char parent[PATH_MAX], absolute[PATH_MAX];
    int n = snprintf(parent, sizeof parent, "%s/%s", root, name);
    if (n >= PATH_MAX - STORE_NAME_MAX)
        return errbuf_set(err, ERR_INPUT, "the path %s/%s is too long", root, name);
    int rc = make_parents(parent, err);
    if (rc != 0)
        return rc;
    if (!realpath(parent, absolute))
        return errbuf_set_errno(err, ERR_IO, "cannot find the folder %s", parent);
    if (strlen(absolute) >= PATH_MAX - STORE_NAME_MAX)
        return errbuf_set(err, ERR_INPUT, "the path %s is too long", absolute);
    for (int i = 0; i < STORE_TRIES_MAX; i++) {
        char time[32];
        time_name(time);
        snprintf(store->dir, sizeof store->dir, "%.*s/%.31s", PATH_MAX - STORE_NAME_MAX, absolute,
                 time);
        if (mkdir(store->dir, 0755) == 0)
            return link_latest(absolute, time, err);
        if (errno != EEXIST)
            break;
        sleep_ns(NS_PER_MS);
    }
    return errbuf_set_errno(err, ERR_IO, "cannot make the folder %s", store->dir);
}

void store_path(const struct store *store, const char *name, char out[PATH_MAX])
{
    int n = snprintf(out, PATH_MAX, "%s/%s", store->dir, name);
    if (n < 0 || n >= PATH_MAX) /* store_create left room for our names */
        abort();
}

static int write_file(const char *path, const char *text, struct errbuf *err)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (fd < 0)
        return errbuf_set_errno(err, ERR_IO, "%s", path);
    int rc = 0;
    for (size_t left = strlen(text); left > 0 && rc == 0;) {
        ssize_t n = write(fd, text, left);
        if (n < 0 && errno != EINTR)
            rc = errbuf_set_errno(err, ERR_IO, "%s", path);
        text += n > 0 ? n : 0;
        left -= n > 0 ? (size_t)n : 0;
    }
    if (close(fd) != 0 && rc == 0)
        rc = errbuf_set_errno(err, ERR_IO, "%s", path);
    return rc;
}

int store_write(const struct store *store, const char *name, const char *text, struct errbuf *err)
{
    char path[PATH_MAX], temporary[PATH_MAX];
    store_path(store, name, path);
    store_path(store, ".new", temporary);
    int rc = write_file(temporary, text, err);
    if (rc == 0 && rename(temporary, path) != 0)
        rc = errbuf_set_errno(err, ERR_IO, "%s", path);
    if (rc != 0)
        unlink(temporary);
    return rc;
}
