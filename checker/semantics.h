/* What a history's own format, and the user, say about the objects its operations are on. */
#ifndef CHECKER_SEMANTICS_H
#define CHECKER_SEMANTICS_H

#include "core/value_pool.h"

#include <stdbool.h>

struct user_model;

/* A reader fills it in; zero is ours. */
struct history_semantics {
    bool nil_read_is_unknown; /* an ok read of nil says nothing (Knossos' register histories) */
    bool failed_cas_differs;  /* a failed cas proves that the value was not the expected one */
    value_ref initial;        /* value before the first write; nil */
    bool initial_is_given;    /* `initial` was said by the user or the format */
    bool initial_may_be_nil;  /* ... by the format, and an object never written may also be nil */
    /* A history in which no operation succeeded, but some failed, is valid there (as it is for
     * Knossos and Porcupine), not vacuous. */
    bool failures_are_tests;
    bool has_no_times; /* the order of its events says nothing of what was over before what */
    /* A register that was read with something nobody wrote had it from who was not recorded, so
     * that the read says nothing (as it is for Elle); elsewhere that is a violation. */
    bool unwritten_reads_say_nothing;
    bool has_no_initial; /* a read has a writer: no value is there before the first write */
    const char *model;   /* what the history says it is of; NULL if it does not say */

    uint32_t permits;              /* semaphore: how many may be held at once; 0 = 1 */
    const struct user_model *user; /* the model named by a file (user_model.h); else NULL */
};

#endif
