/* What a workload asks in the end, after everything healed: the same reads by each of some threads.
 *
 * Thread t talks to node t mod nodes: as many readers as nodes ask every node once. */
#ifndef WORKLOADS_FINAL_READS_H
#define WORKLOADS_FINAL_READS_H

#include "injector/generator.h"

/* Sets op to the read that *next counts, which begins at 0 for each reader, and moves *next on;
 * false if there is none left. */
typedef bool (*final_read_fn)(const void *context, int64_t *next, struct arena *arena,
                              struct op *op);

/* Threads 0 to readers - 1 each do every read. Draws nothing. NULL when the arena is full. */
struct generator *final_reads(struct arena *arena, final_read_fn read, const void *context,
                              uint32_t readers);

#endif
