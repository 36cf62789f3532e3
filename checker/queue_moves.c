#include "checker/queue_moves.h"

#include "checker/sort_items.h"
#include "core/err.h"

#include <string.h>

const symbol queue_functions[] = {F_ENQUEUE, F_DEQUEUE, F_DRAIN, F_NONE};

/* Whether a dequeue of this answer found nothing. */
static bool is_nothing(const struct object *object, value_ref answer)
{
    if (value_ref_is_int(answer))
        return false;
    struct value value = value_pool_get(object->values, answer);
    return value_is_nil(value) || value_is_name(value, "empty");
}

bool queue_leaves_nothing(const struct object *object, const struct operation *op)
{
    symbol f = symbol_canonical(op->f);
    if (f == F_DRAIN)
        return op->outcome == OP_OK;
    return f == F_DEQUEUE &&
           (op->outcome == OP_FAIL || (op->outcome == OP_OK && is_nothing(object, op->result)));
}

uint32_t queue_takes_of(const struct object *object, const struct operation *op, value_ref value)
{
    symbol f = symbol_canonical(op->f);
    if (op->outcome != OP_OK)
        return 0;
    if (f == F_DRAIN)
        return checker_count_in(object, op, value);
    return f == F_DEQUEUE && op->result == value && !is_nothing(object, value);
}

/* Puts are in order of invocation already. */
static int take_invocations(struct queue_moves *moves, const struct checker_input *input,
                            struct errbuf *err)
{
    const struct object *object = input->object;
    moves->last_empty = UINT32_MAX;
    for (uint32_t i = 0; i < object->count; i++) {
        const struct operation *op = &object->ops[i];
        symbol f = symbol_canonical(op->f);
        if (budget_time_over(input->budget))
            return checker_time_over(err);
        if (f != F_ENQUEUE) {
            if (op->outcome == OP_INFO)
                *(f == F_DRAIN ? &moves->crashed_drains : &moves->crashed_dequeues) += 1;
            if (queue_leaves_nothing(object, op))
                moves->last_empty = i;
            continue;
        }
        if (op->outcome != OP_FAIL && is_nothing(object, op->argument))
            return checker_odd_value(input, op->invoke,
                                     "an element of a queue must be something else than nil or "
                                     "empty, the answers that there was none",
                                     err);
        uint32_t element = number_lists_add(&moves->lists, op->argument);
        if (element == 0)
            return checker_no_memory(err);
        if (op->outcome != OP_FAIL)
            moves->puts[moves->put_count++] = (struct queue_move){element, i};
    }
    return 0;
}

static int take_completions(struct queue_moves *moves, const struct checker_input *input,
                            const struct sort_item *order, uint32_t count, struct errbuf *err)
{
    const struct object *object = input->object;
    for (uint32_t i = 0; i < count; i++) {
        const struct operation *op = &object->ops[order[i].item];
        size_t drained;
        const uint32_t *items = number_lists_get(&moves->lists, order[i].item, &drained);
        if (budget_time_over(input->budget))
            return checker_time_over(err);
        for (size_t j = 0; j < drained; j++)
            moves->takes[moves->take_count++] = (struct queue_move){items[j], order[i].item};
        if (symbol_canonical(op->f) != F_DEQUEUE || is_nothing(object, op->result))
            continue;
        uint32_t element = number_lists_add(&moves->lists, op->result);
        if (element == 0)
            return checker_no_memory(err);
        moves->takes[moves->take_count++] = (struct queue_move){element, order[i].item};
    }
    return 0;
}

static int take_all(struct queue_moves *moves, const struct checker_input *input,
                    struct errbuf *err)
{
    struct sort_item *order;
    uint32_t count;
    moves->put_capacity = input->object->count;
    moves->take_capacity = moves->lists.count + input->object->ok;
    moves->puts = budget_alloc(input->budget, moves->put_capacity * sizeof *moves->puts);
    moves->takes = budget_alloc(input->budget, moves->take_capacity * sizeof *moves->takes);
    if (!moves->puts || !moves->takes)
        return checker_no_memory(err);
    int rc = take_invocations(moves, input, err);
    if (rc == 0)
        rc = checker_order_of_completion(input, &order, &count, err);
    if (rc != 0)
        return rc;
    rc = take_completions(moves, input, order, count, err);
    budget_free(input->budget, order, input->object->ok * sizeof *order);
    return rc;
}

int queue_moves_init(struct queue_moves *moves, const struct checker_input *input,
                     const struct checker *checker, struct errbuf *err)
{
    memset(moves, 0, sizeof *moves);
    moves->lists.budget = input->budget;
    int rc = checker_know_functions(input, checker, err);
    if (rc == 0)
        rc = number_lists_init(&moves->lists, input, F_DRAIN,
                               "a drain of a queue must return the list of what it took out", err);
    return rc == 0 ? take_all(moves, input, err) : rc;
}

void queue_moves_fini(struct queue_moves *moves, const struct checker_input *input)
{
    budget_free(input->budget, moves->puts, moves->put_capacity * sizeof *moves->puts);
    budget_free(input->budget, moves->takes, moves->take_capacity * sizeof *moves->takes);
    number_lists_fini(&moves->lists);
}
