/* Checks a history of transactions against a consistency level, or finds the strongest that hold.
 */
#ifndef ISOLATION_ISOLATION_CHECK_H
#define ISOLATION_ISOLATION_CHECK_H

#include "checker/check.h"
#include "isolation/anomalies.h"
#include "isolation/level.h"

struct errbuf;

/* A model of transactions: list-append, rw-register. */
struct isolation_model {
    const char *name;
    const char *doc;
    enum level default_level;
};

struct isolation_options {
    level_set levels;      /* all of them must hold; 0 = the default of the model */
    bool strongest;        /* find out about each of `levels` (0 = all that the history can show) */
    unsigned inference;    /* enum version_inference */
    uint32_t examples_max; /* of each anomaly; 0 = 8 */
};

struct isolation_level_result {
    enum level level;
    bool is_asked; /* otherwise it follows from others */
    enum verdict verdict;
    enum level follows_from; /* a stronger one that holds or a weaker one that does not; its own
                                number if it was decided by itself */
    const char *algorithm, *why;
    struct evidence evidence; /* verified */
};

/* What was found; arrays live in the check_result's arena. */
struct isolation_result {
    struct isolation_level_result levels[LEVEL_COUNT]; /* by enum level */
    level_set held, refuted;
    struct anomalies anomalies; /* all that were looked for, with verified examples */
};

/* As check_history (checker/check.h), of which the summary, explanations and details in JSON are
 * filled in the same way. options->model is list-append or rw-register. *found may be NULL. */
int isolation_check(struct operations *all, const struct check_options *options,
                    const struct isolation_options *isolation, struct check_result *result,
                    struct isolation_result *found, struct errbuf *err);

#endif
