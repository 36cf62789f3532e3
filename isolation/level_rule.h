/* What a level of Adya's family asks of the graph of dependencies
 * (tests/property/isolation_oracle.h spells it out), in terms of the kinds of cycles, and what of
 * it can be told when some orders of versions are unknown. */
#ifndef ISOLATION_LEVEL_RULE_H
#define ISOLATION_LEVEL_RULE_H

#include "transactions/level.h"

#include <stdbool.h>

enum level_condition {
    CONDITION_NONE, /* it is not of this family */
    /* No anomaly of the level, whatever the orders: they may be taken from any order of the
     * transactions that agrees with what is known, as no reader asks for more. */
    CONDITION_NO_READER,
    /* No anomaly of the level, if all orders are known, or no version is read that is in none. */
    CONDITION_ANY_RW,
    CONDITION_SOME_RW,      /* no anomaly of the level, if all orders are known */
    CONDITION_RW_OF_KEY,    /* and no cycle of WW and one RW of a single key */
    CONDITION_RW_AFTER_READ /* no cycle of WW, WR, SESSION and RW each behind WR or SESSION */
};

struct level_rule {
    enum level_condition condition;
    /* A stronger level of CONDITION_ANY_RW: if the graph is as that one asks, it is as this one
     * does. */
    enum level enough;
};

const struct level_rule *level_rule(enum level level);

#endif
