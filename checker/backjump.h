/* A search of small width through a long history, which goes back and searches wider where it gets
 * stuck.
 *
 * Nearly every part of a history that is linearizable is found so with a handful of configurations;
 * where it is not, the choice that was wrong lies a little before. So now and then the search keeps
 * a mark; stuck, it goes back some returns and takes four times the width, and four times as far
 * and four times the width again, until it gets past; some way behind the place the width is small
 * again. Marks are kept the denser the later they are, about logarithmically many.
 *
 * It accepts only what is linearizable, and rejects only if nothing had to be left out before. */
#ifndef CHECKER_BACKJUMP_H
#define CHECKER_BACKJUMP_H

#include "checker/config_search.h"

enum { BACKJUMP_MARKS = 96 };

struct backjump {
    struct search search;
    struct search_mark marks[BACKJUMP_MARKS]; /* in order; marks[0] is the very beginning */
    uint32_t mark_count;
    uint32_t returns;   /* since the last mark */
    uint32_t level;     /* the width is 4^level times the least */
    uint32_t level_max; /* the last one tried; then it is stuck */
    uint32_t hardest;   /* the latest event where it was stuck */
};

/* input->width_max is ignored. -1 when the memory ran out; then there is nothing to close. */
int backjump_open(struct backjump *backjump, const struct search_input *input);
void backjump_close(struct backjump *backjump);

/* Searches up to the end. SEARCH_STUCK: not found with the width of level_max; called again with a
 * larger level_max, it goes on with that. */
enum search_end backjump_run(struct backjump *backjump, uint32_t level_max);

#endif
