#include "evidence/evidence_explain.h"

#include "core/strbuf.h"
#include "evidence/evidence_text.h"

/* Moves what is in `text` into the document, as a string. */
static void put_text(struct strbuf *out, struct strbuf *text)
{
    out->failed |= text->failed;
    strbuf_put_json_string(out, text->text ? text->text : "", text->length);
    strbuf_fini(text);
}

static void put_event(struct strbuf *out, const struct transactions *all, const char *name,
                      position at)
{
    strbuf_printf(out, ",\"%s\":", name);
    if (at == POSITION_NONE || !all->object->all)
        strbuf_puts(out, "null");
    else
        strbuf_put_int(out, (int64_t)operations_index(all->object->all, at));
}

static void put_txn(struct strbuf *out, const struct evidence_cast *cast, uint32_t i)
{
    const struct operation *op = txn_operation(cast->all, cast->txns[i]);
    struct strbuf text = STRBUF_INIT;
    strbuf_printf(out, "%s{\"name\":\"T%u\",\"process\":%d,\"outcome\":\"%s\"", i > 0 ? "," : "",
                  i + 1, op->process, op_type_name((enum op_type)op->outcome));
    put_event(out, cast->all, "invoke", op->invoke);
    put_event(out, cast->all, "complete", op->complete);
    strbuf_puts(out, ",\"value\":");
    evidence_put_txn(&text, cast->all, cast->txns[i]);
    put_text(out, &text);
    strbuf_putc(out, '}');
}

static void put_key(struct strbuf *out, const struct evidence_cast *cast, uint32_t key)
{
    strbuf_puts(out, ",\"key\":");
    value_write_json(out, value_pool_get(cast->all->object->values, txn_key_value(cast->all, key)));
}

static void put_step(struct strbuf *out, const struct evidence_cast *cast, const struct step *step)
{
    struct strbuf text = STRBUF_INIT;
    strbuf_printf(out, "{\"from\":\"T%u\",\"to\":\"T%u\",\"kind\":\"%s\"",
                  evidence_cast_find(cast, step->from), evidence_cast_find(cast, step->to),
                  step_kind_name((enum step_kind)step->kind));
    if (step_has_key(step))
        put_key(out, cast, step->key);
    if (step_has_key(step) && step->lemma != LEMMA_NONE)
        strbuf_printf(out, ",\"lemma\":%u", step->lemma + 1);
    strbuf_puts(out, ",\"because\":");
    evidence_put_step(&text, cast, step);
    put_text(out, &text);
    strbuf_putc(out, '}');
}

static void put_steps(struct strbuf *out, const struct evidence_cast *cast, const char *name,
                      uint32_t first, uint32_t count)
{
    strbuf_printf(out, ",\"%s\":[", name);
    for (uint32_t i = first; i < first + count; i++) {
        strbuf_puts(out, i > first ? "," : "");
        put_step(out, cast, &cast->evidence->steps[i]);
    }
    strbuf_putc(out, ']');
}

static const char *lemma_kind_name(enum lemma_kind kind)
{
    static const char *const names[] = {
        [LEMMA_FOLLOWS] = "follows", [LEMMA_SUPPOSED] = "supposed", [LEMMA_CONTRARY] = "contrary"};
    return names[kind];
}

static void put_lemma(struct strbuf *out, const struct evidence_cast *cast, uint32_t index)
{
    const struct lemma *lemma = &cast->evidence->lemmas[index];
    strbuf_printf(out, "{\"number\":%u,\"kind\":\"%s\",\"from\":\"T%u\",\"to\":\"T%u\"", index + 1,
                  lemma_kind_name(lemma->kind), evidence_cast_find(cast, lemma->from),
                  evidence_cast_find(cast, lemma->to));
    put_key(out, cast, lemma->key);
    if (lemma->within != CASE_NONE)
        strbuf_printf(out, ",\"case\":%u", lemma->within);
    if (lemma->kind == LEMMA_CONTRARY)
        strbuf_printf(out, ",\"ends\":%u", lemma->ends);
    if (lemma->kind == LEMMA_FOLLOWS)
        strbuf_printf(out, ",\"via\":\"T%u\"", evidence_cast_find(cast, lemma->via));
    if (lemma->kind != LEMMA_SUPPOSED)
        put_steps(out, cast, "premise", lemma->first, lemma->count);
    strbuf_putc(out, '}');
}

static void put_lemmas(struct strbuf *out, const struct evidence_cast *cast)
{
    strbuf_puts(out, ",\"lemmas\":[");
    for (uint32_t i = 0; i < cast->evidence->lemma_count; i++) {
        strbuf_puts(out, i > 0 ? "," : "");
        put_lemma(out, cast, i);
    }
    strbuf_putc(out, ']');
}

static void put_document(struct strbuf *out, const struct evidence_cast *cast)
{
    const struct evidence *evidence = cast->evidence;
    struct strbuf text = STRBUF_INIT;
    strbuf_puts(out, "{\"anomaly\":");
    if (evidence->anomaly < ANOMALY_COUNT)
        strbuf_printf(out, "\"%s\"", anomaly_name(evidence->anomaly));
    else
        strbuf_puts(out, "null");
    strbuf_puts(out, ",\"transactions\":[");
    for (uint32_t i = 0; i < cast->count; i++)
        put_txn(out, cast, i);
    strbuf_putc(out, ']');
    if (evidence->kind == EVIDENCE_CYCLE) {
        put_steps(out, cast, "steps", evidence->cycle, evidence->step_count - evidence->cycle);
        put_lemmas(out, cast);
    }
    strbuf_puts(out, ",\"words\":");
    evidence_put_words(&text, cast->all, evidence);
    put_text(out, &text);
    strbuf_putc(out, '}');
}

void evidence_put_json(struct strbuf *out, const struct transactions *all,
                       const struct evidence *evidence)
{
    struct evidence_cast cast;
    if (evidence->kind == EVIDENCE_NONE) {
        strbuf_puts(out, "null");
    } else if (evidence_cast_init(&cast, all, evidence)) {
        put_document(out, &cast);
        evidence_cast_fini(&cast);
    } else {
        out->failed = true;
    }
}
