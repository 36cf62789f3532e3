#include "injector/remote.h"

#include "injector/remote_local.h"
#include "injector/remote_netns.h"

#include <string.h>

const struct remote_type *const remote_table[] = {&remote_netns, &remote_local, NULL};

const struct remote_type *remote_find(const char *name)
{
    for (const struct remote_type *const *type = remote_table; *type; type++)
        if (strcmp((*type)->name, name) == 0)
            return *type;
    return NULL;
}
