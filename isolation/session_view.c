#include "isolation/session_view.h"

#include "checker/budget.h"
#include "checker/sort_items.h"
#include "core/err.h"

#include <string.h>

enum { ARCS_MIN = 64 };

static void *alloc_places(struct session_view *view)
{
    return budget_alloc(view->budget, view->done->count * sizeof(uint32_t));
}

static void note_readers(struct session_view *view)
{
    const struct transactions *all = view->done->all;
    for (uint32_t place = 0; place < view->done->count; place++) {
        const struct txn *txn = &all->txns[view->done->txns[place].txn];
        view->is_reader[place] = false;
        for (uint32_t i = txn->micros; i < txn[1].micros; i++)
            view->is_reader[place] |=
                all->micros[i].f == MICRO_READ && all->micros[i].version != VERSION_UNREAD;
    }
}

int session_view_init(struct session_view *view, const struct committed *done, enum level level,
                      struct budget *budget)
{
    *view = (struct session_view){.done = done, .budget = budget, .level = level};
    uint32_t **arrays[] = {&view->due,     &view->told,  &view->index,    &view->arcs_to,
                           &view->touched, &view->marks, &view->explained};
    view->is_reader = budget_alloc(budget, done->count * sizeof *view->is_reader);
    bool is_done = view->is_reader;
    for (size_t i = 0; i < sizeof arrays / sizeof *arrays; i++)
        is_done &= (*arrays[i] = alloc_places(view)) != NULL;
    if (!is_done)
        return ERR_NOMEM;
    note_readers(view);
    memset(view->due, 0xff, done->count * sizeof *view->due);
    memset(view->told, 0xff, done->count * sizeof *view->told);
    memset(view->index, 0xff, done->count * sizeof *view->index);
    memset(view->arcs_to, 0xff, done->count * sizeof *view->arcs_to);
    return 0;
}

void session_view_fini(struct session_view *view)
{
    struct budget *budget = view->budget;
    uint32_t *arrays[] = {view->due,     view->told,  view->index,    view->arcs_to,
                          view->touched, view->marks, view->explained};
    for (size_t i = 0; i < sizeof arrays / sizeof *arrays; i++)
        budget_free(budget, arrays[i], view->done->count * sizeof(uint32_t));
    budget_free(budget, view->is_reader, view->done->count * sizeof *view->is_reader);
    budget_free(budget, view->work, view->work_capacity * sizeof *view->work);
    budget_free(budget, view->reads, view->read_capacity * sizeof *view->reads);
    budget_free(budget, view->by_key, view->read_capacity * sizeof *view->by_key);
    budget_free(budget, view->arcs, view->arc_capacity * sizeof *view->arcs);
}

/* --- what must come before what --- */

static bool is_own(const struct session_view *view, uint32_t place)
{
    return view->done->txns[place].session == view->session;
}

static bool is_writer(const struct committed *done, uint32_t place)
{
    return done->txns[place].writes < done->txns[place + 1].writes;
}

/* Monotonic reads: reads come after reads and writes after writes, of the session. */
static uint32_t previous_alike(const struct session_view *view, uint32_t place, bool reads)
{
    const struct committed *done = view->done;
    if (!is_own(view, place) || !(reads ? view->is_reader[place] : is_writer(done, place)))
        return PLACE_NONE;
    do
        place = done->txns[place].previous;
    while (place != PLACE_NONE && !(reads ? view->is_reader[place] : is_writer(done, place)));
    return place;
}

static bool keeps_reads(const struct session_view *view, uint32_t place)
{
    return view->level == LEVEL_WEAK_CAUSAL || view->level == LEVEL_CAUSAL_MEMORY ||
           is_own(view, place);
}

static uint32_t session_before(const struct session_view *view, uint32_t place, uint32_t stage)
{
    if (view->level == LEVEL_MONOTONIC_READS)
        return previous_alike(view, place, stage == 0);
    return stage == 0 ? view->done->txns[place].previous : PLACE_NONE;
}

/* Stages: 0 and 1 the session, 2 reads, 3 arcs. */
bool view_befores_next(const struct session_view *view, struct view_befores *befores,
                       uint32_t *place, uint32_t *cause)
{
    const struct committed *done = view->done;
    for (; befores->stage < 2; befores->stage++) {
        *place = session_before(view, befores->place, befores->stage);
        *cause = VIEW_SESSION;
        if (*place != PLACE_NONE) {
            befores->stage++;
            return true;
        }
    }
    if (befores->stage == 2) {
        uint32_t first = done->txns[befores->place].reads;
        uint32_t end = keeps_reads(view, befores->place) ? done->txns[befores->place + 1].reads : 0;
        while (first + befores->at < end) {
            *cause = first + befores->at++;
            *place = done->reads[*cause].writer;
            if (*place != PLACE_NONE)
                return true;
        }
        befores->stage = 3;
        befores->at = view->arcs_to[befores->place];
    }
    if (befores->at == VIEW_NONE)
        return false;
    *cause = VIEW_ARC | befores->at;
    *place = view->arcs[befores->at].from;
    befores->at = view->arcs[befores->at].next;
    return true;
}

/* --- what the explained read --- */

static int make_room_for_reads(struct session_view *view, uint32_t count)
{
    struct budget *budget = view->budget;
    if (count <= view->read_capacity)
        return 0;
    budget_free(budget, view->reads, view->read_capacity * sizeof *view->reads);
    budget_free(budget, view->by_key, view->read_capacity * sizeof *view->by_key);
    view->reads = budget_alloc(budget, count * sizeof *view->reads);
    view->by_key = budget_alloc(budget, count * sizeof *view->by_key);
    if (!view->reads || !view->by_key) {
        budget_free(budget, view->reads, count * sizeof *view->reads);
        budget_free(budget, view->by_key, count * sizeof *view->by_key);
        view->reads = NULL;
        view->by_key = NULL;
        view->read_capacity = 0;
        return ERR_NOMEM;
    }
    view->read_capacity = count;
    return 0;
}

static int take_reads(struct session_view *view)
{
    static const int errors[] = {
        [SORT_DONE] = 0, [SORT_OUT_OF_TIME] = ERR_TIMEOUT, [SORT_OUT_OF_MEMORY] = ERR_NOMEM};
    const struct committed_txn *txns = view->done->txns;
    uint32_t count = 0;
    for (uint32_t i = 0; i < view->explained_count; i++)
        count += txns[view->explained[i] + 1].reads - txns[view->explained[i]].reads;
    int rc = make_room_for_reads(view, count);
    if (rc != 0)
        return rc;
    view->read_count = 0;
    for (uint32_t i = 0; i < view->explained_count; i++)
        for (uint32_t r = txns[view->explained[i]].reads; r < txns[view->explained[i] + 1].reads;
             r++) {
            view->by_key[view->read_count] = sort_word(view->done->reads[r].key, view->read_count);
            view->reads[view->read_count++] = (struct view_read){r, i};
        }
    return errors[sort_words(view->by_key, view->read_count, view->budget)];
}

/* The first explained read of a key, not before this index, from another than this writer;
 * VIEW_NONE. From one writer there are few in a row between which others must come. */
static uint32_t find_read(const struct session_view *view, uint32_t key, uint32_t index,
                          uint32_t writer)
{
    uint32_t low = 0, high = view->read_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        uint32_t other = (uint32_t)(view->by_key[middle] >> 32);
        if (other < key ||
            (other == key && view->reads[(uint32_t)view->by_key[middle]].index < index))
            low = middle + 1;
        else
            high = middle;
    }
    for (; low < view->read_count && view->by_key[low] >> 32 == key; low++) {
        uint32_t read = (uint32_t)view->by_key[low];
        if (view->done->reads[view->reads[read].read].writer != writer)
            return read;
    }
    return VIEW_NONE;
}

/* --- conclusions --- */

static void touch(struct session_view *view, uint32_t place)
{
    if (view->due[place] == VIEW_NONE && view->index[place] == VIEW_NONE)
        view->touched[view->touched_count++] = place;
}

static int push(struct session_view *view, uint32_t place)
{
    if (view->work_count == view->work_capacity) {
        uint32_t more = view->work_capacity ? 2 * view->work_capacity : ARCS_MIN;
        uint32_t *work = budget_resize(view->budget, view->work, view->work_capacity * sizeof *work,
                                       more * sizeof *work);
        if (!work)
            return ERR_NOMEM;
        view->work = work;
        view->work_capacity = more;
    }
    view->work[view->work_count++] = place;
    return 0;
}

/* A place comes before the explained one of this index. */
static int lower(struct session_view *view, uint32_t place, uint32_t index)
{
    if (place < view->first)
        return 0;
    if (view->index[place] != VIEW_NONE) {
        if (index <= view->index[place])
            view->on_cycle = place;
        return 0;
    }
    if (view->due[place] <= index)
        return 0;
    touch(view, place);
    view->due[place] = index;
    return push(view, place);
}

static int add_arc(struct session_view *view, uint32_t from, uint32_t read)
{
    if (view->arc_count == view->arc_capacity) {
        uint32_t more = view->arc_capacity ? view->arc_capacity + view->arc_capacity / 2 : ARCS_MIN;
        struct view_arc *arcs = budget_resize(
            view->budget, view->arcs, view->arc_capacity * sizeof *arcs, more * sizeof *arcs);
        if (!arcs || more >= VIEW_ARC - 1)
            return ERR_NOMEM;
        view->arcs = arcs;
        view->arc_capacity = more;
    }
    uint32_t to = view->done->reads[read].writer;
    touch(view, to);
    if (view->due[to] == VIEW_NONE && view->index[to] == VIEW_NONE)
        view->due[to] = VIEW_NONE - 1; /* touched; its reader will say when it is due */
    view->arcs[view->arc_count] = (struct view_arc){from, to, read, view->arcs_to[to]};
    view->arcs_to[to] = view->arc_count++;
    return 0;
}

/* Who must have written a key before somebody wrote what an explained one, which comes later, read.
 * What follows for those explained before `told` is known. */
static int conclude(struct session_view *view, uint32_t place, uint32_t due, uint32_t told)
{
    const struct committed *done = view->done;
    int rc = 0;
    for (uint32_t i = done->txns[place].writes; i < done->txns[place + 1].writes && rc == 0; i++) {
        uint32_t found = find_read(view, done->writes[i], due, place);
        if (found == VIEW_NONE || view->reads[found].index >= told)
            continue;
        uint32_t read = view->reads[found].read, to = done->reads[read].writer;
        if (to == PLACE_NONE) {
            view->early_writer = place;
            view->early_read = read;
            return 0;
        }
        if (to < view->first)
            continue;
        rc = add_arc(view, place, read);
        if (rc == 0)
            rc = lower(view, place, view->index[to] != VIEW_NONE ? view->index[to] : view->due[to]);
    }
    return rc;
}

static bool is_refuted(const struct session_view *view)
{
    return view->on_cycle != PLACE_NONE || view->early_read != VIEW_NONE;
}

static int lower_befores(struct session_view *view, uint32_t place, uint32_t index)
{
    struct view_befores befores = {.place = place};
    int rc = 0;
    for (uint32_t before, cause; rc == 0 && view_befores_next(view, &befores, &before, &cause);)
        rc = lower(view, before, index);
    return rc;
}

static int settle(struct session_view *view)
{
    int rc = 0;
    while (rc == 0 && view->work_count > 0 && !is_refuted(view)) {
        uint32_t place = view->work[--view->work_count], due = view->due[place];
        uint32_t told = view->told[place];
        if (budget_time_over(view->budget))
            return ERR_TIMEOUT;
        if (told <= due)
            continue;
        view->told[place] = due;
        rc = lower_befores(view, place, due);
        if (rc == 0)
            rc = conclude(view, place, due, told);
    }
    return rc;
}

static int explain_all(struct session_view *view)
{
    int rc = 0;
    for (uint32_t i = 0; i < view->explained_count && rc == 0 && !is_refuted(view); i++) {
        rc = lower_befores(view, view->explained[i], i);
        if (rc == 0)
            rc = conclude(view, view->explained[i], i + 1, VIEW_NONE);
        if (rc == 0)
            rc = settle(view);
    }
    return rc;
}

/* --- cycles among those that are not explained --- */

enum { NEW = 0, OPEN = 1, CLOSED = 2 };

/* The path of a depth-first search; `marks` are the states of places. */
struct view_path {
    struct view_befores *stack;
    uint32_t depth, capacity;
};

static int open_place(struct session_view *view, struct view_path *path, uint32_t place)
{
    if (path->depth == path->capacity) {
        uint32_t more = path->capacity ? 2 * path->capacity : ARCS_MIN;
        struct view_befores *stack = budget_resize(
            view->budget, path->stack, path->capacity * sizeof *stack, more * sizeof *stack);
        if (!stack)
            return ERR_NOMEM;
        path->stack = stack;
        path->capacity = more;
    }
    path->stack[path->depth++] = (struct view_befores){.place = place};
    view->marks[place] = OPEN;
    return 0;
}

static int search_cycle_from(struct session_view *view, struct view_path *path, uint32_t root)
{
    int rc = open_place(view, path, root);
    while (rc == 0 && path->depth > 0) {
        uint32_t before, cause;
        struct view_befores *top = &path->stack[path->depth - 1];
        if (budget_time_over(view->budget))
            return ERR_TIMEOUT;
        if (!view_befores_next(view, top, &before, &cause)) {
            view->marks[top->place] = CLOSED;
            path->depth--;
        } else if (before >= view->first && view->marks[before] == OPEN) {
            view->on_cycle = before;
            return 0;
        } else if (before >= view->first && view->marks[before] == NEW) {
            rc = open_place(view, path, before);
        }
    }
    return rc;
}

static int search_cycle(struct session_view *view)
{
    struct view_path path = {0};
    int rc = 0;
    for (uint32_t i = 0; i < view->touched_count; i++)
        view->marks[view->touched[i]] = NEW;
    for (uint32_t i = 0; i < view->arc_count && rc == 0 && !is_refuted(view); i++)
        if (view->marks[view->arcs[i].to] == NEW)
            rc = search_cycle_from(view, &path, view->arcs[i].to);
    budget_free(view->budget, path.stack, path.capacity * sizeof *path.stack);
    return rc;
}

/* --- one view --- */

static void clear(struct session_view *view)
{
    for (uint32_t i = 0; i < view->touched_count; i++) {
        uint32_t place = view->touched[i];
        view->due[place] = view->told[place] = view->index[place] = VIEW_NONE;
        view->arcs_to[place] = VIEW_NONE;
    }
    view->touched_count = view->work_count = view->arc_count = 0;
    view->on_cycle = PLACE_NONE;
    view->early_writer = PLACE_NONE;
    view->early_read = VIEW_NONE;
}

int session_view_explain(struct session_view *view, const uint32_t *places, uint32_t count,
                         uint32_t first, bool *holds)
{
    clear(view);
    view->first = first;
    view->explained_count = 0;
    for (uint32_t i = 0; i < count; i++) {
        touch(view, places[i]);
        view->index[places[i]] = view->explained_count;
        view->explained[view->explained_count++] = places[i];
        view->session = view->done->txns[places[i]].session;
    }
    int rc = take_reads(view);
    if (rc == 0)
        rc = explain_all(view);
    if (rc == 0 && !is_refuted(view))
        rc = search_cycle(view);
    *holds = rc == 0 && !is_refuted(view);
    return rc;
}
