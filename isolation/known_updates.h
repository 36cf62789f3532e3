/* Whether the condition that makes cursor stability more than read committed is met: who read a
 * version of a key and then wrote the key wrote the next version, so that nobody else's update came
 * in between and was lost (Adya, "Weak Consistency", MIT 1999, chapter 4: G-cursor). Where the
 * order of versions is not known, as far as every order must have it. */
#ifndef ISOLATION_KNOWN_UPDATES_H
#define ISOLATION_KNOWN_UPDATES_H

#include "evidence/evidence.h"

struct budget;

enum known_updates {
    UPDATES_IN_ORDER, /* in every order of the versions */
    UPDATES_UNCERTAIN,
    UPDATE_LOST, /* in every order: `steps` are a cycle */
};

/* *out: what is known; `steps` are filled in for UPDATE_LOST only. Linear; 4 bytes for each key
 * while it runs. Errors: ERR_NOMEM, ERR_TIMEOUT. */
int known_updates_look(const struct transactions *all, struct budget *budget,
                       enum known_updates *out, struct step steps[2]);

#endif
