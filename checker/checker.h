/* The contract of a checker that is not a question of linearizability: bank, set, unique-ids, ...
 *
 * To add one, do these four things: write check_NAME.c with a `const struct checker` in it; declare
 * it here; name it in checker_table (checker.c); add histories under tests/data/histories/NAME/
 * {valid,invalid,unknown}, each named after its cause. */
#ifndef CHECKER_CHECKER_H
#define CHECKER_CHECKER_H

#include "checker/budget.h"
#include "checker/object.h"
#include "checker/semantics.h"
#include "checker/verdict.h"

#include <stddef.h>

struct arena;
struct errbuf;

/* What the user may say to some of them; each checker's doc names those it looks at. */
struct checker_options {
    bool allow_negative; /* bank: balances may go below zero */
    bool linearizable;   /* set-full: an element, once known, must be in every later read */
    bool total_is_given; /* bank: the sum of all balances; else that of the first read */
    int64_t total;
};

struct checker_input {
    const struct object *object;
    const struct history_semantics *semantics;
    const struct checker_options *options;
    struct budget *budget; /* pays for all memory but the result's, and ends the work */
    struct arena *arena;   /* the result's texts and arrays live here */
};

enum { CHECKER_SAMPLES_MAX = 16 };

/* Something the history shows that must not be. Each kind of a checker has one number. */
struct checker_finding {
    uint32_t kind;
    value_ref value;    /* the element, account, id, ... it is about */
    uint32_t ops[4];    /* indexes of object->ops that show it; UINT32_MAX for none */
    int64_t numbers[2]; /* the checker's own: a sum, bounds */
};

struct checker_result {
    enum verdict verdict;
    const char *cause;        /* one sentence; NULL if valid */
    const char *note;         /* what it took for granted, to be told with any verdict; or NULL */
    const char *explanation;  /* several lines for people, naming the operations */
    const char *details_json; /* counts and samples as Jepsen's checker of the name gives them */
    const struct checker_finding *findings; /* invalid: the first of each kind, at least one */
    uint32_t finding_count;
    uint64_t steps;
};

struct checker {
    const char *name;
    const char *doc;         /* one line: what it promises, whose it is */
    const symbol *functions; /* the operations it knows; others are ERR_INPUT; F_NONE at the end */
    bool whole_history;      /* looks at all keys at once, as one object in order of invocation */

    /* Errors: ERR_INPUT (an operation or value it cannot read; the text names the event by its
     * index), ERR_NOMEM also for the budget's memory, ERR_TIMEOUT when its time is over. */
    int (*check)(const struct checker_input *input, struct checker_result *out, struct errbuf *err);

    /* Whether a finding is true: looks through the operations again by simple code that shares
     * nothing with the above. An invalid verdict stands only if this confirms all its findings. */
    bool (*confirm)(const struct checker_input *input, const struct checker_finding *finding);
};

extern const struct checker checker_set;
extern const struct checker checker_set_full;
extern const struct checker checker_queue;
extern const struct checker checker_total_queue;
extern const struct checker checker_unique_ids;
extern const struct checker checker_counter;
extern const struct checker checker_bank;
extern const struct checker checker_long_fork;
extern const struct checker checker_sequential;
extern const struct checker checker_monotonic;
extern const struct checker checker_causal_reverse;
extern const struct checker checker_comments;
extern const struct checker checker_stats;

/* Every checker there is, NULL at the end. */
extern const struct checker *const checker_table[];

/* NULL if there is none of this name. */
const struct checker *checker_find(const char *name);

#endif
