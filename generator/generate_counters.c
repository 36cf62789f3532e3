/* linear-counter, and Jepsen's counter and unique-ids, and their lies.
 *
 * Steps are of one where values is 0, else of 1 to values; only linear-counter has decrements, and
 * only where steps are not of one.
 *
 * All clients are at rest for an anomaly, so that what did not crash is acknowledged.
 *
 *   lost-add     a read gives less than what was acknowledged, even if everything that was ever
 *                subtracted, crashed or not, had happened.
 *   phantom-add  a read gives more than everything that was ever added makes, crashed or not, even
 *                if only what was acknowledged had been subtracted.
 *   duplicate-id one id is given out twice. */
#include "generator/generate_object.h"

struct counter {
    struct generate_object base;
    bool subtracts;
    int64_t value;
    int64_t added, subtracted;               /* by what took effect and does not crash */
    int64_t may_be_added, may_be_subtracted; /* by all that was invoked */
};

static struct counter *as_counter(struct generate_object *object)
{
    return (struct counter *)(void *)object;
}

static bool begin_linear(struct generate_object *object)
{
    as_counter(object)->subtracts = object->options->values > 0;
    return true;
}

static int64_t step_size(struct counter *self)
{
    return self->base.options->values ? generate_value(&self->base) : 1;
}

static void invoke(struct generate_object *object, struct generate_call *call)
{
    struct counter *self = as_counter(object);
    if (generate_reads(object, 0.5)) {
        call->f = F_READ;
        call->argument = value_nil();
        return;
    }
    int64_t size = step_size(self);
    call->f = self->subtracts && random_below(object->random, 2) == 0 ? F_DECREMENT : F_ADD;
    call->argument = value_int(size);
    *(call->f == F_ADD ? &self->may_be_added : &self->may_be_subtracted) += size;
}

static enum generate_end apply(struct generate_object *object, struct generate_call *call)
{
    struct counter *self = as_counter(object);
    call->result = call->argument;
    if (call->f == F_READ) {
        call->result = value_int(self->value);
        return GENERATE_APPLIED;
    }
    int64_t size = call->argument.integer;
    self->value += call->f == F_ADD ? size : -size;
    if (!call->crashes)
        *(call->f == F_ADD ? &self->added : &self->subtracted) += size;
    return GENERATE_APPLIED;
}

static bool script(struct generate_object *object, const char *anomaly, uint32_t step,
                   struct generate_call *call)
{
    struct counter *self = as_counter(object);
    int64_t low = self->added - self->may_be_subtracted;
    int64_t high = self->may_be_added - self->subtracted;
    call->f = F_READ;
    call->argument = value_nil();
    call->result = value_int(generate_is(anomaly, "lost") ? low - 1 : high + 1);
    call->mode = GENERATE_FORGED;
    return step == 0;
}

static const char *const anomalies[] = {"lost-add", "phantom-add", NULL};

const struct generate_model generate_linear_counter = {
    .name = "linear-counter",
    .anomalies = anomalies,
    .object_size = sizeof(struct counter),
    .begin = begin_linear,
    .invoke = invoke,
    .apply = apply,
    .script = script,
    .script_needs_rest = true,
};
const struct generate_model generate_counter = {
    .name = "counter",
    .anomalies = anomalies,
    .object_size = sizeof(struct counter),
    .invoke = invoke,
    .apply = apply,
    .script = script,
    .script_needs_rest = true,
};

/* --- unique-ids --- */

struct ids {
    struct generate_object base;
    int64_t secret;
};

static void invoke_ids(struct generate_object *object, struct generate_call *call)
{
    (void)object;
    call->f = F_GENERATE;
    call->argument = value_nil();
}

static enum generate_end apply_ids(struct generate_object *object, struct generate_call *call)
{
    call->result = value_int(generate_fresh(object));
    return GENERATE_APPLIED;
}

static bool script_ids(struct generate_object *object, const char *anomaly, uint32_t step,
                       struct generate_call *call)
{
    struct ids *self = (struct ids *)(void *)object;
    (void)anomaly;
    if (step == 0)
        self->secret = generate_secret(object);
    invoke_ids(object, call);
    call->result = value_int(self->secret);
    call->mode = GENERATE_FORGED;
    return step < 2;
}

static const char *const ids_anomalies[] = {"duplicate-id", NULL};

const struct generate_model generate_unique_ids = {
    .name = "unique-ids",
    .anomalies = ids_anomalies,
    .object_size = sizeof(struct ids),
    .invoke = invoke_ids,
    .apply = apply_ids,
    .script = script_ids,
};
