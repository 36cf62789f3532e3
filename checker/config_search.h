/* Linearizability of one object by a search over configurations.
 *
 * A history is linearizable if every operation can be given a moment between its invocation and
 * its completion such that, one after another, they are what the sequential object would answer
 * (Herlihy & Wing 1990). Wing & Gong ("Testing and verifying concurrent objects", JPDC 1993) search
 * for such an order; Lowe ("Testing for linearizability", CCPE 2017) linearizes just in time, only
 * when a return forces it, and remembers configurations; Horn & Kroening ("Faster linearizability
 * checking via P-compositionality", FORTE 2015) split by object. This search goes breadth first
 * over the returns, so that a configuration need only say what has become of the calls that are
 * pending at that moment (config_set.h), and its memory is that of one layer, whatever the length.
 *
 * What keeps a layer small:
 * - pure calls are linearized as soon as the state allows;
 * - a pending call that overwrites everything (a write) may always be put right before another
 *   one, where nobody sees it: when one is linearized, the others pending become optional instead
 *   of the search trying every subset of them;
 * - a call that changes the state for nobody to see before it is overwritten is not tried;
 * - crashed calls are told apart by what they do only, and only as many are kept as can be needed
 *   (slots.h); configurations that have fewer of them left are dominated.
 *
 * Complexity: O(n * configurations * pending calls). Registers with reads and writes only have few
 * configurations a layer; compare-and-set can double them with every pending one, and crashed
 * operations multiply them: the problem is NP-complete (Gibbons & Korach 1997). So there is a
 * width: a search that had to leave configurations out may still accept, and then the history is
 * linearizable, but it cannot reject. */
#ifndef CHECKER_CONFIG_SEARCH_H
#define CHECKER_CONFIG_SEARCH_H

#include "checker/calls.h"

enum search_end {
    SEARCH_ACCEPTED,
    SEARCH_REJECTED, /* proven: no order exists */
    SEARCH_STUCK,    /* none was found, but the width was too small to prove there is none */
    SEARCH_OUT_OF_TIME,
    SEARCH_OUT_OF_MEMORY,
};

struct search_input {
    const struct model *model;
    struct model_context *context; /* its budget pays for the search and ends it */
    const struct calls *calls;
    const int32_t *initial; /* the states it may begin in; MODEL_ANY is one */
    uint32_t initial_count;
    uint32_t width_max; /* configurations to keep a layer; 0 = all */
    uint64_t steps_max; /* 0 = no limit; passed, the search ends as SEARCH_STUCK */
};

struct search_result {
    enum search_end end;
    uint32_t event; /* not accepted: the return, as an index of calls->events, that was not got
                       past; every earlier one was. */
    uint64_t steps; /* configurations examined */
    uint32_t width; /* the widest layer */
};

/* Never fails: what can go wrong is an end. Frees all it allocated. */
struct search_result config_search(const struct search_input *input);

#endif
