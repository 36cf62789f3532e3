#include <criterion/criterion.h>

#include "core/err.h"
#include "core/errbuf.h"
#include "core/history_jsonl.h"
#include "core/strbuf.h"
#include "injector/recorder.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

static char dir[64];
static char path[96];

static void set_up(void)
{
    strcpy(dir, "/tmp/faultline-recorder-XXXXXX");
    cr_assert(mkdtemp(dir) != NULL);
    snprintf(path, sizeof path, "%s/history.jsonl", dir);
}

static void tear_down(void)
{
    unlink(path);
    rmdir(dir);
}

TestSuite(recorder, .init = set_up, .fini = tear_down);

static struct op an_op(enum op_type type, int32_t process, int64_t value)
{
    return (struct op){.index = 77,
                       .time_ns = 5,
                       .process = process,
                       .f = F_WRITE,
                       .type = type,
                       .value = value_int(value)};
}

static struct strbuf file_text(void)
{
    struct strbuf text = STRBUF_INIT;
    FILE *file = fopen(path, "r");
    cr_assert(file != NULL);
    char chunk[4096];
    size_t got;
    while ((got = fread(chunk, 1, sizeof chunk, file)) > 0)
        strbuf_add(&text, chunk, got);
    fclose(file);
    return text;
}

/* Reads the file back; returns the number of events. */
static size_t read_back(bool *truncated)
{
    struct strbuf text = file_text();
    struct history history;
    struct errbuf err = ERRBUF_INIT;
    history_init(&history);
    struct op_sink sink = history_sink(&history);
    cr_assert_eq(history_jsonl_read("history", text.text, text.length, &sink, truncated, &err), 0,
                 "%s", err.text);
    size_t count = history.count;
    history_fini(&history);
    strbuf_fini(&text);
    return count;
}

Test(recorder, numbers_events_and_writes_them_when_flushed)
{
    struct recorder *recorder;
    struct errbuf err = ERRBUF_INIT;
    struct stat before, after;
    cr_assert_eq(recorder_open(path, &recorder, &err), 0, "%s", err.text);
    struct op first = an_op(OP_INVOKE, 3, 1), second = an_op(OP_OK, 3, 1);
    recorder_add(recorder, &first);
    recorder_add(recorder, &second);
    cr_assert_eq(first.index, 0);
    cr_assert_eq(second.index, 1);
    cr_assert_eq(stat(path, &before), 0);
    cr_assert_eq(before.st_size, 0);
    cr_assert_eq(recorder_flush(recorder, &err), 0);
    cr_assert_eq(stat(path, &after), 0);
    struct strbuf text = file_text();
    cr_assert_str_eq(
        text.text,
        "{\"index\":0,\"time\":5,\"process\":3,\"type\":\"invoke\",\"f\":\"write\",\"value\":1}\n"
        "{\"index\":1,\"time\":5,\"process\":3,\"type\":\"ok\",\"f\":\"write\",\"value\":1}\n");
    strbuf_fini(&text);
    cr_assert_eq(recorder_close(recorder, &err), 0);
}

Test(recorder, close_writes_what_was_not_flushed)
{
    struct recorder *recorder;
    bool truncated;
    cr_assert_eq(recorder_open(path, &recorder, NULL), 0);
    struct op op = an_op(OP_INVOKE, 1, 1);
    recorder_add(recorder, &op);
    cr_assert_eq(recorder_close(recorder, NULL), 0);
    cr_assert_eq(read_back(&truncated), 1);
    cr_assert_not(truncated);
}

Test(recorder, does_not_overwrite_a_history)
{
    struct recorder *recorder, *second = NULL;
    struct errbuf err = ERRBUF_INIT;
    cr_assert_eq(recorder_open(path, &recorder, &err), 0);
    struct op op = an_op(OP_INVOKE, 1, 1);
    recorder_add(recorder, &op);
    cr_assert_eq(recorder_close(recorder, &err), 0);
    cr_assert_eq(recorder_open(path, &second, &err), ERR_IO);
    cr_assert_null(second);
    cr_assert(strstr(err.text, path) && strstr(err.text, "File exists"), "%s", err.text);
    bool truncated;
    cr_assert_eq(read_back(&truncated), 1);
}

Test(recorder, says_so_when_the_folder_is_not_there)
{
    struct recorder *recorder = NULL;
    struct errbuf err = ERRBUF_INIT;
    cr_assert_eq(recorder_open("/nonexistent/history.jsonl", &recorder, &err), ERR_IO);
    cr_assert_null(recorder);
    cr_assert(strstr(err.text, "/nonexistent/history.jsonl"));
}

Test(recorder, close_accepts_null)
{
    cr_assert_eq(recorder_close(NULL, NULL), 0);
}

/* A file that may not grow stands for a full disk: the kernel writes a part of the last line. */
Test(recorder, a_full_disk_ends_recording_and_what_was_written_stays_readable)
{
    struct recorder *recorder;
    struct errbuf err = ERRBUF_INIT;
    signal(SIGXFSZ, SIG_IGN);
    struct rlimit limit = {.rlim_cur = 1000, .rlim_max = 1000};
    cr_assert_eq(recorder_open(path, &recorder, &err), 0);
    cr_assert_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
    int rc = 0;
    size_t flushed = 0;
    for (int i = 0; i < 100; i++) {
        struct op op = an_op(OP_INVOKE, i, i);
        recorder_add(recorder, &op);
        cr_assert_eq(op.index, i);
        int now = recorder_flush(recorder, &err);
        cr_assert(rc == 0 || now == rc, "a failure is for good");
        flushed += now == 0;
        rc = now;
    }
    cr_assert_eq(rc, ERR_IO);
    cr_assert(strstr(err.text, path) && strstr(err.text, "File too large"), "%s", err.text);
    cr_assert_eq(recorder_close(recorder, &err), ERR_IO);
    bool truncated;
    cr_assert_gt(flushed, 5);
    cr_assert_eq(read_back(&truncated), flushed);
    cr_assert(truncated);
}

/* A recorder that could write again later must not: the torn line would be in the middle. */
Test(recorder, nothing_is_written_after_a_failure)
{
    struct recorder *recorder;
    signal(SIGXFSZ, SIG_IGN);
    struct rlimit limit = {.rlim_cur = 100, .rlim_max = RLIM_INFINITY};
    cr_assert_eq(recorder_open(path, &recorder, NULL), 0);
    cr_assert_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
    struct op first = an_op(OP_INVOKE, 1, 1), second = an_op(OP_OK, 1, 1);
    recorder_add(recorder, &first);
    recorder_add(recorder, &second);
    cr_assert_eq(recorder_flush(recorder, NULL), ERR_IO);
    limit.rlim_cur = RLIM_INFINITY;
    cr_assert_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
    struct op third = an_op(OP_INVOKE, 2, 2);
    recorder_add(recorder, &third);
    cr_assert_eq(recorder_flush(recorder, NULL), ERR_IO);
    cr_assert_eq(recorder_close(recorder, NULL), ERR_IO);
    bool truncated;
    cr_assert_eq(read_back(&truncated), 1);
    cr_assert(truncated);
}

enum { THREADS = 4, EVENTS = 5000 };

static void *record_many(void *argument)
{
    struct recorder *recorder = argument;
    for (int i = 0; i < EVENTS; i++) {
        struct op op = an_op(OP_INVOKE, 0, i);
        recorder_add(recorder, &op);
        if (i % 10 == 0 && recorder_flush(recorder, NULL) != 0)
            return argument;
    }
    return NULL;
}

Test(recorder, takes_events_from_many_threads_whole_and_in_order)
{
    struct recorder *recorder;
    pthread_t threads[THREADS];
    cr_assert_eq(recorder_open(path, &recorder, NULL), 0);
    for (int i = 0; i < THREADS; i++)
        cr_assert_eq(pthread_create(&threads[i], NULL, record_many, recorder), 0);
    for (int i = 0; i < THREADS; i++) {
        void *failed;
        cr_assert_eq(pthread_join(threads[i], &failed), 0);
        cr_assert_null(failed);
    }
    cr_assert_eq(recorder_close(recorder, NULL), 0);
    struct strbuf text = file_text();
    const char *at = text.text;
    for (int i = 0; i < THREADS * EVENTS; i++) {
        char start[40];
        snprintf(start, sizeof start, "{\"index\":%d,", i);
        cr_assert(strncmp(at, start, strlen(start)) == 0, "line %d: %.40s", i, at);
        at = strchr(at, '\n') + 1;
    }
    cr_assert_eq(*at, '\0');
    strbuf_fini(&text);
}
