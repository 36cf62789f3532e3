/* What the parts of one check_history share. Internal to the checker. */
#ifndef CHECKER_CHECK_RUN_H
#define CHECKER_CHECK_RUN_H

#include "checker/algorithm.h"
#include "checker/budget.h"
#include "checker/check.h"
#include "checker/model.h"

struct schedule;

struct check_run {
    struct operations *all;
    const struct check_options *options;
    const struct model *model; /* either this ... */
    const struct checker *checker;
    const struct algorithm *forced; /* NULL: chosen for each object */
    struct check_result *result;    /* keys[i] is that of all->keys[i]; or keys[0] of all of them */
    uint32_t object_count;
    int64_t deadline_ns;           /* 0 = none */
    struct budget_pool pool;       /* of all threads */
    size_t bytes_held, bytes_free; /* of the pool, before the first key */
    bool *crowded;                 /* by key: it was refused memory that others held */
    const char **details;          /* by key: what a checker found, as a JSON object; or NULL */
};

/* What one thread works with. */
struct check_worker {
    struct check_run *run;
    struct schedule *schedule;
    struct budget budget;
    struct arena *arena; /* texts and arrays of the result */
};

/* Decides one object by the model's algorithms, under worker->budget as it stands, and fills
 * verdict, steps, cause, witness and the like of *out; steps are added. Errors: as check_history.
 */
int check_linear_object(struct check_worker *worker, const struct object *object,
                        struct check_key *out, struct errbuf *err);

/* The same by run->checker. *details receives what it found in detail, a JSON object, or NULL. */
int check_other_object(struct check_worker *worker, const struct object *object,
                       struct check_key *out, const char **details, struct errbuf *err);

/* Sets the witness of *out: operations of the object, by number. failing is one of them, or
 * UINT32_MAX. ERR_NOMEM. */
int check_set_witness(struct check_worker *worker, const struct object *object,
                      const uint32_t *numbers, uint32_t count, uint32_t failing,
                      struct check_key *out, struct errbuf *err);

/* Fills result->summary and result->algorithm (check_summary.c). ERR_NOMEM. */
int check_summarize(struct check_run *run, struct errbuf *err);

/* Causes that are told apart by address: a key ended by the time limit may be tried again. */
extern const char check_cause_time[];
extern const char check_cause_memory[];

#endif
