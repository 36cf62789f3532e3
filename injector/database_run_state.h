/* A description at work on a cluster. Private to the database*.c files. */
#ifndef INJECTOR_DATABASE_RUN_STATE_H
#define INJECTOR_DATABASE_RUN_STATE_H

#include "injector/database.h"
#include "injector/database_description.h"

#include <pthread.h>
#include <stdbool.h>

struct node_run {
    pthread_mutex_t lock; /* of all that follows */
    bool has_process;
    bool was_started; /* ever: there may be a log */
    bool killed;      /* we made it end, or tried to */
    bool ready_reported;
    struct process_id process;
};

struct database_run {
    const struct database *database;
    struct remote *remote;
    const struct cluster *cluster;
    struct events *events;
    struct node_run nodes[CLUSTER_NODES_MAX];
};

struct database_scope database_run_scope(const struct database_run *run, const struct node *node);

#endif
