#include "checker/findings.h"

#include "checker/explain.h"
#include "checker/sort_items.h"
#include "checker/specification_common.h"
#include "core/arena.h"
#include "core/err.h"
#include "core/errbuf.h"
#include "core/strbuf.h"

void findings_init(struct findings *found, const struct checker_input *input,
                   const struct finding_kind *kinds)
{
    memset(found, 0, sizeof *found);
    found->input = input;
    found->kinds = kinds;
}

void findings_add(struct findings *found, const struct checker_finding *finding)
{
    uint32_t *count = &found->sample_counts[finding->kind];
    found->counts[finding->kind]++;
    if (*count < CHECKER_SAMPLES_MAX)
        found->samples[finding->kind][(*count)++] = *finding;
}

uint64_t findings_count(const struct findings *found)
{
    uint64_t count = 0;
    for (uint32_t kind = 0; found->kinds[kind].name; kind++)
        count += found->counts[kind];
    return count;
}

/* --- in words --- */

static const char *keep(const struct findings *found, struct strbuf *text)
{
    const char *copy =
        strbuf_ok(text) && text->text ? arena_strdup(found->input->arena, text->text) : NULL;
    strbuf_fini(text);
    return copy;
}

static const char *make_cause(const struct findings *found)
{
    struct strbuf text = STRBUF_INIT;
    uint32_t first = 0;
    while (found->counts[first] == 0)
        first++;
    found->kinds[first].put(&text, found->input->object, &found->samples[first][0]);
    for (uint32_t kind = first; found->kinds[kind].name; kind++)
        if (found->counts[kind] > 0)
            strbuf_printf(&text, "%s%llu %s", kind == first ? "; in all " : ", ",
                          (unsigned long long)found->counts[kind], found->kinds[kind].name);
    return keep(found, &text);
}

static const char *make_explanation(const struct findings *found)
{
    struct strbuf text = STRBUF_INIT;
    for (uint32_t kind = 0; found->kinds[kind].name; kind++) {
        if (found->counts[kind] == 0)
            continue;
        strbuf_printf(&text, "%llu %s:\n", (unsigned long long)found->counts[kind],
                      found->kinds[kind].name);
        for (uint32_t i = 0; i < found->sample_counts[kind]; i++) {
            strbuf_puts(&text, "  ");
            found->kinds[kind].put(&text, found->input->object, &found->samples[kind][i]);
            strbuf_puts(&text, "\n");
        }
    }
    return keep(found, &text);
}

/* --- as JSON --- */

static void put_samples(struct strbuf *out, const struct findings *found, uint32_t kind)
{
    const struct object *object = found->input->object;
    strbuf_printf(out, ",\"%s-count\":%llu,\"%s\":[", found->kinds[kind].name,
                  (unsigned long long)found->counts[kind], found->kinds[kind].name);
    for (uint32_t i = 0; i < found->sample_counts[kind]; i++) {
        const struct checker_finding *finding = &found->samples[kind][i];
        strbuf_puts(out, i > 0 ? "," : "");
        if (found->kinds[kind].put_json)
            found->kinds[kind].put_json(out, object, finding);
        else
            value_write_json(out, value_pool_get(object->values, finding->value));
    }
    strbuf_puts(out, "]");
}

/* --- the verdict --- */

static const struct checker_finding *list_findings(const struct findings *found, uint32_t *count)
{
    struct checker_finding *all = arena_alloc(
        found->input->arena, (size_t)FINDING_KINDS_MAX * CHECKER_SAMPLES_MAX * sizeof *all);
    *count = 0;
    for (uint32_t kind = 0; all && found->kinds[kind].name; kind++)
        for (uint32_t i = 0; i < found->sample_counts[kind]; i++)
            all[(*count)++] = found->samples[kind][i];
    return all;
}

int findings_conclude(const struct findings *found, struct strbuf *details, enum verdict otherwise,
                      const char *cause, struct checker_result *out, struct errbuf *err)
{
    bool invalid = findings_count(found) > 0;
    *out = (struct checker_result){.verdict = invalid ? VERDICT_INVALID : otherwise,
                                   .cause = invalid ? make_cause(found) : cause,
                                   .steps = found->input->object->count};
    for (uint32_t kind = 0; found->kinds[kind].name; kind++)
        put_samples(details, found, kind);
    strbuf_puts(details, "}");
    out->details_json = keep(found, details);
    if (invalid) {
        out->explanation = make_explanation(found);
        out->findings = list_findings(found, &out->finding_count);
    }
    if (!out->details_json || (invalid && !(out->cause && out->explanation && out->findings)))
        return errbuf_set(err, ERR_NOMEM, "no memory for the explanation of a verdict");
    return 0;
}

/* --- what most of them need --- */

static void put_moment(struct strbuf *out, const struct object *object, position at)
{
    if (object->all)
        explain_moment(out, object->all, at);
    else
        strbuf_printf(out, "event %u", at);
}

void findings_put_operation(struct strbuf *out, const struct object *object, uint32_t number)
{
    const struct operation *op = &object->ops[number];
    strbuf_printf(out, "process %d (", op->process);
    put_moment(out, object, op->invoke);
    if (op->complete != POSITION_NONE) {
        strbuf_puts(out, " to ");
        put_moment(out, object, op->complete);
    }
    strbuf_puts(out, ")");
}

void findings_put_value(struct strbuf *out, const struct object *object, value_ref value)
{
    value_write_text(out, value_pool_get(object->values, value));
}

static unsigned long long event_index(const struct object *object, position at)
{
    return object->all ? (unsigned long long)operations_index(object->all, at) : at;
}

static bool is_known(const symbol *functions, symbol f)
{
    while (*functions != F_NONE && *functions != f)
        functions++;
    return *functions != F_NONE;
}

int checker_know_functions(const struct checker_input *input, const struct checker *checker,
                           struct errbuf *err)
{
    const struct object *object = input->object;
    for (uint32_t i = 0; i < object->count; i++) {
        if (budget_time_over(input->budget))
            return checker_time_over(err);
        if (is_known(checker->functions, symbol_canonical(object->ops[i].f)))
            continue;
        struct strbuf names = STRBUF_INIT;
        for (const symbol *f = checker->functions; *f != F_NONE; f++)
            strbuf_printf(&names, "%s%s", f == checker->functions ? "" : ", ", symbol_name(*f));
        int rc = specification_no_operation(
            "", checker->name, strbuf_ok(&names) ? names.text : "others", object->ops[i].f, err);
        errbuf_prefix(err, "event %llu", event_index(object, object->ops[i].invoke));
        strbuf_fini(&names);
        return rc;
    }
    return 0;
}

int checker_odd_value(const struct checker_input *input, position at, const char *rule,
                      struct errbuf *err)
{
    return errbuf_set(err, ERR_INPUT, "event %llu: %s", event_index(input->object, at), rule);
}

int checker_no_memory(struct errbuf *err)
{
    return errbuf_set(err, ERR_NOMEM, "no memory for the check");
}

int checker_time_over(struct errbuf *err)
{
    return errbuf_set(err, ERR_TIMEOUT, "the time limit ended the check");
}

bool checker_integer(const struct object *object, value_ref value, int64_t *out)
{
    if (value_ref_is_int(value)) {
        *out = value_ref_as_int(value);
        return true;
    }
    struct value full = value_pool_get(object->values, value);
    *out = full.kind == VALUE_INT ? full.integer : 0;
    return full.kind == VALUE_INT;
}

const struct operation *checker_ok(const struct object *object, uint32_t number, symbol f)
{
    bool is_ok = number < object->count && checker_answered(&object->ops[number], f);
    return is_ok ? &object->ops[number] : NULL;
}

int checker_order_of_completion(const struct checker_input *input, struct sort_item **out,
                                uint32_t *count, struct errbuf *err)
{
    const struct object *object = input->object;
    struct sort_item *items = budget_alloc(input->budget, object->ok * sizeof *items);
    if (!items)
        return checker_no_memory(err);
    uint32_t taken = 0;
    for (uint32_t i = 0; i < object->count; i++)
        if (object->ops[i].outcome == OP_OK)
            items[taken++] = (struct sort_item){.key = object->ops[i].complete, .item = i};
    enum sort_end end = sort_items(items, taken, input->budget);
    if (end != SORT_DONE) {
        budget_free(input->budget, items, object->ok * sizeof *items);
        return end == SORT_OUT_OF_TIME ? checker_time_over(err) : checker_no_memory(err);
    }
    *out = items;
    *count = taken;
    return 0;
}
