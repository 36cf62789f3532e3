/* What the specifications (specification_*.c) have in common: lists of values, and words. Private
 * to them. */
#ifndef CHECKER_SPECIFICATION_COMMON_H
#define CHECKER_SPECIFICATION_COMMON_H

#include "checker/specification.h"

extern const struct specification specification_register, specification_cas_register,
    specification_multi_register, specification_kv, specification_mutex, specification_owned_mutex,
    specification_reentrant_mutex, specification_semaphore, specification_linear_set,
    specification_grow_only_set, specification_fifo_queue, specification_unordered_queue,
    specification_priority_queue, specification_stack, specification_linear_counter;

/* ok: must have happened; info: may have; fail: nothing. */
enum specification_effect specification_usual_effect(const struct operation *op);

/* One state, without items. */
enum specification_step specification_begin_empty(const struct specification_context *context,
                                                  uint32_t choice,
                                                  struct specification_state *state);

/* One state, of this one item. */
enum specification_step specification_begin_with(value_ref item, uint32_t choice,
                                                 struct specification_state *state);

/* False: no memory, and nothing changed. at <= count. */
bool specification_state_insert(struct specification_state *state, uint32_t at, value_ref item);
void specification_state_remove(struct specification_state *state, uint32_t at);

/* In a state sorted by reference: where the item is, or would be. */
uint32_t specification_state_place(const struct specification_state *state, value_ref item);
bool specification_state_has(const struct specification_state *state, uint32_t at, value_ref item);

/* Whether the value is an integer, of any size. */
bool specification_integer(const struct specification_context *context, value_ref ref,
                           int64_t *out);
value_ref specification_intern_integer(const struct specification_context *context,
                                       int64_t integer);

/* ERR_INPUT: "a MODEL has no operation "F"; it has KNOWN". */
int specification_unknown(const char *model, const char *known, const struct operation *op,
                          struct errbuf *err);

/* ERR_INPUT: "RULE, not VALUE". */
int specification_odd_value(const struct specification_context *context, const char *rule,
                            value_ref value, struct errbuf *err);

#endif
