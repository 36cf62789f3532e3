#include "nemesis/table.h"

#include <stddef.h>

const struct fault_type *const fault_table[] = {
    &fault_partition, &fault_kill, &fault_pause, &fault_null, NULL,
};
