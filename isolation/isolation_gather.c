/* The operations of a history as transactions, whatever they are. */
#include "checker/sort_items.h"
#include "core/err.h"
#include "core/errbuf.h"
#include "isolation/isolation_run.h"

#include <string.h>

static int no_memory(struct errbuf *err)
{
    return errbuf_set(err, ERR_NOMEM, "no memory for the transactions");
}

/* --- single operations --- */

struct packing {
    struct isolation_run *run;
    struct micro_ops_writer writer;
    value_ref key;
};

static bool add_read(struct packing *pack, value_ref value)
{
    struct value seen = value_pool_get(pack->run->all->values, value);
    if (seen.kind != VALUE_LIST)
        return micro_ops_add(&pack->writer, MICRO_READ, pack->key, value);
    bool goes_on = micro_ops_begin_list(&pack->writer, pack->key);
    for (uint32_t i = 0; goes_on && i < seen.count; i++) {
        value_ref item = value_pool_intern(pack->run->all->values, seen.items[i]);
        goes_on = item != VALUE_REF_NOMEM && micro_ops_add_item(&pack->writer, item);
    }
    if (goes_on)
        micro_ops_end_list(&pack->writer);
    return goes_on;
}

/* A cas reads what it expects, if it succeeded, and writes; one that failed wrote nothing. */
static bool add_cas(struct packing *pack, const struct operation *op, bool *is_known)
{
    value_ref expected, wanted;
    *is_known = value_pool_pair(pack->run->all->values, operation_value(op), &expected, &wanted);
    return !*is_known || (micro_ops_add(&pack->writer, MICRO_READ, pack->key, expected) &&
                          micro_ops_add(&pack->writer, MICRO_WRITE, pack->key, wanted));
}

/* Nil: it is no operation that reads or writes. */
static int pack_single(struct packing *pack, const struct operation *op, value_ref *out,
                       struct errbuf *err)
{
    bool is_known = true, done;
    *out = VALUE_REF_NIL;
    if (!micro_ops_begin(&pack->writer))
        return no_memory(err);
    switch (symbol_canonical(op->f)) {
    case F_READ:
        done = add_read(pack, op->outcome == OP_OK ? op->result : VALUE_REF_NIL);
        break;
    case F_WRITE:
        done = micro_ops_add(&pack->writer, MICRO_WRITE, pack->key, operation_value(op));
        break;
    case F_APPEND:
        done = micro_ops_add(&pack->writer, MICRO_APPEND, pack->key, operation_value(op));
        break;
    case F_CAS:
        done = add_cas(pack, op, &is_known);
        break;
    default:
        return 0;
    }
    if (!done)
        return no_memory(err);
    if (is_known)
        *out = micro_ops_end(&pack->writer);
    return 0;
}

static int odd_operation(const struct isolation_run *run, const struct operation *op,
                         struct errbuf *err)
{
    return errbuf_set(err, ERR_INPUT,
                      "event %llu: %s has no operation \"%s\" like this; it has transactions, "
                      "read, write, append and cas",
                      (unsigned long long)operations_index(run->all, op->invoke),
                      run->options->model, symbol_name(op->f));
}

static bool is_txn(const struct operation *op)
{
    return op->f == F_TXN || op->f == F_NONE;
}

/* Which reads say nothing: nil, in some registers' histories. They are left out. */
static bool says_nothing(const struct isolation_run *run, const struct operation *op)
{
    return run->options->semantics.nil_read_is_unknown && symbol_canonical(op->f) == F_READ &&
           op->outcome == OP_OK && op->result == VALUE_REF_NIL;
}

static int pack_all(struct isolation_run *run, const uint32_t *key_of, struct errbuf *err)
{
    struct packing pack = {.run = run};
    value_ref nameless = value_pool_intern(run->all->values, value_text(VALUE_KEYWORD, "x", 1));
    micro_ops_writer_init(&pack.writer, run->all->values);
    uint32_t kept = 0;
    int rc = nameless == VALUE_REF_NOMEM ? no_memory(err) : 0;
    for (uint32_t i = 0; i < run->op_count && rc == 0; i++) {
        struct operation op = run->ops[i];
        const struct operations_key *key = &run->all->keys[key_of[i]];
        if (!is_txn(&op)) {
            value_ref packed;
            pack.key = key->has_key ? key->key : nameless;
            rc = pack_single(&pack, &op, &packed, err);
            if (rc == 0 && packed == VALUE_REF_NIL)
                rc = odd_operation(run, &op, err);
            op.argument = packed;
            op.result = op.outcome == OP_OK ? packed : VALUE_REF_NIL;
            if (says_nothing(run, &run->ops[i]))
                continue;
        }
        run->ops[kept++] = op;
    }
    run->op_count = kept;
    return rc;
}

/* --- all keys together --- */

/* The operations in order of invocation, and the key of each. */
static int merge_keys(struct isolation_run *run, uint32_t *key_of, struct errbuf *err)
{
    struct budget *budget = &run->budget;
    uint32_t count = run->op_count;
    struct operation *by_key = budget_alloc(budget, count * sizeof *by_key);
    uint64_t *order = budget_alloc(budget, count * sizeof *order);
    uint32_t *keys = budget_alloc(budget, count * sizeof *keys);
    enum sort_end end = SORT_OUT_OF_MEMORY;
    if (by_key && order && keys) {
        uint32_t at = 0;
        for (uint32_t key = 0; key < run->all->key_count; key++) {
            operations_of_key(run->all, key, by_key + at);
            for (uint32_t i = 0; i < run->all->keys[key].count; i++, at++) {
                order[at] = sort_word(by_key[at].invoke, at);
                keys[at] = key;
            }
        }
        end = sort_words(order, count, budget);
    }
    for (uint32_t i = 0; end == SORT_DONE && i < count; i++) {
        uint32_t from = (uint32_t)order[i];
        run->ops[i] = by_key[from];
        key_of[i] = keys[from];
    }
    budget_free(budget, by_key, count * sizeof *by_key);
    budget_free(budget, order, count * sizeof *order);
    budget_free(budget, keys, count * sizeof *keys);
    return end == SORT_DONE          ? 0
           : end == SORT_OUT_OF_TIME ? errbuf_set(err, ERR_TIMEOUT, "the time was over")
                                     : no_memory(err);
}

static bool has_single_operations(const struct isolation_run *run)
{
    for (uint32_t i = 0; i < run->op_count; i++)
        if (!is_txn(&run->ops[i]))
            return true;
    return false;
}

static void fill_object(struct isolation_run *run)
{
    run->object = (struct object){
        .all = run->all, .values = run->all->values, .ops = run->ops, .count = run->op_count};
    for (uint32_t i = 0; i < run->op_count; i++) {
        uint8_t outcome = run->ops[i].outcome;
        run->object.ok += outcome == OP_OK;
        run->object.failed += outcome == OP_FAIL;
        run->object.crashed += outcome == OP_INFO;
    }
}

static int gather(struct isolation_run *run, uint32_t *key_of, struct errbuf *err)
{
    int rc = 0;
    if (run->all->key_count == 1)
        operations_of_key(run->all, 0, run->ops);
    else if (run->op_count > 0)
        rc = merge_keys(run, key_of, err);
    run->is_of_single_operations = rc == 0 && has_single_operations(run);
    if (run->is_of_single_operations)
        rc = pack_all(run, key_of, err);
    fill_object(run);
    return rc;
}

int isolation_gather(struct isolation_run *run, struct errbuf *err)
{
    size_t count = run->all->operation_count;
    run->op_count = run->all->operation_count;
    run->ops = budget_alloc(&run->budget, count * sizeof *run->ops);
    uint32_t *key_of = budget_zalloc(&run->budget, count * sizeof *key_of);
    int rc = run->ops && key_of ? gather(run, key_of, err) : no_memory(err);
    budget_free(&run->budget, key_of, count * sizeof *key_of);
    return rc;
}

void isolation_scatter(struct isolation_run *run)
{
    budget_free(&run->budget, run->ops, run->all->operation_count * sizeof *run->ops);
}
