#include "checker/check_run.h"

#include "checker/explain.h"
#include "checker/set_check.h"
#include "core/clock.h"
#include "core/err.h"
#include "core/errbuf.h"
#include "core/strbuf.h"

#include <stdlib.h>
#include <string.h>

/* --- in words --- */

static void put_event(struct strbuf *out, const struct check_run *run, uint32_t at)
{
    const struct op *op = &run->history->ops[at];
    uint32_t partner = run->keys.partner[at];
    strbuf_printf(out, "process %d (", op->process);
    explain_moment(out, op);
    if (partner != HISTORY_UNPAIRED) {
        strbuf_puts(out, " to ");
        explain_moment(out, &run->history->ops[partner]);
    }
    strbuf_puts(out, ")");
}

static void put_finding(struct strbuf *out, const struct check_run *run, enum set_fault fault,
                        const struct set_finding *finding)
{
    strbuf_puts(out, "element ");
    value_write_text(out, finding->element);
    if (fault == SET_LOST) {
        strbuf_puts(out, " was added and acknowledged by ");
        put_event(out, run, finding->add);
        strbuf_puts(out, ", but is missing from the last read, by ");
    } else if (fault == SET_DUPLICATE) {
        strbuf_puts(out, " is there more than once in the read by ");
    } else if (finding->add == HISTORY_UNPAIRED) {
        strbuf_puts(out, " was never added, but is in the read by ");
    } else if (finding->add > finding->read) {
        strbuf_puts(out, " was first added later, by ");
        put_event(out, run, finding->add);
        strbuf_puts(out, ", but is in the read by ");
    } else {
        strbuf_puts(out, " could not be added: its add failed, by ");
        put_event(out, run, finding->add);
        strbuf_puts(out, "; but it is in the read by ");
    }
    put_event(out, run, finding->read);
}

static const char *keep(struct check_run *run, struct strbuf *text)
{
    const char *copy =
        strbuf_ok(text) && text->text ? arena_strdup(&run->result->arena, text->text) : NULL;
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

static const char *make_cause(struct check_run *run, const struct set_findings *found)
{
    enum set_fault fault = first_fault(found);
    struct strbuf text = STRBUF_INIT;
    put_finding(&text, run, fault, &found->samples[fault][0]);
    for (enum set_fault i = SET_LOST; i < SET_FAULT_COUNT; i++)
        if (found->count[i] > 0)
            strbuf_printf(&text, "%s%u %s", i == fault ? "; in all " : ", ", found->count[i],
                          set_fault_name(i));
    return keep(run, &text);
}

static const char *make_explanation(struct check_run *run, const struct set_findings *found)
{
    struct strbuf text = STRBUF_INIT;
    for (enum set_fault fault = SET_LOST; fault < SET_FAULT_COUNT; fault++) {
        if (found->count[fault] == 0)
            continue;
        strbuf_printf(&text, "%u %s:\n", found->count[fault], set_fault_name(fault));
        for (uint32_t i = 0; i < found->sample_count[fault]; i++) {
            strbuf_puts(&text, "  ");
            put_finding(&text, run, fault, &found->samples[fault][i]);
            strbuf_puts(&text, "\n");
        }
    }
    return keep(run, &text);
}

/* --- as JSON --- */

static void put_samples(struct strbuf *out, const struct set_findings *found, enum set_fault fault)
{
    strbuf_printf(out, ",\"%s\":[", set_fault_name(fault));
    for (uint32_t i = 0; i < found->sample_count[fault]; i++) {
        strbuf_puts(out, i > 0 ? "," : "");
        value_write_json(out, found->samples[fault][i].element);
    }
    strbuf_puts(out, "]");
}

static void put_details(struct strbuf *out, const struct key_group *group,
                        const struct set_findings *found)
{
    strbuf_puts(out, out->length > 0 ? ",{\"key\":" : "{\"sets\":[{\"key\":");
    value_write_json(out, group->has_key ? group->key : value_nil());
    strbuf_printf(out,
                  ",\"attempted-count\":%u,\"acknowledged-count\":%u,\"ok-count\":%u,"
                  "\"lost-count\":%u,\"unexpected-count\":%u,\"duplicate-count\":%u,"
                  "\"recovered-count\":%u,\"never-read-count\":%u",
                  found->attempted, found->acknowledged, found->present, found->count[SET_LOST],
                  found->count[SET_UNEXPECTED], found->count[SET_DUPLICATE], found->recovered,
                  found->never_read);
    for (enum set_fault fault = SET_LOST; fault < SET_FAULT_COUNT; fault++)
        put_samples(out, found, fault);
    strbuf_puts(out, "}");
}

/* --- the verdict --- */

static int compare_positions(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

/* The operations of the first finding of each kind, in order. */
static int make_witness(struct check_run *run, const struct set_findings *found,
                        struct check_key *out)
{
    uint32_t *witness =
        arena_alloc(&run->result->arena, 2 * (size_t)SET_FAULT_COUNT * sizeof *witness);
    if (!witness)
        return ERR_NOMEM;
    uint32_t count = 0;
    for (enum set_fault fault = SET_LOST; fault < SET_FAULT_COUNT; fault++) {
        if (found->count[fault] == 0)
            continue;
        const struct set_finding *first = &found->samples[fault][0];
        if (first->add != HISTORY_UNPAIRED)
            witness[count++] = first->add;
        witness[count++] = first->read;
    }
    qsort(witness, count, sizeof *witness, compare_positions);
    out->witness_count = 0;
    for (uint32_t i = 0; i < count; i++)
        if (i == 0 || witness[i] != witness[i - 1])
            witness[out->witness_count++] = witness[i];
    out->witness = witness;
    return 0;
}

static bool all_confirmed(const struct check_run *run, const struct key_group *group,
                          const struct set_findings *found)
{
    for (enum set_fault fault = SET_LOST; fault < SET_FAULT_COUNT; fault++)
        for (uint32_t i = 0; i < found->sample_count[fault]; i++)
            if (!set_recheck(run->history, run->keys.partner, group, fault,
                             &found->samples[fault][i]))
                return false;
    return true;
}

static int set_verdict(struct check_run *run, const struct key_group *group,
                       const struct set_findings *found, struct check_key *out, struct errbuf *err)
{
    if (first_fault(found) == SET_FAULT_COUNT) {
        out->verdict = found->was_read ? VERDICT_VALID : VERDICT_VACUOUS;
        out->cause = found->was_read ? NULL : "the set was never read";
        return 0;
    }
    if (!all_confirmed(run, group, found)) {
        out->verdict = VERDICT_UNKNOWN;
        out->cause = "a violation was found, but its re-check did not confirm it";
        return 0;
    }
    out->cause = make_cause(run, found);
    out->explanation = make_explanation(run, found);
    if (!out->cause || !out->explanation || make_witness(run, found, out) != 0)
        return errbuf_set(err, ERR_NOMEM, "no memory for the explanation of a verdict");
    out->verdict = VERDICT_INVALID;
    return 0;
}

static int check_group(struct check_run *run, uint32_t index, struct strbuf *details,
                       struct errbuf *err)
{
    const struct key_group *group = &run->keys.groups[index];
    struct check_key *out = &run->result->keys[index];
    struct set_findings found;
    int64_t start_ns = monotonic_ns();
    int rc = set_check(run->history, &run->keys, group, &run->budget, &found, err);
    if (rc == ERR_TIMEOUT || rc == ERR_NOMEM) {
        out->cause = rc == ERR_TIMEOUT ? check_cause_time : check_cause_memory;
        rc = 0; /* the verdict stays unknown */
    } else if (rc == 0) {
        rc = set_verdict(run, group, &found, out, err);
        put_details(details, group, &found);
    }
    out->elapsed_ns = monotonic_ns() - start_ns;
    return rc;
}

int check_set_all(struct check_run *run, struct errbuf *err)
{
    struct strbuf details = STRBUF_INIT;
    int rc = 0;
    for (uint32_t i = 0; i < run->keys.count && rc == 0; i++)
        rc = check_group(run, i, &details, err);
    if (rc == 0 && details.length > 0) {
        strbuf_puts(&details, "]}");
        run->result->details_json =
            strbuf_ok(&details) ? arena_strdup(&run->result->arena, details.text) : NULL;
        if (!run->result->details_json)
            rc = errbuf_set(err, ERR_NOMEM, "no memory for the findings");
    }
    strbuf_fini(&details);
    return rc;
}
