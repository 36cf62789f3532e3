/* Linearizability of a set that only grows, and is read as a whole: algorithm_grow_only_set.
 *
 * The set only grows, so reads come in order of their size, and each must hold all that the one
 * before it held. Equal reads are a class; the elements that a class has and the one before it has
 * not were added between both. That gives blocks, each of which stands behind those before it:
 * reads of nothing, what the first class added, its reads, what the second added, ..., and at the
 * end what was certainly added and never read. Within a block any order will do. There is a
 * linearization iff no operation ended before one of an earlier block began: then blocks, each by
 * start, are one.
 *
 * An element may be added more than once: the add that began first makes it appear, for that leaves
 * the most room, and the other ones, which then change nothing, only must not end before its block.
 * Crashed adds of what nobody read are left out, and so are those that another add makes needless.
 *
 * Linear in the operations and the total size of the reads; reads with the same answer, one after
 * the other, are looked at once. 4 bytes an operation, 16 a read, 16 to 24 an element, and for an
 * order 4 an operation more, or 32 while elements are added twice. */
#include "checker/grow_only_set.h"

#include "checker/answer.h"
#include "checker/sort_items.h"

#include <string.h>

/* Class c is read in block 2c, and what it has more than the one before is added in 2c-1. Class 0
 * is that of reads of nothing. */
static uint32_t block_of_reads(uint32_t class)
{
    return 2 * class;
}

static uint32_t block_of_adds(const struct grow_only *set, const struct grow_element *element)
{
    return 2 * (element->class == GROW_NONE ? set->class_count : element->class) - 1;
}

static bool says_something(const struct operation *op)
{
    if (op->f == F_READ)
        return op->outcome == OP_OK && op->result != VALUE_REF_NIL;
    return op->outcome != OP_FAIL;
}

static struct value collection_of(const struct grow_only *set, uint32_t read)
{
    return value_pool_get(set->input->object->values, set->ops[read].result);
}

static uint32_t element_of(const struct grow_only *set, struct value value)
{
    if (value.kind == VALUE_INT && value_ref_holds_int(value.integer))
        return ref_map_find(&set->map, value_ref_int((int32_t)value.integer));
    /* Interning what is known changes nothing, and any thread may. */
    value_ref ref = value_pool_intern((struct value_pool *)set->input->object->values, value);
    return ref == VALUE_REF_NOMEM ? GROW_NONE : ref_map_find(&set->map, ref);
}

static enum grow_end violated(struct grow_only *set, uint32_t failing, uint32_t other,
                              const char *reason)
{
    set->failing = failing;
    set->other = other;
    set->reason = reason;
    return GROW_VIOLATED;
}

/* --- preparation --- */

static int look_at_all(struct grow_only *set, struct errbuf *err)
{
    set->low = UINT32_MAX;
    for (uint32_t i = 0; i < set->count; i++) {
        const struct operation *op = &set->ops[i];
        if (op->f != F_ADD && op->f != F_READ)
            return answer_bad_operation(set->input, i, err);
        if (!says_something(op))
            continue;
        if (op->f == F_READ) {
            uint32_t kind = collection_of(set, i).kind;
            if (kind != VALUE_LIST && kind != VALUE_SET)
                return answer_bad_operation(set->input, i, err);
            set->reads++;
            continue;
        }
        uint32_t rank = ref_map_order(op->argument);
        set->low = rank < set->low ? rank : set->low;
        set->high = rank > set->high ? rank : set->high;
        set->adds++;
    }
    return 0;
}

static bool allocate(struct grow_only *set)
{
    struct budget *budget = set->budget;
    if (!ref_map_init(&set->map, set->low, set->high, set->adds, budget))
        return false;
    set->elements = budget_alloc(budget, set->adds * sizeof *set->elements);
    set->sorted = budget_alloc(budget, set->reads * sizeof *set->sorted);
    set->places = budget_alloc(budget, set->count * sizeof *set->places);
    return set->elements && set->sorted && set->places;
}

static void set_fini(struct grow_only *set)
{
    struct budget *budget = set->budget;
    budget_free(budget, set->latest, set->block_count * sizeof *set->latest);
    budget_free(budget, set->places, set->count * sizeof *set->places);
    budget_free(budget, set->sorted, set->reads * sizeof *set->sorted);
    budget_free(budget, set->elements, set->adds * sizeof *set->elements);
    ref_map_fini(&set->map);
}

static enum grow_end find_elements(struct grow_only *set)
{
    uint32_t reads = 0;
    for (uint32_t i = 0; i < set->count; i++) {
        const struct operation *op = &set->ops[i];
        if (budget_time_over(set->budget))
            return GROW_NO_TIME;
        if (!says_something(op))
            continue;
        if (op->f == F_READ) {
            set->sorted[reads++] = (struct sort_item){collection_of(set, i).count, i};
            continue;
        }
        uint32_t *place = ref_map_place(&set->map, op->argument);
        if (*place != REF_MAP_NONE)
            continue;
        *place = set->element_count++;
        set->elements[*place] = (struct grow_element){.first_add = i, .class = GROW_NONE};
    }
    return GROW_GO_ON;
}

static enum grow_end sort_reads(struct grow_only *set)
{
    switch (sort_items(set->sorted, set->reads, set->budget)) {
    case SORT_DONE:
        return GROW_GO_ON;
    case SORT_OUT_OF_TIME:
        return GROW_NO_TIME;
    case SORT_OUT_OF_MEMORY:
        break;
    }
    return GROW_NO_MEMORY;
}

/* --- classes --- */

/* What two reads disagree on, once none holds the other: marks what `b` has, and looks for an
 * element that only `a` has. */
static uint32_t only_in_first(struct grow_only *set, uint32_t a, uint32_t b)
{
    struct value items = collection_of(set, b);
    for (uint32_t i = 0; i < items.count; i++) {
        uint32_t at = element_of(set, items.items[i]);
        if (at != GROW_NONE)
            set->elements[at].stamp = GROW_NONE;
    }
    items = collection_of(set, a);
    for (uint32_t i = 0; i < items.count; i++) {
        uint32_t at = element_of(set, items.items[i]);
        if (at != GROW_NONE && set->elements[at].stamp != GROW_NONE)
            return at;
    }
    return GROW_NONE;
}

static void forget_stamps(struct grow_only *set)
{
    for (uint32_t i = 0; i < set->element_count; i++)
        set->elements[i].stamp = 0;
}

static enum grow_end incomparable(struct grow_only *set, uint32_t read, uint32_t before)
{
    forget_stamps(set);
    set->shown[0] = only_in_first(set, read, before);
    forget_stamps(set);
    set->shown[1] = only_in_first(set, before, read);
    bool later = read > before;
    return violated(set, later ? read : before, later ? before : read,
                    "two reads each miss an element that the other one has");
}

/* Counts what a read has of elements that were read before, and gives the others its class. */
static enum grow_end read_elements(struct grow_only *set, uint32_t read, uint32_t class,
                                   uint32_t *known)
{
    struct value items = collection_of(set, read);
    for (uint32_t i = 0; i < items.count; i++) {
        uint32_t at = element_of(set, items.items[i]);
        if (at == GROW_NONE)
            return violated(set, read, GROW_NONE,
                            "a read returned an element that nothing has added");
        struct grow_element *element = &set->elements[at];
        if (element->stamp == read + 1 && !set->repeats)
            return GROW_REPEATED;
        if (element->stamp == read + 1)
            continue;
        element->stamp = read + 1;
        if (element->class == GROW_NONE)
            element->class = class;
        *known += element->class < class;
        if (budget_time_over(set->budget))
            return GROW_NO_TIME;
    }
    return GROW_GO_ON;
}

/* Goes through the reads by size. Class 0 is there even if nothing was read of it. */
static enum grow_end classify(struct grow_only *set)
{
    uint32_t class = 0, size = 0, before = GROW_NONE;
    for (uint32_t i = 0; i < set->reads; i++) {
        uint32_t read = set->sorted[i].item, known = 0, larger = (uint32_t)set->sorted[i].key;
        bool same = larger == size;
        bool looked_at = same && (size == 0 || set->ops[read].result == set->ops[before].result);
        /* A read as large as the one before must have nothing new, and a larger one all of it. */
        enum grow_end end =
            looked_at ? GROW_GO_ON : read_elements(set, read, same ? class + 1 : ++class, &known);
        if (end != GROW_GO_ON)
            return end;
        if (!looked_at && known != size)
            return incomparable(set, read, before);
        set->places[read] = 2 * block_of_reads(class);
        size = larger;
        before = read;
    }
    set->class_count = class + 1;
    return GROW_GO_ON;
}

/* A read has an element twice: its size is what it has once. */
static enum grow_end count_once(struct grow_only *set)
{
    set->repeats = true;
    forget_stamps(set);
    for (uint32_t i = 0; i < set->element_count; i++)
        set->elements[i].class = GROW_NONE;
    for (uint32_t i = 0; i < set->reads; i++) {
        struct sort_item *read = &set->sorted[i];
        struct value items = collection_of(set, read->item);
        read->key = 0;
        for (uint32_t j = 0; j < items.count; j++) {
            uint32_t at = element_of(set, items.items[j]);
            read->key += at == GROW_NONE || set->elements[at].stamp != read->item + 1;
            if (at != GROW_NONE)
                set->elements[at].stamp = read->item + 1;
            if (budget_time_over(set->budget))
                return GROW_NO_TIME;
        }
    }
    forget_stamps(set);
    return sort_reads(set);
}

/* --- blocks --- */

/* Gives the adds their places, and finds out which operation of each block began last. */
static enum grow_end place_adds(struct grow_only *set)
{
    set->block_count = 2 * set->class_count;
    set->latest = budget_alloc(set->budget, set->block_count * sizeof *set->latest);
    if (!set->latest)
        return GROW_NO_MEMORY;
    memset(set->latest, 0xff, set->block_count * sizeof *set->latest);
    for (uint32_t i = 0; i < set->count; i++) {
        const struct operation *op = &set->ops[i];
        if (op->f == F_ADD && says_something(op)) {
            const struct grow_element *element =
                &set->elements[ref_map_find(&set->map, op->argument)];
            bool read = element->class != GROW_NONE, first = element->first_add == i;
            if (op->outcome == OP_OK || (read && first))
                set->places[i] =
                    2 * block_of_adds(set, element) + (read && !first ? GROW_EXTRA : 0);
        }
        if (set->places[i] != GROW_NONE && !(set->places[i] & GROW_EXTRA))
            set->latest[set->places[i] / 2] = i;
        if (budget_time_over(set->budget))
            return GROW_NO_TIME;
    }
    return GROW_GO_ON;
}

/* From the operation that began last in a block to that in all blocks before it. */
static void look_back(struct grow_only *set)
{
    uint32_t before = GROW_NONE;
    for (uint32_t block = 0; block < set->block_count; block++) {
        uint32_t here = set->latest[block];
        set->latest[block] = before;
        if (here != GROW_NONE && (before == GROW_NONE || here > before))
            before = here;
    }
}

static uint32_t any_read_of_class(const struct grow_only *set, uint32_t class)
{
    uint32_t i = 0;
    while (set->places[i] != 2 * block_of_reads(class))
        i++;
    return i;
}

/* Operation x ended before y began, which stands in an earlier block. */
static enum grow_end in_disorder(struct grow_only *set, uint32_t x, uint32_t y)
{
    bool x_reads = set->ops[x].f == F_READ, y_reads = set->ops[y].f == F_READ;
    if (x_reads && y_reads) {
        forget_stamps(set);
        set->shown[0] = only_in_first(set, x, y);
        return violated(set, y, x, "a read misses an element that an earlier one had returned");
    }
    set->shown[0] = grow_only_element_added(set, x_reads ? y : x);
    if (x_reads)
        return violated(set, x, GROW_NONE, "a read returned an element before its add began");
    if (y_reads)
        return violated(set, y, GROW_NONE, "a read misses an element that had been added before");
    set->shown[1] = grow_only_element_added(set, y);
    return violated(set, any_read_of_class(set, set->elements[set->shown[1]].class), GROW_NONE,
                    "a read returned an element, and misses one that was added before that");
}

static enum grow_end compare_blocks(struct grow_only *set)
{
    look_back(set);
    for (uint32_t i = 0; i < set->count; i++) {
        if (set->places[i] == GROW_NONE)
            continue;
        uint32_t before = set->latest[set->places[i] / 2];
        if (before != GROW_NONE && operation_end(&set->ops[i]) < set->ops[before].invoke)
            return in_disorder(set, i, before);
        if (budget_time_over(set->budget))
            return GROW_NO_TIME;
    }
    return GROW_GO_ON;
}

/* --- the answer --- */

static int reject(const struct grow_only *set, struct algorithm_result *out)
{
    struct kept kept;
    if (!kept_init(&kept, set->budget, set->count))
        return answer_out_of_memory(out);
    for (uint32_t i = 0; i < set->count; i++) {
        const struct operation *op = &set->ops[i];
        if (op->f != F_ADD || !says_something(op))
            continue;
        uint32_t element = grow_only_element_added(set, i);
        if (element == set->shown[0] || element == set->shown[1])
            kept_add(&kept, i);
    }
    kept_add(&kept, set->failing);
    if (set->other != GROW_NONE)
        kept_add(&kept, set->other);
    int rc = answer_rejected(out, &kept, set->reason, set->failing);
    kept_fini(&kept);
    return rc;
}

static int answer(const struct grow_only *set, enum grow_end end, struct algorithm_result *out)
{
    if (end != GROW_GO_ON)
        algorithm_result_fini(out, set->budget);
    out->steps = set->count;
    switch (end) {
    case GROW_GO_ON:
        return answer_accepted(out);
    case GROW_VIOLATED:
        return reject(set, out);
    case GROW_NO_TIME:
        return answer_out_of_time(out);
    case GROW_REPEATED:
    case GROW_NO_MEMORY:
        break;
    }
    return answer_out_of_memory(out);
}

static enum grow_end decide(struct grow_only *set, struct algorithm_result *out)
{
    if (!allocate(set))
        return GROW_NO_MEMORY;
    memset(set->places, 0xff, set->count * sizeof *set->places);
    enum grow_end end = find_elements(set);
    if (end == GROW_GO_ON)
        end = sort_reads(set);
    if (end == GROW_GO_ON)
        end = classify(set);
    if (end == GROW_REPEATED) {
        end = count_once(set);
        if (end == GROW_GO_ON)
            end = classify(set);
    }
    if (end == GROW_GO_ON)
        end = place_adds(set);
    if (end == GROW_GO_ON)
        end = compare_blocks(set);
    if (end == GROW_GO_ON && set->input->want_order)
        end = grow_only_make_order(set, out);
    return end;
}

static int run(const struct algorithm_input *input, struct algorithm_result *out,
               struct errbuf *err)
{
    struct grow_only set = {.input = input,
                            .ops = input->object->ops,
                            .count = input->object->count,
                            .budget = input->budget,
                            .shown = {GROW_NONE, GROW_NONE}};
    *out = (struct algorithm_result){0};
    int rc = look_at_all(&set, err);
    if (rc != 0)
        return rc;
    enum grow_end end = decide(&set, out);
    rc = answer(&set, end, out);
    set_fini(&set);
    return rc;
}

static const char *const models[] = {"grow-only-set", NULL};

const struct algorithm algorithm_grow_only_set = {
    .name = "grow-only-set",
    .doc = "each read holds the smaller ones: blocks in order, linear in the size of the reads",
    .models = models,
    .run = run,
};
