/* Histories that other projects publish, with their verdicts, in a folder beside the repository or
 * in $FAULTLINE_CORPUS: verdicts.tsv names each file, its model and the verdict. Without the folder
 * nothing is checked, and that is said. */
#include "core/strbuf.h"
#include "isolation/judge.h"
#include "unit/checker_support.h"

static const char *corpus_path(void)
{
    const char *path = getenv("FAULTLINE_CORPUS");
    return path ? path : SOURCE_DIR "/../shared/corpus";
}

static void check_file(const char *file, const char *model, const char *expected)
{
    char path[2048];
    struct check_options options = {.model = model, .time_limit_ns = INT64_C(60000000000)};
    if (strcmp(model, "bank-negative-allowed") == 0)
        options = (struct check_options){.model = "bank", .checker.allow_negative = true};
    struct check_result result;
    snprintf(path, sizeof path, "%s/%s", corpus_path(), file);
    check_path(path, &options, &result);
    cr_expect_str_eq(verdict_name(result.verdict), expected, "%s: %s", file, result.summary);
    check_result_fini(&result);
}

/* As the command does with --model, or with --strongest. */
static void check_transactions(const char *file, const char *model, const char *expected)
{
    char path[2048];
    struct errbuf err = ERRBUF_INIT;
    bool strongest = strcmp(model, "strongest-level") == 0;
    struct check_options options = {.model = strongest ? "rw-register" : model,
                                    .time_limit_ns = INT64_C(60000000000)};
    struct reader_options how = {.pack_transactions = true};
    struct isolation_options isolation = {.strongest = strongest};
    struct isolation_result found;
    struct check_result result;
    struct strbuf word = STRBUF_INIT;
    snprintf(path, sizeof path, "%s/%s", corpus_path(), file);
    operations_fini(&checked);
    int rc = reader_load(path, NULL, how, &checked, &options.semantics, &err);
    if (rc == 0)
        rc = judge_history(&checked, &options, &isolation, &result, &found, &err);
    cr_assert_eq(rc, 0, "%s: %s", file, err.text);
    if (strongest)
        isolation_put_strongest(&word, &found);
    if (word.length == 0)
        strbuf_puts(&word, verdict_name(result.verdict));
    cr_expect_str_eq(word.text, expected, "%s: %s", file, result.summary);
    strbuf_fini(&word);
    check_result_fini(&result);
}

static bool is_of_transactions(const char *model)
{
    return strcmp(model, "strongest-level") == 0 || judge_is_of_transactions(model);
}

static void check_all_of(const char *wanted_model)
{
    char path[2048], line[2048], file[1024], model[64], expected[64];
    unsigned count = 0;
    snprintf(path, sizeof path, "%s/verdicts.tsv", corpus_path());
    FILE *table = fopen(path, "r");
    if (!table) {
        printf("corpus: skipped %s, %s is not there\n", wanted_model, path);
        return;
    }
    while (fgets(line, sizeof line, table)) {
        if (line[0] == '#' ||
            sscanf(line, "%1023[^\t]\t%63[^\t]\t%63[^\t\n]", file, model, expected) != 3)
            continue;
        if (strcmp(model, wanted_model) != 0)
            continue;
        (is_of_transactions(model) ? check_transactions : check_file)(file, model, expected);
        count++;
    }
    fclose(table);
    printf("corpus: checked %u histories of %s\n", count, wanted_model);
    cr_expect_gt(count, 0, "%s names no history of %s", path, wanted_model);
}

Test(corpus, gives_every_cas_register_history_its_verdict)
{
    check_all_of("cas-register");
}

Test(corpus, gives_every_set_history_its_verdict)
{
    check_all_of("set");
    check_all_of("set-full");
}

Test(corpus, gives_every_counter_and_bank_history_its_verdict)
{
    check_all_of("counter");
    check_all_of("bank");
    check_all_of("bank-negative-allowed");
}

Test(corpus, gives_every_long_fork_history_its_verdict)
{
    check_all_of("long-fork");
}

Test(corpus, gives_every_transactional_history_its_verdict)
{
    check_all_of("list-append");
    check_all_of("rw-register");
}

Test(corpus, finds_the_strongest_level_of_every_history_of_weak_isolation)
{
    check_all_of("strongest-level");
}
