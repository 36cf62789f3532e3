/* What a controller can use: the tables of the plug-in folders, put together by cli/. */
#ifndef INJECTOR_REGISTRY_H
#define INJECTOR_REGISTRY_H

#include "injector/client.h"
#include "injector/fault.h"
#include "injector/remote.h"
#include "injector/workload.h"

struct registry {
    const struct workload_type *const *workloads; /* each ends with NULL */
    const struct client_type *const *clients;
    const struct fault_type *const *faults;
    const struct nemesis_type *nemesis;
};

const struct workload_type *registry_workload(const struct registry *registry, const char *name);
const struct client_type *registry_client(const struct registry *registry, const char *name);
const struct fault_type *registry_fault(const struct registry *registry, const char *name);

#endif
