#include "injector/store.h"

#include "core/err.h"
#include "core/errbuf.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static char root[PATH_MAX];

static void make_root(void)
{
    snprintf(root, sizeof root, "/tmp/faultline store '$(x)' XXXXXX");
    cr_assert(mkdtemp(root));
}

static void remove_root(void)
{
    pid_t child = fork();
    if (child == 0) {
        execlp("rm", "rm", "-rf", root, (char *)NULL);
        _exit(127);
    }
    waitpid(child, NULL, 0);
}

TestSuite(store, .init = make_root, .fini = remove_root);

Test(store, gives_every_run_a_folder_of_its_own)
{
    struct store first, second;
    struct errbuf err = ERRBUF_INIT;
    cr_assert_eq(store_create(root, "name", &first, &err), 0, "%s", err.text);
    cr_assert_eq(store_create(root, "name", &second, &err), 0, "%s", err.text);
    cr_assert_str_neq(first.dir, second.dir);
    cr_assert_eq(access(first.dir, W_OK), 0);
    cr_assert_eq(access(second.dir, W_OK), 0);
}

Test(store, latest_links_to_the_newest_run)
{
    struct store store;
    struct errbuf err = ERRBUF_INIT;
    store_create(root, "name", &store, &err);
    cr_assert_eq(store_create(root, "name", &store, &err), 0, "%s", err.text);
    char link[PATH_MAX], target[PATH_MAX];
    snprintf(link, sizeof link, "%.4000s/name/latest", root);
    cr_assert(realpath(link, target));
    cr_assert_str_eq(target, store.dir);
}

Test(store, writes_a_file_whole_and_over_an_older_one)
{
    struct store store;
    struct errbuf err = ERRBUF_INIT;
    cr_assert_eq(store_create(root, "name", &store, &err), 0, "%s", err.text);
    cr_assert_eq(store_write(&store, "results.json", "a longer text", &err), 0, "%s", err.text);
    cr_assert_eq(store_write(&store, "results.json", "short", &err), 0, "%s", err.text);
    char path[PATH_MAX], text[32] = "";
    store_path(&store, "results.json", path);
    FILE *file = fopen(path, "r");
    cr_assert(file && fgets(text, sizeof text, file));
    fclose(file);
    cr_assert_str_eq(text, "short");
}

Test(store, says_which_folder_cannot_be_made)
{
    struct store store;
    struct errbuf err = ERRBUF_INIT;
    char file[PATH_MAX];
    snprintf(file, sizeof file, "%.4000s/file", root);
    FILE *made = fopen(file, "w");
    cr_assert(made);
    fclose(made);
    cr_assert_eq(store_create(file, "name", &store, &err), ERR_IO);
    cr_assert(strstr(err.text, file), "%s", err.text);
}
