#include "isolation/level_check.h"

static const struct evidence *example_of(const struct anomalies *anomalies, int anomaly)
{
    const struct anomalies_of_kind *kind = &anomalies->kinds[anomaly];
    return kind->example_count > 0 ? &kind->examples[0] : NULL;
}

/* That promises about versions contradict one another refutes no level: it is told of otherwise
 * than what a transaction did to its own order is. */
static bool refutes(const struct evidence *example)
{
    return example &&
           (example->anomaly != ANOMALY_CYCLIC_VERSIONS || example->kind == EVIDENCE_MICROS);
}

static int decide(const struct level_question *question, enum level level,
                  struct level_answer *answer, struct errbuf *err)
{
    (void)err;
    anomaly_set forbidden = anomalies_of_level(level) & question->anomalies->found;
    answer->verdict = VERDICT_UNKNOWN;
    answer->why = "no anomaly was found that it forbids";
    for (int anomaly = 0; anomaly < ANOMALY_COUNT; anomaly++) {
        const struct evidence *example = example_of(question->anomalies, anomaly);
        if (!(forbidden >> anomaly & 1) || !refutes(example))
            continue;
        answer->verdict = VERDICT_INVALID;
        answer->algorithm = "an anomaly that it forbids";
        answer->evidence = *example;
        return 0;
    }
    return 0;
}

const struct level_decider decider_by_anomalies = {
    .name = "by-anomalies",
    .doc = "a forbidden anomaly in single reads or in known dependencies (Elle, VLDB 2020)",
    .levels = LEVELS_ALL,
    .decide = decide,
};
