/* Histories that other projects publish, with their verdicts, in a folder beside the repository or
 * in $FAULTLINE_CORPUS: verdicts.tsv names each file, its model and the verdict. Without the folder
 * nothing is checked, and that is said. */
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
        check_file(file, model, expected);
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
