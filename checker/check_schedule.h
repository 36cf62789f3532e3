/* Takes the objects of a history to threads, under one time limit and one pool of memory.
 *
 * The largest come first, so that none of them is begun last and keeps one core busy alone. Where
 * there is a time limit a hard object may not cost the others their verdict: each gets the part of
 * the time left that its share of the work left is (half of it counts the objects, half their
 * operations), and what it does not use goes to those that follow. Those that it was too little
 * for are tried again, smallest first, with at least twice as much, as long as there is time.
 *
 * All draw on one pool of memory. One that was refused memory while others held much of it is tried
 * again alone. */
#ifndef CHECKER_CHECK_SCHEDULE_H
#define CHECKER_CHECK_SCHEDULE_H

#include "checker/check_run.h"

/* Fills run->result->keys from all keys of the history, which are made already. Errors: as
 * check_history; of several, that of the first key. */
int check_schedule(struct check_run *run, struct errbuf *err);

#endif
