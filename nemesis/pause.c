/* Stops the database's processes with SIGSTOP, and lets them go on with SIGCONT to heal: what they
 * believed about leases, leaders and the time is then old.
 *
 * Proof: the process was seen in the stopped state (T). */
#include "nemesis/table.h"

#include "core/err.h"
#include "core/errbuf.h"
#include "nemesis/node_process.h"
#include "nemesis/targets.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct option options[] = {
    {.name = "targets",
     .type = OPTION_CHOICES,
     .standard = "[one, minority]",
     .choices = target_names,
     .doc = "whose process is paused; one of the list is drawn each time"},
    {.name = NULL},
};

struct pause {
    const struct fault_env *env;
    uint64_t journal_ids[CLUSTER_NODES_MAX];
    bool journaled[CLUSTER_NODES_MAX]; /* and perhaps stopped */
    bool ended[CLUSTER_NODES_MAX];     /* while it was paused */
};

static int stop_node(void *context, const struct node *node, struct errbuf *err)
{
    struct pause *pause = context;
    const struct fault_env *env = pause->env;
    struct process_id process = database_node_process(env->database, node);
    int rc =
        journal_resume(env->journal, node->name, process, &pause->journal_ids[node->index], err);
    if (rc != 0)
        return rc;
    pause->journaled[node->index] = true;
    rc = database_signal_node(env->database, node, SIGSTOP, err);
    return rc != 0 ? rc : node_process_await(env, node, PROCESS_STOPPED, err);
}

/* A process that ended while it was paused is nothing to resume, and a finding for the report. */
static int resume_node(void *context, const struct node *node, struct errbuf *err)
{
    struct pause *pause = context;
    const struct fault_env *env = pause->env;
    if (!pause->journaled[node->index])
        return 0;
    int rc = 0;
    pause->ended[node->index] = database_node_state(env->database, node) == PROCESS_GONE;
    if (!pause->ended[node->index]) {
        rc = database_signal_node(env->database, node, SIGCONT, err);
        if (rc == 0)
            rc = node_process_await(env, node, PROCESS_RUNNING, err);
    }
    if (rc == 0) {
        journal_done(env->journal, pause->journal_ids[node->index]);
        pause->journaled[node->index] = false;
    }
    return rc;
}

static void pause_observe(struct fault_instance *instance)
{
    node_set stopped = node_processes_in(instance->env, instance->nodes, PROCESS_STOPPED);
    if (!stopped) {
        if (!instance->proven)
            snprintf(instance->evidence, sizeof instance->evidence,
                     "no process was seen to stand still");
        return;
    }
    char names[192];
    node_set_text(instance->env->cluster, stopped, names, sizeof names);
    instance->proven = true;
    snprintf(instance->evidence, sizeof instance->evidence, "process stopped (state T) on %s",
             names);
}

static void add_ended(struct fault_instance *instance, const struct pause *pause)
{
    node_set ended = 0;
    for (uint32_t i = 0; i < instance->env->cluster->count; i++)
        if (pause->ended[i])
            ended |= node_bit(i);
    if (!ended)
        return;
    char names[192];
    node_set_text(instance->env->cluster, ended, names, sizeof names);
    size_t used = strlen(instance->evidence);
    snprintf(instance->evidence + used, sizeof instance->evidence - used,
             "; ended while paused: %s", names);
}

static int pause_heal(struct fault_instance *instance, struct errbuf *err)
{
    struct pause *pause = instance->state;
    if (!pause)
        return 0;
    int rc = for_nodes(instance->env->cluster, instance->nodes, resume_node, pause, err);
    if (rc != 0)
        return rc;
    add_ended(instance, pause);
    free(pause);
    instance->state = NULL;
    return 0;
}

static int pause_inject(struct fault_instance *instance, struct errbuf *err)
{
    const struct fault_env *env = instance->env;
    const char *label;
    int rc = node_processes_choose(instance, &instance->nodes, &label, err);
    if (rc != 0)
        return rc;
    struct pause *pause = calloc(1, sizeof *pause);
    if (!pause)
        return errbuf_set(err, ERR_NOMEM, "no memory for a fault");
    pause->env = env;
    instance->state = pause;
    char names[192];
    node_set_text(env->cluster, instance->nodes, names, sizeof names);
    snprintf(instance->description, sizeof instance->description, "%s: %s", label, names);
    rc = for_nodes(env->cluster, instance->nodes, stop_node, pause, err);
    if (rc == 0)
        pause_observe(instance);
    else
        pause_heal(instance, NULL);
    return rc;
}

const struct fault_type fault_pause = {
    .name = "pause",
    .doc = "stops processes of the database (SIGSTOP) and lets them go on (SIGCONT)",
    .options = options,
    .check = targets_check,
    .probe = node_processes_probe,
    .choose = node_processes_draw,
    .inject = pause_inject,
    .observe = pause_observe,
    .heal = pause_heal,
};
