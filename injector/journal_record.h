/* The lines of an undo journal: JSON objects, each ended by a newline.
 *
 *   {"journal":"faultline","version":1,"pid":N,"start_ticks":N,"boot":"...","pid_namespace":N}
 *   {"id":1,"undo":"netns","node":"n1","inode":N,"cookie":N}
 *   {"id":2,"undo":"process","node":"n1","pid":N,"start_ticks":N}
 *   {"id":3,"undo":"command","node":"n1","argv":["..."],"input":"..."}
 *   {"done":3}
 *   {"closed":true}
 *
 * The first line says who the controller is. Pure: text in, text out. */
#ifndef INJECTOR_JOURNAL_RECORD_H
#define INJECTOR_JOURNAL_RECORD_H

#include "core/arena.h"
#include "injector/journal.h"

#include <stddef.h>

struct errbuf;
struct strbuf;

enum journal_undo { JOURNAL_PROCESS, JOURNAL_NETNS, JOURNAL_RESUME, JOURNAL_COMMAND };

struct journal_controller {
    struct process_id process;
    char boot[48];          /* "" if the kernel does not tell */
    uint64_t pid_namespace; /* inode; 0 = unknown */
};

struct journal_record {
    uint64_t id; /* from 1 */
    enum journal_undo undo;
    const char *node;          /* NULL = none in particular */
    struct process_id process; /* JOURNAL_PROCESS, JOURNAL_RESUME */
    struct netns_id netns;     /* JOURNAL_NETNS */
    const char *const *argv;   /* JOURNAL_COMMAND */
    const char *input;
    bool done;
};

/* Each returns a line, malloc'ed; NULL when out of memory, or if a text is not UTF-8. */
char *journal_controller_line(const struct journal_controller *controller);
char *journal_record_line(const struct journal_record *record);
char *journal_done_line(uint64_t id);
char *journal_closed_line(void);

struct journal_text {
    bool begun; /* the first line is there */
    struct journal_controller controller;
    struct journal_record *records; /* in their order */
    size_t count;
    bool closed;
    bool torn;          /* the last line is cut short, and left out */
    size_t length;      /* without a torn last line */
    bool lacks_newline; /* the last line is whole but for that */
};

/* Reads a whole journal; everything in *out lives in the arena. name is for messages. ERR_INPUT
 * with the line for what is no journal, ERR_NOMEM. */
int journal_text_read(const char *name, const char *text, size_t length, struct arena *arena,
                      struct journal_text *out, struct errbuf *err);

#endif
