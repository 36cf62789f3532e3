/* What the specifications (specification_*.c) have in common: lists of values, words, and what the
 * operations of a model mean. Private to them and to verify*.c. */
#ifndef CHECKER_SPECIFICATION_COMMON_H
#define CHECKER_SPECIFICATION_COMMON_H

#include "checker/specification.h"

extern const struct specification specification_register, specification_cas_register,
    specification_multi_register, specification_kv, specification_mutex, specification_owned_mutex,
    specification_reentrant_mutex, specification_semaphore, specification_linear_set,
    specification_grow_only_set, specification_fifo_queue, specification_unordered_queue,
    specification_priority_queue, specification_stack, specification_linear_counter,
    specification_user;

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

/* ERR_INPUT: "ARTICLE MODEL has no operation "F"; it has KNOWN", and what to say to who has one of
 * transactions. The article may be "". */
int specification_no_operation(const char *article, const char *model, const char *known, symbol f,
                               struct errbuf *err);

/* The same of a model with the article "a". */
int specification_unknown(const char *model, const char *known, const struct operation *op,
                          struct errbuf *err);

/* ERR_INPUT: "RULE, not VALUE". */
int specification_odd_value(const struct specification_context *context, const char *rule,
                            value_ref value, struct errbuf *err);

/* --- what operations mean --- */

/* Registers: [expected new] of a cas, as the completion has it, else as the invocation has. */
bool specification_cas(const struct specification_context *context, const struct operation *op,
                       value_ref *expected, value_ref *next);

/* One read or write of an operation of a multi-register. */
struct specification_part {
    bool writes;
    value_ref name, value;
};

uint32_t specification_part_count(const struct specification_context *context,
                                  const struct operation *op);

/* False if it is not of the form. name and value are VALUE_REF_NOMEM without memory. */
bool specification_part(const struct specification_context *context, const struct operation *op,
                        uint32_t index, struct specification_part *out);

/* Whether a part says something about the history: it writes, or what it read is known. */
bool specification_part_speaks(const struct specification_context *context,
                               const struct operation *op, const struct specification_part *part);

/* Mutexes: whose operation it is; VALUE_REF_NOMEM without memory. */
value_ref specification_owner(const struct specification_context *context,
                              const struct operation *op);

/* Queues and stack: whether it puts an element in; whether the answer is that there was none. */
bool specification_adds(const struct operation *op);
bool specification_found_nothing(const struct specification_context *context, value_ref answer);

/* Counter: by how much it changes; false if the argument is no integer. The new value, if it was
 * answered: an answer that repeats the argument, as Jepsen's clients give it, is none. */
bool specification_amount(const struct specification_context *context, const struct operation *op,
                          int64_t *out);
bool specification_new_value(const struct specification_context *context,
                             const struct operation *op, int64_t *out);

#endif
