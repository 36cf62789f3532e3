/* Cursor stability's own condition, as far as it is known: that nobody who read a version of a key
 * and wrote the key comes behind another one who wrote it next (Adya, "Weak Consistency", chapter
 * 4: G-cursor). */
#ifndef ISOLATION_KNOWN_UPDATES_H
#define ISOLATION_KNOWN_UPDATES_H

#include "evidence/evidence.h"

struct budget;

enum known_updates {
    UPDATES_IN_ORDER, /* in every order of the versions */
    UPDATES_UNCERTAIN,
    UPDATE_LOST, /* in every order: `steps` are a cycle */
};

/* Linear; 4 bytes for each key. Errors: ERR_NOMEM, ERR_TIMEOUT. */
int known_updates_look(const struct transactions *all, struct budget *budget,
                       enum known_updates *out, struct step steps[2]);

#endif
