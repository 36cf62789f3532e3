#include "isolation/list_views.h"

#include "checker/budget.h"
#include "core/err.h"

#include <string.h>

enum { ARCS_MIN = 256 };

struct list_arc {
    uint32_t from, to;
};

enum { WORK_MAX = 1 << 28 }; /* nodes, where each transaction has a view of its own */

/* Nodes: the places; for each place what its session had read until then; for each version the list
 * that ends with it; for each key two that stand between the reads of its longest list and those
 * who appended more. */
struct list_views {
    const struct committed *done;
    struct budget *budget;
    enum level level;
    struct list_arc *arcs;
    uint32_t arc_count, arc_capacity, base_count; /* of these, what no session's reads add */
    uint32_t node_count;
    uint32_t explained;                    /* a session; of LEVEL_WEAK_CAUSAL a place */
    bool *is_member;                       /* by place: in the view */
    uint32_t *degree, *first, *to, *ready; /* of the search for a cycle */
    uint32_t *longest;                     /* by key: the last version that the session read */
    uint32_t *appender;                    /* by key: who read that, and appended more */
    bool is_refuted;
};

static bool is_causal(enum level level)
{
    return level == LEVEL_WEAK_CAUSAL || level == LEVEL_CAUSAL_MEMORY;
}

static uint32_t node_of_session(const struct list_views *run, uint32_t place)
{
    return run->done->count + place;
}

static uint32_t node_of_list(const struct list_views *run, uint32_t version)
{
    return 2 * run->done->count + version;
}

static uint32_t node_of_key(const struct list_views *run, uint32_t key)
{
    return 2 * run->done->count + run->done->all->version_count + 2 * key;
}

/* Between what must come before what; not between a node and itself, or nobody. */
static int link(struct list_views *run, uint32_t from, uint32_t to)
{
    if (from == to || from == PLACE_NONE || to == PLACE_NONE)
        return 0;
    if (run->arc_count == run->arc_capacity) {
        uint32_t more = run->arc_capacity ? 2 * run->arc_capacity : ARCS_MIN;
        struct list_arc *arcs = budget_resize(
            run->budget, run->arcs, run->arc_capacity * sizeof *arcs, more * sizeof *arcs);
        if (!arcs)
            return ERR_NOMEM;
        run->arcs = arcs;
        run->arc_capacity = more;
    }
    run->arcs[run->arc_count++] = (struct list_arc){from, to};
    return 0;
}

/* PLACE_NONE: of nobody in the view. */
static uint32_t place_of_version(const struct list_views *run, uint32_t version)
{
    const struct transactions *all = run->done->all;
    uint32_t txn = all->versions[version].txn;
    uint32_t place =
        txn == TXN_NONE || !txn_is_committed(all, txn) ? PLACE_NONE : run->done->places[txn];
    return place != PLACE_NONE && run->is_member[place] ? place : PLACE_NONE;
}

/* The micro-operations of a place. */
static const struct micro *micros_of(const struct list_views *run, uint32_t place,
                                     const struct micro **end)
{
    const struct transactions *all = run->done->all;
    const struct txn *txn = &all->txns[run->done->txns[place].txn];
    *end = all->micros + txn[1].micros;
    return all->micros + txn->micros;
}

static bool is_read(const struct micro *micro)
{
    return micro->f == MICRO_READ && micro->version != VERSION_UNREAD;
}

static bool reads_any(const struct list_views *run, uint32_t place)
{
    const struct micro *end, *micro = micros_of(run, place, &end);
    while (micro < end && !is_read(micro))
        micro++;
    return micro < end;
}

static bool writes_any(const struct list_views *run, uint32_t place)
{
    return run->done->txns[place].writes < run->done->txns[place + 1].writes;
}

/* --- what the level keeps --- */

static uint32_t previous_of(const struct list_views *run, uint32_t place,
                            bool (*is_alike)(const struct list_views *run, uint32_t place))
{
    do
        place = run->done->txns[place].previous;
    while (place != PLACE_NONE && !is_alike(run, place));
    return place;
}

static int link_lists(struct list_views *run)
{
    const struct transactions *all = run->done->all;
    int rc = 0;
    for (uint32_t key = 0; key < all->key_count; key++) {
        uint32_t first = all->keys[key].first_version;
        for (uint32_t i = 1; i < all->keys[key].ordered && rc == 0; i++) {
            rc = link(run, place_of_version(run, first + i), node_of_list(run, first + i));
            if (rc == 0 && i > 1)
                rc = link(run, node_of_list(run, first + i - 1), node_of_list(run, first + i));
        }
    }
    return rc;
}

/* What a list had before what the reader itself appended. */
static uint32_t version_from_others(const struct list_views *run, uint32_t place,
                                    const struct micro *micro)
{
    uint32_t first = run->done->all->keys[micro->key].first_version, version = micro->version;
    while (version > first && place_of_version(run, version) == place)
        version--;
    return version;
}

/* Who read a list comes after all who appended to it, or only its session's writes do. */
static int link_sources(struct list_views *run, uint32_t place, uint32_t to)
{
    const struct micro *end, *micro = micros_of(run, place, &end);
    int rc = 0;
    for (; micro < end && rc == 0; micro++) {
        if (!is_read(micro))
            continue;
        uint32_t version = version_from_others(run, place, micro);
        if (version != run->done->all->keys[micro->key].first_version)
            rc = link(run, node_of_list(run, version), to);
    }
    return rc;
}

static int link_place(struct list_views *run, uint32_t place)
{
    uint32_t previous = run->done->txns[place].previous;
    int rc = 0;
    if (is_causal(run->level) || run->level == LEVEL_PRAM)
        rc = link(run, previous, place);
    else if (run->level == LEVEL_MONOTONIC_WRITES && writes_any(run, place))
        rc = link(run, previous_of(run, place, writes_any), place);
    else if (run->level == LEVEL_WRITES_FOLLOW_READS)
        rc = link(run, previous == PLACE_NONE ? previous : node_of_session(run, previous),
                  node_of_session(run, place));
    if (rc == 0 && is_causal(run->level))
        rc = link_sources(run, place, place);
    if (rc == 0 && run->level == LEVEL_WRITES_FOLLOW_READS)
        rc = link_sources(run, place, node_of_session(run, place));
    if (rc == 0 && run->level == LEVEL_WRITES_FOLLOW_READS && writes_any(run, place))
        rc = link(run, node_of_session(run, place), place);
    return rc;
}

/* A session sees its own writes in order, and what its guarantee says. */
static int link_own(struct list_views *run, uint32_t place)
{
    int rc = 0;
    if (writes_any(run, place))
        rc = link(run, previous_of(run, place, writes_any), place);
    if (rc == 0 && run->level == LEVEL_READ_YOUR_WRITES && reads_any(run, place))
        rc = link(run, previous_of(run, place, writes_any), place);
    if (rc == 0 && run->level == LEVEL_MONOTONIC_READS && reads_any(run, place))
        rc = link(run, previous_of(run, place, reads_any), place);
    return rc;
}

/* --- what a session read --- */

static bool is_explained(const struct list_views *run, uint32_t place)
{
    return (run->level == LEVEL_WEAK_CAUSAL ? place : run->done->txns[place].session) ==
           run->explained;
}

static void add_sources(struct list_views *run, uint32_t place, uint32_t read)
{
    const struct committed *done = run->done;
    struct committed_elements elements =
        committed_fresh_elements(done, done->txns[place].txn, read);
    if (done->reads[read].writer != PLACE_NONE)
        run->is_member[done->reads[read].writer] = true;
    for (; elements.at < elements.end; elements.at++)
        if (committed_appender(done, elements.at) != PLACE_NONE)
            run->is_member[committed_appender(done, elements.at)] = true;
}

/* In weak causal consistency only what the explained follows by session order and reads-from. */
static void find_members(struct list_views *run)
{
    const struct committed *done = run->done;
    if (run->level != LEVEL_WEAK_CAUSAL)
        return;
    memset(run->is_member, 0, done->count * sizeof *run->is_member);
    for (uint32_t i = done->count; i > 0; i--) {
        uint32_t place = i - 1;
        run->is_member[place] = run->is_member[place] || is_explained(run, place);
        if (!run->is_member[place])
            continue;
        if (done->txns[place].previous != PLACE_NONE)
            run->is_member[done->txns[place].previous] = true;
        for (uint32_t k = done->txns[place].reads; k < done->txns[place + 1].reads; k++)
            add_sources(run, place, k);
    }
}

static bool appends_after(const struct list_views *run, uint32_t place, uint32_t key,
                          uint32_t version)
{
    const struct micro *end, *micro = micros_of(run, place, &end);
    for (; micro < end; micro++)
        if (micro->f != MICRO_READ && micro->key == key && micro->version > version)
            return true;
    return false;
}

/* The next of the list after a version, up to the longest that was read; PLACE_NONE. */
static uint32_t next_in_list(const struct list_views *run, uint32_t key, uint32_t version)
{
    uint32_t place = PLACE_NONE;
    while (place == PLACE_NONE && version < run->longest[key])
        place = place_of_version(run, ++version);
    return place;
}

/* One read: after the last that it saw, before the next. */
static int link_read(struct list_views *run, uint32_t place, const struct micro *micro)
{
    uint32_t key = micro->key, version = micro->version, next = next_in_list(run, key, version);
    int rc = link(run, place_of_version(run, version), place);
    if (rc != 0 || next != PLACE_NONE)
        return rc == 0 ? link(run, place, next) : rc;
    if (!appends_after(run, place, key, run->longest[key]))
        return link(run, place, node_of_key(run, key));
    run->is_refuted |= run->appender[key] != PLACE_NONE && run->appender[key] != place;
    run->appender[key] = place;
    return 0;
}

/* Whether the list that was read has what a place appended later before this version of it. */
static bool is_inverted(const struct list_views *run, uint32_t place, uint32_t key,
                        uint32_t version)
{
    const struct micro *end, *micro = micros_of(run, place, &end);
    for (; micro < end; micro++) {
        if (micro->f == MICRO_READ || micro->key != key)
            continue;
        if (micro->version == version)
            return false;
        if (micro->version > version && micro->version <= run->longest[key])
            return true;
    }
    return false;
}

/* The list that was read, and who appended more to it. */
static int link_key(struct list_views *run, uint32_t key)
{
    const struct transactions *all = run->done->all;
    uint32_t first = all->keys[key].first_version, end = all->keys[key + 1].first_version;
    uint32_t readers = node_of_key(run, key), others = readers + 1, last = PLACE_NONE;
    int rc = link(run, readers, others);
    if (rc == 0)
        rc = link(run, readers, run->appender[key]);
    if (rc == 0)
        rc = link(run, run->appender[key], others);
    for (uint32_t version = first + 1; version < end && rc == 0; version++) {
        uint32_t place = place_of_version(run, version);
        if (place == PLACE_NONE)
            continue;
        if (version > run->longest[key])
            rc = place == run->appender[key] ? 0 : link(run, others, place);
        else
            rc = link(run, last, place);
        run->is_refuted |= is_inverted(run, place, key, version);
        last = place;
    }
    return rc;
}

static void find_longest(struct list_views *run)
{
    const struct transactions *all = run->done->all;
    memset(run->longest, 0xff, all->key_count * sizeof *run->longest);
    memset(run->appender, 0xff, all->key_count * sizeof *run->appender);
    for (uint32_t place = 0; place < run->done->count; place++) {
        if (!is_explained(run, place))
            continue;
        const struct micro *end, *micro = micros_of(run, place, &end);
        for (; micro < end; micro++)
            if (is_read(micro) && (run->longest[micro->key] == VERSION_UNREAD ||
                                   run->longest[micro->key] < micro->version))
                run->longest[micro->key] = micro->version;
    }
}

static int link_explained(struct list_views *run)
{
    int rc = 0;
    find_members(run);
    find_longest(run);
    for (uint32_t place = 0; place < run->done->count && rc == 0; place++) {
        if (!is_explained(run, place))
            continue;
        const struct micro *end, *micro = micros_of(run, place, &end);
        rc = link_own(run, place);
        for (; micro < end && rc == 0; micro++)
            if (is_read(micro))
                rc = link_read(run, place, micro);
    }
    for (uint32_t key = 0; key < run->done->all->key_count && rc == 0; key++)
        if (run->longest[key] != VERSION_UNREAD)
            rc = link_key(run, key);
    return rc;
}

/* --- cycles --- */

static void sort_arcs(struct list_views *run)
{
    memset(run->degree, 0, run->node_count * sizeof *run->degree);
    memset(run->first, 0, ((size_t)run->node_count + 1) * sizeof *run->first);
    for (uint32_t i = 0; i < run->arc_count; i++) {
        run->degree[run->arcs[i].to]++;
        run->first[run->arcs[i].from + 1]++;
    }
    for (uint32_t i = 0; i < run->node_count; i++)
        run->first[i + 1] += run->first[i];
    for (uint32_t i = run->arc_count; i > 0; i--)
        run->to[--run->first[run->arcs[i - 1].from + 1]] = run->arcs[i - 1].to;
}

/* Takes away whom nobody comes before, as long as there is somebody (Kahn, CACM 1962). After
 * sort_arcs a node's arcs begin at first[node + 1]. */
static int look_for_cycle(struct list_views *run)
{
    run->to = budget_alloc(run->budget, ((size_t)run->arc_count + 1) * sizeof *run->to);
    if (!run->to)
        return ERR_NOMEM;
    sort_arcs(run);
    uint32_t ready = 0;
    for (uint32_t i = 0; i < run->node_count; i++)
        if (run->degree[i] == 0)
            run->ready[ready++] = i;
    for (uint32_t done = 0; done < ready; done++) {
        uint32_t node = run->ready[done];
        uint32_t end = node + 1 < run->node_count ? run->first[node + 2] : run->arc_count;
        for (uint32_t i = run->first[node + 1]; i < end; i++)
            if (--run->degree[run->to[i]] == 0)
                run->ready[ready++] = run->to[i];
    }
    run->is_refuted |= ready < run->node_count;
    budget_free(run->budget, run->to, ((size_t)run->arc_count + 1) * sizeof *run->to);
    return 0;
}

/* --- all of it --- */

static bool has_micro(const struct transactions *all, enum micro_f f)
{
    for (uint32_t i = 0; i < all->micro_count; i++)
        if (all->micros[i].f == f)
            return true;
    return false;
}

static int explain_each(struct list_views *run)
{
    bool is_weak = run->level == LEVEL_WEAK_CAUSAL;
    uint32_t count = is_weak ? run->done->count : run->done->all->session_count;
    uint64_t work = 0;
    int rc = 0;
    run->is_refuted = false;
    for (run->explained = 0; run->explained < count && rc == 0 && !run->is_refuted;
         run->explained++) {
        if (budget_time_over(run->budget))
            return ERR_TIMEOUT;
        work += run->node_count;
        run->is_refuted = is_weak && work > WORK_MAX;
        run->arc_count = run->base_count;
        if (is_weak && !reads_any(run, run->explained))
            continue;
        rc = link_explained(run);
        if (rc == 0)
            rc = look_for_cycle(run);
    }
    return rc;
}

static int explain_level(struct list_views *run, enum level level)
{
    run->level = level;
    run->arc_count = 0;
    memset(run->is_member, 1, run->done->count * sizeof *run->is_member);
    int rc = link_lists(run);
    for (uint32_t place = 0; place < run->done->count && rc == 0; place++)
        rc = link_place(run, place);
    run->base_count = run->arc_count;
    return rc == 0 ? explain_each(run) : rc;
}

/* Causal memory implies weak causal consistency, and has fewer views. */
static int explain_all(struct list_views *run, enum level level)
{
    bool is_weak = level == LEVEL_WEAK_CAUSAL;
    int rc = explain_level(run, is_weak ? LEVEL_CAUSAL_MEMORY : level);
    if (rc == 0 && is_weak && run->is_refuted)
        rc = explain_level(run, level);
    return rc;
}

int list_views_explain(const struct committed *done, enum level level, struct budget *budget,
                       bool *holds)
{
    const struct transactions *all = done->all;
    *holds = !has_micro(all, MICRO_APPEND);
    if (*holds || has_micro(all, MICRO_WRITE))
        return 0;
    struct list_views run = {.done = done, .budget = budget};
    run.node_count = node_of_key(&run, all->key_count);
    size_t nodes = ((size_t)run.node_count + 1) * sizeof(uint32_t);
    size_t keys = ((size_t)all->key_count + 1) * sizeof(uint32_t);
    run.degree = budget_alloc(budget, nodes);
    run.first = budget_alloc(budget, nodes);
    run.ready = budget_alloc(budget, nodes);
    run.longest = budget_alloc(budget, keys);
    run.appender = budget_alloc(budget, keys);
    run.is_member = budget_alloc(budget, done->count * sizeof *run.is_member);
    bool is_done =
        run.is_member && run.degree && run.first && run.ready && run.longest && run.appender;
    int rc = is_done ? explain_all(&run, level) : ERR_NOMEM;
    *holds = rc == 0 && !run.is_refuted;
    budget_free(budget, run.is_member, done->count * sizeof *run.is_member);
    budget_free(budget, run.degree, nodes);
    budget_free(budget, run.first, nodes);
    budget_free(budget, run.ready, nodes);
    budget_free(budget, run.longest, keys);
    budget_free(budget, run.appender, keys);
    budget_free(budget, run.arcs, run.arc_capacity * sizeof *run.arcs);
    return rc;
}
