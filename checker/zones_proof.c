/* From a violation to the few operations that show it. */
#include "checker/zones.h"

static void keep(struct zones_proof *proof, uint32_t op)
{
    if (op != ZONES_NONE)
        kept_add(&proof->kept, op);
}

/* The cluster an operation belongs to: of the value it read or wrote. */
static uint32_t cluster_of(const struct zones *zones, uint32_t op)
{
    struct zones_call call = zones_read_call(zones, &zones->ops[op]);
    uint32_t at = zones_find(zones, call.kind == ZONES_READ ? call.needs : call.gives);
    if (call.kind == ZONES_READ || zones->clusters[at].writer == op)
        return at;
    for (at = 0; zones->clusters[at].writer != op; at++) /* one of several of a value */
        ;
    return at;
}

/* The cluster in front of one in its chain; ZONES_NONE if there is none. */
static uint32_t cluster_before(const struct zones *zones, uint32_t at)
{
    const struct zones_cluster *cluster = &zones->clusters[at];
    if (!(cluster->flags & ZONES_CAS))
        return ZONES_NONE;
    return zones_find(zones, zones_read_call(zones, &zones->ops[cluster->writer]).needs);
}

static bool stands_behind(const struct zones *zones, uint32_t lower, uint32_t upper)
{
    while (lower != upper && lower != ZONES_NONE)
        lower = cluster_before(zones, lower);
    return lower == upper;
}

/* What the cas that begins a kept piece of chain replaced needs no writer: the value may always
 * have been there. Where that cannot be said, all of the chain up to its root is kept. */
static void end_piece(const struct zones *zones, struct zones_proof *proof, uint32_t upper)
{
    uint32_t at = cluster_before(zones, upper);
    if (at == ZONES_NONE || at == ZONES_INITIAL)
        return;
    if (zones->frees_values && !kept_has(&proof->kept, zones->clusters[at].writer)) {
        const struct operation *cas = &zones->ops[zones->clusters[upper].writer];
        proof->free_values[proof->free_count++] = zones_read_call(zones, cas).needs;
        return;
    }
    for (uint32_t steps = 0; at != ZONES_NONE && steps < zones->cluster_count; steps++) {
        keep(proof, zones->clusters[at].writer);
        at = cluster_before(zones, at);
    }
}

/* The writers from one cluster up to another, which tie both into one piece. */
static void keep_piece(const struct zones *zones, struct zones_proof *proof, uint32_t lower,
                       uint32_t upper)
{
    for (uint32_t at = lower; at != upper; at = cluster_before(zones, at))
        keep(proof, zones->clusters[at].writer);
    keep(proof, zones->clusters[upper].writer);
    end_piece(zones, proof, upper);
}

/* Some read of the value of a cluster; ZONES_NONE if there is none. */
static uint32_t any_read(const struct zones *zones, uint32_t at)
{
    const struct zones_cluster *cluster = &zones->clusters[at];
    if (cluster->flags & ZONES_CAS) /* never a root, for which `last` has another meaning */
        return cluster->last;
    value_ref value = zones_read_call(zones, &zones->ops[cluster->writer]).gives;
    for (uint32_t i = 0; i < zones->count; i++) {
        struct zones_call call = zones_read_call(zones, &zones->ops[i]);
        if (call.kind == ZONES_READ && call.needs == value)
            return i;
    }
    return ZONES_NONE;
}

/* A crashed operation must have happened because another needs its value: keeps that, and what
 * needs that, down to one that did not crash. */
static void justify(const struct zones *zones, struct zones_proof *proof, uint32_t op)
{
    while (zones->ops[op].outcome == OP_INFO) {
        uint32_t at = cluster_of(zones, op);
        op = any_read(zones, at);
        if (op == ZONES_NONE)
            op = zones->clusters[zones->clusters[at].next].writer;
        keep(proof, op);
    }
}

static void tell(struct zones_proof *proof, uint32_t failing, const char *reason)
{
    proof->failing = failing;
    proof->reason = reason;
}

/* --- the rules --- */

static bool was_written_by_failed(const struct zones *zones, value_ref value)
{
    for (uint32_t i = 0; i < zones->count; i++) {
        const struct operation *op = &zones->ops[i];
        value_ref expected, next;
        if (op->outcome != OP_FAIL)
            continue;
        if (op->f == F_WRITE
                ? op->argument == value
                : op->f == F_CAS && zones_cas_values(zones, op, &expected, &next) && next == value)
            return true;
    }
    return false;
}

static void prove_unwritten(const struct zones *zones, struct zones_proof *proof)
{
    uint32_t x = zones->violation.x;
    struct zones_call call = zones_read_call(zones, &zones->ops[x]);
    bool read = call.kind == ZONES_READ;
    keep(proof, x);
    justify(zones, proof, x);
    if (was_written_by_failed(zones, call.needs))
        tell(proof, x,
             read ? "a read returned a value that only an operation that failed would have written"
                  : "a cas replaced a value that only an operation that failed would have written");
    else
        tell(proof, x,
             read ? "a read returned a value that nothing has written"
                  : "a cas replaced a value that nothing has written");
}

static void prove_replaced(const struct zones *zones, struct zones_proof *proof)
{
    uint32_t a = zones->violation.a, b = zones->violation.b;
    uint32_t first = zones->clusters[a].writer, second = zones->clusters[b].writer;
    keep(proof, first);
    keep(proof, second);
    justify(zones, proof, first);
    justify(zones, proof, second);
    uint32_t before = cluster_before(zones, a);
    keep_piece(zones, proof, before, before);
    tell(proof, first > second ? first : second,
         "two cas replaced the same value, which was there only once");
}

static void prove_rootless(const struct zones *zones, struct zones_proof *proof)
{
    uint32_t writer = zones->clusters[zones->violation.a].writer;
    justify(zones, proof, writer);
    for (uint32_t at = zones->violation.a; !kept_has(&proof->kept, zones->clusters[at].writer);
         at = cluster_before(zones, at))
        keep(proof, zones->clusters[at].writer);
    tell(proof, writer, "several cas each replaced what another of them had written");
}

static void prove_disorder(const struct zones *zones, struct zones_proof *proof)
{
    uint32_t x = zones->violation.x, y = zones->violation.y;
    uint32_t lower = cluster_of(zones, x), upper = cluster_of(zones, y);
    bool writer = zones->clusters[upper].writer == y, read = zones->ops[x].f == F_READ;
    keep(proof, x);
    keep(proof, y);
    keep_piece(zones, proof, lower, upper);
    if (!writer)
        tell(proof, y, "a read returned a value that a cas had replaced before the read began");
    else if (lower == upper)
        tell(proof, x, "a read returned a value before the operation that writes it began");
    else
        tell(proof, x,
             read ? "a read returned what a cas made of a value before that value was written"
                  : "a cas was over before the value was written that it goes back to");
}

/* The operation that ends first in a chain. */
static uint32_t first_to_end(const struct zones *zones, uint32_t root)
{
    uint32_t i = 0;
    while (zones->ops[i].complete != zones->clusters[root].end)
        i++;
    return i;
}

/* Keeps the two operations that make a chain's zone, and what ties them together. */
static void keep_zone(const struct zones *zones, struct zones_proof *proof, uint32_t root)
{
    const struct zones_cluster *zone = &zones->clusters[root];
    uint32_t late = zone->last, at = cluster_of(zones, late), upper = root;
    if (zone->end > 0) {
        uint32_t early = first_to_end(zones, root);
        upper = cluster_of(zones, early);
        keep(proof, early);
    }
    keep(proof, late);
    if (!stands_behind(zones, at, upper)) {
        keep_piece(zones, proof, upper, at);
        return;
    }
    keep_piece(zones, proof, at, upper);
    if (at != upper) /* else the one that ended first says that the other happened */
        justify(zones, proof, late);
}

/* Whether nothing writes what the operation needs from this moment on. */
static bool needs_only_before(const struct zones *zones, uint32_t op, position from)
{
    struct zones_call call = zones_read_call(zones, &zones->ops[op]);
    if (call.kind == ZONES_WRITE)
        return true;
    const struct zones_cluster *cluster = &zones->clusters[zones_find(zones, call.needs)];
    return !(cluster->flags & (ZONES_AMBIGUOUS | ZONES_DUPLICATE)) &&
           (cluster->writer == ZONES_NONE || operation_end(&zones->ops[cluster->writer]) < from);
}

/* Chain a holds an operation that began after the first of chain b had ended: these two are enough
 * if what they need was written before both, for whatever was there then, it is not afterwards. */
static bool prove_by_two(const struct zones *zones, struct zones_proof *proof, uint32_t early,
                         uint32_t late)
{
    position from = zones->ops[early].invoke;
    if (!zones->frees_values || zones->ops[late].outcome != OP_OK ||
        !needs_only_before(zones, early, from) || !needs_only_before(zones, late, from))
        return false;
    keep(proof, early);
    keep(proof, late);
    proof->any_state = true;
    proof->from = from;
    return true;
}

static void prove_crossed(const struct zones *zones, struct zones_proof *proof)
{
    uint32_t a = zones->violation.a, b = zones->violation.b;
    if (b == ZONES_INITIAL) { /* then it is this that comes too late */
        b = a;
        a = ZONES_INITIAL;
    }
    uint32_t late = zones->clusters[a].last;
    if (!prove_by_two(zones, proof, first_to_end(zones, b), late)) {
        keep_zone(zones, proof, a);
        keep_zone(zones, proof, b);
    }
    bool read = zones_read_call(zones, &zones->ops[late]).kind == ZONES_READ;
    tell(proof, late,
         read ? "a read returned a value that had been overwritten before the read began"
              : "a cas replaced a value that had been overwritten before the cas began");
}

static bool is_free(const struct zones_proof *proof, value_ref value)
{
    for (uint32_t i = 0; i < proof->free_count; i++)
        if (proof->free_values[i] == value)
            return true;
    return false;
}

/* Whether a kept operation needs a value that something else may have written. */
static bool is_ambiguous(const struct zones *zones, const struct zones_proof *proof)
{
    const struct kept *kept = &proof->kept;
    for (uint32_t i = kept_next(kept, 0); i < kept->limit; i = kept_next(kept, i + 1)) {
        struct zones_call call = zones_read_call(zones, &zones->ops[i]);
        if (call.kind == ZONES_WRITE || is_free(proof, call.needs))
            continue;
        uint32_t at = zones_find(zones, call.needs);
        if (at != ZONES_NONE && (zones->clusters[at].flags & (ZONES_AMBIGUOUS | ZONES_DUPLICATE)))
            return true;
    }
    return false;
}

enum zones_end zones_prove(struct zones *zones, struct zones_proof *proof)
{
    static void (*const rules[])(const struct zones *, struct zones_proof *) = {
        [ZONES_UNWRITTEN] = prove_unwritten, [ZONES_REPLACED] = prove_replaced,
        [ZONES_ROOTLESS] = prove_rootless,   [ZONES_DISORDER] = prove_disorder,
        [ZONES_CROSSED] = prove_crossed,
    };
    rules[zones->violation.rule](zones, proof);
    if (proof->any_state || !is_ambiguous(zones, proof))
        return ZONES_VIOLATED;
    zones->unfit = "a crashed operation may have written a value a second time";
    return ZONES_UNFIT;
}
