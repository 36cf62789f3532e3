#include "injector/journal.h"

#include "core/clock.h"
#include "core/err.h"
#include "core/errbuf.h"
#include "injector/journal_controller.h"
#include "injector/journal_record.h"
#include "injector/netns.h"
#include "injector/process_id.h"
#include "injector/subprocess.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const int64_t death_timeout_ns = 5 * NS_PER_S;
static const int64_t resume_timeout_ns = NS_PER_S;

enum { READ_SIZE = 64 << 10 };

enum outcome { UNDONE, ALREADY, FAILED };

struct healer {
    const char *path;
    int fd;
    struct arena arena;
    struct journal_text text;
    char mark[JOURNAL_MARK_SIZE];
    struct heal_report *report;
    int failure; /* the first one's code, and its text */
    struct errbuf failure_text;
};

/* --- processes --- */

/* For kill(2): its group if it leads one, as it does from its first moments on. */
static pid_t process_target(struct process_id id)
{
    struct process_stat stat;
    return process_stat_read(id.pid, &stat) && stat.group == id.pid ? -id.pid : id.pid;
}

static enum outcome undo_process(const struct journal_record *record, struct errbuf *err)
{
    struct process_id id = record->process;
    if (process_id_state(id) == PROCESS_GONE)
        return ALREADY;
    if (kill(process_target(id), SIGKILL) != 0 && errno != ESRCH) {
        errbuf_set_errno(err, ERR_IO, "process %d cannot be killed", (int)id.pid);
        return FAILED;
    }
    if (process_id_await_gone(id, death_timeout_ns))
        return UNDONE;
    errbuf_set(err, ERR_IO, "process %d was killed and does not end", (int)id.pid);
    return FAILED;
}

static enum outcome undo_resume(const struct journal_record *record, struct errbuf *err)
{
    struct process_id id = record->process;
    enum process_state before = process_id_state(id);
    if (before == PROCESS_GONE)
        return ALREADY;
    /* Others of its group may be stopped although it runs. */
    if (kill(process_target(id), SIGCONT) != 0 && errno != ESRCH) {
        errbuf_set_errno(err, ERR_IO, "process %d cannot be resumed", (int)id.pid);
        return FAILED;
    }
    int64_t deadline = monotonic_ns() + resume_timeout_ns;
    while (process_id_state(id) == PROCESS_STOPPED) {
        if (monotonic_ns() >= deadline) {
            errbuf_set(err, ERR_IO, "process %d was resumed and is still stopped", (int)id.pid);
            return FAILED;
        }
        sleep_ns(NS_PER_MS);
    }
    return before == PROCESS_STOPPED ? UNDONE : ALREADY;
}

/* --- namespaces --- */

struct place {
    const struct healer *healer;
    const struct netns_id *netns;
};

/* In this very namespace? The cookie says so; where the kernel has none, the inode together with
 * the mark of the run does. */
static bool is_in_place(const void *context, pid_t pid)
{
    const struct place *place = context;
    if (place->netns->cookie != 0)
        return netns_has_process(place->netns, pid);
    return netns_held_has_process(place->netns, pid) && process_has_env(pid, place->healer->mark);
}

static enum outcome kill_matching(const struct process_match *match, uint32_t *killed,
                                  struct errbuf *err)
{
    uint32_t left = 0;
    *killed = process_kill_matching(match, death_timeout_ns, &left);
    if (left > 0) {
        errbuf_set(err, ERR_IO, "%u processes of the run were killed and do not end", left);
        return FAILED;
    }
    return *killed > 0 ? UNDONE : ALREADY;
}

static enum outcome undo_netns(const struct healer *healer, const struct journal_record *record,
                               struct errbuf *err)
{
    struct place place = {.healer = healer, .netns = &record->netns};
    struct process_match match = {.matches = is_in_place, .context = &place};
    uint32_t killed;
    return kill_matching(&match, &killed, err);
}

/* --- commands --- */

/* The namespace of a node; NULL if the run gave it none. */
static const struct netns_id *node_netns(const struct healer *healer, const char *node)
{
    for (size_t i = 0; i < healer->text.count; i++) {
        const struct journal_record *record = &healer->text.records[i];
        if (record->undo == JOURNAL_NETNS && node && record->node &&
            strcmp(record->node, node) == 0)
            return &record->netns;
    }
    return NULL;
}

static int run_command(const struct healer *healer, const struct journal_record *record,
                       int user_ns, int net_ns, struct errbuf *err)
{
    char *lock = NULL;
    if (asprintf(&lock, "XTABLES_LOCKFILE=%s.xtables.lock", healer->path) < 0)
        return errbuf_set(err, ERR_NOMEM, "no memory for an environment");
    const char *const env[] = {lock, NULL};
    struct subprocess what = {.argv = record->argv,
                              .env = env,
                              .node = record->node,
                              .user_ns = user_ns,
                              .net_ns = net_ns};
    struct command_result result;
    int rc = subprocess_run(&what, record->input, strlen(record->input), 0, &result, err);
    if (rc == 0 && result.status != 0)
        rc = errbuf_set(err, ERR_COMMAND, "'%s' ended with status %d: %.*s", record->argv[0],
                        result.status, (int)strcspn(result.err.text ? result.err.text : "", "\n"),
                        result.err.text ? result.err.text : "");
    command_result_fini(&result);
    unlink(strchr(lock, '=') + 1);
    free(lock);
    return rc;
}

static enum outcome undo_command(const struct healer *healer, const struct journal_record *record,
                                 struct errbuf *err)
{
    struct place place = {.healer = healer, .netns = node_netns(healer, record->node)};
    struct process_match match = {.matches = is_in_place, .context = &place};
    int user_ns = -1;
    int net_ns = -1;
    if (place.netns) {
        /* What the command would undo is gone with the namespace, and that with its last one. */
        pid_t inhabitant = process_find(&match);
        if (inhabitant == 0)
            return ALREADY;
        if (netns_open_process(inhabitant, &user_ns, &net_ns, err) != 0)
            return FAILED;
    }
    int rc = run_command(healer, record, user_ns, net_ns, err);
    if (user_ns >= 0)
        close(user_ns);
    if (net_ns >= 0)
        close(net_ns);
    return rc == 0 ? UNDONE : FAILED;
}

/* --- the journal --- */

static int append(const struct healer *healer, char *line)
{
    size_t length = line ? strlen(line) : 0;
    ssize_t n = line ? write(healer->fd, line, length) : -1;
    free(line);
    return n == (ssize_t)length ? 0 : -1;
}

/* So that what is appended begins a line. */
static int mend_end(const struct healer *healer)
{
    const struct journal_text *text = &healer->text;
    if (text->torn && ftruncate(healer->fd, (off_t)text->length) != 0)
        return -1;
    return !text->lacks_newline || write(healer->fd, "\n", 1) == 1 ? 0 : -1;
}

static void count(struct healer *healer, enum outcome outcome, uint32_t records,
                  const struct errbuf *err)
{
    healer->report->records += records;
    if (outcome == UNDONE)
        healer->report->undone += records;
    else if (outcome == ALREADY)
        healer->report->already += records;
    else
        healer->report->failed += records;
    if (outcome == FAILED && healer->failure == 0) {
        healer->failure = ERR_COMMAND;
        healer->failure_text = *err;
    }
}

static void undo(struct healer *healer, const struct journal_record *record)
{
    struct errbuf err = ERRBUF_INIT;
    enum outcome outcome = FAILED;
    switch (record->undo) {
    case JOURNAL_PROCESS:
        outcome = undo_process(record, &err);
        break;
    case JOURNAL_NETNS:
        outcome = undo_netns(healer, record, &err);
        break;
    case JOURNAL_RESUME:
        outcome = undo_resume(record, &err);
        break;
    case JOURNAL_COMMAND:
        outcome = undo_command(healer, record, &err);
        break;
    }
    if (outcome != FAILED && append(healer, journal_done_line(record->id)) != 0) {
        outcome = FAILED;
        errbuf_set_errno(&err, ERR_IO, "the journal cannot be written");
    }
    if (record->node)
        errbuf_prefix(&err, "%s", record->node);
    count(healer, outcome, 1, &err);
}

static bool has_mark(const void *mark, pid_t pid)
{
    return process_has_env(pid, mark);
}

/* Processes that no record leads to: daemons that left the session of what was spawned. */
static void end_strays(struct healer *healer)
{
    struct errbuf err = ERRBUF_INIT;
    struct process_match match = {.matches = has_mark, .context = healer->mark};
    uint32_t killed;
    enum outcome outcome = kill_matching(&match, &killed, &err);
    if (outcome != ALREADY)
        count(healer, outcome, killed, &err);
}

static void undo_all(struct healer *healer)
{
    for (size_t i = healer->text.count; i > 0; i--)
        if (!healer->text.records[i - 1].done)
            undo(healer, &healer->text.records[i - 1]);
    end_strays(healer);
}

static void forget_all(struct healer *healer)
{
    for (size_t i = 0; i < healer->text.count; i++)
        if (!healer->text.records[i].done)
            count(healer, ALREADY, 1, NULL);
}

static int heal_open(struct healer *healer, struct errbuf *err)
{
    enum controller_state state = journal_controller_look(&healer->text.controller);
    if (state == CONTROLLER_ALIVE) {
        healer->report->controller_alive = true;
        return 0;
    }
    if (state == CONTROLLER_ELSEWHERE)
        return errbuf_set(err, ERR_UNSUPPORTED,
                          "%s: its run was in another container: heal it there", healer->path);
    if (mend_end(healer) != 0)
        return errbuf_set_errno(err, ERR_IO, "%s", healer->path);
    journal_mark(healer->text.controller.process, healer->mark);
    if (state == CONTROLLER_EARLIER_BOOT)
        forget_all(healer);
    else
        undo_all(healer);
    if (healer->failure != 0) {
        if (err)
            *err = healer->failure_text;
        return healer->failure;
    }
    if (append(healer, journal_closed_line()) != 0)
        return errbuf_set_errno(err, ERR_IO, "%s", healer->path);
    return 0;
}

static int read_journal(struct healer *healer, struct errbuf *err)
{
    struct strbuf text = STRBUF_INIT;
    ssize_t n = 1;
    while (n > 0 && strbuf_reserve(&text, READ_SIZE)) {
        n = read(healer->fd, text.text + text.length, READ_SIZE);
        text.length += n > 0 ? (size_t)n : 0;
    }
    int rc;
    if (n < 0)
        rc = errbuf_set_errno(err, ERR_IO, "%s", healer->path);
    else if (!strbuf_ok(&text))
        rc = errbuf_set(err, ERR_NOMEM, "%s: no memory to read it", healer->path);
    else
        rc = journal_text_read(healer->path, text.text, text.length, &healer->arena, &healer->text,
                               err);
    strbuf_fini(&text);
    return rc;
}

int journal_heal(const char *path, struct heal_report *report, struct errbuf *err)
{
    *report = (struct heal_report){0};
    struct healer healer = {.path = path, .report = report};
    healer.fd = open(path, O_RDWR | O_APPEND | O_CLOEXEC);
    if (healer.fd < 0)
        return errbuf_set_errno(err, ERR_IO, "%s", path);
    arena_init(&healer.arena, 0);
    int rc = read_journal(&healer, err);
    if (rc == 0) {
        report->torn = healer.text.torn;
        if (healer.text.begun && !healer.text.closed)
            rc = heal_open(&healer, err);
    }
    arena_fini(&healer.arena);
    close(healer.fd);
    return rc;
}
