/* What every anomaly that txn_generate makes leaves standing, and what is to be found of it. */
#ifndef TESTS_GENERATED_ANOMALIES_H
#define TESTS_GENERATED_ANOMALIES_H

#include "core/strbuf.h"
#include "transactions/anomaly.h"
#include "transactions/level.h"

#include <assert.h>
#include <stddef.h>
#include <string.h>

struct generated_anomaly {
    const char *name;
    const char *strongest;    /* the strongest levels of a history with it and nothing else amiss */
    const char *kinds;        /* of anomalies found in it */
    const char *of_registers; /* those found in registers, if others than in lists */
};

static const struct generated_anomaly generated_anomalies[] = {
    {"G0", "", "G0", NULL},
    {"G1a", "strong-read-uncommitted", "G1a", NULL},
    {"G1b", "strong-read-uncommitted", "G1b G-single", "G1b"},
    {"G1c", "strong-read-uncommitted pram", "G1c", NULL},
    {"G-single", "cursor-stability strong-read-committed monotonic-atomic-view", "G-single", NULL},
    {"G-nonadjacent", "strong-read-committed parallel-snapshot-isolation", "G-nonadjacent", NULL},
    {"long-fork", "strong-read-committed parallel-snapshot-isolation", "G-nonadjacent", NULL},
    {"G2-item", "strong-snapshot-isolation", "G2-item", NULL},
    {"lost-update", "strong-read-committed causal-memory prefix", "lost-update G-single",
     "lost-update G2-item"},
    {"internal", "repeatable-read strong-read-committed", "internal", NULL},
    {"unrepeatable-read", "cursor-stability strong-read-committed monotonic-atomic-view",
     "unrepeatable-read G-single", NULL},
    {"duplicate-elements", "", "duplicate-elements", NULL},
    {"incompatible-order", "strong-read-uncommitted", "incompatible-order", NULL},
    {"dirty-update", "strong-read-uncommitted", "G1a dirty-update", NULL},
    {"future-read", "strong-read-uncommitted", "future-read", NULL},
    {"unwritten-read", "strong-read-uncommitted", "unwritten-read", NULL},
    {"cyclic-versions", "strong-read-uncommitted pram", "G1c", NULL},
    {"G0-process", "serializable weak-causal read-your-writes monotonic-reads writes-follow-reads",
     "G0-process G0-realtime", NULL},
    {"G0-realtime", "strong-session-serializable", "G0-realtime", NULL},
    {"G1c-process",
     "serializable strong-read-uncommitted read-your-writes monotonic-reads monotonic-writes",
     "G1c-process G1c-realtime", NULL},
    {"G1c-realtime", "strong-session-serializable strong-read-uncommitted", "G1c-realtime", NULL},
    {"G-single-process",
     "serializable strong-read-committed monotonic-atomic-view monotonic-reads monotonic-writes "
     "writes-follow-reads",
     "G-single-process G-single-realtime", NULL},
    {"G-single-realtime", "strong-session-serializable strong-read-committed", "G-single-realtime",
     NULL},
    {"G-nonadjacent-process", "serializable strong-read-committed parallel-snapshot-isolation",
     "G-nonadjacent-process G-nonadjacent-realtime", NULL},
    {"G-nonadjacent-realtime", "strong-session-serializable strong-read-committed",
     "G-nonadjacent-realtime", NULL},
    {"G2-item-process", "serializable strong-snapshot-isolation",
     "G2-item-process G2-item-realtime", NULL},
    {"G2-item-realtime", "strong-session-serializable strong-snapshot-isolation",
     "G2-item-realtime", NULL},
    {"monotonic-reads",
     "serializable strong-read-committed read-atomic read-your-writes monotonic-writes "
     "writes-follow-reads",
     "G-single-process G-single-realtime", NULL},
    {"monotonic-writes",
     "serializable strong-read-committed read-atomic read-your-writes monotonic-reads "
     "writes-follow-reads",
     "G-single-process G-single-realtime", NULL},
    {"writes-follow-reads", "serializable strong-read-committed read-atomic pram",
     "G-single-process G-single-realtime", NULL},
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

/* The strongest levels in histories of a model. Lists show who wrote before whom where registers do
 * not. */
static inline const char *generated_strongest(const char *name, const char *model)
{
    if (strcmp(model, "list-append") == 0 && strcmp(name, "G0-process") == 0)
        return "serializable read-your-writes monotonic-reads writes-follow-reads";
    return generated_anomaly(name)->strongest;
}

/* The levels of this text, and what they imply. */
static inline level_set levels_named(const char *names)
{
    char name[64];
    level_set levels = 0;
    for (const char *at = names; *at; at += *at == ' ') {
        size_t length = strcspn(at, " ");
        enum level level;
        memcpy(name, at, length);
        name[length] = '\0';
        bool is_level = level_find(name, &level);
        assert(is_level);
        levels |= is_level ? level_implied(level) : 0;
        at += length;
    }
    return levels;
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
