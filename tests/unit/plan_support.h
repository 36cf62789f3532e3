/* A small registry of plug-ins that do nothing, so that plans can be loaded without the real ones:
 * one workload, client or fault for each thing that a plan can get wrong about them. */
#ifndef TESTS_PLAN_SUPPORT_H
#define TESTS_PLAN_SUPPORT_H

#include "core/err.h"
#include "core/errbuf.h"
#include "injector/registry.h"

static const struct option plan_no_options[] = {{.name = NULL}};
static const char *const plan_mixes[] = {"even", "skewed", NULL};
static const char *const plan_targets[] = {"one", "minority", "all", NULL};

static const struct option plan_register_options[] = {
    {.name = "keys", .type = OPTION_INT, .standard = "10", .min = 1, .max = 1000, .doc = "keys"},
    {.name = "mix", .type = OPTION_CHOICE, .standard = "even", .choices = plan_mixes, .doc = "mix"},
    {.name = NULL},
};
static const symbol plan_register_functions[] = {F_READ, F_WRITE, F_CAS, F_NONE};
static const symbol plan_read_functions[] = {F_READ, F_NONE};

static const struct workload_type plan_register = {.name = "register",
                                                   .doc = "reads, writes, cas",
                                                   .model = "cas-register",
                                                   .options = plan_register_options,
                                                   .functions = plan_register_functions};
static const struct workload_type plan_null_workload = {.name = "null",
                                                        .doc = "reads",
                                                        .model = "register",
                                                        .options = plan_no_options,
                                                        .functions = plan_read_functions};
static const struct workload_type *const plan_workloads[] = {&plan_register, &plan_null_workload,
                                                             NULL};

static const struct option plan_etcd_options[] = {
    {.name = "serializable", .type = OPTION_BOOL, .standard = "false", .doc = "local reads"},
    {.name = "timeout",
     .type = OPTION_DURATION,
     .standard = "2s",
     .min = 0.001,
     .max = 600,
     .doc = "of a request"},
    {.name = "prefix", .type = OPTION_STRING, .standard = "/x y/", .doc = "of keys"},
    {.name = "share", .type = OPTION_REAL, .min = 0, .max = 1, .doc = "of something"},
    {.name = "buffer", .type = OPTION_BYTES, .min = 1, .max = 1 << 20, .doc = "of something"},
    {.name = NULL},
};
static const struct client_type plan_etcd = {.name = "etcd",
                                             .doc = "all",
                                             .options = plan_etcd_options,
                                             .functions = plan_register_functions};
static const struct client_type plan_reader = {.name = "reader",
                                               .doc = "reads only",
                                               .options = plan_no_options,
                                               .functions = plan_read_functions};
static const struct client_type plan_null_client = {
    .name = "null", .doc = "all", .options = plan_no_options, .functions = plan_register_functions};
static const struct client_type *const plan_clients[] = {&plan_etcd, &plan_reader,
                                                         &plan_null_client, NULL};

static const struct option plan_partition_options[] = {
    {.name = "groups", .type = OPTION_NODE_GROUPS, .doc = "who hears whom"},
    {.name = NULL},
};
static const struct option plan_kill_options[] = {
    {.name = "targets",
     .type = OPTION_CHOICES,
     .standard = "[one, minority]",
     .choices = plan_targets,
     .doc = "whom"},
    {.name = NULL},
};
static const struct fault_type plan_partition = {
    .name = "partition", .doc = "cuts", .options = plan_partition_options, .needs_network = true};
static int plan_kill_check(const struct option_values *options, uint32_t node_count,
                           struct errbuf *err)
{
    if (node_count > 1 || !option_is_given(options, "targets"))
        return 0;
    return errbuf_set(err, ERR_INPUT, "targets: one node is all there is");
}

static const struct fault_type plan_kill = {
    .name = "kill", .doc = "kills", .options = plan_kill_options, .check = plan_kill_check};
static const struct fault_type *const plan_faults[] = {&plan_partition, &plan_kill, NULL};

static const struct registry plan_registry = {
    .workloads = plan_workloads, .clients = plan_clients, .faults = plan_faults};

#endif
