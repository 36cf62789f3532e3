#include "checker/set_check.h"

#include "checker/budget.h"
#include "checker/specification_common.h"
#include "checker/value_numbers.h"
#include "core/err.h"
#include "core/errbuf.h"

#include <string.h>

/* What is known of an element. UINT32_MAX where there is none. */
struct element {
    uint32_t added;           /* the first add that did not fail */
    uint32_t failed;          /* some add that failed */
    uint32_t acknowledged_by; /* the first to be acknowledged of those that succeeded ... */
    position acknowledged;    /* ... and when */
    uint32_t seen_by;         /* the last read it was seen in */
    uint32_t doubled_by;      /* the last read it was seen twice in */
    bool in_final;
};

struct set_run {
    const struct object *object;
    struct budget *budget;
    struct value_numbers numbers;
    struct element *elements; /* by number */
    uint32_t capacity;
    struct set_findings *out;
};

/* NULL when memory ran out. */
static struct element *find_element(struct set_run *run, value_ref value)
{
    int32_t number = value_numbers_add(&run->numbers, value);
    if (number < 0)
        return NULL;
    if ((uint32_t)number >= run->capacity) {
        uint32_t capacity = run->capacity ? run->capacity * 2 : 64;
        struct element *elements =
            budget_resize(run->budget, run->elements, run->capacity * sizeof *elements,
                          capacity * sizeof *elements);
        if (!elements)
            return NULL;
        memset(elements + run->capacity, 0xff, (capacity - run->capacity) * sizeof *elements);
        for (uint32_t i = run->capacity; i < capacity; i++)
            elements[i].in_final = false;
        run->elements = elements;
        run->capacity = capacity;
    }
    return &run->elements[number];
}

static void add_finding(struct set_run *run, enum set_fault fault, struct set_finding finding)
{
    uint32_t *count = &run->out->sample_count[fault];
    run->out->count[fault]++;
    if (*count < SET_SAMPLES_MAX)
        run->out->samples[fault][(*count)++] = finding;
}

static int no_memory(struct errbuf *err)
{
    return errbuf_set(err, ERR_NOMEM, "no memory for the elements of a set");
}

static int take_add(struct set_run *run, uint32_t number, struct errbuf *err)
{
    const struct operation *op = &run->object->ops[number];
    struct element *element = find_element(run, operation_value(op));
    if (!element)
        return no_memory(err);
    if (op->outcome == OP_FAIL) {
        element->failed = number;
        return 0;
    }
    if (element->added == UINT32_MAX)
        element->added = number;
    if (op->outcome == OP_OK && op->complete < element->acknowledged) {
        element->acknowledged = op->complete;
        element->acknowledged_by = number;
    }
    return 0;
}

/* An ok read that says something. */
static bool is_telling_read(const struct operation *op)
{
    return op->f == F_READ && op->outcome == OP_OK && op->result != VALUE_REF_NIL;
}

static int check_operation(const struct set_run *run, const struct operation *op,
                           struct errbuf *err)
{
    const struct operations *all = run->object->all;
    if (op->f != F_ADD && op->f != F_READ) {
        int rc = specification_unknown("set", "add and read", op, err);
        errbuf_prefix(err, "event %llu", (unsigned long long)operations_index(all, op->invoke));
        return rc;
    }
    if (!is_telling_read(op))
        return 0;
    struct value read = value_pool_get(run->object->values, op->result);
    if (read.kind != VALUE_LIST && read.kind != VALUE_SET)
        return errbuf_set(err, ERR_INPUT,
                          "event %llu: a read of a set must return a list or a set of elements",
                          (unsigned long long)operations_index(all, op->complete));
    return 0;
}

static int time_over(struct errbuf *err)
{
    return errbuf_set(err, ERR_TIMEOUT, "the time limit ended the check");
}

/* Pass one: the adds, and which read is the last. */
static int take_adds(struct set_run *run, struct errbuf *err)
{
    for (uint32_t i = 0; i < run->object->count; i++) {
        const struct operation *op = &run->object->ops[i];
        if (budget_time_over(run->budget))
            return time_over(err);
        int rc = check_operation(run, op, err);
        if (rc == 0 && op->f == F_ADD)
            rc = take_add(run, i, err);
        if (rc != 0)
            return rc;
        if (is_telling_read(op)) {
            run->out->was_read = true;
            run->out->final_read = i;
        }
    }
    return 0;
}

static void judge_element(struct set_run *run, struct element *element, value_ref value,
                          uint32_t read)
{
    const struct operation *ops = run->object->ops;
    struct set_finding finding = {.element = value, .read = read, .add = UINT32_MAX};
    if (element->seen_by == read) {
        if (element->doubled_by != read)
            add_finding(run, SET_DUPLICATE, finding);
        element->doubled_by = read;
        return;
    }
    element->seen_by = read;
    element->in_final = element->in_final || read == run->out->final_read;
    if (element->added == UINT32_MAX || ops[element->added].invoke > ops[read].complete) {
        finding.add = element->added != UINT32_MAX ? element->added : element->failed;
        add_finding(run, SET_UNEXPECTED, finding);
    }
}

/* Pass two: what the reads hold. Elements are interned where the pool has them already. */
static int judge_reads(struct set_run *run, struct errbuf *err)
{
    struct value_pool *values = (struct value_pool *)(uintptr_t)run->object->values;
    for (uint32_t i = 0; i < run->object->count; i++) {
        if (!is_telling_read(&run->object->ops[i]))
            continue;
        struct value read = value_pool_get(values, run->object->ops[i].result);
        for (uint32_t j = 0; j < read.count; j++) {
            value_ref value = value_pool_intern(values, read.items[j]);
            struct element *element = value == VALUE_REF_NOMEM ? NULL : find_element(run, value);
            if (!element)
                return no_memory(err);
            if (budget_time_over(run->budget))
                return time_over(err);
            judge_element(run, element, value, i);
        }
    }
    return 0;
}

/* Pass three: what the last read should hold. */
static void judge_elements(struct set_run *run)
{
    struct set_findings *out = run->out;
    for (uint32_t i = 1; i < run->numbers.count; i++) {
        const struct element *element = &run->elements[i];
        bool acknowledged = element->acknowledged != UINT32_MAX;
        out->attempted += element->added != UINT32_MAX || element->failed != UINT32_MAX;
        out->acknowledged += acknowledged;
        if (element->in_final) {
            out->present += acknowledged;
            out->recovered += !acknowledged && element->added != UINT32_MAX;
        } else if (out->was_read && acknowledged &&
                   element->acknowledged < run->object->ops[out->final_read].invoke) {
            add_finding(run, SET_LOST,
                        (struct set_finding){.element = run->numbers.refs[i],
                                             .add = element->acknowledged_by,
                                             .read = out->final_read});
        } else {
            out->never_read += acknowledged;
        }
    }
}

int set_check(const struct object *object, struct budget *budget, struct set_findings *out,
              struct errbuf *err)
{
    struct set_run run = {.object = object, .budget = budget, .out = out};
    memset(out, 0, sizeof *out);
    value_numbers_init(&run.numbers, budget);
    int rc = take_adds(&run, err);
    if (rc == 0)
        rc = judge_reads(&run, err);
    if (rc == 0)
        judge_elements(&run);
    value_numbers_fini(&run.numbers);
    budget_free(budget, run.elements, run.capacity * sizeof *run.elements);
    return rc;
}
