/* The faults there are. To add one: see injector/fault.h. */
#ifndef NEMESIS_TABLE_H
#define NEMESIS_TABLE_H

#include "injector/fault.h"

extern const struct fault_type fault_partition;
extern const struct fault_type fault_kill;
extern const struct fault_type fault_pause;
extern const struct fault_type fault_null;

/* Ends with NULL. */
extern const struct fault_type *const fault_table[];

#endif
