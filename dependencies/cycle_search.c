#include "dependencies/cycle_search.h"

#include "checker/budget_array.h"
#include "core/err.h"

#include <string.h>

#define NODE_NONE UINT32_MAX

/* Edges: some seconds, and so many times all there are. */
enum { WORK_USUAL = 1 << 27, WORK_SHARE = 32 };

static const dependency_set rw_bit = 1u << DEPENDENCY_RW;
static const dependency_set session_bit = 1u << DEPENDENCY_SESSION;

/* --- the automaton --- */

/* What is known of the steps so far, as far as the pattern asks. */
struct pattern_state {
    uint32_t rw;     /* how many, up to what matters */
    bool is_marked;  /* the last step is of a kind that matters for an RW behind it */
    bool has_needed; /* a step that is needed */
    bool in_session; /* the last step is SESSION: going on in the session takes no further one */
};

static uint32_t rw_cap(const struct cycle_pattern *pattern)
{
    uint32_t max = pattern->rw_max == PATTERN_RW_ANY ? 0 : pattern->rw_max;
    return pattern->rw_min > max ? pattern->rw_min : max;
}

static bool limits_rw(const struct cycle_pattern *pattern)
{
    return (pattern->steps & rw_bit) && pattern->rw_after != DEPENDENCIES_ALL;
}

static uint32_t encode(const struct cycle_pattern *pattern, const struct pattern_state *state)
{
    uint32_t number = state->rw;
    if (limits_rw(pattern) || pattern->needs_adjacent_rw)
        number = 2 * number + state->is_marked;
    if (pattern->needs || pattern->needs_adjacent_rw)
        number = 2 * number + state->has_needed;
    if (pattern->steps & session_bit)
        number = 2 * number + state->in_session;
    return number;
}

static bool take_step(const struct cycle_pattern *pattern, const struct pattern_state *from,
                      uint32_t kind, bool is_first, struct pattern_state *to)
{
    bool is_rw = kind == DEPENDENCY_RW;
    dependency_set allowed = is_first ? pattern->first & pattern->steps : pattern->steps;
    if (!(allowed >> kind & 1) || (is_rw && from->rw >= pattern->rw_max) ||
        (is_rw && !is_first && limits_rw(pattern) && !from->is_marked))
        return false;
    bool is_adjacent = pattern->needs_adjacent_rw && is_rw && from->is_marked;
    dependency_set marks = pattern->needs_adjacent_rw ? rw_bit : pattern->rw_after;
    *to = (struct pattern_state){
        .rw = from->rw + (is_rw && from->rw < rw_cap(pattern)),
        .is_marked = marks >> kind & 1,
        .has_needed = from->has_needed || (pattern->needs >> kind & 1) || is_adjacent,
        .in_session = kind == DEPENDENCY_SESSION,
    };
    return true;
}

/* Of which kinds the last step may be. */
static dependency_set closing(const struct cycle_pattern *pattern, const struct pattern_state *from)
{
    dependency_set kinds = 0;
    for (uint32_t kind = 0; kind < DEPENDENCY_COUNT; kind++) {
        struct pattern_state to = *from;
        bool in_time = pattern->closes_in_time && kind == DEPENDENCY_REALTIME;
        bool by_step = !pattern->closes_in_time && (pattern->last >> kind & 1) &&
                       take_step(pattern, from, kind, false, &to);
        bool is_done = to.rw >= pattern->rw_min &&
                       (to.has_needed || (!pattern->needs && !pattern->needs_adjacent_rw));
        if ((in_time || by_step) && is_done)
            kinds = (dependency_set)(kinds | 1u << kind);
    }
    return kinds;
}

static void compile_state(struct cycle_search *search, const struct pattern_state *state)
{
    const struct cycle_pattern *pattern = search->pattern;
    uint32_t number = encode(pattern, state);
    search->states = number >= search->states ? number + 1 : search->states;
    search->closes[number] = closing(pattern, state);
    search->in_session[number] = state->in_session && (pattern->steps & session_bit);
    for (uint32_t kind = 0; kind < DEPENDENCY_COUNT; kind++) {
        struct pattern_state to;
        bool is_step = take_step(pattern, state, kind, false, &to);
        search->next[number][kind] = is_step ? (int8_t)encode(pattern, &to) : -1;
    }
}

static void compile(struct cycle_search *search)
{
    const struct cycle_pattern *pattern = search->pattern;
    for (uint32_t rw = 0; rw <= rw_cap(pattern); rw++)
        for (uint32_t bits = 0; bits < 8; bits++) {
            struct pattern_state state = {rw, bits & 1, bits >> 1 & 1, bits >> 2 & 1};
            compile_state(search, &state);
        }
    const struct pattern_state nothing = {0};
    for (uint32_t kind = 0; kind < DEPENDENCY_COUNT; kind++) {
        struct pattern_state to;
        bool is_step = take_step(pattern, &nothing, kind, true, &to);
        search->begin[kind] = is_step ? (int8_t)encode(pattern, &to) : -1;
    }
}

/* --- memory --- */

/* What the searches from all vertices of a part may take together, unless somebody sets another
 * bound: polynomial as each of them is, without it a large component that has no cycle of the
 * pattern would take the square of its size. */
static uint64_t usual_work(const struct cyclic_part *part)
{
    return WORK_USUAL + (uint64_t)WORK_SHARE * part->first[part->vertex_count];
}

int cycle_search_init(struct cycle_search *search, const struct cyclic_part *part,
                      const struct cycle_pattern *pattern, const uint32_t *component,
                      struct budget *budget)
{
    *search = (struct cycle_search){.part = part,
                                    .budget = budget,
                                    .pattern = pattern,
                                    .component = component,
                                    .epoch = 1,
                                    .work_max = usual_work(part)};
    compile(search);
    size_t vertices = part->vertex_count, nodes = vertices * search->states;
    search->distance = budget_zalloc(budget, nodes * sizeof *search->distance);
    search->parent = budget_alloc(budget, nodes * sizeof *search->parent);
    search->arrived_by = budget_alloc(budget, nodes);
    search->into_start = budget_zalloc(budget, vertices);
    search->marked = budget_alloc(budget, vertices * sizeof *search->marked);
    bool has_memory = search->distance && search->parent && search->arrived_by &&
                      search->into_start && search->marked && nodes < NODE_NONE;
    return has_memory ? 0 : ERR_NOMEM;
}

void cycle_search_fini(struct cycle_search *search)
{
    struct budget *budget = search->budget;
    size_t vertices = search->part->vertex_count, nodes = vertices * search->states;
    budget_free(budget, search->distance, nodes * sizeof *search->distance);
    budget_free(budget, search->parent, nodes * sizeof *search->parent);
    budget_free(budget, search->arrived_by, nodes);
    budget_free(budget, search->into_start, vertices);
    budget_free(budget, search->marked, vertices * sizeof *search->marked);
    budget_free(budget, search->level, search->level_capacity * sizeof *search->level);
    budget_free(budget, search->later, search->later_capacity * sizeof *search->later);
    budget_free(budget, search->steps, search->step_capacity * sizeof *search->steps);
}

/* --- steps into the start --- */

static bool is_txn(const struct cycle_search *search, uint32_t vertex)
{
    return vertex < search->part->txn_count;
}

static void mark(struct cycle_search *search, uint32_t vertex, uint32_t kind)
{
    if (!search->into_start[vertex])
        search->marked[search->marked_count++] = vertex;
    search->into_start[vertex] |= (dependency_set)(1u << kind);
}

/* Marks who has a step into the start. Points of a version lead on to it in a row. */
static bool mark_sources(struct cycle_search *search)
{
    const struct cyclic_part *part = search->part;
    search->level_count = 0;
    if (!budget_array_push(search->budget, &search->level, &search->level_count,
                           &search->level_capacity, search->start))
        return false;
    while (search->level_count > 0) {
        uint32_t to = search->level[--search->level_count];
        search->work += part->first_in[to + 1] - part->first_in[to];
        for (uint32_t i = part->first_in[to]; i < part->first_in[to + 1]; i++) {
            uint32_t from = edge_to(part->edges_in[i]);
            bool is_of_time = part->vertices[from] >= part->graph->time_point;
            if (is_txn(search, from))
                mark(search, from, edge_kind(part->edges_in[i]));
            else if (!is_of_time &&
                     !budget_array_push(search->budget, &search->level, &search->level_count,
                                        &search->level_capacity, from))
                return false;
        }
    }
    return true;
}

static void forget_sources(struct cycle_search *search)
{
    while (search->marked_count > 0)
        search->into_start[search->marked[--search->marked_count]] = 0;
}

/* --- breadth first --- */

/* Whether a path already has a vertex. With one state for each vertex it is never met again. */
static bool is_on_path(const struct cycle_search *search, uint32_t node, uint32_t vertex)
{
    if (search->states == 1)
        return false;
    for (; node != NODE_NONE; node = search->parent[node])
        if (node / search->states == vertex)
            return true;
    return false;
}

/* A step, perhaps only its beginning or another part of it. */
struct move {
    uint32_t from;  /* node of the transaction that the step is from; NODE_NONE: the start */
    uint32_t state; /* where it leads */
    uint32_t kind, distance;
    bool is_now; /* that is the distance of the level searched */
};

/* Goes to a vertex, unless it was reached in as few steps before. */
static bool reach(struct cycle_search *search, const struct move *move, uint32_t vertex)
{
    uint32_t node = vertex * search->states + move->state, reached = search->distance[node];
    if (vertex == search->start || search->component[vertex] != search->component[search->start] ||
        (search->rank && search->rank[vertex] > search->rank[search->start]) ||
        (reached >= search->epoch && reached - search->epoch <= move->distance))
        return true;
    if (move->distance >= search->bound) {
        search->was_cut = true;
        return true;
    }
    if (is_txn(search, vertex) && is_on_path(search, move->from, vertex))
        return true;
    search->distance[node] = search->epoch + move->distance;
    search->parent[node] = move->from;
    search->arrived_by[node] = (uint8_t)move->kind;
    return move->is_now ? budget_array_push(search->budget, &search->level, &search->level_count,
                                            &search->level_capacity, node)
                        : budget_array_push(search->budget, &search->later, &search->later_count,
                                            &search->later_capacity, node);
}

static bool begin(struct cycle_search *search)
{
    const struct cyclic_part *part = search->part;
    search->level_count = search->later_count = 0;
    search->work += part->first[search->start + 1] - part->first[search->start];
    for (uint32_t i = part->first[search->start]; i < part->first[search->start + 1]; i++) {
        uint32_t kind = edge_kind(part->edges[i]);
        if (kind == EDGE_GOES_ON || search->begin[kind] < 0)
            continue;
        struct move move = {NODE_NONE, (uint32_t)search->begin[kind], kind, 1, false};
        if (!reach(search, &move, edge_to(part->edges[i])))
            return false;
    }
    return true;
}

/* From a point every edge, and within a session every next transaction, is of the same step. */
static bool go_on(struct cycle_search *search, uint32_t node, uint32_t distance)
{
    const struct cyclic_part *part = search->part;
    uint32_t vertex = node / search->states, state = node % search->states;
    search->work += part->first[vertex + 1] - part->first[vertex];
    for (uint32_t i = part->first[vertex]; i < part->first[vertex + 1]; i++) {
        uint32_t kind = edge_kind(part->edges[i]);
        struct move move = {search->parent[node], state, search->arrived_by[node], distance, true};
        bool in_session = kind == DEPENDENCY_SESSION && search->in_session[state];
        if (kind != EDGE_GOES_ON && search->next[state][kind] < 0)
            continue;
        if (kind != EDGE_GOES_ON && !in_session)
            move =
                (struct move){node, (uint32_t)search->next[state][kind], kind, distance + 1, false};
        if (!reach(search, &move, edge_to(part->edges[i])))
            return false;
    }
    return true;
}

/* By which kinds of step one can go from a transaction to the start. */
static dependency_set ways_back(const struct cycle_search *search, uint32_t vertex)
{
    const struct cyclic_part *part = search->part;
    const struct transactions *all = part->graph->all;
    uint32_t from = part->vertices[vertex], to = part->vertices[search->start];
    dependency_set ways = search->into_start[vertex];
    if (search->pattern->closes_in_time)
        return operation_precedes(txn_operation(all, from), txn_operation(all, to))
                   ? (dependency_set)(1u << DEPENDENCY_REALTIME)
                   : 0;
    if ((search->pattern->last & session_bit) && from < to &&
        all->txns[from].session == all->txns[to].session)
        ways |= session_bit;
    return ways;
}

/* --- the cycle --- */

static bool add_step(struct cycle_search *search, uint32_t from, uint32_t to, uint32_t kind)
{
    void *steps = search->steps;
    if (search->step_count == search->step_capacity &&
        !budget_array_grow(search->budget, &steps, &search->step_capacity, sizeof *search->steps))
        return false;
    search->steps = steps;
    search->steps[search->step_count++] = (struct step){.from = search->part->vertices[from],
                                                        .to = search->part->vertices[to],
                                                        .lemma = LEMMA_NONE,
                                                        .kind = (uint8_t)kind};
    return true;
}

/* From the last step back to the first, and then the other way round. */
static bool take_cycle(struct cycle_search *search, uint32_t node, uint32_t kind)
{
    uint32_t to = search->start;
    search->step_count = 0;
    for (; node != NODE_NONE; node = search->parent[node]) {
        if (!add_step(search, node / search->states, to, kind))
            return false;
        to = node / search->states;
        kind = search->arrived_by[node];
    }
    if (!add_step(search, search->start, to, kind))
        return false;
    for (uint32_t i = 0, k = search->step_count - 1; i < k; i++, k--) {
        struct step step = search->steps[i];
        search->steps[i] = search->steps[k];
        search->steps[k] = step;
    }
    return true;
}

static void begin_epoch(struct cycle_search *search)
{
    size_t nodes = (size_t)search->part->vertex_count * search->states;
    if (search->epoch > UINT32_MAX / 2) {
        memset(search->distance, 0, nodes * sizeof *search->distance);
        search->epoch = 1;
    }
}

static void begin_level(struct cycle_search *search)
{
    uint32_t *level = search->level, capacity = search->level_capacity;
    search->level = search->later;
    search->level_capacity = search->later_capacity;
    search->level_count = search->later_count;
    search->later = level;
    search->later_capacity = capacity;
    search->later_count = 0;
}

static int visit(struct cycle_search *search, uint32_t node, uint32_t distance)
{
    uint32_t vertex = node / search->states;
    dependency_set kinds = search->closes[node % search->states];
    if (kinds && is_txn(search, vertex) && (kinds &= ways_back(search, vertex)))
        return take_cycle(search, node, (uint32_t)__builtin_ctz(kinds)) ? 0 : ERR_NOMEM;
    return go_on(search, node, distance) ? 0 : ERR_NOMEM;
}

static int find(struct cycle_search *search)
{
    for (uint32_t distance = 1; search->later_count > 0; distance++) {
        begin_level(search);
        for (uint32_t i = 0; i < search->level_count; i++) {
            uint32_t node = search->level[i];
            if (search->distance[node] - search->epoch != distance)
                continue; /* it was reached sooner after all */
            search->is_time_over = budget_time_over(search->budget);
            search->is_given_up = search->work > search->work_max;
            bool is_over = search->is_time_over || search->is_given_up;
            int rc = is_over ? 0 : visit(search, node, distance);
            if (rc != 0 || is_over || search->step_count > 0)
                return rc;
        }
    }
    return 0;
}

int cycle_search_from(struct cycle_search *search, uint32_t start, uint32_t bound)
{
    search->start = start;
    search->bound = bound;
    search->step_count = 0;
    begin_epoch(search);
    int rc = begin(search) ? 0 : ERR_NOMEM;
    bool is_beginning = rc == 0 && search->later_count > 0;
    if (is_beginning && !search->pattern->closes_in_time && !mark_sources(search))
        rc = ERR_NOMEM;
    if (is_beginning && rc == 0)
        rc = find(search);
    search->epoch += search->part->vertex_count + 2;
    forget_sources(search);
    return rc;
}
