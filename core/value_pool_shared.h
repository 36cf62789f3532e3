/* A value pool that lives under the cap of something larger. */
#ifndef CORE_VALUE_POOL_SHARED_H
#define CORE_VALUE_POOL_SHARED_H

struct byte_cap;
struct value_pool;

/* As value_pool_new; the cap is borrowed and shared. */
struct value_pool *value_pool_new_shared(struct byte_cap *cap);

#endif
