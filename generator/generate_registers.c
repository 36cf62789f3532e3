/* register and cas-register, and their lies.
 *
 * All anomalies use values that nothing else in the history writes, S and then T, so that whatever
 * overlaps and whatever crashed cannot have written them:
 *
 *   stale-read    write S, write T, read -> S, one after another. S was written once, before T; the
 *                 read began after T's write was acknowledged.
 *   lost-write    the same, but T is acknowledged and never written: reads give S until somebody
 *                 else writes. Certain for the same reason.
 *   phantom-read  read -> S, which nobody writes.
 *   aborted-read  write S fails, read -> S: its only writer did not happen.
 *   future-read   read -> S completes before write S, the only one, begins.
 *   double-cas    write S, cas S -> T and cas S -> U both succeed: after the first, S never comes
 *                 back. */
#include "generator/generate_object.h"

struct register_object {
    struct generate_object base;
    bool is_set;
    int64_t value;
    int64_t first; /* the script's S */
};

static struct register_object *as_register(struct generate_object *object)
{
    return (struct register_object *)(void *)object;
}

static void set_cas(struct generate_call *call, int64_t expected, int64_t wanted)
{
    call->f = F_CAS;
    call->argument_items[0] = value_int(expected);
    call->argument_items[1] = value_int(wanted);
    call->argument = value_items(VALUE_LIST, call->argument_items, 2);
}

static void set_write(struct generate_call *call, int64_t value)
{
    call->f = F_WRITE;
    call->argument = value_int(value);
}

static void invoke_register(struct generate_object *object, struct generate_call *call)
{
    if (generate_reads(object, 0.5)) {
        call->f = F_READ;
        call->argument = value_nil();
    } else {
        set_write(call, generate_value(object));
    }
}

/* With few values any; else often the one that is there, so that some succeed. */
static int64_t expected_value(struct generate_object *object)
{
    struct register_object *self = as_register(object);
    if (object->options->values == 0 && self->is_set && random_below(object->random, 4) != 0)
        return self->value;
    return generate_earlier(object);
}

static void invoke_cas_register(struct generate_object *object, struct generate_call *call)
{
    if (generate_reads(object, 1.0 / 3)) {
        call->f = F_READ;
        call->argument = value_nil();
    } else if (random_below(object->random, 2) == 0) {
        set_write(call, generate_value(object));
    } else {
        int64_t expected = expected_value(object);
        set_cas(call, expected, generate_value(object));
        call->never_fails = true; /* some hold that a failed cas saw another value */
    }
}

static enum generate_end apply(struct generate_object *object, struct generate_call *call)
{
    struct register_object *self = as_register(object);
    call->result = call->argument;
    if (call->f == F_READ) {
        call->result = self->is_set ? value_int(self->value) : value_nil();
    } else if (call->f == F_WRITE) {
        self->is_set = true;
        self->value = call->argument.integer;
    } else {
        if (!self->is_set || self->value != call->argument_items[0].integer)
            return GENERATE_REFUSED;
        self->value = call->argument_items[1].integer;
    }
    return GENERATE_APPLIED;
}

static void forge_read(struct generate_call *call, int64_t value)
{
    call->f = F_READ;
    call->argument = value_nil();
    call->result = value_int(value);
    call->mode = GENERATE_FORGED;
}

static bool script_stale(struct register_object *self, bool lose, uint32_t step,
                         struct generate_call *call)
{
    if (step == 0) {
        self->first = generate_secret(&self->base);
        set_write(call, self->first);
    } else if (step == 1) {
        set_write(call, generate_secret(&self->base));
        call->result = call->argument;
        call->mode = lose ? GENERATE_FORGED : GENERATE_TRUE;
    } else if (step == 2) {
        forge_read(call, self->first);
    } else {
        return false;
    }
    return true;
}

static bool script_double_cas(struct register_object *self, uint32_t step,
                              struct generate_call *call)
{
    if (step == 0) {
        self->first = generate_secret(&self->base);
        set_write(call, self->first);
    } else if (step < 3) {
        set_cas(call, self->first, generate_secret(&self->base));
        call->result = call->argument;
        call->mode = step == 1 ? GENERATE_TRUE : GENERATE_FORGED;
    } else {
        return false;
    }
    return true;
}

/* A read of a value, and its write before it (failed) or after it. */
static bool script_read_and_write(struct register_object *self, const char *anomaly, uint32_t step,
                                  struct generate_call *call)
{
    bool aborted = generate_is(anomaly, "aborted");
    bool future = generate_is(anomaly, "future");
    if (step == 0)
        self->first = generate_secret(&self->base);
    if (step == (aborted ? 1u : 0u)) {
        forge_read(call, self->first);
        return true;
    }
    if (step > 1 || !(aborted || future))
        return false;
    set_write(call, self->first);
    call->mode = aborted ? GENERATE_FAILED : GENERATE_TRUE;
    return true;
}

static bool script(struct generate_object *object, const char *anomaly, uint32_t step,
                   struct generate_call *call)
{
    struct register_object *self = as_register(object);
    if (generate_is(anomaly, "stale") || generate_is(anomaly, "lost"))
        return script_stale(self, generate_is(anomaly, "lost"), step, call);
    if (generate_is(anomaly, "double"))
        return script_double_cas(self, step, call);
    return script_read_and_write(self, anomaly, step, call);
}

static const char *const register_anomalies[] = {"stale-read",   "lost-write",  "phantom-read",
                                                 "aborted-read", "future-read", NULL};
static const char *const cas_anomalies[] = {
    "stale-read", "lost-write", "phantom-read", "aborted-read", "future-read", "double-cas", NULL};

const struct generate_model generate_register = {
    .name = "register",
    .anomalies = register_anomalies,
    .object_size = sizeof(struct register_object),
    .invoke = invoke_register,
    .apply = apply,
    .script = script,
};

const struct generate_model generate_cas_register = {
    .name = "cas-register",
    .anomalies = cas_anomalies,
    .object_size = sizeof(struct register_object),
    .invoke = invoke_cas_register,
    .apply = apply,
    .script = script,
};
