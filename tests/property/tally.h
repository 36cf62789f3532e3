/* What a property test looked at, in one line for each model and algorithm: on stdout, and at the
 * end of the file that the environment variable FAULTLINE_PROPERTY_TALLY names (tests/prove makes a
 * table of them). */
#ifndef TESTS_TALLY_H
#define TESTS_TALLY_H

#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

struct tally {
    const char *model;     /* or checker */
    const char *algorithm; /* or what else was asked */
    uint64_t histories;
    uint64_t valid, invalid; /* as brute force has it; of transactions, each level asked counts */
    uint64_t undecided;      /* "not for this" of an algorithm, a width too small; and
                            whatever is rightly unknown or vacuous for a checker */
    uint64_t proofs;         /* orders and witnesses that were verified */
    uint64_t mutations;      /* of proofs, or of what a checker found: each is one of the two */
    uint64_t refused;        /* not accepted, and an independent judge finds it wrong */
    uint64_t still_true;     /* accepted, and the judge finds it true; of a checker: confirmed,
                                and the history is invalid */
    uint64_t cases;          /* proofs by cases, not told in the line */
    uint64_t refused_cases;  /* what was changed of those, and is refused */
};

/* Of some levels asked of a history, those that hold. */
static inline void tally_add_levels(struct tally *tally, uint32_t held, uint32_t asked)
{
    for (uint32_t left = asked; left; left &= left - 1)
        ++*(held & left & (~left + 1) ? &tally->valid : &tally->invalid);
}

static inline void tally_print(const struct tally *tally)
{
    const char *path = getenv("FAULTLINE_PROPERTY_TALLY");
    char line[256];
    snprintf(line, sizeof line,
             "tally %s %s %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64
             " %" PRIu64 " %" PRIu64 "\n",
             tally->model, tally->algorithm, tally->histories, tally->valid, tally->invalid,
             tally->undecided, tally->proofs, tally->mutations, tally->refused, tally->still_true);
    fputs(line, stdout);
    FILE *file = path ? fopen(path, "a") : NULL;
    if (file) {
        fputs(line, file);
        fclose(file);
    }
}

#endif
