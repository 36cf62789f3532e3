/* Who is free, who is busy, and as which process: what turns a generator's steps into operations
 * of threads. Pure, like the generators: the driver runs it on the real clock, the simulator of the
 * tests on a virtual one.
 *
 * A client thread goes on as its process + client_count after an operation ended `info`, as nobody
 * knows when, or whether, that operation takes effect.
 *
 * Not thread-safe: the driver calls under its lock. A step costs what the generator's costs. */
#ifndef INJECTOR_DISPATCH_H
#define INJECTOR_DISPATCH_H

#include "injector/generator.h"

struct errbuf;

struct dispatch {
    struct generator *generator;
    uint32_t client_count;
    uint32_t thread_count; /* client_count, or one more with a nemesis */
    uint32_t free_count;
    bool *busy;           /* by thread */
    int32_t *process;     /* by thread */
    uint64_t *free_since; /* by thread: who is free the longest has the smallest */
    uint64_t releases;
};

#define DISPATCH_NOBODY UINT32_MAX

/* All threads are free at first; client w is process first_process + w. ERR_NOMEM. */
int dispatch_init(struct dispatch *dispatch, struct generator *generator, uint32_t client_count,
                  bool nemesis, int32_t first_process, struct errbuf *err);
void dispatch_fini(struct dispatch *dispatch);

/* Asks for a step. If it is an operation, its thread is busy from now on, out->op is complete but
 * for its index, and the generator has been told of it. Values are made in `arena`. */
void dispatch_step(struct dispatch *dispatch, int64_t now_ns, uint32_t preferred,
                   struct arena *arena, struct generator_step *out);

/* Tells the generator how the thread's operation ended, and renews its process if need be. The
 * thread stays busy until it is released. */
void dispatch_complete(struct dispatch *dispatch, int64_t now_ns, uint32_t thread,
                       const struct op *completion);
void dispatch_release(struct dispatch *dispatch, uint32_t thread);

/* The client that is free the longest, or else the nemesis if it is free, or DISPATCH_NOBODY. */
uint32_t dispatch_longest_free(const struct dispatch *dispatch);

/* A number above every process that was used. */
int32_t dispatch_next_process(const struct dispatch *dispatch);

#endif
