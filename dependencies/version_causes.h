/* What can be told of the order of a register's versions through other keys: who found a version
 * after somebody, by sessions and reads-from, found it no older than that one left it. */
#ifndef DEPENDENCIES_VERSION_CAUSES_H
#define DEPENDENCIES_VERSION_CAUSES_H

#include "dependencies/version_inference.h"
#include "transactions/key_accesses.h"

/* Adds pairs, grouped by key; those that follow through a version in between may be left out. None
 * if sessions and reads-from are a cycle. As much time and memory as session clocks take
 * (transactions/session_clocks.h), and a pair for each session and access at most. Errors:
 * ERR_NOMEM, ERR_TIMEOUT. */
int version_causes_find(const struct transactions *all, const struct key_accesses *accesses,
                        struct version_graph *out, struct errbuf *err);

#endif
