/* Databases are described, not programmed: a YAML description (workloads/databases/NAME.yaml, a
 * file of the user's, or a mapping in the plan itself) says how to install-check, start, stop,
 * kill, pause, wipe, ask for readiness and primaries, and where the logs are. Templates such as
 * {{node.ip}} are replaced inside single arguments; nothing is ever shell text. Its keys are
 * explained in workloads/databases/etcd.yaml.
 *
 * struct database is read-only once loaded. struct database_run is the description at work on a
 * cluster; its calls may come from any thread, also for the same node (it locks per node). */
#ifndef INJECTOR_DATABASE_H
#define INJECTOR_DATABASE_H

#include "injector/cluster.h"
#include "injector/journal.h"
#include "injector/remote.h"

#include <stdbool.h>
#include <stdint.h>

struct arena;
struct clock;
struct errbuf;
struct events;
struct yaml_node;

struct database; /* opaque */

/* A name (looked for in the plan's folder, then among the shipped descriptions), a path ending in
 * .yaml (from the plan's folder), {either: {SETTING: VALUE}}, or a mapping node with a whole
 * description. ERR_INPUT with FILE:LINE. Lives in the arena; node must outlive it. */
int database_load(const struct yaml_node *node, const char *path, const char *plan_dir,
                  struct arena *arena, const struct database **out, struct errbuf *err);
const char *database_name(const struct database *database);
/* The whole description, with the plan's settings in it. */
const struct yaml_node *database_tree(const struct database *database);

struct database_run;

int database_run_new(const struct database *database, struct remote *remote,
                     const struct cluster *cluster, struct events *events,
                     struct database_run **out, struct errbuf *err);
/* Stops what still runs. NULL is allowed. */
void database_run_free(struct database_run *run);

/* Are the programs there, and which version is it (version may be NULL)? ERR_UNSUPPORTED names the
 * missing program and how to install it. */
int database_check_install(struct database_run *run, char *version, size_t version_size,
                           struct errbuf *err);

/* Is every port that the description names free on this node? ERR_IO names the port. */
int database_check_ports(struct database_run *run, const struct node *node, struct errbuf *err);

/* Starts every node of the set in order, with the description's stagger, and waits until each is
 * ready. Errors: ERR_COMMAND a node died (with its last log lines), ERR_TIMEOUT never ready. */
int database_start(struct database_run *run, node_set set, struct errbuf *err);
/* Starts without waiting for readiness. Starting a node that runs is not an error. */
int database_start_node(struct database_run *run, const struct node *node, struct errbuf *err);
/* Waits until the node answers; ERR_TIMEOUT, or ERR_COMMAND if its process ended. 0 = the
 * description's own timeout. */
int database_await_ready(struct database_run *run, const struct node *node, int64_t timeout_ns,
                         struct errbuf *err);
/* Gently, as the description says; kill -9 when its timeout passes. */
int database_stop_node(struct database_run *run, const struct node *node, struct errbuf *err);
int database_signal_node(struct database_run *run, const struct node *node, int signal,
                         struct errbuf *err);
/* PROCESS_GONE if it was never started. */
enum process_state database_node_state(struct database_run *run, const struct node *node);
/* The process; pid 0 if there is none. */
struct process_id database_node_process(struct database_run *run, const struct node *node);
/* Removes the node's data. The node must be stopped. */
int database_wipe_node(struct database_run *run, const struct node *node, struct errbuf *err);

/* The nodes that think they lead, asked of all nodes at once within timeout_ns; empty if none
 * answers. ERR_UNSUPPORTED if the description cannot tell. */
int database_primaries(struct database_run *run, int64_t timeout_ns, node_set *out,
                       struct errbuf *err);

/* Copies every node's logs to DIR/NODE/. Goes on after a failure and reports the first. */
int database_fetch_logs(struct database_run *run, const char *dir, struct errbuf *err);

#endif
