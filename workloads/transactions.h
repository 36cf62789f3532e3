/* Random transactions of reads and writes over keys that are replaced by new ones once they were
 * written often enough: what the workloads of transactions share.
 *
 * Every value is written to a key once, 1, 2, 3, ... in order of invocation. Few keys at a time
 * make transactions meet; new ones keep lists short, and show what becomes of the first writes. */
#ifndef WORKLOADS_TRANSACTIONS_H
#define WORKLOADS_TRANSACTIONS_H

#include "injector/workload.h"

extern const struct option transactions_options[];
extern const symbol transactions_functions[];

/* `write`: what a write is called in a transaction, "w" or "append". Errors: ERR_NOMEM. */
int transactions_open(const struct workload_env *env, const char *write, struct workload *out,
                      struct errbuf *err);

#endif
