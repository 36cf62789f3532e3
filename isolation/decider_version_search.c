#include "isolation/level_check.h"
#include "isolation/version_search.h"

/* What a transaction shows by itself, or with the one it read from. */
static const anomaly_set of_single_reads =
    UINT32_C(1) << ANOMALY_DUPLICATE_ELEMENTS | UINT32_C(1) << ANOMALY_INCOMPATIBLE_ORDER |
    UINT32_C(1) << ANOMALY_UNWRITTEN_READ | UINT32_C(1) << ANOMALY_G1A |
    UINT32_C(1) << ANOMALY_G1B | UINT32_C(1) << ANOMALY_FUTURE_READ |
    UINT32_C(1) << ANOMALY_INTERNAL | UINT32_C(1) << ANOMALY_UNREPEATABLE_READ;

/* NULL, or why an order of the versions would not be enough. */
static const char *find_obstacle(const struct level_question *question, enum level level)
{
    anomaly_set forbidden = anomalies_of_level(level) & of_single_reads;
    if (question->all->rewritten_by[1] != TXN_NONE)
        return "a value was written twice to one key";
    if (question->anomalies->found & forbidden)
        return "single reads show that the level does not hold";
    if (forbidden & ~question->anomalies->settled)
        return "single reads were not looked at to the end";
    return NULL;
}

static int decide(const struct level_question *question, enum level level,
                  struct level_answer *answer, struct errbuf *err)
{
    struct version_question own = {.all = question->all,
                                   .versions = question->graph ? question->graph->versions : NULL,
                                   .level = level_meaning(level),
                                   .budget = question->budget,
                                   .arena = question->arena};
    *answer =
        (struct level_answer){.verdict = VERDICT_UNKNOWN, .why = find_obstacle(question, level)};
    return answer->why ? 0 : version_search(&own, answer, err);
}

const struct level_decider decider_version_search = {
    .name = "version-search",
    .doc = "looks for orders of the versions without a forbidden cycle; near linear where time or "
           "reads tell most of them, exponential at worst (Biswas & Enea, OOPSLA 2019)",
    .levels = LEVELS_OF_VERSION_SEARCH | UINT32_C(1) << LEVEL_SEQUENTIAL |
              UINT32_C(1) << LEVEL_LINEARIZABLE,
    .decide = decide,
};
