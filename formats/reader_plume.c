/* The text of Plume and PolySI: one read or write a line, with its session and transaction.
 *
 *     w(3,7,0,12)      key 3, value 7, session 0, transaction 12
 *     r(3,7,1,13)
 *     w(3,8,1,-1)      of a transaction that was aborted
 *
 * Lines of a transaction are in its order, and may lie between those of others; transactions of a
 * session are in the order of their first lines. Aborted ones have no numbers of their own: lines
 * of one session in a row are taken for one. Every key begins with the value 0 (PolySI,
 * history/loaders/TextHistoryLoader.java; AWDIT, src/formats.rs, parse_plume_history). */
#include "formats/reader_txns.h"

#include "core/err.h"
#include "core/errbuf.h"

#include <stdlib.h>
#include <string.h>

enum { ABORTED = -1, LINES_MIN = 1024 };

struct line {
    value_ref key, value;
    uint32_t txn : 31; /* its number among plume's */
    uint32_t f : 1;    /* MICRO_READ or MICRO_WRITE */
};

struct plume_txn {
    int64_t id; /* ABORTED: any */
    int32_t session;
    uint32_t count; /* of its lines; later: where its next line goes */
};

struct plume {
    struct reader_txns txns;
    const char *at, *end;
    const char *problem;
    struct line *lines;
    size_t line_count, line_capacity;
    struct plume_txn *all;
    size_t count, capacity;
    uint32_t *slots; /* by id: number plus one, open addressing */
    size_t slot_count;
    bool is_mixed; /* some lines lie between those of another transaction */
};

/* --- transactions by id --- */

static void *grow(const struct plume *plume, void *items, size_t count, size_t *capacity,
                  size_t size)
{
    size_t more = *capacity ? 2 * *capacity : LINES_MIN;
    size_t most = plume->txns.input->options.bytes_max;
    if (count < *capacity)
        return items;
    void *grown = most && more > most / size ? NULL : realloc(items, more * size);
    if (grown)
        *capacity = more;
    return grown;
}

static uint32_t *find_slot(const struct plume *plume, int64_t id)
{
    size_t mask = plume->slot_count - 1;
    size_t i = (uint64_t)id * UINT64_C(0x9e3779b97f4a7c15) >> 32 & mask;
    while (plume->slots[i] && plume->all[plume->slots[i] - 1].id != id)
        i = (i + 1) & mask;
    return &plume->slots[i];
}

static bool grow_slots(struct plume *plume)
{
    size_t more = plume->slot_count ? 2 * plume->slot_count : 2 * LINES_MIN;
    uint32_t *slots = calloc(more, sizeof *slots);
    if (!slots)
        return false;
    free(plume->slots);
    plume->slots = slots;
    plume->slot_count = more;
    for (size_t i = 0; i < plume->count; i++)
        if (plume->all[i].id != ABORTED)
            *find_slot(plume, plume->all[i].id) = (uint32_t)i + 1;
    return true;
}

static bool add_txn(struct plume *plume, int64_t id, int32_t session)
{
    void *all = grow(plume, plume->all, plume->count, &plume->capacity, sizeof *plume->all);
    if (!all || plume->count >= INT32_MAX)
        return false;
    plume->all = all;
    plume->all[plume->count++] = (struct plume_txn){.id = id, .session = session};
    return true;
}

/* The number of a line's transaction; -1 without memory. */
static int64_t find_txn(struct plume *plume, int64_t id, int32_t session)
{
    if (plume->line_count > 0) {
        uint32_t last = plume->lines[plume->line_count - 1].txn;
        if (plume->all[last].id == id && (id != ABORTED || plume->all[last].session == session))
            return last;
    }
    if (2 * plume->count >= plume->slot_count && !grow_slots(plume))
        return -1;
    uint32_t *slot = id == ABORTED ? NULL : find_slot(plume, id);
    if (slot && *slot) {
        plume->is_mixed = true;
        return *slot - 1;
    }
    if (!add_txn(plume, id, session))
        return -1;
    if (slot)
        *slot = (uint32_t)plume->count;
    return (int64_t)plume->count - 1;
}

/* --- lines --- */

static bool take(struct plume *plume, char c, const char *problem)
{
    while (plume->at < plume->end && (*plume->at == ' ' || *plume->at == '\t'))
        plume->at++;
    bool is_there = plume->at < plume->end && *plume->at == c;
    if (is_there)
        plume->at++;
    else
        plume->problem = problem;
    return is_there;
}

static void skip_blanks(struct plume *plume)
{
    while (plume->at < plume->end &&
           (*plume->at == ' ' || *plume->at == '\t' || *plume->at == '\r'))
        plume->at++;
}

static bool take_ref(struct plume *plume, value_ref *out, const char *problem)
{
    skip_blanks(plume);
    const char *end = reader_txns_number(&plume->txns, plume->at, plume->end, out);
    if (end)
        plume->at = end;
    else
        plume->problem = problem;
    return end != NULL;
}

static bool take_int(struct plume *plume, int64_t most, int64_t *out, const char *problem)
{
    skip_blanks(plume);
    const char *at = plume->at;
    int64_t number = 0;
    for (; at < plume->end && (unsigned char)(*at - '0') <= 9; at++) {
        int digit = *at - '0';
        if (number > (most - digit) / 10)
            break;
        number = number * 10 + digit;
    }
    bool is_one = at > plume->at && (at == plume->end || (unsigned char)(*at - '0') > 9);
    if (is_one)
        plume->at = at;
    else
        plume->problem = problem;
    *out = number;
    return is_one;
}

static bool take_id(struct plume *plume, int64_t *out)
{
    static const char problem[] = "expected the transaction, a number from 0 on, or -1";
    skip_blanks(plume);
    const char *at = plume->at;
    if (plume->end - at >= 2 && at[0] == '-' && at[1] == '1') {
        plume->at += 2;
        *out = ABORTED;
        return true;
    }
    if (plume->end - at == 1 && *at == '-')
        plume->at++; /* cut short */
    return take_int(plume, INT64_MAX, out, problem);
}

static int add_line(struct plume *plume, struct line line, int64_t id, int64_t session,
                    struct errbuf *err)
{
    int64_t txn = find_txn(plume, id, (int32_t)session);
    void *lines = txn < 0 ? NULL
                          : grow(plume, plume->lines, plume->line_count, &plume->line_capacity,
                                 sizeof *plume->lines);
    if (!lines || line.key == VALUE_REF_NOMEM || line.value == VALUE_REF_NOMEM)
        return reader_txns_no_memory(&plume->txns, err);
    plume->lines = lines;
    if (plume->all[txn].session != session) {
        plume->problem = "the transaction has lines of two sessions";
        return ERR_INPUT;
    }
    line.txn = (uint32_t)txn & INT32_MAX;
    plume->lines[plume->line_count++] = line;
    plume->all[txn].count++;
    return reader_txns_ask_clock(&plume->txns, err);
}

static int take_line(struct plume *plume, struct errbuf *err)
{
    struct line line = {0};
    int64_t session, id;
    skip_blanks(plume);
    const char *begin = plume->at;
    if (begin == plume->end || *begin == '\n')
        return 0;
    if (*begin != 'r' && *begin != 'w') {
        plume->problem = "expected r(KEY,VALUE,SESSION,TRANSACTION) or w(...)";
        return ERR_INPUT;
    }
    line.f = *plume->at++ == 'r' ? MICRO_READ : MICRO_WRITE;
    if (!take(plume, '(', "expected '('") ||
        !take_ref(plume, &line.key, "expected the key, a number from 0 on") ||
        !take(plume, ',', "expected ','") ||
        !take_ref(plume, &line.value, "expected the value, a number from 0 on") ||
        !take(plume, ',', "expected ','") ||
        !take_int(plume, INT32_MAX, &session, "expected the session, from 0 to 2147483647") ||
        !take(plume, ',', "expected ','") || !take_id(plume, &id) ||
        !take(plume, ')', "expected ')'"))
        return ERR_INPUT;
    skip_blanks(plume);
    if (plume->at < plume->end && *plume->at != '\n') {
        plume->problem = "expected the end of the line";
        return ERR_INPUT;
    }
    int rc = add_line(plume, line, id, session, err);
    if (plume->problem)
        plume->at = begin;
    return rc;
}

static int take_lines(struct plume *plume, struct errbuf *err)
{
    int rc = 0;
    while (plume->at < plume->end && rc == 0) {
        rc = take_line(plume, err);
        plume->at += rc == 0 && plume->at < plume->end;
    }
    if (!plume->problem)
        return rc;
    if (plume->at < plume->end)
        return reader_error(plume->txns.input, plume->at, plume->problem, err);
    plume->txns.all->truncated = true;
    return 0;
}

/* --- events --- */

/* Puts the lines of each transaction together, in their order. */
static bool sort(struct plume *plume)
{
    struct line *sorted = malloc((plume->line_count + 1) * sizeof *sorted);
    uint32_t *next = malloc((plume->count + 1) * sizeof *next), sum = 0;
    for (size_t i = 0; next && i < plume->count; i++) {
        next[i] = sum;
        sum += plume->all[i].count;
    }
    bool ok = sorted && next;
    for (size_t i = 0; ok && i < plume->line_count; i++)
        sorted[next[plume->lines[i].txn]++] = plume->lines[i];
    free(next);
    free(ok ? plume->lines : sorted);
    if (ok)
        plume->lines = sorted;
    return ok;
}

static int append(struct plume *plume, const struct plume_txn *txn, const struct line *lines,
                  struct errbuf *err)
{
    struct reader_txns *txns = &plume->txns;
    txns->session = txn->session;
    int rc = reader_txns_begin(txns, err);
    for (uint32_t i = 0; i < txn->count && rc == 0; i++)
        rc = reader_txns_add(txns, (enum micro_f)lines[i].f, lines[i].key, lines[i].value, err);
    return rc == 0 ? reader_txns_end(txns, txn->id == ABORTED ? OP_FAIL : OP_OK, err) : rc;
}

static int append_all(struct plume *plume, struct errbuf *err)
{
    if (plume->line_count > UINT32_MAX || (plume->is_mixed && !sort(plume)))
        return reader_txns_no_memory(&plume->txns, err);
    int rc = 0;
    const struct line *lines = plume->lines;
    for (size_t i = 0; i < plume->count && rc == 0; i++) {
        rc = append(plume, &plume->all[i], lines, err);
        lines += plume->all[i].count;
    }
    return rc;
}

static int read_all(const struct reader_input *input, struct operations *all, struct errbuf *err)
{
    struct plume plume = {.at = input->text, .end = input->text + input->length};
    reader_txns_init(&plume.txns, input, all);
    int rc = take_lines(&plume, err);
    if (rc == 0)
        rc = append_all(&plume, err);
    free(plume.lines);
    free(plume.all);
    free(plume.slots);
    return rc;
}

static bool sniff(const char *text, size_t length)
{
    size_t at = 0;
    while (at < length &&
           (text[at] == ' ' || text[at] == '\t' || text[at] == '\r' || text[at] == '\n'))
        at++;
    return length - at >= 3 && (text[at] == 'r' || text[at] == 'w') && text[at + 1] == '(' &&
           text[at + 2] >= '0' && text[at + 2] <= '9';
}

const struct reader reader_plume = {
    .name = "plume",
    .doc = "the text of Plume and PolySI: r(KEY,VALUE,SESSION,TRANSACTION) and w(...)",
    .semantics = {.has_no_times = true, .initial = VALUE_REF_ZERO, .initial_is_given = true},
    .sniff = sniff,
    .read_all = read_all,
};
