/* The objects behind Jepsen's bank, long-fork, sequential and monotonic, and their lies. Of the
 * many rows of long-fork and sequential only the last are remembered: an operation on one that is
 * forgotten fails.
 *
 *   wrong-total       bank: a read whose balances do not add up.
 *   negative-balance  bank: an account is overdrawn, and read.
 *   long-fork         two rows are written, and each is read without the other.
 *   missing-prefix    sequential: a later subkey is read, and an earlier one is not there.
 *   lost-add          monotonic: a row is acknowledged and is not read at the end.
 *   double-add        monotonic: a row is read twice.
 *   reordered-values  monotonic: two rows are read, the later one with the smaller value. */
#include "generator/generate_object.h"

#include <stdio.h>
#include <stdlib.h>

static struct value keyword(const char *text, size_t length)
{
    return value_text(VALUE_KEYWORD, text, length);
}

static void set_read(struct generate_call *call)
{
    call->f = F_READ;
    call->argument = value_nil();
}

/* --- bank --- */

enum { ACCOUNTS = 8, TOTAL = 100, TRANSFER_MAX = 5 };

struct bank {
    struct generate_object base;
    int64_t balances[ACCOUNTS];
};

static struct bank *as_bank(struct generate_object *object)
{
    return (struct bank *)(void *)object;
}

static bool begin_bank(struct generate_object *object)
{
    as_bank(object)->balances[0] = TOTAL;
    return true;
}

static void invoke_bank(struct generate_object *object, struct generate_call *call)
{
    if (generate_reads(object, 0.5)) {
        set_read(call);
        return;
    }
    int64_t from = (int64_t)random_below(object->random, ACCOUNTS);
    int64_t to = (from + 1 + (int64_t)random_below(object->random, ACCOUNTS - 1)) % ACCOUNTS;
    struct value *items = call->argument_items;
    items[0] = keyword("from", 4);
    items[1] = value_int(from);
    items[2] = keyword("to", 2);
    items[3] = value_int(to);
    items[4] = keyword("amount", 6);
    items[5] = value_int(random_between(object->random, 1, TRANSFER_MAX));
    call->f = F_TRANSFER;
    call->argument = value_items(VALUE_MAP, items, 6);
}

static void give_balances(const struct bank *self, struct generate_call *call)
{
    for (uint32_t i = 0; i < ACCOUNTS; i++) {
        call->result_items[2 * i] = value_int(i);
        call->result_items[2 * i + 1] = value_int(self->balances[i]);
    }
    call->result = value_items(VALUE_MAP, call->result_items, 2 * ACCOUNTS);
}

static enum generate_end apply_bank(struct generate_object *object, struct generate_call *call)
{
    struct bank *self = as_bank(object);
    if (call->f == F_READ) {
        give_balances(self, call);
        return GENERATE_APPLIED;
    }
    int64_t *from = &self->balances[call->argument_items[1].integer];
    int64_t *to = &self->balances[call->argument_items[3].integer];
    int64_t amount = call->argument_items[5].integer;
    call->result = call->argument;
    if (*from < amount)
        return GENERATE_REFUSED;
    *from -= amount;
    *to += amount;
    return GENERATE_APPLIED;
}

static bool script_bank(struct generate_object *object, const char *anomaly, uint32_t step,
                        struct generate_call *call)
{
    struct bank *self = as_bank(object);
    set_read(call);
    call->mode = GENERATE_FORGED;
    int64_t overdraft = self->balances[0] + 1;
    if (generate_is(anomaly, "negative") && step == 0) {
        self->balances[0] -= overdraft;
        self->balances[1] += overdraft;
    }
    give_balances(self, call);
    if (generate_is(anomaly, "wrong"))
        call->result_items[1].integer++;
    return step == 0;
}

static const char *const bank_anomalies[] = {"wrong-total", "negative-balance", NULL};

const struct generate_model generate_bank = {
    .name = "bank",
    .anomalies = bank_anomalies,
    .object_size = sizeof(struct bank),
    .begin = begin_bank,
    .invoke = invoke_bank,
    .apply = apply_bank,
    .script = script_bank,
};

/* --- rows of which the last are remembered --- */

enum { REMEMBERED = 64, RECENT = 8 };

struct row {
    int64_t name;
    uint32_t progress; /* long-fork: a bit for each of its keys; sequential: subkeys written */
};

struct rows {
    struct generate_object base;
    struct row last[REMEMBERED];
    int64_t next; /* the name of the next row */
    int64_t half; /* long-fork: a key of a row whose other key was written; -1 if none */
};

static struct rows *as_rows(struct generate_object *object)
{
    return (struct rows *)(void *)object;
}

static bool begin_rows(struct generate_object *object)
{
    as_rows(object)->half = -1;
    return true;
}

static int64_t new_row(struct rows *self)
{
    self->last[self->next % REMEMBERED] = (struct row){.name = self->next};
    return self->next++;
}

static struct row *find_row(struct rows *self, int64_t name)
{
    struct row *row = &self->last[name % REMEMBERED];
    return row->name == name ? row : NULL;
}

static int64_t recent_row(struct rows *self)
{
    int64_t among = self->next < RECENT ? self->next : RECENT;
    return self->next - 1 - (int64_t)random_below(self->base.random, (uint64_t)among);
}

/* --- long-fork: rows of two keys, each written once --- */

static void set_micro(struct value *items, uint32_t at, const char *kind, int64_t key,
                      struct value value)
{
    struct value *part = items + 2 + 3 * at;
    part[0] = keyword(kind, 1);
    part[1] = value_int(key);
    part[2] = value;
    items[at] = value_items(VALUE_LIST, part, 3);
}

static void set_fork_write(struct generate_call *call, int64_t key)
{
    set_micro(call->argument_items, 0, "w", key, value_int(1));
    call->f = F_TXN;
    call->argument = value_items(VALUE_LIST, call->argument_items, 1);
}

/* Reads both keys of a row, in any order. */
static void set_fork_read(struct rows *self, struct generate_call *call, int64_t row)
{
    int64_t first = 2 * row + (int64_t)random_below(self->base.random, 2);
    set_micro(call->argument_items, 0, "r", first, value_nil());
    set_micro(call->argument_items, 1, "r", first ^ 1, value_nil());
    call->f = F_TXN;
    call->argument = value_items(VALUE_LIST, call->argument_items, 2);
}

static void invoke_fork(struct generate_object *object, struct generate_call *call)
{
    struct rows *self = as_rows(object);
    if (self->next > 0 && generate_reads(object, 0.6)) {
        set_fork_read(self, call, recent_row(self));
    } else if (self->half >= 0) {
        set_fork_write(call, self->half);
        self->half = -1;
    } else {
        int64_t key = 2 * new_row(self) + (int64_t)random_below(object->random, 2);
        self->half = key ^ 1;
        set_fork_write(call, key);
    }
}

static void give_fork(struct generate_call *call, uint32_t written)
{
    for (uint32_t i = 0; i < 2; i++) {
        int64_t key = call->argument_items[2 + 3 * i + 1].integer;
        bool there = written & (1u << (key & 1));
        set_micro(call->result_items, i, "r", key, there ? value_int(1) : value_nil());
    }
    call->result = value_items(VALUE_LIST, call->result_items, 2);
}

static enum generate_end apply_fork(struct generate_object *object, struct generate_call *call)
{
    int64_t key = call->argument_items[2 + 1].integer;
    struct row *row = find_row(as_rows(object), key / 2);
    call->result = call->argument;
    if (!row)
        return GENERATE_REFUSED;
    if (call->argument.count == 1)
        row->progress |= 1u << (key & 1);
    else
        give_fork(call, row->progress);
    return GENERATE_APPLIED;
}

static bool script_fork(struct generate_object *object, const char *anomaly, uint32_t step,
                        struct generate_call *call)
{
    struct rows *self = as_rows(object);
    (void)anomaly;
    if (step == 0)
        object->script_state = (uint32_t)new_row(self);
    int64_t row = object->script_state;
    if (step < 2) {
        set_fork_write(call, 2 * row + step);
        return true;
    }
    set_fork_read(self, call, row);
    give_fork(call, step == 2 ? 1 : 2);
    call->mode = GENERATE_FORGED;
    return step < 4;
}

static const char *const fork_anomalies[] = {"long-fork", NULL};

const struct generate_model generate_long_fork = {
    .name = "long-fork",
    .anomalies = fork_anomalies,
    .object_size = sizeof(struct rows),
    .begin = begin_rows,
    .invoke = invoke_fork,
    .apply = apply_fork,
    .script = script_fork,
};

/* --- sequential: a write makes subkeys one after another --- */

enum { SUBKEYS = 5, SUBKEY_TEXT = 24 };

static void invoke_sequential(struct generate_object *object, struct generate_call *call)
{
    struct rows *self = as_rows(object);
    bool reads = self->next > 0 && generate_reads(object, 0.5);
    call->f = reads ? F_READ : F_WRITE;
    call->argument = value_int(reads ? recent_row(self) : new_row(self));
}

/* [name [last subkey ... first subkey]], nil for those that are not there. */
static void give_subkeys(struct generate_call *call, uint32_t from, uint32_t to)
{
    int64_t name = call->argument.integer;
    for (uint32_t i = 0; i < SUBKEYS; i++) {
        char *text = call->text + i * SUBKEY_TEXT;
        int length = snprintf(text, SUBKEY_TEXT, "%lld_%u", (long long)name, i);
        call->result_items[2 + SUBKEYS - 1 - i] =
            i >= from && i < to ? value_text(VALUE_STRING, text, (size_t)length) : value_nil();
    }
    call->result_items[0] = value_int(name);
    call->result_items[1] = value_items(VALUE_LIST, call->result_items + 2, SUBKEYS);
    call->result = value_items(VALUE_LIST, call->result_items, 2);
}

static enum generate_end apply_sequential(struct generate_object *object,
                                          struct generate_call *call)
{
    struct row *row = find_row(as_rows(object), call->argument.integer);
    call->result = call->argument;
    if (!row)
        return GENERATE_REFUSED;
    if (call->f == F_READ) {
        give_subkeys(call, 0, row->progress);
        return GENERATE_APPLIED;
    }
    row->progress++;
    return row->progress < SUBKEYS ? GENERATE_BLOCKED : GENERATE_APPLIED;
}

static bool script_sequential(struct generate_object *object, const char *anomaly, uint32_t step,
                              struct generate_call *call)
{
    struct rows *self = as_rows(object);
    (void)anomaly;
    if (step == 0) {
        object->script_state = (uint32_t)new_row(self);
        find_row(self, object->script_state)->progress = SUBKEYS;
    }
    call->f = step == 0 ? F_WRITE : F_READ;
    call->argument = value_int(object->script_state);
    call->result = call->argument;
    call->mode = GENERATE_FORGED;
    if (step == 1)
        give_subkeys(call, 1, SUBKEYS);
    return step < 2;
}

static const char *const sequential_anomalies[] = {"missing-prefix", NULL};

const struct generate_model generate_sequential = {
    .name = "sequential",
    .anomalies = sequential_anomalies,
    .object_size = sizeof(struct rows),
    .begin = begin_rows,
    .invoke = invoke_sequential,
    .apply = apply_sequential,
    .script = script_sequential,
};

/* --- monotonic --- */

enum { ROW_ITEMS = 10, TABLES = 2, NODES = 5 };

struct monotonic_row {
    int64_t val, sts;
    uint32_t client;
};

struct monotonic {
    struct generate_object base;
    struct monotonic_row *rows; /* 24 bytes for each add */
    uint32_t count, capacity;
    int64_t last_val, last_sts;
    struct value *read;
};

static struct monotonic *as_monotonic(struct generate_object *object)
{
    return (struct monotonic *)(void *)object;
}

static void end_monotonic(struct generate_object *object)
{
    free(as_monotonic(object)->rows);
    free(as_monotonic(object)->read);
}

static void invoke_monotonic(struct generate_object *object, struct generate_call *call)
{
    (void)object;
    call->f = F_ADD;
    call->argument = value_nil();
}

static struct monotonic_row next_row(struct monotonic *self, uint32_t client)
{
    self->last_sts += 1 + (int64_t)random_below(self->base.random, 1000);
    return (struct monotonic_row){.val = ++self->last_val, .sts = self->last_sts, .client = client};
}

static bool keep_row(struct monotonic *self, struct monotonic_row row)
{
    if (self->count == self->capacity) {
        uint32_t capacity = self->capacity ? 2 * self->capacity : 256;
        struct monotonic_row *rows = realloc(self->rows, capacity * sizeof *rows);
        if (!rows)
            return false;
        self->rows = rows;
        self->capacity = capacity;
    }
    self->rows[self->count++] = row;
    return true;
}

static struct value give_row(struct value *items, const struct monotonic_row *row)
{
    items[0] = keyword("val", 3);
    items[1] = value_int(row->val);
    items[2] = keyword("sts", 3);
    items[3] = value_int(row->sts);
    items[4] = keyword("proc", 4);
    items[5] = value_int(row->client);
    items[6] = keyword("node", 4);
    items[7] = value_int(row->client % NODES);
    items[8] = keyword("tb", 2);
    items[9] = value_int(row->client % TABLES);
    return value_items(VALUE_MAP, items, ROW_ITEMS);
}

static enum generate_end read_rows(struct monotonic *self, struct generate_call *call)
{
    free(self->read);
    self->read = calloc((size_t)self->count * (ROW_ITEMS + 1) + 1, sizeof *self->read);
    if (!self->read)
        return GENERATE_NOMEM;
    for (uint32_t i = 0; i < self->count; i++)
        self->read[i] = give_row(self->read + self->count + (size_t)i * ROW_ITEMS, &self->rows[i]);
    call->result = value_items(VALUE_LIST, self->read, self->count);
    return GENERATE_APPLIED;
}

static enum generate_end apply_monotonic(struct generate_object *object, struct generate_call *call)
{
    struct monotonic *self = as_monotonic(object);
    if (call->f == F_READ)
        return read_rows(self, call);
    struct monotonic_row row = next_row(self, call->client);
    call->result = give_row(call->result_items, &row);
    return keep_row(self, row) ? GENERATE_APPLIED : GENERATE_NOMEM;
}

static bool finish_monotonic(struct generate_object *object, uint32_t step,
                             struct generate_call *call)
{
    (void)object;
    set_read(call);
    return step == 0;
}

static bool script_monotonic(struct generate_object *object, const char *anomaly, uint32_t step,
                             struct generate_call *call)
{
    struct monotonic *self = as_monotonic(object);
    bool lost = generate_is(anomaly, "lost"), reordered = generate_is(anomaly, "reordered");
    uint32_t adds = reordered ? 2 : 1;
    invoke_monotonic(object, call);
    if (lost && step == 0) {
        struct monotonic_row row = next_row(self, call->client);
        call->result = give_row(call->result_items, &row);
        call->mode = GENERATE_FORGED;
    }
    if (step == adds && reordered) {
        struct monotonic_row *last = &self->rows[self->count - 1];
        int64_t val = last[0].val;
        last[0].val = last[-1].val;
        last[-1].val = val;
    } else if (step == adds && !lost) {
        object->no_memory = !keep_row(self, self->rows[self->count - 1]);
    }
    return step < adds;
}

static const char *const monotonic_anomalies[] = {"lost-add", "double-add", "reordered-values",
                                                  NULL};

const struct generate_model generate_monotonic = {
    .name = "monotonic",
    .anomalies = monotonic_anomalies,
    .object_size = sizeof(struct monotonic),
    .end = end_monotonic,
    .invoke = invoke_monotonic,
    .apply = apply_monotonic,
    .script = script_monotonic,
    .finish = finish_monotonic,
};
