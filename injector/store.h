/* Where a run keeps what it finds: STORE/NAME/TIME/, with the link STORE/NAME/latest.
 *
 *   plan.yaml       the resolved plan            history.jsonl   every operation
 *   events.jsonl    what else happened           journal.jsonl   how to undo what was done
 *   log.txt         the controller's own log     logs/NODE/      the nodes' logs
 *   results.json    verdict and figures          report.html     all of it for people
 *   nodes/NODE/     the nodes' data, removed at the end of a clean run */
#ifndef INJECTOR_STORE_H
#define INJECTOR_STORE_H

#include <limits.h>

struct errbuf;

struct store {
    char dir[PATH_MAX]; /* absolute */
};

/* Makes the folder (and its parents) and the link. Two runs never share one. */
int store_create(const char *root, const char *name, struct store *store, struct errbuf *err);

/* dir/NAME in a buffer of the caller's; asserts that it fits. */
void store_path(const struct store *store, const char *name, char out[PATH_MAX]);

/* Writes a whole file at once (to a temporary name, then renamed). */
int store_write(const struct store *store, const char *name, const char *text, struct errbuf *err);

#endif
