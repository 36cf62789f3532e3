/* The live line of a run: elapsed time, operations, rate, outcomes and the active fault, redrawn in
 * place on a terminal; on anything else a plain line every ten seconds. On standard error. */
#ifndef CLI_LIVE_H
#define CLI_LIVE_H

struct live;
struct run;

/* NULL if no thread can be had: the run goes on without. */
struct live *live_start(struct run *run);
/* Ends the line and waits for its thread. NULL is allowed. */
void live_stop(struct live *live);

#endif
