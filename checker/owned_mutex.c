/* Linearizability of a mutex that only its holder may release, and acquire once:
 * algorithm_owned_mutex.
 *
 * An owner's operations come one after the other, and must alternate: an acquire and the release
 * that follows it are a hold, and nothing may stand between them. So holds are zones: two may not
 * overlap if neither can stand before the other (zone_line.h). A hold without a release is the
 * last.
 *
 * Crashed operations: between two acquires of an owner that are known to have happened there must
 * have been a release, and before a release an acquire; then the crashed one that began first does
 * best, for it leaves the most room and the later ones to later needs. A crashed release also ends
 * the owner's last hold, which leaves room and takes none. All others are left out: a crashed
 * acquire, if nothing needs it, would only keep others waiting. The one exception are a crashed
 * release and a crashed acquire that together would let go of a hold for a while: where an owner
 * has both, a violation that involves it is left to another algorithm. So is one whose certain
 * operations overlap.
 *
 * O(n) expected; 4 bytes an operation, 8 more if some crashed, 16 a hold, 40 an owner. */
#include "checker/answer.h"
#include "checker/ref_map.h"
#include "checker/zone_line.h"

#include <assert.h>

#define NONE UINT32_MAX
enum { RELEASE, ACQUIRE };

enum owned_end { GO_ON, VIOLATED, UNFIT, NO_TIME, NO_MEMORY };

struct hold {
    uint32_t owner;
    uint32_t acquire, release; /* operations; release NONE: never */
    position end;              /* the earlier end of both */
};

struct owner {
    value_ref name;
    uint32_t last;       /* its last certain operation; NONE */
    uint32_t open;       /* its hold that has no release yet; NONE */
    uint32_t waiting[2]; /* crashed releases and acquires that were not needed yet: a list, */
    uint32_t newest[2];  /* and its end */
    bool crashed_release;
    uint32_t first_crashed, crashed_count;
};

struct owned {
    const struct algorithm_input *input;
    const struct operation *ops;
    uint32_t count;
    struct budget *budget;
    uint32_t acquires; /* at most so many holds */
    uint32_t crashed;
    uint32_t low, high; /* of the owners' names, as ref_map_order */
    struct ref_map map; /* from a name to the owner */
    struct owner *owners;
    uint32_t owner_count, owner_capacity;
    struct hold *holds;
    uint32_t hold_count;
    uint32_t *next; /* by operation: lists of crashed ones */
    struct zone_line line;

    const char *reason;          /* violated; unfit */
    uint32_t failing;            /* violated */
    uint32_t first_op, owner[2]; /* violated: shown from this operation on, by these owners */
    bool from_beginning;         /* ... or rather from the beginning */
    position until;              /* ... up to this event */
};

static bool is_acquire(const struct operation *op)
{
    return symbol_canonical(op->f) == F_ACQUIRE;
}

static value_ref owner_name(const struct operation *op)
{
    return op->argument != VALUE_REF_NIL ? op->argument : value_ref_int(op->process);
}

static enum owned_end unfit(struct owned *owned, const char *reason)
{
    owned->reason = reason;
    return UNFIT;
}

/* --- preparation --- */

static int look_at_all(struct owned *owned, enum owned_end *end, struct errbuf *err)
{
    owned->low = UINT32_MAX;
    for (uint32_t i = 0; i < owned->count; i++) {
        const struct operation *op = &owned->ops[i];
        if (!is_acquire(op) && symbol_canonical(op->f) != F_RELEASE)
            return answer_bad_operation(owned->input, i, err);
        if (op->outcome == OP_FAIL)
            continue;
        if (op->argument == VALUE_REF_NIL && !value_ref_holds_int(op->process))
            *end = unfit(owned, "the numbers of processes are very large");
        uint32_t rank = ref_map_order(owner_name(op));
        owned->low = rank < owned->low ? rank : owned->low;
        owned->high = rank > owned->high ? rank : owned->high;
        owned->acquires += is_acquire(op);
        owned->crashed += op->outcome == OP_INFO;
    }
    return 0;
}

static bool allocate(struct owned *owned)
{
    struct budget *budget = owned->budget;
    uint32_t names = owned->low > owned->high ? 0 : owned->count;
    if (!ref_map_init(&owned->map, owned->low, owned->high, names, budget))
        return false;
    owned->holds = budget_alloc(budget, owned->acquires * sizeof *owned->holds);
    if (owned->crashed > 0)
        owned->next = budget_alloc(budget, owned->count * sizeof *owned->next);
    return owned->holds && (owned->crashed == 0 || owned->next) &&
           zone_line_init(&owned->line, budget, owned->ops, owned->count);
}

static void owned_fini(struct owned *owned)
{
    struct budget *budget = owned->budget;
    zone_line_fini(&owned->line);
    budget_free(budget, owned->next, owned->count * sizeof *owned->next);
    budget_free(budget, owned->holds, owned->acquires * sizeof *owned->holds);
    budget_free(budget, owned->owners, owned->owner_capacity * sizeof *owned->owners);
    ref_map_fini(&owned->map);
}

/* The owner of this name, a new one if need be; NULL: no memory. */
static struct owner *find_owner(struct owned *owned, value_ref name)
{
    enum { FIRST = 64 };
    uint32_t *place = ref_map_place(&owned->map, name);
    if (*place != REF_MAP_NONE)
        return &owned->owners[*place];
    if (owned->owner_count == owned->owner_capacity) {
        uint32_t capacity = owned->owner_capacity ? owned->owner_capacity * 2 : FIRST;
        struct owner *owners =
            budget_resize(owned->budget, owned->owners, owned->owner_capacity * sizeof *owners,
                          capacity * sizeof *owners);
        if (!owners)
            return NULL;
        owned->owners = owners;
        owned->owner_capacity = capacity;
    }
    *place = owned->owner_count++;
    owned->owners[*place] = (struct owner){.name = name,
                                           .last = NONE,
                                           .open = NONE,
                                           .waiting = {NONE, NONE},
                                           .newest = {NONE, NONE},
                                           .first_crashed = NONE};
    return &owned->owners[*place];
}

/* --- holds --- */

static void add_crashed(struct owned *owned, struct owner *owner, uint32_t op)
{
    uint32_t kind = is_acquire(&owned->ops[op]) ? ACQUIRE : RELEASE;
    owned->next[op] = NONE;
    if (owner->waiting[kind] == NONE)
        owner->waiting[kind] = op;
    else
        owned->next[owner->newest[kind]] = op;
    owner->newest[kind] = op;
    owner->crashed_release = owner->crashed_release || kind == RELEASE;
    if (owner->crashed_count++ == 0)
        owner->first_crashed = op;
}

/* The crashed operation that began first and is not needed yet; NONE. */
static uint32_t take_crashed(struct owned *owned, struct owner *owner, uint32_t kind)
{
    uint32_t op = owner->waiting[kind];
    if (op != NONE)
        owner->waiting[kind] = owned->next[op];
    return op;
}

static void begin_hold(struct owned *owned, struct owner *owner, uint32_t acquire)
{
    assert(owned->hold_count < owned->acquires);
    owner->open = owned->hold_count++;
    owned->holds[owner->open] = (struct hold){.owner = (uint32_t)(owner - owned->owners),
                                              .acquire = acquire,
                                              .release = NONE,
                                              .end = operation_end(&owned->ops[acquire])};
}

static void end_hold(struct owned *owned, struct owner *owner, uint32_t release)
{
    struct hold *hold = &owned->holds[owner->open];
    position end = operation_end(&owned->ops[release]);
    hold->release = release;
    hold->end = end < hold->end ? end : hold->end;
    owner->open = NONE;
}

/* A certain operation of an owner does not follow from those before. */
static enum owned_end out_of_turn(struct owned *owned, struct owner *owner, uint32_t op)
{
    bool acquire = is_acquire(&owned->ops[op]);
    position end = owned->ops[op].complete;
    for (uint32_t i = op + 1; i < owned->count && owned->ops[i].invoke < end; i++)
        if (owned->ops[i].outcome != OP_FAIL && owner_name(&owned->ops[i]) == owner->name &&
            is_acquire(&owned->ops[i]) != acquire)
            return unfit(owned, "operations of one owner overlap");
    owned->failing = op;
    owned->first_op = owner->last;
    owned->from_beginning = owner->last == NONE || owner->crashed_count > 0;
    owned->until = end;
    owned->owner[0] = owned->owner[1] = (uint32_t)(owner - owned->owners);
    owned->reason = acquire ? "it was acquired by one that held it already"
                            : "it was released by one that did not hold it";
    return VIOLATED;
}

static enum owned_end add_certain(struct owned *owned, struct owner *owner, uint32_t op)
{
    bool acquire = is_acquire(&owned->ops[op]), held = owner->open != NONE;
    if (owner->last != NONE && owned->ops[owner->last].complete > owned->ops[op].invoke)
        return unfit(owned, "operations of one owner overlap");
    if (acquire == held) {
        uint32_t needed = take_crashed(owned, owner, acquire ? RELEASE : ACQUIRE);
        if (needed == NONE)
            return out_of_turn(owned, owner, op);
        if (acquire)
            end_hold(owned, owner, needed);
        else
            begin_hold(owned, owner, needed);
    }
    if (acquire)
        begin_hold(owned, owner, op);
    else
        end_hold(owned, owner, op);
    owner->last = op;
    return GO_ON;
}

static enum owned_end make_holds(struct owned *owned)
{
    enum owned_end end = GO_ON;
    for (uint32_t i = 0; i < owned->count && end == GO_ON; i++) {
        const struct operation *op = &owned->ops[i];
        if (op->outcome == OP_FAIL)
            continue;
        struct owner *owner = find_owner(owned, owner_name(op));
        if (!owner)
            return NO_MEMORY;
        if (op->outcome == OP_INFO)
            add_crashed(owned, owner, i);
        else
            end = add_certain(owned, owner, i);
        if (budget_time_over(owned->budget))
            return NO_TIME;
    }
    for (uint32_t i = 0; i < owned->owner_count && end == GO_ON; i++) {
        struct owner *owner = &owned->owners[i];
        uint32_t release = owner->open == NONE ? NONE : take_crashed(owned, owner, RELEASE);
        if (release != NONE)
            end_hold(owned, owner, release);
    }
    return end;
}

/* --- between holds --- */

/* Its operation that started last; owned->count if it never ended. */
static uint32_t latest_of(const struct owned *owned, const struct hold *hold)
{
    if (hold->release == NONE)
        return owned->count;
    return hold->acquire > hold->release ? hold->acquire : hold->release;
}

static bool is_uncertain(const struct owned *owned, const struct hold *hold)
{
    const struct owner *owner = &owned->owners[hold->owner];
    return owner->crashed_release && owner->waiting[ACQUIRE] != NONE;
}

/* The first of two holds to begin is to be shown first, and the last answer of both last. */
static void show_hold(struct owned *owned, const struct hold *hold)
{
    uint32_t parts[2] = {hold->acquire, hold->release};
    for (uint32_t i = 0; i < 2; i++) {
        if (parts[i] == NONE)
            continue;
        const struct operation *op = &owned->ops[parts[i]];
        position end = op->outcome == OP_OK ? op->complete : op->invoke;
        owned->until = end > owned->until ? end : owned->until;
        owned->first_op = parts[i] < owned->first_op ? parts[i] : owned->first_op;
    }
}

/* Whether no crashed operation of the owner could change what a hold shows, had nothing been before
 * it that it served. */
static bool is_by_itself(const struct owned *owned, const struct hold *hold)
{
    const struct owner *owner = &owned->owners[hold->owner];
    uint32_t op = owner->first_crashed;
    if (owner->crashed_count == 0)
        return true;
    return owner->crashed_count == 1 &&
           (op == hold->acquire || op == hold->release || owned->ops[op].invoke > owned->until);
}

static enum owned_end crossed(struct owned *owned, uint32_t a, uint32_t b)
{
    const struct hold *first = &owned->holds[a], *second = &owned->holds[b];
    if (is_uncertain(owned, first) || is_uncertain(owned, second))
        return unfit(owned, "an owner may have released and acquired it while it crashed");
    owned->first_op = NONE;
    owned->until = 0;
    show_hold(owned, first);
    show_hold(owned, second);
    owned->owner[0] = first->owner;
    owned->owner[1] = second->owner;
    owned->from_beginning = !is_by_itself(owned, first) || !is_by_itself(owned, second);
    owned->failing = first->acquire > second->acquire ? first->acquire : second->acquire;
    owned->reason = "it was acquired while another held it";
    return VIOLATED;
}

static enum owned_end compare_holds(struct owned *owned)
{
    uint32_t forward, other;
    struct zone_line *line = &owned->line;
    line->ends = owned->holds ? &owned->holds->end : NULL;
    line->stride = sizeof *owned->holds;
    for (uint32_t i = 0; i < owned->hold_count; i++) {
        uint32_t *place = &line->zones[latest_of(owned, &owned->holds[i])];
        if (*place != ZONE_NONE) /* neither of two ended */
            return crossed(owned, *place, i);
        *place = i;
    }
    switch (zone_line_check(line, &forward, &other)) {
    case ZONE_LINE_ORDERED:
        return GO_ON;
    case ZONE_LINE_CROSSED:
        return crossed(owned, other, forward);
    case ZONE_LINE_OUT_OF_TIME:
        break;
    }
    return NO_TIME;
}

/* --- the answer --- */

static enum owned_end make_order(const struct owned *owned, struct algorithm_result *out)
{
    struct zone_walk walk = {0};
    uint32_t count = 0;
    for (uint32_t i = 0; i < owned->hold_count; i++)
        count += owned->holds[i].release == NONE ? 1 : 2;
    if (!answer_reserve_order(owned->input, out, count))
        return NO_MEMORY;
    count = 0;
    for (uint32_t i = zone_line_next(&owned->line, &walk); i != ZONE_NONE;
         i = zone_line_next(&owned->line, &walk)) {
        out->order[count++] = owned->holds[i].acquire;
        if (owned->holds[i].release != NONE)
            out->order[count++] = owned->holds[i].release;
    }
    return GO_ON;
}

/* Keeps all that the two owners did since the first operation to be shown, whatever state that
 * found, until the last answer. */
static int reject(const struct owned *owned, struct algorithm_result *out)
{
    const struct operation *ops = owned->ops;
    position from = owned->from_beginning ? 0 : ops[owned->first_op].invoke, until = owned->until;
    value_ref names[2] = {owned->owners[owned->owner[0]].name, owned->owners[owned->owner[1]].name};
    struct kept kept;
    if (!kept_init(&kept, owned->budget, owned->count))
        return answer_out_of_memory(out);
    for (uint32_t i = 0; i < owned->count && ops[i].invoke < until; i++) {
        value_ref name = owner_name(&ops[i]);
        if (ops[i].outcome == OP_FAIL || operation_end(&ops[i]) < from ||
            (name != names[0] && name != names[1]))
            continue;
        kept_add(&kept, i);
        if (ops[i].outcome == OP_OK && ops[i].complete > until)
            until = ops[i].complete;
    }
    out->any_state = !owned->from_beginning;
    out->from = from;
    int rc = answer_rejected(out, &kept, owned->reason, owned->failing);
    kept_fini(&kept);
    return rc;
}

static int answer(const struct owned *owned, enum owned_end end, struct algorithm_result *out)
{
    switch (end) {
    case GO_ON:
        return answer_accepted(out);
    case VIOLATED:
        return reject(owned, out);
    case UNFIT:
        return answer_not_for_this(out, owned->reason);
    case NO_TIME:
        return answer_out_of_time(out);
    case NO_MEMORY:
        break;
    }
    return answer_out_of_memory(out);
}

static int run(const struct algorithm_input *input, struct algorithm_result *out,
               struct errbuf *err)
{
    struct owned owned = {.input = input,
                          .ops = input->object->ops,
                          .count = input->object->count,
                          .budget = input->budget};
    enum owned_end end = GO_ON;
    *out = (struct algorithm_result){.steps = owned.count};
    int rc = look_at_all(&owned, &end, err);
    if (rc != 0)
        return rc;
    if (end == GO_ON && !allocate(&owned))
        end = NO_MEMORY;
    if (end == GO_ON)
        end = make_holds(&owned);
    if (end == GO_ON)
        end = compare_holds(&owned);
    if (end == GO_ON && input->want_order)
        end = make_order(&owned, out);
    rc = answer(&owned, end, out);
    owned_fini(&owned);
    return rc;
}

static const char *const models[] = {"owned-mutex", NULL};

const struct algorithm algorithm_owned_mutex = {
    .name = "owned-mutex",
    .doc = "holds that may not overlap, as zones (Gibbons & Korach 1997), linear",
    .models = models,
    .run = run,
};
