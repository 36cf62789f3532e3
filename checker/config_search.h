/* The configuration search over calls that are all known: feeds a frontier (frontier.h, which says
 * how it works and what it costs) event by event, and knows what is yet to come. */
#ifndef CHECKER_CONFIG_SEARCH_H
#define CHECKER_CONFIG_SEARCH_H

#include "checker/calls.h"
#include "checker/frontier.h"

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
    bool want_trace;    /* frontier_trace(search.frontier) tells the order */
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

/* The same taken apart: a search that stands before some event, and can go back. */
struct search {
    const struct calls *calls;
    struct budget *budget;
    struct frontier *frontier;
    struct demand demand;
    uint32_t *slot_of; /* by call */
    uint32_t event;    /* the next */
};

/* -1 when the memory ran out; then there is nothing to close. */
int search_open(struct search *search, const struct search_input *input);
void search_close(struct search *search);

/* Goes on up to, not with, event `until`. SEARCH_ACCEPTED: it is there. Else search->event is the
 * one that was not got past, and the search can only go back. */
enum search_end search_run(struct search *search, uint32_t until);

/* Where a search was. */
struct search_mark {
    struct frontier_mark *frontier; /* NULL: no memory */
    uint32_t event, demand;
};

struct search_mark search_save(const struct search *search);
int search_restore(struct search *search, const struct search_mark *mark); /* -1: no memory */

#endif
