/* Whether the kept operations have a linearization.
 *
 * Goes from one end of an operation to the next and keeps every *configuration* that is possible
 * there: the state of the object, and which operations that end later have taken effect. Before
 * an end passes, operations that have begun may take effect in any order; when it passes, its
 * operation must have (Wing & Gong 1993; by ends: Lowe 2017, "just-in-time"). When no configuration
 * is left, there is no linearization.
 *
 * Five shortcuts, each without loss:
 *   - an observer that is possible takes effect at once: it changes nothing for the others;
 *   - of equal operations the one that ends first takes effect first: exchanging two equal ones
 *     changes no state, and neither gets later than its end;
 *   - a write of a free value happens only just before an operation that can tell;
 *   - so does a register's write that never ends: it can be moved there, past whatever cannot tell,
 *     and one that nobody can tell of is left out;
 *   - of a kv, texts that no get can answer any more are one (verify_texts.h). */
#include "checker/budget.h"
#include "checker/verify_reduction.h"
#include "checker/verify_texts.h"
#include "core/errbuf.h"

#include <stdlib.h>
#include <string.h>

/* Arrays of words, each once: states of the object, or configurations. */
struct words {
    uint32_t *data;
    uint32_t *starts; /* by number: where in data; starts[count] is the end of the last */
    uint32_t *slots;  /* open addressing: number + 1; 0 = empty */
    size_t data_capacity;
    uint32_t count, capacity, slot_count;
};

enum { STATE_BITS = 31 }; /* above them: the last effect was a write that somebody must tell of */

/* A configuration is [state, effects...]: the operations that have taken effect and end later, as
 * numbers of `kept`, ascending. */
struct search {
    const struct verify_input *input;
    const struct refutation *refutation;
    const struct verify_kept *kept;
    uint32_t kept_count;
    bool process_matters; /* mutexes: two processes never do the same */
    bool is_register;
    bool is_kv;
    struct verify_texts texts; /* of a kv */
    uint64_t *by_end;          /* of kept ones that end: end << 32 | number, ascending */
    uint32_t end_count;
    uint32_t *open, open_count; /* begun before the end that comes, and not over */
    uint32_t begun;             /* how many of kept have begun */
    uint32_t *config, length;   /* the configuration that is looked at */
    bool *taken;                /* by number of kept: what has taken effect in it */
    uint32_t *scratch;
    struct words states;
    struct words now, next; /* configurations before, and after, the end that comes */
    struct specification_state state;
    bool failed; /* time or memory ran out */
};

/* --- words --- */

static uint32_t words_hash(const uint32_t *words, uint32_t length)
{
    uint64_t hash = length;
    for (uint32_t i = 0; i < length; i++)
        hash = (hash ^ words[i]) * UINT64_C(0x9e3779b97f4a7c15), hash ^= hash >> 29;
    return (uint32_t)(hash >> 32);
}

static const uint32_t *words_get(const struct words *words, uint32_t number, uint32_t *length)
{
    *length = words->starts[number + 1] - words->starts[number];
    return words->data + words->starts[number];
}

static uint32_t *words_slot(const struct words *words, const uint32_t *item, uint32_t length)
{
    for (uint32_t at = words_hash(item, length);; at++) {
        uint32_t *slot = &words->slots[at & (words->slot_count - 1)];
        uint32_t there_length;
        if (*slot == 0)
            return slot;
        const uint32_t *there = words_get(words, *slot - 1, &there_length);
        bool same = there_length == length; /* an empty one may be nowhere in memory */
        if (same && (length == 0 || memcmp(there, item, length * sizeof *item) == 0))
            return slot;
    }
}

static void *grown(struct budget *budget, void *block, size_t *capacity, size_t needed, size_t size)
{
    size_t wanted = needed + needed / 2 + 16;
    void *moved = budget_resize(budget, block, *capacity * size, wanted * size);
    if (moved)
        *capacity = wanted;
    return moved;
}

static bool words_grow_slots(struct words *words, struct budget *budget)
{
    uint32_t slot_count = words->slot_count ? words->slot_count * 2 : 64;
    uint32_t *slots = budget_zalloc(budget, slot_count * sizeof *slots), length;
    if (!slots)
        return false;
    budget_free(budget, words->slots, words->slot_count * sizeof *slots);
    words->slots = slots;
    words->slot_count = slot_count;
    for (uint32_t i = 0; i < words->count; i++) {
        const uint32_t *item = words_get(words, i, &length);
        *words_slot(words, item, length) = i + 1;
    }
    return true;
}

static bool words_reserve(struct words *words, uint32_t length, struct budget *budget)
{
    size_t capacity = words->capacity;
    size_t used = words->count ? words->starts[words->count] : 0;
    if (used + length > UINT32_MAX / 2)
        return false;
    if (words->count + 2 > words->capacity) {
        uint32_t *starts =
            grown(budget, words->starts, &capacity, words->count + 2, sizeof *starts);
        if (!starts)
            return false;
        words->starts = starts;
        words->capacity = (uint32_t)capacity;
    }
    if (used + length >= words->data_capacity) {
        uint32_t *data =
            grown(budget, words->data, &words->data_capacity, used + length, sizeof *data);
        if (!data)
            return false;
        words->data = data;
    }
    return words->count * 2 < words->slot_count || words_grow_slots(words, budget);
}

/* The number of an array, given out if it is new. False: no memory. */
static bool words_intern(struct words *words, const uint32_t *item, uint32_t length,
                         struct budget *budget, uint32_t *out)
{
    if (!words_reserve(words, length, budget))
        return false;
    uint32_t *slot = words_slot(words, item, length);
    if (*slot == 0) {
        uint32_t start = words->count ? words->starts[words->count] : 0;
        if (length > 0)
            memcpy(words->data + start, item, length * sizeof *item);
        words->starts[words->count] = start;
        words->starts[++words->count] = start + length;
        *slot = words->count;
    }
    *out = *slot - 1;
    return true;
}

/* As cheap as what was in it. */
static void words_clear(struct words *words)
{
    uint32_t length;
    if (words->count * 8 > words->slot_count) {
        memset(words->slots, 0, words->slot_count * sizeof *words->slots);
    } else {
        for (uint32_t i = words->count; i-- > 0;) { /* backwards: no chain breaks before its end */
            const uint32_t *item = words_get(words, i, &length);
            *words_slot(words, item, length) = 0;
        }
    }
    words->count = 0;
}

static void words_fini(struct words *words, struct budget *budget)
{
    budget_free(budget, words->data, words->data_capacity * sizeof *words->data);
    budget_free(budget, words->starts, words->capacity * sizeof *words->starts);
    budget_free(budget, words->slots, words->slot_count * sizeof *words->slots);
}

/* --- configurations --- */

/* The configuration that is looked at, with another state, and with `more` or without `less`;
 * UINT32_MAX: none. */
static void add(struct search *search, struct words *to, uint32_t state, uint32_t more,
                uint32_t less)
{
    uint32_t *item = search->scratch, length = 0, number;
    item[length++] = state;
    for (uint32_t i = 1; i < search->length; i++) {
        if (more < search->config[i]) {
            item[length++] = more;
            more = UINT32_MAX;
        }
        if (search->config[i] != less)
            item[length++] = search->config[i];
    }
    if (more != UINT32_MAX)
        item[length++] = more;
    if (!words_intern(to, item, length, search->input->budget, &number))
        search->failed = true;
}

static bool took_effect(const struct search *search, uint32_t op)
{
    return search->taken[op];
}

static void look_at(struct search *search, const uint32_t *item, uint32_t length)
{
    for (uint32_t i = 1; i < search->length; i++)
        search->taken[search->config[i]] = false;
    memcpy(search->config, item, length * sizeof *item);
    search->length = length;
    for (uint32_t i = 1; i < length; i++)
        search->taken[item[i]] = true;
}

static bool are_equal(const struct search *search, const struct verify_kept *a,
                      const struct verify_kept *b)
{
    return a->must == b->must && a->op.f == b->op.f && a->op.argument == b->op.argument &&
           a->op.result == b->op.result && a->op.outcome == b->op.outcome &&
           (a->op.process == b->op.process || !search->process_matters);
}

/* Whether an equal one comes first. */
static bool has_to_wait(const struct search *search, uint32_t op)
{
    const struct verify_kept *self = &search->kept[op];
    for (uint32_t i = 0; i < search->open_count; i++) {
        const struct verify_kept *other = &search->kept[search->open[i]];
        bool first = other->end < self->end || (other->end == self->end && other < self);
        if (first && !took_effect(search, search->open[i]) && are_equal(search, self, other))
            return true;
    }
    return false;
}

/* --- effects --- */

static bool load_state(struct search *search, uint32_t number)
{
    uint32_t length;
    const uint32_t *items = words_get(&search->states, number, &length);
    struct specification_state view = {.items = (value_ref *)(uintptr_t)items, .count = length};
    if (specification_state_copy(&search->state, &view))
        return true;
    search->failed = true;
    return false;
}

static bool store_state(struct search *search, uint32_t *number)
{
    bool stored = words_intern(&search->states, search->state.items, search->state.count,
                               search->input->budget, number);
    search->failed = search->failed || !stored;
    return stored;
}

/* The op takes effect in search->state; the configuration goes on in every state it leads to. */
static enum specification_step apply(struct search *search, uint32_t op, uint32_t choice)
{
    const struct specification *specification = search->input->specification;
    enum specification_step step =
        specification->apply(&search->input->context, &search->kept[op].op, choice, &search->state);
    search->failed = search->failed || step == SPECIFICATION_NOMEM;
    return step;
}

/* A write that may be put off until an operation that can tell. */
static bool can_wait(const struct search *search, uint32_t op)
{
    const struct verify_kept *kept = &search->kept[op];
    return search->is_register && kept->op.f == F_WRITE && kept->end == POSITION_NONE;
}

static uint32_t state_of(const uint32_t *config)
{
    return config[0] & ((UINT32_C(1) << STATE_BITS) - 1);
}

static bool has_to_be_seen(const uint32_t *config)
{
    return config[0] >> STATE_BITS;
}

static void go_on(struct search *search, uint32_t op, uint32_t ending)
{
    uint32_t state;
    if (search->is_kv)
        search->state.items[0] = verify_texts_alike(&search->texts, search->input->context.values,
                                                    search->state.items[0]);
    if (!store_state(search, &state))
        return;
    state |= (uint32_t)can_wait(search, op) << STATE_BITS;
    if (op == ending)
        add(search, &search->next, state, UINT32_MAX, UINT32_MAX);
    else
        add(search, &search->now, state, op, UINT32_MAX);
}

static void take_effect(struct search *search, uint32_t op, uint32_t ending)
{
    for (uint32_t choice = 0; !search->failed; choice++) {
        if (!load_state(search, state_of(search->config)))
            return;
        enum specification_step step = apply(search, op, choice);
        if (step == SPECIFICATION_NO_CHOICE)
            break;
        if (step == SPECIFICATION_APPLIED)
            go_on(search, op, ending);
    }
    for (uint32_t i = 0; i < search->refutation->free_count && !search->failed; i++) {
        search->state.items[0] = search->refutation->free_values[i];
        if (apply(search, op, 0) == SPECIFICATION_APPLIED)
            go_on(search, op, ending);
    }
}

static bool observe_at_once(struct search *search, uint32_t ending)
{
    const struct specification *specification = search->input->specification;
    for (uint32_t i = 0; i < search->open_count; i++) {
        uint32_t op = search->open[i];
        if (!specification->observes(&search->input->context, &search->kept[op].op) ||
            took_effect(search, op) || !load_state(search, state_of(search->config)) ||
            apply(search, op, 0) != SPECIFICATION_APPLIED)
            continue;
        go_on(search, op, ending);
        return true;
    }
    return false;
}

/* --- from end to end --- */

static void expand(struct search *search, uint32_t ending)
{
    if (took_effect(search, ending)) {
        add(search, &search->next, search->config[0], UINT32_MAX, ending);
        return;
    }
    if (observe_at_once(search, ending))
        return;
    bool unseen = has_to_be_seen(search->config);
    if (!search->kept[ending].must && !unseen) /* it never happens */
        add(search, &search->next, search->config[0], UINT32_MAX, UINT32_MAX);
    for (uint32_t i = 0; i < search->open_count && !search->failed; i++) {
        uint32_t op = search->open[i];
        bool cannot_tell = search->is_register && search->kept[op].op.f == F_WRITE;
        if (!(unseen && cannot_tell) && !took_effect(search, op) && !has_to_wait(search, op))
            take_effect(search, op, ending);
    }
}

static void begin_until(struct search *search, position end)
{
    while (search->begun < search->kept_count && search->kept[search->begun].op.invoke < end)
        search->open[search->open_count++] = search->begun++;
}

static void close_one(struct search *search, uint32_t op)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < search->open_count; i++)
        if (search->open[i] != op)
            search->open[kept++] = search->open[i];
    search->open_count = kept;
}

static void pass_end(struct search *search, uint32_t ending)
{
    begin_until(search, search->kept[ending].end);
    for (uint32_t i = 0; i < search->now.count && !search->failed; i++) {
        uint32_t length;
        const uint32_t *item = words_get(&search->now, i, &length);
        look_at(search, item, length);
        expand(search, ending);
        search->failed = search->failed || budget_time_over(search->input->budget);
    }
    struct words over = search->now;
    search->now = search->next;
    search->next = over;
    words_clear(&search->next);
    close_one(search, ending);
}

static enum verify_end begin(struct search *search, const struct verify_reduced *reduced,
                             struct errbuf *why)
{
    const struct verify_input *input = search->input;
    enum specification_step step = SPECIFICATION_APPLIED;
    for (uint32_t choice = 0; step == SPECIFICATION_APPLIED && !search->failed; choice++) {
        uint32_t state;
        step = search->refutation->any_state
                   ? verify_anywhere(input, reduced, choice, &search->state)
                   : input->specification->begin(&input->context, choice, &search->state);
        search->length = 1;
        if (step == SPECIFICATION_APPLIED && store_state(search, &state))
            add(search, &search->now, state, UINT32_MAX, UINT32_MAX);
    }
    search->failed = search->failed || step == SPECIFICATION_NOMEM;
    if (step != SPECIFICATION_REFUSED)
        return VERIFY_ACCEPTED;
    errbuf_set(why, 0, "the states that a %s may be in at any time are too many",
               input->specification->model);
    return VERIFY_REJECTED;
}

static int compare_ends(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return x < y ? -1 : x > y;
}

static void sort_ends(struct search *search)
{
    for (uint32_t i = 0; i < search->kept_count; i++)
        if (search->kept[i].end != POSITION_NONE)
            search->by_end[search->end_count++] = (uint64_t)search->kept[i].end << 32 | i;
    if (search->end_count > 0)
        qsort(search->by_end, search->end_count, sizeof *search->by_end, compare_ends);
}

static bool allocate(struct search *search)
{
    struct budget *budget = search->input->budget;
    size_t words = (search->kept_count + 2) * sizeof(uint32_t);
    search->by_end = budget_alloc(budget, search->kept_count * sizeof *search->by_end);
    search->open = budget_alloc(budget, words);
    search->config = budget_alloc(budget, words);
    search->scratch = budget_alloc(budget, words);
    search->taken = budget_zalloc(budget, search->kept_count * sizeof *search->taken);
    return search->by_end && search->open && search->config && search->scratch && search->taken;
}

static void search_fini(struct search *search)
{
    struct budget *budget = search->input->budget;
    size_t words = (search->kept_count + 2) * sizeof(uint32_t);
    budget_free(budget, search->by_end, search->kept_count * sizeof *search->by_end);
    budget_free(budget, search->open, words);
    budget_free(budget, search->config, words);
    budget_free(budget, search->scratch, words);
    budget_free(budget, search->taken, search->kept_count * sizeof *search->taken);
    verify_texts_fini(&search->texts, budget);
    words_fini(&search->states, budget);
    words_fini(&search->now, budget);
    words_fini(&search->next, budget);
    specification_state_fini(&search->state);
}

static enum verify_end run(struct search *search, const struct verify_reduced *reduced,
                           struct errbuf *why)
{
    search->failed = !allocate(search) ||
                     (search->is_kv && !verify_texts_init(&search->texts, search->input, reduced));
    if (!search->failed) {
        sort_ends(search);
        if (begin(search, reduced, why) == VERIFY_REJECTED)
            return VERIFY_REJECTED;
    }
    for (uint32_t i = 0; i < search->end_count && !search->failed && search->now.count > 0; i++)
        pass_end(search, (uint32_t)search->by_end[i]);
    if (search->failed) {
        errbuf_set(why, 0, "time or memory ran out");
        return VERIFY_OUT_OF_BUDGET;
    }
    if (search->now.count == 0)
        return VERIFY_ACCEPTED;
    errbuf_set(why, 0, "the operations that are kept can be linearized");
    return VERIFY_REJECTED;
}

enum verify_end verify_search(const struct verify_input *input, const struct refutation *refutation,
                              const struct verify_reduced *reduced, struct errbuf *why)
{
    struct search search = {
        .input = input,
        .refutation = refutation,
        .kept = reduced->kept,
        .kept_count = reduced->kept_count,
        .process_matters = strstr(input->specification->model, "-mutex") != NULL,
        .is_kv = strcmp(input->specification->model, "kv") == 0,
        .is_register = strcmp(input->specification->model, "register") == 0 ||
                       strcmp(input->specification->model, "cas-register") == 0,
    };
    enum verify_end end = run(&search, reduced, why);
    search_fini(&search);
    return end;
}

enum verify_end verify_refutation(const struct verify_input *input,
                                  const struct refutation *refutation, struct errbuf *why)
{
    struct verify_reduced reduced;
    enum verify_end end = verify_reduce(input, refutation, &reduced, why);
    if (end == VERIFY_ACCEPTED)
        end = verify_search(input, refutation, &reduced, why);
    verify_reduced_fini(&reduced, input->budget);
    return end;
}
