#include "report/report_file.h"

#include "core/err.h"
#include "core/errbuf.h"
#include "core/strbuf.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static int join(const char *dir, const char *name, char out[PATH_MAX], struct errbuf *err)
{
    int length = snprintf(out, PATH_MAX, "%s/%s", dir, name);
    if (length < 0 || length >= PATH_MAX)
        return errbuf_set(err, ERR_IO, "the path %s/%s is too long", dir, name);
    return 0;
}

bool report_file_exists(const char *dir, const char *name)
{
    char path[PATH_MAX];
    return join(dir, name, path, NULL) == 0 && access(path, F_OK) == 0;
}

static ssize_t read_some(int fd, char *to, size_t size)
{
    ssize_t got;
    do
        got = read(fd, to, size);
    while (got < 0 && errno == EINTR);
    return got;
}

static int read_all(int fd, const char *path, struct strbuf *out, struct errbuf *err)
{
    enum { CHUNK = 1 << 16 };
    struct stat stat;
    if (fstat(fd, &stat) == 0 && stat.st_size > 0)
        strbuf_reserve(out, (size_t)stat.st_size + CHUNK);
    for (;;) {
        if (!strbuf_reserve(out, CHUNK))
            return errbuf_set(err, ERR_NOMEM, "%s: no memory to read it", path);
        ssize_t got = read_some(fd, out->text + out->length, CHUNK);
        if (got < 0)
            return errbuf_set_errno(err, ERR_IO, "%s", path);
        out->length += (size_t)got;
        out->text[out->length] = '\0';
        if (got == 0)
            return 0;
    }
}

int report_file_read(const char *dir, const char *name, struct strbuf *out, struct errbuf *err)
{
    char path[PATH_MAX];
    int rc = join(dir, name, path, err);
    if (rc != 0)
        return rc;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return errbuf_set_errno(err, ERR_IO, "%s", path);
    size_t before = out->length;
    rc = read_all(fd, path, out, err);
    close(fd);
    if (rc != 0 && out->text) {
        out->length = before;
        out->text[before] = '\0';
    }
    return rc;
}

static int write_all(int fd, const char *text, size_t length)
{
    while (length > 0) {
        ssize_t put = write(fd, text, length);
        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0)
            return -1;
        text += put;
        length -= (size_t)put;
    }
    return 0;
}

int report_file_write(const char *dir, const char *name, const struct strbuf *text,
                      struct errbuf *err)
{
    char path[PATH_MAX], temporary[PATH_MAX], temporary_name[NAME_MAX];
    if (!strbuf_ok(text))
        return errbuf_set(err, ERR_NOMEM, "no memory to write %s/%s", dir, name);
    snprintf(temporary_name, sizeof temporary_name, ".%s.%ld", name, (long)getpid());
    int rc = join(dir, name, path, err);
    if (rc == 0)
        rc = join(dir, temporary_name, temporary, err);
    if (rc != 0)
        return rc;
    int fd = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (fd < 0)
        return errbuf_set_errno(err, ERR_IO, "%s", temporary);
    rc = write_all(fd, text->text, text->length);
    rc = close(fd) != 0 ? -1 : rc;
    if (rc == 0)
        rc = rename(temporary, path);
    if (rc == 0)
        return 0;
    rc = errbuf_set_errno(err, ERR_IO, "%s", path);
    unlink(temporary);
    return rc;
}
