/* Jepsen's checker "stats": how many operations of each name succeeded, failed, or ended in nobody
 * knows what. Any operation is known, and all keys count together.
 *
 * It refutes nothing. A name of which no operation succeeded was not tested: vacuous, with that as
 * the cause (for Jepsen it is false). So is a history without operations. Linear. */
#include "checker/findings.h"
#include "core/arena.h"
#include "core/err.h"
#include "core/errbuf.h"
#include "core/strbuf.h"

#include <string.h>

struct outcomes {
    uint32_t count[OP_INFO + 1]; /* by outcome: ok, fail, info */
};

static uint32_t count_of(const struct outcomes *outcomes)
{
    return outcomes->count[OP_OK] + outcomes->count[OP_FAIL] + outcomes->count[OP_INFO];
}

static void put_outcomes(struct strbuf *out, const struct outcomes *outcomes)
{
    strbuf_printf(out, "\"count\":%u,\"ok-count\":%u,\"fail-count\":%u,\"info-count\":%u",
                  count_of(outcomes), outcomes->count[OP_OK], outcomes->count[OP_FAIL],
                  outcomes->count[OP_INFO]);
}

static int count_all(const struct checker_input *input, struct outcomes *by_name,
                     struct errbuf *err)
{
    for (uint32_t i = 0; i < input->object->count; i++) {
        const struct operation *op = &input->object->ops[i];
        if (budget_time_over(input->budget))
            return checker_time_over(err);
        by_name[op->f].count[op->outcome]++;
    }
    return 0;
}

/* The names of which none succeeded, as a cause; "" if there is none. */
static void put_untested(struct strbuf *out, const struct outcomes *by_name)
{
    for (symbol f = 0; f < SYMBOL_MAX; f++)
        if (count_of(&by_name[f]) > 0 && by_name[f].count[OP_OK] == 0)
            strbuf_printf(out, "%s%s", out->length == 0 ? "none of these ever succeeded: " : ", ",
                          symbol_name(f));
}

static void put_details(struct strbuf *out, const struct outcomes *by_name)
{
    struct outcomes all = {{0}};
    for (symbol f = 0; f < SYMBOL_MAX; f++)
        for (int outcome = OP_OK; outcome <= OP_INFO; outcome++)
            all.count[outcome] += by_name[f].count[outcome];
    strbuf_puts(out, "{");
    put_outcomes(out, &all);
    const char *comma = ",\"by-f\":{";
    for (symbol f = 0; f < SYMBOL_MAX; f++) {
        if (count_of(&by_name[f]) == 0)
            continue;
        const char *name = symbol_name(f);
        strbuf_puts(out, comma);
        strbuf_put_json_string(out, name, strlen(name));
        strbuf_puts(out, ":{");
        put_outcomes(out, &by_name[f]);
        strbuf_puts(out, "}");
        comma = ",";
    }
    strbuf_puts(out, comma[1] ? ",\"by-f\":{}" : "}");
}

static const struct finding_kind kinds[] = {{.name = NULL}};

static int conclude(const struct checker_input *input, const struct outcomes *by_name,
                    struct checker_result *out, struct errbuf *err)
{
    struct findings found;
    struct strbuf details = STRBUF_INIT, untested = STRBUF_INIT;
    const char *cause = NULL;
    findings_init(&found, input, kinds);
    put_details(&details, by_name);
    put_untested(&untested, by_name);
    if (input->object->count == 0)
        strbuf_puts(&untested, "there is no operation");
    bool ok = strbuf_ok(&untested);
    if (ok && untested.length > 0)
        ok = (cause = arena_strdup(input->arena, untested.text)) != NULL;
    strbuf_fini(&untested);
    if (!ok) {
        strbuf_fini(&details);
        return checker_no_memory(err);
    }
    return findings_conclude(&found, &details, cause ? VERDICT_VACUOUS : VERDICT_VALID, cause, out,
                             err);
}

static int check(const struct checker_input *input, struct checker_result *out, struct errbuf *err)
{
    size_t size = SYMBOL_MAX * sizeof(struct outcomes);
    struct outcomes *by_name = budget_zalloc(input->budget, size);
    if (!by_name)
        return checker_no_memory(err);
    int rc = count_all(input, by_name, err);
    if (rc == 0)
        rc = conclude(input, by_name, out, err);
    budget_free(input->budget, by_name, size);
    return rc;
}

/* There is nothing to confirm: it accuses nobody. */
static bool confirm(const struct checker_input *input, const struct checker_finding *finding)
{
    (void)input;
    (void)finding;
    return false;
}

static const symbol functions[] = {F_NONE};

const struct checker checker_stats = {
    .name = "stats",
    .doc = "how many operations of each name succeeded; refutes nothing (Jepsen)",
    .functions = functions,
    .whole_history = true,
    .check = check,
    .confirm = confirm,
};
