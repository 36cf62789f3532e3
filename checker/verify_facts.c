#include "checker/budget.h"
#include "checker/specification_common.h"
#include "checker/verify_reduction.h"

#include <stdlib.h>
#include <string.h>

bool verify_model_is(const struct verify_input *input, const char *model)
{
    return strcmp(input->specification->model, model) == 0;
}

/* --- facts --- */

bool verify_facts_add(struct verify_facts *facts, uint64_t fact, struct budget *budget)
{
    if (facts->count == facts->capacity) {
        uint32_t capacity = facts->capacity ? facts->capacity * 2 : 16;
        uint64_t *items = budget_resize(budget, facts->items, facts->capacity * sizeof *items,
                                        capacity * sizeof *items);
        if (!items)
            return false;
        facts->items = items;
        facts->capacity = capacity;
    }
    facts->items[facts->count++] = fact;
    return true;
}

static int compare_facts(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return x < y ? -1 : x > y;
}

void verify_facts_sort(struct verify_facts *facts)
{
    uint32_t kept = 0;
    if (facts->count > 0)
        qsort(facts->items, facts->count, sizeof *facts->items, compare_facts);
    for (uint32_t i = 0; i < facts->count; i++)
        if (i == 0 || facts->items[i] != facts->items[i - 1])
            facts->items[kept++] = facts->items[i];
    facts->count = kept;
}

uint32_t verify_facts_place(const struct verify_facts *facts, uint64_t fact)
{
    uint32_t low = 0, high = facts->count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (facts->items[middle] < fact)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

bool verify_facts_have(const struct verify_facts *facts, uint64_t fact)
{
    uint32_t at = verify_facts_place(facts, fact);
    return at < facts->count && facts->items[at] == fact;
}

/* --- what operations are about --- */

/* Whether an earlier part of the operation wrote the register that this one reads. */
static bool reads_its_own(const struct specification_context *words, const struct operation *op,
                          uint32_t index, const struct specification_part *part)
{
    struct specification_part earlier;
    for (uint32_t i = 0; i < index && !part->writes; i++)
        if (specification_part(words, op, i, &earlier) && earlier.writes &&
            earlier.name == part->name)
            return true;
    return false;
}

static bool multi_register_facts(const struct specification_context *words,
                                 const struct operation *op, verify_take_fact *take, void *context)
{
    struct specification_part part;
    for (uint32_t i = 0; i < specification_part_count(words, op); i++) {
        if (!specification_part(words, op, i, &part) || part.name == VALUE_REF_NOMEM ||
            part.value == VALUE_REF_NOMEM)
            return false;
        if (specification_part_speaks(words, op, &part) && !reads_its_own(words, op, i, &part) &&
            !take(context, verify_fact(part.name, part.value), part.writes))
            return false;
    }
    return true;
}

static bool register_facts(const struct specification_context *words, const struct operation *op,
                           verify_take_fact *take, void *context)
{
    value_ref expected, next;
    if (op->f == F_READ)
        return take(context, verify_fact(0, op->result), false);
    if (op->f == F_WRITE)
        return take(context, verify_fact(0, operation_value(op)), true);
    if (!specification_cas(words, op, &expected, &next))
        return false;
    if (op->outcome == OP_FAIL)
        return true;
    return take(context, verify_fact(0, expected), false) &&
           take(context, verify_fact(0, next), true);
}

/* An add or remove without an answer is possible in every state. */
static bool set_facts(const struct value_pool *values, const struct operation *op,
                      verify_take_fact *take, void *context)
{
    bool there = op->f == F_ADD;
    value_ref answer = op->outcome == OP_OK ? op->result : VALUE_REF_NIL;
    if (op->f == F_CONTAINS) {
        value_ref element, flag = op->result;
        value_pool_pair(values, op->result, &element, &flag);
        return take(context, verify_fact(op->argument, flag), false);
    }
    if (answer == VALUE_REF_TRUE || answer == VALUE_REF_FALSE) {
        bool was_there = (answer == VALUE_REF_TRUE) != there;
        value_ref before = was_there ? VALUE_REF_TRUE : VALUE_REF_FALSE;
        if (!take(context, verify_fact(op->argument, before), false))
            return false;
    }
    return take(context, verify_fact(op->argument, there ? VALUE_REF_TRUE : VALUE_REF_FALSE), true);
}

bool verify_state_facts(const struct verify_input *input, const struct operation *op,
                        verify_take_fact *take, void *context)
{
    if (verify_model_is(input, "multi-register"))
        return multi_register_facts(&input->context, op, take, context);
    if (verify_model_is(input, "linear-set"))
        return set_facts(input->context.values, op, take, context);
    if (!verify_model_is(input, "mutex") && !verify_model_is(input, "owned-mutex"))
        return register_facts(&input->context, op, take, context);
    bool acquires = symbol_canonical(op->f) == F_ACQUIRE;
    value_ref holder =
        verify_model_is(input, "mutex") ? VALUE_REF_TRUE : specification_owner(&input->context, op);
    return holder != VALUE_REF_NOMEM &&
           take(context, verify_fact(0, acquires ? VALUE_REF_NIL : holder), false) &&
           take(context, verify_fact(0, acquires ? holder : VALUE_REF_NIL), true);
}

bool verify_subject(const struct verify_input *input, const struct operation *op, uint64_t *out)
{
    value_ref subject = op->argument;
    bool set = verify_model_is(input, "linear-set") || verify_model_is(input, "grow-only-set");
    if (verify_model_is(input, "owned-mutex") || verify_model_is(input, "reentrant-mutex"))
        subject = specification_owner(&input->context, op);
    else if (!set && !specification_adds(op)) {
        if (op->outcome != OP_OK || specification_found_nothing(&input->context, op->result))
            return false;
        subject = op->result;
    } else if (set && op->f == F_READ) {
        return false;
    }
    *out = verify_fact(0, subject);
    return subject != VALUE_REF_NOMEM;
}
