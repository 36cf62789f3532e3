/* multi-register and kv, and their lies.
 *
 * multi-register: transactions of one to three reads and writes of three registers, 0, 1 and 2.
 * Values S and T are written by nobody else.
 *
 *   stale-read      [w 0 S], [w 0 T], [r 0 S]: as the register's.
 *   fractured-read  [w 0 S, w 1 S], [w 0 T, w 1 T], [r 0 T, r 1 S]: the second took place after the
 *                   first, and S never comes back.
 *   phantom-read    [r 0 S], which nobody writes.
 *
 * kv: texts are made of words <7>, which are put now and then and appended otherwise. The words of
 * an anomaly occur nowhere else.
 *
 *   stale-read        put <S>, append <T>, get -> <S>: only that put makes exactly this text.
 *   lost-append       the same, and <T> is never there.
 *   reordered-append  put <S>, append <T>, append <U>, get -> <S><U><T>: nothing else holds them.
 *   phantom-get       get -> <S>, which nobody puts. */
#include "generator/generate_object.h"

#include <stdio.h>
#include <string.h>

/* --- multi-register --- */

enum { REGISTERS = 3, PARTS_MAX = 3, PART_ITEMS = 3 };

struct multi_register {
    struct generate_object base;
    struct value values[REGISTERS]; /* nil before the first write */
    int64_t first, second;
};

static struct multi_register *as_multi(struct generate_object *object)
{
    return (struct multi_register *)(void *)object;
}

/* The parts of a list lie behind its items. */
static struct value *part_of(struct value *items, uint32_t part)
{
    return items + PARTS_MAX + part * PART_ITEMS;
}

static void set_part(struct value *items, uint32_t part, const char *kind, int64_t name,
                     struct value value)
{
    struct value *at = part_of(items, part);
    at[0] = value_text(VALUE_KEYWORD, kind, 1);
    at[1] = value_int(name);
    at[2] = value;
    items[part] = value_items(VALUE_LIST, at, PART_ITEMS);
}

static void set_transaction(struct generate_call *call, uint32_t parts)
{
    call->f = F_TXN;
    call->argument = value_items(VALUE_LIST, call->argument_items, parts);
}

static void invoke_multi(struct generate_object *object, struct generate_call *call)
{
    uint32_t parts = 1 + (uint32_t)random_below(object->random, PARTS_MAX);
    for (uint32_t i = 0; i < parts; i++) {
        int64_t name = (int64_t)random_below(object->random, REGISTERS);
        if (generate_reads(object, 0.5))
            set_part(call->argument_items, i, "r", name, value_nil());
        else
            set_part(call->argument_items, i, "w", name, value_int(generate_value(object)));
    }
    set_transaction(call, parts);
}

static enum generate_end apply_multi(struct generate_object *object, struct generate_call *call)
{
    struct multi_register *self = as_multi(object);
    for (uint32_t i = 0; i < call->argument.count; i++) {
        const struct value *part = part_of(call->argument_items, i);
        struct value *there = &self->values[part[1].integer];
        bool writes = part[0].text[0] == 'w';
        if (writes)
            *there = part[2];
        set_part(call->result_items, i, writes ? "w" : "r", part[1].integer, *there);
    }
    call->result = value_items(VALUE_LIST, call->result_items, call->argument.count);
    return GENERATE_APPLIED;
}

/* Writes one value to the first registers. */
static void script_write(struct generate_call *call, uint32_t registers, int64_t value)
{
    for (uint32_t i = 0; i < registers; i++)
        set_part(call->argument_items, i, "w", i, value_int(value));
    set_transaction(call, registers);
}

static void script_read(struct generate_call *call, uint32_t registers, const int64_t *values)
{
    for (uint32_t i = 0; i < registers; i++) {
        set_part(call->argument_items, i, "r", i, value_nil());
        set_part(call->result_items, i, "r", i, value_int(values[i]));
    }
    set_transaction(call, registers);
    call->result = value_items(VALUE_LIST, call->result_items, registers);
    call->mode = GENERATE_FORGED;
}

static bool script_multi(struct generate_object *object, const char *anomaly, uint32_t step,
                         struct generate_call *call)
{
    struct multi_register *self = as_multi(object);
    bool fractured = generate_is(anomaly, "fractured"), phantom = generate_is(anomaly, "phantom");
    uint32_t registers = fractured ? 2 : 1;
    if (step == 0)
        self->first = generate_secret(object);
    if (step == (phantom ? 0u : 2u)) {
        int64_t values[2] = {fractured ? self->second : self->first, self->first};
        script_read(call, registers, values);
        return true;
    }
    if (step == 1)
        self->second = generate_secret(object);
    script_write(call, registers, step == 0 ? self->first : self->second);
    return !phantom && step < 2;
}

static const char *const multi_anomalies[] = {"stale-read", "fractured-read", "phantom-read", NULL};

const struct generate_model generate_multi_register = {
    .name = "multi-register",
    .anomalies = multi_anomalies,
    .object_size = sizeof(struct multi_register),
    .invoke = invoke_multi,
    .apply = apply_multi,
    .script = script_multi,
};

/* --- kv --- */

enum { TEXT_MAX = GENERATE_TEXT - 2, WORD_MAX = 24, WORDS_MAX = 3 };

struct kv {
    struct generate_object base;
    char text[GENERATE_TEXT];
    size_t length;
    int64_t words[WORDS_MAX]; /* the script's S, T and U */
};

static struct kv *as_kv(struct generate_object *object)
{
    return (struct kv *)(void *)object;
}

static struct value make_word(char *at, int64_t number)
{
    int length = snprintf(at, WORD_MAX, "<%lld>", (long long)number);
    return value_text(VALUE_STRING, at, (size_t)length);
}

static void set_word(struct generate_call *call, symbol f, int64_t number)
{
    call->f = f;
    call->argument = make_word(call->argument_text, number);
}

static void set_get(struct generate_call *call)
{
    call->f = F_GET;
    call->argument = value_nil();
}

static void invoke_kv(struct generate_object *object, struct generate_call *call)
{
    struct kv *self = as_kv(object);
    if (generate_reads(object, 0.4))
        set_get(call);
    else if (self->length > 40 || random_below(object->random, 8) == 0)
        set_word(call, F_PUT, generate_value(object));
    else
        set_word(call, F_APPEND, generate_value(object));
}

/* An append to a text that is full is refused. */
static enum generate_end apply_kv(struct generate_object *object, struct generate_call *call)
{
    struct kv *self = as_kv(object);
    call->result = call->argument;
    if (call->f == F_GET) {
        memcpy(call->text, self->text, self->length + 1);
        call->result = value_text(VALUE_STRING, call->text, self->length);
        return GENERATE_APPLIED;
    }
    size_t start = call->f == F_PUT ? 0 : self->length;
    if (start + call->argument.count > TEXT_MAX)
        return GENERATE_REFUSED;
    memcpy(self->text + start, call->argument.text, call->argument.count + 1);
    self->length = start + call->argument.count;
    return GENERATE_APPLIED;
}

static void forge_get(struct generate_call *call, const int64_t *words, uint32_t count)
{
    size_t length = 0;
    for (uint32_t i = 0; i < count; i++)
        length += make_word(call->text + length, words[i]).count;
    set_get(call);
    call->result = value_text(VALUE_STRING, call->text, length);
    call->mode = GENERATE_FORGED;
}

static bool script_kv(struct generate_object *object, const char *anomaly, uint32_t step,
                      struct generate_call *call)
{
    struct kv *self = as_kv(object);
    bool reordered = generate_is(anomaly, "reordered"), phantom = generate_is(anomaly, "phantom");
    uint32_t updates = phantom ? 0 : reordered ? 3 : 2;
    if (step > updates)
        return false;
    if (step < WORDS_MAX)
        self->words[step] = generate_secret(object);
    if (step == updates) {
        const int64_t swapped[WORDS_MAX] = {self->words[0], self->words[2], self->words[1]};
        forge_get(call, reordered ? swapped : self->words, reordered ? 3 : 1);
        return true;
    }
    set_word(call, step == 0 ? F_PUT : F_APPEND, self->words[step]);
    call->result = call->argument;
    if (step == 1 && generate_is(anomaly, "lost"))
        call->mode = GENERATE_FORGED;
    return true;
}

static const char *const kv_anomalies[] = {"stale-read", "lost-append", "reordered-append",
                                           "phantom-get", NULL};

const struct generate_model generate_kv = {
    .name = "kv",
    .anomalies = kv_anomalies,
    .object_size = sizeof(struct kv),
    .invoke = invoke_kv,
    .apply = apply_kv,
    .script = script_kv,
};
