#include "checker/container.h"

#include "checker/ref_map.h"
#include "checker/sort_items.h"
#include "core/err.h"
#include "core/errbuf.h"

#include <assert.h>
#include <string.h>

enum {
    DENSE = 8,  /* so many cells for an event are not worth counting them anew */
    AHEAD = 16, /* operations: how far memory is fetched ahead */
};

enum role { ROLE_OTHER, ROLE_INSERT, ROLE_REMOVE };

struct reading {
    struct container *container;
    const struct object *object;
    symbol insert, remove;
    uint8_t roles[F_BUILTIN_COUNT];
    uint32_t low, high; /* of the values put in, in ref_map_order */
    struct ref_map map;
    struct algorithm_result *out;
};

static void end_with(struct reading *reading, enum algorithm_end end)
{
    reading->out->end = end;
}

static bool goes_on(const struct reading *reading)
{
    return reading->out->end == ALGORITHM_ACCEPTED;
}

static enum role role_of(const struct reading *reading, const struct operation *op)
{
    return op->f < F_BUILTIN_COUNT ? (enum role)reading->roles[op->f] : ROLE_OTHER;
}

static bool says_empty(const struct value_pool *pool, value_ref ref)
{
    if (ref == VALUE_REF_NIL)
        return true;
    if (value_ref_is_int(ref) || ref == VALUE_REF_FALSE || ref == VALUE_REF_TRUE)
        return false;
    struct value value = value_pool_get(pool, ref);
    bool text = value.kind == VALUE_STRING || value.kind == VALUE_KEYWORD;
    return text && strcmp(value.text, "empty") == 0;
}

static int unknown_operation(const struct reading *reading, const struct operation *op,
                             struct errbuf *err)
{
    const struct operations *all = reading->object->all;
    uint64_t event = all ? operations_index(all, op->invoke) : op->invoke;
    return errbuf_set(err, ERR_INPUT, "event %llu: no operation \"%s\" here; there are %s and %s",
                      (unsigned long long)event, symbol_name(op->f), symbol_name(reading->insert),
                      symbol_name(reading->remove));
}

/* --- first pass: how many there are --- */

static void survey_insert(struct reading *reading, const struct operation *op)
{
    uint32_t at = ref_map_order(op->argument);
    reading->container->value_capacity++;
    if (at < reading->low)
        reading->low = at;
    if (at > reading->high)
        reading->high = at;
}

static void survey_remove(struct reading *reading, const struct operation *op)
{
    if (op->outcome == OP_INFO)
        reading->container->crashed_capacity++;
    else if (says_empty(reading->object->values, op->result))
        reading->container->empty_capacity++;
}

static int survey(struct reading *reading, struct errbuf *err)
{
    const struct object *object = reading->object;
    for (uint32_t i = 0; i < object->count; i++) {
        const struct operation *op = &object->ops[i];
        enum role role = role_of(reading, op);
        if (role == ROLE_OTHER)
            return unknown_operation(reading, op, err);
        if (container_time_over(reading->container->budget, i)) {
            end_with(reading, ALGORITHM_OUT_OF_TIME);
            return 0;
        }
        if (op->outcome == OP_FAIL)
            continue;
        if (role == ROLE_INSERT)
            survey_insert(reading, op);
        else
            survey_remove(reading, op);
    }
    return 0;
}

static bool make_room(struct reading *reading)
{
    struct container *c = reading->container;
    c->values = budget_alloc(c->budget, c->value_capacity * sizeof *c->values);
    c->empties = budget_alloc(c->budget, c->empty_capacity * sizeof *c->empties);
    c->crashed = budget_alloc(c->budget, c->crashed_capacity * sizeof *c->crashed);
    bool ok = c->values && c->empties && c->crashed;
    return ok && ref_map_init(&reading->map, reading->low, reading->high,
                              (uint32_t)c->value_capacity, c->budget);
}

/* --- second pass: what was put in; third: what was taken out --- */

static void take_insert(struct reading *reading, uint32_t index, const struct operation *op)
{
    struct container *c = reading->container;
    uint32_t *number = ref_map_place(&reading->map, op->argument);
    if (*number != REF_MAP_NONE) {
        struct container_value *first = &c->values[*number];
        c->set_aside += first->insert != CONTAINER_NO;
        first->insert = CONTAINER_NO;
        return;
    }
    *number = c->count;
    c->values[c->count++] = (struct container_value){
        .insert = index,
        .remove = CONTAINER_NO,
        .in = {op->invoke, operation_end(op)},
        .out = {CELL_NEVER, CELL_NEVER},
    };
}

/* The witness: everything that happened to one value. */
static void reject_value(struct reading *reading, value_ref ref, uint32_t failing,
                         const char *reason)
{
    struct algorithm_result *out = reading->out;
    const struct object *object = reading->object;
    for (int writes = 0; writes < 2; writes++) {
        uint32_t count = 0;
        for (uint32_t i = 0; i < object->count; i++) {
            const struct operation *op = &object->ops[i];
            bool insert = role_of(reading, op) == ROLE_INSERT;
            bool is = insert ? op->argument == ref && op->outcome != OP_FAIL
                             : op->result == ref && op->outcome == OP_OK;
            if (is && writes)
                out->witness[count] = i;
            count += is;
        }
        if (!writes)
            out->witness = budget_alloc(reading->container->budget, count * sizeof *out->witness);
        if (!out->witness) {
            end_with(reading, ALGORITHM_OUT_OF_MEMORY);
            return;
        }
        out->witness_count = count;
    }
    out->failing = failing;
    out->reason = reason;
    end_with(reading, ALGORITHM_REJECTED);
}

static void take_value(struct reading *reading, uint32_t index, const struct operation *op)
{
    uint32_t number = ref_map_find(&reading->map, op->result);
    if (number == REF_MAP_NONE) {
        reject_value(reading, op->result, index, "a value was taken out that was never put in");
        return;
    }
    struct container_value *value = &reading->container->values[number];
    if (value->insert == CONTAINER_NO)
        return;
    if (value->remove != CONTAINER_NO) {
        reject_value(reading, op->result, index,
                     "a value was taken out twice that was put in once");
        return;
    }
    value->remove = index;
    value->out = (struct window){op->invoke, op->complete};
    if (value->out.to <= value->in.from)
        reject_value(reading, op->result, index, "a value was taken out before it was put in");
    if (value->out.from < value->in.from)
        value->out.from = value->in.from;
    if (value->in.to > value->out.to)
        value->in.to = value->out.to;
}

static void take_remove(struct reading *reading, uint32_t index, const struct operation *op)
{
    struct container *c = reading->container;
    struct window at = {op->invoke, operation_end(op)};
    if (op->outcome == OP_INFO)
        c->crashed[c->crashed_count++] = (struct container_op){index, at};
    else if (says_empty(reading->object->values, op->result))
        c->empties[c->empty_count++] = (struct container_op){index, at};
    else
        take_value(reading, index, op);
}

static void take_all(struct reading *reading, enum role role)
{
    const struct object *object = reading->object;
    for (uint32_t i = 0; i < object->count && goes_on(reading); i++) {
        const struct operation *op = &object->ops[i];
        if (i + AHEAD < object->count)
            ref_map_prefetch(&reading->map,
                             role == ROLE_INSERT ? op[AHEAD].argument : op[AHEAD].result);
        if (container_time_over(reading->container->budget, i))
            end_with(reading, ALGORITHM_OUT_OF_TIME);
        else if (op->outcome == OP_FAIL || role_of(reading, op) != role)
            continue;
        else if (role == ROLE_INSERT)
            take_insert(reading, i, op);
        else
            take_remove(reading, i, op);
    }
}

/* Leaves out what was set aside, and crashed inserts that nobody saw. */
static void leave_out(struct container *c)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < c->count; i++) {
        const struct container_value *value = &c->values[i];
        if (value->insert != CONTAINER_NO &&
            (value->remove != CONTAINER_NO || value->in.to != CELL_NEVER))
            c->values[kept++] = *value;
    }
    c->count = kept;
}

/* --- cells --- */

/* The ends of all windows, one after the other. */
static uint32_t *window_end(struct container *c, uint32_t number)
{
    struct window *window;
    uint32_t at = number / 2, values = 2 * c->count;
    if (at < values)
        window = at % 2 ? &c->values[at / 2].out : &c->values[at / 2].in;
    else if (at < values + c->empty_count)
        window = &c->empties[at - values].at;
    else
        window = &c->crashed[at - values - c->empty_count].at;
    return number % 2 ? &window->to : &window->from;
}

static void number_cells_by_position(struct container *c, uint32_t ends)
{
    uint32_t first = c->object->ops[0].invoke, last = first;
    for (uint32_t i = 0; i < ends; i++) {
        uint32_t *end = window_end(c, i);
        if (*end == CELL_NEVER)
            continue;
        last = *end > last ? *end : last;
        *end -= first;
    }
    c->cells = last - first + 1;
}

static enum sort_end number_cells_by_rank(struct container *c, uint32_t ends)
{
    uint32_t rank = 0;
    struct sort_item *items = budget_alloc(c->budget, ends * sizeof *items);
    if (!items)
        return SORT_OUT_OF_MEMORY;
    for (uint32_t i = 0; i < ends; i++)
        items[i] = (struct sort_item){*window_end(c, i), i};
    enum sort_end end = sort_items(items, ends, c->budget);
    for (uint32_t i = 0; i < ends && end == SORT_DONE; i++) {
        rank += i > 0 && items[i].key != items[i - 1].key;
        if (items[i].key != CELL_NEVER)
            *window_end(c, items[i].item) = rank;
    }
    c->cells = rank + 1;
    budget_free(c->budget, items, ends * sizeof *items);
    return end;
}

static position last_position(const struct object *object)
{
    position last = 0;
    for (uint32_t i = 0; i < object->count; i++) {
        const struct operation *op = &object->ops[i];
        position end = op->complete == POSITION_NONE ? op->invoke : op->complete;
        last = end > last ? end : last;
    }
    return last;
}

static enum sort_end number_cells(struct container *c)
{
    uint32_t ends = 4 * c->count + 2 * (c->empty_count + c->crashed_count);
    if (c->object->count == 0)
        return SORT_DONE;
    uint64_t range = (uint64_t)last_position(c->object) - c->object->ops[0].invoke;
    if (range > (uint64_t)DENSE * 2 * c->object->count)
        return number_cells_by_rank(c, ends);
    number_cells_by_position(c, ends);
    return SORT_DONE;
}

/* --- what crashed removals may have taken --- */

static enum sort_end find_left(struct container *c)
{
    if (c->crashed_count == 0)
        return SORT_DONE;
    for (uint32_t i = 0; i < c->count; i++)
        c->left_capacity += c->values[i].remove == CONTAINER_NO;
    size_t size = c->left_capacity;
    struct sort_item *items = budget_alloc(c->budget, size * sizeof *items);
    c->left = budget_alloc(c->budget, size * sizeof *c->left);
    enum sort_end end = items && c->left ? SORT_DONE : SORT_OUT_OF_MEMORY;
    for (uint32_t i = 0, at = 0; i < c->count && end == SORT_DONE; i++)
        if (c->values[i].remove == CONTAINER_NO)
            items[at++] = (struct sort_item){c->values[i].in.to, i};
    if (end == SORT_DONE)
        end = sort_items(items, size, c->budget);
    for (; c->left_count < size && end == SORT_DONE; c->left_count++)
        c->left[c->left_count] = items[c->left_count].item;
    budget_free(c->budget, items, size * sizeof *items);
    return end;
}

/* --- all of it --- */

static int read_all(struct reading *reading, struct errbuf *err)
{
    int rc = survey(reading, err);
    if (rc != 0 || !goes_on(reading))
        return rc;
    if (!make_room(reading)) {
        end_with(reading, ALGORITHM_OUT_OF_MEMORY);
        return 0;
    }
    take_all(reading, ROLE_INSERT);
    take_all(reading, ROLE_REMOVE);
    ref_map_fini(&reading->map);
    if (!goes_on(reading))
        return 0;
    leave_out(reading->container);
    enum sort_end end = number_cells(reading->container);
    if (end == SORT_DONE)
        end = find_left(reading->container);
    if (end != SORT_DONE)
        end_with(reading,
                 end == SORT_OUT_OF_TIME ? ALGORITHM_OUT_OF_TIME : ALGORITHM_OUT_OF_MEMORY);
    return 0;
}

int container_read(struct container *container, const struct algorithm_input *input, symbol insert,
                   symbol remove, struct algorithm_result *out, struct errbuf *err)
{
    struct reading reading = {.container = container,
                              .object = input->object,
                              .insert = insert,
                              .remove = remove,
                              .low = UINT32_MAX,
                              .out = out};
    for (symbol f = 1; f < F_BUILTIN_COUNT; f++) {
        symbol usual = symbol_canonical(f);
        reading.roles[f] = usual == insert   ? ROLE_INSERT
                           : usual == remove ? ROLE_REMOVE
                                             : ROLE_OTHER;
    }
    *container = (struct container){.object = input->object, .budget = input->budget};
    *out = (struct algorithm_result){.end = ALGORITHM_ACCEPTED, .steps = input->object->count};
    int rc = read_all(&reading, err);
    if (rc != 0 || !goes_on(&reading))
        container_fini(container);
    return rc;
}

void container_fini(struct container *c)
{
    budget_free(c->budget, c->values, c->value_capacity * sizeof *c->values);
    budget_free(c->budget, c->empties, c->empty_capacity * sizeof *c->empties);
    budget_free(c->budget, c->crashed, c->crashed_capacity * sizeof *c->crashed);
    budget_free(c->budget, c->left, c->left_capacity * sizeof *c->left);
    *c = (struct container){.budget = c->budget};
}
