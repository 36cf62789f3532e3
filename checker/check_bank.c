/* Jepsen's checker "bank": money moves between accounts, and none is made or lost.
 *
 * transfer {:from a :to b :amount n} is not looked at; read -> {account balance, ...}, of all the
 * accounts at once. The accounts are those of the first read that was answered, and the total is
 * the one given, or the sum of that read, which is then told with the verdict (Jepsen's tests say
 * what the total is, 100 by default: a recorded history does not). A read is wrong, for the first
 * of these reasons, if it unexpected-key   has an account that the first read has not; nil-balance
 * has an account without a balance; wrong-total      does not sum up to the total; negative-value
 * has a balance below zero, unless that is allowed. A read of nil says nothing. Linear in the
 * balances read. */
#include "checker/findings.h"
#include "checker/value_numbers.h"
#include "core/arena.h"
#include "core/err.h"
#include "core/errbuf.h"
#include "core/strbuf.h"

enum { BANK_UNEXPECTED, BANK_NIL, BANK_TOTAL, BANK_NEGATIVE, BANK_FAULT_COUNT };

struct bank {
    const struct checker_input *input;
    struct findings found;
    struct value_numbers accounts;
    bool has_total;
    int64_t total;
    uint64_t reads;
};

static value_ref intern(const struct bank *run, struct value value)
{
    struct value_pool *values = run->input->object->values;
    return value_pool_intern(values, value);
}

static int odd_read(const struct bank *run, const struct operation *op, struct errbuf *err)
{
    return checker_odd_value(run->input, op->complete,
                             "a read of a bank must return a map from accounts to integers, whose "
                             "sum fits into 64 bits",
                             err);
}

/* The sum of all balances that are there. */
static bool sum_of(struct value read, int64_t *out)
{
    *out = 0;
    for (uint32_t i = 1; i < read.count; i += 2)
        if (read.items[i].kind == VALUE_INT) {
            if (__builtin_add_overflow(*out, read.items[i].integer, out))
                return false;
        } else if (read.items[i].kind != VALUE_NIL) {
            return false;
        }
    return read.kind == VALUE_MAP;
}

static int take_accounts(struct bank *run, struct value read, struct errbuf *err)
{
    for (uint32_t i = 0; i < read.count; i += 2) {
        value_ref account = intern(run, read.items[i]);
        if (account == VALUE_REF_NOMEM || value_numbers_add(&run->accounts, account) < 0)
            return checker_no_memory(err);
    }
    return 0;
}

/* What is wrong with a read: its kind, and the account in finding->value. */
static int find_fault(struct bank *run, struct value read, struct checker_finding *finding,
                      struct errbuf *err)
{
    bool allow_negative = run->input->options->allow_negative;
    finding->kind = BANK_FAULT_COUNT;
    if (finding->numbers[0] != run->total)
        finding->kind = BANK_TOTAL;
    for (uint32_t i = 0; i < read.count; i += 2) {
        value_ref account = intern(run, read.items[i]);
        struct value balance = read.items[i + 1];
        uint32_t kind = BANK_FAULT_COUNT;
        if (account == VALUE_REF_NOMEM)
            return checker_no_memory(err);
        if (value_numbers_find(&run->accounts, account) == 0)
            kind = BANK_UNEXPECTED;
        else if (balance.kind == VALUE_NIL)
            kind = BANK_NIL;
        else if (balance.integer < 0 && !allow_negative)
            kind = BANK_NEGATIVE;
        if (kind < finding->kind) {
            finding->kind = kind;
            finding->value = account;
        }
    }
    return 0;
}

static int judge_read(struct bank *run, uint32_t number, struct errbuf *err)
{
    const struct operation *op = &run->input->object->ops[number];
    struct value read = value_pool_get(run->input->object->values, op->result);
    struct checker_finding finding = {.ops = {number, UINT32_MAX, UINT32_MAX, UINT32_MAX}};
    if (!sum_of(read, &finding.numbers[0]))
        return odd_read(run, op, err);
    int rc = run->reads++ == 0 ? take_accounts(run, read, err) : 0;
    if (rc == 0 && !run->has_total)
        run->total = finding.numbers[0];
    run->has_total = true;
    finding.numbers[1] = run->total;
    if (rc == 0)
        rc = find_fault(run, read, &finding, err);
    if (rc == 0 && finding.kind < BANK_FAULT_COUNT)
        findings_add(&run->found, &finding);
    return rc;
}

static int judge_reads(struct bank *run, struct errbuf *err)
{
    const struct object *object = run->input->object;
    int rc = 0;
    for (uint32_t i = 0; i < object->count && rc == 0; i++) {
        if (budget_time_over(run->input->budget))
            return checker_time_over(err);
        if (checker_answered(&object->ops[i], F_READ))
            rc = judge_read(run, i, err);
    }
    return rc;
}

/* --- telling --- */

static void put(struct strbuf *out, const struct object *object,
                const struct checker_finding *finding)
{
    if (finding->kind == BANK_TOTAL) {
        strbuf_printf(out, "the balances sum up to %lld instead of %lld in the read by ",
                      (long long)finding->numbers[0], (long long)finding->numbers[1]);
    } else {
        static const char *const words[] = {
            [BANK_UNEXPECTED] = " is none of the first read's, but is in the read by ",
            [BANK_NIL] = " has no balance in the read by ",
            [BANK_NEGATIVE] = " is below zero in the read by "};
        strbuf_puts(out, "account ");
        findings_put_value(out, object, finding->value);
        strbuf_puts(out, words[finding->kind]);
    }
    findings_put_operation(out, object, finding->ops[0]);
}

static void put_total(struct strbuf *out, const struct object *object,
                      const struct checker_finding *finding)
{
    (void)object;
    strbuf_put_int(out, finding->numbers[0]);
}

static const struct finding_kind kinds[] = {
    [BANK_UNEXPECTED] = {.name = "unexpected-key", .put = put},
    [BANK_NIL] = {.name = "nil-balance", .put = put},
    [BANK_TOTAL] = {.name = "wrong-total", .put = put, .put_json = put_total},
    [BANK_NEGATIVE] = {.name = "negative-value", .put = put},
    [BANK_FAULT_COUNT] = {.name = NULL},
};

static int conclude(const struct bank *run, struct checker_result *out, struct errbuf *err)
{
    const struct checker_input *input = run->input;
    bool was_read = run->reads > 0;
    struct strbuf details = STRBUF_INIT;
    strbuf_printf(&details, "{\"read-count\":%llu,\"error-count\":%llu",
                  (unsigned long long)run->reads, (unsigned long long)findings_count(&run->found));
    if (run->has_total)
        strbuf_printf(&details, ",\"total\":%lld", (long long)run->total);
    int rc = findings_conclude(&run->found, &details, was_read ? VERDICT_VALID : VERDICT_VACUOUS,
                               was_read ? NULL : "the accounts were never read", out, err);
    if (rc != 0 || !was_read || input->options->total_is_given)
        return rc;
    out->note = arena_printf(input->arena, "the total is %lld, that of the first read",
                             (long long)run->total);
    return out->note ? 0 : checker_no_memory(err);
}

static int check(const struct checker_input *input, struct checker_result *out, struct errbuf *err)
{
    struct bank run = {.input = input,
                       .has_total = input->options->total_is_given,
                       .total = input->options->total};
    findings_init(&run.found, input, kinds);
    value_numbers_init(&run.accounts, input->budget);
    int rc = checker_know_functions(input, &checker_bank, err);
    if (rc == 0)
        rc = judge_reads(&run, err);
    value_numbers_fini(&run.accounts);
    if (rc != 0)
        return rc;
    return conclude(&run, out, err);
}

/* --- the second opinion --- */

static struct value first_read(const struct object *object)
{
    uint32_t i = 0;
    while (i < object->count && !checker_ok(object, i, F_READ))
        i++;
    return i < object->count ? value_pool_get(object->values, object->ops[i].result) : value_nil();
}

static const struct value *balance_of(struct value read, struct value account)
{
    for (uint32_t i = 0; i < read.count; i += 2)
        if (value_equal(read.items[i], account))
            return &read.items[i + 1];
    return NULL;
}

static int64_t total_of(struct value read)
{
    int64_t total = 0;
    for (uint32_t i = 1; i < read.count; i += 2)
        total += read.items[i].kind == VALUE_INT ? read.items[i].integer : 0;
    return total;
}

static bool confirm(const struct checker_input *input, const struct checker_finding *finding)
{
    const struct object *object = input->object;
    const struct operation *op = checker_ok(object, finding->ops[0], F_READ);
    if (!op)
        return false;
    struct value read = value_pool_get(object->values, op->result);
    struct value account = value_pool_get(object->values, finding->value);
    const struct value *balance = balance_of(read, account);
    switch (finding->kind) {
    case BANK_UNEXPECTED:
        return balance && !balance_of(first_read(object), account);
    case BANK_NIL:
        return balance && balance->kind == VALUE_NIL;
    case BANK_TOTAL:
        return total_of(read) == finding->numbers[0] && total_of(read) != finding->numbers[1] &&
               finding->numbers[1] == (input->options->total_is_given
                                           ? input->options->total
                                           : total_of(first_read(object)));
    case BANK_NEGATIVE:
        return !input->options->allow_negative && balance && balance->kind == VALUE_INT &&
               balance->integer < 0;
    default:
        return false;
    }
}

static const symbol functions[] = {F_READ, F_TRANSFER, F_NONE};

const struct checker checker_bank = {
    .name = "bank",
    .doc = "accounts whose balances always sum up to the same total (Jepsen)",
    .functions = functions,
    .check = check,
    .confirm = confirm,
};
