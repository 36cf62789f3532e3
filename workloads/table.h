/* The workloads there are. To add one: see injector/workload.h. */
#ifndef WORKLOADS_TABLE_H
#define WORKLOADS_TABLE_H

#include "injector/workload.h"

extern const struct workload_type workload_register;
extern const struct workload_type workload_set;
extern const struct workload_type workload_counter;
extern const struct workload_type workload_elements;
extern const struct workload_type workload_list_append;
extern const struct workload_type workload_rw_register;
extern const struct workload_type workload_null;

/* Ends with NULL. */
extern const struct workload_type *const workload_table[];

#endif
