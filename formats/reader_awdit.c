/* AWDIT's text: one read or write a line, --- between transactions, === between sessions.
 *
 *     w 0 1
 *     r 1 0
 *     -----
 *     w 1 2
 *     =====
 *     r 0 1
 *
 * Keys and values are numbers from 0 on. All that is there was committed; what was read somebody
 * wrote, as no key has a value before. Empty transactions, and sessions without any text, are none
 * (AWDIT, src/formats.rs, parse_test_history). */
#include "formats/reader_lines.h"

#include "core/err.h"
#include "formats/reader_txns.h"

struct awdit {
    struct reader_txns txns;
    const char *at, *end;
    bool has_text; /* the session */
    const char *problem;
};

static void skip_blanks(struct awdit *awdit)
{
    while (awdit->at < awdit->end &&
           (*awdit->at == ' ' || *awdit->at == '\t' || *awdit->at == '\r'))
        awdit->at++;
}

static bool at_line_end(const struct awdit *awdit)
{
    return awdit->at == awdit->end || *awdit->at == '\n';
}

/* A blank at least, and a number behind it. */
static bool take_number(struct awdit *awdit, value_ref *out, const char *problem)
{
    const char *before = awdit->at;
    skip_blanks(awdit);
    const char *end =
        awdit->at > before ? reader_txns_number(&awdit->txns, awdit->at, awdit->end, out) : NULL;
    if (end)
        awdit->at = end;
    else
        awdit->problem = problem;
    return end != NULL;
}

static int take_micro(struct awdit *awdit, enum micro_f f, struct errbuf *err)
{
    value_ref key, value;
    awdit->at++;
    if (!take_number(awdit, &key, "expected the key, a number from 0 on") ||
        !take_number(awdit, &value, "expected the value, a number from 0 on"))
        return ERR_INPUT;
    skip_blanks(awdit);
    if (!at_line_end(awdit)) {
        awdit->problem = "expected the end of the line";
        return ERR_INPUT;
    }
    int rc = awdit->txns.is_open ? 0 : reader_txns_begin(&awdit->txns, err);
    awdit->has_text = true;
    return rc == 0 ? reader_txns_add(&awdit->txns, f, key, value, err) : rc;
}

static int end_transaction(struct awdit *awdit, struct errbuf *err)
{
    return awdit->txns.is_open ? reader_txns_end(&awdit->txns, OP_OK, err) : 0;
}

/* A line of - or = only. */
static int take_rule(struct awdit *awdit, struct errbuf *err)
{
    char rule = *awdit->at;
    while (awdit->at < awdit->end && *awdit->at == rule)
        awdit->at++;
    skip_blanks(awdit);
    if (!at_line_end(awdit)) {
        awdit->problem = "expected the end of the line";
        return ERR_INPUT;
    }
    int rc = end_transaction(awdit, err);
    if (rule == '=') {
        awdit->txns.session += awdit->has_text;
        awdit->has_text = false;
    }
    return rc;
}

static int take_line(struct awdit *awdit, struct errbuf *err)
{
    skip_blanks(awdit);
    if (at_line_end(awdit))
        return 0;
    switch (*awdit->at) {
    case 'r':
        return take_micro(awdit, MICRO_READ, err);
    case 'w':
        return take_micro(awdit, MICRO_WRITE, err);
    case '-':
    case '=':
        return take_rule(awdit, err);
    default:
        awdit->problem = "expected r KEY VALUE, w KEY VALUE, --- or ===";
        return ERR_INPUT;
    }
}

static int read_all(const struct reader_input *input, struct operations *all, struct errbuf *err)
{
    struct awdit awdit = {.at = input->text, .end = input->text + input->length};
    reader_txns_init(&awdit.txns, input, all);
    int rc = 0;
    while (awdit.at < awdit.end && rc == 0) {
        rc = take_line(&awdit, err);
        awdit.at += rc == 0 && awdit.at < awdit.end;
    }
    if (awdit.problem && awdit.at == awdit.end)
        return reader_txns_cut(&awdit.txns, err);
    if (awdit.problem)
        return reader_error(input, awdit.at, awdit.problem, err);
    return rc == 0 ? end_transaction(&awdit, err) : rc;
}

/* r or w and two numbers, after rules at most. */
static bool sniff(const char *text, size_t length)
{
    enum { LOOK_MAX = 4096 };
    struct reader_input input = {
        .name = "", .text = text, .length = length < LOOK_MAX ? length : LOOK_MAX};
    struct reader_lines lines;
    reader_lines_init(&lines, &input);
    while (reader_lines_next(&lines, NULL) == 1) {
        const char *word;
        size_t word_length;
        int64_t number;
        if (*lines.line == '-' || *lines.line == '=')
            continue;
        if (!reader_lines_word(&lines, "", &word, &word_length) || word_length != 1 ||
            (*word != 'r' && *word != 'w'))
            return false;
        for (int i = 0; i < 2; i++)
            if (!reader_lines_word(&lines, "", &word, &word_length) ||
                (!reader_word_int(word, word_length, &number) && word_length < 19))
                return false;
        return reader_lines_done(&lines);
    }
    return false;
}

const struct reader reader_awdit = {
    .name = "awdit",
    .doc = "AWDIT's text: r KEY VALUE and w KEY VALUE, --- between transactions, === sessions",
    .semantics = {.has_no_times = true, .has_no_initial = true},
    .sniff = sniff,
    .read_all = read_all,
};
