#include "injector/cluster.h"

#include <stdio.h>
#include <string.h>

const struct node *cluster_find(const struct cluster *cluster, const char *name)
{
    for (uint32_t i = 0; i < cluster->count; i++)
        if (strcmp(cluster->nodes[i].name, name) == 0)
            return &cluster->nodes[i];
    return NULL;
}

void node_set_text(const struct cluster *cluster, node_set set, char *out, size_t size)
{
    size_t used = 0;
    out[0] = '\0';
    for (uint32_t i = 0; i < cluster->count && used < size; i++) {
        if (!(set & node_bit(i)))
            continue;
        int more =
            snprintf(out + used, size - used, "%s%s", used ? " " : "", cluster->nodes[i].name);
        used += more < 0 ? 0 : (size_t)more;
    }
}
