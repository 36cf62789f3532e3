/* A priority queue of distinct integers, almost linear after sorting them (Lee & Mathur, "Efficient
 * Decrease-and-Conquer Linearizability Monitoring", OOPSLA 2025; the form below, crashed
 * operations, and the order, are ours).
 *
 * Going from the largest value down, take each out in the first cell of its window in which no
 * larger one certainly is in (container.h); there is no order if there is no such cell. A larger
 * value may in fact be in longer, up to the cell it is taken out in - but only through cells in
 * which an even larger one certainly is in, so this hides no further cell. Put every value in as
 * late as it can be, but before it is taken out. Then, in each cell, first take out what is to be
 * taken out, the largest first, putting in just before what is not in yet; then come the removals
 * that found nothing, for which no value at all may certainly be in; then what must be put in.
 *
 * Crashed removals take values that nobody is known to have taken, those first that must be gone
 * first: before a smaller value was taken, or nothing was found. If that explains the history, it
 * is good. Else, of the larger values left, as many as were certainly put in before a cell, less
 * the removals that crashed and were invoked before it, are in in that cell, whoever took which; if
 * that leaves some removal without a free cell, there is no order; else this does not decide. */
#include "checker/algorithm.h"

#include "checker/answer.h"
#include "checker/container.h"
#include "checker/layers.h"
#include "checker/ref_map.h"
#include "core/err.h"
#include "core/errbuf.h"

struct run {
    struct container c;
    uint32_t *largest_first; /* values */
    uint32_t *taken;         /* by value: the cell it is taken out in; only for an order */
    size_t count, taken_count;
    bool counts_left;      /* values left are not known by what they were taken by */
    struct layers shadows; /* then: by cell + 1, one more than how many may be added */
    struct algorithm_result *out;
};

static bool accepted(const struct run *run)
{
    return run->out->end == ALGORITHM_ACCEPTED;
}

/* --- priorities --- */

static bool integer_of(const struct object *object, value_ref ref, int64_t *out)
{
    *out = value_ref_as_int(ref);
    if (value_ref_is_int(ref))
        return true;
    if (ref == VALUE_REF_NIL) /* that of a removal */
        return false;
    struct value value = value_pool_get(object->values, ref);
    *out = value.integer;
    return value.kind == VALUE_INT;
}

static int check_integers(const struct object *object, struct errbuf *err)
{
    int64_t integer;
    for (uint32_t i = 0; i < object->count; i++) {
        const struct operation *op = &object->ops[i];
        if (integer_of(object, op->argument, &integer) || op->outcome == OP_FAIL ||
            symbol_canonical(op->f) != F_ENQUEUE)
            continue;
        uint64_t event = object->all ? operations_index(object->all, op->invoke) : op->invoke;
        return errbuf_set(err, ERR_INPUT,
                          "event %llu: the elements of a priority queue must be integers",
                          (unsigned long long)event);
    }
    return 0;
}

static enum sort_end sort_integers(struct run *run)
{
    struct container *c = &run->c;
    size_t size = run->count * sizeof(struct sort_item);
    struct sort_item *items = budget_alloc(c->budget, size);
    enum sort_end end = items ? SORT_DONE : SORT_OUT_OF_MEMORY;
    for (uint32_t i = 0; i < c->count && items; i++) {
        int64_t integer = 0;
        integer_of(c->object, c->object->ops[c->values[i].insert].argument, &integer);
        items[i] = (struct sort_item){(uint64_t)INT64_MAX - (uint64_t)integer, i};
    }
    if (end == SORT_DONE)
        end = sort_items(items, run->count, c->budget);
    for (uint32_t i = 0; i < c->count && end == SORT_DONE; i++)
        run->largest_first[i] = items[i].item;
    budget_free(c->budget, items, size);
    return end;
}

/* All are their own references. */
static enum sort_end sort_small_integers(struct run *run)
{
    const struct container *c = &run->c;
    size_t size = run->count * sizeof(uint64_t);
    uint64_t *words = budget_alloc(c->budget, size);
    enum sort_end end = words ? SORT_DONE : SORT_OUT_OF_MEMORY;
    for (uint32_t i = 0; i < c->count && words; i++) {
        value_ref value = c->object->ops[c->values[i].insert].argument;
        words[i] = sort_word(~ref_map_order(value), i);
    }
    if (end == SORT_DONE)
        end = sort_words(words, run->count, c->budget);
    for (uint32_t i = 0; i < c->count && end == SORT_DONE; i++)
        run->largest_first[i] = (uint32_t)words[i];
    budget_free(c->budget, words, size);
    return end;
}

/* --- values left, by their number --- */

static bool shadows_init(struct run *run)
{
    const struct container *c = &run->c;
    if (!layers_init(&run->shadows, c->cells + 1, c->budget))
        return false;
    layers_add(&run->shadows, 0, CELL_NEVER);
    for (uint32_t i = 0; i < c->crashed_count; i++)
        layers_add(&run->shadows, c->crashed[i].at.from + 1, CELL_NEVER);
    layers_begin(&run->shadows);
    return true;
}

/* One more value is in from this cell on: where there are more than can have been taken, one stays.
 */
static void shadows_add(struct run *run, struct cover *cover, uint32_t from)
{
    uint32_t block;
    uint64_t bits;
    layers_remove(&run->shadows, from + 1, CELL_NEVER);
    while (layers_next_bare(&run->shadows, &block, &bits)) {
        for (; bits; bits &= bits - 1) {
            uint32_t cell = block * LAYERS_BLOCK + (uint32_t)__builtin_ctzll(bits) - 1;
            cover_add(cover, cell, cell + 1);
        }
    }
}

/* Of the values left, only those before this rank are looked at, and the i-th removal takes the
 * i-th: this covers the same as their shadows. */
static void give_first(struct run *run, uint32_t rank)
{
    struct container *c = &run->c;
    struct kept first;
    if (!kept_init(&first, c->budget, c->count)) {
        run->out->end = ALGORITHM_OUT_OF_MEMORY;
        return;
    }
    for (uint32_t i = 0; i < rank; i++)
        kept_add(&first, run->largest_first[i]);
    uint32_t left_count = 0;
    for (uint32_t i = 0; i < c->left_count; i++)
        if (kept_has(&first, c->left[i]))
            c->left[left_count++] = c->left[i];
    c->left_count = left_count;
    container_give_left(c);
    kept_fini(&first);
}

/* --- the check --- */

static void reject(struct run *run, uint32_t rank)
{
    uint32_t number = run->largest_first[rank];
    const struct container_value *value = &run->c.values[number];
    if (run->counts_left)
        give_first(run, rank);
    if (accepted(run))
        container_reject_covered(
            &run->c, value->out, run->largest_first, rank, number, CONTAINER_NO, value->remove,
            "a value was taken out although a larger one was in at all times", run->out);
}

static void check_value(struct run *run, struct cover *cover, uint32_t rank)
{
    uint32_t number = run->largest_first[rank];
    const struct container_value *value = &run->c.values[number];
    if (value->remove != CONTAINER_NO) {
        uint32_t cell = cover_next_free(cover, value->out.from);
        if (cell >= value->out.to || cell >= cover->count) {
            reject(run, rank);
            return;
        }
        if (run->taken)
            run->taken[number] = cell;
    }
    if (run->counts_left && value->remove == CONTAINER_NO)
        shadows_add(run, cover, value->in.to);
    else if (container_stays(value))
        cover_add(cover, value->in.to, value->out.from);
}

/* Whether all can be explained: or else why not. */
static void check(struct run *run)
{
    enum { AHEAD = 16 };
    struct container *c = &run->c;
    struct cover cover;
    run->out->end = ALGORITHM_ACCEPTED;
    if (!cover_init(&cover, c->cells, c->budget)) {
        run->out->end = ALGORITHM_OUT_OF_MEMORY;
        return;
    }
    for (uint32_t i = 0; i < c->count && accepted(run); i++) {
        if (i + AHEAD < c->count)
            __builtin_prefetch(&c->values[run->largest_first[i + AHEAD]]);
        if (container_time_over(c->budget, i))
            run->out->end = ALGORITHM_OUT_OF_TIME;
        else
            check_value(run, &cover, i);
    }
    if (accepted(run) && run->counts_left)
        container_give_left(c);
    if (accepted(run))
        container_check_empties(c, &cover, run->out);
    cover_fini(&cover);
}

/* --- crashed removals --- */

static void give_left(struct run *run)
{
    struct container *c = &run->c;
    size_t size = run->count * sizeof(struct sort_item);
    struct sort_item *items = budget_alloc(c->budget, size);
    enum sort_end end = SORT_OUT_OF_MEMORY;
    for (uint32_t i = 0; i < c->count && items; i++)
        items[i].item = run->largest_first[c->count - 1 - i];
    if (items)
        end = container_give_urgent(c, items);
    budget_free(c->budget, items, size);
    container_end_sort(run->out, end);
}

static void check_with_left(struct run *run)
{
    struct container *c = &run->c;
    give_left(run);
    if (!accepted(run))
        return;
    check(run);
    if (run->out->end != ALGORITHM_REJECTED)
        return;
    container_forget_witness(c, run->out);
    container_take_back_left(c);
    run->counts_left = shadows_init(run);
    if (!run->counts_left) {
        run->out->end = ALGORITHM_OUT_OF_MEMORY;
        return;
    }
    check(run);
    layers_fini(&run->shadows);
    if (accepted(run))
        container_not_for_this(run->out, CONTAINER_CRASHED);
}

/* --- all of it --- */

static void decide(struct run *run, bool want_order)
{
    struct container *c = &run->c;
    run->count = c->count;
    run->largest_first = budget_alloc(c->budget, run->count * sizeof *run->largest_first);
    run->taken_count = want_order ? run->count : 0;
    if (want_order)
        run->taken = budget_alloc(c->budget, run->taken_count * sizeof *run->taken);
    if (!run->largest_first || (want_order && !run->taken))
        run->out->end = ALGORITHM_OUT_OF_MEMORY;
    if (accepted(run))
        container_end_sort(run->out,
                           c->small_integers ? sort_small_integers(run) : sort_integers(run));
    if (accepted(run) && c->left_count > 0)
        check_with_left(run);
    else if (accepted(run))
        check(run);
    if (accepted(run) && c->set_aside > 0)
        container_not_for_this(run->out, CONTAINER_SET_ASIDE);
    else if (accepted(run) && want_order)
        container_accept_late(c, run->largest_first, run->taken, run->out);
    budget_free(c->budget, run->largest_first, run->count * sizeof *run->largest_first);
    budget_free(c->budget, run->taken, run->taken_count * sizeof *run->taken);
}

static int run_algorithm(const struct algorithm_input *input, struct algorithm_result *out,
                         struct errbuf *err)
{
    struct run run = {.out = out};
    int rc = container_read(&run.c, input, F_ENQUEUE, F_DEQUEUE, out, err);
    if (rc != 0)
        return rc;
    if (!run.c.small_integers && (rc = check_integers(input->object, err)) != 0) {
        container_fini(&run.c);
        algorithm_result_fini(out, input->budget);
        return rc;
    }
    if (!accepted(&run))
        return 0;
    decide(&run, input->want_order);
    container_fini(&run.c);
    return 0;
}

static const char *const models[] = {"priority-queue", NULL};

const struct algorithm algorithm_priority_queue = {
    .name = "priority-queue",
    .doc = "priority queues of distinct integers: largest first (Lee & Mathur, OOPSLA 2025)",
    .models = models,
    .run = run_algorithm,
};
