/* Jepsen's checker "counter": every read lies between what must have been added and what may have
 * been.
 *
 * A counter begins with 0, or `initial`. add n (n may be negative), increment n and decrement n,
 * where nil is 1; read -> n, and a read of nil says nothing. A failed add added nothing; one of
 * unknown outcome may count from its invocation on.
 *
 * For a read, what is certain are the adds acknowledged before its invocation; what is possible are
 * besides these all that were invoked before its completion. It must not be less than the certain
 * positive and the possible negative ones together, nor more than the certain negative and the
 * possible positive ones. As for Jepsen, a counter that was added to and never read is valid; the
 * details say how often it was read. (Jepsen's own refuses negative adds; otherwise these are its
 * bounds.) Linear, but for putting the completions in order. */
#include "checker/findings.h"
#include "checker/sort_items.h"
#include "core/err.h"
#include "core/errbuf.h"
#include "core/strbuf.h"

enum { COUNTER_OUT_OF_BOUNDS };

/* Sums of the adds up to some event, with and without a minus apart. */
struct sums {
    int64_t up, down;
};

struct counter {
    const struct checker_input *input;
    struct findings found;
    int64_t initial;
    struct sums tried;        /* invoked, and not failed */
    struct sums acknowledged; /* ... and completed */
    struct sums *certain;     /* by number of a read: acknowledged when it was invoked */
    uint64_t reads;
};

/* What an add adds; false if it is no number, or the smallest of them. */
static bool amount_of(const struct object *object, const struct operation *op, int64_t *out)
{
    symbol f = symbol_canonical(op->f);
    if (op->argument == VALUE_REF_NIL && f != F_ADD) {
        *out = 1;
    } else if (!checker_integer(object, op->argument, out) || *out == INT64_MIN) {
        return false;
    }
    if (f == F_DECREMENT)
        *out = -*out;
    return true;
}

static bool add_to(struct sums *sums, int64_t amount)
{
    int64_t *sum = amount < 0 ? &sums->down : &sums->up;
    return !__builtin_add_overflow(*sum, amount, sum);
}

static int take_add(struct counter *run, const struct operation *op, struct sums *sums,
                    struct errbuf *err)
{
    int64_t amount;
    if (!amount_of(run->input->object, op, &amount))
        return checker_odd_value(run->input, op->invoke, "an add to a counter needs an integer",
                                 err);
    if (!add_to(sums, amount))
        return checker_odd_value(run->input, op->invoke,
                                 "the sum of all adds to this counter is too large", err);
    return 0;
}

static int take_invocation(struct counter *run, uint32_t number, struct errbuf *err)
{
    const struct operation *op = &run->input->object->ops[number];
    if (op->f == F_READ)
        run->certain[number] = run->acknowledged;
    else if (op->outcome != OP_FAIL)
        return take_add(run, op, &run->tried, err);
    return 0;
}

static int judge_read(struct counter *run, uint32_t number, struct errbuf *err)
{
    const struct operation *op = &run->input->object->ops[number];
    int64_t value, low, high;
    if (!checker_integer(run->input->object, op->result, &value))
        return checker_odd_value(run->input, op->complete,
                                 "a read of a counter must return an integer", err);
    run->reads++;
    if (__builtin_add_overflow(run->certain[number].up + run->tried.down, run->initial, &low) ||
        __builtin_add_overflow(run->certain[number].down + run->tried.up, run->initial, &high))
        return checker_odd_value(run->input, op->complete,
                                 "the sum of all adds to this counter is too large", err);
    if (value < low || value > high)
        findings_add(&run->found,
                     &(struct checker_finding){.kind = COUNTER_OUT_OF_BOUNDS,
                                               .value = op->result,
                                               .ops = {number, UINT32_MAX, UINT32_MAX, UINT32_MAX},
                                               .numbers = {low, high}});
    return 0;
}

static int take_completion(struct counter *run, uint32_t number, struct errbuf *err)
{
    const struct operation *op = &run->input->object->ops[number];
    if (op->f != F_READ)
        return take_add(run, op, &run->acknowledged, err);
    return op->result == VALUE_REF_NIL ? 0 : judge_read(run, number, err);
}

/* All events in order. */
static int sweep(struct counter *run, const struct sort_item *completions, uint32_t count,
                 struct errbuf *err)
{
    const struct object *object = run->input->object;
    uint32_t invoked = 0, completed = 0;
    int rc = 0;
    while (rc == 0 && (invoked < object->count || completed < count)) {
        bool is_invocation =
            invoked < object->count &&
            (completed == count || object->ops[invoked].invoke < completions[completed].key);
        if (budget_time_over(run->input->budget))
            return checker_time_over(err);
        rc = is_invocation ? take_invocation(run, invoked++, err)
                           : take_completion(run, completions[completed++].item, err);
    }
    return rc;
}

/* --- telling --- */

static void put(struct strbuf *out, const struct object *object,
                const struct checker_finding *finding)
{
    strbuf_puts(out, "the counter was read as ");
    findings_put_value(out, object, finding->value);
    strbuf_printf(out, ", but could only be %lld to %lld, by ", (long long)finding->numbers[0],
                  (long long)finding->numbers[1]);
    findings_put_operation(out, object, finding->ops[0]);
}

/* [low value high] */
static void put_json(struct strbuf *out, const struct object *object,
                     const struct checker_finding *finding)
{
    strbuf_printf(out, "[%lld,", (long long)finding->numbers[0]);
    value_write_json(out, value_pool_get(object->values, finding->value));
    strbuf_printf(out, ",%lld]", (long long)finding->numbers[1]);
}

static const struct finding_kind kinds[] = {
    [COUNTER_OUT_OF_BOUNDS] = {.name = "errors", .put = put, .put_json = put_json},
    {.name = NULL},
};

static int conclude(struct counter *run, struct checker_result *out, struct errbuf *err)
{
    struct strbuf details = STRBUF_INIT;
    strbuf_printf(&details,
                  "{\"read-count\":%llu,\"acknowledged-up\":%lld,\"acknowledged-down\":%lld,"
                  "\"attempted-up\":%lld,\"attempted-down\":%lld",
                  (unsigned long long)run->reads, (long long)run->acknowledged.up,
                  (long long)run->acknowledged.down, (long long)run->tried.up,
                  (long long)run->tried.down);
    bool was_used = run->input->object->ok > 0;
    return findings_conclude(&run->found, &details, was_used ? VERDICT_VALID : VERDICT_VACUOUS,
                             was_used ? NULL : "no operation on the counter succeeded", out, err);
}

static int64_t initial_of(const struct checker_input *input)
{
    int64_t initial = 0;
    if (input->semantics->initial_is_given)
        checker_integer(input->object, input->semantics->initial, &initial);
    return initial;
}

static int check(const struct checker_input *input, struct checker_result *out, struct errbuf *err)
{
    struct counter run = {.input = input, .initial = initial_of(input)};
    struct sort_item *completions;
    uint32_t count;
    findings_init(&run.found, input, kinds);
    int rc = checker_know_functions(input, &checker_counter, err);
    if (rc == 0)
        rc = checker_order_of_completion(input, &completions, &count, err);
    if (rc != 0)
        return rc;
    size_t size = input->object->count * sizeof *run.certain;
    run.certain = budget_alloc(input->budget, size);
    rc = run.certain ? sweep(&run, completions, count, err) : checker_no_memory(err);
    budget_free(input->budget, run.certain, size);
    budget_free(input->budget, completions, input->object->ok * sizeof *completions);
    return rc != 0 ? rc : conclude(&run, out, err);
}

/* Adds up once more, for this one read. */
static bool confirm(const struct checker_input *input, const struct checker_finding *finding)
{
    const struct object *object = input->object;
    const struct operation *read = checker_ok(object, finding->ops[0], F_READ);
    int64_t low = 0, high = 0, value, amount;
    if (!read || finding->kind != COUNTER_OUT_OF_BOUNDS || read->result != finding->value ||
        !checker_integer(object, read->result, &value))
        return false;
    for (uint32_t i = 0; i < object->count && object->ops[i].invoke < read->complete; i++) {
        const struct operation *op = &object->ops[i];
        if (op->f == F_READ || op->outcome == OP_FAIL || !amount_of(object, op, &amount))
            continue;
        bool certain = operation_precedes(op, read);
        low += certain || amount < 0 ? amount : 0;
        high += certain || amount > 0 ? amount : 0;
    }
    return !__builtin_add_overflow(low, initial_of(input), &low) &&
           !__builtin_add_overflow(high, initial_of(input), &high) && low == finding->numbers[0] &&
           high == finding->numbers[1] && (value < low || value > high);
}

static const symbol functions[] = {F_READ, F_ADD, F_INCREMENT, F_DECREMENT, F_NONE};

const struct checker checker_counter = {
    .name = "counter",
    .doc = "a counter: reads lie between the certain and the possible adds (Jepsen)",
    .functions = functions,
    .check = check,
    .confirm = confirm,
};
