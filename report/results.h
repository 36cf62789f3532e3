/* results.json of a run, as structs. Private to report/.
 *
 * Strings are never NULL ("" if absent), live in the arena, and are as the run wrote them: not yet
 * safe to show (safe_text.h). Numbers and times that are absent are -1. */
#ifndef REPORT_RESULTS_H
#define REPORT_RESULTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;
struct check_result;
struct errbuf;
struct operations;

enum outcome {
    OUTCOME_VALID,
    OUTCOME_INVALID,
    OUTCOME_UNKNOWN,
    OUTCOME_VACUOUS,
    OUTCOME_ERROR,      /* the harness failed */
    OUTCOME_UNFINISHED, /* there is no results.json */
    OUTCOME_COUNT,
};

/* "valid", ..., "error", "unfinished". */
const char *outcome_name(enum outcome outcome);
int outcome_exit_status(enum outcome outcome);
/* What it means, in one or two sentences for a newcomer. */
const char *outcome_meaning(enum outcome outcome);

struct results_fault {
    int64_t id;
    const char *fault;
    const char *description;
    const char *nodes; /* "n1 n4" */
    int64_t injected_ns, healed_ns;
    bool proven;
    bool is_only_recorded; /* told by a history: nobody knows whether it had an effect */
    const char *evidence;
    const char *error;
    int64_t client_operations_overlapping;
};

/* A reason why operations did not succeed, and how many had it. */
struct results_outcome {
    const char *type; /* "fail" or "info" */
    const char *error;
    int64_t count;
};

struct results_phase {
    const char *name;
    int64_t begin_ns, end_ns;
};

/* An example of something that was found (checker/check.h: check_picture). */
struct results_picture {
    const char *title, *words;
    const char *svg; /* "" if there is none */
};

struct results_key {
    const char *key; /* as people write it; "" if the history has no keys */
    enum outcome verdict;
    int64_t operations, ok, failed, crashed;
    int64_t steps, elapsed_ns, proven_until_ns;
    const char *cause;
    const char *explanation;
    const uint32_t *witness;       /* positions of invocations in the history, ascending */
    const uint32_t *witness_names; /* of each, 1 if it is T1 in the explanation; 0 if it has none */
    size_t witness_count;
    int64_t failing; /* the one of them that cannot be placed; -1 if no single one is to blame */
    /* What it could have answered and nothing else, and what the object could have been when it
     * completed, as people write values. */
    bool possible_is_known;
    const char *const *possible;
    size_t possible_count;
    const char *const *states;
    size_t state_count; /* 0 if that is not known */
    struct results_picture *pictures;
    size_t picture_count;
};

/* A finding of the model's own: a member of the check's details, or of an object in a list there,
 * which is then its group. */
struct results_detail {
    uint32_t group;
    const char *name;
    const char *value; /* JSON, or the text of a string */
};

struct results_check {
    bool present;
    const char *model, *algorithm, *summary;
    int64_t elapsed_ns, memory_peak_bytes;
    struct results_key *keys;
    size_t key_count;
    struct results_detail *details;
    size_t detail_count;
};

/* What was checked while the test ran. */
struct results_online {
    bool present;
    int64_t cpu_ns; /* of the thread that did */
    int64_t checked_until_ns;
    int64_t violation_ns; /* -1: none was seen */
    const char *what;     /* the operation that violated */
    int64_t suspected, keys_ended;
};

struct results {
    enum outcome outcome;
    const char *version, *name, *started, *summary;
    bool has_seed;
    uint64_t seed;
    const char *remote;
    int64_t node_count, failure_tolerance;
    const char *nodes; /* "n1 10.77.0.11, n2 10.77.0.12" */
    const char *database, *database_version;
    const char *workload, *client, *model;
    int64_t concurrency;
    double rate; /* 0 = as fast as it went */
    int64_t duration_ns;
    struct results_phase *phases;
    size_t phase_count;
    int64_t invoked, ok, fail, info;
    struct results_fault *faults;
    size_t fault_count;
    bool history_truncated;
    struct results_check check;
    struct results_online online;
    struct results_outcome *outcomes; /* most frequent first */
    size_t outcome_count;
    const char **errors;
    size_t error_count;
};

/* What is known without results.json: the outcome "unfinished" and nothing else. */
void results_init_unfinished(struct results *out);

/* Reads DIR/results.json; without that file the run is unfinished, if the folder looks like a
 * run's. Members that are absent or of another type are left out. Errors: ERR_INPUT no folder of a
 * run, no JSON object, or no verdict that there is, or one that contradicts its exit status;
 * ERR_IO; ERR_NOMEM. */
int results_load(const char *dir, struct arena *arena, struct results *out, struct errbuf *err);

/* Does the folder hold one of the files that every run makes? */
bool results_is_run(const char *dir);

/* The same of a check that no run belongs to; name is borrowed. ERR_NOMEM. */
int results_from_check(const char *name, const struct check_result *check,
                       const struct operations *all, struct arena *arena, struct results *out,
                       struct errbuf *err);

/* The phase with this name; NULL if there was none. */
const struct results_phase *results_find_phase(const struct results *results, const char *name);

/* The invalid keys, at most `max` of them, the easiest to follow first: by the size of the witness.
 * Returns how many there are. O(keys x max). */
size_t results_violations(const struct results_check *check, const struct results_key **out,
                          size_t max);

/* Faults that were injected at all, and those of them that were proven; of one fault, or of all if
 * fault is NULL. */
struct results_fault_totals {
    int64_t injected, proven;
};
struct results_fault_totals results_count_faults(const struct results *results, const char *fault);

#endif
