/* Steps 4 and 5: order within chains, and between them. */
#include "checker/zones.h"

#include "checker/model.h"

#include <string.h>

/* --- within a chain --- */

struct walk {
    uint32_t latest; /* the operation that started last so far; ZONES_NONE: none yet */
    position end;    /* the earliest end so far */
};

/* Whether an operation, or the first that ends of several, stands in order behind the others. */
static inline bool walk_to(const struct zones *zones, struct walk *walk, position end,
                           uint32_t latest)
{
    if (walk->latest != ZONES_NONE && end < zones->ops[walk->latest].invoke)
        return false;
    if (walk->latest == ZONES_NONE || latest > walk->latest)
        walk->latest = latest;
    if (end < walk->end)
        walk->end = end;
    return true;
}

/* The read of a value that ended first. */
static uint32_t first_to_end(const struct zones *zones, position end)
{
    uint32_t i = 0;
    while (i + 1 < zones->count && zones->ops[i].complete != end)
        i++;
    return i;
}

static bool in_disorder(struct zones *zones, uint32_t x, uint32_t y)
{
    zones->violation = (struct zones_violation){.rule = ZONES_DISORDER, .x = x, .y = y};
    return false;
}

/* Makes the cluster at the root of a chain stand for all of it: `end` and `last` are then those of
 * its zone. */
static bool walk_chain(struct zones *zones, uint32_t root, uint32_t *links)
{
    struct zones_cluster *cluster = &zones->clusters[root];
    struct walk walk = {.latest = ZONES_NONE, .end = POSITION_NONE};
    if (cluster->writer == ZONES_NONE)
        walk.end = 0;
    for (;;) {
        uint32_t writer = cluster->writer;
        if (writer != ZONES_NONE &&
            !walk_to(zones, &walk, operation_end(&zones->ops[writer]), writer))
            return in_disorder(zones, writer, walk.latest);
        if (cluster->last != ZONES_NONE && !walk_to(zones, &walk, cluster->end, cluster->last))
            return in_disorder(zones, first_to_end(zones, cluster->end), walk.latest);
        if (cluster->next == ZONES_NONE)
            break;
        cluster = &zones->clusters[cluster->next];
        ++*links;
    }
    zones->clusters[root].end = walk.end;
    zones->clusters[root].last = walk.latest;
    return true;
}

static bool is_root(const struct zones_cluster *cluster)
{
    bool needed = zones_is_needed(cluster);
    if (cluster->flags & ZONES_CAS)
        return false;
    return cluster->writer == ZONES_NONE || (cluster->flags & ZONES_MAYBE) ? needed : true;
}

/* A cas that stands in no chain with a root is in one without. */
static void find_rootless(struct zones *zones, const struct kept *reached)
{
    for (uint32_t at = 0; at < zones->cluster_count; at++) {
        const struct zones_cluster *cluster = &zones->clusters[at];
        bool certain = !(cluster->flags & ZONES_MAYBE) || cluster->last != ZONES_NONE;
        if ((cluster->flags & ZONES_LINKED) && certain && !kept_has(reached, at)) {
            zones->violation = (struct zones_violation){.rule = ZONES_ROOTLESS, .a = at};
            return;
        }
    }
}

static enum zones_end blame_rootless(struct zones *zones)
{
    struct kept reached;
    if (!kept_init(&reached, zones->budget, zones->cluster_count))
        return ZONES_NO_MEMORY;
    for (uint32_t at = 0; at < zones->cluster_count; at++)
        if (!(zones->clusters[at].flags & ZONES_CAS))
            for (uint32_t next = zones->clusters[at].next; next != ZONES_NONE;
                 next = zones->clusters[next].next)
                kept_add(&reached, next);
    find_rootless(zones, &reached);
    kept_fini(&reached);
    return ZONES_VIOLATED;
}

static enum zones_end walk_chains(struct zones *zones)
{
    uint32_t links = 0;
    if (!zone_line_init(&zones->line, zones->budget, zones->ops, zones->count))
        return ZONES_NO_MEMORY;
    zones->line.ends = &zones->clusters->end;
    zones->line.stride = sizeof *zones->clusters;
    for (uint32_t at = 0; at < zones->cluster_count; at++) {
        if (!is_root(&zones->clusters[at]))
            continue;
        if (!walk_chain(zones, at, &links))
            return ZONES_VIOLATED;
        zones->line.zones[zones->clusters[at].last] = at;
        if (budget_time_over(zones->budget))
            return ZONES_NO_TIME;
    }
    return links < zones->linked ? blame_rootless(zones) : ZONES_GO_ON;
}

/* --- between chains --- */

static enum zones_end compare_zones(struct zones *zones)
{
    uint32_t forward, other;
    switch (zone_line_check(&zones->line, &forward, &other)) {
    case ZONE_LINE_ORDERED:
        return ZONES_GO_ON;
    case ZONE_LINE_CROSSED:
        zones->violation =
            (struct zones_violation){.rule = ZONES_CROSSED, .a = forward, .b = other};
        return ZONES_VIOLATED;
    case ZONE_LINE_OUT_OF_TIME:
        break;
    }
    return ZONES_NO_TIME;
}

/* --- the order --- */

static void place(struct algorithm_result *out, uint32_t *count, uint32_t op)
{
    if (out->order)
        out->order[*count] = op;
    ++*count;
}

static void place_chain(const struct zones *zones, uint32_t root, struct algorithm_result *out,
                        uint32_t *count)
{
    for (uint32_t at = root; at != ZONES_NONE; at = zones->clusters[at].next) {
        const struct zones_cluster *cluster = &zones->clusters[at];
        if (cluster->writer != ZONES_NONE)
            place(out, count, cluster->writer);
        for (uint32_t read = zones->first_read[at]; read != ZONES_NONE;
             read = zones->next_read[read])
            place(out, count, read);
    }
}

/* Only counts without out->order. */
static uint32_t place_chains(const struct zones *zones, struct algorithm_result *out)
{
    struct zone_walk walk = {0};
    uint32_t count = 0;
    for (uint32_t root = zone_line_next(&zones->line, &walk); root != ZONE_NONE;
         root = zone_line_next(&zones->line, &walk))
        place_chain(zones, root, out, &count);
    return count;
}

static enum zones_end make_order(const struct zones *zones, struct algorithm_result *out)
{
    if (!answer_reserve_order(zones->input, out, place_chains(zones, out)))
        return ZONES_NO_MEMORY;
    place_chains(zones, out);
    return ZONES_GO_ON;
}

/* --- the algorithm --- */

/* Counts what there is to write, and looks at each operation for the first time. */
static int count_writers(struct zones *zones, struct errbuf *err)
{
    const struct algorithm_input *input = zones->input;
    bool has_cas = strcmp(input->model->name, "cas-register") == 0;
    zones->low = UINT32_MAX;
    for (uint32_t i = 0; i < zones->count; i++) {
        const struct operation *op = &zones->ops[i];
        value_ref expected, next;
        if (op->f != F_READ && op->f != F_WRITE && !(op->f == F_CAS && has_cas))
            return answer_bad_operation(input, i, err);
        if (op->f == F_CAS) {
            bool failed = op->outcome == OP_FAIL;
            bool says = !failed || input->semantics->failed_cas_differs;
            if (says && !zones_cas_values(zones, op, &expected, &next))
                return answer_bad_operation(input, i, err);
            zones->failed_cas_says = zones->failed_cas_says || (failed && says);
        }
        struct zones_call call = zones_read_call(zones, op);
        if (call.kind < ZONES_WRITE)
            continue;
        zones->writers++;
        zones->cas_writers += call.kind == ZONES_REPLACE;
        uint32_t rank = ref_map_order(call.gives);
        if (rank < zones->low)
            zones->low = rank;
        if (rank > zones->high)
            zones->high = rank;
    }
    return 0;
}

/* Decides for one initial value; what is violated is added to the proof. */
static enum zones_end decide(struct zones zones, value_ref initial, struct zones_proof *proof,
                             struct algorithm_result *out)
{
    zones.initial = initial;
    enum zones_end end = zones_gather(&zones);
    if (end == ZONES_GO_ON)
        end = walk_chains(&zones);
    if (end == ZONES_GO_ON)
        end = compare_zones(&zones);
    if (end == ZONES_GO_ON && zones.failed_cas_says) {
        zones.unfit = "a failed cas says what the value was not";
        end = ZONES_UNFIT;
    }
    if (end == ZONES_GO_ON && zones.input->want_order)
        end = make_order(&zones, out);
    if (end == ZONES_VIOLATED)
        end = zones_prove(&zones, proof);
    if (end == ZONES_UNFIT)
        out->reason = zones.unfit;
    out->steps += zones.count;
    zones_fini(&zones);
    return end;
}

static int reject(const struct zones_proof *proof, struct algorithm_result *out)
{
    size_t bytes = proof->free_count * sizeof *out->free_values;
    int rc = answer_rejected(out, &proof->kept, proof->reason, proof->failing);
    out->any_state = proof->any_state;
    out->from = proof->from;
    if (out->end != ALGORITHM_REJECTED || bytes == 0)
        return rc;
    out->free_values = budget_alloc(proof->kept.budget, bytes);
    if (!out->free_values) {
        algorithm_result_fini(out, proof->kept.budget);
        return answer_out_of_memory(out);
    }
    memcpy(out->free_values, proof->free_values, bytes);
    out->free_count = proof->free_count;
    return rc;
}

static int answer(enum zones_end end, const struct zones_proof *proof, struct algorithm_result *out)
{
    switch (end) {
    case ZONES_GO_ON:
        return answer_accepted(out);
    case ZONES_VIOLATED:
        return reject(proof, out);
    case ZONES_UNFIT:
        return answer_not_for_this(out, out->reason);
    case ZONES_NO_TIME:
        return answer_out_of_time(out);
    case ZONES_NO_MEMORY:
        break;
    }
    return answer_out_of_memory(out);
}

static int run(const struct algorithm_input *input, struct algorithm_result *out,
               struct errbuf *err)
{
    const struct history_semantics *semantics = input->semantics;
    struct zones zones = {.input = input,
                          .ops = input->object->ops,
                          .count = input->object->count,
                          .budget = input->budget};
    struct zones_proof proof = {0};
    *out = (struct algorithm_result){0};
    int rc = count_writers(&zones, err);
    if (rc != 0)
        return rc;
    if (!kept_init(&proof.kept, input->budget, zones.count))
        return answer_out_of_memory(out);
    value_ref initial = semantics->initial_is_given ? semantics->initial : VALUE_REF_NIL;
    bool or_nil = semantics->initial_may_be_nil && initial != VALUE_REF_NIL;
    zones.frees_values = !or_nil;
    enum zones_end end = decide(zones, initial, &proof, out);
    if (or_nil && (end == ZONES_VIOLATED || end == ZONES_UNFIT)) {
        enum zones_end with_nil = decide(zones, VALUE_REF_NIL, &proof, out);
        if (end == ZONES_VIOLATED || with_nil != ZONES_VIOLATED)
            end = with_nil;
    }
    rc = answer(end, &proof, out);
    kept_fini(&proof.kept);
    return rc;
}

static const char *const models[] = {"register", "cas-register", NULL};

const struct algorithm algorithm_zones = {
    .name = "zones",
    .doc = "unique written values: one zone a value (Gibbons & Korach 1997), linear",
    .models = models,
    .run = run,
};
