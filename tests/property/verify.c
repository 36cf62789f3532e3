/* The verifier against the definition, on random small histories of every model: it accepts exactly
 * the orders that explain a history, and exactly the refutations that an independent judge finds to
 * be proofs. */
#include "checker/verify.h"
#include "checker/budget.h"
#include "core/errbuf.h"
#include "property/brute_force.h"
#include "property/property_runs.h"
#include "property/random_objects.h"
#include "property/refutation_judge.h"
#include "property/tally.h"

#include <criterion/criterion.h>

enum {
    SEED = 1729,
    ORDERS = 30000,
    REFUTATIONS = 12000,
    SEARCHES = 15000,
};

struct bench {
    struct random_objects all;
    struct brute_force brute;
    struct budget budget;
    const struct object *object;
    struct errbuf why;
    bool linearizable;
    uint32_t valid;
};

static void bench_init(struct bench *bench, int kind, uint64_t index)
{
    random_objects_init(&bench->all, random_kind_names[kind], SEED, index);
    bench->brute = (struct brute_force){0};
    bench->valid = 0;
    budget_init(&bench->budget, 0, 0);
}

static void bench_next(struct bench *bench)
{
    struct random_options options = random_options_any(&bench->all);
    bench->object = random_objects_next(&bench->all, &options);
    bench->linearizable = brute_force_is_linearizable(&bench->brute, bench->all.specification,
                                                      &bench->all.context, bench->object);
    bench->why.text[0] = '\0';
}

static struct verify_input bench_input(struct bench *bench)
{
    return (struct verify_input){bench->object, bench->all.specification, bench->all.context,
                                 &bench->budget};
}

static void bench_fini(struct bench *bench)
{
    cr_assert_eq(bench->budget.bytes_used, 0);
    brute_force_free(&bench->brute);
    random_objects_fini(&bench->all);
}

/* --- orders --- */

struct order {
    uint32_t items[BRUTE_FORCE_OPS_MAX + 1], count;
    bool odd; /* no operation, or one twice */
};

static void mutate(struct bench *bench, struct order *order)
{
    struct random_objects *all = &bench->all;
    uint32_t at = order->count ? random_pick(all, order->count) : 0;
    uint32_t other = order->count ? random_pick(all, order->count) : 0;
    uint32_t kind = random_pick(all, 5), item = order->items[at];
    if (kind == 0 && order->count > 0) { /* swap */
        order->items[at] = order->items[other];
        order->items[other] = item;
    } else if (kind == 1 && order->count > 0) { /* drop */
        memmove(order->items + at, order->items + at + 1,
                (order->count - at - 1) * sizeof order->items[0]);
        order->count--;
    } else if (kind == 2 && order->count > 0) { /* move to the end */
        memmove(order->items + at, order->items + at + 1,
                (order->count - at - 1) * sizeof order->items[0]);
        order->items[order->count - 1] = item;
    } else if (order->count < BRUTE_FORCE_OPS_MAX) { /* put in any, or one that is not there */
        item = random_pick(all, bench->object->count + (kind == 3));
        memmove(order->items + at + 1, order->items + at,
                (order->count - at) * sizeof order->items[0]);
        order->items[at] = item;
        order->count++;
    }
    order->odd = false;
    for (uint32_t i = 0; i < order->count; i++) {
        order->odd = order->odd || order->items[i] >= bench->object->count;
        for (uint32_t j = 0; j < i; j++)
            order->odd = order->odd || order->items[i] == order->items[j];
    }
}

static void check_order(struct bench *bench, uint32_t tally[2])
{
    struct verify_input input = bench_input(bench);
    struct order order = {.count = bench->linearizable ? bench->brute.count : 0};
    memcpy(order.items, bench->brute.order, order.count * sizeof order.items[0]);
    if (bench->linearizable)
        cr_assert_eq(verify_order(&input, order.items, order.count, &bench->why), VERIFY_ACCEPTED,
                     "%s", bench->why.text);
    for (int i = 0; i < 4; i++) {
        mutate(bench, &order);
        bool right =
            !order.odd && brute_force_explains(bench->all.specification, &bench->all.context,
                                               bench->object, order.items, order.count);
        enum verify_end end = verify_order(&input, order.items, order.count, &bench->why);
        cr_assert_eq(end, right ? VERIFY_ACCEPTED : VERIFY_REJECTED, "%s: %s",
                     bench->all.specification->model, bench->why.text);
        tally[right]++;
    }
}

Test(verify, accepts_exactly_the_orders_that_explain_the_history, .timeout = 3000)
{
    uint32_t runs = property_runs(ORDERS);
    for (int kind = 0; kind < RANDOM_KIND_COUNT; kind++) {
        struct bench bench;
        uint32_t tally[2] = {0};
        bench_init(&bench, kind, 0);
        for (uint32_t i = 0; i < runs; i++) {
            bench_next(&bench);
            bench.valid += bench.linearizable;
            check_order(&bench, tally);
        }
        cr_assert(tally[0] > runs && tally[1] > runs / 20, "%s: %u wrong, %u right",
                  random_kind_names[kind], tally[0], tally[1]);
        tally_print(&(struct tally){.model = random_kind_names[kind],
                                    .algorithm = "orders",
                                    .histories = runs,
                                    .valid = bench.valid,
                                    .invalid = runs - bench.valid,
                                    .proofs = bench.valid,
                                    .mutations = tally[0] + tally[1],
                                    .refused = tally[0],
                                    .still_true = tally[1]});
        bench_fini(&bench);
    }
}

/* --- refutations --- */

struct claim {
    struct refutation refutation;
    uint32_t keep[RANDOM_OBJECT_OPS_MAX];
    value_ref free_values[3];
};

static void keep_some(struct bench *bench, struct claim *claim)
{
    struct random_objects *all = &bench->all;
    uint32_t style = random_pick(all, 4), value = random_pick(all, 4);
    uint32_t share = random_pick(all, 101);
    claim->refutation.keep_count = 0;
    for (uint32_t i = 0; i < bench->object->count; i++) {
        const struct operation *op = &bench->object->ops[i];
        bool kept = style == 0 || random_chance(all, share);
        if (style == 1) /* all but those that say nothing of interest */
            kept = !all->specification->observes(&all->context, op) || kept;
        if (style == 2) /* all but one value */
            kept = op->argument != value_ref_int((int32_t)value) &&
                   op->result != value_ref_int((int32_t)value);
        if (claim->refutation.any_state && operation_end(op) < claim->refutation.from)
            kept = kept && random_chance(all, 5);
        if (op->invoke > claim->refutation.until)
            kept = kept && random_chance(all, 5);
        if (kept)
            claim->keep[claim->refutation.keep_count++] = i;
    }
}

static void claim_something(struct bench *bench, struct claim *claim)
{
    struct random_objects *all = &bench->all;
    struct refutation *refutation = &claim->refutation;
    *refutation = (struct refutation){.keep = claim->keep, .until = POSITION_NONE};
    refutation->free_values = claim->free_values;
    if (random_pick(all, 2))
        refutation->until = random_pick(all, all->now + 1);
    if (random_pick(all, 2)) {
        refutation->any_state = true;
        refutation->from = random_pick(all, all->now / 2 + 1);
    }
    if (all->kind <= RANDOM_CAS_REGISTER && random_pick(all, 3) == 0) {
        refutation->free_count = 1 + random_pick(all, 2);
        for (uint32_t i = 0; i < refutation->free_count; i++)
            claim->free_values[i] = value_ref_int((int32_t)random_pick(all, 4));
    }
    keep_some(bench, claim);
}

/* Counts those claims that are proofs, and by which means. */
struct proofs {
    uint32_t claims, all, until, from, reduced, free;
};

static void check_claim(struct bench *bench, struct proofs *proofs)
{
    struct verify_input input = bench_input(bench);
    struct claim claim;
    claim_something(bench, &claim);
    const struct refutation *refutation = &claim.refutation;
    enum verify_end end = verify_refutation(&input, refutation, &bench->why);
    struct judge judge = {.kind = bench->all.kind,
                          .input = input,
                          .refutation = refutation,
                          .memo = &bench->brute,
                          .names = bench->all.names};
    proofs->claims++;
    cr_assert_neq(end, VERIFY_OUT_OF_BUDGET);
    cr_assert_eq(end == VERIFY_ACCEPTED, judge_refutes(&judge), "%s: %s",
                 bench->all.specification->model, bench->why.text);
    cr_assert(end == VERIFY_REJECTED || !bench->linearizable, "%s",
              bench->all.specification->model);
    if (end == VERIFY_REJECTED)
        return;
    proofs->all++;
    proofs->until += refutation->until != POSITION_NONE;
    proofs->from += refutation->any_state && refutation->from > 0;
    proofs->reduced += refutation->keep_count < bench->object->count;
    proofs->free += refutation->free_count > 0;
}

static bool has_any_state(enum random_kind kind)
{
    return kind <= RANDOM_MULTI_REGISTER || random_is_mutex(kind) || kind == RANDOM_LINEAR_SET ||
           kind == RANDOM_LINEAR_COUNTER || kind == RANDOM_USER;
}

Test(verify, accepts_exactly_the_refutations_that_prove_something, .timeout = 3000)
{
    uint32_t runs = property_runs(REFUTATIONS);
    for (int kind = 0; kind < RANDOM_KIND_COUNT; kind++) {
        struct bench bench;
        struct proofs proofs = {0};
        bench_init(&bench, kind, 1);
        for (uint32_t i = 0; i < runs; i++) {
            bench_next(&bench);
            bench.valid += bench.linearizable;
            for (int j = 0; j < 2; j++)
                check_claim(&bench, &proofs);
        }
        cr_assert(proofs.all > runs / 200 && proofs.until > runs / 1000 &&
                      proofs.reduced > runs / 1000 &&
                      (proofs.from > runs / 5000 || !has_any_state(kind)) &&
                      (proofs.free > runs / 5000 || kind > RANDOM_CAS_REGISTER),
                  "%s: %u proofs, %u until, %u from, %u reduced, %u free", random_kind_names[kind],
                  proofs.all, proofs.until, proofs.from, proofs.reduced, proofs.free);
        tally_print(&(struct tally){.model = random_kind_names[kind],
                                    .algorithm = "refutations",
                                    .histories = runs,
                                    .valid = bench.valid,
                                    .invalid = runs - bench.valid,
                                    .mutations = proofs.claims,
                                    .refused = proofs.claims - proofs.all,
                                    .still_true = proofs.all});
        bench_fini(&bench);
    }
}

/* --- the whole history, or a beginning of it --- */

/* What the definition says of the events up to `until`. */
static bool prefix_is_linearizable(struct bench *bench, position until)
{
    struct operation ops[RANDOM_OBJECT_OPS_MAX];
    struct object prefix = {.values = bench->object->values, .ops = ops};
    for (uint32_t i = 0; i < bench->object->count; i++) {
        struct operation op = bench->object->ops[i];
        if (op.invoke > until)
            continue;
        if (op.complete > until) {
            op.complete = POSITION_NONE;
            op.outcome = OP_INFO;
            op.result = VALUE_REF_NIL;
        }
        ops[prefix.count++] = op;
    }
    return brute_force_is_linearizable(&bench->brute, bench->all.specification, &bench->all.context,
                                       &prefix);
}

static void check_search(struct bench *bench, uint32_t tally[2])
{
    struct verify_input input = bench_input(bench);
    uint32_t keep[RANDOM_OBJECT_OPS_MAX];
    struct refutation refutation = {.keep = keep, .until = POSITION_NONE};
    bool beginning = random_pick(&bench->all, 2);
    if (beginning)
        refutation.until = random_pick(&bench->all, bench->all.now);
    for (uint32_t i = 0; i < bench->object->count; i++)
        if (bench->object->ops[i].invoke <= refutation.until)
            keep[refutation.keep_count++] = i;
    bool linearizable = prefix_is_linearizable(bench, refutation.until);
    enum verify_end end = verify_refutation(&input, &refutation, &bench->why);
    /* What was open at the end is known better from what it answered later. */
    if (linearizable && !bench->linearizable && end == VERIFY_ACCEPTED && beginning)
        return;
    cr_assert_eq(end, linearizable ? VERIFY_REJECTED : VERIFY_ACCEPTED, "%s: %s",
                 bench->all.specification->model, bench->why.text);
    tally[linearizable]++;
}

Test(verify, refutes_everything_else_when_all_of_it_is_kept, .timeout = 3000)
{
    uint32_t runs = property_runs(SEARCHES);
    for (int kind = 0; kind < RANDOM_KIND_COUNT; kind++) {
        struct bench bench;
        uint32_t tally[2] = {0};
        bench_init(&bench, kind, 2);
        for (uint32_t i = 0; i < runs; i++) {
            bench_next(&bench);
            check_search(&bench, tally);
        }
        cr_assert(tally[0] > runs / 12 && tally[1] > runs / 3, "%s: %u invalid, %u valid",
                  random_kind_names[kind], tally[0], tally[1]);
        bench_fini(&bench);
    }
}
