/* Kills the database's processes with SIGKILL, and starts them again to heal.
 *
 * Nothing is journaled: a killed process is nothing that would have to be undone once the
 * controller is gone, for then the whole cluster is taken down; and the remote journals what it
 * starts.
 *
 * Proof: the process was seen gone, and after healing another one was seen to run. */
#include "nemesis/table.h"

#include "core/err.h"
#include "core/errbuf.h"
#include "nemesis/node_process.h"
#include "nemesis/targets.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

static const struct option options[] = {
    {.name = "targets",
     .type = OPTION_CHOICES,
     .standard = "[one, minority]",
     .choices = target_names,
     .doc = "whose process is killed; one of the list is drawn each time"},
    {.name = NULL},
};

static int kill_node(void *context, const struct node *node, struct errbuf *err)
{
    const struct fault_env *env = context;
    int rc = database_signal_node(env->database, node, SIGKILL, err);
    return rc != 0 ? rc : node_process_await(env, node, PROCESS_GONE, err);
}

static int start_node(void *context, const struct node *node, struct errbuf *err)
{
    const struct fault_env *env = context;
    return database_start_node(env->database, node, err);
}

static int await_node(void *context, const struct node *node, struct errbuf *err)
{
    const struct fault_env *env = context;
    return database_await_ready(env->database, node, 0, err);
}

static void kill_observe(struct fault_instance *instance)
{
    node_set gone = node_processes_in(instance->env, instance->nodes, PROCESS_GONE);
    if (!gone) {
        if (!instance->proven)
            snprintf(instance->evidence, sizeof instance->evidence,
                     "no process was seen to be gone");
        return;
    }
    char names[192];
    node_set_text(instance->env->cluster, gone, names, sizeof names);
    instance->proven = true;
    snprintf(instance->evidence, sizeof instance->evidence, "process gone on %s", names);
}

static int kill_inject(struct fault_instance *instance, struct errbuf *err)
{
    const struct fault_env *env = instance->env;
    const char *label;
    int rc = node_processes_choose(instance, &instance->nodes, &label, err);
    if (rc != 0)
        return rc;
    char names[192];
    node_set_text(env->cluster, instance->nodes, names, sizeof names);
    snprintf(instance->description, sizeof instance->description, "%s: %s", label, names);
    rc = for_nodes(env->cluster, instance->nodes, kill_node, (void *)env, err);
    if (rc == 0)
        kill_observe(instance);
    else
        for_nodes(env->cluster, instance->nodes, start_node, (void *)env, NULL);
    return rc;
}

/* All are started before any is waited for: without the others it may never become ready. That a
 * database does not recover is a finding, and not something that we failed to undo. */
static int kill_heal(struct fault_instance *instance, struct errbuf *err)
{
    const struct fault_env *env = instance->env;
    int rc = for_nodes(env->cluster, instance->nodes, start_node, (void *)env, err);
    if (rc != 0)
        return rc;
    struct errbuf slow = ERRBUF_INIT;
    bool ready = for_nodes(env->cluster, instance->nodes, await_node, (void *)env, &slow) == 0;
    size_t used = strlen(instance->evidence);
    snprintf(instance->evidence + used, sizeof instance->evidence - used, "; %s%s",
             ready ? "started again, ready" : "started again, not ready: ", slow.text);
    return 0;
}

const struct fault_type fault_kill = {
    .name = "kill",
    .doc = "kills processes of the database (SIGKILL) and starts them again",
    .options = options,
    .check = targets_check,
    .probe = node_processes_probe,
    .choose = node_processes_draw,
    .inject = kill_inject,
    .observe = kill_observe,
    .heal = kill_heal,
};
