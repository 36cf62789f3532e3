#include "injector/host_processes.h"

#include "core/clock.h"
#include "core/err.h"
#include "core/errbuf.h"
#include "core/log.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>

static const int64_t death_timeout_ns = 5 * NS_PER_S;

void host_processes_init(struct host_processes *processes, struct journal *journal)
{
    *processes = (struct host_processes){.journal = journal};
    pthread_mutex_init(&processes->lock, NULL);
}

void host_processes_fini(struct host_processes *processes)
{
    pthread_mutex_destroy(&processes->lock);
    free(processes->list);
}

static struct host_process *find(struct host_processes *processes, struct process_id id)
{
    for (size_t i = 0; i < processes->count; i++)
        if (processes->list[i].id.pid == id.pid &&
            processes->list[i].id.start_ticks == id.start_ticks)
            return &processes->list[i];
    return NULL;
}

static bool make_room(struct host_processes *processes)
{
    if (processes->count < processes->capacity)
        return true;
    size_t capacity = processes->capacity ? 2 * processes->capacity : 16;
    struct host_process *list = realloc(processes->list, capacity * sizeof *list);
    if (!list)
        return false;
    processes->list = list;
    processes->capacity = capacity;
    return true;
}

/* Kills what is left of the group of a dead leader and reaps that. False if it is not dead. */
static bool reap(struct host_processes *processes, struct host_process *process)
{
    if (process_id_state(process->id) != PROCESS_GONE)
        return false;
    kill(-process->id.pid, SIGKILL);
    if (waitpid(process->id.pid, NULL, WNOHANG) == 0)
        return false;
    process->reaped = true;
    journal_done(processes->journal, process->record);
    return true;
}

struct admission {
    struct host_processes *processes;
    const struct node *node;
    bool recorded;
    uint64_t record;
};

/* Between fork and exec: the process is journaled and in the list before it acts. */
static int admit(void *context, struct process_id id, struct errbuf *err)
{
    struct admission *admission = context;
    struct host_processes *processes = admission->processes;
    pthread_mutex_lock(&processes->lock);
    int rc = make_room(processes) ? 0 : errbuf_set(err, ERR_NOMEM, "no memory for a process");
    if (rc == 0)
        rc =
            journal_process(processes->journal, admission->node->name, id, &admission->record, err);
    if (rc == 0) {
        admission->recorded = true;
        processes->list[processes->count++] = (struct host_process){
            .id = id, .node = admission->node->index, .record = admission->record};
    }
    pthread_mutex_unlock(&processes->lock);
    return rc;
}

/* It was admitted and could not be executed; subprocess_spawn has reaped it. */
static void withdraw(struct host_processes *processes, uint64_t record)
{
    pthread_mutex_lock(&processes->lock);
    for (size_t i = 0; i < processes->count; i++)
        if (processes->list[i].record == record)
            processes->list[i].reaped = true;
    pthread_mutex_unlock(&processes->lock);
    journal_done(processes->journal, record);
}

static void reap_node(struct host_processes *processes, uint32_t node)
{
    pthread_mutex_lock(&processes->lock);
    for (size_t i = 0; i < processes->count; i++)
        if (processes->list[i].node == node && !processes->list[i].reaped)
            reap(processes, &processes->list[i]);
    pthread_mutex_unlock(&processes->lock);
}

int host_processes_spawn(struct host_processes *processes, const struct node *node,
                         const struct subprocess *what, const char *log, struct process_id *out,
                         struct errbuf *err)
{
    reap_node(processes, node->index);
    struct admission admission = {.processes = processes, .node = node};
    int rc = subprocess_spawn(what, log, admit, &admission, out, err);
    if (rc != 0 && admission.recorded)
        withdraw(processes, admission.record);
    return rc;
}

int host_processes_signal(struct host_processes *processes, struct process_id id, int signal,
                          struct errbuf *err)
{
    int rc = 0;
    pthread_mutex_lock(&processes->lock);
    const struct host_process *process = find(processes, id);
    if (!process || process->reaped || process_id_state(id) == PROCESS_GONE)
        rc = errbuf_set(err, ERR_IO, "process %d is gone: it cannot get signal %d", (int)id.pid,
                        signal);
    else if (kill(-id.pid, signal) != 0)
        rc = errbuf_set_errno(err, ERR_IO, "signal %d to process %d", signal, (int)id.pid);
    pthread_mutex_unlock(&processes->lock);
    return rc;
}

static void end_strays(const struct process_match *strays)
{
    uint32_t left = 0;
    uint32_t killed = process_kill_matching(strays, death_timeout_ns, &left);
    if (left > 0)
        log_error(LOG_REMOTE, "%u processes were killed and do not end", left);
    else if (killed > 0)
        log_info(LOG_REMOTE, "%u processes that had left their group were killed", killed);
}

void host_processes_end(struct host_processes *processes, const struct process_match *strays)
{
    pthread_mutex_lock(&processes->lock);
    for (size_t i = 0; i < processes->count; i++)
        if (!processes->list[i].reaped)
            kill(-processes->list[i].id.pid, SIGKILL);
    for (size_t i = 0; i < processes->count; i++) {
        struct host_process *process = &processes->list[i];
        if (process->reaped)
            continue;
        process_id_await_gone(process->id, death_timeout_ns);
        if (!reap(processes, process))
            log_error(LOG_REMOTE, "process %d was killed and does not end", (int)process->id.pid);
    }
    pthread_mutex_unlock(&processes->lock);
    end_strays(strays);
}
