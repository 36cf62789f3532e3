/* A set with add, remove and contains, element by element.
 *
 * The set is the product of its elements, each of which is in or out, and every operation is on one
 * of them; so there is an order if and only if there is one for each element (linearizability is
 * local: Herlihy & Wing, TOPLAS 1990). Each is decided by itself (element_search.h): in linear time
 * if every add and remove says whether it changed the set. */
#include "checker/algorithm.h"

#include "checker/container.h"
#include "checker/element_search.h"
#include "checker/ref_map.h"
#include "core/err.h"
#include "core/errbuf.h"

#include <string.h>

enum { SHRINK_MAX = 256 }; /* a witness of so many operations is made smaller one by one */

struct set {
    const struct object *object;
    struct budget *budget;
    struct algorithm_result *out;
    struct element_search search;
    struct ref_map map;
    uint32_t *starts;     /* by element: where its operations begin in by_element */
    uint32_t *by_element; /* operations that say something */
    uint32_t count, element_count, most;
    struct element_op *ops;  /* of one element: `most` */
    struct sort_item *items; /* the order; as many as by_element */
    uint32_t item_count;
    bool any_hard;
};

static bool accepted(const struct set *set)
{
    return set->out->end == ALGORITHM_ACCEPTED;
}

/* --- operations --- */

static bool contains_answer(const struct set *set, const struct operation *op, bool *answer)
{
    value_ref element, flag = op->result;
    if (flag != VALUE_REF_TRUE && flag != VALUE_REF_FALSE &&
        (!value_pool_pair(set->object->values, op->result, &element, &flag) ||
         element != op->argument))
        return false;
    *answer = flag == VALUE_REF_TRUE;
    return flag == VALUE_REF_TRUE || flag == VALUE_REF_FALSE;
}

static bool says_something(const struct operation *op)
{
    return op->outcome != OP_FAIL && (op->f != F_CONTAINS || op->outcome == OP_OK);
}

static struct element_op compile(const struct set *set, uint32_t index)
{
    const struct operation *op = &set->object->ops[index];
    struct element_op out = {
        .begin = op->invoke, .end = operation_end(op), .op = index, .in = op->f == F_ADD};
    if (op->f == F_CONTAINS)
        contains_answer(set, op, &out.in);
    if (op->outcome == OP_INFO)
        out.kind = ELEMENT_MAY;
    else if (op->f == F_CONTAINS || op->result == VALUE_REF_FALSE)
        out.kind = ELEMENT_OBSERVES;
    else
        out.kind = op->result == VALUE_REF_TRUE ? ELEMENT_CHANGES : ELEMENT_MAKES;
    return out;
}

static int unreadable(const struct set *set, const struct operation *op, struct errbuf *err)
{
    const struct operations *all = set->object->all;
    position at = op->f == F_CONTAINS ? op->complete : op->invoke;
    unsigned long long event = all ? operations_index(all, at) : at;
    if (op->f == F_CONTAINS)
        return errbuf_set(err, ERR_INPUT,
                          "event %llu: the answer of contains must be true or false, or [element "
                          "true]",
                          event);
    return errbuf_set(err, ERR_INPUT,
                      "event %llu: no operation \"%s\" here; there are add, remove and contains",
                      event, symbol_name(op->f));
}

/* --- by element --- */

/* Counts them; low and high are the bounds of their elements. */
static int survey(struct set *set, uint32_t *low, uint32_t *high, struct errbuf *err)
{
    *low = UINT32_MAX;
    *high = 0;
    for (uint32_t i = 0; i < set->object->count; i++) {
        const struct operation *op = &set->object->ops[i];
        uint32_t at = ref_map_order(op->argument);
        bool answer, is_contains = op->f == F_CONTAINS;
        if ((op->f != F_ADD && op->f != F_REMOVE && !is_contains) ||
            (is_contains && op->outcome == OP_OK && !contains_answer(set, op, &answer)))
            return unreadable(set, op, err);
        if (container_time_over(set->budget, i)) {
            set->out->end = ALGORITHM_OUT_OF_TIME;
            return 0;
        }
        if (!says_something(op))
            continue;
        set->count++;
        *low = at < *low ? at : *low;
        *high = at > *high ? at : *high;
    }
    return 0;
}

static bool count_elements(struct set *set)
{
    for (uint32_t i = 0; i < set->object->count; i++) {
        const struct operation *op = &set->object->ops[i];
        if (container_time_over(set->budget, i))
            return false;
        if (!says_something(op))
            continue;
        uint32_t *number = ref_map_place(&set->map, op->argument);
        if (*number == REF_MAP_NONE)
            *number = set->element_count++;
        set->starts[*number]++;
    }
    return true;
}

/* From how many to where they begin. */
static void place_elements(struct set *set)
{
    uint32_t sum = 0;
    for (uint32_t i = 0; i < set->element_count; i++) {
        uint32_t here = set->starts[i];
        set->most = here > set->most ? here : set->most;
        set->starts[i] = sum;
        sum += here;
    }
}

/* Afterwards starts[i] is where element i ends, and i + 1 begins. */
static bool distribute(struct set *set)
{
    for (uint32_t i = 0; i < set->object->count; i++) {
        const struct operation *op = &set->object->ops[i];
        if (container_time_over(set->budget, i))
            return false;
        if (says_something(op))
            set->by_element[set->starts[ref_map_find(&set->map, op->argument)]++] = i;
    }
    return true;
}

static void group(struct set *set, uint32_t low, uint32_t high)
{
    set->starts = budget_zalloc(set->budget, set->count * sizeof *set->starts);
    set->by_element = budget_alloc(set->budget, set->count * sizeof *set->by_element);
    if (!set->starts || !set->by_element ||
        !ref_map_init(&set->map, low, high, set->count, set->budget)) {
        set->out->end = ALGORITHM_OUT_OF_MEMORY;
        return;
    }
    bool in_time = count_elements(set);
    if (in_time) {
        place_elements(set);
        in_time = distribute(set);
    }
    if (!in_time)
        set->out->end = ALGORITHM_OUT_OF_TIME;
    ref_map_fini(&set->map);
}

/* --- answers --- */

/* Leaves out observers that are not needed; ops are those of the witness. Returns how many are
 * left. */
static uint32_t shrink(struct set *set, uint32_t count, uint32_t *failing)
{
    struct element_op *ops = set->ops;
    if (count > SHRINK_MAX)
        return count;
    for (uint32_t i = count; i-- > 0;) {
        struct element_op left_out = ops[i];
        if (left_out.kind != ELEMENT_OBSERVES || left_out.op == *failing)
            continue;
        memmove(&ops[i], &ops[i + 1], (count - i - 1) * sizeof *ops);
        if (element_search_run(&set->search, ops, count - 1) == ELEMENT_IMPOSSIBLE) {
            *failing = set->search.failing;
            count--;
            continue;
        }
        memmove(&ops[i + 1], &ops[i], (count - i - 1) * sizeof *ops);
        ops[i] = left_out;
    }
    return count;
}

/* What began after the operation that cannot be placed ended does not count. */
static void reject(struct set *set, uint32_t count, uint32_t failing)
{
    struct algorithm_result *out = set->out;
    count = shrink(set, count, &failing);
    position until = set->object->ops[failing].complete;
    while (set->ops[count - 1].begin > until)
        count--;
    out->witness = budget_alloc(set->budget, count * sizeof *out->witness);
    if (!out->witness) {
        out->end = ALGORITHM_OUT_OF_MEMORY;
        return;
    }
    for (uint32_t i = 0; i < count; i++)
        out->witness[i] = set->ops[i].op;
    out->witness_count = count;
    out->failing = failing;
    out->until = until;
    out->reason = "an element cannot have been in the set, or out of it, as often as was answered";
    out->end = ALGORITHM_REJECTED;
}

static void add_order(struct set *set)
{
    for (uint32_t i = 0; i < set->search.order_count && set->items; i++) {
        const struct element_step *step = &set->search.order[i];
        set->items[set->item_count++] = (struct sort_item){step->when, set->ops[step->number].op};
    }
}

static void check_element(struct set *set, uint32_t element)
{
    uint32_t start = element > 0 ? set->starts[element - 1] : 0;
    uint32_t count = set->starts[element] - start;
    for (uint32_t i = 0; i < count; i++)
        set->ops[i] = compile(set, set->by_element[start + i]);
    switch (element_search_run(&set->search, set->ops, count)) {
    case ELEMENT_POSSIBLE:
        add_order(set);
        break;
    case ELEMENT_IMPOSSIBLE:
        reject(set, count, set->search.failing);
        break;
    case ELEMENT_TOO_HARD:
        set->any_hard = true;
        break;
    case ELEMENT_OUT_OF_TIME:
        set->out->end = ALGORITHM_OUT_OF_TIME;
        break;
    case ELEMENT_OUT_OF_MEMORY:
        set->out->end = ALGORITHM_OUT_OF_MEMORY;
        break;
    }
}

/* --- all of it --- */

static void check(struct set *set, bool want_order)
{
    set->ops = budget_alloc(set->budget, set->most * sizeof *set->ops);
    if (want_order)
        set->items = budget_alloc(set->budget, set->count * sizeof *set->items);
    if (!set->ops || (want_order && !set->items) ||
        !element_search_init(&set->search, want_order, set->budget))
        set->out->end = ALGORITHM_OUT_OF_MEMORY;
    for (uint32_t i = 0; i < set->element_count && accepted(set); i++)
        check_element(set, i);
    element_search_fini(&set->search);
    budget_free(set->budget, set->ops, set->most * sizeof *set->ops);
    if (accepted(set) && set->any_hard) {
        set->out->end = ALGORITHM_NOT_FOR_THIS;
        set->out->reason = "too many operations on one element overlap";
    }
    if (accepted(set) && want_order)
        container_accept(set->budget, set->items, set->item_count, set->count, set->out);
    else
        budget_free(set->budget, set->items, set->count * sizeof *set->items);
}

static int run(const struct algorithm_input *input, struct algorithm_result *out,
               struct errbuf *err)
{
    struct set set = {.object = input->object, .budget = input->budget, .out = out};
    uint32_t low, high;
    *out = (struct algorithm_result){.end = ALGORITHM_ACCEPTED, .steps = input->object->count};
    set.search.budget = input->budget;
    int rc = survey(&set, &low, &high, err);
    if (rc != 0 || !accepted(&set))
        return rc;
    group(&set, low, high);
    if (accepted(&set))
        check(&set, input->want_order);
    budget_free(set.budget, set.starts, set.count * sizeof *set.starts);
    budget_free(set.budget, set.by_element, set.count * sizeof *set.by_element);
    return 0;
}

static const char *const models[] = {"linear-set", NULL};

const struct algorithm algorithm_element_set = {
    .name = "element-set",
    .doc = "sets element by element: linearizability is local (Herlihy & Wing, TOPLAS 1990)",
    .models = models,
    .run = run,
};
