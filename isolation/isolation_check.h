/* Checks a history of transactions against consistency levels, or finds the strongest that hold.
 *
 * In order: the operations become transactions (transactions/transactions.h), which are looked at
 * for anomalies (dependencies/anomalies.h); then the deciders (isolation/level_check.h) are
 * asked about one level after the other, but for those that follow from others; and an independent
 * judge confirms all evidence (evidence/evidence.h) before it is told.
 *
 * Near linear in the history for most levels; those of which the orders of versions are not known
 * are NP-complete, so a limit of time is honoured, and so is one of memory. One thread at a time;
 * several may each check a history of their own. */
#ifndef ISOLATION_ISOLATION_CHECK_H
#define ISOLATION_ISOLATION_CHECK_H

#include "checker/check.h"
#include "dependencies/anomalies.h"
#include "transactions/level.h"

struct errbuf;
struct strbuf;

/* A model of transactions: list-append, rw-register. Single operations are transactions of one. */
struct isolation_model {
    const char *name;
    const char *doc;
    const symbol *functions; /* canonical; ends with F_NONE */
};

/* Every model there is; ends with a row without a name. */
extern const struct isolation_model isolation_models[];

/* NULL if there is none of this name. */
const struct isolation_model *isolation_model_find(const char *name);

struct isolation_options {
    /* All of them must hold. 0: strict-serializable, or strong-session-serializable for a history
     * without times. Of `strongest`: all; for a history in AWDIT's own text, its three. */
    level_set levels;
    bool strongest;     /* find out about each of `levels` */
    bool all;           /* ... and they are all that have a meaning for the history */
    bool model_is_open; /* nobody named it: it is what the transactions are of */
    unsigned inference; /* enum version_inference that the user vouches for */
    /* Of each anomaly; 0 = 8, and then the explanation leaves out what no level asked for needs. */
    uint32_t examples_max;
    /* The result needs no details_json and no pictures: of cycles of many thousand transactions
     * these take longer than all else. */
    bool is_for_words_only;
};

struct isolation_level_result {
    enum level level;
    bool is_asked; /* otherwise it follows from others, or nobody wants to know */
    enum verdict verdict;
    enum level follows_from; /* a stronger one that holds or a weaker one that does not; its own
                                number if it was decided by itself */
    const char *algorithm, *why;
    bool is_silent;           /* unknown, as the history shows too little: no limit ended it */
    struct evidence evidence; /* confirmed by a judge */
};

/* What was found; arrays live in the check_result's arena. */
struct isolation_result {
    struct isolation_level_result levels[LEVEL_COUNT]; /* by enum level */
    level_set asked;                                   /* what there was an answer wanted for */
    level_set held, refuted;    /* of all that have a meaning for the history */
    struct anomalies anomalies; /* all that were looked for, with confirmed examples */
    anomaly_set untold;         /* cycles of which the explanation shows no example */
    /* Each cycle among the examples as DOT, in the order of check_key.pictures; NULL where there is
     * none. */
    const char *const *dots;
};

/* What AWDIT decides (Biswas & Enea, OOPSLA 2019, call the first one read committed). */
#define LEVELS_OF_AWDIT                                                                            \
    (UINT32_C(1) << LEVEL_MONOTONIC_ATOMIC_VIEW | UINT32_C(1) << LEVEL_READ_ATOMIC |               \
     UINT32_C(1) << LEVEL_CAUSAL)

/* "LEVEL,LEVEL LEVEL? LEVEL?": the strongest levels that hold, or "none"; then those that nobody
 * can tell of, but for what another one of these implies. Nothing if no level was decided. AWDIT's
 * three have Biswas & Enea's names if nothing else was asked. */
void isolation_put_strongest(struct strbuf *out, const struct isolation_result *found);

/* As check_history (checker/check.h), of which the summary, explanations, pictures and details in
 * JSON are filled in the same way; where `strongest` is wanted, valid means that some level holds,
 * invalid that none does, and unknown that a limit ended something, or that no level was decided.
 * options->model is list-append or rw-register. Errors also: ERR_INPUT for a model that no
 * transaction is of, or a level that the history can say nothing about. *found may be NULL. */
int isolation_check(struct operations *all, const struct check_options *options,
                    const struct isolation_options *isolation, struct check_result *result,
                    struct isolation_result *found, struct errbuf *err);

#endif
