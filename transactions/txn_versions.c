/* Numbers the versions of each key: first the one nobody wrote, then those whose order a list
 * tells, then what else was written, then what was read and nobody wrote. */
#include "checker/budget.h"
#include "core/err.h"
#include "core/errbuf.h"
#include "core/strbuf.h"
#include "transactions/element_table.h"
#include "transactions/txn_build.h"

#include <string.h>

struct numbering {
    struct txn_build *build;
    struct element_table elements; /* of one key: its versions by value */
    uint32_t *first;               /* of each key, in by_key; and of one more */
    uint32_t *by_key;              /* the micro-operations with one value, in order */
    uint32_t *writer;              /* of each of by_key's: its transaction */
    uint32_t value_count;
};

/* --- lists or registers --- */

static int mixed(const struct txn_build *build, uint32_t txn, uint32_t key, const char *problem,
                 struct errbuf *err)
{
    const struct operation *op = txn_operation(build->out, txn);
    struct strbuf name = STRBUF_INIT;
    value_write_text(&name, value_pool_get(build->pool, txn_key_value(build->out, key)));
    int rc = errbuf_set(
        err, ERR_INPUT, "event %llu: key %s: %s",
        (unsigned long long)operations_index(build->source->object->all, operation_value_at(op)),
        name.text ? name.text : "", problem);
    strbuf_fini(&name);
    return rc;
}

/* A key that some append to and others write: told at the later one of the first of each. */
static int appended_and_written(const struct txn_build *build, uint32_t key, struct errbuf *err)
{
    const struct transactions *all = build->out;
    bool has[MICRO_APPEND + 1] = {false};
    for (uint32_t txn = 0; txn < all->txn_count; txn++)
        for (uint32_t i = all->txns[txn].micros; i < all->txns[txn + 1].micros; i++) {
            const struct micro *micro = &all->micros[i];
            has[micro->f] |= micro->key == key;
            if (micro->key == key && has[MICRO_APPEND] && has[MICRO_WRITE])
                return mixed(build, txn, key,
                             micro->f == MICRO_WRITE
                                 ? "it is written, but others append to it; a key is one of both"
                                 : "it is appended to, but others write it; a key is one of both",
                             err);
        }
    return 0;
}

static int tell_lists(struct txn_build *build, struct errbuf *err)
{
    for (uint32_t key = 0; key < build->out->key_count; key++) {
        struct key_build *known = &build->keys[key];
        if (known->has_append && known->has_write)
            return appended_and_written(build, key, err);
        known->is_list = known->has_append || (known->has_list && !known->has_write);
    }
    return 0;
}

/* A register may hold lists: then what was read is one value. */
static int make_value(struct txn_build *build, uint32_t txn, struct micro *micro,
                      struct errbuf *err)
{
    uint32_t count;
    const value_ref *items = txn_list(build->out, txn, micro->version, &count);
    struct budget *budget = build->out->budget;
    struct value *values = budget_alloc(budget, count * sizeof *values);
    for (uint32_t i = 0; values && i < count; i++)
        values[i] = value_pool_get(build->pool, items[i]);
    value_ref value = values
                          ? value_pool_intern(build->pool, value_items(VALUE_LIST, values, count))
                          : VALUE_REF_NOMEM;
    budget_free(budget, values, count * sizeof *values);
    if (value == VALUE_REF_NOMEM)
        return txn_no_memory(err);
    micro->is_list = 0;
    micro->version = value;
    build->keys[micro->key].values++;
    return 0;
}

static int settle_kinds(struct txn_build *build, struct errbuf *err)
{
    struct transactions *all = build->out;
    int rc = tell_lists(build, err);
    for (uint32_t txn = 0; txn < all->txn_count && rc == 0; txn++) {
        for (uint32_t i = all->txns[txn].micros; i < all->txns[txn + 1].micros && rc == 0; i++) {
            struct micro *micro = &all->micros[i];
            bool is_list = build->keys[micro->key].is_list;
            if (micro->is_list && !is_list)
                rc = make_value(build, txn, micro, err);
            else if (micro->f == MICRO_READ && is_list && !micro->is_list &&
                     micro->version != VALUE_UNREAD && micro->version != VALUE_REF_NIL)
                rc = mixed(build, txn, micro->key,
                           "it was read as something else than a list, but others append to it",
                           err);
        }
    }
    return rc;
}

/* --- the order that reads of lists tell --- */

/* Takes the longest reads without duplicates where the longest of all has some. */
static int choose_again(struct numbering *run, struct errbuf *err)
{
    struct txn_build *build = run->build;
    struct transactions *all = build->out;
    for (uint32_t txn = 0; txn < all->txn_count; txn++) {
        for (uint32_t i = all->txns[txn].micros; i < all->txns[txn + 1].micros; i++) {
            struct key_build *key = &build->keys[all->micros[i].key];
            if (!all->micros[i].is_list || !key->has_duplicates)
                continue;
            struct longest_list list;
            list.items = txn_list(all, txn, all->micros[i].version, &list.count);
            if (list.count <= key->longest.count)
                continue;
            if (!element_table_begin(&run->elements, list.count))
                return txn_no_memory(err);
            if (element_table_all_differ(&run->elements, list.items, list.count))
                key->longest = list;
        }
    }
    return 0;
}

static int choose_orders(struct numbering *run, struct errbuf *err)
{
    struct txn_build *build = run->build;
    bool any = false;
    for (uint32_t i = 0; i < build->out->key_count; i++) {
        struct key_build *key = &build->keys[i];
        if (!key->is_list || key->longest.count == 0)
            continue;
        if (!element_table_begin(&run->elements, key->longest.count))
            return txn_no_memory(err);
        if (!element_table_all_differ(&run->elements, key->longest.items, key->longest.count)) {
            key->has_duplicates = any = true;
            key->longest = (struct longest_list){0};
        }
    }
    return any ? choose_again(run, err) : 0;
}

/* --- micro-operations by key --- */

/* False if nobody knows what it read: which is noted. */
static bool has_value(struct micro *micro)
{
    if (micro->is_list)
        return false;
    if (micro->version != VALUE_UNREAD)
        return true;
    micro->version = VERSION_UNREAD;
    return false;
}

static int group_by_key(struct numbering *run, struct errbuf *err)
{
    struct transactions *all = run->build->out;
    struct budget *budget = all->budget;
    run->first = budget_zalloc(budget, ((size_t)all->key_count + 1) * sizeof *run->first);
    if (!run->first)
        return txn_no_memory(err);
    for (uint32_t key = 0; key < all->key_count; key++) {
        run->first[key] = run->value_count;
        run->value_count += run->build->keys[key].values;
    }
    run->by_key = budget_alloc(budget, run->value_count * sizeof *run->by_key);
    run->writer = budget_alloc(budget, run->value_count * sizeof *run->writer);
    if (!run->by_key || !run->writer)
        return txn_no_memory(err);
    for (uint32_t txn = 0; txn < all->txn_count; txn++) {
        for (uint32_t i = all->txns[txn].micros; i < all->txns[txn + 1].micros; i++) {
            if (!has_value(&all->micros[i]))
                continue;
            uint32_t at = run->first[all->micros[i].key]++;
            run->by_key[at] = i;
            run->writer[at] = txn;
        }
    }
    for (uint32_t key = all->key_count; key > 0; key--)
        run->first[key] = run->first[key - 1];
    run->first[0] = 0;
    return 0;
}

/* --- numbers --- */

static bool make_room(struct transactions *all, size_t more)
{
    size_t needed = all->version_count + more;
    if (needed <= all->version_capacity)
        return true;
    size_t capacity = needed + needed / 2;
    if (capacity >= VERSION_UNREAD)
        return false;
    struct version *versions =
        budget_resize(all->budget, all->versions, all->version_capacity * sizeof *versions,
                      capacity * sizeof *versions);
    if (!versions)
        return false;
    all->versions = versions;
    all->version_capacity = (uint32_t)capacity;
    return true;
}

/* The number of a value of the key, given out if it is new. */
static uint32_t number(struct numbering *run, value_ref value)
{
    struct transactions *all = run->build->out;
    uint32_t known = element_table_add(&run->elements, value, all->version_count);
    if (known == all->version_count)
        all->versions[all->version_count++] = (struct version){TXN_NONE, value};
    return known;
}

static void note_rewritten(struct transactions *all, uint32_t key, uint32_t version, uint32_t txn)
{
    if (all->rewritten_by[1] != TXN_NONE)
        return;
    all->rewritten_by[0] = all->versions[version].txn;
    all->rewritten_by[1] = txn;
    all->rewritten_key = key;
    all->rewritten_value = all->versions[version].value;
}

/* Somebody wrote what the key begins with, and somebody read it: of which, nobody can say. */
static void note_initial_rewritten(struct transactions *all, uint32_t key, uint32_t version)
{
    if (all->rewritten_by[1] != TXN_NONE)
        return;
    all->rewritten_by[1] = all->versions[version].txn;
    all->rewritten_key = key;
    all->rewritten_value = all->versions[version].value;
}

static void number_writes(struct numbering *run, uint32_t key)
{
    struct transactions *all = run->build->out;
    for (uint32_t i = run->first[key]; i < run->first[key + 1]; i++) {
        struct micro *micro = &all->micros[run->by_key[i]];
        if (micro->f == MICRO_READ)
            continue;
        uint32_t version = number(run, micro->version);
        if (all->versions[version].txn != TXN_NONE)
            note_rewritten(all, key, version, run->writer[i]);
        else
            all->versions[version].txn = run->writer[i];
        micro->version = version;
    }
}

static bool is_initial_value(const struct transactions_source *source, value_ref value)
{
    return !source->has_no_initial &&
           (value == source->initial || (source->initial_may_be_nil && value == VALUE_REF_NIL));
}

static void ignore_read(struct transactions *all, struct micro *micro)
{
    micro->version = VERSION_UNREAD;
    all->ignored_reads++;
}

static void number_reads(struct numbering *run, uint32_t key)
{
    const struct transactions_source *source = run->build->source;
    struct transactions *all = run->build->out;
    bool is_list = run->build->keys[key].is_list;
    for (uint32_t i = run->first[key]; i < run->first[key + 1]; i++) {
        struct micro *micro = &all->micros[run->by_key[i]];
        if (micro->f != MICRO_READ)
            continue;
        bool is_initial = is_list || is_initial_value(source, micro->version);
        bool is_new = element_table_find(&run->elements, micro->version) == ELEMENT_NONE;
        if (is_initial && is_new)
            micro->version = all->keys[key].first_version;
        else if (is_new && source->unwritten_reads_say_nothing)
            ignore_read(all, micro);
        else
            micro->version = number(run, micro->version);
        if (is_initial && !is_new && !is_list)
            note_initial_rewritten(all, key, micro->version);
    }
}

static int number_key(struct numbering *run, uint32_t key, struct errbuf *err)
{
    struct transactions *all = run->build->out;
    const struct longest_list *order = &run->build->keys[key].longest;
    bool is_list = run->build->keys[key].is_list;
    size_t most = (size_t)run->first[key + 1] - run->first[key] + (is_list ? order->count : 0);
    if (!element_table_begin(&run->elements, most) || !make_room(all, most + 1))
        return txn_no_memory(err);
    all->keys[key].first_version = all->version_count;
    value_ref initial = is_list ? VALUE_REF_NIL : run->build->source->initial;
    all->versions[all->version_count++] = (struct version){TXN_NONE, initial};
    for (uint32_t i = 0; is_list && i < order->count; i++)
        number(run, order->items[i]);
    all->keys[key].ordered = all->version_count - all->keys[key].first_version;
    number_writes(run, key);
    number_reads(run, key);
    return 0;
}

static int number_keys(struct numbering *run, struct errbuf *err)
{
    struct transactions *all = run->build->out;
    all->keys = budget_zalloc(all->budget, ((size_t)all->key_count + 1) * sizeof *all->keys);
    if (!all->keys)
        return txn_no_memory(err);
    for (uint32_t key = 0; key < all->key_count; key++) {
        if (budget_time_over(all->budget))
            return txn_time_over(err);
        int rc = number_key(run, key, err);
        if (rc != 0)
            return rc;
    }
    all->keys[all->key_count].first_version = all->version_count;
    return 0;
}

int txn_number_versions(struct txn_build *build, struct errbuf *err)
{
    struct numbering run = {.build = build};
    struct budget *budget = build->out->budget;
    element_table_init(&run.elements, budget);
    int rc = settle_kinds(build, err);
    if (rc == 0)
        rc = choose_orders(&run, err);
    if (rc == 0)
        rc = group_by_key(&run, err);
    if (rc == 0)
        rc = number_keys(&run, err);
    element_table_fini(&run.elements);
    budget_free(budget, run.first, ((size_t)build->out->key_count + 1) * sizeof *run.first);
    budget_free(budget, run.by_key, run.value_count * sizeof *run.by_key);
    budget_free(budget, run.writer, run.value_count * sizeof *run.writer);
    return rc;
}
