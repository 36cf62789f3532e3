/* A stack of distinct values, O(n log n) (Lee & Mathur, "Efficient Decrease-and-Conquer
 * Linearizability Monitoring", OOPSLA 2025; the structures below, crashed operations, and the
 * order, are ours).
 *
 * A value whose windows (container.h) overlap can be put in and taken out at once, and does not
 * matter. Every other one lies like a layer over the cells in which it certainly is in. In a cell
 * without a layer, a bare cell, the stack may as well be empty: whatever is in there can be taken
 * out just before, or be put in just after. So a value can be *cleared* if both its windows have a
 * bare cell: put it in at the one, below everything that comes, and take it out at the other, when
 * everything else is gone; the other values have an order with it if and only if they have one
 * without. Its layer goes away, and other cells become bare.
 *
 * If none can be cleared there is no order: the first value that is put in, in an order of those
 * that are left, is put in while the stack is empty, and leaves it empty when it is taken out - in
 * cells that are bare.
 *
 * The order: of the cleared ones, first to last, each encloses those after it that it meets. A
 * value goes in at the last bare cell of its window and out at the first, where the removals that
 * found nothing find nothing: they need a cell that is bare from the beginning. In one cell come
 * first the removals, the last cleared first; then those that found nothing; then the inserts, the
 * first cleared first. */
#include "checker/algorithm.h"

#include "checker/cell_set.h"
#include "checker/container.h"
#include "checker/layers.h"
#include "checker/stack_witness.h"
#include "checker/waiting.h"

#include <string.h>

struct stack {
    struct container *c;
    struct algorithm_result *out;
    struct layers layers;
    struct cell_set bare;
    struct waiting waiting; /* windows without a bare cell, by the index of their operation */
    uint32_t *began;        /* by block of cells: operations up to this one began before its end */
    uint32_t *owners;       /* by operation: the value it is on */
    uint8_t *open;          /* by value: its windows that wait */
    uint32_t *cleared;      /* values in this order; from the end on backwards: those that can be */
    struct window *places;  /* by value: the cells in which it is put in, and taken out */
    uint32_t cleared_count, ready_count, blocks;
};

static bool accepted(const struct stack *stack)
{
    return stack->out->end == ALGORITHM_ACCEPTED;
}

/* --- memory --- */

static bool stack_init(struct stack *stack)
{
    const struct container *c = stack->c;
    struct budget *budget = c->budget;
    stack->blocks = c->cells / LAYERS_BLOCK + 1;
    stack->began = budget_zalloc(budget, stack->blocks * sizeof *stack->began);
    stack->owners = budget_alloc(budget, c->object->count * sizeof *stack->owners);
    stack->open = budget_zalloc(budget, c->count * sizeof *stack->open);
    stack->cleared = budget_alloc(budget, c->count * sizeof *stack->cleared);
    stack->places = budget_alloc(budget, c->count * sizeof *stack->places);
    return stack->began && stack->owners && stack->open && stack->cleared && stack->places &&
           layers_init(&stack->layers, c->cells, budget) &&
           cell_set_init(&stack->bare, c->cells, budget) &&
           waiting_init(&stack->waiting, c->object->count, budget);
}

static void stack_fini(struct stack *stack)
{
    const struct container *c = stack->c;
    budget_free(c->budget, stack->began, stack->blocks * sizeof *stack->began);
    budget_free(c->budget, stack->owners, c->object->count * sizeof *stack->owners);
    budget_free(c->budget, stack->open, c->count * sizeof *stack->open);
    budget_free(c->budget, stack->cleared, c->count * sizeof *stack->cleared);
    budget_free(c->budget, stack->places, c->count * sizeof *stack->places);
    if (stack->layers.counts)
        layers_fini(&stack->layers);
    if (stack->bare.words)
        cell_set_fini(&stack->bare);
    if (stack->waiting.ends)
        waiting_fini(&stack->waiting);
}

/* --- clearing --- */

static void add_bare(struct stack *stack, uint32_t block, uint64_t bits)
{
    cell_set_add(&stack->bare, block, bits);
}

static bool has_bare(const struct stack *stack, struct window window)
{
    return cell_set_next(&stack->bare, window.from) < window.to;
}

/* Both its windows have a bare cell. What became ready last is cleared next: it is near. */
static void set_ready(struct stack *stack, uint32_t value)
{
    stack->cleared[stack->c->count - ++stack->ready_count] = value;
}

static void set_waiting(struct stack *stack, uint32_t value, uint32_t op, struct window window,
                        uint8_t which)
{
    uint32_t block = window.from / LAYERS_BLOCK;
    stack->owners[op] = value;
    if (has_bare(stack, window))
        return;
    stack->open[value] |= which;
    stack->waiting.levels[0][op] = window.to;
    if (stack->began[block] <= op)
        stack->began[block] = op + 1;
}

static void begin_value(struct stack *stack, uint32_t number)
{
    const struct container_value *value = &stack->c->values[number];
    if (!container_stays(value))
        return;
    set_waiting(stack, number, value->insert, value->in, STACK_PUT);
    if (value->remove != CONTAINER_NO)
        set_waiting(stack, number, value->remove, value->out, STACK_TAKE);
    if (!stack->open[number])
        set_ready(stack, number);
}

/* False when time is over. */
static bool begin(struct stack *stack)
{
    const struct container *c = stack->c;
    uint32_t block;
    uint64_t bits;
    for (uint32_t i = 0; i < c->count; i++)
        if (container_stays(&c->values[i]))
            layers_add(&stack->layers, c->values[i].in.to, c->values[i].out.from);
    layers_begin(&stack->layers);
    while (layers_next_bare(&stack->layers, &block, &bits))
        add_bare(stack, block, bits);
    for (uint32_t i = 0; i < c->count; i++) {
        if (container_time_over(c->budget, i))
            return false;
        begin_value(stack, i);
    }
    waiting_begin(&stack->waiting);
    for (uint32_t i = 1; i < stack->blocks; i++)
        if (stack->began[i] < stack->began[i - 1])
            stack->began[i] = stack->began[i - 1];
    return true;
}

/* Some cells of the block have become bare: which windows waited for that? */
static void wake(struct stack *stack, uint32_t block, uint64_t bits)
{
    uint32_t first = block * LAYERS_BLOCK + (uint32_t)__builtin_ctzll(bits);
    uint32_t op = stack->began[block];
    while ((op = waiting_find(&stack->waiting, op, first)) != WAITING_NONE) {
        uint32_t number = stack->owners[op];
        const struct container_value *value = &stack->c->values[number];
        bool put = op == value->insert;
        if (!has_bare(stack, put ? value->in : value->out))
            continue;
        waiting_leave(&stack->waiting, op);
        stack->open[number] &= (uint8_t) ~(put ? STACK_PUT : STACK_TAKE);
        if (!stack->open[number])
            set_ready(stack, number);
    }
}

static void clear(struct stack *stack, uint32_t number)
{
    const struct container_value *value = &stack->c->values[number];
    uint32_t block;
    uint64_t bits;
    stack->places[number].from = cell_set_last(&stack->bare, value->in.to);
    if (value->remove != CONTAINER_NO)
        stack->places[number].to = cell_set_next(&stack->bare, value->out.from);
    layers_remove(&stack->layers, value->in.to, value->out.from);
    while (layers_next_bare(&stack->layers, &block, &bits)) {
        add_bare(stack, block, bits);
        wake(stack, block, bits);
    }
}

static void clear_all(struct stack *stack)
{
    while (stack->ready_count > 0) {
        if (container_time_over(stack->c->budget, stack->cleared_count)) {
            stack->out->end = ALGORITHM_OUT_OF_TIME;
            return;
        }
        uint32_t value = stack->cleared[stack->c->count - stack->ready_count--];
        stack->cleared[stack->cleared_count++] = value;
        clear(stack, value);
    }
    for (uint32_t i = 0; i < stack->c->count; i++) {
        if (stack->open[i]) {
            stack_reject(stack->c, stack->open, stack->out);
            return;
        }
    }
}

/* --- the order --- */

enum phase { PHASE_BOTH, PHASE_TAKE, PHASE_EMPTY, PHASE_PUT, PHASES };

struct order {
    struct sort_item *items;
    size_t count;
};

static void add_item(struct order *order, uint32_t cell, enum phase phase, uint32_t op)
{
    if (op != CONTAINER_NO)
        order->items[order->count++] = (struct sort_item){(uint64_t)cell * PHASES + phase, op};
}

static void make_order(struct stack *stack)
{
    const struct container *c = stack->c;
    size_t capacity = 2 * (size_t)c->count + c->empty_count;
    struct order order = {budget_alloc(c->budget, capacity * sizeof *order.items), 0};
    if (!order.items) {
        stack->out->end = ALGORITHM_OUT_OF_MEMORY;
        return;
    }
    for (uint32_t i = 0; i < c->count; i++) {
        const struct container_value *value = &c->values[i];
        if (container_stays(value))
            continue;
        add_item(&order, value->out.from, PHASE_BOTH, value->insert);
        add_item(&order, value->out.from, PHASE_BOTH, value->remove);
    }
    for (uint32_t i = stack->cleared_count; i-- > 0;) {
        uint32_t number = stack->cleared[i];
        add_item(&order, stack->places[number].to, PHASE_TAKE, c->values[number].remove);
    }
    for (uint32_t i = 0; i < c->empty_count; i++)
        add_item(&order, c->empties[i].at.from, PHASE_EMPTY, c->empties[i].op);
    for (uint32_t i = 0; i < stack->cleared_count; i++) {
        uint32_t number = stack->cleared[i];
        add_item(&order, stack->places[number].from, PHASE_PUT, c->values[number].insert);
    }
    container_accept(c->budget, order.items, order.count, capacity, stack->out);
}

/* --- all of it --- */

static void check(struct container *c, bool want_order, struct algorithm_result *out)
{
    struct stack stack = {.c = c, .out = out};
    container_check_all_empties(c, out);
    if (!accepted(&stack))
        return;
    if (!stack_init(&stack))
        out->end = ALGORITHM_OUT_OF_MEMORY;
    else if (!begin(&stack))
        out->end = ALGORITHM_OUT_OF_TIME;
    else
        clear_all(&stack);
    if (accepted(&stack) && want_order)
        make_order(&stack);
    stack_fini(&stack);
}

/* A value must be gone before one that was put in before it is taken out after it was put in. */
static enum sort_end put_in_sequence(const struct container *c, struct sort_item *items)
{
    for (uint32_t i = 0; i < c->count; i++) {
        const struct container_value *value = &c->values[i];
        uint64_t left = value->remove == CONTAINER_NO;
        items[i] =
            (struct sort_item){2 * (uint64_t)(left ? value->in.from : value->in.to) + left, i};
    }
    return sort_items(items, c->count, c->budget);
}

static void give_left(struct container *c, struct algorithm_result *out)
{
    size_t count = c->count;
    struct sort_item *items = budget_alloc(c->budget, count * sizeof *items);
    enum sort_end end = items ? put_in_sequence(c, items) : SORT_OUT_OF_MEMORY;
    if (end == SORT_DONE)
        end = container_give_urgent(c, items);
    budget_free(c->budget, items, count * sizeof *items);
    container_end_sort(out, end);
}

static void check_with_left(struct container *c, bool want_order, struct algorithm_result *out)
{
    give_left(c, out);
    if (out->end == ALGORITHM_ACCEPTED)
        check(c, want_order, out);
    if (out->end != ALGORITHM_REJECTED)
        return;
    /* As of any container: the removals that crashed may be too few, whatever they took. */
    container_forget_witness(c, out);
    container_take_back_left(c);
    container_give_left(c);
    container_check_all_empties(c, out);
    if (out->end != ALGORITHM_ACCEPTED)
        return;
    container_drop_left(c);
    check(c, false, out);
    if (out->end == ALGORITHM_ACCEPTED)
        container_not_for_this(out, CONTAINER_CRASHED);
}

static int run(const struct algorithm_input *input, struct algorithm_result *out,
               struct errbuf *err)
{
    struct container c;
    int rc = container_read(&c, input, F_PUSH, F_POP, out, err);
    if (rc != 0 || out->end != ALGORITHM_ACCEPTED)
        return rc;
    bool want_order = input->want_order && c.set_aside == 0;
    if (c.left_count > 0)
        check_with_left(&c, want_order, out);
    else
        check(&c, want_order, out);
    if (out->end == ALGORITHM_ACCEPTED && c.set_aside > 0)
        container_not_for_this(out, CONTAINER_SET_ASIDE);
    container_fini(&c);
    return 0;
}

static const char *const models[] = {"stack", NULL};

const struct algorithm algorithm_stack = {
    .name = "stack",
    .doc = "stacks of distinct values: layer by layer (Lee & Mathur, OOPSLA 2025)",
    .models = models,
    .run = run,
};
