/* Every history under tests/data/histories/MODEL/VERDICT gets that verdict. */
#include "injector/model_file.h"
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

/* Of the folder that is named after a model of a file: the model. */
static const struct user_model *user;

static void check_file(const char *model, const char *expected, const char *path)
{
    struct check_options options = {.model = model, .semantics.user = user};
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

Test(histories, of_a_multi_register_get_the_verdict_of_their_directory)
{
    check_model("multi-register", 6);
}

Test(histories, of_a_kv_get_the_verdict_of_their_directory)
{
    check_model("kv", 7);
}

Test(histories, of_mutexes_get_the_verdict_of_their_directory)
{
    check_model("mutex", 5);
    check_model("owned-mutex", 4);
    check_model("reentrant-mutex", 4);
}

Test(histories, of_a_semaphore_get_the_verdict_of_their_directory)
{
    check_model("semaphore", 5);
}

Test(histories, of_sets_get_the_verdict_of_their_directory)
{
    check_model("linear-set", 5);
    check_model("grow-only-set", 6);
}

Test(histories, of_queues_get_the_verdict_of_their_directory)
{
    check_model("fifo-queue", 7);
    check_model("unordered-queue", 5);
    check_model("priority-queue", 5);
}

Test(histories, of_a_stack_get_the_verdict_of_their_directory)
{
    check_model("stack", 6);
}

Test(histories, of_a_counter_get_the_verdict_of_their_directory)
{
    check_model("linear-counter", 6);
}

Test(histories, of_a_model_in_a_file_get_the_verdict_of_their_directory)
{
    struct arena arena;
    struct errbuf err = ERRBUF_INIT;
    arena_init(&arena, 0);
    cr_assert_eq(model_file_load(TESTS_DIR "/data/models/job.yaml", &arena, &user, &err), 0, "%s",
                 err.text);
    check_model("job", 6);
    arena_fini(&arena);
}

Test(histories, of_a_set_get_the_verdict_of_their_directory)
{
    check_model("set", 9);
    check_model("set-full", 9);
}

Test(histories, of_counters_and_banks_as_jepsen_checks_them_get_the_verdict_of_their_directory)
{
    check_model("counter", 8);
    check_model("bank", 6);
}

Test(histories, of_reads_and_writes_of_groups_get_the_verdict_of_their_directory)
{
    check_model("long-fork", 7);
    check_model("sequential", 4);
    check_model("monotonic", 10);
    check_model("causal-reverse", 5);
    check_model("comments", 3);
}

Test(histories, of_queues_and_ids_as_jepsen_checks_them_get_the_verdict_of_their_directory)
{
    check_model("queue", 6);
    check_model("total-queue", 9);
    check_model("unique-ids", 4);
}

Test(histories, that_are_only_counted_get_the_verdict_of_their_directory)
{
    check_model("stats", 2);
}
