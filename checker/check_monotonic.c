/* CockroachDB's Jepsen test "monotonic": values and timestamps grow together.
 *
 * add -> {:val v :sts t ...}: a row with the largest value so far and one more, and the timestamp
 * of its transaction; read -> list of all rows, by timestamp. Rows may be values alone.
 *   lost           an add was acknowledged before the last read began, and its value is not in it;
 *   duplicated     a value is there more than once in the last read;
 *   revived        a value is in the last read whose add failed, and that no other add can have
 *                  made: none that did not fail has it, and none of unknown outcome is without
 * value; off-order-sts  in some read a row's timestamp is smaller than its predecessor's;
 *   off-order-val  in some read a row's value is smaller than its predecessor's. (For Jepsen that
 * is wrong among the rows of one process, node or table, and among all only if asked to; but all
 * rows are of one order.)
 *
 * A read of an integer is one of a register that only grows: it must not be smaller than any read
 * that completed before it began, of the same process or another (decreased).
 *
 * Linear in the rows, but for putting the completions in order. */
#include "checker/findings.h"
#include "checker/sort_items.h"
#include "checker/value_numbers.h"
#include "core/err.h"
#include "core/errbuf.h"
#include "core/strbuf.h"

enum {
    MONOTONIC_LOST,
    MONOTONIC_DUPLICATED,
    MONOTONIC_REVIVED,
    MONOTONIC_STS,
    MONOTONIC_VAL,
    MONOTONIC_DECREASED,
    MONOTONIC_FAULT_COUNT,
};

_Static_assert((int)MONOTONIC_FAULT_COUNT <= (int)FINDING_KINDS_MAX, "room for every kind");

struct row {
    int64_t val, sts;
    bool has_sts;
};

/* What is known of a value; numbers of operations, UINT32_MAX for none. */
struct grown {
    uint32_t acknowledged; /* an add of it that succeeded before the last read began */
    uint32_t failed;
    uint32_t times; /* in the last read */
    bool may_be;    /* some add that did not fail has it */
};

struct monotonic {
    const struct checker_input *input;
    struct findings found;
    struct value_numbers numbers;
    struct grown *values;
    uint32_t final;        /* the last read of rows; UINT32_MAX if there is none */
    uint32_t unknown_adds; /* of unknown outcome and value */
    uint64_t reads, rows, recovered;
};

/* --- rows --- */

static const struct value *field(struct value map, const char *name)
{
    for (uint32_t i = 0; i + 1 < map.count; i += 2)
        if (value_is_name(map.items[i], name))
            return &map.items[i + 1];
    return NULL;
}

/* False if it is neither a row nor a value alone. */
static bool row_of(struct value value, struct row *out)
{
    *out = (struct row){0};
    if (value.kind == VALUE_MAP) {
        const struct value *val = field(value, "val"), *sts = field(value, "sts");
        out->has_sts = sts && sts->kind == VALUE_INT;
        out->sts = out->has_sts ? sts->integer : 0;
        value = val ? *val : value_nil();
    }
    out->val = value.kind == VALUE_INT ? value.integer : 0;
    return value.kind == VALUE_INT;
}

/* The value that an add made, if that is known. */
static bool added_by(const struct object *object, const struct operation *op, int64_t *out)
{
    struct row row;
    bool known = row_of(value_pool_get(object->values, operation_value(op)), &row) ||
                 row_of(value_pool_get(object->values, op->result), &row);
    *out = row.val;
    return known;
}

static bool is_read_of_rows(const struct object *object, uint32_t number)
{
    const struct operation *op = checker_ok(object, number, F_READ);
    return op && value_pool_get(object->values, op->result).kind == VALUE_LIST;
}

/* --- values by number --- */

static value_ref ref_of(const struct monotonic *run, int64_t val)
{
    return value_pool_intern(run->input->object->values, value_int(val));
}

static int number_value(struct monotonic *run, int64_t val, struct errbuf *err)
{
    value_ref ref = ref_of(run, val);
    bool done = ref != VALUE_REF_NOMEM && value_numbers_add(&run->numbers, ref) >= 0;
    return done ? 0 : checker_no_memory(err);
}

static struct grown *find_value(struct monotonic *run, int64_t val)
{
    return &run->values[value_numbers_find(&run->numbers, ref_of(run, val))];
}

static int number_all(struct monotonic *run, struct errbuf *err)
{
    const struct object *object = run->input->object;
    int64_t val;
    int rc = 0;
    run->final = UINT32_MAX;
    for (uint32_t i = 0; i < object->count && rc == 0; i++) {
        if (budget_time_over(run->input->budget))
            return checker_time_over(err);
        if (is_read_of_rows(object, i))
            run->final = i;
        else if (object->ops[i].f != F_READ && added_by(object, &object->ops[i], &val))
            rc = number_value(run, val, err);
    }
    if (rc != 0 || run->final == UINT32_MAX)
        return rc;
    struct value read = value_pool_get(object->values, object->ops[run->final].result);
    for (uint32_t i = 0; i < read.count && rc == 0; i++) {
        struct row row;
        if (row_of(read.items[i], &row))
            rc = number_value(run, row.val, err);
    }
    return rc;
}

static void take_add(struct monotonic *run, uint32_t number)
{
    const struct object *object = run->input->object;
    const struct operation *op = &object->ops[number];
    int64_t val;
    if (!added_by(object, op, &val)) {
        run->unknown_adds += op->outcome != OP_FAIL;
        return;
    }
    struct grown *value = find_value(run, val);
    if (op->outcome == OP_FAIL)
        value->failed = number;
    else
        value->may_be = true;
    if (op->outcome == OP_OK && run->final != UINT32_MAX &&
        op->complete < object->ops[run->final].invoke)
        value->acknowledged = number;
}

/* --- what is wrong --- */

static void accuse(struct monotonic *run, uint32_t kind, int64_t val, uint32_t first,
                   uint32_t second, int64_t at)
{
    findings_add(&run->found,
                 &(struct checker_finding){.kind = kind,
                                           .value = ref_of(run, val),
                                           .ops = {first, second, UINT32_MAX, UINT32_MAX},
                                           .numbers = {at}});
}

/* The rows of one read, in their order. */
static int judge_rows(struct monotonic *run, uint32_t number, struct errbuf *err)
{
    const struct operation *op = &run->input->object->ops[number];
    struct value read = value_pool_get(run->input->object->values, op->result);
    struct row last = {0}, row;
    for (uint32_t i = 0; i < read.count; i++, last = row) {
        if (budget_time_over(run->input->budget))
            return checker_time_over(err);
        if (!row_of(read.items[i], &row))
            return checker_odd_value(run->input, op->complete,
                                     "a read of monotonic must return rows {:val n :sts t ...}, or "
                                     "an integer",
                                     err);
        if (number == run->final)
            find_value(run, row.val)->times++;
        if (i > 0 && row.has_sts && last.has_sts && row.sts < last.sts)
            accuse(run, MONOTONIC_STS, row.val, number, UINT32_MAX, i);
        if (i > 0 && row.val < last.val)
            accuse(run, MONOTONIC_VAL, row.val, number, UINT32_MAX, i);
    }
    run->rows = number == run->final ? read.count : run->rows;
    return 0;
}

static int judge_operations(struct monotonic *run, struct errbuf *err)
{
    const struct object *object = run->input->object;
    int64_t integer;
    int rc = 0;
    for (uint32_t i = 0; i < object->count && rc == 0; i++) {
        const struct operation *op = &object->ops[i];
        if (budget_time_over(run->input->budget))
            return checker_time_over(err);
        if (op->f != F_READ)
            take_add(run, i);
        else if (!checker_answered(op, F_READ))
            continue;
        else if (is_read_of_rows(object, i))
            rc = judge_rows(run, i, err);
        else if (!checker_integer(object, op->result, &integer))
            rc = checker_odd_value(run->input, op->complete,
                                   "a read of monotonic must return rows, or an integer", err);
        run->reads += op->f == F_READ;
    }
    return rc;
}

static void judge_values(struct monotonic *run)
{
    for (uint32_t i = 1; i < run->numbers.count && run->final != UINT32_MAX; i++) {
        const struct grown *value = &run->values[i];
        int64_t val;
        checker_integer(run->input->object, run->numbers.refs[i], &val);
        if (value->acknowledged != UINT32_MAX && value->times == 0)
            accuse(run, MONOTONIC_LOST, val, run->final, value->acknowledged, 0);
        if (value->times > 1)
            accuse(run, MONOTONIC_DUPLICATED, val, run->final, UINT32_MAX, value->times);
        if (value->times > 0 && value->failed != UINT32_MAX && !value->may_be &&
            run->unknown_adds == 0)
            accuse(run, MONOTONIC_REVIVED, val, run->final, value->failed, 0);
        run->recovered += value->times > 0 && value->acknowledged == UINT32_MAX;
    }
}

/* --- a register that grows --- */

static bool integer_read(const struct object *object, uint32_t number, int64_t *out)
{
    const struct operation *op = checker_ok(object, number, F_READ);
    return op && checker_integer(object, op->result, out);
}

/* Follows the largest read that is over, from invocation to invocation. */
static int judge_integers(struct monotonic *run, struct errbuf *err)
{
    const struct object *object = run->input->object;
    struct sort_item *order;
    uint32_t count, over = 0, largest = UINT32_MAX;
    int64_t val, most = 0;
    int rc = checker_order_of_completion(run->input, &order, &count, err);
    if (rc != 0)
        return rc;
    for (uint32_t i = 0; i < object->count; i++) {
        for (; over < count && order[over].key < object->ops[i].invoke; over++) {
            if (!integer_read(object, order[over].item, &val) ||
                (largest != UINT32_MAX && val <= most))
                continue;
            largest = order[over].item;
            most = val;
        }
        if (largest != UINT32_MAX && integer_read(object, i, &val) && val < most)
            accuse(run, MONOTONIC_DECREASED, val, i, largest, 0);
        if (budget_time_over(run->input->budget)) {
            rc = checker_time_over(err);
            break;
        }
    }
    budget_free(run->input->budget, order, object->ok * sizeof *order);
    return rc;
}

/* --- telling --- */

static void put(struct strbuf *out, const struct object *object,
                const struct checker_finding *finding)
{
    static const char *const words[] = {
        [MONOTONIC_LOST] = " is missing from the last read, by ",
        [MONOTONIC_DUPLICATED] = " is there more than once in the last read, by ",
        [MONOTONIC_REVIVED] = " could not be added, but is in the last read, by ",
        [MONOTONIC_STS] = " comes after a row with a larger timestamp in the read by ",
        [MONOTONIC_VAL] = " comes after a larger value in the read by ",
        [MONOTONIC_DECREASED] = ", a smaller one than was read before, was read by "};
    strbuf_puts(out, "the value ");
    findings_put_value(out, object, finding->value);
    strbuf_puts(out, words[finding->kind]);
    findings_put_operation(out, object, finding->ops[0]);
    if (finding->ops[1] == UINT32_MAX)
        return;
    strbuf_puts(out, finding->kind == MONOTONIC_LOST      ? "; it was acknowledged to "
                     : finding->kind == MONOTONIC_REVIVED ? "; it failed for "
                                                          : "; before that, by ");
    findings_put_operation(out, object, finding->ops[1]);
}

static const struct finding_kind kinds[] = {
    [MONOTONIC_LOST] = {.name = "lost", .put = put},
    [MONOTONIC_DUPLICATED] = {.name = "duplicated", .put = put},
    [MONOTONIC_REVIVED] = {.name = "revived", .put = put},
    [MONOTONIC_STS] = {.name = "off-order-sts", .put = put},
    [MONOTONIC_VAL] = {.name = "off-order-val", .put = put},
    [MONOTONIC_DECREASED] = {.name = "decreased", .put = put},
    [MONOTONIC_FAULT_COUNT] = {.name = NULL},
};

static int judge(struct monotonic *run, struct errbuf *err)
{
    int rc = number_all(run, err);
    if (rc != 0)
        return rc;
    run->values = budget_alloc(run->input->budget, run->numbers.count * sizeof *run->values);
    if (!run->values)
        return checker_no_memory(err);
    for (uint32_t i = 0; i < run->numbers.count; i++)
        run->values[i] = (struct grown){.acknowledged = UINT32_MAX, .failed = UINT32_MAX};
    rc = judge_operations(run, err);
    if (rc == 0)
        judge_values(run);
    return rc == 0 ? judge_integers(run, err) : rc;
}

static int conclude(struct monotonic *run, struct checker_result *out, struct errbuf *err)
{
    struct strbuf details = STRBUF_INIT;
    strbuf_printf(&details, "{\"read-count\":%llu,\"row-count\":%llu,\"recovered-count\":%llu",
                  (unsigned long long)run->reads, (unsigned long long)run->rows,
                  (unsigned long long)run->recovered);
    return findings_conclude(&run->found, &details,
                             run->reads > 0 ? VERDICT_VALID : VERDICT_VACUOUS,
                             run->reads > 0 ? NULL : "nothing was ever read", out, err);
}

static int check(const struct checker_input *input, struct checker_result *out, struct errbuf *err)
{
    struct monotonic run = {.input = input};
    findings_init(&run.found, input, kinds);
    int rc = checker_know_functions(input, &checker_monotonic, err);
    if (rc != 0)
        return rc;
    value_numbers_init(&run.numbers, input->budget);
    rc = judge(&run, err);
    if (rc == 0)
        rc = conclude(&run, out, err);
    budget_free(input->budget, run.values, run.numbers.count * sizeof *run.values);
    value_numbers_fini(&run.numbers);
    return rc;
}

/* --- the second opinion --- */

static int64_t times_in(struct value read, int64_t val)
{
    int64_t times = 0;
    struct row row;
    for (uint32_t i = 0; i < read.count; i++)
        times += row_of(read.items[i], &row) && row.val == val;
    return times;
}

static bool is_last_read(const struct object *object, uint32_t number)
{
    bool last = is_read_of_rows(object, number);
    for (uint32_t i = number + 1; last && i < object->count; i++)
        last = !is_read_of_rows(object, i);
    return last;
}

static bool confirm_decreased(const struct object *object, const struct checker_finding *finding)
{
    int64_t before, after;
    return integer_read(object, finding->ops[1], &before) &&
           integer_read(object, finding->ops[0], &after) && after < before &&
           operation_precedes(&object->ops[finding->ops[1]], &object->ops[finding->ops[0]]);
}

static bool confirm_order(struct value read, const struct checker_finding *finding)
{
    struct row a, b;
    if (finding->numbers[0] < 1 || finding->numbers[0] >= read.count)
        return false;
    bool rows = row_of(read.items[finding->numbers[0] - 1], &a) &&
                row_of(read.items[finding->numbers[0]], &b);
    return rows && (finding->kind == MONOTONIC_STS ? a.has_sts && b.has_sts && a.sts > b.sts
                                                   : a.val > b.val);
}

static bool is_add_of(const struct object *object, uint32_t number, enum op_type outcome,
                      int64_t val)
{
    int64_t added;
    return number < object->count && object->ops[number].f != F_READ &&
           object->ops[number].outcome == outcome &&
           added_by(object, &object->ops[number], &added) && added == val;
}

/* Whether an add that did not fail has the value, or may have it. */
static bool can_be(const struct object *object, int64_t val)
{
    int64_t added;
    for (uint32_t i = 0; i < object->count; i++)
        if (object->ops[i].f != F_READ && object->ops[i].outcome != OP_FAIL &&
            (!added_by(object, &object->ops[i], &added) || added == val))
            return true;
    return false;
}

static bool confirm(const struct checker_input *input, const struct checker_finding *finding)
{
    const struct object *object = input->object;
    uint32_t number = finding->ops[0], add = finding->ops[1];
    int64_t val;
    if (finding->kind == MONOTONIC_DECREASED)
        return confirm_decreased(object, finding);
    if (!checker_integer(object, finding->value, &val) || !is_read_of_rows(object, number))
        return false;
    struct value read = value_pool_get(object->values, object->ops[number].result);
    switch (finding->kind) {
    case MONOTONIC_LOST:
        return is_last_read(object, number) && is_add_of(object, add, OP_OK, val) &&
               operation_precedes(&object->ops[add], &object->ops[number]) &&
               times_in(read, val) == 0;
    case MONOTONIC_DUPLICATED:
        return is_last_read(object, number) && times_in(read, val) > 1;
    case MONOTONIC_REVIVED:
        return is_last_read(object, number) && is_add_of(object, add, OP_FAIL, val) &&
               times_in(read, val) > 0 && !can_be(object, val);
    case MONOTONIC_STS:
    case MONOTONIC_VAL:
        return confirm_order(read, finding);
    default:
        return false;
    }
}

static const symbol functions[] = {F_READ, F_ADD, F_WRITE, F_INCREMENT, F_NONE};

const struct checker checker_monotonic = {
    .name = "monotonic",
    .doc = "rows whose values and timestamps grow together; reads that never go down (Jepsen, "
           "CockroachDB)",
    .functions = functions,
    .check = check,
    .confirm = confirm,
};
