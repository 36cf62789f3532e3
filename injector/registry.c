#include "injector/registry.h"

#include <stddef.h>
#include <string.h>

const struct workload_type *registry_workload(const struct registry *registry, const char *name)
{
    for (const struct workload_type *const *type = registry->workloads; *type; type++)
        if (strcmp((*type)->name, name) == 0)
            return *type;
    return NULL;
}

const struct client_type *registry_client(const struct registry *registry, const char *name)
{
    for (const struct client_type *const *type = registry->clients; *type; type++)
        if (strcmp((*type)->name, name) == 0)
            return *type;
    return NULL;
}

const struct fault_type *registry_fault(const struct registry *registry, const char *name)
{
    for (const struct fault_type *const *type = registry->faults; *type; type++)
        if (strcmp((*type)->name, name) == 0)
            return *type;
    return NULL;
}
