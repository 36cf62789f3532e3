/* Every history under tests/data/transactions/LEVEL/VERDICT gets that verdict at that level: the
 * same transactions in each format without times. */
#include "core/errbuf.h"
#include "formats/reader.h"
#include "isolation/isolation_check.h"

#include <criterion/criterion.h>
#include <dirent.h>
#include <stdio.h>
#include <string.h>

static enum verdict check_file(const char *path, enum level level)
{
    struct operations all;
    struct errbuf err = ERRBUF_INIT;
    struct check_options options = {.model = "rw-register"};
    struct isolation_options isolation = {.levels = UINT32_C(1) << level};
    struct reader_options how = {.threads = 1, .pack_transactions = true};
    struct check_result result;
    int rc = reader_load(path, NULL, how, &all, &options.semantics, &err);
    cr_assert_eq(rc, 0, "%s", err.text);
    cr_expect(options.semantics.has_no_times, "%s", path);
    rc = isolation_check(&all, &options, &isolation, &result, NULL, &err);
    cr_assert_eq(rc, 0, "%s: %s", path, err.text);
    enum verdict verdict = result.verdict;
    check_result_fini(&result);
    operations_fini(&all);
    return verdict;
}

static unsigned check_directory(const char *name, enum level level, enum verdict expected)
{
    char path[2048];
    unsigned count = 0;
    snprintf(path, sizeof path, "%s/data/transactions/%s", TESTS_DIR, name);
    DIR *directory = opendir(path);
    cr_assert_not_null(directory, "%s", path);
    for (struct dirent *entry; (entry = readdir(directory)) != NULL;) {
        char file[4096];
        if (entry->d_name[0] == '.')
            continue;
        snprintf(file, sizeof file, "%s/%s", path, entry->d_name);
        cr_expect_eq(check_file(file, level), expected, "%s", file);
        count++;
    }
    closedir(directory);
    return count;
}

Test(transaction_formats, say_the_same_in_each_format)
{
    cr_expect_eq(check_directory("causal/valid", LEVEL_CAUSAL, VERDICT_VALID), 7);
    cr_expect_eq(check_directory("causal/invalid", LEVEL_CAUSAL, VERDICT_INVALID), 7);
    cr_expect_eq(check_directory("causal/invalid", LEVEL_READ_ATOMIC, VERDICT_VALID), 7);
}
