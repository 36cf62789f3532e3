#include "transactions/session_clocks.h"

#include "checker/budget.h"
#include "core/err.h"

#include <string.h>

enum { WIDTH_MIN = 16, SHARE = 4 };

static const size_t bytes_usual = (size_t)512 << 20;

static uint32_t *alloc_places(struct session_clocks *clocks)
{
    return budget_alloc(clocks->budget, clocks->done->count * sizeof(uint32_t));
}

/* Everybody a place took from, but for who wrote the last of each list or register it read: whose
 * session had not read the element before. */
struct appenders {
    const struct committed *done;
    uint32_t place, read;
    struct committed_elements left;
};

static struct appenders appenders_of(const struct committed *done, uint32_t place)
{
    return (struct appenders){.done = done, .place = place, .read = done->txns[place].reads};
}

/* The next one, latest first in each list; PLACE_NONE: no more. */
static uint32_t next_appender(struct appenders *run)
{
    const struct committed *done = run->done;
    for (;;) {
        while (run->left.end > run->left.at) {
            uint32_t place = committed_appender(done, --run->left.end);
            if (place != PLACE_NONE && place != run->place)
                return place;
        }
        if (!done->fresh || run->read == done->txns[run->place + 1].reads)
            return PLACE_NONE;
        run->left = committed_fresh_elements(done, done->txns[run->place].txn, run->read++);
    }
}

static void count_uses(struct session_clocks *clocks)
{
    const struct committed *done = clocks->done;
    memset(clocks->uses, 0, done->count * sizeof *clocks->uses);
    for (uint32_t place = 0; place < done->count; place++) {
        if (done->txns[place].previous != PLACE_NONE)
            clocks->uses[done->txns[place].previous]++;
        for (uint32_t i = done->txns[place].reads; i < done->txns[place + 1].reads; i++)
            if (done->reads[i].writer != PLACE_NONE)
                clocks->uses[done->reads[i].writer]++;
        struct appenders appenders = appenders_of(done, place);
        for (uint32_t from; (from = next_appender(&appenders)) != PLACE_NONE;)
            clocks->uses[from]++;
    }
}

/* How many clocks are in use at most, when those that nobody needs any more are forgotten. */
static uint32_t count_rows(struct session_clocks *clocks)
{
    const struct committed *done = clocks->done;
    uint32_t now = 0, most = 0;
    memcpy(clocks->left, clocks->uses, done->count * sizeof *clocks->left);
    for (uint32_t place = 0; place < done->count; place++) {
        uint32_t previous = done->txns[place].previous;
        if (previous != PLACE_NONE && --clocks->left[previous] == 0)
            now--;
        now++;
        most = now > most ? now : most;
        for (uint32_t i = done->txns[place].reads; i < done->txns[place + 1].reads; i++) {
            uint32_t writer = done->reads[i].writer;
            if (writer != PLACE_NONE && --clocks->left[writer] == 0)
                now--;
        }
        struct appenders appenders = appenders_of(done, place);
        for (uint32_t from; (from = next_appender(&appenders)) != PLACE_NONE;)
            now -= --clocks->left[from] == 0;
        if (clocks->uses[place] == 0)
            now--;
    }
    return most;
}

static uint32_t choose_width(const struct session_clocks *clocks, size_t bytes)
{
    const struct budget *budget = clocks->budget;
    size_t sessions = clocks->done->all->session_count;
    bytes = bytes ? bytes : bytes_usual;
    if (budget->bytes_max && (budget->bytes_max - budget->bytes_used) / SHARE < bytes)
        bytes = (budget->bytes_max - budget->bytes_used) / SHARE;
    size_t width = bytes / sizeof(int32_t) / ((size_t)clocks->row_count + 1);
    width = width < WIDTH_MIN ? WIDTH_MIN : width;
    return (uint32_t)(width < sessions ? width / WIDTH_MIN * WIDTH_MIN : sessions);
}

int session_clocks_init(struct session_clocks *clocks, const struct committed *done, size_t bytes,
                        struct budget *budget)
{
    *clocks = (struct session_clocks){.done = done, .budget = budget};
    clocks->uses = alloc_places(clocks);
    clocks->left = alloc_places(clocks);
    clocks->rows = alloc_places(clocks);
    if (!clocks->uses || !clocks->left || !clocks->rows)
        return ERR_NOMEM;
    count_uses(clocks);
    clocks->row_count = count_rows(clocks);
    clocks->width = choose_width(clocks, bytes);
    size_t numbers = (size_t)clocks->row_count * clocks->width;
    clocks->numbers = budget_alloc(budget, numbers * sizeof *clocks->numbers);
    clocks->free = budget_alloc(budget, clocks->row_count * sizeof *clocks->free);
    return clocks->numbers && clocks->free ? 0 : ERR_NOMEM;
}

void session_clocks_fini(struct session_clocks *clocks)
{
    size_t places = clocks->done->count * sizeof(uint32_t);
    size_t numbers = (size_t)clocks->row_count * clocks->width;
    budget_free(clocks->budget, clocks->uses, places);
    budget_free(clocks->budget, clocks->left, places);
    budget_free(clocks->budget, clocks->rows, places);
    budget_free(clocks->budget, clocks->numbers, numbers * sizeof *clocks->numbers);
    budget_free(clocks->budget, clocks->free, clocks->row_count * sizeof *clocks->free);
}

void session_clocks_begin(struct session_clocks *clocks, uint32_t base)
{
    clocks->base = base;
    memcpy(clocks->left, clocks->uses, clocks->done->count * sizeof *clocks->left);
    clocks->free_count = clocks->row_count;
    for (uint32_t i = 0; i < clocks->row_count; i++)
        clocks->free[i] = clocks->row_count - 1 - i;
}

static void join(int32_t *restrict into, const int32_t *restrict from, uint32_t width)
{
    for (uint32_t i = 0; i < width; i++)
        into[i] = from[i] > into[i] ? from[i] : into[i];
}

static void give_back(struct session_clocks *clocks, uint32_t place)
{
    if (--clocks->left[place] == 0)
        clocks->free[clocks->free_count++] = clocks->rows[place];
}

/* A row that begins as the clock of the one before in the session, or without anything. */
static int32_t *take_row(struct session_clocks *clocks, uint32_t place)
{
    uint32_t previous = clocks->done->txns[place].previous;
    if (previous != PLACE_NONE)
        give_back(clocks, previous);
    clocks->rows[place] = clocks->free[--clocks->free_count];
    int32_t *row = clocks->numbers + (size_t)clocks->rows[place] * clocks->width;
    if (previous == PLACE_NONE)
        memset(row, 0, clocks->width * sizeof *row);
    else if (clocks->rows[previous] != clocks->rows[place])
        memcpy(row, session_clocks_of(clocks, previous), clocks->width * sizeof *row);
    return row;
}

/* Whoever is counted already brought everything before it along. */
static void take_from(struct session_clocks *clocks, int32_t *row, uint32_t place)
{
    const struct committed_txn *txn = &clocks->done->txns[place];
    if (!session_clocks_cover(clocks, txn->session) || !session_clocks_count(clocks, row, txn))
        join(row, session_clocks_of(clocks, place), clocks->width);
}

const int32_t *session_clocks_enter(struct session_clocks *clocks, uint32_t place)
{
    const struct committed *done = clocks->done;
    int32_t *row = take_row(clocks, place);
    for (uint32_t i = done->txns[place].reads; i < done->txns[place + 1].reads; i++) {
        uint32_t writer = done->reads[i].writer;
        if (writer != PLACE_NONE)
            take_from(clocks, row, writer);
    }
    struct appenders appenders = appenders_of(done, place);
    for (uint32_t from; (from = next_appender(&appenders)) != PLACE_NONE;)
        take_from(clocks, row, from);
    return row;
}

void session_clocks_leave(struct session_clocks *clocks, uint32_t place)
{
    const struct committed *done = clocks->done;
    const struct committed_txn *txn = &done->txns[place];
    for (uint32_t i = txn->reads; i < txn[1].reads; i++)
        if (done->reads[i].writer != PLACE_NONE)
            give_back(clocks, done->reads[i].writer);
    struct appenders appenders = appenders_of(done, place);
    for (uint32_t from; (from = next_appender(&appenders)) != PLACE_NONE;)
        give_back(clocks, from);
    if (clocks->uses[place] == 0)
        clocks->free[clocks->free_count++] = clocks->rows[place];
    else if (session_clocks_cover(clocks, txn->session))
        clocks->numbers[(size_t)clocks->rows[place] * clocks->width + txn->session - clocks->base] =
            (int32_t)txn->turn + 1;
}
