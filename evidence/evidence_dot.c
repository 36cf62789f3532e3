#include "evidence/evidence_explain.h"

#include "core/strbuf.h"
#include "evidence/evidence_text.h"

enum { STEPS_MAX = 2000 }; /* more than graphviz draws in a minute */

/* A quoted string of DOT; a newline in it is a new line. */
static void put_quoted(struct strbuf *out, struct strbuf *text)
{
    out->failed |= text->failed;
    strbuf_putc(out, '"');
    for (size_t i = 0; i < text->length; i++) {
        if (text->text[i] == '"' || text->text[i] == '\\')
            strbuf_putc(out, '\\');
        if (text->text[i] == '\n')
            strbuf_puts(out, "\\n");
        else
            strbuf_putc(out, text->text[i]);
    }
    strbuf_putc(out, '"');
    strbuf_fini(text);
}

static void put_node(struct strbuf *out, const struct evidence_cast *cast, uint32_t i)
{
    struct strbuf text = STRBUF_INIT;
    strbuf_printf(&text, "T%u ", i + 1);
    evidence_put_txn(&text, cast->all, cast->txns[i]);
    strbuf_putc(&text, '\n');
    evidence_put_place(&text, cast->all, cast->txns[i]);
    strbuf_printf(out, "  T%u [label=", i + 1);
    put_quoted(out, &text);
    strbuf_puts(out, "];\n");
}

static void put_edge(struct strbuf *out, const struct evidence_cast *cast, uint32_t i)
{
    const struct step *step = &cast->evidence->steps[i];
    const char *colour = step_kind_colour((enum step_kind)step->kind);
    struct strbuf text = STRBUF_INIT;
    evidence_put_step_label(&text, cast->all, cast->evidence, i);
    strbuf_printf(out, "  T%u -> T%u [label=", evidence_cast_find(cast, step->from),
                  evidence_cast_find(cast, step->to));
    put_quoted(out, &text);
    strbuf_printf(out, " color=\"%s\" fontcolor=\"%s\"%s];\n", colour, colour,
                  i >= cast->evidence->cycle                           ? " penwidth=2"
                  : evidence_step_case(cast->evidence, i) != CASE_NONE ? " style=dotted"
                                                                       : " style=dashed");
}

void evidence_put_dot(struct strbuf *out, const struct transactions *all,
                      const struct evidence *evidence)
{
    struct evidence_cast cast;
    if (evidence->kind != EVIDENCE_CYCLE || evidence->step_count > STEPS_MAX)
        return;
    if (!evidence_cast_init(&cast, all, evidence)) {
        out->failed = true;
        return;
    }
    strbuf_puts(out, "digraph cycle {\n  node [shape=box fontname=monospace];\n");
    for (uint32_t i = 0; i < cast.count; i++)
        put_node(out, &cast, i);
    for (uint32_t i = 0; i < evidence->step_count; i++)
        put_edge(out, &cast, i);
    strbuf_puts(out, "}\n");
    evidence_cast_fini(&cast);
}
