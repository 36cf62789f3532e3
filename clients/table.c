#include "clients/table.h"

#include <stddef.h>

const struct client_type *const client_table[] = {
    &client_etcd, &client_etcd_set, &client_lines, &client_null, NULL,
};
