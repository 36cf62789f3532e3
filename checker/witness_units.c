#include "checker/witness_units.h"

#include "checker/budget.h"
#include "core/err.h"

static bool is_container(const struct model *model)
{
    return model == &model_fifo_queue || model == &model_unordered_queue ||
           model == &model_priority_queue || model == &model_stack || model == &model_linear_set;
}

static bool is_owned(const struct model *model)
{
    return model == &model_owned_mutex || model == &model_reentrant_mutex;
}

/* The element or owner that an operation is on; false if it is on none that is known. */
static bool find_subject(const struct model *model, const struct operation *op, value_ref *subject)
{
    symbol f = symbol_canonical(op->f);
    bool takes = f == F_DEQUEUE || f == F_POP;
    *subject = takes ? op->result : op->argument;
    if (is_container(model))
        return !takes || op->outcome == OP_OK;
    if (!is_owned(model))
        return false;
    if (op->argument == VALUE_REF_NIL) {
        if (!value_ref_holds_int(op->process))
            return false;
        *subject = value_ref_int(op->process);
    }
    return true;
}

/* Of a call that is not pure. UNIT_STAYS if it is on nothing that is known, or memory ran out,
 * which *rc then says. */
static uint32_t unit_of(struct value_numbers *subjects, const struct model *model,
                        const struct operation *op, int *rc)
{
    value_ref subject;
    if (!find_subject(model, op, &subject))
        return UNIT_STAYS;
    int32_t number = value_numbers_add(subjects, subject);
    if (number < 0) {
        *rc = ERR_NOMEM;
        return UNIT_STAYS;
    }
    return (uint32_t)number - 1;
}

/* Whether it can go without any other: what only observes - but an element is left out of a set
 * together with all that is said about it. */
static bool is_alone(const struct model *model, const struct call *call)
{
    return call->endless || !call->op.opaque || (call->op.pure && model != &model_linear_set);
}

/* Numbers of subjects come first, then those of calls alone. */
static int find_units(struct value_numbers *subjects, const struct calls *calls,
                      const struct object *object, const struct model *model, uint32_t *unit,
                      uint32_t *count)
{
    int rc = 0;
    for (uint32_t i = 0; i < calls->count && rc == 0; i++) {
        const struct call *call = &calls->calls[i];
        bool alone = is_alone(model, call);
        unit[i] = alone ? 0 : unit_of(subjects, model, &object->ops[call->number], &rc);
    }
    *count = subjects->count - 1;
    for (uint32_t i = 0; i < calls->count && rc == 0; i++)
        if (is_alone(model, &calls->calls[i]))
            unit[i] = (*count)++;
    return rc;
}

static void let_stay(const struct calls *calls, uint32_t failing, uint32_t *unit)
{
    uint32_t kept = UNIT_STAYS;
    for (uint32_t i = 0; i < calls->count; i++)
        if (calls->calls[i].number == failing)
            kept = unit[i];
    for (uint32_t i = 0; i < calls->count; i++)
        if (unit[i] == kept || calls->calls[i].endless)
            unit[i] = UNIT_STAYS;
}

int witness_units(const struct calls *calls, const struct object *object, const struct model *model,
                  uint32_t failing, uint32_t *unit, uint32_t *count)
{
    struct value_numbers subjects;
    value_numbers_init(&subjects, calls->budget);
    int rc = find_units(&subjects, calls, object, model, unit, count);
    value_numbers_fini(&subjects);
    if (rc == 0)
        let_stay(calls, failing, unit);
    return rc;
}
