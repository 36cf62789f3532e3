/* Who the controller of a run is, and whether it can still be there. Private to the journal. */
#ifndef INJECTOR_JOURNAL_CONTROLLER_H
#define INJECTOR_JOURNAL_CONTROLLER_H

#include "injector/journal_record.h"

struct errbuf;

int journal_controller_self(struct journal_controller *out, struct errbuf *err);

enum controller_state {
    CONTROLLER_ALIVE,
    CONTROLLER_DEAD,
    CONTROLLER_EARLIER_BOOT, /* everything it did is gone */
    CONTROLLER_ELSEWHERE,    /* its process numbers mean nothing here: another container */
};

enum controller_state journal_controller_look(const struct journal_controller *controller);

#endif
