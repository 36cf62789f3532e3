/* Whom a fault hits: sets of nodes by kind, from a fault's own random stream.
 *
 * Everything random is drawn by targets_choose; targets_resolve then only has to look who leads.
 * Blocking: targets_resolve asks the database for primaries, at most a few seconds. */
#ifndef NEMESIS_TARGETS_H
#define NEMESIS_TARGETS_H

#include "core/random.h"
#include "injector/fault.h"

enum target_kind {
    TARGET_ONE,      /* a random node */
    TARGET_MINORITY, /* as many as can go while the others are a majority; of fewer than three
                        nodes, where none can, one: see targets_check */
    TARGET_MAJORITY, /* just a majority */
    TARGET_PRIMARIES,
    TARGET_ALL,
};

/* The names in the order of enum target_kind, ending with NULL, for an option's `choices`. */
extern const char *const target_names[];

/* How many nodes a kind takes of `count`; primaries are counted as one. */
uint32_t target_size(enum target_kind kind, uint32_t count);

/* Takes one of the kinds in option `name` at random, and an order of the nodes. */
void targets_choose(struct fault_chosen *chosen, const struct option_values *options,
                    const char *name, uint32_t node_count, struct random *random);

/* The nodes chosen. For primaries, asks the database, and if nobody says that he leads takes the
 * first node of the order instead. *label ("one", "primaries", "one (no primary known)") is
 * static. */
node_set targets_resolve(const struct fault_chosen *chosen, const struct fault_env *env,
                         const char **label);

/* Asks who leads, again if nobody answers, for about 3 s; 0 if nobody does. Errors:
 * ERR_UNSUPPORTED the database's description does not say how to ask, or there is no database. */
int targets_primaries(const struct fault_env *env, node_set *out, struct errbuf *err);

/* For checks of a plan: ERR_INPUT if the option "targets" asks for a minority, and a cluster of
 * this size has none. (The default list then means one node.) */
int targets_check(const struct option_values *options, uint32_t node_count, struct errbuf *err);

/* For probes: if `name`, an option with choices, lists the choice "primaries", can the database
 * tell them? ERR_UNSUPPORTED as above, with the remedy. */
int targets_probe(const struct fault_env *env, const struct option_values *options,
                  const char *name, size_t primaries_choice, struct errbuf *err);

bool targets_lists(const struct option_values *options, const char *name, size_t choice);

#endif
