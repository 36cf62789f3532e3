#include "dependencies/happened_before.h"

#include "checker/budget.h"
#include "core/err.h"

#include <string.h>

#define WAY_NONE    UINT32_MAX       /* not reached */
#define WAY_SESSION (UINT32_MAX - 1) /* by the next one of its session; otherwise a read */

struct way {
    const struct committed *done;
    struct budget *budget;
    uint32_t from, to, size; /* size: places between, with both */
    uint32_t *next;          /* by place, from `from` on: the place that it leads to ... */
    uint32_t *reads;         /* ... and how */
    uint32_t *queue;
    uint32_t head, tail;
};

static void reach(struct way *way, uint32_t place, uint32_t next, uint32_t read)
{
    if (place == PLACE_NONE || place == next || place < way->from ||
        way->reads[place - way->from] != WAY_NONE)
        return;
    way->next[place - way->from] = next;
    way->reads[place - way->from] = read;
    way->queue[way->tail++] = place;
}

/* Everybody whom one read of a place was from. */
static void reach_sources(struct way *way, uint32_t place, uint32_t read)
{
    const struct committed *done = way->done;
    struct committed_elements elements = committed_elements(done, done->txns[place].txn, read);
    reach(way, done->reads[read].writer, place, read);
    while (elements.end > elements.at)
        reach(way, committed_appender(done, --elements.end), place, read);
}

static int search(struct way *way)
{
    const struct committed *done = way->done;
    memset(way->reads, 0xff, way->size * sizeof *way->reads);
    way->queue[way->tail++] = way->to;
    while (way->head < way->tail && way->reads[0] == WAY_NONE) {
        uint32_t place = way->queue[way->head++];
        if (budget_time_over(way->budget))
            return ERR_TIMEOUT;
        for (uint32_t i = done->txns[place].reads; i < done->txns[place + 1].reads; i++)
            reach_sources(way, place, i);
        reach(way, done->txns[place].previous, place, WAY_SESSION);
    }
    return 0;
}

static int tell(const struct way *way, struct step_list *out)
{
    const struct committed *done = way->done;
    bool is_session = false;
    int rc = 0;
    for (uint32_t at = way->from, next; rc == 0 && at != way->to; at = next) {
        uint32_t read = way->reads[at - way->from];
        next = way->next[at - way->from];
        struct step step = {.from = done->txns[at].txn,
                            .to = done->txns[next].txn,
                            .lemma = LEMMA_NONE,
                            .kind = STEP_SESSION};
        if (read != WAY_SESSION) {
            step.kind = STEP_WR;
            step.key = done->reads[read].key;
        }
        if (read == WAY_SESSION && is_session)
            out->steps[out->count - 1].to = step.to;
        else
            rc = step_list_add(out, &step);
        is_session = read == WAY_SESSION;
    }
    return rc;
}

int happened_before(const struct committed *done, uint32_t from, uint32_t to, struct step_list *out)
{
    struct way way = {.done = done, .budget = out->budget, .from = from, .to = to};
    if (from >= to)
        return 0;
    way.size = to - from + 1;
    way.next = budget_alloc(way.budget, way.size * sizeof *way.next);
    way.reads = budget_alloc(way.budget, way.size * sizeof *way.reads);
    way.queue = budget_alloc(way.budget, way.size * sizeof *way.queue);
    int rc = way.next && way.reads && way.queue ? search(&way) : ERR_NOMEM;
    if (rc == 0 && way.reads[0] != WAY_NONE)
        rc = tell(&way, out);
    budget_free(way.budget, way.next, way.size * sizeof *way.next);
    budget_free(way.budget, way.reads, way.size * sizeof *way.reads);
    budget_free(way.budget, way.queue, way.size * sizeof *way.queue);
    return rc;
}
