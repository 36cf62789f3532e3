/* Several registers that are read and written together, in transactions.
 *
 * A transaction is compiled into what it needs of each register and what it leaves there, sorted by
 * register, and interned among the states: so transactions that do the same are the same. A state
 * is what the registers never written hold, and then register, value, register, value, ... of the
 * others. A value that nobody reads from its register is not told apart from others like it. */
#include "checker/model_common.h"

enum { TXN, MAY_TXN, IMPOSSIBLE };

enum {
    TXN_START = -3,     /* the first word of a transaction */
    NO_VALUE = 0,       /* in a transaction: none needed, or none written */
    UNREAD = INT32_MAX, /* in a state: some value that nobody reads from this register */
};

/* In a transaction, after the first word: */
struct entry {
    int32_t name, needs, gives;
};

enum { ENTRY_WORDS = sizeof(struct entry) / sizeof(int32_t) };

/* --- parts --- */

/* One read or write of an operation. */
struct part {
    bool writes, speaks;
    int32_t name, value;
};

static bool part_kind(struct value f, bool *writes)
{
    if (f.kind != VALUE_STRING && f.kind != VALUE_KEYWORD)
        return false;
    *writes = strcmp(f.text, "w") == 0 || strcmp(f.text, "write") == 0;
    return *writes || strcmp(f.text, "r") == 0 || strcmp(f.text, "read") == 0;
}

/* 0, ERR_INPUT or ERR_NOMEM. */
static int part_values(struct model_context *context, const struct operation *op, uint32_t index,
                       bool *writes, value_ref *name, value_ref *value)
{
    if (op->f != F_TXN) {
        *writes = op->f == F_WRITE;
        return value_pool_pair(context->pool, operation_value(op), name, value) ? 0 : ERR_INPUT;
    }
    struct value part = value_pool_get(context->pool, operation_value(op)).items[index];
    if (part.kind != VALUE_LIST || part.count != 3 || !part_kind(part.items[0], writes))
        return ERR_INPUT;
    *name = model_part(context, part.items[1]);
    *value = model_part(context, part.items[2]);
    return *name == VALUE_REF_NOMEM || *value == VALUE_REF_NOMEM ? ERR_NOMEM : 0;
}

static int part_get(struct model_context *context, const struct operation *op, uint32_t index,
                    struct part *out)
{
    value_ref name, value;
    int rc = part_values(context, op, index, &out->writes, &name, &value);
    if (rc != 0)
        return rc;
    bool unknown = value == VALUE_REF_NIL && context->semantics->nil_read_is_unknown;
    out->speaks = out->writes || (op->outcome == OP_OK && !unknown);
    return model_number(context, name, &out->name) && model_number(context, value, &out->value)
               ? 0
               : ERR_NOMEM;
}

/* --- compiling --- */

/* The entry of a register, made if there is none. */
static struct entry *entry_of(struct entry *entries, uint32_t *count, int32_t name)
{
    uint32_t at = 0;
    while (at < *count && entries[at].name < name)
        at++;
    if (at < *count && entries[at].name == name)
        return &entries[at];
    memmove(&entries[at + 1], &entries[at], (*count - at) * sizeof *entries);
    entries[at] = (struct entry){.name = name};
    ++*count;
    return &entries[at];
}

/* False if it contradicts the parts before it. */
static bool add_part(struct entry *entries, uint32_t *count, const struct part *part)
{
    struct entry *entry = entry_of(entries, count, part->name);
    if (part->writes) {
        entry->gives = part->value;
        return true;
    }
    int32_t known = entry->gives ? entry->gives : entry->needs;
    if (known == NO_VALUE)
        entry->needs = part->value;
    return known == NO_VALUE || known == part->value;
}

/* Notes what is read. 0, or ERR_NOMEM. */
static int mark_needs(struct model_context *context, const struct model_op *out)
{
    uint32_t length;
    state_table_get(&context->states, out->argument, &length);
    for (uint32_t i = 1; i < length; i += ENTRY_WORDS) {
        struct entry entry;
        memcpy(&entry, state_table_get(&context->states, out->argument, &length) + i, sizeof entry);
        if (entry.needs != NO_VALUE && model_mark(context, entry.name, entry.needs) != 0)
            return ERR_NOMEM;
    }
    return 0;
}

/* How many parts; negative if that cannot be said. */
static int64_t part_count(const struct model_context *context, const struct operation *op)
{
    if (op->f != F_TXN)
        return 1;
    struct value list = value_pool_get(context->pool, operation_value(op));
    return list.kind == VALUE_LIST ? (int64_t)list.count : ERR_INPUT;
}

/* What the parts come to: entries in a draft, and what they cannot say. */
struct sum {
    struct entry *entries;
    uint32_t count;
    bool possible, writes;
};

/* 0, ERR_INPUT or ERR_NOMEM. */
static int add_all(struct model_context *context, const struct operation *op, int64_t parts,
                   struct sum *sum)
{
    for (int64_t i = 0; i < parts; i++) {
        struct part part;
        int rc = part_get(context, op, (uint32_t)i, &part);
        if (rc != 0)
            return rc;
        sum->writes = sum->writes || part.writes;
        if (part.speaks)
            sum->possible = add_part(sum->entries, &sum->count, &part) && sum->possible;
    }
    for (uint32_t i = 0; i < sum->count; i++)
        if (sum->entries[i].gives == sum->entries[i].needs)
            sum->entries[i].gives = NO_VALUE;
    return 0;
}

static int compile(struct model_context *context, const struct operation *op, struct model_op *out)
{
    model_op_start(out);
    out->opaque = true;
    if (op->f != F_TXN && op->f != F_READ && op->f != F_WRITE)
        return ERR_INPUT;
    int64_t parts = part_count(context, op);
    if (op->outcome == OP_FAIL || parts < 0)
        return parts < 0 && op->outcome != OP_FAIL ? ERR_INPUT : MODEL_SAYS_NOTHING;
    int32_t *draft = state_table_draft(&context->states, 1 + ENTRY_WORDS * ((uint32_t)parts + 1));
    if (!draft)
        return ERR_NOMEM;
    struct sum sum = {.entries = (struct entry *)(draft + 1), .possible = true};
    draft[0] = TXN_START;
    int rc = add_all(context, op, parts, &sum);
    if (rc != 0 || sum.count == 0)
        return rc != 0 ? rc : MODEL_SAYS_NOTHING;
    out->pure = !sum.writes;
    out->code = !sum.possible ? IMPOSSIBLE : op->outcome == OP_OK ? TXN : MAY_TXN;
    if (!sum.possible)
        return model_outcome(op);
    out->argument = state_table_intern_draft(&context->states, 1 + ENTRY_WORDS * sum.count);
    return out->argument < 0 || mark_needs(context, out) != 0 ? ERR_NOMEM : model_outcome(op);
}

/* --- stepping --- */

/* What a register holds after an unread value is written to it: what it held in the beginning, if
 * nobody reads that either. */
static int32_t kept_value(const struct model_context *context, const struct entry *entry,
                          int32_t first)
{
    if (model_is_marked(context, entry->name, entry->gives))
        return entry->gives;
    return model_is_marked(context, entry->name, first) ? UNREAD : first;
}

/* A crashed transaction (which is known to need nothing) that nobody can see is as good as one that
 * did not happen. */
static bool is_useless(const struct model_context *context, const struct model_op *op,
                       const struct entry *entries, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        if (op->code != MAY_TXN || model_is_marked(context, entries[i].name, entries[i].gives))
            return false;
    return true;
}

/* The words of the state after the entries; the number of words, or MODEL_REFUSED. */
static int32_t merge(const struct model_context *context, const int32_t *words, uint32_t length,
                     const struct entry *entries, uint32_t count, int32_t *out)
{
    uint32_t at = 1;
    int32_t end = 0, first = words[0];
    out[end++] = first;
    for (uint32_t i = 0; i < count; i++) {
        const struct entry *entry = &entries[i];
        for (; at < length && words[at] < entry->name; at += 2, end += 2)
            memcpy(out + end, words + at, 2 * sizeof *out);
        int32_t held = first;
        if (at < length && words[at] == entry->name) {
            held = words[at + 1];
            at += 2;
        }
        if (entry->needs != NO_VALUE && entry->needs != held)
            return MODEL_REFUSED;
        if (entry->gives != NO_VALUE)
            held = kept_value(context, entry, first);
        if (held == first)
            continue;
        out[end++] = entry->name;
        out[end++] = held;
    }
    memcpy(out + end, words + at, (length - at) * sizeof *out);
    return end + (int32_t)(length - at);
}

static int32_t work(struct model_context *context, int32_t state, const struct model_op *op,
                    uint32_t choice)
{
    struct state_table *table = &context->states;
    uint32_t length, txn_length;
    (void)choice;
    state_table_get(table, state, &length);
    state_table_get(table, op->argument, &txn_length);
    int32_t *draft = state_table_draft(table, length + txn_length);
    if (!draft)
        return MODEL_NOMEM;
    const int32_t *words = state_table_get(table, state, &length);
    const struct entry *entries =
        (const struct entry *)(state_table_get(table, op->argument, &txn_length) + 1);
    uint32_t count = (txn_length - 1) / ENTRY_WORDS;
    if (is_useless(context, op, entries, count))
        return MODEL_REFUSED;
    int32_t end = merge(context, words, length, entries, count, draft);
    return end < 0 ? end : state_table_intern_draft(table, (uint32_t)end);
}

static int32_t step(struct model_context *context, int32_t state, const struct model_op *op,
                    uint32_t choice)
{
    if (op->code == IMPOSSIBLE)
        return MODEL_REFUSED;
    return model_remembered_step(context, state, op, choice, work);
}

static int initial(struct model_context *context, int32_t *states, int max)
{
    const struct history_semantics *semantics = context->semantics;
    value_ref first = semantics->initial_is_given ? semantics->initial : VALUE_REF_NIL;
    bool may_be_nil = semantics->initial_may_be_nil && first != VALUE_REF_NIL;
    int count = 0;
    for (; count < max && count < 1 + may_be_nil; count++) {
        int32_t number;
        if (!model_number(context, count == 0 ? first : VALUE_REF_NIL, &number))
            return ERR_NOMEM;
        states[count] = state_table_intern(&context->states, &number, 1);
        if (states[count] < 0)
            return ERR_NOMEM;
    }
    return count;
}

static const symbol functions[] = {F_TXN, F_READ, F_WRITE, F_NONE};

const struct model model_multi_register = {
    .name = "multi-register",
    .doc = "several values: txn of reads and writes, read, write; linearizable",
    .functions = functions,
    .compile = compile,
    .step = step,
    .initial = initial,
};
