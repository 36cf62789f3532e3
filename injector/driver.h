/* Drives a run: worker threads that take operations from a generator, perform them through their
 * clients, and have everything recorded.
 *
 * Workers pull: whoever is free steps the generator under the driver's lock; one idle worker at a
 * time keeps the timer (leader and followers), so that no dispatcher thread stands between the
 * schedule and the database. An operation's invocation is on disk before it is performed. */
#ifndef INJECTOR_DRIVER_H
#define INJECTOR_DRIVER_H

#include "core/clock.h"
#include "injector/client.h"
#include "injector/fault.h"
#include "injector/generator.h"
#include "injector/recorder.h"

#include <stdatomic.h>
#include <stdint.h>

struct errbuf;

/* Running totals, read by others while the run goes on. */
struct driver_counters {
    _Atomic uint64_t invoked, ok, fail, info;
};

struct driver_config {
    struct generator *generator;
    struct recorder *recorder;
    const struct clock *clock;
    const struct cluster *cluster;
    struct remote *remote; /* workers enter its network; NULL = none */
    const struct client_type *client;
    const struct option_values *client_options;
    uint32_t concurrency;  /* worker w talks to node w mod n */
    int32_t first_process; /* worker w starts as process first_process + w */
    int32_t *next_process; /* set to a number above every process used: the next
                              run's first_process. NULL = not wanted */
    const struct nemesis_type *nemesis_type;
    struct nemesis *nemesis; /* NULL = none */
    struct driver_counters *counters;
    const _Atomic int *stop; /* non-zero: give out no more operations, finish those that
                                run */
};

/* Returns when the generator is done (or stop was set) and every operation has completed.
 * Errors: ERR_IO recording failed; ERR_INPUT a client broke its contract; ERR_NOMEM. */
int driver_run(const struct driver_config *config, struct errbuf *err);

#endif
