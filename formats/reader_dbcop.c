/* dbcop's histories as bincode, which PolySI also reads: little-endian, integers of 8 bytes.
 *
 *     id, nodes, variables, transactions, events      five integers
 *     info, start, end                                texts, each with its length before it
 *     sessions                                        their number, and for each:
 *       transactions                                  their number, and for each:
 *         events                                      their number, and for each:
 *           1 if it wrote, variable, value, 1 if it succeeded     a byte, two integers, a byte
 *         1 if it was committed                       a byte
 *
 * What did not succeed did nothing. Every variable begins with the value 0 (PolySI,
 * history/loaders/DBCopHistoryLoader.java). */
#include "formats/reader_txns.h"

#include "core/err.h"
#include "core/errbuf.h"

#include <endian.h>
#include <string.h>

struct dbcop {
    struct reader_txns txns;
    const char *at, *end;
    const char *problem; /* at `at`; NULL if the text ended too early */
    bool is_cut;
};

enum { NUMBER = 8, TEXT_MAX = 1 << 20, SESSIONS_MAX = 1 << 30 };

static bool fail(struct dbcop *dbcop, const char *problem)
{
    dbcop->problem = problem;
    return false;
}

static bool has(struct dbcop *dbcop, uint64_t bytes)
{
    if ((uint64_t)(dbcop->end - dbcop->at) >= bytes)
        return true;
    dbcop->is_cut = true;
    return false;
}

static bool take_number(struct dbcop *dbcop, uint64_t *out)
{
    if (!has(dbcop, NUMBER))
        return false;
    memcpy(out, dbcop->at, NUMBER);
    *out = le64toh(*out);
    dbcop->at += NUMBER;
    return true;
}

static bool take_count(struct dbcop *dbcop, uint64_t most, uint64_t *out, const char *problem)
{
    if (!take_number(dbcop, out))
        return false;
    if (*out <= most)
        return true;
    dbcop->at -= NUMBER;
    return fail(dbcop, problem);
}

static bool take_bool(struct dbcop *dbcop, bool *out)
{
    if (!has(dbcop, 1))
        return false;
    if ((unsigned char)*dbcop->at > 1)
        return fail(dbcop, "expected 0 or 1");
    *out = *dbcop->at++;
    return true;
}

static bool take_header(struct dbcop *dbcop)
{
    uint64_t number;
    for (int i = 0; i < 5; i++)
        if (!take_number(dbcop, &number))
            return false;
    for (int i = 0; i < 3; i++) {
        if (!take_count(dbcop, TEXT_MAX, &number, "expected the length of a text") ||
            !has(dbcop, number))
            return false;
        dbcop->at += number;
    }
    return true;
}

/* --- transactions --- */

/* Variables and values are 64 bits without a sign: past 63 they become the text of the number. */
static value_ref make_ref(struct dbcop *dbcop, uint64_t number)
{
    char digits[24];
    if (number <= INT64_MAX)
        return reader_txns_int(&dbcop->txns, (int64_t)number);
    char *at = digits + sizeof digits;
    const char *end = at;
    for (; number > 0; number /= 10)
        *--at = (char)('0' + number % 10);
    value_ref out;
    reader_txns_number(&dbcop->txns, at, end, &out);
    return out;
}

static int take_event(struct dbcop *dbcop, struct errbuf *err)
{
    bool writes, succeeded;
    uint64_t key, value;
    if (!take_bool(dbcop, &writes) || !take_number(dbcop, &key) || !take_number(dbcop, &value) ||
        !take_bool(dbcop, &succeeded))
        return ERR_INPUT;
    if (!succeeded)
        return 0;
    return reader_txns_add(&dbcop->txns, writes ? MICRO_WRITE : MICRO_READ, make_ref(dbcop, key),
                           make_ref(dbcop, value), err);
}

static int take_transaction(struct dbcop *dbcop, struct errbuf *err)
{
    uint64_t events;
    bool committed;
    if (!take_number(dbcop, &events))
        return ERR_INPUT;
    int rc = reader_txns_begin(&dbcop->txns, err);
    for (uint64_t i = 0; i < events && rc == 0; i++)
        rc = take_event(dbcop, err);
    if (rc != 0)
        return rc;
    if (!take_bool(dbcop, &committed))
        return ERR_INPUT;
    return reader_txns_end(&dbcop->txns, committed ? OP_OK : OP_FAIL, err);
}

static int take_session(struct dbcop *dbcop, struct errbuf *err)
{
    uint64_t transactions;
    if (!take_number(dbcop, &transactions))
        return ERR_INPUT;
    int rc = 0;
    for (uint64_t i = 0; i < transactions && rc == 0; i++)
        rc = take_transaction(dbcop, err);
    dbcop->txns.session += rc == 0; /* else it may go on as one that is cut short */
    return rc;
}

static int take_sessions(struct dbcop *dbcop, struct errbuf *err)
{
    uint64_t sessions;
    if (!take_header(dbcop) ||
        !take_count(dbcop, SESSIONS_MAX, &sessions, "expected the number of sessions"))
        return ERR_INPUT;
    int rc = 0;
    for (uint64_t i = 0; i < sessions && rc == 0; i++) {
        rc = take_session(dbcop, err);
        if (rc == 0)
            rc = reader_txns_ask_clock(&dbcop->txns, err);
    }
    if (rc == 0 && dbcop->at < dbcop->end) {
        dbcop->problem = "expected the end of the file";
        rc = ERR_INPUT;
    }
    return rc;
}

static int read_all(const struct reader_input *input, struct operations *all, struct errbuf *err)
{
    struct dbcop dbcop = {.at = input->text, .end = input->text + input->length};
    reader_txns_init(&dbcop.txns, input, all);
    int rc = take_sessions(&dbcop, err);
    if (dbcop.is_cut)
        return reader_txns_cut(&dbcop.txns, err);
    if (dbcop.problem)
        return reader_binary_error(input, dbcop.at, dbcop.problem, err);
    return rc;
}

/* A header, and the three texts in it: two of them times such as 2020-01-31T10:00:00+00:00. */
static bool sniff(const char *text, size_t length)
{
    struct dbcop dbcop = {.at = text, .end = text + length};
    return length > 8 * NUMBER && take_header(&dbcop) && dbcop.at - text > 8 * NUMBER &&
           dbcop.end - dbcop.at >= NUMBER && memchr(text, '\0', 5 * NUMBER) != NULL;
}

const struct reader reader_dbcop = {
    .name = "dbcop",
    .doc = "dbcop's bincode, as PolySI writes it too",
    .semantics = {.has_no_times = true, .initial = VALUE_REF_ZERO, .initial_is_given = true},
    .sniff = sniff,
    .read_all = read_all,
};
