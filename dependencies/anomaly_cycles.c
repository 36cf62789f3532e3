/* One pass over the whole graph finds the part that cycles of wanted kinds are in. On that, for
 * every set of steps that a kind of cycle may take, its components; a component with the steps that
 * the kind needs is searched, from every transaction in turn, for cycles of as few steps as can be,
 * then of one more, and so on in larger strides, until there is one: so that what is near is found
 * by looking near, however large the component. */
#include "dependencies/anomalies.h"

#include "checker/budget.h"
#include "core/arena.h"
#include "core/err.h"
#include "core/errbuf.h"
#include "dependencies/cycle_kinds.h"
#include "dependencies/found_cycles.h"

#include <string.h>

struct cycles_run {
    const struct dependencies *graph;
    const struct anomalies_options *options;
    struct budget *budget;
    struct anomalies *out;
    struct cyclic_part part;
    /* Of the relation at hand. */
    struct components components;
    uint32_t *component_of;        /* by vertex; UINT32_MAX: by itself */
    struct components overwriting; /* of WW and WR, in the variant at hand */
    bool has_overwriting;
    uint8_t *is_apart; /* by vertex: on a walk without two RW in a row that comes back */
    bool has_failed;   /* for another reason than the budget */
};

/* --- one kind in one component --- */

struct kind_search {
    struct cycles_run *run;
    const struct cycle_kind *kind;
    struct cycle_search search;
    struct found_cycles of_component, all;
};

/* The kinds of steps within a component. */
static dependency_set steps_within(const struct cycles_run *run, uint32_t component,
                                   dependency_set steps)
{
    const struct cyclic_part *part = &run->part;
    dependency_set kinds = 0;
    for (uint32_t i = run->components.first[component]; i < run->components.first[component + 1];
         i++) {
        uint32_t vertex = run->components.members[i];
        for (uint32_t k = part->first[vertex]; k < part->first[vertex + 1]; k++)
            if (run->component_of[edge_to(part->edges[k])] == component)
                kinds |= (dependency_set)(1u << edge_kind(part->edges[k]));
    }
    return kinds & steps;
}

static bool is_possible(const struct kind_search *run, uint32_t component)
{
    const struct cycle_pattern *pattern = &run->kind->pattern;
    dependency_set time = dependency_bit(DEPENDENCY_REALTIME);
    dependency_set there =
        steps_within(run->run, component, (dependency_set)(pattern->steps | time));
    bool needs_rw = pattern->rw_min > 0 || pattern->needs_adjacent_rw;
    return (there & pattern->first) && (!pattern->needs || (there & pattern->needs)) &&
           (!needs_rw || (there & dependency_bit(DEPENDENCY_RW))) &&
           (!pattern->closes_in_time || (there & time));
}

/* Keeps the cycle found if there is no shorter one. */
static int keep(struct kind_search *run, uint32_t *best)
{
    if (run->search.step_count < *best) {
        found_cycles_clear(&run->of_component);
        *best = run->search.step_count;
    }
    return found_cycles_add(&run->of_component, run->search.steps, run->search.step_count, false)
               ? 0
               : ERR_NOMEM;
}

/* Cycles of at most `bound` steps; all those of fewer than `shortest` are known not to be. */
static int search_within(struct kind_search *run, uint32_t component, uint32_t shortest,
                         uint32_t bound)
{
    const struct components *components = &run->run->components;
    uint32_t best = bound + 1;
    for (uint32_t i = components->first[component]; i < components->first[component + 1]; i++) {
        uint32_t vertex = components->members[i];
        bool is_full = run->of_component.count == run->of_component.max;
        if (vertex >= run->run->part.txn_count)
            continue;
        if (best == shortest && is_full)
            return 0;
        /* Once there are enough, only a shorter one matters. */
        uint32_t within = best > bound ? bound : is_full ? best - 1 : best;
        int rc = cycle_search_from(&run->search, vertex, within);
        if (rc == 0 && run->search.is_time_over)
            rc = ERR_TIMEOUT;
        if (rc == 0 && run->search.step_count > 0)
            rc = keep(run, &best);
        if (rc != 0 || run->search.is_given_up)
            return rc;
    }
    return 0;
}

static int search_component(struct kind_search *run, uint32_t component)
{
    int rc = 0;
    uint32_t shortest = run->kind->shortest, bound = shortest;
    found_cycles_clear(&run->of_component);
    do {
        run->search.was_cut = false;
        rc = search_within(run, component, shortest, bound);
        shortest = bound + 1;
        bound = bound < 4 ? bound + 1 : bound + bound / 2;
    } while (rc == 0 && run->of_component.count == 0 && run->search.was_cut &&
             !run->search.is_given_up);
    for (uint32_t i = 0; i < run->of_component.count && rc == 0; i++) {
        const struct found_cycle *cycle = &run->of_component.cycles[i];
        if (!found_cycles_add(&run->all, cycle->steps, cycle->count, i > 0))
            rc = ERR_NOMEM;
    }
    run->run->out->kinds[run->kind->anomaly].count += run->of_component.count > 0;
    return rc;
}

/* --- evidence --- */

static int no_memory(struct kind_search *run, struct errbuf *err)
{
    run->run->has_failed = true;
    return errbuf_set(err, ERR_NOMEM, "no memory for the evidence");
}

static int take_evidence(struct kind_search *run, struct errbuf *err)
{
    const struct dependencies *graph = run->run->graph;
    struct anomalies *out = run->run->out;
    struct anomalies_of_kind *of = &out->kinds[run->kind->anomaly];
    struct arena *arena = run->run->options->arena;
    if (of->count == 0)
        return 0;
    out->found |= anomaly_bit(run->kind->anomaly);
    uint32_t count = run->run->options->examples_max ? run->all.count : 0;
    of->examples = arena_alloc(arena, count * sizeof *of->examples);
    for (uint32_t i = 0; i < count && of->examples; i++) {
        const struct found_cycle *cycle = &run->all.cycles[i];
        struct step *steps = arena_copy(arena, cycle->steps, cycle->count * sizeof *cycle->steps);
        if (!steps)
            return no_memory(run, err);
        for (uint32_t k = 0; k < cycle->count; k++)
            if (steps[k].kind <= STEP_RW)
                steps[k].key = dependency_key(graph, (enum dependency)steps[k].kind, steps[k].from,
                                              steps[k].to);
        of->examples[of->example_count++] = (struct evidence){.kind = EVIDENCE_CYCLE,
                                                              .anomaly = run->kind->anomaly,
                                                              .steps = steps,
                                                              .step_count = cycle->count};
    }
    return of->examples ? 0 : no_memory(run, err);
}

/* --- one kind --- */

static int search_components(struct kind_search *run)
{
    const struct components *components = &run->run->components;
    int rc = 0;
    if (run->kind->has_one_rw)
        run->search.rank = run->run->overwriting.rank;
    for (uint32_t i = 0; i < components->count && rc == 0 && !run->search.is_given_up; i++)
        if (is_possible(run, i))
            rc = search_component(run, i);
    return rc;
}

/* A budget that runs out, or a bound of work, leaves the kind unsettled. */
static int search_kind(struct cycles_run *run, const struct cycle_kind *kind, struct errbuf *err)
{
    struct kind_search search = {.run = run, .kind = kind};
    uint32_t max = run->options->examples_max ? run->options->examples_max : 1;
    int rc = cycle_search_init(&search.search, &run->part, &kind->pattern, run->component_of,
                               run->budget);
    if (run->options->work_max)
        search.search.work_max = run->options->work_max;
    bool has_memory = found_cycles_init(&search.of_component, max, run->budget);
    has_memory &= found_cycles_init(&search.all, max, run->budget);
    rc = has_memory ? rc : ERR_NOMEM;
    if (rc == 0)
        rc = search_components(&search);
    if (rc == 0 && !search.search.is_given_up)
        run->out->settled |= anomaly_bit(kind->anomaly);
    run->out->steps += search.search.work;
    int taken = take_evidence(&search, err);
    found_cycles_fini(&search.all);
    found_cycles_fini(&search.of_component);
    cycle_search_fini(&search.search);
    return taken != 0 ? taken : rc;
}

/* --- relations --- */

static void number_components(struct cycles_run *run)
{
    const struct components *components = &run->components;
    memset(run->component_of, 0xff, run->part.vertex_count * sizeof *run->component_of);
    for (uint32_t i = 0; i < components->count; i++)
        for (uint32_t k = components->first[i]; k < components->first[i + 1]; k++)
            run->component_of[components->members[k]] = i;
}

static int find_apart(struct cycles_run *run, dependency_set steps)
{
    const struct step_graph graph = cyclic_part_steps(&run->part);
    const dependency_set rw = dependency_bit(DEPENDENCY_RW);
    const struct walk_rule rule = {steps, (dependency_set)(DEPENDENCIES_ALL & ~rw)};
    struct components apart;
    int rc = components_find(&graph, &rule, NULL, run->budget, &apart);
    memset(run->is_apart, 0, run->part.vertex_count);
    for (uint32_t i = 0; i < apart.member_count && rc == 0; i++)
        run->is_apart[apart.members[i] / 2] = 1;
    components_fini(&apart);
    return rc;
}

static int find_components(struct cycles_run *run, enum cycle_relation relation,
                           enum cycle_variant variant)
{
    const struct step_graph graph = cyclic_part_steps(&run->part);
    const struct walk_rule rule = {relation_steps(relation, variant), DEPENDENCIES_ALL};
    bool is_apart = relation == RELATION_APART;
    int rc = is_apart ? find_apart(run, rule.steps) : 0;
    if (rc == 0)
        rc = components_find(&graph, &rule, is_apart ? run->is_apart : NULL, run->budget,
                             &run->components);
    if (rc == 0)
        number_components(run);
    return rc;
}

/* Whether a kind of cycle is wanted that is searched in the components of a relation; the ranks of
 * WW and WR serve those with one RW, too. */
static bool needs_relation(const struct cycles_run *run, enum cycle_relation relation,
                           enum cycle_variant variant)
{
    for (int i = 0; i < CYCLE_KIND_COUNT; i++) {
        const struct cycle_kind *kind = &cycle_kinds[i];
        bool is_wanted = run->options->wanted & anomaly_bit(kind->anomaly);
        bool serves =
            kind->relation == relation || (relation == RELATION_WW_WR && kind->has_one_rw);
        if (is_wanted && serves && kind->variant == variant)
            return true;
    }
    return false;
}

static int search_relation(struct cycles_run *run, enum cycle_relation relation,
                           enum cycle_variant variant, struct errbuf *err)
{
    if (!needs_relation(run, relation, variant))
        return 0;
    run->components = (struct components){.budget = run->budget};
    int rc = find_components(run, relation, variant);
    for (int i = 0; i < CYCLE_KIND_COUNT && rc == 0; i++) {
        const struct cycle_kind *kind = &cycle_kinds[i];
        bool is_wanted = run->options->wanted & anomaly_bit(kind->anomaly);
        if (is_wanted && kind->relation == relation && kind->variant == variant)
            rc = search_kind(run, kind, err);
    }
    if (rc == 0 && relation == RELATION_WW_WR) {
        run->overwriting = run->components;
        return 0;
    }
    components_fini(&run->components);
    return rc;
}

static int search_variant(struct cycles_run *run, enum cycle_variant variant, struct errbuf *err)
{
    int rc = 0;
    run->overwriting = (struct components){.budget = run->budget};
    for (int relation = 0; relation < RELATION_COUNT && rc == 0; relation++)
        rc = search_relation(run, (enum cycle_relation)relation, variant, err);
    components_fini(&run->overwriting);
    return rc;
}

/* --- all --- */

/* The kinds that the history can have: without sessions or times some cannot be. */
static anomaly_set meaningful(const struct dependencies *graph)
{
    anomaly_set kinds = 0;
    for (int i = 0; i < CYCLE_KIND_COUNT; i++) {
        dependency_set steps = relation_steps(cycle_kinds[i].relation, cycle_kinds[i].variant);
        bool is_meant = cycle_kinds[i].variant != VARIANT_REALTIME ||
                        (graph->kinds & dependency_bit(DEPENDENCY_REALTIME));
        steps &= (dependency_set)~dependency_bit(DEPENDENCY_REALTIME);
        if (is_meant && (steps & graph->kinds) == steps)
            kinds |= anomaly_bit(cycle_kinds[i].anomaly);
    }
    return kinds;
}

static int search_part(struct cycles_run *run, struct errbuf *err)
{
    uint32_t count = run->part.vertex_count;
    run->component_of = budget_alloc(run->budget, count * sizeof *run->component_of);
    run->is_apart = budget_alloc(run->budget, count);
    int rc = run->component_of && run->is_apart ? 0 : ERR_NOMEM;
    for (int variant = 0; variant < VARIANT_COUNT && rc == 0; variant++)
        rc = search_variant(run, (enum cycle_variant)variant, err);
    budget_free(run->budget, run->component_of, count * sizeof *run->component_of);
    budget_free(run->budget, run->is_apart, count);
    return rc;
}

dependency_set anomalies_steps(anomaly_set wanted)
{
    dependency_set steps = 0;
    for (int i = 0; i < CYCLE_KIND_COUNT; i++)
        if (wanted & anomaly_bit(cycle_kinds[i].anomaly))
            steps |= relation_steps(cycle_kinds[i].relation, cycle_kinds[i].variant);
    return steps;
}

int anomalies_find_cycles(const struct dependencies *graph, const struct anomalies_options *options,
                          struct anomalies *out, struct errbuf *err)
{
    struct anomalies_options meant = *options;
    meant.wanted &= meaningful(graph);
    struct cycles_run run = {
        .graph = graph, .options = &meant, .budget = graph->budget, .out = out};
    int rc = cyclic_part_build(graph, anomalies_steps(meant.wanted), graph->budget, &run.part);
    if (rc == 0 && run.part.vertex_count == 0)
        out->settled |= meant.wanted;
    else if (rc == 0)
        rc = search_part(&run, err);
    cyclic_part_fini(&run.part);
    return run.has_failed ? rc : 0;
}
