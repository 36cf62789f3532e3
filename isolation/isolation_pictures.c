/* What was found, for a page: the transactions to look at, and a picture of each evidence. */
#include "core/err.h"
#include "core/errbuf.h"
#include "core/strbuf.h"
#include "evidence/evidence_explain.h"
#include "evidence/evidence_text.h"
#include "isolation/isolation_run.h"

#include <stdlib.h>

static int no_memory(struct errbuf *err)
{
    return errbuf_set(err, ERR_NOMEM, "no memory for what the check shows");
}

/* --- the witness --- */

static int compare_numbers(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

int isolation_set_witness(struct isolation_run *run, const struct evidence *evidence,
                          struct check_key *key, struct errbuf *err)
{
    size_t most = EVIDENCE_MICROS_MAX + (size_t)evidence->step_count;
    struct arena *arena = &run->result->arena;
    uint32_t *events = arena_alloc(arena, most * sizeof *events);
    struct operation *ops = arena_alloc(arena, most * sizeof *ops);
    uint32_t *txns = arena_alloc(arena, most * sizeof *txns), count = 0, kept = 0;
    uint32_t *names = arena_alloc(arena, most * sizeof *names);
    struct evidence_cast cast;
    if (!events || !ops || !txns || !names || !evidence_cast_init(&cast, &run->txns, evidence))
        return no_memory(err);
    for (int i = 0; evidence->kind == EVIDENCE_MICROS && i < EVIDENCE_MICROS_MAX; i++)
        if (evidence->txns[i] != TXN_NONE)
            txns[count++] = evidence->txns[i];
    for (uint32_t i = 0; evidence->kind == EVIDENCE_CYCLE && i < evidence->step_count; i++)
        txns[count++] = evidence->steps[i].from;
    qsort(txns, count, sizeof *txns, compare_numbers);
    for (uint32_t i = 0; i < count; i++) {
        if (i > 0 && txns[i] == txns[i - 1])
            continue;
        ops[kept] = *txn_operation(&run->txns, txns[i]);
        events[kept] = (uint32_t)operations_index(run->all, ops[kept].invoke);
        names[kept] = evidence_cast_find(&cast, txns[i]);
        kept++;
    }
    evidence_cast_fini(&cast);
    key->witness_names = names;
    key->witness = events;
    key->witness_ops = ops;
    key->witness_count = kept;
    key->failing = UINT32_MAX;
    return 0;
}

/* --- pictures --- */

struct gallery {
    struct isolation_run *run;
    struct check_picture *pictures;
    const char **dots;
    uint32_t count;
};

static int add_picture(struct gallery *gallery, const char *title, const struct evidence *evidence,
                       struct errbuf *err)
{
    struct isolation_run *run = gallery->run;
    struct strbuf words = STRBUF_INIT, svg = STRBUF_INIT, dot = STRBUF_INIT;
    evidence_put_words(&words, &run->txns, evidence);
    evidence_put_svg(&svg, &run->txns, evidence);
    evidence_put_dot(&dot, &run->txns, evidence);
    bool is_drawn = svg.length > 0, has_dot = dot.length > 0;
    struct check_picture picture = {.title = title, .words = isolation_keep(run, &words)};
    const char *drawn = isolation_keep(run, &svg), *graph = isolation_keep(run, &dot);
    if (!title || !picture.words || !drawn || !graph)
        return no_memory(err);
    picture.svg = is_drawn ? drawn : NULL;
    gallery->dots[gallery->count] = has_dot ? graph : NULL;
    gallery->pictures[gallery->count++] = picture;
    return 0;
}

static int add_examples(struct gallery *gallery, enum anomaly anomaly, struct errbuf *err)
{
    const struct anomalies_of_kind *kind = &gallery->run->found->anomalies.kinds[anomaly];
    int rc = 0;
    for (uint32_t i = 0; i < kind->example_count && rc == 0; i++) {
        const char *title =
            arena_printf(&gallery->run->result->arena, "%s, %u of %llu", anomaly_name(anomaly),
                         i + 1, (unsigned long long)kind->count);
        rc = add_picture(gallery, title, &kind->examples[i], err);
    }
    return rc;
}

/* Each evidence that is not among the examples, once. */
static int add_reasons(struct gallery *gallery, struct errbuf *err)
{
    struct isolation_run *run = gallery->run;
    level_set left = levels_weakest(isolation_with_verdict(run, VERDICT_INVALID)), refuted;
    int rc = 0;
    while (left && rc == 0) {
        const struct evidence *evidence = isolation_next_evidence(run, &left, &refuted);
        bool is_example = evidence->anomaly < ANOMALY_COUNT &&
                          run->found->anomalies.kinds[evidence->anomaly].example_count > 0;
        if (is_example)
            continue;
        struct strbuf title = STRBUF_INIT;
        strbuf_puts(&title, "why not ");
        isolation_put_levels(&title, refuted);
        rc = add_picture(gallery, isolation_keep(run, &title), evidence, err);
    }
    return rc;
}

/* Why levels do not hold, and then the examples of the anomalies. */
int isolation_make_pictures(struct isolation_run *run, struct check_key *key, struct errbuf *err)
{
    size_t most = LEVEL_COUNT;
    struct arena *arena = &run->result->arena;
    for (int i = 0; i < ANOMALY_COUNT; i++)
        most += run->found->anomalies.kinds[i].example_count;
    struct gallery gallery = {.run = run,
                              .pictures = arena_alloc(arena, most * sizeof *gallery.pictures),
                              .dots = arena_alloc(arena, most * sizeof *gallery.dots)};
    int rc = gallery.pictures && gallery.dots ? add_reasons(&gallery, err) : no_memory(err);
    for (int i = 0; i < ANOMALY_COUNT && rc == 0; i++)
        rc = add_examples(&gallery, (enum anomaly)i, err);
    key->pictures = gallery.pictures;
    key->picture_count = gallery.count;
    run->found->dots = gallery.dots;
    return rc;
}
