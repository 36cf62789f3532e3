#include "checker/container.h"

#include "checker/ref_map.h"
#include "checker/sort_items.h"
#include "core/err.h"
#include "core/errbuf.h"

#include <assert.h>
#include <string.h>

enum {
    DENSE = 8,   /* so many cells for an event are not worth counting them anew */
    AHEAD = 12,  /* operations: how far memory is fetched ahead */
    BLOCK = 512, /* operations that are read together */
    LATE_MIN = 64,
};

enum kind { KIND_FAILED, KIND_INSERT, KIND_REMOVE, KIND_OTHER };

struct reading {
    struct container *container;
    const struct object *object;
    symbol insert, remove;
    uint8_t kinds[F_BUILTIN_COUNT][4]; /* by f and outcome */
    uint32_t low, high;                /* of the values put in, in ref_map_order */
    position last;                     /* event */
    bool leaves_out;                   /* some inserts crashed */
    struct ref_map map;
    uint32_t *late; /* removals that cannot be judged before all inserts are known */
    size_t late_count, late_capacity;
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

static enum kind kind_of(const struct reading *reading, const struct operation *op)
{
    return op->f < F_BUILTIN_COUNT ? (enum kind)reading->kinds[op->f][op->outcome & 3] : KIND_OTHER;
}

static void set_kinds(struct reading *reading)
{
    memset(reading->kinds, KIND_OTHER, sizeof reading->kinds);
    for (symbol f = 1; f < F_BUILTIN_COUNT; f++) {
        symbol usual = symbol_canonical(f);
        if (usual != reading->insert && usual != reading->remove)
            continue;
        memset(reading->kinds[f], usual == reading->insert ? KIND_INSERT : KIND_REMOVE,
               sizeof reading->kinds[f]);
        reading->kinds[f][OP_FAIL] = KIND_FAILED;
    }
}

static bool says_empty(const struct value_pool *pool, value_ref ref)
{
    if (value_ref_is_int(ref))
        return false;
    if (ref == VALUE_REF_NIL)
        return true;
    if (ref == VALUE_REF_FALSE || ref == VALUE_REF_TRUE)
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

static int no_element(const struct reading *reading, const struct operation *op, struct errbuf *err)
{
    const struct operations *all = reading->object->all;
    uint64_t event = all ? operations_index(all, op->invoke) : op->invoke;
    return errbuf_set(
        err, ERR_INPUT,
        "event %llu: an element must be something else than nil or empty, the answers "
        "that there was none",
        (unsigned long long)event);
}

/* --- first pass: how many there are --- */

/* Inserts and removals come as they like: a branch on them would be guessed wrong every other time.
 */
static void survey_operation(struct reading *reading, const struct operation *op, enum kind kind)
{
    struct container *c = reading->container;
    uint32_t insert = kind == KIND_INSERT, remove = kind == KIND_REMOVE;
    uint32_t crashed = op->outcome == OP_INFO, at = ref_map_order(op->argument);
    uint32_t low = at | (insert - 1), high = at & (0 - insert);
    position end = op->complete == POSITION_NONE ? op->invoke : op->complete;
    c->value_capacity += insert;
    c->crashed_capacity += remove & crashed;
    reading->leaves_out |= insert & crashed;
    reading->low = low < reading->low ? low : reading->low;
    reading->high = high > reading->high ? high : reading->high;
    reading->last = end > reading->last ? end : reading->last;
    if ((remove & (crashed ^ 1) & !value_ref_is_int(op->result)) != 0)
        c->empty_capacity += says_empty(reading->object->values, op->result);
}

static int survey(struct reading *reading, struct errbuf *err)
{
    const struct object *object = reading->object;
    for (uint32_t i = 0; i < object->count; i++) {
        const struct operation *op = &object->ops[i];
        enum kind kind = kind_of(reading, op);
        if (kind == KIND_OTHER)
            return unknown_operation(reading, op, err);
        if (container_time_over(reading->container->budget, i)) {
            end_with(reading, ALGORITHM_OUT_OF_TIME);
            return 0;
        }
        if (((kind == KIND_INSERT) & !value_ref_is_int(op->argument)) != 0 &&
            says_empty(object->values, op->argument))
            return no_element(reading, op, err);
        survey_operation(reading, op, kind);
    }
    reading->container->small_integers = value_ref_is_int(reading->low);
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

/* --- second pass: what was put in and taken out --- */

static uint32_t cell_after(const struct reading *reading, position event)
{
    return event == POSITION_NONE ? CELL_NEVER : event - reading->object->ops[0].invoke;
}

static struct window window_of(const struct reading *reading, const struct operation *op)
{
    return (struct window){cell_after(reading, op->invoke), cell_after(reading, operation_end(op))};
}

static void take_insert(struct reading *reading, uint32_t index)
{
    struct container *c = reading->container;
    const struct operation *op = &reading->object->ops[index];
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
        .in = window_of(reading, op),
        .out = {CELL_NEVER, CELL_NEVER},
    };
}

/* The witness: everything that happened to one value. */
static void reject_value(struct reading *reading, uint32_t failing, const char *reason)
{
    struct algorithm_result *out = reading->out;
    const struct object *object = reading->object;
    value_ref ref = object->ops[failing].result;
    for (int writes = 0; writes < 2; writes++) {
        uint32_t count = 0;
        for (uint32_t i = 0; i < object->count; i++) {
            const struct operation *op = &object->ops[i];
            enum kind kind = kind_of(reading, op);
            bool is = kind == KIND_INSERT ? op->argument == ref
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

static void note_late(struct reading *reading, uint32_t index)
{
    struct budget *budget = reading->container->budget;
    if (reading->late_count == reading->late_capacity) {
        size_t size = reading->late_capacity * sizeof *reading->late;
        size_t more = size ? 2 * size : LATE_MIN * sizeof *reading->late;
        uint32_t *late = budget_resize(budget, reading->late, size, more);
        if (!late) {
            end_with(reading, ALGORITHM_OUT_OF_MEMORY);
            return;
        }
        reading->late = late;
        reading->late_capacity = more / sizeof *late;
    }
    reading->late[reading->late_count++] = index;
}

static void take_from(struct reading *reading, struct container_value *value, uint32_t index)
{
    value->remove = index;
    value->out = window_of(reading, &reading->object->ops[index]);
    if (value->out.to <= value->in.from)
        reject_value(reading, index, "a value was taken out before it was put in");
    if (value->out.from < value->in.from)
        value->out.from = value->in.from;
    if (value->in.to > value->out.to)
        value->in.to = value->out.to;
}

/* Its insert may not have been read yet, or another one of the same value. */
static void take_value(struct reading *reading, uint32_t index)
{
    uint32_t number = ref_map_find(&reading->map, reading->object->ops[index].result);
    struct container_value *value = &reading->container->values[number];
    if (number == REF_MAP_NONE || value->remove != CONTAINER_NO)
        note_late(reading, index);
    else if (value->insert != CONTAINER_NO)
        take_from(reading, value, index);
}

static void take_late(struct reading *reading, uint32_t index)
{
    uint32_t number = ref_map_find(&reading->map, reading->object->ops[index].result);
    struct container_value *value = &reading->container->values[number];
    if (number == REF_MAP_NONE)
        reject_value(reading, index, "a value was taken out that was never put in");
    else if (value->insert == CONTAINER_NO)
        return;
    else if (value->remove != CONTAINER_NO)
        reject_value(reading, index, "a value was taken out twice that was put in once");
    else
        take_from(reading, value, index);
}

static void take_remove(struct reading *reading, uint32_t index)
{
    struct container *c = reading->container;
    const struct operation *op = &reading->object->ops[index];
    if (op->outcome == OP_INFO)
        c->crashed[c->crashed_count++] = (struct container_op){index, window_of(reading, op)};
    else if (says_empty(reading->object->values, op->result))
        c->empties[c->empty_count++] = (struct container_op){index, window_of(reading, op)};
    else
        take_value(reading, index);
}

/* Inserts and removals apart, for the same reason as in the survey. */
static void take_block(struct reading *reading, uint32_t from, uint32_t to)
{
    const struct operation *ops = reading->object->ops;
    uint32_t inserts[BLOCK + AHEAD], removes[BLOCK + AHEAD], insert_count = 0, remove_count = 0;
    for (uint32_t i = from; i < to; i++) {
        enum kind kind = kind_of(reading, &ops[i]);
        inserts[insert_count] = removes[remove_count] = i;
        insert_count += kind == KIND_INSERT;
        remove_count += kind == KIND_REMOVE;
    }
    for (uint32_t i = 0; i < AHEAD; i++)
        inserts[insert_count + i] = removes[remove_count + i] = from;
    for (uint32_t i = 0; i < insert_count; i++) {
        ref_map_prefetch(&reading->map, ops[inserts[i + AHEAD]].argument);
        take_insert(reading, inserts[i]);
    }
    for (uint32_t i = 0; i < remove_count && goes_on(reading); i++) {
        ref_map_prefetch(&reading->map, ops[removes[i + AHEAD]].result);
        take_remove(reading, removes[i]);
    }
}

static void take_all(struct reading *reading)
{
    struct budget *budget = reading->container->budget;
    uint32_t count = reading->object->count;
    for (uint32_t from = 0; from < count && goes_on(reading); from += BLOCK) {
        take_block(reading, from, count - from < BLOCK ? count : from + BLOCK);
        if (budget_time_over(budget) && goes_on(reading))
            end_with(reading, ALGORITHM_OUT_OF_TIME);
    }
    for (size_t i = 0; i < reading->late_count && goes_on(reading); i++)
        take_late(reading, reading->late[i]);
    budget_free(budget, reading->late, reading->late_capacity * sizeof *reading->late);
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

static enum sort_end number_cells(const struct reading *reading)
{
    struct container *c = reading->container;
    uint32_t ends = 4 * c->count + 2 * (c->empty_count + c->crashed_count);
    if (c->object->count == 0)
        return SORT_DONE;
    c->cells = reading->last - c->object->ops[0].invoke + 1;
    bool dense = c->cells <= (uint64_t)DENSE * 2 * c->object->count;
    return dense ? SORT_DONE : number_cells_by_rank(c, ends);
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
    take_all(reading);
    ref_map_fini(&reading->map);
    if (!goes_on(reading))
        return 0;
    if (reading->leaves_out || reading->container->set_aside > 0)
        leave_out(reading->container);
    enum sort_end end = number_cells(reading);
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
    set_kinds(&reading);
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
    *c = (struct container){.budget = c->budget, .small_integers = c->small_integers};
}
