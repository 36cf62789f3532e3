/* Jepsen's checker "queue": whatever comes out of a queue was put into it before, and not taken out
 * already. The order does not matter.
 *
 * At the moment when a dequeue, or a drain, has succeeded, its element must have been put in more
 * often, by enqueues that were invoked and did not fail, than it was taken out by those that
 * succeeded earlier. If nobody had ever tried to put it in by then it is unexpected, else it is
 * duplicated. Whether everything comes out is not asked: see total-queue. Operations as in
 * queue_moves.h. Linear, but for putting the completions in order. */
#include "checker/queue_moves.h"
#include "core/err.h"
#include "core/errbuf.h"
#include "core/strbuf.h"

enum { QUEUE_UNEXPECTED, QUEUE_DUPLICATED, QUEUE_FAULT_COUNT };

struct level {
    uint32_t in, out;
};

struct queue {
    const struct checker_input *input;
    struct findings found;
    struct queue_moves moves;
    struct level *levels; /* by element */
};

/* A take that finds nothing is not counted as one, so that each is told once. */
static void judge_take(struct queue *run, const struct queue_move *take)
{
    struct level *level = &run->levels[take->element];
    if (level->out < level->in) {
        level->out++;
        return;
    }
    findings_add(&run->found, &(struct checker_finding){
                                  .kind = level->in > 0 ? QUEUE_DUPLICATED : QUEUE_UNEXPECTED,
                                  .value = run->moves.lists.numbers.refs[take->element],
                                  .ops = {take->number, UINT32_MAX, UINT32_MAX, UINT32_MAX},
                                  .numbers = {level->in}});
}

static int judge(struct queue *run, struct errbuf *err)
{
    const struct operation *ops = run->input->object->ops;
    const struct queue_moves *moves = &run->moves;
    size_t put = 0;
    for (size_t take = 0; take < moves->take_count; take++) {
        position now = ops[moves->takes[take].number].complete;
        for (; put < moves->put_count && ops[moves->puts[put].number].invoke < now; put++)
            run->levels[moves->puts[put].element].in++;
        judge_take(run, &moves->takes[take]);
        if (budget_time_over(run->input->budget))
            return checker_time_over(err);
    }
    return 0;
}

static void put(struct strbuf *out, const struct object *object,
                const struct checker_finding *finding)
{
    strbuf_puts(out, "element ");
    findings_put_value(out, object, finding->value);
    if (finding->kind == QUEUE_UNEXPECTED)
        strbuf_puts(out, " was put in by nobody until then, but came out to ");
    else
        strbuf_printf(out, " was put in at most %lld times until then, but came out once more, to ",
                      (long long)finding->numbers[0]);
    findings_put_operation(out, object, finding->ops[0]);
}

static const struct finding_kind kinds[] = {
    [QUEUE_UNEXPECTED] = {.name = "unexpected", .put = put},
    [QUEUE_DUPLICATED] = {.name = "duplicated", .put = put},
    [QUEUE_FAULT_COUNT] = {.name = NULL},
};

static int conclude(struct queue *run, struct checker_result *out, struct errbuf *err)
{
    struct strbuf details = STRBUF_INIT;
    strbuf_printf(&details, "{\"put-count\":%zu,\"taken-count\":%zu", run->moves.put_count,
                  run->moves.take_count);
    bool tested = run->input->object->ok > 0;
    return findings_conclude(&run->found, &details, tested ? VERDICT_VALID : VERDICT_VACUOUS,
                             tested ? NULL : "no operation on the queue succeeded", out, err);
}

static int check(const struct checker_input *input, struct checker_result *out, struct errbuf *err)
{
    struct queue run = {.input = input};
    findings_init(&run.found, input, kinds);
    int rc = queue_moves_init(&run.moves, input, &checker_queue, err);
    size_t size = run.moves.lists.numbers.count * sizeof *run.levels;
    if (rc == 0 && !(run.levels = budget_zalloc(input->budget, size)))
        rc = checker_no_memory(err);
    if (rc == 0)
        rc = judge(&run, err);
    if (rc == 0)
        rc = conclude(&run, out, err);
    budget_free(input->budget, run.levels, size);
    queue_moves_fini(&run.moves, input);
    return rc;
}

/* Counts up to the moment of this take: what came out, itself included, is more than went in. */
static bool confirm(const struct checker_input *input, const struct checker_finding *finding)
{
    const struct object *object = input->object;
    uint32_t number = finding->ops[0];
    int64_t in = 0, out = 0;
    if (number >= object->count ||
        queue_takes_of(object, &object->ops[number], finding->value) == 0)
        return false;
    position now = object->ops[number].complete;
    for (uint32_t i = 0; i < object->count && object->ops[i].invoke < now; i++) {
        const struct operation *op = &object->ops[i];
        if (symbol_canonical(op->f) == F_ENQUEUE)
            in += op->outcome != OP_FAIL && op->argument == finding->value;
        else if (op->complete <= now)
            out += queue_takes_of(object, op, finding->value);
    }
    return out > in && in == finding->numbers[0] &&
           finding->kind == (in > 0 ? QUEUE_DUPLICATED : QUEUE_UNEXPECTED);
}

const struct checker checker_queue = {
    .name = "queue",
    .doc = "whatever comes out of a queue was put in, in any order (Jepsen)",
    .functions = queue_functions,
    .check = check,
    .confirm = confirm,
};
