#include "injector/journal.h"

#include "core/arena.h"
#include "core/err.h"
#include "core/errbuf.h"
#include "injector/journal_record.h"
#include "remote_support.h"

#include <criterion/criterion.h>
#include <sys/resource.h>

static struct errbuf err;
static struct arena arena;
static char dir[64];
static char path[96];
static struct journal *journal;

static void set_up(void)
{
    make_temporary(dir);
    snprintf(path, sizeof path, "%s/journal.jsonl", dir);
    arena_init(&arena, 0);
    cr_assert_eq(journal_open(path, &journal, &err), 0, "%s", err.text);
}

static void tear_down(void)
{
    arena_fini(&arena);
    remove_temporary(dir);
}

TestSuite(journal, .init = set_up, .fini = tear_down);

static struct journal_text read_text(const char *text, size_t length)
{
    struct journal_text out;
    int rc = journal_text_read("j", text, length, &arena, &out, &err);
    cr_assert_eq(rc, 0, "%s", err.text);
    return out;
}

static struct journal_text read_file(void)
{
    char *text = file_text(path);
    struct journal_text out = read_text(text, strlen(text));
    free(text);
    return out;
}

Test(journal, records_come_back_as_they_were_written)
{
    const char *const argv[] = {"a program", "$(id) \"quoted\"", "line\nbreak",
                                "",          "ünïcode",          NULL};
    uint64_t id[5];
    struct process_id process = {.pid = 4711, .start_ticks = 1ULL << 40};
    struct netns_id netns = {.inode = 4026532001, .cookie = 1ULL << 50};
    cr_assert_eq(journal_netns(journal, NULL, netns, &id[0], &err), 0);
    cr_assert_eq(journal_netns(journal, "n1", netns, &id[1], &err), 0);
    cr_assert_eq(journal_process(journal, "n1", process, &id[2], &err), 0);
    cr_assert_eq(journal_resume(journal, "n 2", process, &id[3], &err), 0);
    cr_assert_eq(journal_command(journal, "n1", argv, "*filter\nCOMMIT\n", &id[4], &err), 0);
    journal_done(journal, id[3]);
    struct journal_text text = read_file();
    cr_assert(text.begun && !text.closed && !text.torn && !text.lacks_newline);
    cr_assert_eq(text.controller.process.pid, getpid());
    cr_assert_eq(text.count, 5);
    for (size_t i = 0; i < 5; i++) {
        cr_assert_eq(text.records[i].id, id[i]);
        cr_assert_eq(text.records[i].done, i == 3);
    }
    cr_assert_null(text.records[0].node);
    cr_assert_eq(text.records[0].netns.inode, netns.inode);
    cr_assert_eq(text.records[1].netns.cookie, netns.cookie);
    cr_assert_str_eq(text.records[1].node, "n1");
    cr_assert_eq(text.records[2].undo, JOURNAL_PROCESS);
    cr_assert_eq(text.records[2].process.pid, 4711);
    cr_assert_eq(text.records[2].process.start_ticks, 1ULL << 40);
    cr_assert_eq(text.records[3].undo, JOURNAL_RESUME);
    cr_assert_str_eq(text.records[3].node, "n 2");
    for (size_t i = 0; i < 6; i++)
        cr_assert(argv[i] ? strcmp(text.records[4].argv[i], argv[i]) == 0
                          : text.records[4].argv[i] == NULL);
    cr_assert_str_eq(text.records[4].input, "*filter\nCOMMIT\n");
}

Test(journal, each_record_is_on_disk_when_its_call_returns)
{
    uint64_t id;
    for (uint32_t i = 1; i <= 200; i++) {
        struct process_id process = {.pid = (pid_t)i, .start_ticks = i};
        cr_assert_eq(journal_process(journal, "n1", process, &id, &err), 0);
        if (i % 50 == 0)
            cr_assert_eq(read_file().count, i);
    }
}

Test(journal, is_marked_closed_only_when_nothing_is_open)
{
    uint64_t id[2];
    struct process_id process = {.pid = 1, .start_ticks = 1};
    journal_process(journal, "n1", process, &id[0], &err);
    journal_process(journal, "n2", process, &id[1], &err);
    /* Twice the same is not both. */
    journal_done(journal, id[0]);
    journal_done(journal, id[0]);
    journal_close(journal);
    cr_assert_not(read_file().closed);
    cr_assert(read_file().records[0].done && !read_file().records[1].done);

    char other[96];
    snprintf(other, sizeof other, "%s/other", dir);
    cr_assert_eq(journal_open(other, &journal, &err), 0);
    journal_process(journal, "n1", process, &id[0], &err);
    journal_done(journal, id[0]);
    journal_close(journal);
    char *text = file_text(other);
    cr_assert(read_text(text, strlen(text)).closed);
    free(text);
    journal_close(NULL);
}

Test(journal, never_takes_over_a_file_that_is_there)
{
    struct journal *second = NULL;
    cr_assert_eq(journal_open(path, &second, &err), ERR_IO);
    cr_assert_null(second);
    cr_assert_not_null(strstr(err.text, path), "%s", err.text);
    cr_assert(read_file().begun);
}

Test(journal, text_that_is_not_utf8_is_refused_before_anything_is_done)
{
    uint64_t id = 77;
    const char *const argv[] = {"touch", "\xff\xfe", NULL};
    cr_assert_eq(journal_command(journal, "n1", argv, NULL, &id, &err), ERR_IO);
    cr_assert_eq(id, 77);
    cr_assert_eq(read_file().count, 0);
}

/* A full disk, made with a limit on the size of files. */
Test(journal, half_a_record_is_taken_back_when_the_disk_is_full)
{
    uint64_t id;
    struct process_id process = {.pid = 1, .start_ticks = 1};
    cr_assert_eq(journal_process(journal, "n1", process, &id, &err), 0);
    struct stat before;
    struct stat after;
    cr_assert_eq(stat(path, &before), 0);
    struct rlimit old;
    getrlimit(RLIMIT_FSIZE, &old);
    signal(SIGXFSZ, SIG_IGN);
    for (rlim_t extra = 0; extra < 20; extra += 7) {
        struct rlimit full = {.rlim_cur = (rlim_t)before.st_size + extra, .rlim_max = old.rlim_max};
        cr_assert_eq(setrlimit(RLIMIT_FSIZE, &full), 0);
        cr_assert_eq(journal_process(journal, "n2", process, &id, &err), ERR_IO);
        cr_assert_eq(stat(path, &after), 0);
        cr_assert_eq(after.st_size, before.st_size, "half a line is left");
    }
    setrlimit(RLIMIT_FSIZE, &old);
    cr_assert_eq(journal_process(journal, "n3", process, &id, &err), 0);
    struct journal_text text = read_file();
    cr_assert_eq(text.count, 2);
    cr_assert_str_eq(text.records[1].node, "n3");
    cr_assert_eq(text.records[1].id, id);
}

/* --- reading what was cut or is none --- */

static const char whole[] =
    "{\"journal\":\"faultline\",\"version\":1,\"pid\":7,\"start_ticks\":9,\"boot\":\"b\","
    "\"pid_namespace\":5}\n"
    "{\"id\":1,\"undo\":\"netns\",\"node\":\"n1\",\"inode\":3,\"cookie\":4}\n"
    "{\"id\":2,\"undo\":\"command\",\"node\":\"n1\",\"argv\":[\"a\"],\"input\":\"x\\ny\"}\n"
    "{\"done\":1}\n"
    "{\"closed\":true}\n";

Test(journal, cut_anywhere_is_read_up_to_its_last_whole_line)
{
    size_t lines_seen = 0;
    for (size_t length = 0; length <= sizeof whole - 1; length++) {
        struct journal_text text = read_text(whole, length);
        /* Exactly as much memory as there is text, for the sanitizer to watch. */
        char *exact = malloc(length ? length : 1);
        memcpy(exact, whole, length);
        struct journal_text again = read_text(exact, length);
        free(exact);
        cr_assert_eq(again.count, text.count);
        bool at_line = length == 0 || whole[length - 1] == '\n';
        bool without_newline = whole[length] == '\n';
        lines_seen += at_line && length > 0;
        size_t lines = lines_seen + without_newline;
        cr_assert_eq(text.torn, !at_line && !without_newline, "at %zu", length);
        cr_assert_eq(text.lacks_newline, without_newline, "at %zu", length);
        cr_assert_eq(text.begun, lines >= 1);
        cr_assert_eq(text.count, lines < 2 ? 0 : lines < 3 ? 1 : 2, "at %zu", length);
        cr_assert_eq(text.closed, lines == 5);
        if (lines >= 4)
            cr_assert(text.records[0].done && !text.records[1].done);
    }
    cr_assert_eq(lines_seen, 5);
}

Test(journal, length_without_the_torn_line_ends_at_a_newline)
{
    struct journal_text text = read_text(whole, sizeof whole - 5);
    cr_assert(text.torn);
    cr_assert_eq(strcmp(whole + text.length, "{\"closed\":true}\n"), 0);
}

static const struct {
    const char *text;
    const char *error;
} none[] = {
    {"hello", "j:1: not an undo journal"},
    {"hello\n", "j:1: not an undo journal"},
    {"\n", "j:1: not an undo journal"},
    {"{}\n", "j:1: not an undo journal"},
    {"{\"index\":0,\"time\":1", "j:1: not an undo journal"},
    {"{\"journal\":\"other\"}\n", "j:1: not an undo journal"},
    {"{\"journal\":\"faultline\",\"version\":2}\n", "j:1: a journal of another version"},
    {"{\"journal\":\"faultline\",\"version\":1,\"pid\":0,\"start_ticks\":1,\"boot\":\"\","
     "\"pid_namespace\":1}\n",
     "j:1: does not say who the controller is"},
};

static const struct {
    const char *line;
    const char *error;
} bad_lines[] = {
    {"garbage\n", "not a JSON object"},
    {"[1]\n", "not a JSON object"},
    {"{\"id\":1,\"undo\":\"netns\",\"inode\":3}\n", "no inode or cookie"},
    {"{\"id\":1,\"undo\":\"netns\",\"inode\":-3,\"cookie\":1}\n", "no inode or cookie"},
    {"{\"id\":1,\"undo\":\"process\",\"pid\":-1,\"start_ticks\":3}\n", "no pid or start_ticks"},
    {"{\"id\":1,\"undo\":\"process\",\"pid\":99999999999,\"start_ticks\":3}\n",
     "no pid or start_ticks"},
    {"{\"id\":1,\"undo\":\"resume\",\"pid\":5}\n", "no pid or start_ticks"},
    {"{\"id\":1,\"undo\":\"explode\"}\n", "not a record of a journal"},
    {"{\"undo\":\"process\",\"pid\":5,\"start_ticks\":3}\n", "not a record of a journal"},
    {"{\"id\":1,\"undo\":\"command\",\"argv\":[],\"input\":\"\"}\n",
     "a command without argv or input"},
    {"{\"id\":1,\"undo\":\"command\",\"argv\":[1],\"input\":\"\"}\n",
     "argv is not a list of strings"},
    {"{\"id\":1,\"undo\":\"command\",\"argv\":[\"a\"]}\n", "a command without argv or input"},
    {"{\"done\":8}\n", "done with what was never recorded"},
};

Test(journal, what_is_no_journal_is_told_with_its_line)
{
    struct journal_text out;
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++) {
        const char *text = none[i].text;
        cr_assert_eq(journal_text_read("j", text, strlen(text), &arena, &out, &err), ERR_INPUT,
                     "%s", text);
        cr_assert_str_eq(err.text, none[i].error);
    }
    size_t head = (size_t)(strchr(whole, '\n') + 1 - whole);
    for (size_t i = 0; i < sizeof bad_lines / sizeof bad_lines[0]; i++) {
        char text[512];
        char expected[128];
        snprintf(text, sizeof text, "%.*s%s{\"closed\":true}\n", (int)head, whole,
                 bad_lines[i].line);
        snprintf(expected, sizeof expected, "j:2: %s", bad_lines[i].error);
        cr_assert_eq(journal_text_read("j", text, strlen(text), &arena, &out, &err), ERR_INPUT,
                     "%s", text);
        cr_assert_str_eq(err.text, expected);
    }
}
