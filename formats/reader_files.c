#include "formats/reader_files.h"

#include "core/err.h"
#include "core/errbuf.h"
#include "core/strbuf.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

bool reader_files_is_directory(const char *path)
{
    struct stat status;
    return strcmp(path, "-") != 0 && stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

static int is_log(const struct dirent *entry)
{
    static const char suffix[] = ".log";
    size_t length = strlen(entry->d_name), suffix_length = strlen(suffix);
    return length > suffix_length && strcmp(entry->d_name + length - suffix_length, suffix) == 0;
}

static int open_one(const char *path, const char *name, size_t bytes_max,
                    struct reader_files *files, struct errbuf *err)
{
    struct strbuf full = STRBUF_INIT;
    strbuf_printf(&full, "%s/%s", path, name);
    if (!strbuf_ok(&full))
        return errbuf_set(err, ERR_NOMEM, "%s: no memory to read it", path);
    struct reader_text *text = &files->texts[files->count];
    int rc = reader_text_open(full.text, bytes_max, text, err);
    if (rc != 0) {
        strbuf_fini(&full);
        return rc;
    }
    files->files[files->count++] =
        (struct reader_file){.name = full.text, .text = text->data, .length = text->length};
    return 0;
}

static int open_all(const char *path, struct dirent **entries, size_t count, size_t bytes_max,
                    struct reader_files *out, struct errbuf *err)
{
    out->files = calloc(count + 1, sizeof *out->files);
    out->texts = calloc(count + 1, sizeof *out->texts);
    int rc =
        out->files && out->texts ? 0 : errbuf_set(err, ERR_NOMEM, "%s: no memory to read it", path);
    for (size_t i = 0; i < count && rc == 0; i++)
        rc = open_one(path, entries[i]->d_name, bytes_max, out, err);
    if (rc == 0 && count == 0)
        rc =
            errbuf_set(err, ERR_INPUT,
                       "%s: is a directory without any .log of Cobra's in it, so no history", path);
    return rc;
}

int reader_files_open(const char *path, size_t bytes_max, struct reader_files *out,
                      struct errbuf *err)
{
    struct dirent **entries;
    *out = (struct reader_files){0};
    int count = scandir(path, &entries, is_log, versionsort);
    if (count < 0)
        return errbuf_set_errno(err, err_of_path(errno), "%s: cannot be read", path);
    int rc = open_all(path, entries, (size_t)count, bytes_max, out, err);
    for (int i = 0; i < count; i++)
        free(entries[i]);
    free(entries);
    if (rc != 0)
        reader_files_close(out);
    return rc;
}

bool reader_files_are_cut(const struct reader_files *files)
{
    for (size_t i = 0; i < files->count; i++)
        if (files->texts[i].is_cut)
            return true;
    return false;
}

void reader_files_close(struct reader_files *files)
{
    for (size_t i = 0; i < files->count; i++) {
        reader_text_close(&files->texts[i]);
        free((char *)(uintptr_t)files->files[i].name);
    }
    free(files->files);
    free(files->texts);
    *files = (struct reader_files){0};
}
