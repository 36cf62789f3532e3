/* Jepsen's checker "total-queue": what goes into a queue comes out of it, once. For histories that
 * drain the queue at their end.
 *
 * Counted for every element, over the whole history: how often it was tried to be put in (by
 * enqueues that did not fail), acknowledged, and how often it came out.
 *   lost        it was acknowledged more often than it came out;
 *   unexpected  it came out, and nobody tried to put it in (a failed enqueue certainly did not,
 *               though for Jepsen it tried);
 *   duplicated  it came out more often than it was tried (for Jepsen, not invalid);
 *   recovered   not wrong: it came out more often than it was acknowledged, and not more often than
 *               it was tried.
 * An element is proven to be lost only if the queue was found to hold nothing more after it was
 * acknowledged: by a drain that succeeded, or a dequeue that failed or found nothing. Besides, a
 * dequeue of unknown outcome may have taken one element with it, and a drain any number: unless
 * more are missing than these can have taken, or where the queue was not drained, missing elements
 * make the verdict unknown. (Jepsen calls them lost.) Operations as in queue_moves.h. Linear, but
 * for putting the completions in order. */
#include "checker/queue_moves.h"
#include "core/err.h"
#include "core/errbuf.h"
#include "core/strbuf.h"

#include <stdlib.h>

enum { TOTAL_LOST, TOTAL_UNEXPECTED, TOTAL_DUPLICATED, TOTAL_FAULT_COUNT };

struct tally {
    uint32_t tried, acknowledged, out;
    uint32_t drained;      /* acknowledged before the queue was last found to be empty */
    uint32_t acknowledger; /* some enqueue that is one of these, or else of the acknowledged */
    uint32_t taker;        /* the last operation that took it out */
};

struct total_queue {
    const struct checker_input *input;
    struct findings found;
    struct queue_moves moves;
    struct tally *tallies;             /* by element */
    uint64_t missing, lost, recovered; /* lost: of the missing ones, those proven to be */
    uint64_t acknowledged, ok;
};

static void count(struct total_queue *run)
{
    const struct queue_moves *moves = &run->moves;
    const struct operation *ops = run->input->object->ops;
    position empty = moves->last_empty == UINT32_MAX ? 0 : ops[moves->last_empty].invoke;
    for (size_t i = 0; i < moves->put_count; i++) {
        struct tally *tally = &run->tallies[moves->puts[i].element];
        const struct operation *op = &ops[moves->puts[i].number];
        bool acknowledged = op->outcome == OP_OK, drained = acknowledged && op->complete < empty;
        tally->tried++;
        tally->acknowledged += acknowledged;
        tally->drained += drained;
        if (drained || (acknowledged && tally->drained == 0))
            tally->acknowledger = moves->puts[i].number;
    }
    for (size_t i = 0; i < moves->take_count; i++) {
        run->tallies[moves->takes[i].element].out++;
        run->tallies[moves->takes[i].element].taker = moves->takes[i].number;
    }
}

static uint32_t surplus(uint32_t a, uint32_t b)
{
    return a > b ? a - b : 0;
}

static void sum_up(struct total_queue *run)
{
    for (uint32_t i = 1; i < run->moves.lists.numbers.count; i++) {
        const struct tally *tally = &run->tallies[i];
        uint32_t ok = tally->out < tally->tried ? tally->out : tally->tried;
        run->acknowledged += tally->acknowledged;
        run->ok += ok;
        run->missing += surplus(tally->acknowledged, tally->out);
        run->lost += surplus(tally->drained, tally->out);
        run->recovered += surplus(ok, tally->acknowledged);
    }
}

static bool loss_is_certain(const struct total_queue *run)
{
    return run->moves.crashed_drains == 0 && run->lost > run->moves.crashed_dequeues;
}

static void judge_element(struct total_queue *run, uint32_t element)
{
    const struct tally *tally = &run->tallies[element];
    struct checker_finding finding = {.kind = TOTAL_FAULT_COUNT,
                                      .value = run->moves.lists.numbers.refs[element],
                                      .ops = {tally->taker, UINT32_MAX, UINT32_MAX, UINT32_MAX},
                                      .numbers = {tally->out, tally->tried}};
    if (tally->drained > tally->out && loss_is_certain(run)) {
        finding.kind = TOTAL_LOST;
        finding.ops[0] = tally->acknowledger;
        finding.ops[1] = run->moves.last_empty;
        finding.numbers[1] = tally->drained;
    } else if (tally->out > tally->tried) {
        finding.kind = tally->tried == 0 ? TOTAL_UNEXPECTED : TOTAL_DUPLICATED;
    }
    if (finding.kind < TOTAL_FAULT_COUNT)
        findings_add(&run->found, &finding);
}

static int judge(struct total_queue *run, struct errbuf *err)
{
    count(run);
    sum_up(run);
    for (uint32_t i = 1; i < run->moves.lists.numbers.count; i++) {
        if (budget_time_over(run->input->budget))
            return checker_time_over(err);
        judge_element(run, i);
    }
    return 0;
}

/* --- telling --- */

static void put(struct strbuf *out, const struct object *object,
                const struct checker_finding *finding)
{
    strbuf_puts(out, "element ");
    findings_put_value(out, object, finding->value);
    if (finding->kind == TOTAL_LOST)
        strbuf_printf(out, " was acknowledged %lld times and came out %lld times; acknowledged to ",
                      (long long)finding->numbers[1], (long long)finding->numbers[0]);
    else if (finding->kind == TOTAL_UNEXPECTED)
        strbuf_puts(out, " was put in by nobody, but came out to ");
    else
        strbuf_printf(out, " was put in at most %lld times and came out %lld times; at last to ",
                      (long long)finding->numbers[1], (long long)finding->numbers[0]);
    findings_put_operation(out, object, finding->ops[0]);
    if (finding->kind == TOTAL_LOST) {
        strbuf_puts(out, ", and nothing was left after ");
        findings_put_operation(out, object, finding->ops[1]);
    }
}

static const struct finding_kind kinds[] = {
    [TOTAL_LOST] = {.name = "lost", .put = put},
    [TOTAL_UNEXPECTED] = {.name = "unexpected", .put = put},
    [TOTAL_DUPLICATED] = {.name = "duplicated", .put = put},
    [TOTAL_FAULT_COUNT] = {.name = NULL},
};

/* The verdict if nothing is certainly wrong. */
static enum verdict otherwise(const struct total_queue *run, const char **cause)
{
    *cause = NULL;
    if (run->missing > 0) {
        *cause = run->lost > 0
                     ? "acknowledged elements did not come out, but dequeues or drains of "
                       "unknown outcome may have taken them"
                     : "acknowledged elements did not come out, but the queue was not "
                       "drained after them";
        return VERDICT_UNKNOWN;
    }
    if (run->input->object->ok > 0)
        return VERDICT_VALID;
    *cause = "no operation on the queue succeeded";
    return VERDICT_VACUOUS;
}

static int conclude(struct total_queue *run, struct checker_result *out, struct errbuf *err)
{
    struct strbuf details = STRBUF_INIT;
    const char *cause;
    enum verdict verdict = otherwise(run, &cause);
    strbuf_printf(&details,
                  "{\"attempt-count\":%zu,\"acknowledged-count\":%llu,\"ok-count\":%llu,"
                  "\"missing-count\":%llu,\"recovered-count\":%llu",
                  run->moves.put_count, (unsigned long long)run->acknowledged,
                  (unsigned long long)run->ok, (unsigned long long)run->missing,
                  (unsigned long long)run->recovered);
    return findings_conclude(&run->found, &details, verdict, cause, out, err);
}

static int check(const struct checker_input *input, struct checker_result *out, struct errbuf *err)
{
    struct total_queue run = {.input = input};
    findings_init(&run.found, input, kinds);
    int rc = queue_moves_init(&run.moves, input, &checker_total_queue, err);
    size_t size = run.moves.lists.numbers.count * sizeof *run.tallies;
    if (rc == 0 && !(run.tallies = budget_zalloc(input->budget, size)))
        rc = checker_no_memory(err);
    if (rc == 0)
        rc = judge(&run, err);
    if (rc == 0)
        rc = conclude(&run, out, err);
    budget_free(input->budget, run.tallies, size);
    queue_moves_fini(&run.moves, input);
    return rc;
}

/* --- the second opinion --- */

/* How often the value was enqueued: by operations that did not fail, or that were acknowledged
 * before `until` if that is one. And how often it came out. */
static void recount(const struct object *object, value_ref value, position until, int64_t *in,
                    int64_t *out)
{
    *in = *out = 0;
    for (uint32_t i = 0; i < object->count; i++) {
        const struct operation *op = &object->ops[i];
        if (symbol_canonical(op->f) != F_ENQUEUE)
            *out += queue_takes_of(object, op, value);
        else if (op->argument == value)
            *in += until == POSITION_NONE ? op->outcome != OP_FAIL
                                          : op->outcome == OP_OK && op->complete < until;
    }
}

static int compare_refs(const void *a, const void *b)
{
    value_ref x = *(const value_ref *)a, y = *(const value_ref *)b;
    return (x > y) - (x < y);
}

/* How many more of the sorted values a there are than of b. */
static uint64_t count_surplus(value_ref *a, size_t a_count, value_ref *b, size_t b_count)
{
    uint64_t more = 0;
    size_t j = 0;
    qsort(a, a_count, sizeof *a, compare_refs);
    qsort(b, b_count, sizeof *b, compare_refs);
    for (size_t i = 0; i < a_count; i++) {
        while (j < b_count && b[j] < a[i])
            j++;
        bool matches = j < b_count && b[j] == a[i];
        j += matches;
        more += !matches;
    }
    return more;
}

static size_t size_of_takes(const struct object *object)
{
    size_t count = object->count;
    for (uint32_t i = 0; i < object->count; i++)
        if (checker_ok(object, i, F_DRAIN))
            count += value_pool_get(object->values, object->ops[i].result).count;
    return count;
}

static size_t list_takes(const struct object *object, value_ref *out)
{
    size_t count = 0;
    for (uint32_t i = 0; i < object->count; i++) {
        const struct operation *op = &object->ops[i];
        if (checker_ok(object, i, F_DRAIN)) {
            struct value drained = value_pool_get(object->values, op->result);
            for (uint32_t j = 0; j < drained.count; j++)
                out[count++] = value_pool_intern(object->values, drained.items[j]);
        } else if (queue_takes_of(object, op, op->result) > 0) {
            out[count++] = op->result;
        }
    }
    return count;
}

static size_t list_acknowledged(const struct object *object, position until, value_ref *out)
{
    size_t count = 0;
    for (uint32_t i = 0; i < object->count; i++)
        if (symbol_canonical(object->ops[i].f) == F_ENQUEUE && object->ops[i].outcome == OP_OK &&
            object->ops[i].complete < until)
            out[count++] = object->ops[i].argument;
    return count;
}

/* Whether more are missing than operations of unknown outcome can have taken. */
static bool exceeds_crashes(const struct object *object, position until)
{
    uint64_t crashed = 0, missing = 0;
    for (uint32_t i = 0; i < object->count; i++) {
        symbol f = symbol_canonical(object->ops[i].f);
        if (object->ops[i].outcome != OP_INFO || f == F_ENQUEUE)
            continue;
        if (f == F_DRAIN)
            return false;
        crashed++;
    }
    value_ref *in = malloc((object->count + (size_t)1) * sizeof *in);
    value_ref *out = malloc((size_of_takes(object) + 1) * sizeof *out);
    if (in && out)
        missing =
            count_surplus(in, list_acknowledged(object, until, in), out, list_takes(object, out));
    free(in);
    free(out);
    return missing > crashed;
}

static bool confirm_lost(const struct object *object, const struct checker_finding *finding)
{
    int64_t in, out;
    uint32_t empty = finding->ops[1];
    if (empty >= object->count || !queue_leaves_nothing(object, &object->ops[empty]))
        return false;
    recount(object, finding->value, object->ops[empty].invoke, &in, &out);
    return in > out && in == finding->numbers[1] && out == finding->numbers[0] &&
           exceeds_crashes(object, object->ops[empty].invoke);
}

static bool confirm(const struct checker_input *input, const struct checker_finding *finding)
{
    int64_t in, out;
    if (finding->kind == TOTAL_LOST)
        return confirm_lost(input->object, finding);
    recount(input->object, finding->value, POSITION_NONE, &in, &out);
    return out > in && out == finding->numbers[0] && in == finding->numbers[1] &&
           finding->kind == (in == 0 ? TOTAL_UNEXPECTED : TOTAL_DUPLICATED);
}

const struct checker checker_total_queue = {
    .name = "total-queue",
    .doc = "what goes into a queue comes out of it, once, when it is drained (Jepsen)",
    .functions = queue_functions,
    .check = check,
    .confirm = confirm,
};
