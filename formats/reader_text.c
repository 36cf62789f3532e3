#include "formats/reader_text.h"

#include "core/err.h"
#include "core/errbuf.h"
#include "core/strbuf.h"
#include "formats/decompress.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

void reader_text_close(struct reader_text *text)
{
    if (text->is_mapped)
        munmap((void *)(uintptr_t)text->data, text->length);
    else
        free((void *)(uintptr_t)text->data);
    *text = (struct reader_text){0};
}

/* What cannot be mapped (a pipe, standard input) is read. */
static int read_all(int fd, const char *path, size_t bytes_max, struct reader_text *text,
                    struct errbuf *err)
{
    struct strbuf buf = STRBUF_INIT;
    char chunk[1 << 16];
    ssize_t got;
    strbuf_reserve(&buf, sizeof chunk);
    while ((got = read(fd, chunk, sizeof chunk)) > 0 && strbuf_ok(&buf)) {
        strbuf_add(&buf, chunk, (size_t)got);
        if (bytes_max && buf.length > bytes_max)
            buf.failed = true;
    }
    if (got < 0 || !strbuf_ok(&buf)) {
        int rc = got < 0 ? errbuf_set_errno(err, ERR_IO, "%s: cannot be read", path)
                         : errbuf_set(err, ERR_NOMEM, "%s: no memory for its text", path);
        strbuf_fini(&buf);
        return rc;
    }
    *text = (struct reader_text){.data = buf.text, .length = buf.length};
    return 0;
}

static int map_or_read(int fd, const char *path, size_t bytes_max, struct reader_text *text,
                       struct errbuf *err)
{
    struct stat status;
    if (fstat(fd, &status) != 0)
        return errbuf_set_errno(err, ERR_IO, "%s: cannot be read", path);
    if (!S_ISREG(status.st_mode) || status.st_size == 0)
        return read_all(fd, path, bytes_max, text, err);
    size_t length = (size_t)status.st_size;
    void *data = mmap(NULL, length, PROT_READ, MAP_PRIVATE, fd, 0);
    if (data == MAP_FAILED)
        return read_all(fd, path, bytes_max, text, err);
    *text = (struct reader_text){.data = data, .length = length, .is_mapped = true};
    return 0;
}

/* Where compressed bytes become text. */
static int unpack(const char *path, size_t bytes_max, struct reader_text *text, struct errbuf *err)
{
    struct strbuf unpacked = STRBUF_INIT;
    bool is_cut;
    if (!decompress_format(text->data, text->length))
        return 0;
    int rc = decompress(path, text->data, text->length, bytes_max, &unpacked, &is_cut, err);
    if (rc != 0) {
        strbuf_fini(&unpacked);
        return rc;
    }
    reader_text_close(text);
    *text =
        (struct reader_text){.data = unpacked.text, .length = unpacked.length, .is_cut = is_cut};
    return 0;
}

int reader_text_open(const char *path, size_t bytes_max, struct reader_text *text,
                     struct errbuf *err)
{
    int rc;
    if (strcmp(path, "-") == 0) {
        path = "standard input";
        rc = read_all(STDIN_FILENO, path, bytes_max, text, err);
    } else {
        int fd = open(path, O_RDONLY | O_CLOEXEC);
        if (fd < 0)
            return errbuf_set_errno(err, err_of_path(errno), "%s: cannot be opened", path);
        rc = map_or_read(fd, path, bytes_max, text, err);
        close(fd);
    }
    if (rc != 0)
        return rc;
    rc = unpack(path, bytes_max, text, err);
    if (rc != 0)
        reader_text_close(text);
    return rc;
}
