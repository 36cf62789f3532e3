#include "checker/set_check.h"

#include "checker/budget.h"
#include "checker/value_table.h"
#include "core/err.h"
#include "core/errbuf.h"

#include <string.h>

const char *set_fault_name(enum set_fault fault)
{
    static const char *const names[] = {
        [SET_LOST] = "lost", [SET_UNEXPECTED] = "unexpected", [SET_DUPLICATE] = "duplicate"};
    return names[fault];
}

/* What is known of an element. Positions; UINT32_MAX where there is none. */
struct element {
    uint32_t added;           /* earliest invocation of an add that did not fail */
    uint32_t failed;          /* some invocation of an add that failed */
    uint32_t acknowledged;    /* earliest completion of an add that succeeded ... */
    uint32_t acknowledged_by; /* ... and its invocation */
    uint32_t seen_by;         /* the last read it was seen in */
    uint32_t doubled_by;      /* the last read it was seen twice in */
    bool in_final;
};

struct set_run {
    const struct history *history;
    const struct keys *keys;
    const struct key_group *group;
    struct budget *budget;
    struct value_table table;
    struct element *elements; /* by number of the table */
    uint32_t capacity;
    struct set_findings *out;
};

/* NULL when memory ran out. */
static struct element *find_element(struct set_run *run, struct value value)
{
    int32_t number = value_table_intern(&run->table, value);
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

static const struct op *completion_of(const struct set_run *run, uint32_t at)
{
    uint32_t partner = run->keys->partner[at];
    return partner == HISTORY_UNPAIRED ? NULL : &run->history->ops[partner];
}

static int no_memory(struct errbuf *err)
{
    return errbuf_set(err, ERR_NOMEM, "no memory for the elements of a set");
}

static int take_add(struct set_run *run, uint32_t at, struct errbuf *err)
{
    const struct op *begin = &run->history->ops[at], *end = completion_of(run, at);
    bool ok = end && end->type == OP_OK;
    struct value value = ok && !value_is_nil(end->value) ? end->value : begin->value;
    struct element *element = find_element(run, value);
    if (!element)
        return no_memory(err);
    if (end && end->type == OP_FAIL) {
        element->failed = at;
        return 0;
    }
    if (element->added == UINT32_MAX)
        element->added = at;
    if (ok && (uint32_t)end->index < element->acknowledged) {
        element->acknowledged = (uint32_t)end->index;
        element->acknowledged_by = at;
    }
    return 0;
}

/* An ok read that says something. */
static bool is_telling_read(const struct set_run *run, uint32_t at)
{
    const struct op *begin = &run->history->ops[at], *end = completion_of(run, at);
    return begin->f == F_READ && end && end->type == OP_OK && !value_is_nil(end->value);
}

static int check_operation(const struct set_run *run, uint32_t at, struct errbuf *err)
{
    const struct op *begin = &run->history->ops[at], *end = completion_of(run, at);
    if (begin->f != F_ADD && begin->f != F_READ)
        return errbuf_set(err, ERR_INPUT,
                          "event %u: a set has no operation \"%s\"; it has add and read", at,
                          symbol_name(begin->f));
    if (is_telling_read(run, at) && end->value.kind != VALUE_LIST && end->value.kind != VALUE_SET)
        return errbuf_set(err, ERR_INPUT,
                          "event %lld: a read of a set must return a list or a set of elements",
                          (long long)end->index);
    return 0;
}

/* Pass one: the adds, and which read is the last. */
static int take_adds(struct set_run *run, struct errbuf *err)
{
    for (uint32_t i = 0; i < run->group->event_count; i++) {
        uint32_t at = run->keys->events[run->group->first + i];
        if (run->history->ops[at].type != OP_INVOKE)
            continue;
        if (budget_time_over(run->budget))
            return errbuf_set(err, ERR_TIMEOUT, "the time limit ended the check");
        int rc = check_operation(run, at, err);
        if (rc == 0 && run->history->ops[at].f == F_ADD)
            rc = take_add(run, at, err);
        if (rc != 0)
            return rc;
        if (is_telling_read(run, at)) {
            run->out->was_read = true;
            run->out->final_read = at;
        }
    }
    return 0;
}

static void judge_element(struct set_run *run, struct element *element, struct value value,
                          uint32_t read)
{
    uint32_t read_end = run->keys->partner[read];
    struct set_finding finding = {.element = value, .read = read, .add = HISTORY_UNPAIRED};
    if (element->seen_by == read) {
        if (element->doubled_by != read)
            add_finding(run, SET_DUPLICATE, finding);
        element->doubled_by = read;
        return;
    }
    element->seen_by = read;
    element->in_final = element->in_final || read == run->out->final_read;
    if (element->added > read_end) {
        finding.add = element->added != UINT32_MAX ? element->added : element->failed;
        add_finding(run, SET_UNEXPECTED, finding);
    }
}

/* Pass two: what the reads hold. */
static int judge_reads(struct set_run *run, struct errbuf *err)
{
    for (uint32_t i = 0; i < run->group->event_count; i++) {
        uint32_t at = run->keys->events[run->group->first + i];
        if (run->history->ops[at].type != OP_INVOKE || !is_telling_read(run, at))
            continue;
        struct value read = completion_of(run, at)->value;
        for (uint32_t j = 0; j < read.count; j++) {
            struct element *element = find_element(run, read.items[j]);
            if (!element)
                return no_memory(err);
            if (budget_time_over(run->budget))
                return errbuf_set(err, ERR_TIMEOUT, "the time limit ended the check");
            judge_element(run, element, read.items[j], at);
        }
    }
    return 0;
}

/* Pass three: what the last read should hold. */
static void judge_elements(struct set_run *run)
{
    struct set_findings *out = run->out;
    for (uint32_t i = 1; i < run->table.count; i++) {
        const struct element *element = &run->elements[i];
        bool acknowledged = element->acknowledged != UINT32_MAX;
        out->attempted += element->added != UINT32_MAX || element->failed != UINT32_MAX;
        out->acknowledged += acknowledged;
        if (element->in_final) {
            out->present += acknowledged;
            out->recovered += !acknowledged && element->added != UINT32_MAX;
        } else if (out->was_read && acknowledged && element->acknowledged < out->final_read) {
            add_finding(run, SET_LOST,
                        (struct set_finding){.element = run->table.values[i],
                                             .add = element->acknowledged_by,
                                             .read = out->final_read});
        } else {
            out->never_read += acknowledged;
        }
    }
}

int set_check(const struct history *history, const struct keys *keys, const struct key_group *group,
              struct budget *budget, struct set_findings *out, struct errbuf *err)
{
    struct set_run run = {
        .history = history, .keys = keys, .group = group, .budget = budget, .out = out};
    memset(out, 0, sizeof *out);
    value_table_init(&run.table, budget);
    int rc = take_adds(&run, err);
    if (rc == 0)
        rc = judge_reads(&run, err);
    if (rc == 0)
        judge_elements(&run);
    value_table_fini(&run.table);
    budget_free(budget, run.elements, run.capacity * sizeof *run.elements);
    return rc;
}
