#include "workloads/table.h"

#include <stddef.h>

const struct workload_type *const workload_table[] = {
    &workload_register,    &workload_set,         &workload_counter, &workload_elements,
    &workload_list_append, &workload_rw_register, &workload_null,    NULL,
};
