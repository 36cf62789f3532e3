/* What the parts of one check_history share. Internal to the checker. */
#ifndef CHECKER_CHECK_RUN_H
#define CHECKER_CHECK_RUN_H

#include "checker/budget.h"
#include "checker/check.h"
#include "checker/keys.h"
#include "checker/model.h"

struct check_run {
    const struct history *history;
    const struct check_options *options;
    const struct model *model;
    struct keys keys;
    struct budget budget;
    struct check_result *result; /* keys[i] is that of keys.groups[i] */
};

/* Checks one object under run->budget as it stands, and fills verdict, steps, cause, witness and
 * the like of *out; steps are added. Errors: as check_history. */
int check_linear_key(struct check_run *run, const struct key_group *group, struct check_key *out,
                     struct errbuf *err);

/* All objects of the model `set`, which has no search; the findings of all of them also go to
 * result->details_json. Errors: as check_history. */
int check_set_all(struct check_run *run, struct errbuf *err);

/* Causes that check.c tells apart, by address: a key ended by the time limit may be tried again. */
extern const char check_cause_time[];
extern const char check_cause_memory[];

#endif
