/* What every anomaly that txn_generate makes leaves standing, and what is to be found of it. */
#ifndef TESTS_GENERATED_ANOMALIES_H
#define TESTS_GENERATED_ANOMALIES_H

#include "core/strbuf.h"
#include "isolation/anomaly.h"
#include "isolation/level.h"

#include <assert.h>
#include <stddef.h>
#include <string.h>

struct generated_anomaly {
    const char *name;
    const char *strongest; /* the strongest levels of a history with it and nothing else amiss */
    const char *kinds;     /* of anomalies found in it */
};

static const struct generated_anomaly generated_anomalies[] = {
    {"G0", "", "G0"},
    {"G1a", "strong-read-uncommitted", "G1a"},
    {"G1b", "strong-read-uncommitted", "G1b"},
    {"G1c", "strong-read-uncommitted pram", "G1c"},
    {"G-single", "cursor-stability strong-read-committed monotonic-atomic-view", "G-single"},
    {"G-nonadjacent", "strong-read-committed parallel-snapshot-isolation", "G-nonadjacent"},
    {"long-fork", "strong-read-committed parallel-snapshot-isolation", "G-nonadjacent"},
    {"G2-item", "strong-snapshot-isolation", "G2-item"},
    {"lost-update", "strong-read-committed causal-memory prefix", "lost-update G-single"},
    {"internal", "repeatable-read strong-read-committed", "internal"},
    {"unrepeatable-read", "cursor-stability strong-read-committed monotonic-atomic-view",
     "unrepeatable-read G-single"},
    {"duplicate-elements", "", "duplicate-elements"},
    {"incompatible-order", "strong-read-uncommitted", "incompatible-order"},
    {"dirty-update", "strong-read-uncommitted", "G1a dirty-update"},
    {"future-read", "strong-read-uncommitted", "future-read"},
    {"unwritten-read", "strong-read-uncommitted", "unwritten-read"},
    {"cyclic-versions", "strong-read-uncommitted pram", "cyclic-versions G1c"},
    {"G0-process", "serializable causal-memory", "G0-process"},
    {"G0-realtime", "strong-session-serializable", "G0-realtime"},
    {"G1c-process",
     "serializable strong-read-uncommitted read-your-writes monotonic-reads monotonic-writes",
     "G1c-process"},
    {"G1c-realtime", "strong-session-serializable strong-read-uncommitted", "G1c-realtime"},
    {"G-single-process",
     "serializable strong-read-committed monotonic-atomic-view monotonic-reads monotonic-writes "
     "writes-follow-reads",
     "G-single-process"},
    {"G-single-realtime", "strong-session-serializable strong-read-committed", "G-single-realtime"},
    {"G-nonadjacent-process", "serializable strong-read-committed parallel-snapshot-isolation",
     "G-nonadjacent-process"},
    {"G-nonadjacent-realtime", "strong-session-serializable strong-read-committed",
     "G-nonadjacent-realtime"},
    {"G2-item-process", "serializable strong-snapshot-isolation", "G2-item-process"},
    {"G2-item-realtime", "strong-session-serializable strong-snapshot-isolation",
     "G2-item-realtime"},
    {"monotonic-reads",
     "serializable strong-read-committed read-atomic read-your-writes monotonic-writes "
     "writes-follow-reads",
     "G-single-process"},
    {"monotonic-writes",
     "serializable strong-read-committed read-atomic read-your-writes monotonic-reads "
     "writes-follow-reads",
     "G-single-process"},
    {"writes-follow-reads", "serializable strong-read-committed read-atomic pram",
     "G-single-process"},
};

static inline const struct generated_anomaly *generated_anomaly(const char *name)
{
    size_t count = sizeof generated_anomalies / sizeof generated_anomalies[0];
    for (size_t i = 0; i < count; i++)
        if (strcmp(generated_anomalies[i].name, name) == 0)
            return &generated_anomalies[i];
    assert(!"an anomaly that nothing is known of");
    return NULL;
}

static inline void put_word(struct strbuf *out, const char *word)
{
    strbuf_puts(out, out->length ? " " : "");
    strbuf_puts(out, word);
}

static inline void put_levels(struct strbuf *out, level_set levels)
{
    for (enum level level = 0; level < LEVEL_COUNT; level++)
        if (levels >> level & 1)
            put_word(out, level_row(level)->name);
}

static inline void put_anomalies(struct strbuf *out, anomaly_set kinds)
{
    for (enum anomaly kind = 0; kind < ANOMALY_COUNT; kind++)
        if (kinds >> kind & 1)
            put_word(out, anomaly_name(kind));
}

#endif
