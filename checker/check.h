/* Checks a whole history: takes each of its objects to a model's algorithms, or to a checker, under
 * the budgets, has every `invalid` confirmed by separate code, and collects the result.
 *
 * Offline and pure: reads the operations, touches nothing else but the clock for its time limit. */
#ifndef CHECKER_CHECK_H
#define CHECKER_CHECK_H

#include "checker/checker.h"
#include "checker/semantics.h"
#include "checker/verdict.h"
#include "checker/verify.h"
#include "core/arena.h"
#include "core/operations.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct errbuf;

/* What a history can be checked against: a model, or a checker. */
struct check_model {
    const char *name;
    const char *doc;
    const symbol *functions; /* canonical; ends with F_NONE */
};

/* The models first, then the checkers; false past the end. */
bool check_model_get(size_t index, struct check_model *out);

/* False if there is none of this name. */
bool check_model_find(const char *name, struct check_model *out);

struct check_options {
    const char *model;     /* a name of check_model_find; not looked at if semantics.user is set */
    const char *algorithm; /* NULL: chosen for each object; or a name of algorithm_table */
    int64_t time_limit_ns; /* for the whole history; 0 = none */
    int64_t deadline_ns;   /* on monotonic_ns(); 0 = none: so that reading counts too */
    size_t memory_limit_bytes; /* of search state and of the operations; 0 = none */
    unsigned threads;          /* keys are checked on so many; 0 = one a core */
    bool want_certificate;     /* keep orders and refutations in the result */
    struct history_semantics semantics;
    struct checker_options checker;
};

/* Something found that can be shown: an example of an anomaly. */
struct check_picture {
    const char *title;
    const char *words; /* lines, for people */
    const char *svg;   /* a whole <svg>; NULL if there is none */
};

/* What was found for one key (or for the whole history, if it has no keys). Arrays live in the
 * result's arena. */
struct check_key {
    bool has_key;
    struct value key; /* borrowed from the operations' pool */
    enum verdict verdict;
    uint32_t operations; /* invocations */
    uint32_t ok, failed, crashed;
    uint64_t steps; /* configurations examined */
    int64_t elapsed_ns;
    int64_t proven_until_ns; /* unknown: no violation up to this time of the history; -1 if none */
    const char *algorithm;   /* which one said so; NULL if none did */
    const char *why;         /* why no faster one: "zones: a value is written twice"; or NULL */
    const char *cause;       /* one sentence: why invalid, or what ended the search; or NULL */
    const char *note;        /* what a checker took for granted; or NULL */

    /* Invalid only: indexes of the invocations that together cannot be, in order of the history,
     * the operations themselves, and which of them cannot be placed. */
    const uint32_t *witness;
    const struct operation *witness_ops;
    const uint32_t *witness_names; /* 1 if the explanation calls it T1; NULL if it names none */
    uint32_t witness_count;
    uint32_t failing; /* an index into these arrays; UINT32_MAX if no single one is to blame */
    const char *explanation; /* several lines for people, naming the witness' operations */
    /* What the failing operation could have answered, and nothing else; NULL if it is not known. */
    const value_ref *possible;
    uint32_t possible_count;
    /* What the object could have been when it completed, in words; some of them if they are many,
     * none if that is not known. */
    const char *const *states;
    uint32_t state_count;
    const struct check_picture *pictures;
    uint32_t picture_count;
    /* What it proves, if the model is one of linearizability; numbers are of the operations of the
     * object in order of invocation. */
    struct refutation refutation;

    /* Valid, and a certificate was wanted: the indexes of invocations in the order in which they
     * took effect. */
    const uint32_t *order;
    uint32_t order_count;
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
    /* A checker's own findings as a JSON object, {"objects": [{"key": ..., ...}]}; or NULL. */
    const char *details_json;
    struct arena arena; /* owns everything above, together with these: */
    struct arena *worker_arenas;
    unsigned worker_count;
};

/* Fills *result, which the caller then frees with check_result_fini. The operations must outlive
 * it. Errors: ERR_INPUT (no such model or algorithm; an operation that the model does not know or
 * whose value it cannot read, with the event's index), ERR_NOMEM. On error *result needs no fini.
 * The verdicts do not depend on the threads, but for what a limit ends. */
int check_history(struct operations *all, const struct check_options *options,
                  struct check_result *result, struct errbuf *err);

/* ERR_INPUT if the history has events that are neither a client's nor the nemesis': to look at the
 * others alone could call them a violation that they are not. check_history does so by itself. */
int check_refuse_unnamed(const struct operations *all, struct errbuf *err);

/* What a summary says at its end of a history that is cut short: "; the file ends in the middle of
 * ..."; nothing of any other. */
void check_put_truncation(struct strbuf *out, const struct operations *all);

/* The result where a limit ended the reading of the history already (rc: ERR_TIMEOUT or ERR_NOMEM):
 * unknown, without any key. Errors: ERR_NOMEM. */
int check_unread(const struct check_options *options, int rc, struct check_result *result,
                 struct errbuf *err);

void check_result_fini(struct check_result *result);

/* One JSON document with everything above; malloc'ed, NULL when out of memory. */
char *check_result_json(const struct check_result *result, const struct operations *all);

#endif
