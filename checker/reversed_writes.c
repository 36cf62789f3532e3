#include "checker/reversed_writes.h"

#include "checker/number_lists.h"
#include "checker/sort_items.h"
#include "core/err.h"
#include "core/errbuf.h"
#include "core/strbuf.h"

#include <string.h>

enum { REVERSED_FOUND };

const symbol reversed_writes_functions[] = {F_READ, F_WRITE, F_NONE};

/* Of an id, by its number. */
struct id {
    uint32_t writer;  /* the first write of it that did not fail; UINT32_MAX if there is none */
    uint32_t seen_by; /* the read looked at last that has it */
};

struct reversed {
    const struct checker_input *input;
    const struct operation *ops;
    struct findings found;
    struct number_lists lists;
    struct id *ids;
    uint32_t id_count;
    struct written {
        uint32_t id, number;
    } * acknowledged; /* the writes that succeeded, by completion */
    uint32_t acknowledged_count;
    uint64_t reads;
};

static int number_writes(struct reversed *run, struct errbuf *err)
{
    for (uint32_t i = 0; i < run->input->object->count; i++) {
        if (budget_time_over(run->input->budget))
            return checker_time_over(err);
        if (run->ops[i].f == F_WRITE && number_lists_add(&run->lists, run->ops[i].argument) == 0)
            return checker_no_memory(err);
    }
    return 0;
}

static struct id *id_of(struct reversed *run, value_ref value)
{
    return &run->ids[value_numbers_find(&run->lists.numbers, value)];
}

static void take_writes(struct reversed *run, const struct sort_item *order, uint32_t count)
{
    for (uint32_t i = 0; i < run->input->object->count; i++) {
        if (run->ops[i].f != F_WRITE || run->ops[i].outcome == OP_FAIL)
            continue;
        struct id *id = id_of(run, run->ops[i].argument);
        id->writer = id->writer == UINT32_MAX ? i : id->writer;
    }
    for (uint32_t i = 0; i < count; i++)
        if (run->ops[order[i].item].f == F_WRITE)
            run->acknowledged[run->acknowledged_count++] = (struct written){
                (uint32_t)(id_of(run, run->ops[order[i].item].argument) - run->ids), order[i].item};
}

/* The write that a read saw and that was invoked last; UINT32_MAX if it saw none. */
static uint32_t mark_seen(struct reversed *run, uint32_t read)
{
    size_t count;
    const uint32_t *items = number_lists_get(&run->lists, read, &count);
    uint32_t last = UINT32_MAX;
    for (size_t i = 0; i < count; i++) {
        struct id *id = &run->ids[items[i]];
        id->seen_by = read;
        if (id->writer != UINT32_MAX && (last == UINT32_MAX || id->writer > last))
            last = id->writer;
    }
    return last;
}

static void judge_read(struct reversed *run, uint32_t read)
{
    uint32_t last = mark_seen(run, read);
    run->reads++;
    if (last == UINT32_MAX)
        return;
    for (uint32_t i = 0; i < run->acknowledged_count; i++) {
        const struct written *write = &run->acknowledged[i];
        if (run->ops[write->number].complete > run->ops[last].invoke)
            return;
        if (run->ids[write->id].seen_by == read)
            continue;
        findings_add(&run->found,
                     &(struct checker_finding){.kind = REVERSED_FOUND,
                                               .value = run->ops[write->number].argument,
                                               .ops = {read, write->number, last, UINT32_MAX}});
        return;
    }
}

static int judge_reads(struct reversed *run, struct errbuf *err)
{
    for (uint32_t i = 0; i < run->input->object->count; i++) {
        if (budget_time_over(run->input->budget))
            return checker_time_over(err);
        if (checker_answered(&run->ops[i], F_READ))
            judge_read(run, i);
    }
    return 0;
}

static int judge(struct reversed *run, struct errbuf *err)
{
    struct budget *budget = run->input->budget;
    struct sort_item *order;
    uint32_t count;
    run->id_count = run->lists.numbers.count;
    run->ids = budget_alloc(budget, run->id_count * sizeof *run->ids);
    run->acknowledged = budget_alloc(budget, run->input->object->ok * sizeof *run->acknowledged);
    if (!run->ids || !run->acknowledged)
        return checker_no_memory(err);
    memset(run->ids, 0xff, run->id_count * sizeof *run->ids);
    int rc = checker_order_of_completion(run->input, &order, &count, err);
    if (rc != 0)
        return rc;
    take_writes(run, order, count);
    budget_free(budget, order, run->input->object->ok * sizeof *order);
    return judge_reads(run, err);
}

/* --- telling --- */

static void put(struct strbuf *out, const struct object *object,
                const struct checker_finding *finding)
{
    findings_put_value(out, object, finding->value);
    strbuf_puts(out, ", acknowledged to ");
    findings_put_operation(out, object, finding->ops[1]);
    strbuf_puts(out, " before ");
    findings_put_value(out, object, object->ops[finding->ops[2]].argument);
    strbuf_puts(out, " was written by ");
    findings_put_operation(out, object, finding->ops[2]);
    strbuf_puts(out, ", is missing from a read that has the later one, by ");
    findings_put_operation(out, object, finding->ops[0]);
}

static const struct finding_kind kinds[] = {
    [REVERSED_FOUND] = {.name = "errors", .put = put},
    {.name = NULL},
};

int reversed_writes_check(const struct checker_input *input, const struct checker *checker,
                          struct checker_result *out, struct errbuf *err)
{
    struct reversed run = {.input = input, .ops = input->object->ops};
    findings_init(&run.found, input, kinds);
    int rc = checker_know_functions(input, checker, err);
    if (rc != 0)
        return rc;
    rc = number_lists_init(&run.lists, input, F_READ,
                           "a read must return a list or a set of what was written", err);
    if (rc == 0)
        rc = number_writes(&run, err);
    if (rc == 0)
        rc = judge(&run, err);
    if (rc == 0) {
        struct strbuf details = STRBUF_INIT;
        strbuf_printf(&details, "{\"read-count\":%llu,\"acknowledged-count\":%u",
                      (unsigned long long)run.reads, run.acknowledged_count);
        rc =
            findings_conclude(&run.found, &details, run.reads > 0 ? VERDICT_VALID : VERDICT_VACUOUS,
                              run.reads > 0 ? NULL : "nothing was ever read", out, err);
    }
    budget_free(input->budget, run.ids, run.id_count * sizeof *run.ids);
    budget_free(input->budget, run.acknowledged, input->object->ok * sizeof *run.acknowledged);
    number_lists_fini(&run.lists);
    return rc;
}

/* --- the second opinion --- */

/* The first write of a value that did not fail. */
static const struct operation *first_write(const struct object *object, value_ref value)
{
    for (uint32_t i = 0; i < object->count; i++)
        if (object->ops[i].f == F_WRITE && object->ops[i].outcome != OP_FAIL &&
            object->ops[i].argument == value)
            return &object->ops[i];
    return NULL;
}

bool reversed_writes_confirm(const struct checker_input *input,
                             const struct checker_finding *finding)
{
    const struct object *object = input->object;
    const struct operation *read = checker_ok(object, finding->ops[0], F_READ);
    if (!read || finding->kind != REVERSED_FOUND || finding->ops[1] >= object->count ||
        finding->ops[2] >= object->count)
        return false;
    const struct operation *missing = &object->ops[finding->ops[1]];
    const struct operation *seen = &object->ops[finding->ops[2]];
    return missing->f == F_WRITE && missing->outcome == OP_OK && seen->f == F_WRITE &&
           missing->argument == finding->value && first_write(object, seen->argument) == seen &&
           operation_precedes(missing, seen) &&
           checker_count_in(object, read, seen->argument) > 0 &&
           checker_count_in(object, read, finding->value) == 0;
}
