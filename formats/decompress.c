#include "formats/decompress.h"

#include "core/err.h"
#include "core/errbuf.h"
#include "core/strbuf.h"

#include <string.h>
#include <zlib.h>
#include <zstd.h>

enum { STEP = 1 << 20 };

struct source {
    const char *name, *format;
    const char *bytes;
    size_t length, at;
    size_t bytes_max;
    struct strbuf *out;
    struct errbuf *err;
};

const char *decompress_format(const char *bytes, size_t length)
{
    if (length >= 2 && memcmp(bytes, "\x1f\x8b", 2) == 0)
        return "gzip";
    if (length >= 4 && memcmp(bytes, "\x28\xb5\x2f\xfd", 4) == 0)
        return "zstd";
    return NULL;
}

static int corrupt(const struct source *source, const char *why)
{
    return errbuf_set(source->err, ERR_INPUT, "%s: corrupt %s data at byte %zu: %s", source->name,
                      source->format, source->at, why);
}

/* Room for the next step; it may pass the cap by that much, which is then noticed. */
static int make_room(const struct source *source)
{
    bool passed = source->bytes_max && source->out->length > source->bytes_max;
    if (!passed && strbuf_reserve(source->out, STEP))
        return 0;
    return errbuf_set(source->err, ERR_NOMEM, "%s: no memory for its text", source->name);
}

static void grow(const struct source *source, size_t added)
{
    source->out->length += added;
    source->out->text[source->out->length] = '\0';
}

/* Behind a member comes another one, or zeros that fill a block. */
static int next_member(struct source *source, z_stream *stream, bool *done)
{
    const char *rest = source->bytes + source->at;
    size_t length = source->length - source->at;
    if (decompress_format(rest, length))
        return inflateReset(stream) == Z_OK ? 0 : corrupt(source, "it does not begin");
    for (size_t i = 0; i < length; i++)
        if (rest[i] != '\0')
            return corrupt(source, "something else comes behind its end");
    *done = true;
    return 0;
}

static int inflate_all(struct source *source, z_stream *stream, bool *is_cut)
{
    for (bool done = false; !done;) {
        size_t given = source->length - source->at < STEP ? source->length - source->at : STEP;
        int rc = make_room(source);
        if (rc != 0)
            return rc;
        stream->next_in = (Bytef *)(uintptr_t)(source->bytes + source->at);
        stream->avail_in = (uInt)given;
        stream->next_out = (Bytef *)(source->out->text + source->out->length);
        stream->avail_out = STEP;
        int status = inflate(stream, Z_NO_FLUSH);
        source->at += given - stream->avail_in;
        grow(source, STEP - stream->avail_out);
        if (status == Z_STREAM_END) {
            rc = next_member(source, stream, &done);
            if (rc != 0)
                return rc;
        } else if (status == Z_BUF_ERROR || (status == Z_OK && stream->avail_out > 0)) {
            done = *is_cut = source->at == source->length;
        } else if (status != Z_OK) {
            return corrupt(source, stream->msg ? stream->msg : "it makes no sense");
        }
    }
    return 0;
}

static int gunzip(struct source *source, bool *is_cut)
{
    enum { WINDOW_BITS = 15, GZIP = 16 };
    z_stream stream = {0};
    if (inflateInit2(&stream, WINDOW_BITS + GZIP) != Z_OK)
        return errbuf_set(source->err, ERR_NOMEM, "%s: no memory to unpack it", source->name);
    int rc = inflate_all(source, &stream, is_cut);
    inflateEnd(&stream);
    return rc;
}

static int unzstd(struct source *source, bool *is_cut)
{
    ZSTD_DStream *stream = ZSTD_createDStream();
    ZSTD_inBuffer in = {source->bytes, source->length, 0};
    size_t left = 1;
    int rc =
        stream ? 0 : errbuf_set(source->err, ERR_NOMEM, "%s: no memory to unpack it", source->name);
    for (bool done = false; rc == 0 && !done;) {
        rc = make_room(source);
        if (rc != 0)
            break;
        ZSTD_outBuffer out = {source->out->text + source->out->length, STEP, 0};
        left = ZSTD_decompressStream(stream, &out, &in);
        source->at = in.pos;
        grow(source, ZSTD_isError(left) ? 0 : out.pos);
        if (ZSTD_isError(left))
            rc = corrupt(source, ZSTD_getErrorName(left));
        done = in.pos == in.size && (left == 0 || out.pos < out.size);
    }
    *is_cut = rc == 0 && left != 0;
    ZSTD_freeDStream(stream);
    return rc;
}

int decompress(const char *name, const char *bytes, size_t length, size_t bytes_max,
               struct strbuf *out, bool *is_cut, struct errbuf *err)
{
    struct source source = {.name = name,
                            .format = decompress_format(bytes, length),
                            .bytes = bytes,
                            .length = length,
                            .bytes_max = bytes_max,
                            .out = out,
                            .err = err};
    *is_cut = false;
    if (!source.format)
        return errbuf_set(err, ERR_INPUT, "%s: is neither gzip nor zstd", name);
    int rc = strcmp(source.format, "gzip") == 0 ? gunzip(&source, is_cut) : unzstd(&source, is_cut);
    if (rc == 0 && bytes_max && out->length > bytes_max)
        return errbuf_set(err, ERR_NOMEM, "%s: no memory for its text", name);
    return rc;
}
