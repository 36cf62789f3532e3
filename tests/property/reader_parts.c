/* Random texts read in tiny parts by several threads, most of them guessed wrong where a part may
 * begin, and by the fast paths where they can, give what one thread gives that reads the whole by
 * the general parser: the same events, or the same error. */
#include "property/reader_text.h"

#include "unit/reader_support.h"

#include <criterion/criterion.h>

#ifdef __SANITIZE_ADDRESS__
enum { ROUNDS = 4000 };
#else
enum { ROUNDS = 25000 };
#endif

static const struct reader *const readers[TEXT_FORMATS] = {
    [TEXT_JSONL] = &reader_jsonl,
    [TEXT_JSON] = &reader_json,
    [TEXT_EDN] = &reader_edn,
    [TEXT_ETCD] = &reader_porcupine_etcd,
};

/* Counted over all rounds, so that all that is claimed was really asked. */
struct tally {
    uint32_t good, wrong, truncated, events;
};

static void compare(struct random *random, const struct reader *reader, const struct strbuf *text,
                    struct tally *tally)
{
    struct reader_options whole = {.independent = random_below(random, 3) == 0,
                                   .pack_transactions = random_below(random, 2),
                                   .threads = 1,
                                   .general_only = true};
    struct reader_options parts = whole;
    parts.general_only = false;
    parts.threads = 1 + (random_below(random, 40) == 0);
    parts.part_bytes = 1 + random_below(random, random_below(random, 2) ? 40 : 4000);
    struct history expected, found;
    struct errbuf expected_err = ERRBUF_INIT, err = ERRBUF_INIT;
    int expected_rc = read_bytes(reader, text->text, text->length, whole, &expected, &expected_err);
    int rc = read_bytes(reader, text->text, text->length, parts, &found, &err);
    cr_assert_eq(rc, expected_rc, "%s: %d (%s), not %d (%s), with parts of %zu:\n%.*s",
                 reader->name, rc, err.text, expected_rc, expected_err.text, parts.part_bytes,
                 (int)text->length, text->text);
    cr_assert_str_eq(err.text, expected_err.text, "%.*s", (int)text->length, text->text);
    cr_assert(rc != 0 || same_events(&found, &expected), "%s, with parts of %zu:\n%.*s",
              reader->name, parts.part_bytes, (int)text->length, text->text);
    tally->good += rc == 0;
    tally->wrong += rc != 0;
    tally->truncated += rc == 0 && expected.truncated;
    tally->events += (uint32_t)expected.count;
    history_fini(&expected);
    history_fini(&found);
}

static void compare_format(enum text_format format)
{
    struct tally tally = {0};
    struct strbuf text = STRBUF_INIT;
    for (uint64_t number = 0; number < ROUNDS; number++) {
        struct random random;
        random_init(&random, 1, RANDOM_TEST, number);
        make_text(&random, format, &text);
        if (random_below(&random, 2)) /* so that the fast paths may take the last events as well */
            strbuf_printf(&text, "\n%1100s\n", "");
        compare(&random, readers[format], &text, &tally);
    }
    strbuf_fini(&text);
    cr_expect_gt(tally.good, ROUNDS / 10);
    cr_expect_gt(tally.wrong, ROUNDS / 50);
    cr_expect_gt(tally.truncated, ROUNDS / 500);
    cr_expect_gt(tally.events, ROUNDS);
}

Test(reader_parts, of_jsonl_make_the_whole)
{
    compare_format(TEXT_JSONL);
}

Test(reader_parts, of_json_make_the_whole)
{
    compare_format(TEXT_JSON);
}

Test(reader_parts, of_edn_make_the_whole)
{
    compare_format(TEXT_EDN);
}

Test(reader_parts, of_etcd_logs_make_the_whole)
{
    compare_format(TEXT_ETCD);
}
