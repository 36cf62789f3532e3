/* Steps 1 to 3: which operations count, the clusters of their values, and the chains of these. */
#include "checker/zones.h"

#include <string.h>

bool zones_cas_values(const struct zones *zones, const struct operation *op, value_ref *expected,
                      value_ref *next)
{
    const struct value_pool *values = zones->input->object->values;
    return value_pool_pair(values, operation_value(op), expected, next) ||
           value_pool_pair(values, op->argument, expected, next);
}

struct zones_call zones_read_cas(const struct zones *zones, const struct operation *op)
{
    struct zones_call call = {ZONES_SAYS_NOTHING, VALUE_REF_NIL, VALUE_REF_NIL};
    if (op->outcome == OP_FAIL || !zones_cas_values(zones, op, &call.needs, &call.gives))
        return call;
    if (call.needs != call.gives)
        call.kind = ZONES_REPLACE;
    else if (op->outcome == OP_OK) /* [a a] changes nothing: it reads a */
        call.kind = ZONES_READ;
    return call;
}

/* --- writers --- */

static uint32_t add_cluster(struct zones *zones, uint32_t writer, uint32_t flags)
{
    zones->clusters[zones->cluster_count] = (struct zones_cluster){.writer = writer,
                                                                   .next = ZONES_NONE,
                                                                   .last = ZONES_NONE,
                                                                   .end = POSITION_NONE,
                                                                   .flags = flags};
    if (zones->first_read)
        zones->first_read[zones->cluster_count] = ZONES_NONE;
    return zones->cluster_count++;
}

/* One more operation that writes the value of a cluster. */
static void add_writer(struct zones *zones, struct zones_cluster *cluster, uint32_t writer,
                       uint32_t flags)
{
    bool replaces =
        (cluster->flags & ZONES_MAYBE) &&
        (!(flags & ZONES_MAYBE) || ((cluster->flags & ZONES_CAS) && !(flags & ZONES_CAS)));
    if (replaces) {
        cluster->writer = writer;
        cluster->flags = flags | ZONES_AMBIGUOUS;
    } else if (flags & ZONES_MAYBE) {
        cluster->flags |= ZONES_AMBIGUOUS;
    } else {
        /* Nobody may need the value; then each writer is a cluster of its own. */
        cluster->flags |= ZONES_DUPLICATE;
        add_cluster(zones, writer, flags);
    }
}

static enum zones_end gather_writers(struct zones *zones)
{
    add_cluster(zones, ZONES_NONE, 0);
    for (uint32_t i = 0; i < zones->count; i++) {
        const struct operation *op = &zones->ops[i];
        struct zones_call call = zones_read_call(zones, op);
        if (call.kind < ZONES_WRITE)
            continue;
        uint32_t flags = (op->outcome == OP_INFO ? ZONES_MAYBE : 0) |
                         (call.kind == ZONES_REPLACE ? ZONES_CAS : 0);
        uint32_t initial = ZONES_INITIAL;
        uint32_t *place =
            call.gives == zones->initial ? &initial : ref_map_place(&zones->map, call.gives);
        if (*place == ZONES_NONE)
            *place = add_cluster(zones, i, flags);
        else
            add_writer(zones, &zones->clusters[*place], i, flags);
        if (budget_time_over(zones->budget))
            return ZONES_NO_TIME;
    }
    return ZONES_GO_ON;
}

/* --- readers --- */

static enum zones_end violated(struct zones *zones, struct zones_violation violation)
{
    zones->violation = violation;
    return ZONES_VIOLATED;
}

static enum zones_end written_twice(struct zones *zones, uint32_t cluster)
{
    zones->unfit = cluster == ZONES_INITIAL
                       ? "a value that was read is written, and the initial one"
                       : "a value that was read is written twice";
    return ZONES_UNFIT;
}

static void list_read(struct zones *zones, uint32_t cluster, uint32_t read)
{
    uint32_t last = zones->clusters[cluster].last;
    zones->next_read[read] = ZONES_NONE;
    if (last == ZONES_NONE)
        zones->first_read[cluster] = read;
    else
        zones->next_read[last] = read;
}

static enum zones_end gather_readers(struct zones *zones)
{
    for (uint32_t i = 0; i < zones->count; i++) {
        struct zones_call call = zones_read_call(zones, &zones->ops[i]);
        if (call.kind != ZONES_READ)
            continue;
        uint32_t at = zones_find(zones, call.needs);
        if (at == ZONES_NONE)
            return violated(zones, (struct zones_violation){.rule = ZONES_UNWRITTEN, .x = i});
        struct zones_cluster *cluster = &zones->clusters[at];
        if (cluster->flags & ZONES_DUPLICATE)
            return written_twice(zones, at);
        if (zones->next_read)
            list_read(zones, at, i);
        cluster->last = i;
        if (zones->ops[i].complete < cluster->end)
            cluster->end = zones->ops[i].complete;
        if (budget_time_over(zones->budget))
            return ZONES_NO_TIME;
    }
    return ZONES_GO_ON;
}

/* --- chains --- */

/* Ties the cluster of a cas behind that of the value it replaced, *before. */
static enum zones_end link_cas(struct zones *zones, uint32_t at, uint32_t *before)
{
    struct zones_cluster *cluster = &zones->clusters[at];
    struct zones_call call = zones_read_call(zones, &zones->ops[cluster->writer]);
    *before = zones_find(zones, call.needs);
    if (*before == ZONES_NONE)
        return violated(zones,
                        (struct zones_violation){.rule = ZONES_UNWRITTEN, .x = cluster->writer});
    struct zones_cluster *expected = &zones->clusters[*before];
    if (expected->flags & ZONES_DUPLICATE)
        return written_twice(zones, *before);
    if (expected->next != ZONES_NONE)
        return violated(
            zones, (struct zones_violation){.rule = ZONES_REPLACED, .a = at, .b = expected->next});
    expected->next = at;
    cluster->flags |= ZONES_LINKED;
    zones->linked++;
    return ZONES_GO_ON;
}

/* From a cluster that is needed up to one whose writer needs nothing or is tied already. */
static enum zones_end link_crashed(struct zones *zones, uint32_t at)
{
    const uint32_t crashed_cas = ZONES_CAS | ZONES_MAYBE;
    enum zones_end end = ZONES_GO_ON;
    while (end == ZONES_GO_ON &&
           (zones->clusters[at].flags & (crashed_cas | ZONES_LINKED)) == crashed_cas)
        end = link_cas(zones, at, &at);
    return end;
}

static enum zones_end link_chains(struct zones *zones)
{
    enum zones_end end = ZONES_GO_ON;
    uint32_t before;
    for (uint32_t at = 0; at < zones->cluster_count && end == ZONES_GO_ON; at++) {
        uint32_t flags = zones->clusters[at].flags;
        if ((flags & ZONES_CAS) && !(flags & ZONES_MAYBE))
            end = link_cas(zones, at, &before);
        if (budget_time_over(zones->budget))
            return ZONES_NO_TIME;
    }
    for (uint32_t at = 0; at < zones->cluster_count && end == ZONES_GO_ON; at++) {
        if (zones_is_needed(&zones->clusters[at]))
            end = link_crashed(zones, at);
        if (budget_time_over(zones->budget))
            return ZONES_NO_TIME;
    }
    return end;
}

/* --- all of it --- */

static bool allocate(struct zones *zones)
{
    struct budget *budget = zones->budget;
    bool order = zones->input->want_order;
    zones->cluster_capacity = zones->writers + 1;
    zones->clusters = budget_alloc(budget, zones->cluster_capacity * sizeof *zones->clusters);
    if (order) {
        zones->next_read = budget_alloc(budget, zones->count * sizeof *zones->next_read);
        zones->first_read =
            budget_alloc(budget, zones->cluster_capacity * sizeof *zones->first_read);
    }
    return zones->clusters && (!order || (zones->next_read && zones->first_read)) &&
           ref_map_init(&zones->map, zones->low, zones->high, zones->writers, budget);
}

enum zones_end zones_gather(struct zones *zones)
{
    if (!allocate(zones))
        return ZONES_NO_MEMORY;
    enum zones_end end = gather_writers(zones);
    if (end == ZONES_GO_ON)
        end = gather_readers(zones);
    if (end == ZONES_GO_ON && zones->cas_writers > 0)
        end = link_chains(zones);
    return end;
}

void zones_fini(struct zones *zones)
{
    struct budget *budget = zones->budget;
    budget_free(budget, zones->first_read, zones->cluster_capacity * sizeof *zones->first_read);
    budget_free(budget, zones->next_read, zones->count * sizeof *zones->next_read);
    zone_line_fini(&zones->line);
    budget_free(budget, zones->clusters, zones->cluster_capacity * sizeof *zones->clusters);
    ref_map_fini(&zones->map);
}
