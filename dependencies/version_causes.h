/* What can be told of the order of a register's versions through other keys, where the database
 * promises that what happened before is seen (the option transaction-order of Elle; Kingsbury &
 * Alvaro, VLDB 2020, section 5.2): if one transaction left a version, and another one, which comes
 * after it by sessions and reads-from, found a different one, then this one is the later. */
#ifndef DEPENDENCIES_VERSION_CAUSES_H
#define DEPENDENCIES_VERSION_CAUSES_H

#include "dependencies/version_inference.h"
#include "transactions/key_accesses.h"

/* Adds such pairs to *out, which is initialised, and sorts them by key; those that follow through a
 * version in between may be left out. Adds none if sessions and reads-from are a cycle. Takes as
 * much time and memory as session clocks do (transactions/session_clocks.h), and at most a pair for
 * each session and access. Errors: ERR_NOMEM, ERR_TIMEOUT. */
int version_causes_find(const struct transactions *all, const struct key_accesses *accesses,
                        struct version_graph *out, struct errbuf *err);

#endif
