/* Cobra's logs: a directory with one file for each session, big-endian, integers of 8 bytes.
 *
 *     S transaction                         it begins
 *     W write, key, value                   a write; `write` is its identity
 *     R transaction, write, key, value      a read, of what that transaction wrote
 *     C transaction                         committed
 *     A transaction                         aborted
 *
 * What is read or written here is the identity of the write: values may repeat, and are digests. A
 * read of the write 0xbebeebee or 0xdeadbeef found what was there in the beginning, or nothing:
 * nil here (PolySI, history/loaders/CobraHistoryLoader.java; AWDIT, src/formats.rs,
 * parse_cobra_history). */
#include "formats/reader_txns.h"

#include "core/err.h"
#include "core/errbuf.h"

#include <endian.h>
#include <string.h>

enum { NUMBER = 8 };

#define WRITE_INITIAL INT64_C(0xbebeebee)
#define WRITE_NONE    INT64_C(0xdeadbeef)

struct cobra {
    struct reader_txns txns;
    const struct reader_file *file;
    const char *at, *end;
    int64_t transaction; /* the open one */
    bool is_cut;
};

static int fail(const struct cobra *cobra, const char *at, const char *problem, struct errbuf *err)
{
    struct reader_input input = {.name = cobra->file->name, .text = cobra->file->text};
    return reader_binary_error(&input, at, problem, err);
}

static int64_t number_at(const char *at)
{
    uint64_t number;
    memcpy(&number, at, NUMBER);
    return (int64_t)be64toh(number);
}

static int begin(struct cobra *cobra, const char *at, struct errbuf *err)
{
    if (cobra->txns.is_open)
        return fail(cobra, at, "a transaction begins before the last one ended", err);
    cobra->transaction = number_at(at + 1);
    return reader_txns_begin(&cobra->txns, err);
}

static int end(struct cobra *cobra, const char *at, struct errbuf *err)
{
    if (number_at(at + 1) != cobra->transaction)
        return fail(cobra, at, "another transaction ends than the one that began", err);
    return reader_txns_end(&cobra->txns, *at == 'C' ? OP_OK : OP_FAIL, err);
}

static value_ref ref_at(const struct cobra *cobra, const char *at)
{
    return reader_txns_int(&cobra->txns, number_at(at));
}

static int take_write(struct cobra *cobra, const char *at, struct errbuf *err)
{
    return reader_txns_add(&cobra->txns, MICRO_WRITE, ref_at(cobra, at + 1 + NUMBER),
                           ref_at(cobra, at + 1), err);
}

static int take_read(struct cobra *cobra, const char *at, struct errbuf *err)
{
    int64_t write = number_at(at + 1 + NUMBER);
    value_ref value = write == WRITE_INITIAL || write == WRITE_NONE
                          ? VALUE_REF_NIL
                          : reader_txns_int(&cobra->txns, write);
    return reader_txns_add(&cobra->txns, MICRO_READ, ref_at(cobra, at + 1 + 2 * NUMBER), value,
                           err);
}

static int take_record(struct cobra *cobra, struct errbuf *err)
{
    static const uint8_t numbers[UINT8_MAX + 1] = {
        ['S'] = 1, ['C'] = 1, ['A'] = 1, ['W'] = 3, ['R'] = 4};
    const char *at = cobra->at;
    size_t length = 1 + (size_t)numbers[(unsigned char)*at] * NUMBER;
    if (length == 1)
        return fail(cobra, at, "expected S, W, R, C or A", err);
    if ((size_t)(cobra->end - at) < length) {
        cobra->is_cut = true;
        return 0;
    }
    cobra->at += length;
    if (*at == 'S')
        return begin(cobra, at, err);
    if (!cobra->txns.is_open)
        return fail(cobra, at, "no transaction has begun", err);
    return *at == 'W'   ? take_write(cobra, at, err)
           : *at == 'R' ? take_read(cobra, at, err)
                        : end(cobra, at, err);
}

/* One session. */
static int take_file(struct cobra *cobra, const struct reader_file *file, struct errbuf *err)
{
    int rc = 0;
    cobra->file = file;
    cobra->at = file->text;
    cobra->end = file->text + file->length;
    cobra->is_cut = false;
    while (cobra->at < cobra->end && !cobra->is_cut && rc == 0)
        rc = take_record(cobra, err);
    if (rc == 0 && (cobra->is_cut || cobra->txns.is_open))
        rc = reader_txns_cut(&cobra->txns, err);
    cobra->txns.session++;
    return rc;
}

static int read_all(const struct reader_input *input, struct operations *all, struct errbuf *err)
{
    struct cobra cobra = {.at = NULL};
    struct reader_file alone = {input->name, input->text, input->length};
    const struct reader_file *files = input->file_count > 0 ? input->files : &alone;
    size_t count = input->file_count > 0 ? input->file_count : 1;
    int rc = 0;
    reader_txns_init(&cobra.txns, input, all);
    for (size_t i = 0; i < count && rc == 0; i++) {
        rc = take_file(&cobra, &files[i], err);
        if (rc == 0)
            rc = reader_txns_ask_clock(&cobra.txns, err);
    }
    return rc;
}

/* A transaction begins, and something in it. */
static bool sniff(const char *text, size_t length)
{
    return length > 1 + NUMBER && text[0] == 'S' && strchr("WRCA", text[1 + NUMBER]) &&
           text[1 + NUMBER] && memchr(text, '\0', length < 64 ? length : 64) != NULL;
}

const struct reader reader_cobra = {
    .name = "cobra",
    .doc = "Cobra's logs: a directory with one .log for each session",
    .semantics = {.has_no_times = true},
    .sniff = sniff,
    .read_all = read_all,
};
