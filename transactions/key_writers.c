#include "transactions/key_writers.h"

#include "checker/budget.h"
#include "core/err.h"

#include <string.h>

enum { STEPS_MIN = 32 };

int key_writers_init(struct key_writers *writers, const struct committed *done,
                     struct budget *budget)
{
    uint32_t keys = done->all->key_count, writes = done->txns[done->count].writes;
    *writers = (struct key_writers){
        .done = done, .budget = budget, .stamp_count = done->all->session_count};
    writers->first = budget_zalloc(budget, ((size_t)keys + 1) * sizeof *writers->first);
    writers->passed = budget_alloc(budget, keys * sizeof *writers->passed);
    writers->places = budget_alloc(budget, writes * sizeof *writers->places);
    writers->stamps = budget_zalloc(budget, writers->stamp_count * sizeof *writers->stamps);
    if (!writers->first || !writers->passed || !writers->places || !writers->stamps)
        return ERR_NOMEM;
    for (uint32_t i = 0; i < writes; i++)
        writers->first[done->writes[i] + 1]++;
    for (uint32_t key = 0; key < keys; key++)
        writers->first[key + 1] += writers->first[key];
    key_writers_begin(writers);
    for (uint32_t place = 0; place < done->count; place++)
        for (uint32_t i = done->txns[place].writes; i < done->txns[place + 1].writes; i++)
            writers->places[writers->passed[done->writes[i]]++] = place;
    key_writers_begin(writers);
    return 0;
}

void key_writers_fini(struct key_writers *writers)
{
    struct budget *budget = writers->budget;
    uint32_t keys = writers->done->all->key_count;
    size_t writes = writers->done->txns[writers->done->count].writes * sizeof(uint32_t);
    budget_free(budget, writers->first, ((size_t)keys + 1) * sizeof *writers->first);
    budget_free(budget, writers->passed, keys * sizeof *writers->passed);
    budget_free(budget, writers->places, writes);
    budget_free(budget, writers->sorted, writes);
    budget_free(budget, writers->groups, writes);
    budget_free(budget, writers->stamps, writers->stamp_count * sizeof *writers->stamps);
}

void key_writers_begin(struct key_writers *writers)
{
    memcpy(writers->passed, writers->first, writers->done->all->key_count * sizeof(uint32_t));
}

void key_writers_pass(struct key_writers *writers, uint32_t place)
{
    const struct committed *done = writers->done;
    for (uint32_t i = done->txns[place].writes; i < done->txns[place + 1].writes; i++)
        writers->passed[done->writes[i]]++;
}

/* --- by session --- */

/* The places of each session together, ascending. */
static uint32_t *places_by_session(const struct committed *done, struct budget *budget)
{
    uint32_t sessions = done->all->session_count;
    uint32_t *first = budget_zalloc(budget, ((size_t)sessions + 1) * sizeof *first);
    uint32_t *out = budget_alloc(budget, done->count * sizeof *out);
    if (first && out) {
        for (uint32_t place = 0; place < done->count; place++)
            first[done->txns[place].session + 1]++;
        for (uint32_t i = 0; i < sessions; i++)
            first[i + 1] += first[i];
        for (uint32_t place = 0; place < done->count; place++)
            out[first[done->txns[place].session]++] = place;
    } else {
        budget_free(budget, out, done->count * sizeof *out);
        out = NULL;
    }
    budget_free(budget, first, ((size_t)sessions + 1) * sizeof *first);
    return out;
}

static void mark_groups(struct key_writers *writers)
{
    const struct committed *done = writers->done;
    for (uint32_t key = 0; key < done->all->key_count; key++) {
        for (uint32_t i = writers->first[key], end; i < writers->first[key + 1]; i = end) {
            uint32_t session = done->txns[writers->sorted[i]].session;
            for (end = i + 1; end < writers->first[key + 1]; end++)
                if (done->txns[writers->sorted[end]].session != session)
                    break;
            writers->groups[i] = end;
        }
    }
}

static int sort_by_session(struct key_writers *writers)
{
    const struct committed *done = writers->done;
    struct budget *budget = writers->budget;
    uint32_t keys = done->all->key_count, writes = done->txns[done->count].writes;
    uint32_t *places = places_by_session(done, budget);
    uint32_t *next = budget_alloc(budget, keys * sizeof *next);
    writers->sorted = budget_alloc(budget, writes * sizeof *writers->sorted);
    writers->groups = budget_alloc(budget, writes * sizeof *writers->groups);
    bool is_done = places && next && writers->sorted && writers->groups;
    if (is_done) {
        memcpy(next, writers->first, keys * sizeof *next);
        for (uint32_t n = 0; n < done->count; n++)
            for (uint32_t i = done->txns[places[n]].writes; i < done->txns[places[n] + 1].writes;
                 i++)
                writers->sorted[next[done->writes[i]]++] = places[n];
        mark_groups(writers);
    }
    budget_free(budget, places, done->count * sizeof *places);
    budget_free(budget, next, keys * sizeof *next);
    return is_done ? 0 : ERR_NOMEM;
}

/* --- questions --- */

/* As key_writers_of_session, among the sorted ones. */
static uint32_t search_session(const struct key_writers *writers, uint32_t key, uint32_t session,
                               uint32_t after)
{
    const struct committed *done = writers->done;
    uint32_t begin = writers->first[key], low = begin, high = writers->first[key + 1];
    uint32_t passed = writers->passed[key];
    if (passed == begin)
        return PLACE_NONE;
    uint32_t last = writers->places[passed - 1];
    while (low < high) {
        uint32_t middle = low + (high - low) / 2, place = writers->sorted[middle];
        uint32_t other = done->txns[place].session;
        if (other < session || (other == session && place <= last))
            low = middle + 1;
        else
            high = middle;
    }
    uint32_t place = low > begin ? writers->sorted[low - 1] : PLACE_NONE;
    bool is_found = place != PLACE_NONE && done->txns[place].session == session && place >= after;
    return is_found ? place : PLACE_NONE;
}

uint32_t key_writers_of_session(struct key_writers *writers, uint32_t key, uint32_t session,
                                uint32_t after, int *rc)
{
    uint32_t at = writers->passed[key], steps = STEPS_MIN;
    for (; at > writers->first[key] && steps > 0; steps--) {
        uint32_t place = writers->places[--at];
        if (place < after)
            return PLACE_NONE;
        if (writers->done->txns[place].session == session)
            return place;
    }
    if (at == writers->first[key])
        return PLACE_NONE;
    *rc = writers->sorted ? 0 : sort_by_session(writers);
    return *rc == 0 ? search_session(writers, key, session, after) : PLACE_NONE;
}

void visible_writers_begin(struct visible_writers *search)
{
    struct key_writers *writers = search->writers;
    search->at = writers->passed[search->key];
    search->is_by_session = false;
    search->steps = STEPS_MIN + 2 * search->clocks->width;
    if (++writers->question == 0) { /* after 2^32: old stamps must not look like new ones */
        memset(writers->stamps, 0, writers->stamp_count * sizeof *writers->stamps);
        writers->question = 1;
    }
}

static bool is_wanted(const struct visible_writers *search, uint32_t place)
{
    const struct committed_txn *txn = &search->writers->done->txns[place];
    return session_clocks_cover(search->clocks, txn->session) &&
           session_clocks_count(search->clocks, search->clock, txn) &&
           !(search->known && session_clocks_count(search->clocks, search->known, txn));
}

static bool is_new(struct visible_writers *search, uint32_t place)
{
    struct key_writers *writers = search->writers;
    uint32_t *stamp = &writers->stamps[writers->done->txns[place].session - search->clocks->base];
    bool is_seen = *stamp == writers->question;
    *stamp = writers->question;
    return !is_seen;
}

static uint32_t next_by_session(struct visible_writers *search)
{
    const struct key_writers *writers = search->writers;
    const struct committed *done = writers->done;
    while (search->group < search->group_end) {
        uint32_t begin = search->group, low = begin, high = writers->groups[begin];
        const struct committed_txn *txn = &done->txns[writers->sorted[low]];
        search->group = high;
        if (!session_clocks_cover(search->clocks, txn->session))
            continue;
        while (low < high) {
            uint32_t middle = low + (high - low) / 2;
            if (session_clocks_count(search->clocks, search->clock,
                                     &done->txns[writers->sorted[middle]]))
                low = middle + 1;
            else
                high = middle;
        }
        uint32_t place = low > begin ? writers->sorted[low - 1] : PLACE_NONE;
        if (place != PLACE_NONE && place >= search->after && is_wanted(search, place) &&
            is_new(search, place))
            return place;
    }
    return PLACE_NONE;
}

uint32_t visible_writers_next(struct visible_writers *search, int *rc)
{
    struct key_writers *writers = search->writers;
    *rc = 0;
    if (search->is_by_session)
        return next_by_session(search);
    for (; search->at > writers->first[search->key] && search->steps > 0; search->steps--) {
        uint32_t place = writers->places[--search->at];
        if (place < search->after)
            return PLACE_NONE;
        if (is_wanted(search, place) && is_new(search, place))
            return place;
    }
    if (search->at == writers->first[search->key])
        return PLACE_NONE;
    if (!writers->sorted)
        *rc = sort_by_session(writers);
    search->is_by_session = true;
    search->group = writers->first[search->key];
    search->group_end = writers->first[search->key + 1];
    return *rc == 0 ? next_by_session(search) : PLACE_NONE;
}
