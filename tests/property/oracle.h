/* The definition of linearizability, spelled out and slow: tries every order of the operations of a
 * register history. Shares nothing with the checker but the words for events.
 *
 * Every completed operation must be put somewhere in one order, every crashed one may be; an
 * operation that completed before another was invoked comes before it; and the register, used in
 * this order by one client, must answer what was recorded. */
#ifndef TESTS_ORACLE_H
#define TESTS_ORACLE_H

#include "checker/semantics.h"
#include "core/history.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

enum oracle_deed { ORACLE_READ, ORACLE_WRITE, ORACLE_CAS, ORACLE_NOT };
enum { ORACLE_OPS_MAX = 32, ORACLE_OTHER = -77 };

struct oracle_op {
    enum oracle_deed deed;
    int64_t a, b;              /* read, written or expected; b: new. nil is -1 */
    uint32_t invoke, complete; /* UINT32_MAX: open for ever */
    bool must;
};

struct oracle {
    struct oracle_op ops[ORACLE_OPS_MAX];
    int count;
    uint64_t orders; /* tried */
};

static int64_t oracle_value(struct value value)
{
    return value_is_nil(value) ? -1 : value.integer;
}

static void oracle_add(struct oracle *oracle, const struct history_semantics *semantics,
                       const struct op *invoke, const struct op *complete)
{
    struct oracle_op *op = &oracle->ops[oracle->count];
    bool ok = complete && complete->type == OP_OK, fail = complete && complete->type == OP_FAIL;
    *op = (struct oracle_op){.invoke = (uint32_t)invoke->index,
                             .complete = ok || fail ? (uint32_t)complete->index : UINT32_MAX,
                             .must = ok || fail};
    if (invoke->f == F_READ) {
        op->deed = ORACLE_READ;
        if (!ok || (semantics->nil_read_is_unknown && value_is_nil(complete->value)))
            return;
        op->a = oracle_value(complete->value);
    } else if (invoke->f == F_WRITE) {
        op->deed = ORACLE_WRITE;
        op->a = oracle_value(invoke->value);
        if (fail)
            return;
    } else {
        op->deed = fail ? ORACLE_NOT : ORACLE_CAS;
        op->a = oracle_value(invoke->value.items[0]);
        op->b = oracle_value(invoke->value.items[1]);
        if (fail && !semantics->failed_cas_differs)
            return;
    }
    oracle->count++;
}

/* Pairs by looking ahead for the next event of the same process. */
static void oracle_read(struct oracle *oracle, const struct history *history,
                        const struct history_semantics *semantics)
{
    oracle->count = 0;
    oracle->orders = 0;
    for (size_t i = 0; i < history->count; i++) {
        const struct op *invoke = &history->ops[i], *complete = NULL;
        if (invoke->type != OP_INVOKE)
            continue;
        for (size_t j = i + 1; j < history->count && !complete; j++)
            if (history->ops[j].process == invoke->process)
                complete = &history->ops[j];
        oracle_add(oracle, semantics, invoke, complete);
    }
}

static bool oracle_may_come_next(const struct oracle *oracle, uint32_t used, int next)
{
    for (int i = 0; i < oracle->count; i++) {
        bool is_used = used >> i & 1;
        if (i == next || (is_used && oracle->ops[i].invoke < oracle->ops[next].complete))
            continue;
        if (is_used) /* it was invoked after `next` had completed */
            return false;
        if (oracle->ops[i].must && oracle->ops[i].complete < oracle->ops[next].invoke)
            return false;
    }
    return true;
}

static bool oracle_apply(const struct oracle_op *op, int64_t *state)
{
    if (op->deed == ORACLE_NOT)
        return *state != op->a;
    if (op->deed != ORACLE_WRITE && *state != op->a)
        return false;
    if (op->deed != ORACLE_READ)
        *state = op->deed == ORACLE_WRITE ? op->a : op->b;
    return true;
}

static bool oracle_orders(struct oracle *oracle, uint32_t used, int64_t state)
{
    bool complete = true;
    for (int i = 0; i < oracle->count; i++)
        complete = complete && (used >> i & 1 || !oracle->ops[i].must);
    if (complete)
        return true;
    for (int i = 0; i < oracle->count; i++) {
        int64_t after = state;
        if (used >> i & 1 || !oracle_may_come_next(oracle, used, i) ||
            !oracle_apply(&oracle->ops[i], &after))
            continue;
        oracle->orders++;
        if (oracle_orders(oracle, used | UINT32_C(1) << i, after))
            return true;
    }
    return false;
}

static bool oracle_is_linearizable(const struct history *history,
                                   const struct history_semantics *semantics)
{
    struct oracle oracle;
    oracle_read(&oracle, history, semantics);
    int64_t initial = semantics->initial_is_given ? value_ref_as_int(semantics->initial) : -1;
    return oracle_orders(&oracle, 0, initial) ||
           (semantics->initial_may_be_nil && oracle_orders(&oracle, 0, -1));
}

#endif
