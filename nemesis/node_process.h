/* What the faults of processes have in common: seeing what state the database's processes are in.
 * Called from any thread. */
#ifndef NEMESIS_NODE_PROCESS_H
#define NEMESIS_NODE_PROCESS_H

#include "injector/fault.h"

/* The nodes of the set whose process is in this state. */
node_set node_processes_in(const struct fault_env *env, node_set set, enum process_state state);

/* Waits until the node's process is in this state; at most 5 s, then ERR_TIMEOUT. */
int node_process_await(const struct fault_env *env, const struct node *node,
                       enum process_state state, struct errbuf *err);

/* The targets chosen whose process runs, and the label of the kind chosen. ERR_IO if none does. */
int node_processes_choose(const struct fault_instance *instance, node_set *out, const char **label,
                          struct errbuf *err);

/* Probe of a fault of processes whose option `targets` has target_names for choices. */
int node_processes_probe(const struct fault_env *env, const struct option_values *options,
                         struct errbuf *err);

/* Choose of such a fault. */
void node_processes_draw(struct fault_instance *instance, struct random *random);

#endif
