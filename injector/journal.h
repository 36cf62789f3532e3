/* The undo journal of a run: how to undo each thing we do to a node, written *before* it is done,
 * so that `faultline heal` can restore the nodes even after `kill -9` of the controller.
 *
 * JSON Lines in the run's folder, one write(2) a record; a torn last line is what was never done.
 * Undoing twice is harmless: every undo first looks whether there is anything to undo.
 * Thread-safe. */
#ifndef INJECTOR_JOURNAL_H
#define INJECTOR_JOURNAL_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct errbuf;
struct journal;

/* A process of this host: the start time tells it from a later one with the same number. */
struct process_id {
    pid_t pid;
    uint64_t start_ticks; /* field 22 of /proc/PID/stat */
};

/* Creates the file, and records who the controller is: a journal whose controller is still alive
 * is left alone by heal. */
int journal_open(const char *path, struct journal **out, struct errbuf *err);
/* Marks the journal closed if nothing is left to undo. NULL is allowed. */
void journal_close(struct journal *journal);

/* Each returns in *id the record's number, for journal_done. ERR_IO: do not act. */
/* Kill this process and its process group. */
int journal_process(struct journal *journal, const char *node, struct process_id process,
                    uint64_t *id, struct errbuf *err);
/* A network namespace of ours, by the inode of its file: gone when its last process is. */
int journal_netns(struct journal *journal, const char *node, uint64_t inode, uint64_t *id,
                  struct errbuf *err);
/* Let a stopped process (group) run again. */
int journal_resume(struct journal *journal, const char *node, struct process_id process,
                   uint64_t *id, struct errbuf *err);
/* Run this command on the node with this input; argv ends with NULL. */
int journal_command(struct journal *journal, const char *node, const char *const *argv,
                    const char *input, uint64_t *id, struct errbuf *err);

void journal_done(struct journal *journal, uint64_t id);

/* What heal found and did. */
struct heal_report {
    uint32_t records; /* that were still to be undone */
    uint32_t undone;  /* of which something had to be done, and was */
    uint32_t already; /* of which nothing was left to do */
    uint32_t failed;
    bool controller_alive; /* then nothing was touched */
    bool torn;             /* the last line was cut short */
};

/* Undoes what the journal at path has open, newest first, verifies that it is undone (processes
 * gone, namespaces without a process, rules gone), and marks the journal closed. Needs the
 * privileges of the run's user, not more. ERR_INPUT: not a journal. */
int journal_heal(const char *path, struct heal_report *report, struct errbuf *err);

#endif
