/* Why there is no order that explains what a session read: a cycle, with a lemma for each
 * conclusion in it, and for each conclusion that its premise rests on. Paths are the shortest there
 * are. */
#include "checker/budget.h"
#include "core/err.h"
#include "evidence/step_list.h"
#include "isolation/session_view.h"

#include <string.h>

/* A place come to by a search, and how it leads on. */
struct trail {
    uint32_t place, next, cause; /* next: in the trail */
};

struct view_telling {
    struct session_view *view;
    struct trail *trail; /* of the last search */
    uint32_t trail_count;
    struct step_list premises, cycle; /* of a WW the lemma is the arc, until they are numbered */
    bool *needed;                     /* by arc */
    struct lemma *lemmas;             /* by arc; then only those needed */
};

static uint32_t txn_at(const struct view_telling *run, uint32_t place)
{
    return run->view->done->txns[place].txn;
}

/* --- searches --- */

static bool is_marked(const struct view_telling *run, uint32_t place)
{
    uint32_t at = run->view->marks[place];
    return at < run->trail_count && run->trail[at].place == place;
}

static void extend(struct view_telling *run, uint32_t place, uint32_t next, uint32_t cause)
{
    run->view->marks[place] = run->trail_count;
    run->trail[run->trail_count++] = (struct trail){place, next, cause};
}

/* Backwards from one place until another, or the same again, by arcs below the limit. The last of
 * the trail is where the path begins, if there is one. */
static int search(struct view_telling *run, uint32_t from, uint32_t to, uint32_t limit,
                  bool *is_found)
{
    struct session_view *view = run->view;
    run->trail_count = 0;
    *is_found = false;
    extend(run, to, VIEW_NONE, VIEW_NONE);
    for (uint32_t head = 0; head < run->trail_count; head++) {
        struct view_befores befores = {.place = run->trail[head].place};
        uint32_t before, cause;
        if (budget_time_over(view->budget))
            return ERR_TIMEOUT;
        while (view_befores_next(view, &befores, &before, &cause)) {
            bool is_arc = cause != VIEW_SESSION && (cause & VIEW_ARC);
            if (before < view->first || (is_arc && (cause & ~VIEW_ARC) >= limit) ||
                (before != from && is_marked(run, before)))
                continue;
            extend(run, before, head, cause);
            if (before == from) {
                *is_found = true;
                return 0;
            }
        }
    }
    return 0;
}

/* --- steps --- */

/* Where every order of a session is kept, several steps along it are one. */
static bool joins(const struct view_telling *run, const struct step_list *list, uint32_t first)
{
    return run->view->level != LEVEL_MONOTONIC_READS && list->count > first &&
           list->steps[list->count - 1].kind == STEP_SESSION;
}

static int tell_step(struct view_telling *run, const struct trail *at, struct step_list *out,
                     uint32_t first)
{
    struct session_view *view = run->view;
    struct step step = {.from = txn_at(run, at->place),
                        .to = txn_at(run, run->trail[at->next].place),
                        .lemma = LEMMA_NONE,
                        .kind = STEP_SESSION};
    if (at->cause == VIEW_SESSION) {
        if (joins(run, out, first)) {
            out->steps[out->count - 1].to = step.to;
            return 0;
        }
    } else if (at->cause & VIEW_ARC) {
        step.kind = STEP_WW;
        step.lemma = at->cause & ~VIEW_ARC;
        step.key = view->done->reads[view->arcs[step.lemma].read].key;
        run->needed[step.lemma] = true;
    } else {
        step.kind = STEP_WR;
        step.key = view->done->reads[at->cause].key;
    }
    return step_list_add(out, &step);
}

/* Adds the path that the last search found. */
static int tell_path(struct view_telling *run, struct step_list *out)
{
    uint32_t first = out->count;
    int rc = 0;
    for (uint32_t at = run->trail_count - 1; rc == 0 && run->trail[at].next != VIEW_NONE;
         at = run->trail[at].next)
        rc = tell_step(run, &run->trail[at], out, first);
    return rc;
}

static uint32_t reader_of(const struct session_view *view, uint32_t read)
{
    for (uint32_t i = 0; i < view->read_count; i++)
        if (view->reads[i].read == read)
            return view->explained[view->reads[i].index];
    return PLACE_NONE;
}

static int tell_lemma(struct view_telling *run, uint32_t index)
{
    struct session_view *view = run->view;
    const struct view_arc *arc = &view->arcs[index];
    uint32_t via = reader_of(view, arc->read), first = run->premises.count;
    bool is_found;
    int rc = search(run, arc->from, via, index, &is_found);
    if (rc == 0)
        rc = tell_path(run, &run->premises);
    run->lemmas[index] = (struct lemma){.from = txn_at(run, arc->from),
                                        .to = txn_at(run, arc->to),
                                        .key = view->done->reads[arc->read].key,
                                        .via = txn_at(run, via),
                                        .first = first,
                                        .count = run->premises.count - first};
    return rc;
}

static int tell_cycle(struct view_telling *run)
{
    struct session_view *view = run->view;
    uint32_t from = view->on_cycle, to = view->on_cycle;
    bool is_found;
    int rc = 0;
    if (view->early_read != VIEW_NONE) {
        from = view->early_writer;
        to = reader_of(view, view->early_read);
        struct step step = {.from = txn_at(run, to),
                            .to = txn_at(run, from),
                            .key = view->done->reads[view->early_read].key,
                            .lemma = LEMMA_NONE,
                            .kind = STEP_RW};
        rc = step_list_add(&run->cycle, &step);
    }
    if (rc == 0)
        rc = search(run, from, to, VIEW_NONE, &is_found);
    return rc == 0 ? tell_path(run, &run->cycle) : rc;
}

/* --- all of it --- */

/* The arcs needed, in order, become the lemmas. */
static uint32_t number_lemmas(struct view_telling *run)
{
    uint32_t count = 0; /* no search follows: an arc's `next` is its number */
    for (uint32_t arc = 0; arc < run->view->arc_count; arc++) {
        if (!run->needed[arc])
            continue;
        run->lemmas[count] = run->lemmas[arc];
        run->view->arcs[arc].next = count++;
    }
    struct step_list *lists[] = {&run->premises, &run->cycle};
    for (int i = 0; i < 2; i++)
        for (uint32_t k = 0; k < lists[i]->count; k++)
            if (lists[i]->steps[k].lemma != LEMMA_NONE)
                lists[i]->steps[k].lemma = run->view->arcs[lists[i]->steps[k].lemma].next;
    return count;
}

static int tell(struct view_telling *run, struct arena *arena, struct evidence *out)
{
    int rc = tell_cycle(run);
    for (uint32_t arc = run->view->arc_count; arc > 0 && rc == 0; arc--)
        if (run->needed[arc - 1])
            rc = tell_lemma(run, arc - 1);
    if (rc != 0)
        return rc;
    uint32_t lemmas = number_lemmas(run);
    return step_list_tell(&run->premises, &run->cycle, run->lemmas, lemmas, arena, out);
}

int session_view_evidence(struct session_view *view, struct arena *arena, struct evidence *out)
{
    struct budget *budget = view->budget;
    struct view_telling run = {
        .view = view, .premises = {.budget = budget}, .cycle = {.budget = budget}};
    size_t places = (size_t)view->done->count + 1, arcs = view->arc_count;
    run.trail = budget_alloc(budget, places * sizeof *run.trail);
    run.needed = budget_zalloc(budget, arcs * sizeof *run.needed);
    run.lemmas = budget_alloc(budget, arcs * sizeof *run.lemmas);
    memset(view->marks, 0xff, view->done->count * sizeof *view->marks);
    int rc = run.trail && run.needed && run.lemmas ? tell(&run, arena, out) : ERR_NOMEM;
    budget_free(budget, run.trail, places * sizeof *run.trail);
    budget_free(budget, run.needed, arcs * sizeof *run.needed);
    budget_free(budget, run.lemmas, arcs * sizeof *run.lemmas);
    step_list_fini(&run.premises);
    step_list_fini(&run.cycle);
    return rc;
}
