/* Jepsen's checker "set-full": what became of every element of a grow-only set, over all reads.
 *
 * add v, of any value; read -> list or set of all elements, and a read of nil says nothing. An
 * element is known from the moment when its add was acknowledged, or when a read that saw it
 * completed. It is
 *   lost        when a read lacks it that was invoked after it was known, and after every read that
 *               saw it had completed;
 *   stable      when it was seen, and is not lost; and besides
 *   stale       when a read lacks it that was invoked after it was known, and it was there later;
 *   never-read  when nobody saw it, and no read was invoked after it was known.
 * Lost elements are invalid; stale ones only for a set that is asked to be `linearizable`. Jepsen
 * compares the invocations of reads alone, and so calls an element lost that a slow read saw while
 * a quick one missed it; here it is stale. Unlike Jepsen's, this one also refutes an element that
 * nobody had tried to add by the time of a read (unexpected), and, as its newer versions, one that
 * a read gives twice (duplicated). Without a stable element nothing was tested: vacuous.
 *
 * Latencies are in milliseconds, as quantiles: how long after it was known a stale element was last
 * missed, 0 for the other stable ones; and how long a lost one was there.
 *
 * Linear in the elements read: reads are gone through from the last to the first, with the list of
 * those elements that no later read lacks; all but the newly missed are in the read itself. */
#include "checker/number_lists.h"
#include "checker/sort_items.h"
#include "core/err.h"
#include "core/errbuf.h"
#include "core/strbuf.h"

#include <string.h>

enum { FULL_LOST, FULL_STALE, FULL_DUPLICATED, FULL_UNEXPECTED, FULL_FAULT_COUNT };

/* Numbers of operations, UINT32_MAX for none. */
struct element {
    uint32_t added;        /* the first add that did not fail */
    uint32_t acknowledged; /* the add that was acknowledged first */
    uint32_t first_seen;   /* the read that saw it, by completion: the first and the last */
    uint32_t last_seen;
    uint32_t last_missed; /* the read that lacks it, invoked last */
    uint32_t seen_by;     /* the read looked at last that has it */
    uint32_t is_doubled;
};

struct full {
    const struct checker_input *input;
    const struct operation *ops;
    struct findings found;
    struct number_lists lists;
    struct element *elements;       /* by number */
    uint32_t *unmissed;             /* the elements that no read lacks so far */
    uint32_t element_count;         /* numbers, with number 0 that is none */
    struct sort_item *latencies[2]; /* of stable and lost elements; key in milliseconds */
    uint32_t latency_counts[2];
    uint32_t attempted, acknowledged, stable, stale, never_read;
};

enum { STABLE, LOST };

/* --- what is known of every element --- */

static void take_add(struct full *run, uint32_t number)
{
    const struct operation *op = &run->ops[number];
    int32_t at = value_numbers_find(&run->lists.numbers, operation_value(op));
    struct element *element = &run->elements[at];
    if (op->outcome == OP_FAIL)
        return;
    if (element->added == UINT32_MAX)
        element->added = number;
    if (op->outcome == OP_OK && (element->acknowledged == UINT32_MAX ||
                                 op->complete < run->ops[element->acknowledged].complete))
        element->acknowledged = number;
}

static void note_element(struct full *run, uint32_t at, uint32_t read)
{
    struct element *element = &run->elements[at];
    const struct operation *ops = run->ops;
    struct checker_finding finding = {.value = run->lists.numbers.refs[at],
                                      .ops = {read, UINT32_MAX, UINT32_MAX, UINT32_MAX}};
    if (element->seen_by == read) {
        finding.kind = FULL_DUPLICATED;
        if (!element->is_doubled)
            findings_add(&run->found, &finding);
        element->is_doubled = 1;
        return;
    }
    element->seen_by = read;
    bool is_first = element->first_seen == UINT32_MAX;
    if (is_first || ops[read].complete < ops[element->first_seen].complete)
        element->first_seen = read;
    if (is_first || ops[read].complete > ops[element->last_seen].complete)
        element->last_seen = read;
}

static int take_operations(struct full *run, struct errbuf *err)
{
    for (uint32_t i = 0; i < run->input->object->count; i++) {
        size_t count;
        const uint32_t *items = number_lists_get(&run->lists, i, &count);
        if (symbol_canonical(run->ops[i].f) == F_ADD)
            take_add(run, i);
        for (size_t j = 0; j < count; j++)
            note_element(run, items[j], i);
        if (budget_time_over(run->input->budget))
            return checker_time_over(err);
    }
    return 0;
}

/* Sets last_missed: backwards through the reads. */
static int find_missing(struct full *run, struct errbuf *err)
{
    uint32_t left = 0;
    for (uint32_t i = 1; i < run->element_count; i++) {
        run->elements[i].seen_by = UINT32_MAX;
        run->unmissed[left++] = i;
    }
    for (uint32_t read = run->input->object->count; read-- > 0 && left > 0;) {
        uint32_t kept = 0;
        size_t count;
        if (!checker_answered(&run->ops[read], F_READ))
            continue;
        const uint32_t *items = number_lists_get(&run->lists, read, &count);
        for (size_t i = 0; i < count; i++)
            run->elements[items[i]].seen_by = read;
        for (uint32_t i = 0; i < left; i++) {
            struct element *element = &run->elements[run->unmissed[i]];
            if (element->seen_by == read)
                run->unmissed[kept++] = run->unmissed[i];
            else
                element->last_missed = read;
        }
        left = kept;
        if (budget_time_over(run->input->budget))
            return checker_time_over(err);
    }
    return 0;
}

/* --- what became of it --- */

/* The operation whose completion made it known: an add, or a read. UINT32_MAX if it never was. */
static uint32_t known_by(const struct full *run, const struct element *element)
{
    uint32_t add = element->acknowledged, read = element->first_seen;
    if (add == UINT32_MAX || read == UINT32_MAX)
        return add == UINT32_MAX ? read : add;
    return run->ops[add].complete < run->ops[read].complete ? add : read;
}

static void add_latency(struct full *run, uint32_t which, position from, position to)
{
    const struct operations *all = run->input->object->all;
    int64_t begin_ns = all && to != POSITION_NONE ? operations_time_ns(all, from) : 0;
    int64_t end_ns = all && to != POSITION_NONE ? operations_time_ns(all, to) : 0;
    int64_t latency_ns = end_ns > begin_ns && begin_ns >= 0 ? end_ns - begin_ns : 0;
    run->latencies[which][run->latency_counts[which]++] =
        (struct sort_item){.key = (uint64_t)latency_ns / 1000000};
}

static void judge_missing(struct full *run, uint32_t at, uint32_t known)
{
    const struct element *element = &run->elements[at];
    const struct operation *ops = run->ops;
    position missed = ops[element->last_missed].invoke;
    bool was_seen = element->last_seen != UINT32_MAX;
    struct checker_finding finding = {
        .value = run->lists.numbers.refs[at],
        .ops = {element->last_missed, known, element->last_seen, UINT32_MAX}};
    if (!was_seen || ops[element->last_seen].complete < missed) {
        finding.kind = FULL_LOST;
        findings_add(&run->found, &finding);
        add_latency(run, LOST, ops[known].complete,
                    was_seen ? ops[element->last_seen].invoke : POSITION_NONE);
        return;
    }
    finding.kind = FULL_STALE;
    if (run->input->options->linearizable)
        findings_add(&run->found, &finding);
    run->stale++;
    run->stable++;
    add_latency(run, STABLE, ops[known].complete, missed);
}

static void judge_element(struct full *run, uint32_t at)
{
    const struct element *element = &run->elements[at];
    uint32_t known = known_by(run, element), first = element->first_seen;
    run->attempted += element->added != UINT32_MAX;
    run->acknowledged += element->acknowledged != UINT32_MAX;
    if (first != UINT32_MAX && (element->added == UINT32_MAX ||
                                run->ops[first].complete < run->ops[element->added].invoke))
        findings_add(&run->found,
                     &(struct checker_finding){.kind = FULL_UNEXPECTED,
                                               .value = run->lists.numbers.refs[at],
                                               .ops = {first, UINT32_MAX, UINT32_MAX, UINT32_MAX}});
    bool missed = element->last_missed != UINT32_MAX && known != UINT32_MAX &&
                  run->ops[known].complete < run->ops[element->last_missed].invoke;
    if (missed) {
        judge_missing(run, at, known);
    } else if (first != UINT32_MAX) {
        run->stable++;
        add_latency(run, STABLE, 0, POSITION_NONE);
    } else {
        run->never_read++;
    }
}

static int judge_elements(struct full *run, struct errbuf *err)
{
    for (uint32_t i = 1; i < run->element_count; i++) {
        if (budget_time_over(run->input->budget))
            return checker_time_over(err);
        judge_element(run, i);
    }
    for (uint32_t which = STABLE; which <= LOST; which++) {
        enum sort_end end =
            sort_items(run->latencies[which], run->latency_counts[which], run->input->budget);
        if (end != SORT_DONE)
            return end == SORT_OUT_OF_TIME ? checker_time_over(err) : checker_no_memory(err);
    }
    return 0;
}

/* --- telling --- */

static void put(struct strbuf *out, const struct object *object,
                const struct checker_finding *finding)
{
    strbuf_puts(out, "element ");
    findings_put_value(out, object, finding->value);
    if (finding->kind == FULL_DUPLICATED) {
        strbuf_puts(out, " is there more than once in the read by ");
    } else if (finding->kind == FULL_UNEXPECTED) {
        strbuf_puts(out, " was added by nobody until then, but is in the read by ");
    } else {
        bool was_read = object->ops[finding->ops[1]].f == F_READ;
        strbuf_puts(out, was_read ? " was seen by " : " was acknowledged to ");
        findings_put_operation(out, object, finding->ops[1]);
        strbuf_puts(out, finding->kind == FULL_LOST
                             ? ", but is missing from then on, as in the read by "
                             : ", but is missing for a while, as in the read by ");
    }
    findings_put_operation(out, object, finding->ops[0]);
}

static const struct finding_kind kinds[] = {
    [FULL_LOST] = {.name = "lost", .put = put},
    [FULL_STALE] = {.name = "stale-too-long", .put = put},
    [FULL_DUPLICATED] = {.name = "duplicated", .put = put},
    [FULL_UNEXPECTED] = {.name = "unexpected", .put = put},
    [FULL_FAULT_COUNT] = {.name = NULL},
};

static void put_quantiles(struct strbuf *out, const char *name, const struct sort_item *latencies,
                          uint32_t count)
{
    static const struct {
        const char *name;
        uint32_t percent;
    } quantiles[] = {{"0", 0}, {"0.5", 50}, {"0.95", 95}, {"0.99", 99}, {"1", 100}};
    strbuf_printf(out, ",\"%s\":", name);
    for (size_t i = 0; count > 0 && i < sizeof quantiles / sizeof quantiles[0]; i++) {
        uint64_t at = (uint64_t)count * quantiles[i].percent / 100;
        strbuf_printf(out, "%s\"%s\":%llu", i == 0 ? "{" : ",", quantiles[i].name,
                      (unsigned long long)latencies[at < count ? at : count - 1].key);
    }
    strbuf_puts(out, count > 0 ? "}" : "null");
}

static int conclude(struct full *run, struct checker_result *out, struct errbuf *err)
{
    struct strbuf details = STRBUF_INIT;
    strbuf_printf(&details,
                  "{\"attempt-count\":%u,\"acknowledged-count\":%u,\"stable-count\":%u,"
                  "\"stale-count\":%u,\"never-read-count\":%u",
                  run->attempted, run->acknowledged, run->stable, run->stale, run->never_read);
    put_quantiles(&details, "stable-latencies", run->latencies[STABLE],
                  run->latency_counts[STABLE]);
    put_quantiles(&details, "lost-latencies", run->latencies[LOST], run->latency_counts[LOST]);
    bool tested = run->stable > 0;
    return findings_conclude(&run->found, &details, tested ? VERDICT_VALID : VERDICT_VACUOUS,
                             tested ? NULL : "no element was ever read", out, err);
}

/* --- all together --- */

static int number_adds(struct full *run, struct errbuf *err)
{
    for (uint32_t i = 0; i < run->input->object->count; i++)
        if (symbol_canonical(run->ops[i].f) == F_ADD &&
            number_lists_add(&run->lists, operation_value(&run->ops[i])) == 0)
            return checker_no_memory(err);
    return 0;
}

static int judge(struct full *run, struct errbuf *err)
{
    uint32_t count = run->element_count = run->lists.numbers.count;
    struct budget *budget = run->input->budget;
    run->elements = budget_alloc(budget, count * sizeof *run->elements);
    run->unmissed = budget_alloc(budget, count * sizeof *run->unmissed);
    run->latencies[STABLE] = budget_alloc(budget, count * sizeof **run->latencies);
    run->latencies[LOST] = budget_alloc(budget, count * sizeof **run->latencies);
    if (!run->elements || !run->unmissed || !run->latencies[STABLE] || !run->latencies[LOST])
        return checker_no_memory(err);
    memset(run->elements, 0xff, count * sizeof *run->elements);
    for (uint32_t i = 0; i < count; i++)
        run->elements[i].is_doubled = 0;
    int rc = take_operations(run, err);
    if (rc == 0)
        rc = find_missing(run, err);
    return rc == 0 ? judge_elements(run, err) : rc;
}

static void fini(struct full *run)
{
    struct budget *budget = run->input->budget;
    uint32_t count = run->element_count;
    budget_free(budget, run->elements, count * sizeof *run->elements);
    budget_free(budget, run->unmissed, count * sizeof *run->unmissed);
    budget_free(budget, run->latencies[STABLE], count * sizeof **run->latencies);
    budget_free(budget, run->latencies[LOST], count * sizeof **run->latencies);
    number_lists_fini(&run->lists);
}

static int check(const struct checker_input *input, struct checker_result *out, struct errbuf *err)
{
    struct full run = {.input = input, .ops = input->object->ops};
    findings_init(&run.found, input, kinds);
    int rc = checker_know_functions(input, &checker_set_full, err);
    if (rc != 0)
        return rc;
    rc = number_lists_init(&run.lists, input, F_READ,
                           "a read of a set must return a list or a set of elements", err);
    if (rc == 0)
        rc = number_adds(&run, err);
    if (rc == 0)
        rc = judge(&run, err);
    if (rc == 0)
        rc = conclude(&run, out, err);
    fini(&run);
    return rc;
}

/* --- the second opinion --- */

/* Whether the operation made the element known before `until`. */
static bool made_known(const struct object *object, uint32_t number, value_ref value,
                       position until)
{
    if (number >= object->count || object->ops[number].outcome != OP_OK)
        return false;
    const struct operation *op = &object->ops[number];
    bool tells = op->f == F_READ
                     ? op->result != VALUE_REF_NIL && checker_count_in(object, op, value) > 0
                     : operation_value(op) == value;
    return tells && op->complete < until;
}

static bool is_seen_after(const struct object *object, value_ref value, position moment)
{
    for (uint32_t i = 0; i < object->count; i++)
        if (checker_ok(object, i, F_READ) && object->ops[i].complete > moment &&
            checker_count_in(object, &object->ops[i], value) > 0)
            return true;
    return false;
}

static bool is_tried_before(const struct object *object, value_ref value, position until)
{
    for (uint32_t i = 0; i < object->count && object->ops[i].invoke < until; i++)
        if (object->ops[i].f != F_READ && object->ops[i].outcome != OP_FAIL &&
            operation_value(&object->ops[i]) == value)
            return true;
    return false;
}

static bool confirm(const struct checker_input *input, const struct checker_finding *finding)
{
    const struct object *object = input->object;
    const struct operation *read = checker_ok(object, finding->ops[0], F_READ);
    if (!read)
        return false;
    uint32_t count = checker_count_in(object, read, finding->value);
    switch (finding->kind) {
    case FULL_LOST:
        return count == 0 && made_known(object, finding->ops[1], finding->value, read->invoke) &&
               !is_seen_after(object, finding->value, read->invoke);
    case FULL_STALE:
        return input->options->linearizable && count == 0 &&
               made_known(object, finding->ops[1], finding->value, read->invoke);
    case FULL_DUPLICATED:
        return count > 1;
    case FULL_UNEXPECTED:
        return count > 0 && !is_tried_before(object, finding->value, read->complete);
    default:
        return false;
    }
}

static const symbol functions[] = {F_READ, F_ADD, F_NONE};

const struct checker checker_set_full = {
    .name = "set-full",
    .doc = "a grow-only set, every element followed over all reads: lost, stale, never read "
           "(Jepsen)",
    .functions = functions,
    .check = check,
    .confirm = confirm,
};
