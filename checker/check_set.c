/* Jepsen's checker "set", by the contract; what is found is in set_check.h. */
#include "checker/checker.h"
#include "checker/findings.h"
#include "checker/set_check.h"
#include "core/arena.h"
#include "core/err.h"
#include "core/errbuf.h"
#include "core/strbuf.h"

/* --- in words --- */

static void put_finding(struct strbuf *out, const struct object *object, enum set_fault fault,
                        const struct set_finding *finding)
{
    strbuf_puts(out, "element ");
    value_write_text(out, value_pool_get(object->values, finding->element));
    if (fault == SET_LOST) {
        strbuf_puts(out, " was added and acknowledged by ");
        findings_put_operation(out, object, finding->add);
        strbuf_puts(out, ", but is missing from the last read, by ");
    } else if (fault == SET_DUPLICATE) {
        strbuf_puts(out, " is there more than once in the read by ");
    } else if (finding->add == UINT32_MAX) {
        strbuf_puts(out, " was never added, but is in the read by ");
    } else if (finding->add > finding->read) {
        strbuf_puts(out, " was first added later, by ");
        findings_put_operation(out, object, finding->add);
        strbuf_puts(out, ", but is in the read by ");
    } else {
        strbuf_puts(out, " could not be added: its add failed, by ");
        findings_put_operation(out, object, finding->add);
        strbuf_puts(out, "; but it is in the read by ");
    }
    findings_put_operation(out, object, finding->read);
}

static const char *keep(const struct checker_input *input, struct strbuf *text)
{
    const char *copy =
        strbuf_ok(text) && text->text ? arena_strdup(input->arena, text->text) : NULL;
    strbuf_fini(text);
    return copy;
}

static enum set_fault first_fault(const struct set_findings *found)
{
    enum set_fault fault = SET_LOST;
    while (fault < SET_FAULT_COUNT && found->count[fault] == 0)
        fault++;
    return fault;
}

static const char *make_cause(const struct checker_input *input, const struct set_findings *found)
{
    enum set_fault fault = first_fault(found);
    struct strbuf text = STRBUF_INIT;
    put_finding(&text, input->object, fault, &found->samples[fault][0]);
    for (enum set_fault i = SET_LOST; i < SET_FAULT_COUNT; i++)
        if (found->count[i] > 0)
            strbuf_printf(&text, "%s%u %s", i == fault ? "; in all " : ", ", found->count[i],
                          set_fault_name(i));
    return keep(input, &text);
}

static const char *make_explanation(const struct checker_input *input,
                                    const struct set_findings *found)
{
    struct strbuf text = STRBUF_INIT;
    for (enum set_fault fault = SET_LOST; fault < SET_FAULT_COUNT; fault++) {
        if (found->count[fault] == 0)
            continue;
        strbuf_printf(&text, "%u %s:\n", found->count[fault], set_fault_name(fault));
        for (uint32_t i = 0; i < found->sample_count[fault]; i++) {
            strbuf_puts(&text, "  ");
            put_finding(&text, input->object, fault, &found->samples[fault][i]);
            strbuf_puts(&text, "\n");
        }
    }
    return keep(input, &text);
}

/* --- as JSON --- */

static void put_samples(struct strbuf *out, const struct object *object,
                        const struct set_findings *found, enum set_fault fault)
{
    strbuf_printf(out, ",\"%s\":[", set_fault_name(fault));
    for (uint32_t i = 0; i < found->sample_count[fault]; i++) {
        strbuf_puts(out, i > 0 ? "," : "");
        value_write_json(out, value_pool_get(object->values, found->samples[fault][i].element));
    }
    strbuf_puts(out, "]");
}

static const char *make_details(const struct checker_input *input, const struct set_findings *found)
{
    struct strbuf out = STRBUF_INIT;
    strbuf_printf(&out,
                  "{\"attempted-count\":%u,\"acknowledged-count\":%u,\"ok-count\":%u,"
                  "\"lost-count\":%u,\"unexpected-count\":%u,\"duplicate-count\":%u,"
                  "\"recovered-count\":%u,\"never-read-count\":%u",
                  found->attempted, found->acknowledged, found->present, found->count[SET_LOST],
                  found->count[SET_UNEXPECTED], found->count[SET_DUPLICATE], found->recovered,
                  found->never_read);
    for (enum set_fault fault = SET_LOST; fault < SET_FAULT_COUNT; fault++)
        put_samples(&out, input->object, found, fault);
    strbuf_puts(&out, "}");
    return keep(input, &out);
}

/* --- the verdict --- */

/* Every sample is a finding; ops[0] is the read, ops[1] the add. */
static int make_findings(const struct checker_input *input, const struct set_findings *found,
                         struct checker_result *out)
{
    struct checker_finding *findings =
        arena_alloc(input->arena, (size_t)SET_FAULT_COUNT * SET_SAMPLES_MAX * sizeof *findings);
    if (!findings)
        return ERR_NOMEM;
    out->findings = findings;
    for (enum set_fault fault = SET_LOST; fault < SET_FAULT_COUNT; fault++)
        for (uint32_t i = 0; i < found->sample_count[fault]; i++) {
            const struct set_finding *sample = &found->samples[fault][i];
            findings[out->finding_count++] = (struct checker_finding){
                .kind = fault,
                .value = sample->element,
                .ops = {sample->read, sample->add, UINT32_MAX, UINT32_MAX}};
        }
    return 0;
}

static int check(const struct checker_input *input, struct checker_result *out, struct errbuf *err)
{
    struct set_findings found;
    *out = (struct checker_result){.verdict = VERDICT_VALID};
    int rc = set_check(input->object, input->budget, &found, err);
    if (rc != 0)
        return rc;
    out->steps = input->object->count;
    out->details_json = make_details(input, &found);
    if (!found.was_read) {
        out->verdict = VERDICT_VACUOUS;
        out->cause = "the set was never read";
    }
    if (first_fault(&found) < SET_FAULT_COUNT) {
        out->verdict = VERDICT_INVALID;
        out->cause = make_cause(input, &found);
        out->explanation = make_explanation(input, &found);
        rc = out->cause && out->explanation ? make_findings(input, &found, out) : ERR_NOMEM;
    }
    if (rc != 0 || !out->details_json)
        return errbuf_set(err, ERR_NOMEM, "no memory for the explanation of a verdict");
    return 0;
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
