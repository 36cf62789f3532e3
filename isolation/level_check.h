/* The contract of what decides whether a level holds for a history.
 *
 * Where the order of versions is not known a level holds if it does for some order, so that no
 * anomaly found is not yet an answer: a decider says `valid` only if it has an order, or knows that
 * there is one; `invalid` only with evidence, which is proved again; and `unknown` when the budget,
 * or its own reach, ended first, or when so many cases refute it that they are not told.
 *
 * To add one: write it in a file of its own, declare it here and name it in level_deciders
 * (level_check.c). The first in the table that knows a level and is for the history decides; if it
 * says unknown, the next one is asked. */
#ifndef ISOLATION_LEVEL_CHECK_H
#define ISOLATION_LEVEL_CHECK_H

#include "checker/verdict.h"
#include "dependencies/anomalies.h"
#include "dependencies/dependencies.h"
#include "evidence/evidence.h"

struct arena;
struct errbuf;
struct shared_committed;

struct level_question {
    const struct transactions *all;
    const struct dependencies *graph;  /* with what was asked for; see walks_graph */
    const struct anomalies *anomalies; /* all that were found in single reads and in the graph */
    struct budget *budget;
    struct arena *arena; /* evidence lives here */
    unsigned threads;
    struct shared_committed *committed; /* kept from level to level; NULL: for each anew */
};

struct level_answer {
    enum verdict verdict;
    const char *algorithm; /* which one decided, and how in a few words; static */
    const char *why;       /* unknown: what ended it; static */
    bool is_silent;        /* unknown: the history shows too little, whatever the budget */
    struct evidence evidence;
};

struct level_decider {
    const char *name;
    const char *doc;  /* one line: the algorithm, its cost, its source */
    level_set levels; /* those it decides */
    /* Those for which it walks along the edges of the graph, which then has all kinds the history
     * tells of. Without, it has those that the wanted anomalies are made of. */
    level_set walks_graph;

    /* All memory is of question->budget and given back, but for what is in question->arena. A
     * budget that runs out is the verdict unknown, not an error. Errors: ERR_NOMEM (the arena's).
     */
    int (*decide)(const struct level_question *question, enum level level,
                  struct level_answer *answer, struct errbuf *err);
};

extern const struct level_decider decider_by_anomalies;   /* a forbidden one was found */
extern const struct level_decider decider_known_orders;   /* all orders known: no cycle, no doubt */
extern const struct level_decider decider_version_search; /* Adya's family: constraints, search */
extern const struct level_decider decider_weak;           /* MAV, RA, causal (AWDIT) */
extern const struct level_decider decider_causal;         /* CC, CM, PRAM, session guarantees */
extern const struct level_decider decider_eventual;

/* Every decider there is, NULL at the end. */
extern const struct level_decider *const level_deciders[];

/* Whether a decider of one of the levels walks along the edges of the graph. */
bool levels_walk_graph(level_set levels);

/* Asks the deciders in turn. */
int level_check(const struct level_question *question, enum level level,
                struct level_answer *answer, struct errbuf *err);

#endif
