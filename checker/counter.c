/* Linearizability of a counter that is always changed by the same amount: algorithm_counter.
 *
 * Every change is one step, from k-1 to k, and every read of k lies between step k and step k+1.
 * Step k therefore comes after the start of every read below k, and before the end of every read of
 * k or more: lower(k), a prefix maximum, and upper(k), a suffix minimum. An operation [start, end]
 * can make step k if start < upper(k) and lower(k) < end; as both bounds only grow, the steps it
 * can make are an interval. So the question is a convex matching (Glover 1967): every step up to
 * the largest number answered needs one operation, every operation that certainly happened needs
 * a step, and taking the earliest end first finds the matching if there is one. What is left over
 * comes last, and must not have ended before the last read began. Two operations in the wrong
 * real-time order could swap their steps, and the earliest end first never takes them so: the
 * steps in order, each followed by its reads, are a linearization.
 *
 * A crashed change has no end and needs no step: it makes one only if nothing else can. A change
 * that answered the new value makes that step, and bounds the others as a read does.
 *
 * Changes of several amounts, and by nothing, are left to another algorithm. O(n log c), c changes
 * at once; 12 bytes for each step up to the largest answer, and for an order 8 an operation. */
#include "checker/answer.h"
#include "checker/deadline_heap.h"

#include <string.h>

#define NONE UINT32_MAX

enum counter_end { GO_ON, VIOLATED, UNFIT, NO_TIME, NO_MEMORY };

struct counter {
    const struct algorithm_input *input;
    const struct operation *ops;
    uint32_t count;
    struct budget *budget;
    int64_t first;    /* the value it begins with */
    int64_t amount;   /* of every change; 1 if there is none */
    uint32_t changes; /* how many there may have been */
    uint32_t top;     /* the largest step that was answered */

    /* By step, 0 .. top. */
    position *latest_start;      /* of the answers of this step that are below the next */
    position *upper;             /* the earliest end of an answer of this step or more */
    uint32_t *made_by;           /* NONE if not known yet */
    uint32_t *reads, *next_read; /* with want_order: reads of a step, the one that began last first;
                                    next_read is by operation */

    struct deadline_heap waiting; /* changes that may make the step at hand */
    uint32_t next;                /* operations before it were looked at */
    position lower;               /* of the step at hand */

    const char *reason;      /* violated; unfit */
    uint32_t failing, other; /* violated: what shows it besides all changes; NONE if nothing */
};

/* --- what operations say --- */

struct call {
    bool changes; /* the counter, by `amount` */
    bool answers; /* `answer`: the value at that time, or after the change */
    int64_t amount, answer;
};

static bool integer_of(const struct counter *counter, value_ref ref, int64_t *out)
{
    if (value_ref_is_int(ref)) {
        *out = value_ref_as_int(ref);
        return true;
    }
    struct value value = value_pool_get(counter->input->object->values, ref);
    *out = value.integer;
    return value.kind == VALUE_INT;
}

/* False if it cannot be read. */
static bool read_call(const struct counter *counter, const struct operation *op, struct call *out)
{
    symbol f = symbol_canonical(op->f);
    bool ok = op->outcome == OP_OK;
    *out = (struct call){.amount = 1};
    if (f == F_READ) {
        out->answers = ok && op->result != VALUE_REF_NIL;
        return !out->answers || integer_of(counter, op->result, &out->answer);
    }
    if (f != F_ADD && f != F_INCREMENT && f != F_DECREMENT)
        return false;
    if (op->outcome == OP_FAIL)
        return true;
    bool one = f != F_ADD && op->argument == VALUE_REF_NIL;
    if (!one && !integer_of(counter, op->argument, &out->amount))
        return false;
    if (f == F_DECREMENT)
        out->amount = (int64_t)(0 - (uint64_t)out->amount);
    out->changes = true;
    out->answers =
        ok && op->result != op->argument && integer_of(counter, op->result, &out->answer);
    return true;
}

/* How many steps lead to a value; -1 if it can never be there. */
static int64_t steps_to(const struct counter *counter, int64_t value)
{
    int64_t distance;
    if (__builtin_sub_overflow(value, counter->first, &distance) || distance == INT64_MIN ||
        distance % counter->amount != 0)
        return -1;
    int64_t steps = distance / counter->amount;
    return steps <= counter->changes ? steps : -1;
}

static enum counter_end violated(struct counter *counter, uint32_t failing, uint32_t other,
                                 const char *reason)
{
    counter->failing = failing;
    counter->other = other;
    counter->reason = reason;
    return VIOLATED;
}

/* The first look at each operation. */
static enum counter_end count_changes(struct counter *counter, uint32_t *bad)
{
    /* So that no sum leaves 64 bits. */
    const int64_t amount_max = INT64_C(1) << 29, first_max = INT64_C(1) << 61;
    for (uint32_t i = 0; i < counter->count; i++) {
        struct call call;
        if (!read_call(counter, &counter->ops[i], &call)) {
            *bad = i;
            return GO_ON;
        }
        if (call.changes && counter->changes++ == 0)
            counter->amount = call.amount;
        if (call.changes && (call.amount != counter->amount || call.amount == 0))
            counter->reason = "it is changed by different amounts";
    }
    if (counter->amount > amount_max || counter->amount < -amount_max ||
        counter->first > first_max || counter->first < -first_max)
        counter->reason = "its numbers are very large";
    return counter->reason ? UNFIT : GO_ON;
}

/* --- bounds of the steps --- */

static enum counter_end find_top(struct counter *counter)
{
    for (uint32_t i = 0; i < counter->count; i++) {
        struct call call;
        read_call(counter, &counter->ops[i], &call);
        if (!call.answers)
            continue;
        int64_t step = steps_to(counter, call.answer);
        if (step < 0 || (step == 0 && call.changes))
            return violated(counter, i, NONE, "an answer is no number the counter can have had");
        if (step > counter->top)
            counter->top = (uint32_t)step;
    }
    return GO_ON;
}

static bool allocate(struct counter *counter)
{
    struct budget *budget = counter->budget;
    size_t steps = (size_t)counter->top + 1;
    counter->latest_start = budget_zalloc(budget, steps * sizeof *counter->latest_start);
    counter->upper = budget_alloc(budget, steps * sizeof *counter->upper);
    counter->made_by = budget_alloc(budget, steps * sizeof *counter->made_by);
    if (!counter->latest_start || !counter->upper || !counter->made_by)
        return false;
    memset(counter->upper, 0xff, steps * sizeof *counter->upper);
    memset(counter->made_by, 0xff, steps * sizeof *counter->made_by);
    if (!counter->input->want_order)
        return true;
    counter->reads = budget_alloc(budget, steps * sizeof *counter->reads);
    counter->next_read = budget_alloc(budget, counter->count * sizeof *counter->next_read);
    if (!counter->reads || !counter->next_read)
        return false;
    memset(counter->reads, 0xff, steps * sizeof *counter->reads);
    return true;
}

/* An answer of `step` was given: bounds that step's upper and the next one's lower end; for a
 * change, the lower end of its own, as a read of the value before would. */
static void bound_step(struct counter *counter, uint32_t op, uint32_t step, bool changes)
{
    position start = counter->ops[op].invoke, end = counter->ops[op].complete;
    /* Operations come in order of their start. Only one at position 0 starts as early as nothing,
     * and nothing ends before that. */
    counter->latest_start[step - changes] = start;
    if (end < counter->upper[step])
        counter->upper[step] = end;
    if (changes)
        counter->made_by[step] = op;
    if (changes || !counter->reads)
        return;
    counter->next_read[op] = counter->reads[step];
    counter->reads[step] = op;
}

static enum counter_end bound_steps(struct counter *counter)
{
    if (!allocate(counter))
        return NO_MEMORY;
    for (uint32_t i = 0; i < counter->count; i++) {
        struct call call;
        read_call(counter, &counter->ops[i], &call);
        if (budget_time_over(counter->budget))
            return NO_TIME;
        if (!call.answers)
            continue;
        uint32_t step = (uint32_t)steps_to(counter, call.answer);
        if (call.changes && counter->made_by[step] != NONE)
            return violated(counter, i, counter->made_by[step],
                            "two changes answered the same new value");
        bound_step(counter, i, step, call.changes);
    }
    for (uint32_t step = counter->top; step > 0; step--)
        if (counter->upper[step] < counter->upper[step - 1])
            counter->upper[step - 1] = counter->upper[step];
    return GO_ON;
}

/* --- who makes which step --- */

/* The operation with an answer that started, or ended, there. */
static uint32_t who_started(const struct counter *counter, position start)
{
    uint32_t i = 0;
    while (i < counter->count && counter->ops[i].invoke != start)
        i++;
    return i < counter->count ? i : NONE;
}

static uint32_t who_ended(const struct counter *counter, position end)
{
    uint32_t i = 0;
    while (i < counter->count && counter->ops[i].complete != end)
        i++;
    return i < counter->count ? i : NONE;
}

/* Puts the changes that began before `end`, and whose step is not known, into the heap. */
static bool let_in(struct counter *counter, position end)
{
    for (; counter->next < counter->count && counter->ops[counter->next].invoke < end;
         counter->next++) {
        struct call call;
        read_call(counter, &counter->ops[counter->next], &call);
        if (call.changes && !call.answers && !deadline_heap_push(&counter->waiting, counter->next))
            return false;
    }
    return true;
}

/* Whether a step went to a change that could wait longer than until `end`. */
static bool could_wait(const struct counter *counter, uint32_t step, position end)
{
    struct call call;
    const struct operation *op = &counter->ops[counter->made_by[step]];
    read_call(counter, op, &call);
    return !call.answers && operation_end(op) > end;
}

/* A change that ended before `lower` was not given a step up to `step`. The steps since the last
 * one that went to a change with a later end are full of such that began too late for that one:
 * what bounds that step is the other half of the proof. */
static enum counter_end too_late(struct counter *counter, uint32_t late, uint32_t step)
{
    position end = operation_end(&counter->ops[late]);
    uint32_t before = step;
    while (before > 0 && !could_wait(counter, before, end))
        before--;
    return violated(counter, who_started(counter, counter->lower),
                    before > 0 ? who_ended(counter, counter->upper[before]) : NONE,
                    "an answer counts fewer changes than were over before it was asked for");
}

static enum counter_end make_step(struct counter *counter, uint32_t step)
{
    if (counter->latest_start[step - 1] > counter->lower)
        counter->lower = counter->latest_start[step - 1];
    if (counter->upper[step] < counter->lower)
        return violated(counter, who_started(counter, counter->lower),
                        who_ended(counter, counter->upper[step]),
                        "an answer is behind one that was given before it was asked for");
    if (!let_in(counter, counter->upper[step]))
        return NO_MEMORY;
    if (counter->made_by[step] != NONE)
        return GO_ON;
    if (counter->waiting.count == 0)
        return violated(counter, who_ended(counter, counter->upper[step]), NONE,
                        "an answer counts more changes than had begun before it was given");
    uint32_t op = deadline_heap_pop(&counter->waiting);
    if (operation_end(&counter->ops[op]) < counter->lower)
        return too_late(counter, op, step - 1);
    counter->made_by[step] = op;
    return GO_ON;
}

static enum counter_end match(struct counter *counter)
{
    enum counter_end end = GO_ON;
    for (uint32_t step = 1; step <= counter->top && end == GO_ON; step++) {
        end = make_step(counter, step);
        if (budget_time_over(counter->budget))
            return NO_TIME;
    }
    if (end != GO_ON)
        return end;
    if (counter->latest_start[counter->top] > counter->lower)
        counter->lower = counter->latest_start[counter->top];
    /* Those that began later than every answer was asked for end later as well. */
    if (!let_in(counter, counter->lower))
        return NO_MEMORY;
    if (counter->waiting.count > 0 &&
        operation_end(&counter->ops[counter->waiting.items[0]]) < counter->lower)
        return too_late(counter, counter->waiting.items[0], counter->top);
    return GO_ON;
}

/* --- the order --- */

static void place_reads(const struct counter *counter, uint32_t step, uint32_t *order,
                        uint32_t *count)
{
    uint32_t first = *count;
    for (uint32_t read = counter->reads[step]; read != NONE; read = counter->next_read[read])
        order[(*count)++] = read;
    for (uint32_t last = *count; first + 1 < last; first++) { /* the list began at its end */
        uint32_t swapped = order[first];
        order[first] = order[--last];
        order[last] = swapped;
    }
}

/* The steps with their reads, then the certain changes that made none. */
static enum counter_end make_order(struct counter *counter, struct algorithm_result *out)
{
    struct kept made;
    uint32_t places = 0, count = 0;
    if (!kept_init(&made, counter->budget, counter->count))
        return NO_MEMORY;
    for (uint32_t step = 1; step <= counter->top; step++)
        kept_add(&made, counter->made_by[step]);
    for (uint32_t i = 0; i < counter->count; i++) {
        struct call call;
        read_call(counter, &counter->ops[i], &call);
        bool reads = call.answers && !call.changes;
        bool comes_last = call.changes && counter->ops[i].outcome == OP_OK && !kept_has(&made, i);
        places += reads || comes_last || kept_has(&made, i);
    }
    bool reserved = answer_reserve_order(counter->input, out, places);
    for (uint32_t step = 0; reserved && step <= counter->top; step++) {
        if (step > 0)
            out->order[count++] = counter->made_by[step];
        place_reads(counter, step, out->order, &count);
    }
    for (uint32_t i = 0; reserved && i < counter->count; i++) {
        struct call call;
        read_call(counter, &counter->ops[i], &call);
        if (call.changes && counter->ops[i].outcome == OP_OK && !kept_has(&made, i))
            out->order[count++] = i;
    }
    kept_fini(&made);
    return reserved ? GO_ON : NO_MEMORY;
}

/* --- the algorithm --- */

/* All changes, and the answers that contradict them. */
static int reject(const struct counter *counter, struct algorithm_result *out)
{
    struct kept kept;
    if (!kept_init(&kept, counter->budget, counter->count))
        return answer_out_of_memory(out);
    for (uint32_t i = 0; i < counter->count; i++) {
        struct call call;
        read_call(counter, &counter->ops[i], &call);
        if (call.changes || i == counter->failing || i == counter->other)
            kept_add(&kept, i);
    }
    int rc = answer_rejected(out, &kept, counter->reason, counter->failing);
    kept_fini(&kept);
    return rc;
}

static int answer(const struct counter *counter, enum counter_end end, struct algorithm_result *out)
{
    switch (end) {
    case GO_ON:
        return answer_accepted(out);
    case VIOLATED:
        return reject(counter, out);
    case UNFIT:
        return answer_not_for_this(out, counter->reason);
    case NO_TIME:
        return answer_out_of_time(out);
    case NO_MEMORY:
        break;
    }
    return answer_out_of_memory(out);
}

static void counter_fini(struct counter *counter)
{
    struct budget *budget = counter->budget;
    size_t steps = (size_t)counter->top + 1;
    deadline_heap_fini(&counter->waiting);
    budget_free(budget, counter->next_read, counter->count * sizeof *counter->next_read);
    budget_free(budget, counter->reads, steps * sizeof *counter->reads);
    budget_free(budget, counter->made_by, steps * sizeof *counter->made_by);
    budget_free(budget, counter->upper, steps * sizeof *counter->upper);
    budget_free(budget, counter->latest_start, steps * sizeof *counter->latest_start);
}

static int run(const struct algorithm_input *input, struct algorithm_result *out,
               struct errbuf *err)
{
    struct counter counter = {.input = input,
                              .ops = input->object->ops,
                              .count = input->object->count,
                              .budget = input->budget,
                              .amount = 1};
    uint32_t bad = NONE;
    *out = (struct algorithm_result){0};
    deadline_heap_init(&counter.waiting, input->budget, counter.ops);
    if (!input->semantics->initial_is_given ||
        !integer_of(&counter, input->semantics->initial, &counter.first))
        counter.first = 0;
    enum counter_end end = count_changes(&counter, &bad);
    if (bad != NONE)
        return answer_bad_operation(input, bad, err);
    if (end == GO_ON)
        end = find_top(&counter);
    if (end == GO_ON)
        end = bound_steps(&counter);
    if (end == GO_ON)
        end = match(&counter);
    if (end == GO_ON && input->want_order)
        end = make_order(&counter, out);
    out->steps = counter.count;
    int rc = answer(&counter, end, out);
    counter_fini(&counter);
    return rc;
}

static const char *const models[] = {"linear-counter", NULL};

const struct algorithm algorithm_counter = {
    .name = "counter",
    .doc = "changes by one amount: convex matching by earliest deadline, O(n log c)",
    .models = models,
    .run = run,
};
