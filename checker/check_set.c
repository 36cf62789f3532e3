/* Jepsen's checker "set", by the contract; what is found is in set_check.h. */
#include "checker/checker.h"
#include "checker/findings.h"
#include "checker/set_check.h"
#include "core/strbuf.h"

static void put_known_add(struct strbuf *out, const struct object *object, const char *before,
                          uint32_t add, const char *behind)
{
    strbuf_puts(out, before);
    findings_put_operation(out, object, add);
    strbuf_puts(out, behind);
}

static void put_lost(struct strbuf *out, const struct object *object,
                     const struct checker_finding *finding)
{
    strbuf_puts(out, "element ");
    findings_put_value(out, object, finding->value);
    put_known_add(out, object, " was added and acknowledged by ", finding->ops[1],
                  ", but is missing from the last read, by ");
    findings_put_operation(out, object, finding->ops[0]);
}

static void put_unexpected(struct strbuf *out, const struct object *object,
                           const struct checker_finding *finding)
{
    uint32_t read = finding->ops[0], add = finding->ops[1];
    strbuf_puts(out, "element ");
    findings_put_value(out, object, finding->value);
    if (add == UINT32_MAX)
        strbuf_puts(out, " was never added, but is in the read by ");
    else if (add > read)
        put_known_add(out, object, " was first added later, by ", add, ", but is in the read by ");
    else
        put_known_add(out, object, " could not be added: its add failed, by ", add,
                      "; but it is in the read by ");
    findings_put_operation(out, object, read);
}

static void put_duplicate(struct strbuf *out, const struct object *object,
                          const struct checker_finding *finding)
{
    strbuf_puts(out, "element ");
    findings_put_value(out, object, finding->value);
    strbuf_puts(out, " is there more than once in the read by ");
    findings_put_operation(out, object, finding->ops[0]);
}

static const struct finding_kind kinds[] = {
    [SET_LOST] = {"lost", put_lost, NULL},
    [SET_UNEXPECTED] = {"unexpected", put_unexpected, NULL},
    [SET_DUPLICATE] = {"duplicate", put_duplicate, NULL},
    {NULL, NULL, NULL},
};

/* ops[0] is the read, ops[1] the add. */
static void collect(const struct set_findings *set, struct findings *found)
{
    for (enum set_fault fault = SET_LOST; fault < SET_FAULT_COUNT; fault++) {
        for (uint32_t i = 0; i < set->sample_count[fault]; i++) {
            const struct set_finding *sample = &set->samples[fault][i];
            struct checker_finding finding = {
                .kind = fault,
                .value = sample->element,
                .ops = {sample->read, sample->add, UINT32_MAX, UINT32_MAX}};
            findings_add(found, &finding);
        }
        found->counts[fault] = set->count[fault];
    }
}

static int check(const struct checker_input *input, struct checker_result *out, struct errbuf *err)
{
    struct set_findings set;
    struct findings found;
    struct strbuf details = STRBUF_INIT;
    *out = (struct checker_result){.verdict = VERDICT_VALID};
    int rc = set_check(input->object, input->budget, &set, err);
    if (rc != 0)
        return rc;
    findings_init(&found, input, kinds);
    collect(&set, &found);
    strbuf_printf(&details,
                  "{\"attempted-count\":%u,\"acknowledged-count\":%u,\"ok-count\":%u,"
                  "\"recovered-count\":%u,\"never-read-count\":%u",
                  set.attempted, set.acknowledged, set.present, set.recovered, set.never_read);
    return findings_conclude(&found, &details, set.was_read ? VERDICT_VALID : VERDICT_VACUOUS,
                             set.was_read ? NULL : "the set was never read", out, err);
}

static bool confirm(const struct checker_input *input, const struct checker_finding *finding)
{
    struct set_finding claim = {
        .element = finding->value, .read = finding->ops[0], .add = finding->ops[1]};
    return set_recheck(input->object, (enum set_fault)finding->kind, &claim);
}

static const symbol functions[] = {F_READ, F_ADD, F_NONE};

const struct checker checker_set = {
    .name = "set",
    .doc = "a grow-only set: add, and reads of the whole set; checked by the last read (Jepsen)",
    .functions = functions,
    .check = check,
    .confirm = confirm,
};
