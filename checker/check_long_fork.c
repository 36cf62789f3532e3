/* Jepsen's checker "long-fork": two reads see two writes in opposite orders, which snapshot
 * isolation forbids by parallel snapshots (Cerone, Bernardi & Gotsman, CONCUR 2015).
 *
 * write, or txn, [[:w k v]] writes one key, each key once; read, or txn, [[:r k v] ...] reads the
 * keys of a group at once, nil where nothing was written yet. Reads of the same keys are compared:
 * of two, one must have seen everything that the other one saw. Reads of other keys say nothing
 * about each other.
 *
 * Unknown, if there is no fork, as then nobody can say which of the writes a read saw: a key that
 * is written by two operations of which none failed, or read with two values. Vacuous without a
 * read.
 *
 * The reads of a group are sorted by how much they saw. If one has not seen all that its
 * predecessor saw, then the predecessor lacks something too, as it saw no more: these two fork.
 * Else they are a chain. Linear in the keys read, but for sorting those of one read. */
#include "checker/findings.h"
#include "checker/sort_items.h"
#include "checker/value_numbers.h"
#include "core/err.h"
#include "core/errbuf.h"
#include "core/strbuf.h"

#include <stdlib.h>
#include <string.h>

enum { FORK_FOUND };

/* One key of a read; value is nil if nothing was there. */
struct part {
    value_ref key, value;
};

struct read {
    uint32_t number; /* of the operation */
    uint32_t count, seen;
    size_t begin; /* its parts, by key */
};

struct key {
    value_ref value; /* that was read; nil if none was */
    bool is_written;
};

struct fork {
    const struct checker_input *input;
    struct findings found;
    struct value_numbers keys;
    struct key *known; /* by number */
    uint32_t key_capacity;
    struct part *parts;
    size_t part_count, part_capacity;
    struct read *reads;
    uint32_t read_count, early, late;
    uint32_t *groups;    /* open addressing: a read of the group + 1 */
    uint32_t group_mask; /* its size - 1 */
    struct sort_item *order;
    const char *unclear; /* why no verdict can be given; or NULL */
};

/* --- reading the operations --- */

static int odd(const struct fork *run, position at, struct errbuf *err)
{
    return checker_odd_value(run->input, at,
                             "an operation of long-fork is [[:w key value]], or [[:r key value] "
                             "...] of different keys",
                             err);
}

static bool is_micro(struct value value, const char *letter)
{
    return value.kind == VALUE_LIST && value.count == 3 && value_is_name(value.items[0], letter);
}

static bool is_all(struct value txn, const char *letter)
{
    bool all = txn.kind == VALUE_LIST && txn.count > 0;
    for (uint32_t i = 0; i < txn.count && all; i++)
        all = is_micro(txn.items[i], letter);
    return all;
}

/* The number of a key, and room for it; 0 when memory ran out. */
static uint32_t number_key(struct fork *run, value_ref key)
{
    struct budget *budget = run->input->budget;
    int32_t number = key == VALUE_REF_NOMEM ? -1 : value_numbers_add(&run->keys, key);
    if (number < 0)
        return 0;
    if ((uint32_t)number < run->key_capacity)
        return (uint32_t)number;
    uint32_t old = run->key_capacity, more = old ? 2 * old : 64;
    struct key *known =
        budget_resize(budget, run->known, old * sizeof *known, more * sizeof *known);
    if (!known)
        return 0;
    memset(known + old, 0, (more - old) * sizeof *known);
    run->known = known;
    run->key_capacity = more;
    return (uint32_t)number;
}

static int take_write(struct fork *run, const struct operation *op, struct value txn,
                      struct errbuf *err)
{
    if (txn.count != 1)
        return odd(run, op->invoke, err);
    if (op->outcome == OP_FAIL)
        return 0;
    uint32_t key =
        number_key(run, value_pool_intern(run->input->object->values, txn.items[0].items[1]));
    if (key == 0)
        return checker_no_memory(err);
    if (run->known[key].is_written)
        run->unclear = "a key was written twice, so that nobody can say what a read saw";
    run->known[key].is_written = true;
    return 0;
}

static int compare_parts(const void *a, const void *b)
{
    value_ref x = ((const struct part *)a)->key, y = ((const struct part *)b)->key;
    return (x > y) - (x < y);
}

static bool make_room(struct fork *run, uint32_t more)
{
    if (more <= run->part_capacity - run->part_count)
        return true;
    size_t capacity = run->part_capacity ? 2 * run->part_capacity : 256;
    if (capacity < run->part_count + more)
        capacity = run->part_count + more;
    struct part *parts =
        budget_resize(run->input->budget, run->parts, run->part_capacity * sizeof *parts,
                      capacity * sizeof *parts);
    if (!parts)
        return false;
    run->parts = parts;
    run->part_capacity = capacity;
    return true;
}

static int take_part(struct fork *run, struct value micro, struct part *part, struct errbuf *err)
{
    struct value_pool *values = run->input->object->values;
    part->key = value_pool_intern(values, micro.items[1]);
    part->value = value_pool_intern(values, micro.items[2]);
    uint32_t key = number_key(run, part->key);
    if (key == 0 || part->value == VALUE_REF_NOMEM)
        return checker_no_memory(err);
    if (part->value == VALUE_REF_NIL)
        return 0;
    if (run->known[key].value != VALUE_REF_NIL && run->known[key].value != part->value)
        run->unclear = "a key was read with two values, though each key is written once";
    run->known[key].value = part->value;
    return 0;
}

static int take_read(struct fork *run, uint32_t number, struct value txn, struct errbuf *err)
{
    const struct operation *op = &run->input->object->ops[number];
    struct read *read = &run->reads[run->read_count++];
    *read = (struct read){.number = number, .count = txn.count, .begin = run->part_count};
    if (!make_room(run, txn.count))
        return checker_no_memory(err);
    struct part *parts = run->parts + read->begin;
    int rc = 0;
    for (uint32_t i = 0; i < txn.count && rc == 0; i++) {
        rc = take_part(run, txn.items[i], &parts[i], err);
        read->seen += parts[i].value != VALUE_REF_NIL;
    }
    if (rc != 0)
        return rc;
    run->part_count += txn.count;
    run->early += read->seen == 0;
    run->late += read->seen == read->count;
    qsort(parts, txn.count, sizeof *parts, compare_parts);
    for (uint32_t i = 1; i < txn.count; i++)
        if (parts[i].key == parts[i - 1].key)
            return odd(run, op->complete, err);
    return 0;
}

static int take_operations(struct fork *run, struct errbuf *err)
{
    const struct object *object = run->input->object;
    int rc = 0;
    for (uint32_t i = 0; i < object->count && rc == 0; i++) {
        const struct operation *op = &object->ops[i];
        struct value asked = value_pool_get(object->values, op->argument);
        struct value answer = value_pool_get(object->values, op->result);
        if (budget_time_over(run->input->budget))
            return checker_time_over(err);
        if (op->f != F_READ && is_all(asked, "w"))
            rc = take_write(run, op, asked, err);
        else if (op->f == F_WRITE)
            rc = odd(run, op->invoke, err);
        else if (op->outcome == OP_OK && is_all(answer, "r"))
            rc = take_read(run, i, answer, err);
        else if (op->outcome == OP_OK && op->result != VALUE_REF_NIL)
            rc = odd(run, op->complete, err);
    }
    return rc;
}

/* --- groups --- */

static bool has_same_keys(const struct fork *run, const struct read *a, const struct read *b)
{
    bool same = a->count == b->count;
    for (uint32_t i = 0; i < a->count && same; i++)
        same = run->parts[a->begin + i].key == run->parts[b->begin + i].key;
    return same;
}

/* The first read of the same keys: the number of its group. */
static uint32_t group_of(struct fork *run, uint32_t index)
{
    const struct read *read = &run->reads[index];
    uint64_t hash = read->count;
    for (uint32_t i = 0; i < read->count; i++)
        hash = (hash ^ run->parts[read->begin + i].key) * UINT64_C(0x9e3779b97f4a7c15);
    uint32_t at = (uint32_t)(hash >> 32) & run->group_mask;
    while (run->groups[at] != 0 && !has_same_keys(run, &run->reads[run->groups[at] - 1], read))
        at = (at + 1) & run->group_mask;
    if (run->groups[at] == 0)
        run->groups[at] = index + 1;
    return run->groups[at] - 1;
}

/* By group, and in it by how much was seen. */
static int sort_reads(struct fork *run, struct errbuf *err)
{
    for (uint32_t i = 0; i < run->read_count; i++) {
        run->order[i] = (struct sort_item){
            .key = (uint64_t)group_of(run, i) << 32 | run->reads[i].seen, .item = i};
        if (budget_time_over(run->input->budget))
            return checker_time_over(err);
    }
    enum sort_end end = sort_items(run->order, run->read_count, run->input->budget);
    if (end == SORT_DONE)
        return 0;
    return end == SORT_OUT_OF_TIME ? checker_time_over(err) : checker_no_memory(err);
}

static void compare_reads(struct fork *run, const struct read *less, const struct read *more)
{
    const struct part *a = run->parts + less->begin, *b = run->parts + more->begin;
    for (uint32_t i = 0; i < less->count; i++)
        if (a[i].value != VALUE_REF_NIL && b[i].value == VALUE_REF_NIL) {
            findings_add(&run->found, &(struct checker_finding){.kind = FORK_FOUND,
                                                                .value = a[i].key,
                                                                .ops = {less->number, more->number,
                                                                        UINT32_MAX, UINT32_MAX}});
            return;
        }
}

static int compare_all(struct fork *run, struct errbuf *err)
{
    for (uint32_t i = 1; i < run->read_count; i++) {
        if (budget_time_over(run->input->budget))
            return checker_time_over(err);
        if (run->order[i].key >> 32 == run->order[i - 1].key >> 32)
            compare_reads(run, &run->reads[run->order[i - 1].item],
                          &run->reads[run->order[i].item]);
    }
    return 0;
}

static int judge(struct fork *run, struct errbuf *err)
{
    struct budget *budget = run->input->budget;
    size_t size = 4;
    while (size < 2 * (size_t)run->read_count)
        size *= 2;
    run->groups = budget_zalloc(budget, size * sizeof *run->groups);
    run->group_mask = (uint32_t)(size - 1);
    run->order = budget_alloc(budget, run->read_count * sizeof *run->order);
    int rc = run->groups && run->order ? sort_reads(run, err) : checker_no_memory(err);
    if (rc == 0)
        rc = compare_all(run, err);
    budget_free(budget, run->groups, size * sizeof *run->groups);
    budget_free(budget, run->order, run->read_count * sizeof *run->order);
    return rc;
}

/* --- telling --- */

static void put(struct strbuf *out, const struct object *object,
                const struct checker_finding *finding)
{
    for (int i = 0; i < 2; i++) {
        const struct operation *op = &object->ops[finding->ops[i]];
        strbuf_puts(out, i == 0 ? "the reads " : " and ");
        findings_put_value(out, object, op->result);
        strbuf_puts(out, " by ");
        findings_put_operation(out, object, finding->ops[i]);
    }
    strbuf_puts(out, " each saw a write that the other one did not");
}

static void put_json(struct strbuf *out, const struct object *object,
                     const struct checker_finding *finding)
{
    strbuf_puts(out, "[");
    value_write_json(out, value_pool_get(object->values, object->ops[finding->ops[0]].result));
    strbuf_puts(out, ",");
    value_write_json(out, value_pool_get(object->values, object->ops[finding->ops[1]].result));
    strbuf_puts(out, "]");
}

static const struct finding_kind kinds[] = {
    [FORK_FOUND] = {.name = "forks", .put = put, .put_json = put_json},
    {.name = NULL},
};

static int conclude(struct fork *run, struct checker_result *out, struct errbuf *err)
{
    struct strbuf details = STRBUF_INIT;
    strbuf_printf(&details, "{\"reads-count\":%u,\"early-read-count\":%u,\"late-read-count\":%u",
                  run->read_count, run->early, run->late);
    enum verdict otherwise = run->unclear          ? VERDICT_UNKNOWN
                             : run->read_count > 0 ? VERDICT_VALID
                                                   : VERDICT_VACUOUS;
    const char *cause = run->unclear          ? run->unclear
                        : run->read_count > 0 ? NULL
                                              : "nothing was ever read";
    return findings_conclude(&run->found, &details, otherwise, cause, out, err);
}

static void fini(struct fork *run)
{
    struct budget *budget = run->input->budget;
    value_numbers_fini(&run->keys);
    budget_free(budget, run->known, run->key_capacity * sizeof *run->known);
    budget_free(budget, run->parts, run->part_capacity * sizeof *run->parts);
    budget_free(budget, run->reads, run->input->object->ok * sizeof *run->reads);
}

static int check(const struct checker_input *input, struct checker_result *out, struct errbuf *err)
{
    struct fork run = {.input = input};
    findings_init(&run.found, input, kinds);
    int rc = checker_know_functions(input, &checker_long_fork, err);
    if (rc != 0)
        return rc;
    value_numbers_init(&run.keys, input->budget);
    run.reads = budget_alloc(input->budget, input->object->ok * sizeof *run.reads);
    rc = run.reads ? take_operations(&run, err) : checker_no_memory(err);
    if (rc == 0)
        rc = judge(&run, err);
    if (rc == 0)
        rc = conclude(&run, out, err);
    fini(&run);
    return rc;
}

/* --- the second opinion --- */

/* The value a read gives for a key; NULL if it did not read it. */
static const struct value *value_in(struct value read, struct value key)
{
    for (uint32_t i = 0; i < read.count; i++)
        if (read.items[i].kind == VALUE_LIST && read.items[i].count == 3 &&
            value_equal(read.items[i].items[1], key))
            return &read.items[i].items[2];
    return NULL;
}

/* Whether b read all the keys of a, and at least one that a saw, b did not. */
static bool lacks(struct value a, struct value b)
{
    bool any = false;
    for (uint32_t i = 0; i < a.count; i++) {
        const struct value *other =
            is_micro(a.items[i], "r") ? value_in(b, a.items[i].items[1]) : NULL;
        if (!other)
            return false;
        any = any || (other->kind == VALUE_NIL && a.items[i].items[2].kind != VALUE_NIL);
    }
    return any;
}

static bool confirm(const struct checker_input *input, const struct checker_finding *finding)
{
    const struct object *object = input->object;
    if (finding->kind != FORK_FOUND || finding->ops[0] >= object->count ||
        finding->ops[1] >= object->count)
        return false;
    const struct operation *a = &object->ops[finding->ops[0]], *b = &object->ops[finding->ops[1]];
    if (a->outcome != OP_OK || b->outcome != OP_OK)
        return false;
    struct value x = value_pool_get(object->values, a->result);
    struct value y = value_pool_get(object->values, b->result);
    return is_all(x, "r") && is_all(y, "r") && lacks(x, y) && lacks(y, x);
}

static const symbol functions[] = {F_READ, F_WRITE, F_TXN, F_NONE};

const struct checker checker_long_fork = {
    .name = "long-fork",
    .doc = "all reads of the same keys see their writes in one order (Jepsen)",
    .functions = functions,
    .check = check,
    .confirm = confirm,
};
