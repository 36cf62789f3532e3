/* Checks a whole history against a model: partitions it by key, runs the model's checker on each
 * part under the budgets, has every `invalid` re-checked, and collects the result.
 *
 * Offline and pure: reads the history, touches nothing else but the clock for its time limit. */
#ifndef CHECKER_CHECK_H
#define CHECKER_CHECK_H

#include "checker/verdict.h"
#include "core/history.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct errbuf;

/* What a history's own format says about its operations. A reader fills it in; zero is ours. */
struct history_semantics {
    bool nil_read_is_unknown; /* an ok read of nil says nothing (Knossos' register histories) */
    bool failed_cas_differs;  /* a failed cas proves that the value was not the expected one */
    struct value initial;     /* value before the first write; nil */
    bool initial_is_given;    /* `initial` was said by the user or the format */
    bool initial_may_be_nil;  /* ... by the format, and an object never written may also be nil */
    /* A history in which no operation succeeded, but some failed, is valid there (as it is for
     * Knossos and Porcupine), not vacuous. */
    bool failures_are_tests;
};

struct check_options {
    const char *model;         /* a name of model_table; see checker/model.h */
    int64_t time_limit_ns;     /* for the whole history; 0 = none */
    size_t memory_limit_bytes; /* of search state, beside the history; 0 = none */
    struct history_semantics semantics;
};

/* What was found for one key (or for the whole history, if it has no keys). */
struct check_key {
    bool has_key;
    struct value key; /* borrowed from the history */
    enum verdict verdict;
    uint32_t operations; /* invocations */
    uint32_t ok, failed, crashed;
    uint64_t steps; /* configurations examined */
    int64_t elapsed_ns;
    int64_t proven_until_ns; /* unknown: no violation up to this time of the history; -1 if none */
    const char *cause;       /* one sentence: why invalid, or what ended the search; or NULL */
    /* invalid only: indexes of the invocations that together cannot be, in order of the history;
     * and the operations to show around them. */
    const uint32_t *witness;
    uint32_t witness_count;
    const char *explanation; /* several lines for people, naming the witness' operations */
};

struct check_result {
    enum verdict verdict;
    const char *model;
    const char *algorithm;  /* what was used, and why in a few words */
    const char *summary;    /* the verdict in one sentence */
    struct check_key *keys; /* in order of first appearance */
    size_t key_count;
    int64_t elapsed_ns;
    size_t memory_peak_bytes; /* of search state */
    const char
        *details_json;  /* a model's own findings (set: lost, ...) as a JSON object; or NULL */
    struct arena arena; /* owns everything above */
};

/* Fills *result, which the caller then frees with check_result_fini. The history must outlive it.
 * Errors: ERR_INPUT (no such model; an operation that the model does not know or whose value it
 * cannot read, with the event's index; a history that does not pair), ERR_NOMEM. On error *result
 * needs no fini. Linear time for a fixed concurrency; see checker/config_search.h for the cost. */
int check_history(const struct history *history, const struct check_options *options,
                  struct check_result *result, struct errbuf *err);

void check_result_fini(struct check_result *result);

/* One JSON document with everything above; malloc'ed, NULL when out of memory. */
char *check_result_json(const struct check_result *result, const struct history *history);

#endif
