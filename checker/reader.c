#include "checker/reader.h"

#include "checker/edn.h"
#include "core/err.h"
#include "core/errbuf.h"
#include "core/strbuf.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

const struct reader *const reader_table[] = {
    &reader_porcupine_etcd, &reader_jsonl, &reader_json, &reader_edn, NULL,
};

const struct reader *reader_find(const char *name)
{
    for (const struct reader *const *reader = reader_table; *reader; reader++)
        if (strcmp((*reader)->name, name) == 0)
            return *reader;
    return NULL;
}

int reader_error(const struct reader_input *input, const char *at, const char *problem,
                 struct errbuf *err)
{
    size_t line, column;
    edn_position(input->text, at, &line, &column);
    return errbuf_set(err, ERR_INPUT, "%s:%zu:%zu: %s", input->name, line, column, problem);
}

bool reader_split_key(struct op *op)
{
    struct value key, value;
    if (!value_as_pair(op->value, &key, &value))
        return false;
    op->has_key = true;
    op->key = key;
    op->value = value;
    return true;
}

int reader_set_initial(struct history_semantics *semantics, const char *text,
                       struct value_pool *values, struct errbuf *err)
{
    struct edn_cursor cursor = {.at = text, .end = text + strlen(text)};
    struct arena arena;
    struct value value;
    arena_init(&arena, 0);
    bool read = edn_read_value(&cursor, &arena, &value) && edn_skip_space(&cursor) &&
                cursor.at == cursor.end;
    value_ref initial = read ? value_pool_intern(values, value) : VALUE_REF_NIL;
    arena_fini(&arena);
    if (!read)
        return errbuf_set(
            err, ERR_INPUT,
            "initial value \"%s\": expected one value such as nil, 0, \"text\" or :key", text);
    if (initial == VALUE_REF_NOMEM)
        return errbuf_set(err, ERR_NOMEM, "no memory for the initial value");
    semantics->initial = initial;
    semantics->initial_is_given = true;
    semantics->initial_may_be_nil = false;
    return 0;
}

/* --- the bytes --- */

struct text {
    const char *data;
    size_t length;
    bool is_mapped;
};

static void text_close(struct text *text)
{
    if (text->is_mapped)
        munmap((void *)(uintptr_t)text->data, text->length);
    else
        free((void *)(uintptr_t)text->data);
}

/* What cannot be mapped (a pipe, standard input) is read. */
static int read_all(int fd, const char *path, struct text *text, struct errbuf *err)
{
    struct strbuf buf = STRBUF_INIT;
    char chunk[1 << 16];
    ssize_t got;
    while ((got = read(fd, chunk, sizeof chunk)) > 0)
        strbuf_add(&buf, chunk, (size_t)got);
    if (got < 0 || !strbuf_ok(&buf)) {
        int rc = got < 0 ? errbuf_set_errno(err, ERR_IO, "%s: cannot be read", path)
                         : errbuf_set(err, ERR_NOMEM, "%s: no memory for its text", path);
        strbuf_fini(&buf);
        return rc;
    }
    *text = (struct text){.data = buf.text, .length = buf.length};
    return 0;
}

static int map_or_read(int fd, const char *path, struct text *text, struct errbuf *err)
{
    struct stat status;
    if (fstat(fd, &status) != 0)
        return errbuf_set_errno(err, ERR_IO, "%s: cannot be read", path);
    if (!S_ISREG(status.st_mode) || status.st_size == 0)
        return read_all(fd, path, text, err);
    size_t length = (size_t)status.st_size;
    void *data = mmap(NULL, length, PROT_READ, MAP_PRIVATE, fd, 0);
    if (data == MAP_FAILED)
        return read_all(fd, path, text, err);
    *text = (struct text){.data = data, .length = length, .is_mapped = true};
    return 0;
}

static int text_open(const char *path, struct text *text, struct errbuf *err)
{
    if (strcmp(path, "-") == 0)
        return read_all(STDIN_FILENO, "standard input", text, err);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return errbuf_set_errno(err, ERR_IO, "%s: cannot be opened", path);
    int rc = map_or_read(fd, path, text, err);
    close(fd);
    return rc;
}

/* --- which format --- */

static void put_names(struct strbuf *out)
{
    for (const struct reader *const *reader = reader_table; *reader; reader++) {
        strbuf_puts(out, reader == reader_table ? "" : ", ");
        strbuf_puts(out, (*reader)->name);
    }
}

static bool is_blank(const struct text *text)
{
    for (size_t i = 0; i < text->length; i++)
        if (!strchr(" \t\r\n", text->data[i]) || text->data[i] == '\0')
            return false;
    return true;
}

static const struct reader *sniff(const struct text *text)
{
    if (is_blank(text))
        return &reader_jsonl; /* a history in which nothing happened */
    for (const struct reader *const *reader = reader_table; *reader; reader++)
        if ((*reader)->sniff(text->data, text->length))
            return *reader;
    return NULL;
}

static int choose(const char *path, const char *format, const struct text *text,
                  const struct reader **reader, struct errbuf *err)
{
    *reader = format ? reader_find(format) : sniff(text);
    if (*reader)
        return 0;
    struct strbuf names = STRBUF_INIT;
    put_names(&names);
    const char *known = strbuf_ok(&names) ? names.text : "";
    bool is_gzip = !format && text->length > 2 && memcmp(text->data, "\x1f\x8b", 2) == 0;
    if (format)
        errbuf_set(err, ERR_INPUT, "no history format \"%s\"; there are: %s", format, known);
    else if (is_gzip)
        errbuf_set(err, ERR_INPUT, "%s: is compressed; unpack it first, as gunzip does", path);
    else
        errbuf_set(err, ERR_INPUT, "%s: is no history in a known format (%s)", path, known);
    strbuf_fini(&names);
    return ERR_INPUT;
}

int reader_load(const char *path, const char *format, struct reader_options options,
                struct history *history, struct history_semantics *semantics, struct errbuf *err)
{
    struct text text;
    const struct reader *reader;
    int rc = text_open(path, &text, err);
    if (rc != 0)
        return rc;
    rc = choose(path, format, &text, &reader, err);
    if (rc == 0) {
        struct reader_input input = {.name = strcmp(path, "-") == 0 ? "standard input" : path,
                                     .text = text.data ? text.data : "",
                                     .length = text.length,
                                     .options = options};
        rc = reader->read(&input, history, err);
        *semantics = reader->semantics;
    }
    text_close(&text);
    return rc;
}
