/* A value pool that lives under the cap of something larger, and what else core/ needs of one. */
#ifndef CORE_VALUE_POOL_SHARED_H
#define CORE_VALUE_POOL_SHARED_H

struct byte_cap;
struct value_pool;
struct value_words;

/* As value_pool_new; the cap is borrowed and shared. */
struct value_pool *value_pool_new_shared(struct byte_cap *cap);

/* Its part that is plain words: for core/micro_ops.c. */
struct value_words *value_pool_words(struct value_pool *pool);

#endif
