/* Writes the history as it happens: one JSON line an event (core/history_jsonl.h), on disk before
 * the client acts on it, so that nothing recorded is lost even to `kill -9`.
 *
 * Memory does not grow with the run. Thread-safe; events get their index in the order of calls. */
#ifndef INJECTOR_RECORDER_H
#define INJECTOR_RECORDER_H

#include "core/op.h"

struct errbuf;
struct recorder;

/* Creates the file; it must not exist. */
int recorder_open(const char *path, struct recorder **out, struct errbuf *err);
/* ERR_IO if anything could not be written, now or earlier. NULL is allowed. */
int recorder_close(struct recorder *recorder, struct errbuf *err);

/* Gives op its index and puts its line into the buffer. */
void recorder_add(struct recorder *recorder, struct op *op);
/* Hands the buffer to the kernel (one write(2)). ERR_IO once writing failed: the run must end. */
int recorder_flush(struct recorder *recorder, struct errbuf *err);

#endif
