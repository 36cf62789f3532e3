#include "dependencies/anomalies.h"

#include "core/arena.h"

#include <stddef.h>

bool anomalies_keeps(const struct anomalies *out, const struct anomalies_options *options,
                     enum anomaly anomaly)
{
    return (options->wanted & anomaly_bit(anomaly)) &&
           out->kinds[anomaly].example_count < options->examples_max;
}

bool anomalies_note(struct anomalies *out, const struct anomalies_options *options,
                    enum anomaly anomaly, struct evidence **example)
{
    struct anomalies_of_kind *kind = &out->kinds[anomaly];
    *example = NULL;
    if (!(options->wanted & anomaly_bit(anomaly)))
        return true;
    kind->count++;
    out->found |= anomaly_bit(anomaly);
    if (!anomalies_keeps(out, options, anomaly))
        return true;
    if (!kind->examples)
        kind->examples = arena_alloc(options->arena, options->examples_max * sizeof **example);
    if (!kind->examples)
        return false;
    *example = &kind->examples[kind->example_count++];
    **example = (struct evidence){
        .kind = EVIDENCE_MICROS, .anomaly = anomaly, .txns = {TXN_NONE, TXN_NONE, TXN_NONE}};
    return true;
}
