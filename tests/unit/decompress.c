/* gzip and zstd: whole, in several pieces, cut short at any byte, and with any byte changed. */
#include "formats/decompress.h"

#include "core/err.h"
#include "core/errbuf.h"
#include "core/random.h"
#include "core/strbuf.h"
#include "formats/reader.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

static void pack_gzip(const char *text, size_t length, struct strbuf *out)
{
    z_stream stream = {0};
    cr_assert_eq(deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
    size_t bound = deflateBound(&stream, length) + 64;
    cr_assert(strbuf_reserve(out, bound));
    stream.next_in = (Bytef *)(uintptr_t)text;
    stream.avail_in = (uInt)length;
    stream.next_out = (Bytef *)(out->text + out->length);
    stream.avail_out = (uInt)bound;
    cr_assert_eq(deflate(&stream, Z_FINISH), Z_STREAM_END);
    out->length += stream.total_out;
    deflateEnd(&stream);
}

static void pack_zstd(const char *text, size_t length, struct strbuf *out)
{
    size_t bound = ZSTD_compressBound(length);
    cr_assert(strbuf_reserve(out, bound));
    ZSTD_CCtx *context = ZSTD_createCCtx();
    ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1);
    size_t packed = ZSTD_compress2(context, out->text + out->length, bound, text, length);
    cr_assert_not(ZSTD_isError(packed));
    out->length += packed;
    ZSTD_freeCCtx(context);
}

typedef void pack(const char *text, size_t length, struct strbuf *out);
static pack *const packs[] = {pack_gzip, pack_zstd};

/* Some words, so that it gets shorter, but not much. */
static void make_text(struct strbuf *out, size_t length)
{
    struct random random;
    random_init(&random, 8, RANDOM_TEST, length);
    while (out->length < length)
        strbuf_printf(out, "%d:%s ", (int)random_below(&random, 1000),
                      random_below(&random, 2) ? "read" : "write");
}

static int unpack(const struct strbuf *packed, size_t length, size_t bytes_max, struct strbuf *out,
                  bool *is_cut, struct errbuf *err)
{
    char *copy = malloc(length ? length : 1); /* just that size, for the sanitizers */
    memcpy(copy, packed->text, length);
    int rc = decompress("FILE", copy, length, bytes_max, out, is_cut, err);
    free(copy);
    return rc;
}

Test(decompress, gives_back_what_was_compressed_in_one_piece_or_several)
{
    static const size_t lengths[] = {0, 1, 5000, (1 << 20) - 1, 1 << 20, 3000000};
    for (int i = 0; i < 2; i++) {
        struct strbuf packed = STRBUF_INIT, text = STRBUF_INIT, out = STRBUF_INIT;
        struct errbuf err = ERRBUF_INIT;
        bool is_cut;
        for (size_t j = 0; j < sizeof lengths / sizeof lengths[0]; j++) {
            struct strbuf piece = STRBUF_INIT;
            make_text(&piece, lengths[j]);
            if (piece.length > lengths[j])
                piece.length = lengths[j];
            packs[i](piece.text ? piece.text : "", piece.length, &packed);
            strbuf_add(&text, piece.text, piece.length);
            strbuf_reset(&out);
            cr_assert_eq(unpack(&packed, packed.length, 0, &out, &is_cut, &err), 0, "%s", err.text);
            cr_expect_not(is_cut, "%zu", lengths[j]);
            cr_assert_eq(out.length, text.length);
            cr_assert_eq(memcmp(out.text, text.text ? text.text : "", out.length), 0);
            strbuf_fini(&piece);
        }
        strbuf_fini(&packed);
        strbuf_fini(&text);
        strbuf_fini(&out);
    }
}

Test(decompress, gives_the_beginning_of_what_is_cut_short_anywhere)
{
    for (int i = 0; i < 2; i++) {
        struct strbuf packed = STRBUF_INIT, text = STRBUF_INIT;
        make_text(&text, 3000);
        packs[i](text.text, text.length, &packed);
        for (size_t length = 4; length < packed.length; length++) {
            struct strbuf out = STRBUF_INIT;
            struct errbuf err = ERRBUF_INIT;
            bool is_cut;
            cr_assert_eq(unpack(&packed, length, 0, &out, &is_cut, &err), 0, "%s", err.text);
            cr_expect(is_cut, "%zu of %zu", length, packed.length);
            cr_assert_leq(out.length, text.length);
            cr_assert_eq(memcmp(out.text, text.text, out.length), 0);
            strbuf_fini(&out);
        }
        strbuf_fini(&packed);
        strbuf_fini(&text);
    }
}

Test(decompress, a_changed_byte_never_passes_for_the_text)
{
    uint32_t refused = 0;
    for (int i = 0; i < 2; i++) {
        struct strbuf packed = STRBUF_INIT, text = STRBUF_INIT;
        make_text(&text, 3000);
        packs[i](text.text, text.length, &packed);
        for (size_t at = 10; at < packed.length; at++) {
            struct strbuf out = STRBUF_INIT;
            struct errbuf err = ERRBUF_INIT;
            bool is_cut;
            packed.text[at] ^= 0x10;
            int rc = unpack(&packed, packed.length, 0, &out, &is_cut, &err);
            bool same = rc == 0 && out.length == text.length &&
                        memcmp(out.text, text.text, out.length) == 0;
            cr_assert(rc == ERR_INPUT || (rc == 0 && (is_cut || same)), "byte %zu", at);
            cr_assert(rc == 0 || strncmp(err.text, "FILE: corrupt ", 14) == 0, "%s", err.text);
            refused += rc != 0;
            packed.text[at] ^= 0x10;
            strbuf_fini(&out);
        }
        strbuf_fini(&packed);
        strbuf_fini(&text);
    }
    cr_expect_gt(refused, 500);
}

Test(decompress, keeps_to_its_cap)
{
    for (int i = 0; i < 2; i++) {
        struct strbuf packed = STRBUF_INIT, text = STRBUF_INIT, out = STRBUF_INIT;
        struct errbuf err = ERRBUF_INIT;
        bool is_cut;
        for (int j = 0; j < 20 << 20; j++)
            strbuf_putc(&text, 'a');
        packs[i](text.text, text.length, &packed);
        cr_expect_eq(unpack(&packed, packed.length, 4 << 20, &out, &is_cut, &err), ERR_NOMEM);
        cr_expect_leq(out.capacity, 16 << 20);
        strbuf_fini(&packed);
        strbuf_fini(&text);
        strbuf_fini(&out);
    }
}

Test(decompress, refuses_what_comes_behind_a_gzip_member)
{
    struct strbuf packed = STRBUF_INIT, out = STRBUF_INIT;
    struct errbuf err = ERRBUF_INIT;
    bool is_cut;
    pack_gzip("abc", 3, &packed);
    strbuf_add(&packed, "\0\0\0\0", 4);
    cr_expect_eq(unpack(&packed, packed.length, 0, &out, &is_cut, &err), 0);
    strbuf_puts(&packed, "x");
    cr_expect_eq(unpack(&packed, packed.length, 0, &out, &is_cut, &err), ERR_INPUT);
    cr_expect(strstr(err.text, "something else comes behind its end"), "%s", err.text);
    strbuf_fini(&packed);
    strbuf_fini(&out);
}

static void load_packed(pack *pack, size_t lost, struct operations *all)
{
    static const char text[] = "{\"process\":0,\"type\":\"invoke\",\"f\":\"write\",\"value\":1}\n"
                               "{\"process\":0,\"type\":\"ok\",\"f\":\"write\",\"value\":1}\n";
    char path[] = "/tmp/decompress-XXXXXX";
    struct strbuf packed = STRBUF_INIT;
    struct history_semantics semantics;
    struct errbuf err = ERRBUF_INIT;
    pack(text, sizeof text - 1, &packed);
    int fd = mkstemp(path);
    size_t length = packed.length - lost;
    cr_assert_eq(write(fd, packed.text, length), (ssize_t)length);
    close(fd);
    int rc = reader_load(path, NULL, (struct reader_options){.threads = 1}, all, &semantics, &err);
    unlink(path);
    cr_assert_eq(rc, 0, "%s", err.text);
    strbuf_fini(&packed);
}

Test(decompress, readers_take_compressed_files_and_say_when_they_are_cut)
{
    for (int i = 0; i < 2; i++) {
        struct operations all;
        load_packed(packs[i], 0, &all);
        cr_expect_eq(all.event_count, 2);
        cr_expect_not(all.truncated);
        operations_fini(&all);
        load_packed(packs[i], 1, &all);
        cr_expect(all.truncated);
        operations_fini(&all);
    }
}
