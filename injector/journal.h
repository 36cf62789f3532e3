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

/* A network namespace of this host. Its inode may be another's as soon as it is gone; the cookie is
 * never used again until the next boot. */
struct netns_id {
    uint64_t inode;
    uint64_t cookie; /* SO_NETNS_COOKIE; 0 = unknown (before Linux 5.14) */
};

/* Creates the file, and records who the controller is: a journal whose controller is still alive
 * is left alone by heal. */
int journal_open(const char *path, struct journal **out, struct errbuf *err);
/* Marks the journal closed if nothing is left to undo. NULL is allowed. */
void journal_close(struct journal *journal);

/* Each returns in *id the record's number, for journal_done. ERR_IO: do not act. */
/* Kill this process and its process group (it leads one). */
int journal_process(struct journal *journal, const char *node, struct process_id process,
                    uint64_t *id, struct errbuf *err);
/* A network namespace of ours: gone when its last process is. node is NULL for the bridge's. */
int journal_netns(struct journal *journal, const char *node, struct netns_id netns, uint64_t *id,
                  struct errbuf *err);
/* Let a stopped process (group) run again. */
int journal_resume(struct journal *journal, const char *node, struct process_id process,
                   uint64_t *id, struct errbuf *err);
/* Run this command on the node with this input (NULL = empty); argv ends with NULL. The text must
 * be UTF-8. On a node with a network namespace it is run in that, if it still exists. */
int journal_command(struct journal *journal, const char *node, const char *const *argv,
                    const char *input, uint64_t *id, struct errbuf *err);

/* It is undone. Saying so twice is harmless. */
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

/* A variable in the environment of every process that a run starts on this host, and so of their
 * descendants: how those that left their session are found again. */
#define JOURNAL_MARK "FAULTLINE_RUN"
enum { JOURNAL_MARK_SIZE = 80 };
/* "FAULTLINE_RUN=PID.START_TICKS." of this controller. */
void journal_mark(struct process_id controller, char out[JOURNAL_MARK_SIZE]);

/* Undoes what the journal at path has open, newest first, verifies that it is undone (processes
 * gone, namespaces without a process, commands successful), and marks the journal closed. Needs
 * the privileges of the run's user, not more. A journal of an earlier boot has nothing left to
 * undo. An empty file, or one cut within its first line, is a run that did nothing yet.
 *
 * *report is filled in any case. Errors: ERR_INPUT not a journal; ERR_IO; ERR_UNSUPPORTED the run
 * was in another container; and the first thing that could not be undone, with report->failed:
 * then the rest is undone nevertheless, and the journal stays open for another attempt. */
int journal_heal(const char *path, struct heal_report *report, struct errbuf *err);

#endif
