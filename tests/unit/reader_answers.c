/* A transaction that is ok is the one that was invoked, but for what it read: where a recorder
 * mixes up two of them it is told, with the place and both micro-operations. */
#include "core/strbuf.h"
#include "unit/reader_support.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

static const struct pair {
    const char *invoked, *answered;
    const char *problem; /* NULL: it is an answer */
} pairs[] = {
    {"[[:append 1 1] [:r 2 nil]]", "[[:append 1 1] [:r 2 [1 2]]]", NULL},
    {"[[:r 2 nil] [:w 1 1]]", "[[:r 2 3] [:w 1 1]]", NULL},
    {"[[:r 2 [7 8 9]] [:append :k \"a\"]]", "[[:r 2 []] [:append :k \"a\"]]", NULL},
    {"[[:r 2 nil] [:r 2 nil]]", "[[:r 2 nil] [:r 2 [1]]]", NULL},
    {"[[:w 1 nil] [:r 3 nil]]", "[[:w 1 nil] [:r 3 4]]", NULL},
    {"nil", "[[:append 1 1]]", NULL},
    {"[[:append 1 1]]", "[[:append 1 2]]",
     "completes [:append 1 2] (ok), but it invoked [:append 1 1] there at event "},
    {"[[:r 9 nil] [:append 1 1]]", "[[:r 9 [1 2 3]] [:append 2 1]]",
     "completes [:append 2 1] (ok), but it invoked [:append 1 1] there at event "},
    {"[[:r 9 nil] [:r 1 nil]]", "[[:r 9 [1 2 3]] [:r 2 []]]",
     "completes [:r 2 []] (ok), but it invoked [:r 1 nil] there at event "},
    {"[[:w 1 1]]", "[[:r 1 1]]",
     "completes [:r 1 1] (ok), but it invoked [:w 1 1] there at event "},
    {"[[:w 1 1]]", "[[:append 1 1]]",
     "completes [:append 1 1] (ok), but it invoked [:w 1 1] there at event "},
    {"[[:w 1 1]]", "[[:w 1 nil]]", "completes [:w 1 nil] (ok), but it invoked [:w 1 1] there at "},
    {"[[:w 1 nil]]", "[[:w 1 1]]", "completes [:w 1 1] (ok), but it invoked [:w 1 nil] there at "},
    {"[[:w 1 1] [:w 2 2]]", "[[:w 1 1]]",
     "completes nothing (ok), but it invoked [:w 2 2] there at event "},
    {"[[:w 1 1]]", "[[:w 1 1] [:r 2 [1]]]",
     "completes [:r 2 [1]] (ok), but it invoked nothing there at event "},
};
enum { PAIRS = sizeof pairs / sizeof pairs[0] };

/* The pair as the last two events, behind others of the same shape; in parts of so many bytes. */
static int read_pair(const struct pair *pair, const char *type, int before, size_t part_bytes,
                     struct errbuf *err)
{
    struct strbuf text = STRBUF_INIT;
    struct history history;
    struct reader_options options = {
        .threads = 1, .pack_transactions = true, .part_bytes = part_bytes};
    for (int i = 0; i < 2 * before; i++)
        strbuf_printf(&text,
                      "{:type %s, :f :txn, :value [[:append 1 %d] [:r 2 %s]], :process %d}\n",
                      i % 2 ? ":ok" : ":invoke", i / 2, i % 2 ? "[5 6]" : "nil", i / 2 % 3);
    strbuf_printf(&text, "{:type :invoke, :f :txn, :value %s, :process 3}\n", pair->invoked);
    strbuf_printf(&text, "{:type %s, :f :txn, :value %s, :process 3}\n", type, pair->answered);
    int rc = read_bytes(&reader_edn, text.text, text.length, options, &history, err);
    history_fini(&history);
    strbuf_fini(&text);
    return rc;
}

static void expect_pair(const struct pair *pair, int before, size_t part_bytes)
{
    struct errbuf err = ERRBUF_INIT;
    char place[64];
    int rc = read_pair(pair, ":ok", before, part_bytes, &err);
    if (!pair->problem) {
        cr_expect_eq(rc, 0, "%s", err.text);
        return;
    }
    snprintf(place, sizeof place, "FILE: event %d: process 3 ", 2 * before + 1);
    cr_expect_eq(rc, ERR_INPUT, "%s is taken for %s", pair->answered, pair->invoked);
    cr_expect(strncmp(err.text, place, strlen(place)) == 0, "%s", err.text);
    cr_expect(strstr(err.text, pair->problem), "%s", err.text);
}

Test(reader_answers, what_is_ok_is_what_was_invoked_but_for_what_it_read)
{
    for (int i = 0; i < PAIRS; i++)
        for (int before = 0; before <= 60; before += 30)
            expect_pair(&pairs[i], before, 0);
}

Test(reader_answers, also_where_the_answer_is_in_another_part_of_the_text)
{
    for (int i = 0; i < PAIRS; i++)
        for (size_t bytes = 20; bytes < 200; bytes += 12)
            expect_pair(&pairs[i], 1, bytes);
}

Test(reader_answers, what_failed_or_nobody_knows_of_may_say_anything)
{
    for (int i = 0; i < PAIRS; i++) {
        struct errbuf err = ERRBUF_INIT;
        cr_expect_eq(read_pair(&pairs[i], ":fail", 0, 0, &err), 0, "%s", err.text);
        cr_expect_eq(read_pair(&pairs[i], ":info", 0, 0, &err), 0, "%s", err.text);
    }
}
