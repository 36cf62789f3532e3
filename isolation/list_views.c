#include "isolation/list_views.h"

#include "checker/budget.h"
#include "core/err.h"
#include "isolation/list_order.h"

#include <string.h>

#define WORK_MAX (UINT64_C(1) << 31) /* nodes, where transactions are parted by what they read */

struct list_views {
    struct list_order order;
    const struct committed *done;
    struct budget *budget;
    struct arena *arena;
    struct evidence *out;
    bool is_refuted;
    uint32_t *places; /* of one session after the other */
    uint32_t *first;  /* where each session's begin; one more */
    /* Weak causal: by key, the last version that happened before the session so far. */
    uint32_t *newest;
    uint32_t missed_by; /* a place that did not see one of them; PLACE_NONE */
    uint32_t *parted;   /* places */
    uint64_t work;
};

/* --- what refutes --- */

/* By the cycle that the last search found. */
static int refute(struct list_views *run)
{
    struct list_cycle cycle = {0};
    run->is_refuted = true;
    int rc = list_cycle_find(&run->order, &cycle);
    if (rc == 0)
        rc = list_cycle_tell(&run->order, &cycle, run->arena, run->out);
    list_cycle_fini(&cycle, run->budget);
    return rc;
}

/* A read that has a version. */
static uint32_t find_read(const struct list_views *run, uint32_t key, uint32_t version,
                          uint32_t *txn)
{
    const struct transactions *all = run->done->all;
    for (uint32_t place = 0; place < run->done->count; place++) {
        const struct micro *end, *micro = list_micros_of(&run->order, place, &end);
        for (; micro < end; micro++)
            if (micro->key == key && list_is_read(micro) && micro->version >= version) {
                *txn = run->done->txns[place].txn;
                return (uint32_t)(micro - all->micros);
            }
    }
    return UINT32_MAX;
}

/* A list has two elements of a transaction in another order than it appended them. */
static void refute_by_order(struct list_views *run, uint32_t place, const struct micro *earlier,
                            const struct micro *later)
{
    const struct transactions *all = run->done->all;
    uint32_t txn = run->done->txns[place].txn, reader = TXN_NONE;
    uint32_t read = find_read(run, later->key, later->version, &reader);
    run->is_refuted = true;
    if (read == UINT32_MAX)
        return;
    *run->out = (struct evidence){
        .kind = EVIDENCE_MICROS,
        .anomaly = ANOMALY_CYCLIC_VERSIONS,
        .txns = {txn, txn, reader},
        .micros = {(uint32_t)(earlier - all->micros), (uint32_t)(later - all->micros), read}};
}

static bool is_ordered(const struct transactions *all, const struct micro *micro)
{
    const struct txn_key *key = &all->keys[micro->key];
    return micro->version - key->first_version < key->ordered;
}

/* `newest` has the last append to each key so far, as a micro-operation's number. */
static void look_for_inversion(struct list_views *run)
{
    const struct transactions *all = run->done->all;
    memset(run->newest, 0xff, all->key_count * sizeof *run->newest);
    for (uint32_t place = 0; place < run->done->count; place++) {
        const struct micro *end, *first = list_micros_of(&run->order, place, &end);
        for (const struct micro *micro = first; micro < end; micro++) {
            uint32_t last = run->newest[micro->key];
            if (micro->f == MICRO_READ)
                continue;
            run->newest[micro->key] = (uint32_t)(micro - all->micros);
            bool is_own =
                last >= (uint32_t)(first - all->micros) && last < (uint32_t)(micro - all->micros);
            if (is_own && all->micros[last].version > micro->version && is_ordered(all, micro)) {
                refute_by_order(run, place, &all->micros[last], micro);
                return;
            }
        }
    }
}

/* --- sessions --- */

static int sort_by_session(struct list_views *run)
{
    const struct committed *done = run->done;
    uint32_t sessions = done->all->session_count;
    run->places = budget_alloc(run->budget, done->count * sizeof *run->places);
    run->first = budget_zalloc(run->budget, ((size_t)sessions + 2) * sizeof *run->first);
    if (!run->places || !run->first)
        return ERR_NOMEM;
    for (uint32_t place = 0; place < done->count; place++)
        run->first[done->txns[place].session + 2]++;
    for (uint32_t i = 2; i < sessions + 2; i++)
        run->first[i] += run->first[i - 1];
    for (uint32_t place = 0; place < done->count; place++)
        run->places[run->first[done->txns[place].session + 1]++] = place;
    return 0;
}

/* All by one order. */
static int explain_at_once(struct list_views *run, bool *holds)
{
    struct list_order *order = &run->order;
    order->own = OWN_ALL;
    int rc = list_order_explain(order, run->places, run->done->count, true);
    if (rc == 0)
        rc = list_order_search(order, run->places, run->done->count);
    *holds = rc == 0 && order->cycle == LIST_NONE;
    return rc;
}

/* What the level keeps has no cycle by itself. */
static int look_at_what_is_kept(struct list_views *run)
{
    struct list_order *order = &run->order;
    order->own = OWN_NONE;
    int rc = list_order_explain(order, NULL, 0, false);
    if (rc == 0)
        rc = list_order_search(order, run->places, run->done->count);
    return rc == 0 && order->cycle != LIST_NONE ? refute(run) : rc;
}

static int explain_sessions(struct list_views *run)
{
    struct list_order *order = &run->order;
    uint32_t sessions = run->done->all->session_count;
    int rc = 0;
    order->own = OWN_SESSION;
    for (uint32_t i = 0; i < sessions && rc == 0 && !run->is_refuted; i++) {
        const uint32_t *places = run->places + run->first[i];
        uint32_t count = run->first[i + 1] - run->first[i];
        order->session = i;
        rc = list_order_explain(order, places, count, true);
        if (rc == 0)
            rc = list_order_search(order, places, count);
        if (rc == 0 && order->cycle != LIST_NONE)
            rc = refute(run);
    }
    return rc;
}

/* --- weak causal: each transaction by itself --- */

/* By its own reads, which cannot be explained. */
static int refute_place(struct list_views *run, uint32_t place)
{
    struct list_order *order = &run->order;
    run->is_refuted = true;
    int rc = list_order_explain(order, &place, 1, true);
    if (rc == 0)
        rc = list_order_search(order, &place, 1);
    return rc == 0 && order->cycle != LIST_NONE ? refute(run) : rc;
}

/* Everything that happened before the place is in `newest`, and nothing else. */
static bool has_missed(const struct list_views *run, uint32_t place)
{
    const struct micro *end, *micro = list_micros_of(&run->order, place, &end);
    for (; micro < end; micro++)
        if (list_is_read(micro) && run->newest[micro->key] > micro->version)
            return true;
    return false;
}

static bool leave_place(void *context, uint32_t place)
{
    struct list_views *run = context;
    if (run->done->txns[place].session == run->order.session && has_missed(run, place)) {
        run->missed_by = place;
        return true;
    }
    const struct micro *end, *micro = list_micros_of(&run->order, place, &end);
    for (; micro < end; micro++)
        if (micro->f != MICRO_READ && micro->version > run->newest[micro->key])
            run->newest[micro->key] = micro->version;
    return false;
}

/* Nobody saw less than what had happened before. */
static int look_for_missed(struct list_views *run)
{
    struct list_order *order = &run->order;
    uint32_t sessions = run->done->all->session_count, first = 0;
    int rc = list_order_explain(order, NULL, 0, false);
    order->leave = leave_place;
    order->context = run;
    run->missed_by = PLACE_NONE;
    for (uint32_t i = 0; i < sessions && rc == 0 && run->missed_by == PLACE_NONE; i++) {
        order->session = i;
        memset(run->newest, 0, run->done->all->key_count * sizeof *run->newest);
        list_order_begin(order);
        for (; first < run->first[i + 1] && rc == 0 && run->missed_by == PLACE_NONE; first++)
            rc = list_order_walk(order, run->places[first]);
    }
    order->leave = NULL;
    return rc == 0 && run->missed_by != PLACE_NONE ? refute_place(run, run->missed_by) : rc;
}

/* An arc of the cycle to who appended what comes next: from which version on a list tells that. */
static bool tells_order(const struct list_views *run, const struct list_arc *arc, uint32_t *version)
{
    if (!list_is_place(&run->order, arc->to) || arc->kind != STEP_WW)
        return false;
    uint32_t before = arc->from - list_node_of_list(&run->order, 0);
    const struct micro *end, *micro = list_micros_of(&run->order, arc->to, &end);
    *version = UINT32_MAX;
    for (; micro < end; micro++)
        if (micro->f != MICRO_READ && micro->key == arc->key && micro->version > before &&
            micro->version < *version)
            *version = micro->version;
    return true;
}

static bool has_read(const struct list_views *run, uint32_t place, uint32_t key, uint32_t version)
{
    const struct micro *end, *micro = list_micros_of(&run->order, place, &end);
    for (; micro < end; micro++)
        if (micro->key == key && list_is_read(micro) && micro->version >= version)
            return true;
    return false;
}

static int explain_part(struct list_views *run, uint32_t *places, uint32_t count);

/* Those who did not read one of the lists that make the cycle do not see it. */
static int part(struct list_views *run, const struct list_cycle *cycle, uint32_t *places,
                uint32_t count)
{
    int rc = 0;
    for (uint32_t at = 0; at < cycle->count && count > 0 && rc == 0 && !run->is_refuted; at++) {
        uint32_t version, kept = 0;
        if (!tells_order(run, &cycle->arcs[at], &version))
            continue;
        for (uint32_t i = 0; i < count; i++) {
            uint32_t place = places[i];
            if (!has_read(run, place, cycle->arcs[at].key, version))
                continue;
            places[i] = places[kept];
            places[kept++] = place;
        }
        rc = explain_part(run, places + kept, count - kept);
        count = kept;
    }
    return rc == 0 && count > 0 && !run->is_refuted ? refute_place(run, places[0]) : rc;
}

/* The lists that some transactions read do not contradict what happened before. */
static int explain_part(struct list_views *run, uint32_t *places, uint32_t count)
{
    struct list_order *order = &run->order;
    struct list_cycle cycle = {0};
    run->work += order->node_count;
    run->is_refuted |= run->work > WORK_MAX; /* of which there is no evidence */
    if (count == 0 || run->is_refuted)
        return 0;
    int rc = list_order_explain(order, places, count, false);
    if (rc == 0)
        rc = list_order_search(order, places, count);
    if (rc != 0 || order->cycle == LIST_NONE)
        return rc;
    rc = list_cycle_find(order, &cycle);
    if (rc == 0)
        rc = part(run, &cycle, places, count);
    list_cycle_fini(&cycle, run->budget);
    return rc;
}

static int explain_each(struct list_views *run)
{
    int rc = look_for_missed(run);
    if (rc != 0 || run->is_refuted)
        return rc;
    uint32_t count = run->done->count;
    run->parted = budget_alloc(run->budget, count * sizeof *run->parted);
    if (!run->parted)
        return ERR_NOMEM;
    memcpy(run->parted, run->places, count * sizeof *run->parted);
    return explain_part(run, run->parted, count);
}

/* --- all of it --- */

static bool has_micro(const struct transactions *all, enum micro_f f)
{
    for (uint32_t i = 0; i < all->micro_count; i++)
        if (all->micros[i].f == f)
            return true;
    return false;
}

static int explain(struct list_views *run)
{
    enum level level = run->order.level;
    bool holds = false;
    int rc = sort_by_session(run);
    if (rc == 0)
        look_for_inversion(run);
    if (rc == 0 && !run->is_refuted)
        rc = explain_at_once(run, &holds);
    if (rc != 0 || run->is_refuted || holds)
        return rc;
    if (level == LEVEL_WEAK_CAUSAL || level == LEVEL_CAUSAL_MEMORY ||
        level == LEVEL_WRITES_FOLLOW_READS)
        rc = look_at_what_is_kept(run);
    if (rc != 0 || run->is_refuted)
        return rc;
    return level == LEVEL_WEAK_CAUSAL ? explain_each(run) : explain_sessions(run);
}

static int explain_lists(struct list_views *run, enum level level)
{
    const struct transactions *all = run->done->all;
    struct budget *budget = run->budget;
    int rc = list_order_init(&run->order, run->done, level, budget);
    run->newest = budget_alloc(budget, all->key_count * sizeof *run->newest);
    if (rc == 0)
        rc = run->newest ? explain(run) : ERR_NOMEM;
    budget_free(budget, run->newest, all->key_count * sizeof *run->newest);
    budget_free(budget, run->places, run->done->count * sizeof *run->places);
    budget_free(budget, run->first, ((size_t)all->session_count + 2) * sizeof *run->first);
    budget_free(budget, run->parted, run->done->count * sizeof *run->parted);
    list_order_fini(&run->order);
    return rc;
}

int list_views_explain(const struct committed *done, enum level level, struct budget *budget,
                       struct arena *arena, enum list_views_end *end, struct evidence *out)
{
    const struct transactions *all = done->all;
    struct list_views run = {.done = done, .budget = budget, .arena = arena, .out = out};
    *out = (struct evidence){.kind = EVIDENCE_NONE};
    *end = has_micro(all, MICRO_APPEND) ? LIST_VIEWS_GIVEN_UP : LIST_VIEWS_NONE;
    if (*end == LIST_VIEWS_NONE || has_micro(all, MICRO_WRITE) ||
        (uint64_t)done->count + all->version_count > UINT32_MAX / 2)
        return 0;
    int rc = explain_lists(&run, level);
    if (rc == 0 && !run.is_refuted)
        *end = LIST_VIEWS_HOLD;
    else if (rc == 0 && out->kind != EVIDENCE_NONE)
        *end = LIST_VIEWS_REFUTED;
    return rc;
}
