/* Jepsen's checker "unique-ids": no two ids that were generated are equal.
 *
 * generate -> id, of any value; an answer of nil is none. Only ids of operations that succeeded
 * count: one that nobody received can hurt nobody. Linear. */
#include "checker/findings.h"
#include "checker/value_numbers.h"
#include "core/err.h"
#include "core/errbuf.h"
#include "core/strbuf.h"

enum { IDS_DUPLICATED };

/* The operations that got an id. */
struct id {
    uint32_t first, second, times;
};

struct unique_ids {
    const struct checker_input *input;
    struct findings found;
    struct value_numbers numbers;
    struct id *ids;
    uint64_t acknowledged;
    bool has_range; /* of those that are integers */
    int64_t low, high;
};

static int number_ids(struct unique_ids *run, struct errbuf *err)
{
    const struct object *object = run->input->object;
    for (uint32_t i = 0; i < object->count; i++) {
        if (budget_time_over(run->input->budget))
            return checker_time_over(err);
        if (checker_answered(&object->ops[i], F_GENERATE) &&
            value_numbers_add(&run->numbers, object->ops[i].result) < 0)
            return checker_no_memory(err);
    }
    return 0;
}

static void take_id(struct unique_ids *run, uint32_t number)
{
    const struct object *object = run->input->object;
    value_ref value = object->ops[number].result;
    struct id *id = &run->ids[value_numbers_find(&run->numbers, value)];
    int64_t integer;
    run->acknowledged++;
    if (id->times++ == 0)
        id->first = number;
    else if (id->times == 2)
        id->second = number;
    if (!checker_integer(object, value, &integer))
        return;
    run->low = run->has_range && run->low < integer ? run->low : integer;
    run->high = run->has_range && run->high > integer ? run->high : integer;
    run->has_range = true;
}

static int judge(struct unique_ids *run, struct errbuf *err)
{
    const struct object *object = run->input->object;
    for (uint32_t i = 0; i < object->count; i++) {
        if (budget_time_over(run->input->budget))
            return checker_time_over(err);
        if (checker_answered(&object->ops[i], F_GENERATE))
            take_id(run, i);
    }
    for (uint32_t i = 1; i < run->numbers.count; i++)
        if (run->ids[i].times > 1)
            findings_add(&run->found,
                         &(struct checker_finding){
                             .kind = IDS_DUPLICATED,
                             .value = run->numbers.refs[i],
                             .ops = {run->ids[i].first, run->ids[i].second, UINT32_MAX, UINT32_MAX},
                             .numbers = {run->ids[i].times}});
    return 0;
}

/* --- telling --- */

static void put(struct strbuf *out, const struct object *object,
                const struct checker_finding *finding)
{
    strbuf_puts(out, "the id ");
    findings_put_value(out, object, finding->value);
    strbuf_printf(out, " was given out %lld times, to ", (long long)finding->numbers[0]);
    findings_put_operation(out, object, finding->ops[0]);
    strbuf_puts(out, " and ");
    findings_put_operation(out, object, finding->ops[1]);
}

/* [id times] */
static void put_json(struct strbuf *out, const struct object *object,
                     const struct checker_finding *finding)
{
    strbuf_puts(out, "[");
    value_write_json(out, value_pool_get(object->values, finding->value));
    strbuf_printf(out, ",%lld]", (long long)finding->numbers[0]);
}

static const struct finding_kind kinds[] = {
    [IDS_DUPLICATED] = {.name = "duplicated", .put = put, .put_json = put_json},
    {.name = NULL},
};

static int conclude(struct unique_ids *run, struct checker_result *out, struct errbuf *err)
{
    struct strbuf details = STRBUF_INIT;
    strbuf_printf(&details, "{\"attempted-count\":%u,\"acknowledged-count\":%llu",
                  run->input->object->count, (unsigned long long)run->acknowledged);
    if (run->has_range)
        strbuf_printf(&details, ",\"range\":[%lld,%lld]", (long long)run->low,
                      (long long)run->high);
    bool any = run->acknowledged > 0;
    return findings_conclude(&run->found, &details, any ? VERDICT_VALID : VERDICT_VACUOUS,
                             any ? NULL : "no id was given out", out, err);
}

static int check(const struct checker_input *input, struct checker_result *out, struct errbuf *err)
{
    struct unique_ids run = {.input = input};
    findings_init(&run.found, input, kinds);
    int rc = checker_know_functions(input, &checker_unique_ids, err);
    if (rc != 0)
        return rc;
    value_numbers_init(&run.numbers, input->budget);
    rc = number_ids(&run, err);
    size_t size = run.numbers.count * sizeof *run.ids;
    if (rc == 0 && !(run.ids = budget_zalloc(input->budget, size)))
        rc = checker_no_memory(err);
    if (rc == 0)
        rc = judge(&run, err);
    if (rc == 0)
        rc = conclude(&run, out, err);
    budget_free(input->budget, run.ids, size);
    value_numbers_fini(&run.numbers);
    return rc;
}

static bool confirm(const struct checker_input *input, const struct checker_finding *finding)
{
    const struct object *object = input->object;
    const struct operation *a = checker_ok(object, finding->ops[0], F_GENERATE);
    const struct operation *b = checker_ok(object, finding->ops[1], F_GENERATE);
    int64_t times = 0;
    if (!a || !b || a == b || finding->kind != IDS_DUPLICATED)
        return false;
    for (uint32_t i = 0; i < object->count; i++)
        times += object->ops[i].outcome == OP_OK && object->ops[i].result == finding->value;
    return times == finding->numbers[0] && a->result == finding->value &&
           value_equal(value_pool_get(object->values, a->result),
                       value_pool_get(object->values, b->result));
}

static const symbol functions[] = {F_GENERATE, F_NONE};

const struct checker checker_unique_ids = {
    .name = "unique-ids",
    .doc = "ids that are generated are all different (Jepsen)",
    .functions = functions,
    .check = check,
    .confirm = confirm,
};
