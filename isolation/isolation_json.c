#include "core/strbuf.h"
#include "evidence/evidence_explain.h"
#include "isolation/isolation_run.h"

#include <string.h>

static void put_string(struct strbuf *out, const char *name, const char *text)
{
    strbuf_printf(out, ",\"%s\":", name);
    if (text)
        strbuf_put_json_string(out, text, strlen(text));
    else
        strbuf_puts(out, "null");
}

static void put_names(struct strbuf *out, const char *name, level_set levels)
{
    strbuf_printf(out, "\"%s\":[", name);
    for (int i = 0, shown = 0; i < LEVEL_COUNT; i++)
        if (levels >> i & 1)
            strbuf_printf(out, "%s\"%s\"", shown++ > 0 ? "," : "", level_row((enum level)i)->name);
    strbuf_putc(out, ']');
}

static void put_level(struct strbuf *out, const struct isolation_run *run, enum level level)
{
    const struct isolation_level_result *result = &run->found->levels[level];
    strbuf_printf(out, "{\"level\":\"%s\",\"verdict\":\"%s\"", level_row(level)->name,
                  verdict_name(result->verdict));
    put_string(out, "promise", level_promise(level));
    if (result->follows_from != level)
        put_string(out, "follows-from", level_row(result->follows_from)->name);
    put_string(out, "algorithm", result->algorithm);
    put_string(out, "why", result->why);
    strbuf_puts(out, ",\"evidence\":");
    evidence_put_json(out, &run->txns, &result->evidence);
    strbuf_putc(out, '}');
}

static void put_anomaly(struct strbuf *out, const struct isolation_run *run, enum anomaly anomaly)
{
    const struct anomalies_of_kind *kind = &run->found->anomalies.kinds[anomaly];
    strbuf_printf(out, "{\"anomaly\":\"%s\",\"count\":%llu", anomaly_name(anomaly),
                  (unsigned long long)kind->count);
    put_string(out, "doc", anomaly_doc(anomaly));
    strbuf_puts(out, ",\"examples\":[");
    for (uint32_t i = 0; i < kind->example_count; i++) {
        strbuf_puts(out, i > 0 ? "," : "");
        evidence_put_json(out, &run->txns, &kind->examples[i]);
    }
    strbuf_puts(out, "]}");
}

void isolation_put_json(struct strbuf *out, const struct isolation_run *run)
{
    const struct isolation_result *found = run->found;
    strbuf_putc(out, '{');
    put_names(out, "strongest", levels_strongest(found->held & run->asked));
    strbuf_putc(out, ',');
    put_names(out, "weakest-refuted", levels_weakest(found->refuted & run->asked));
    strbuf_putc(out, ',');
    put_names(out, "undecided", levels_strongest(run->asked & ~(found->held | found->refuted)));
    strbuf_puts(out, ",\"levels\":[");
    for (int i = 0, shown = 0; i < LEVEL_COUNT; i++)
        if (run->asked >> i & 1) {
            strbuf_puts(out, shown++ > 0 ? "," : "");
            put_level(out, run, (enum level)i);
        }
    strbuf_puts(out, "],\"anomalies\":[");
    for (int i = 0, shown = 0; i < ANOMALY_COUNT; i++)
        if (found->anomalies.kinds[i].count > 0) {
            strbuf_puts(out, shown++ > 0 ? "," : "");
            put_anomaly(out, run, (enum anomaly)i);
        }
    strbuf_puts(out, "]}");
}
