/* When a history without the anomalies of a level of Adya's family ("Weak Consistency", MIT 1999)
 * certainly keeps the level: the graph of dependencies has only what is known, and where the order
 * of some versions is not, an edge that every order would have may be missing from it. Levels
 * differ in what makes the known edges enough. tests/property/isolation_oracle.h spells the levels
 * out. */
#ifndef ISOLATION_LEVEL_RULE_H
#define ISOLATION_LEVEL_RULE_H

#include "transactions/level.h"

#include <stdbool.h>

enum level_condition {
    CONDITION_NONE, /* it is not of this family: nothing is told here */
    /* To have no anomaly of the level is enough. The level asks for no RW, so that any order of the
     * transactions that agrees with what is known gives orders of versions that are good. */
    CONDITION_NO_READER,
    /* To have none is enough if all orders are known, or if no version was read whose place among
     * the others is unknown. */
    CONDITION_ANY_RW,
    /* To have none is enough if all orders are known. */
    CONDITION_SOME_RW,
    /* To have none is enough if no order of versions has a cycle of WW and one RW, all of a single
     * key (isolation/known_updates.h). */
    CONDITION_RW_OF_KEY,
    /* There must be no cycle of WW, WR, SESSION and RW in which each RW comes right behind a WR or
     * a SESSION, and all orders must be known. */
    CONDITION_RW_AFTER_READ
};

struct level_rule {
    enum level_condition condition;
    /* The level itself or one that implies it, of CONDITION_ANY_RW: a history that meets the
     * condition of that one keeps this one too. */
    enum level enough;
};

/* The row of a level; static, and never NULL. */
const struct level_rule *level_rule(enum level level);

#endif
