/* dbcop's text of histories: transactions in brackets, --- between sessions.
 *
 *     // session 1
 *     [x:=1 y:=1] [z==2 z:=3]
 *     [y:=3]!
 *     ---
 *     [y==? x==1]
 *
 * := writes and == reads; ? is what was there before the first write, and so is 0, if nobody wrote
 * it; ! behind a transaction says that it was not committed. Variables are names or numbers
 * (dbcop, crates/core/src/history/raw/parser.rs). */
#include "formats/reader_txns.h"

#include "core/err.h"
#include "core/errbuf.h"

#include <string.h>

struct hist {
    struct reader_txns txns;
    const char *at, *end;
    const char *problem;
};

static int fail(struct hist *hist, const char *problem)
{
    hist->problem = problem;
    return ERR_INPUT;
}

static char peek(const struct hist *hist)
{
    return hist->at < hist->end ? *hist->at : '\0';
}

static bool take(struct hist *hist, char c)
{
    bool is_there = hist->at < hist->end && *hist->at == c;
    hist->at += is_there;
    return is_there;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

static void skip_blanks(struct hist *hist)
{
    while (hist->at < hist->end && is_blank(*hist->at))
        hist->at++;
}

static void skip_line(struct hist *hist)
{
    while (hist->at < hist->end && *hist->at != '\n')
        hist->at++;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_name(char c)
{
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
           (unsigned char)c >= 0x80;
}

/* --- transactions --- */

/* A number, or any name. */
static bool take_variable(struct hist *hist, value_ref *out)
{
    const char *begin = hist->at, *end = begin;
    while (end < hist->end && is_name(*end))
        end++;
    if (end == begin)
        return false;
    hist->at = end;
    if (reader_txns_number(&hist->txns, begin, end, out) != end)
        *out = value_pool_intern(hist->txns.all->values,
                                 value_text(VALUE_STRING, begin, (size_t)(end - begin)));
    return true;
}

static bool take_version(struct hist *hist, value_ref *out)
{
    const char *end = reader_txns_number(&hist->txns, hist->at, hist->end, out);
    if (end)
        hist->at = end;
    return end != NULL;
}

static int take_event(struct hist *hist, struct errbuf *err)
{
    value_ref key, value = VALUE_REF_NIL;
    if (!take_variable(hist, &key))
        return fail(hist, "expected VARIABLE:=VERSION or VARIABLE==VERSION");
    char first = peek(hist);
    if (first != ':' && first != '=')
        return fail(hist, "expected := or ==");
    hist->at++;
    if (!take(hist, '='))
        return fail(hist, "expected '='");
    bool is_initial = first == '=' && take(hist, '?');
    if (!is_initial && !take_version(hist, &value))
        return fail(hist, first == '=' ? "expected the version, a number from 0 on, or ?"
                                       : "expected the version, a number from 0 on");
    return reader_txns_add(&hist->txns, first == '=' ? MICRO_READ : MICRO_WRITE, key, value, err);
}

static int take_transaction(struct hist *hist, struct errbuf *err)
{
    hist->at++;
    int rc = reader_txns_begin(&hist->txns, err);
    skip_blanks(hist);
    while (rc == 0 && !take(hist, ']')) {
        const char *before = hist->at;
        rc = take_event(hist, err);
        if (rc != 0)
            return rc;
        before = hist->at;
        skip_blanks(hist);
        if (hist->at == before && peek(hist) != ']')
            return fail(hist, "expected a blank or ']'");
    }
    return rc == 0 ? reader_txns_end(&hist->txns, take(hist, '!') ? OP_FAIL : OP_OK, err) : rc;
}

static int take_rule(struct hist *hist)
{
    while (take(hist, '-'))
        ;
    skip_blanks(hist);
    if (hist->at < hist->end && *hist->at != '\n')
        return fail(hist, "expected the end of the line");
    hist->txns.session++;
    return 0;
}

static int take_item(struct hist *hist, struct errbuf *err)
{
    switch (peek(hist)) {
    case '\n':
        hist->at++;
        return 0;
    case '[':
        return take_transaction(hist, err);
    case '-':
        return take_rule(hist);
    case '/':
        hist->at++;
        if (peek(hist) != '/')
            return fail(hist, "expected //");
        skip_line(hist);
        return 0;
    default:
        return fail(hist, "expected [...], --- or //");
    }
}

static int read_all(const struct reader_input *input, struct operations *all, struct errbuf *err)
{
    struct hist hist = {.at = input->text, .end = input->text + input->length};
    reader_txns_init(&hist.txns, input, all);
    int rc = 0;
    skip_blanks(&hist);
    while (hist.at < hist.end && rc == 0) {
        rc = take_item(&hist, err);
        if (rc == 0)
            skip_blanks(&hist);
    }
    if (hist.problem && hist.at == hist.end)
        return reader_txns_cut(&hist.txns, err);
    return hist.problem ? reader_error(input, hist.at, hist.problem, err) : rc;
}

/* The first transaction's first event, after comments and rules. */
static bool sniff(const char *text, size_t length)
{
    enum { LOOK_MAX = 4096 };
    struct hist hist = {.at = text, .end = text + (length < LOOK_MAX ? length : LOOK_MAX)};
    for (;;) {
        while (is_blank(peek(&hist)) || peek(&hist) == '\n')
            hist.at++;
        if (peek(&hist) != '/' && peek(&hist) != '-')
            break;
        if (take(&hist, '/') && peek(&hist) != '/')
            return false;
        skip_line(&hist);
    }
    if (!take(&hist, '['))
        return false;
    skip_blanks(&hist);
    const char *name = hist.at;
    while (is_name(peek(&hist)))
        hist.at++;
    return hist.at > name && hist.end - hist.at >= 2 && hist.at[1] == '=' &&
           (*hist.at == ':' || *hist.at == '=');
}

const struct reader reader_dbcop_hist = {
    .name = "dbcop-hist",
    .doc = "dbcop's text: [x:=1 y==2 z==?], ! behind what was not committed, --- between sessions",
    .semantics = {.has_no_times = true,
                  .initial = VALUE_REF_ZERO,
                  .initial_is_given = true,
                  .initial_may_be_nil = true},
    .sniff = sniff,
    .read_all = read_all,
};
