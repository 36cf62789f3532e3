/* Every history under tests/data/histories/MODEL/VERDICT gets that verdict. */
#include "unit/checker_support.h"

#include <dirent.h>

static enum verdict verdict_named(const char *name)
{
    for (int verdict = VERDICT_VALID; verdict <= VERDICT_VACUOUS; verdict++)
        if (strcmp(verdict_name((enum verdict)verdict), name) == 0)
            return (enum verdict)verdict;
    cr_assert_fail("no verdict is called %s", name);
    return VERDICT_UNKNOWN;
}

static void check_file(const char *model, const char *expected, const char *path)
{
    struct check_options options = {.model = model};
    struct check_result result;
    check_path(path, &options, &result);
    cr_expect_eq(result.verdict, verdict_named(expected), "%s: %s", path, result.summary);
    check_result_fini(&result);
}

static unsigned check_directory(const char *model, const char *expected, const char *path)
{
    DIR *directory = opendir(path);
    cr_assert_not_null(directory, "%s", path);
    unsigned count = 0;
    for (struct dirent *entry; (entry = readdir(directory)) != NULL;) {
        char file[2048];
        if (entry->d_name[0] == '.')
            continue;
        snprintf(file, sizeof file, "%s/%s", path, entry->d_name);
        check_file(model, expected, file);
        count++;
    }
    closedir(directory);
    return count;
}

static void check_model(const char *model, unsigned least)
{
    char path[1024];
    unsigned count = 0;
    snprintf(path, sizeof path, "%s/data/histories/%s", TESTS_DIR, model);
    DIR *directory = opendir(path);
    cr_assert_not_null(directory, "%s", path);
    for (struct dirent *entry; (entry = readdir(directory)) != NULL;) {
        char verdict[1400];
        if (entry->d_name[0] == '.')
            continue;
        snprintf(verdict, sizeof verdict, "%s/%s", path, entry->d_name);
        count += check_directory(model, entry->d_name, verdict);
    }
    closedir(directory);
    cr_expect_geq(count, least, "only %u histories of %s were found", count, model);
}

Test(histories, of_a_cas_register_get_the_verdict_of_their_directory)
{
    check_model("cas-register", 20);
}

Test(histories, of_a_register_get_the_verdict_of_their_directory)
{
    check_model("register", 3);
}

Test(histories, of_a_set_get_the_verdict_of_their_directory)
{
    check_model("set", 9);
}
