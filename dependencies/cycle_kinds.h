/* Private to anomalies_find_cycles: the kinds of cycles as patterns to search for. */
#ifndef DEPENDENCIES_CYCLE_KINDS_H
#define DEPENDENCIES_CYCLE_KINDS_H

#include "dependencies/cycle_search.h"
#include "transactions/anomaly.h"

enum cycle_variant { VARIANT_PLAIN, VARIANT_PROCESS, VARIANT_REALTIME, VARIANT_COUNT };

/* What the vertices of a cycle are strongly connected by. */
enum cycle_relation {
    RELATION_WW,
    RELATION_WW_WR,
    RELATION_APART, /* WW, WR and RW, no two RW in a row */
    RELATION_ALL,
    RELATION_COUNT,
};

struct cycle_kind {
    enum anomaly anomaly;
    enum cycle_variant variant;
    enum cycle_relation relation;
    bool has_one_rw;   /* its only RW is the first step */
    uint32_t shortest; /* a cycle cannot have fewer steps */
    struct cycle_pattern pattern;
};

enum { CYCLE_KIND_COUNT = ANOMALY_COUNT - ANOMALY_G0 };

extern const struct cycle_kind cycle_kinds[CYCLE_KIND_COUNT];

/* The steps of a relation in a variant. */
dependency_set relation_steps(enum cycle_relation relation, enum cycle_variant variant);

#endif
