/* CockroachDB's Jepsen test "sequential": a client writes the subkeys of a key one after another,
 * each by itself; whoever sees a later one must see all earlier ones.
 *
 * write k writes all subkeys of k, in their order; read k -> [k [last ... first]], or that list
 * alone: the subkeys in reverse, each by a read of its own, nil where one was not there. As the
 * earlier subkey is read later, nil after a subkey that was there (a trailing nil) is wrong.
 * Writes are not looked at. Linear. */
#include "checker/findings.h"
#include "core/err.h"
#include "core/errbuf.h"
#include "core/strbuf.h"

enum { SEQUENTIAL_BAD };

struct sequential {
    const struct checker_input *input;
    struct findings found;
    uint64_t all, some, none; /* reads that saw all, some, none of the subkeys */
};

/* The subkeys of an answer; false if it is none. */
static bool subkeys_of(struct value answer, struct value *out)
{
    struct value key;
    *out = answer;
    if (answer.kind == VALUE_LIST && answer.count == 2 && answer.items[1].kind == VALUE_LIST)
        return value_as_pair(answer, &key, out);
    return answer.kind == VALUE_LIST;
}

static int judge_read(struct sequential *run, uint32_t number, struct errbuf *err)
{
    const struct object *object = run->input->object;
    const struct operation *op = &object->ops[number];
    struct checker_finding finding = {.kind = SEQUENTIAL_BAD,
                                      .value = op->argument,
                                      .ops = {number, UINT32_MAX, UINT32_MAX, UINT32_MAX}};
    struct value subkeys;
    uint32_t there = 0;
    bool is_bad = false;
    if (!subkeys_of(value_pool_get(object->values, op->result), &subkeys))
        return checker_odd_value(run->input, op->complete,
                                 "a read of sequential must return [key [subkey ...]], the last "
                                 "one first",
                                 err);
    for (uint32_t i = 0; i < subkeys.count; i++) {
        bool is_nil = value_is_nil(subkeys.items[i]);
        if (is_nil && there > 0 && !is_bad)
            finding.numbers[0] = i;
        is_bad = is_bad || (is_nil && there > 0);
        there += !is_nil;
    }
    *(there == subkeys.count ? &run->all : there == 0 ? &run->none : &run->some) += 1;
    if (is_bad)
        findings_add(&run->found, &finding);
    return 0;
}

static void put(struct strbuf *out, const struct object *object,
                const struct checker_finding *finding)
{
    strbuf_puts(out, "a later subkey was there and an earlier one was not: ");
    findings_put_value(out, object, object->ops[finding->ops[0]].result);
    strbuf_puts(out, ", read by ");
    findings_put_operation(out, object, finding->ops[0]);
}

static void put_json(struct strbuf *out, const struct object *object,
                     const struct checker_finding *finding)
{
    value_write_json(out, value_pool_get(object->values, object->ops[finding->ops[0]].result));
}

static const struct finding_kind kinds[] = {
    [SEQUENTIAL_BAD] = {.name = "bad", .put = put, .put_json = put_json},
    {.name = NULL},
};

static int check(const struct checker_input *input, struct checker_result *out, struct errbuf *err)
{
    struct sequential run = {.input = input};
    findings_init(&run.found, input, kinds);
    int rc = checker_know_functions(input, &checker_sequential, err);
    for (uint32_t i = 0; i < input->object->count && rc == 0; i++) {
        if (budget_time_over(input->budget))
            return checker_time_over(err);
        if (checker_answered(&input->object->ops[i], F_READ))
            rc = judge_read(&run, i, err);
    }
    if (rc != 0)
        return rc;
    struct strbuf details = STRBUF_INIT;
    strbuf_printf(&details, "{\"all-count\":%llu,\"some-count\":%llu,\"none-count\":%llu",
                  (unsigned long long)run.all, (unsigned long long)run.some,
                  (unsigned long long)run.none);
    bool tested = run.all + run.some > 0;
    return findings_conclude(&run.found, &details, tested ? VERDICT_VALID : VERDICT_VACUOUS,
                             tested ? NULL : "no subkey was ever read", out, err);
}

/* Looks from behind: some nil, and before it one that is there. */
static bool confirm(const struct checker_input *input, const struct checker_finding *finding)
{
    const struct object *object = input->object;
    const struct operation *read = checker_ok(object, finding->ops[0], F_READ);
    struct value subkeys;
    if (!read || finding->kind != SEQUENTIAL_BAD ||
        !subkeys_of(value_pool_get(object->values, read->result), &subkeys) ||
        finding->numbers[0] < 0 || finding->numbers[0] >= subkeys.count)
        return false;
    uint32_t at = (uint32_t)finding->numbers[0];
    bool is_nil = value_is_nil(subkeys.items[at]);
    while (at > 0 && value_is_nil(subkeys.items[at - 1]))
        at--;
    return is_nil && at > 0;
}

static const symbol functions[] = {F_READ, F_WRITE, F_NONE};

const struct checker checker_sequential = {
    .name = "sequential",
    .doc = "whoever sees a later write of a client sees the earlier ones (Jepsen, CockroachDB)",
    .functions = functions,
    .check = check,
    .confirm = confirm,
};
