#include "checker/certificate_reader.h"

#include "checker/certificate_text.h"
#include "core/err.h"
#include "core/errbuf.h"

#include <errno.h>

enum { BUFFER_BYTES = 1 << 16 };

int certificate_open(struct certificate_reader *reader, const char *path, struct errbuf *err)
{
    *reader = (struct certificate_reader){
        .path = path, .file = fopen(path, "re"), .seal = CERTIFICATE_SEAL_INIT};
    if (!reader->file)
        return errbuf_set_errno(err, err_of_path(errno), "%s", path);
    setvbuf(reader->file, NULL, _IOFBF, BUFFER_BYTES);
    return 0;
}

void certificate_close(struct certificate_reader *reader)
{
    if (reader->file)
        fclose(reader->file);
    strbuf_fini(&reader->rest);
}

int certificate_malformed(const struct certificate_reader *reader, const char *problem,
                          struct errbuf *err)
{
    return errbuf_set(err, ERR_INPUT, "%s:%lu: %s", reader->path, reader->line, problem);
}

static int take(struct certificate_reader *reader)
{
    int c = getc_unlocked(reader->file);
    reader->seal_before = reader->seal;
    reader->seal = certificate_seal(reader->seal, c);
    return c;
}

static void put_back(struct certificate_reader *reader, int c)
{
    ungetc(c, reader->file);
    reader->seal = reader->seal_before;
}

int certificate_next_line(struct certificate_reader *reader, struct errbuf *err)
{
    size_t length = 0;
    int c;
    reader->line++;
    while ((c = take(reader)) != EOF && c != ' ' && c != '\n') {
        if (length + 1 == sizeof reader->word || c == '\0')
            return certificate_malformed(reader, "this is no line of a certificate", err);
        reader->word[length++] = (char)c;
    }
    reader->word[length] = '\0';
    if (c == EOF)
        return certificate_malformed(reader, "the certificate ends too early", err);
    put_back(reader, c);
    return 0;
}

static int no_memory(const struct certificate_reader *reader, struct errbuf *err)
{
    return errbuf_set(err, ERR_NOMEM, "no memory for line %lu of %s", reader->line, reader->path);
}

int certificate_take_rest(struct certificate_reader *reader, struct errbuf *err)
{
    int c = take(reader);
    strbuf_reset(&reader->rest);
    strbuf_puts(&reader->rest, "");
    if (!strbuf_ok(&reader->rest))
        return no_memory(reader, err);
    if (c == ' ')
        c = take(reader);
    for (; c != '\n'; c = take(reader)) {
        if (c == EOF || c == '\0')
            return certificate_malformed(reader, "the certificate ends too early", err);
        strbuf_putc(&reader->rest, (char)c);
        if (!strbuf_ok(&reader->rest))
            return no_memory(reader, err);
    }
    return 0;
}

int certificate_take_number(struct certificate_reader *reader, uint64_t *out, struct errbuf *err)
{
    int c = take(reader), digits = 0;
    bool zero_first = false; /* and others after it */
    if (c == '\n')
        return 0;
    if (c == EOF)
        return certificate_malformed(reader, "the certificate ends too early", err);
    *out = 0;
    if (c == ' ')
        for (c = take(reader); c >= '0' && c <= '9'; digits++) {
            zero_first = zero_first || (digits > 0 && *out == 0);
            *out = *out * 10 + (uint64_t)(c - '0');
            c = take(reader);
        }
    if (digits == 0 || zero_first || digits > 18 || (c != ' ' && c != '\n'))
        return certificate_malformed(reader, "indexes of events are expected here", err);
    put_back(reader, c);
    return 1;
}
