/* What the parts of one isolation_check share. Internal to isolation/. */
#ifndef ISOLATION_ISOLATION_RUN_H
#define ISOLATION_ISOLATION_RUN_H

#include "checker/budget.h"
#include "dependencies/dependencies.h"
#include "dependencies/version_inference.h"
#include "isolation/isolation_check.h"
#include "isolation/level_check.h"
#include "isolation/shared_committed.h"

struct isolation_run {
    struct operations *all;
    const struct check_options *options;
    const struct isolation_options *isolation;
    const struct isolation_model *model;
    struct check_result *result;
    struct isolation_result *found;
    struct budget budget;
    struct operation *ops; /* all of them, in order of invocation */
    uint32_t op_count;
    struct object object;
    bool is_of_single_operations;
    struct transactions txns;
    struct version_graph versions;
    struct dependencies graph;
    struct evidence_judge judge;
    struct shared_committed committed;
    int64_t deadline_ns; /* of all but the judge; 0 = none */
    level_set asked;     /* what there is an answer wanted for */
    level_set unmet;     /* cannot be asked of this history */
    const char *cause;   /* why there is no verdict; NULL if there may be one */
};

/* Makes run->object of the operations of all keys: transactions as they are; single operations as
 * transactions of one. ERR_INPUT for an operation that is neither, with its event; ERR_NOMEM. */
int isolation_gather(struct isolation_run *run, struct errbuf *err);
void isolation_scatter(struct isolation_run *run);

/* What is found late is proved again after the deadline, for at most half a second behind that in
 * all. Between the two calls the judge has that time. */
void isolation_begin_judging(struct isolation_run *run);
void isolation_end_judging(struct isolation_run *run);

/* *model is the one that was named. If no transaction is of its kind, but some are of the other's:
 * ERR_INPUT that names that one, or that one if none was named (isolation_model.c). */
int isolation_model_settle(const struct transactions *all, const struct isolation_options *options,
                           const struct isolation_model **model, struct errbuf *err);

/* Finds out about every level that was asked for. ERR_NOMEM. */
int isolation_ask_levels(struct isolation_run *run, struct errbuf *err);

/* Verdict, words, witness, pictures and JSON of what was found. ERR_NOMEM. */
int isolation_tell(struct isolation_run *run, struct errbuf *err);

/* --- parts of isolation_tell --- */

/* The levels in a table, the anomalies in another, and why levels do not hold. Sets found->untold
 * (isolation_explain.c). */
struct strbuf;
void isolation_explain(struct strbuf *out, struct isolation_run *run);

/* Of the levels in `left`, none of which holds, takes one and all that the same evidence refutes,
 * and returns that. */
const struct evidence *isolation_next_evidence(const struct isolation_run *run, level_set *left,
                                               level_set *refuted);

/* The transactions of the evidence; a picture of each example (isolation_pictures.c). ERR_NOMEM. */
int isolation_set_witness(struct isolation_run *run, const struct evidence *evidence,
                          struct check_key *key, struct errbuf *err);
int isolation_make_pictures(struct isolation_run *run, struct check_key *key, struct errbuf *err);

/* Of the levels asked for. */
level_set isolation_with_verdict(const struct isolation_run *run, enum verdict verdict);

/* "LEVEL, LEVEL"; returns how many. */
int isolation_put_levels(struct strbuf *out, level_set levels);

/* Moves the text to the result's arena; NULL without memory. */
const char *isolation_keep(struct isolation_run *run, struct strbuf *text);

/* {"levels": ..., "anomalies": ...} (isolation_json.c). */
void isolation_put_json(struct strbuf *out, const struct isolation_run *run);

#endif
