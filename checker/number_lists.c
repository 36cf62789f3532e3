#include "checker/number_lists.h"

#include "core/err.h"

enum { CAPACITY_MIN = 256 };

uint32_t number_lists_add(struct number_lists *lists, value_ref value)
{
    int32_t number = value == VALUE_REF_NOMEM ? -1 : value_numbers_add(&lists->numbers, value);
    return number < 0 ? 0 : (uint32_t)number;
}

static bool make_room(struct number_lists *lists, size_t more)
{
    if (more <= lists->capacity - lists->count)
        return true;
    size_t capacity = lists->capacity ? 2 * lists->capacity : CAPACITY_MIN;
    if (capacity < lists->count + more)
        capacity = lists->count + more;
    uint32_t *items = budget_resize(lists->budget, lists->items, lists->capacity * sizeof *items,
                                    capacity * sizeof *items);
    if (!items)
        return false;
    lists->items = items;
    lists->capacity = capacity;
    return true;
}

static int take_answer(struct number_lists *lists, const struct checker_input *input,
                       const struct operation *op, const char *rule, struct errbuf *err)
{
    struct value answer = value_pool_get(input->object->values, op->result);
    if (answer.kind != VALUE_LIST && answer.kind != VALUE_SET)
        return checker_odd_value(input, op->complete, rule, err);
    if (!make_room(lists, answer.count))
        return checker_no_memory(err);
    for (uint32_t i = 0; i < answer.count; i++) {
        uint32_t number =
            number_lists_add(lists, value_pool_intern(input->object->values, answer.items[i]));
        if (number == 0)
            return checker_no_memory(err);
        if (budget_time_over(lists->budget))
            return checker_time_over(err);
        lists->items[lists->count++] = number;
    }
    return 0;
}

int number_lists_init(struct number_lists *lists, const struct checker_input *input, symbol f,
                      const char *rule, struct errbuf *err)
{
    const struct object *object = input->object;
    *lists = (struct number_lists){.budget = input->budget, .list_count = object->count};
    value_numbers_init(&lists->numbers, input->budget);
    lists->begins = budget_alloc(input->budget, (object->count + (size_t)1) * sizeof(size_t));
    if (!lists->begins)
        return checker_no_memory(err);
    int rc = 0;
    for (uint32_t i = 0; i < object->count && rc == 0; i++) {
        lists->begins[i] = lists->count;
        if (checker_answered(&object->ops[i], f))
            rc = take_answer(lists, input, &object->ops[i], rule, err);
        else if (budget_time_over(input->budget))
            rc = checker_time_over(err);
    }
    lists->begins[object->count] = lists->count;
    return rc;
}

void number_lists_fini(struct number_lists *lists)
{
    value_numbers_fini(&lists->numbers);
    budget_free(lists->budget, lists->items, lists->capacity * sizeof *lists->items);
    if (lists->begins)
        budget_free(lists->budget, lists->begins,
                    (lists->list_count + (size_t)1) * sizeof *lists->begins);
}

uint32_t checker_count_in(const struct object *object, const struct operation *op, value_ref value)
{
    struct value answer = value_pool_get(object->values, op->result);
    struct value wanted = value_pool_get(object->values, value);
    uint32_t count = 0;
    if (answer.kind != VALUE_LIST && answer.kind != VALUE_SET)
        return 0;
    for (uint32_t i = 0; i < answer.count; i++)
        count += value_equal(answer.items[i], wanted);
    return count;
}
