/* For the tests of remotes and of healing: scenarios in a process of their own, as root or as an
 * ordinary user, on a set-up remote; and a look at what they leave behind.
 *
 * Criterion's assertions do not work in a forked child; a scenario uses CHECK, which ends it. */
#ifndef TESTS_REMOTE_SUPPORT_H
#define TESTS_REMOTE_SUPPORT_H

#include "core/clock.h"
#include "core/err.h"
#include "core/errbuf.h"
#include "injector/netns.h"
#include "injector/process_id.h"
#include "injector/remote.h"
#include "patience.h"

#include <criterion/criterion.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <grp.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define CHECK(condition, ...)                                                                      \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            fprintf(stderr, "%s:%d: not so: %s: ", __FILE__, __LINE__, #condition);                \
            fprintf(stderr, " " __VA_ARGS__);                                                      \
            fprintf(stderr, "\n");                                                                 \
            _exit(1);                                                                              \
        }                                                                                          \
    } while (0)

enum who { AS_ROOT, AS_USER };

enum { ORDINARY_USER = 65534, NODES_MAX = 7 };

static inline void become_ordinary_user(void)
{
    if (geteuid() != 0)
        return;
    CHECK(setgroups(0, NULL) == 0 && setresgid(ORDINARY_USER, ORDINARY_USER, ORDINARY_USER) == 0 &&
          setresuid(ORDINARY_USER, ORDINARY_USER, ORDINARY_USER) == 0);
    /* As after an exec, without which /proc/self would still be root's. */
    CHECK(prctl(PR_SET_DUMPABLE, 1) == 0);
}

/* Runs it in a child process and fails the test if that does not end well. */
static inline void run_scenario(enum who who, void (*scenario)(void *context), void *context)
{
    if (who == AS_ROOT && geteuid() != 0)
        cr_skip_test("this case is for root, and the tests were started by an ordinary user");
    fflush(NULL);
    pid_t child = fork();
    cr_assert_geq(child, 0);
    if (child == 0) {
        if (who == AS_USER)
            become_ordinary_user();
        scenario(context);
        fflush(NULL);
        _exit(0);
    }
    int status;
    cr_assert_eq(waitpid(child, &status, 0), child);
    cr_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0, "the scenario ended with status %#x",
              (unsigned)status);
}

static inline int remove_one(const char *path, const struct stat *info, int kind, struct FTW *where)
{
    (void)info;
    (void)kind;
    (void)where;
    return remove(path);
}

static inline void make_temporary(char out[64])
{
    strcpy(out, "/tmp/faultline-test-XXXXXX");
    CHECK(mkdtemp(out) != NULL, "%s", strerror(errno));
}

static inline void remove_temporary(const char *dir)
{
    nftw(dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static inline unsigned count_descriptors(void)
{
    unsigned count = 0;
    DIR *dir = opendir("/proc/self/fd");
    while (readdir(dir))
        count++;
    closedir(dir);
    return count;
}

/* The whole file as text, malloc'ed; "" if there is none. */
static inline char *file_text(const char *path)
{
    struct strbuf text = STRBUF_INIT;
    strbuf_puts(&text, "");
    strbuf_reserve(&text, 1);
    int fd = open(path, O_RDONLY);
    ssize_t n = 1;
    while (fd >= 0 && n > 0 && strbuf_reserve(&text, 65537)) {
        n = read(fd, text.text + text.length, 65536);
        text.length += n > 0 ? (size_t)n : 0;
    }
    if (fd >= 0)
        close(fd);
    text.text[text.length] = '\0';
    return text.text;
}

/* The number in a file, once it is there with its newline. */
static inline long await_number(const char *path)
{
    for (int64_t deadline = monotonic_ns() + PATIENCE_NS; monotonic_ns() < deadline;) {
        char *text = file_text(path);
        long number = strchr(text, '\n') ? strtol(text, NULL, 10) : 0;
        free(text);
        if (number > 0)
            return number;
        sleep_ns(NS_PER_MS);
    }
    CHECK(false, "no number ever came into %s", path);
    return 0;
}

/* A remote with its nodes, journal and folder. */
struct fixture {
    const struct remote_type *type;
    struct remote *remote;
    struct journal *journal;
    struct node nodes[NODES_MAX];
    struct cluster cluster;
    char dir[64];
    char journal_path[96];
    char nodes_dir[96];
    char mark[JOURNAL_MARK_SIZE];
    struct errbuf err;
};

static inline void fixture_open(struct fixture *f, const char *remote, uint32_t count)
{
    static const char *const names[NODES_MAX] = {"n1", "n2", "n3", "n4", "n5", "n6", "n7"};
    *f = (struct fixture){.type = remote_find(remote)};
    CHECK(f->type != NULL, "no remote %s", remote);
    if (f->type->enter_privileges)
        CHECK(f->type->enter_privileges(&f->err) == 0, "%s", f->err.text);
    make_temporary(f->dir);
    snprintf(f->journal_path, sizeof f->journal_path, "%s/journal.jsonl", f->dir);
    snprintf(f->nodes_dir, sizeof f->nodes_dir, "%s/nodes", f->dir);
    for (uint32_t i = 0; i < count; i++)
        f->nodes[i] = (struct node){.name = names[i], .index = i};
    f->cluster = (struct cluster){.nodes = f->nodes, .count = count};
    CHECK(journal_open(f->journal_path, &f->journal, &f->err) == 0, "%s", f->err.text);
    struct remote_config config = {.run_name = "test", .dir = f->nodes_dir, .journal = f->journal};
    CHECK(f->type->open(&config, &f->cluster, &f->remote, &f->err) == 0, "%s", f->err.text);
    struct process_id self;
    process_id_of(getpid(), &self, NULL);
    journal_mark(self, f->mark);
}

static inline bool has_mark(const void *mark, pid_t pid)
{
    return process_has_env(pid, mark);
}

/* Closes everything, and nothing of it may be left: no process, no open record. */
static inline void fixture_close(struct fixture *f)
{
    f->type->close(f->remote);
    journal_close(f->journal);
    struct process_match marked = {.matches = has_mark, .context = f->mark};
    CHECK(process_find(&marked) == 0, "process %d is left", (int)process_find(&marked));
    char *text = file_text(f->journal_path);
    CHECK(strstr(text, "{\"closed\":true}\n") != NULL, "something was left open: %s", text);
    free(text);
    remove_temporary(f->dir);
}

static const char *const sleeping[] = {"sleep", "1000", NULL};

/* Spawns it on the node; its output goes to DIR/NODE.log. */
static inline struct process_id start_on(struct fixture *f, uint32_t node, const char *const *argv)
{
    char log[128];
    struct process_id process = {0};
    snprintf(log, sizeof log, "%s/%s.log", f->dir, f->nodes[node].name);
    struct spawn spawn = {.argv = argv, .log = log};
    CHECK(f->type->spawn(f->remote, &f->nodes[node], &spawn, &process, &f->err) == 0, "%s",
          f->err.text);
    return process;
}

/* Runs it on the node, successfully; the caller frees the result. */
static inline struct command_result run_on(struct fixture *f, uint32_t node,
                                           const char *const *argv, const char *input)
{
    struct command_result result;
    struct command command = {
        .argv = argv, .input = input, .input_length = input ? strlen(input) : 0};
    CHECK(remote_run_ok(f->remote, &f->nodes[node], &command, &result, &f->err) == 0, "%s",
          f->err.text);
    return result;
}

static inline void await_state(struct process_id process, enum process_state wanted)
{
    int64_t deadline = monotonic_ns() + PATIENCE_NS;
    while (process_id_state(process) != wanted) {
        CHECK(monotonic_ns() < deadline, "process %d never got into state %d", (int)process.pid,
              (int)wanted);
        sleep_ns(NS_PER_MS);
    }
}

#endif
