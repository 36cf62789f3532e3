/* A grow-only set: `add` of an element, and `read` of the whole set. Jepsen's "set".
 *
 * Judged by the last read that succeeded. An element whose add was acknowledged before that read
 * was invoked and that is missing from it is *lost*. Besides, no read may hold an element that
 * nobody can have added by then (*unexpected*; a failed add certainly added nothing), nor the same
 * one twice (*duplicate*). An element whose add nobody knows the outcome of may be there
 * (*recovered*) or not. Adds acknowledged later than the last read began are *never read*, and say
 * nothing. Linear in the history and the elements read. */
#ifndef CHECKER_SET_CHECK_H
#define CHECKER_SET_CHECK_H

#include "checker/object.h"

struct budget;
struct errbuf;

enum set_fault { SET_LOST, SET_UNEXPECTED, SET_DUPLICATE, SET_FAULT_COUNT };

enum { SET_SAMPLES_MAX = 16 };

/* One element that is not as it must be. */
struct set_finding {
    value_ref element;
    uint32_t add;  /* number of its add (lost: the acknowledged one, unexpected: the failed or later
                      one); UINT32_MAX if there is none */
    uint32_t read; /* number of the read */
};

struct set_findings {
    bool was_read;
    uint32_t final_read;   /* its number */
    uint32_t attempted;    /* different elements that somebody tried to add */
    uint32_t acknowledged; /* ... and that were acknowledged */
    uint32_t present;      /* acknowledged, and in the last read */
    uint32_t recovered;    /* in the last read, outcome of the add unknown */
    uint32_t never_read;   /* acknowledged too late for the last read, and not in it */
    uint32_t count[SET_FAULT_COUNT];
    uint32_t sample_count[SET_FAULT_COUNT];
    struct set_finding samples[SET_FAULT_COUNT][SET_SAMPLES_MAX]; /* the first of each kind */
};

/* Errors: ERR_INPUT (an operation other than add and read, or a read whose value is neither a
 * collection nor nil: the text names the event); ERR_NOMEM, also for the budget's memory;
 * ERR_TIMEOUT when the budget's time is over. */
int set_check(const struct object *object, struct budget *budget, struct set_findings *out,
              struct errbuf *err);

/* Whether a finding is true, by looking through the operations themselves: simple code that shares
 * nothing with the above. Linear. */
bool set_recheck(const struct object *object, enum set_fault fault,
                 const struct set_finding *finding);

#endif
