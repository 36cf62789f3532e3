#include "isolation/decider_ready.h"
#include "isolation/version_search.h"

static int decide(const struct level_question *question, enum level level,
                  struct level_answer *answer, struct errbuf *err)
{
    struct version_question own = {.all = question->all,
                                   .versions = question->graph ? question->graph->versions : NULL,
                                   .level = level_meaning(level),
                                   .budget = question->budget,
                                   .arena = question->arena};
    /* Why an order of the versions would not be enough. */
    *answer =
        (struct level_answer){.verdict = VERDICT_UNKNOWN,
                              .why = decider_is_ready_for(question, anomalies_of_level(level))};
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
