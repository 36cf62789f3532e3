/* Shrinking what a checker refutes that is not about linearizability.
 *
 * Any operation may be tried to be left out: what is left is kept only if the checker refutes it,
 * and every violation that it lists there is also one of the whole object, as the checker's own
 * `confirm` says when it is asked about the same operations there. So an add that is left out does
 * not make an element one from nowhere (in the whole object somebody added it), an increment does
 * not make a read too high (the bounds, part of what is found, are others there), and a transfer
 * does not change the total of a bank. No rule is needed for each checker: whatever is shown of
 * what is left has happened as it is shown.
 *
 * Reads of a whole set lose the elements that nobody who is left adds, and somebody did: so that
 * they need not be kept for the reads' sake. What is found is asked of the whole reads. */
#include "checker/budget.h"
#include "checker/shrink_parts.h"
#include "core/arena.h"
#include "core/err.h"
#include "core/errbuf.h"

#include <stdlib.h>
#include <string.h>

/* An operation, and with what others it is tried. */
struct group {
    uint64_t key;
    uint32_t op;
};

struct checker_shrink {
    const struct checker *checker;
    const struct check_options *options;
    struct budget *budget;
    struct arena arena;    /* of one try */
    struct object whole;   /* as it was */
    struct operation *ops; /* its own */
    struct operation *tried;
    bool is_set;          /* reads are lists of elements */
    struct group *groups; /* of what is left, while some are tried to be left out */
    uint32_t *number;     /* by operation of the whole: of its group */
    value_ref *added[2];  /* what the whole adds, and what is tried adds; sorted */
    uint32_t added_count[2];
    uint32_t *left, *keep; /* numbers of operations of the whole: what is left; what is tried */
    uint32_t left_count, keep_count;
    bool over; /* time or memory */
};

static struct checker_input input_of(struct checker_shrink *shrink, const struct object *object)
{
    return (struct checker_input){.object = object,
                                  .semantics = &shrink->options->semantics,
                                  .options = &shrink->options->checker,
                                  .budget = shrink->budget,
                                  .arena = &shrink->arena};
}

static bool is_true_of_the_whole(struct checker_shrink *shrink,
                                 const struct checker_finding *finding)
{
    enum { OPS = sizeof finding->ops / sizeof finding->ops[0] };
    struct checker_input input = input_of(shrink, &shrink->whole);
    struct checker_finding there = *finding;
    for (uint32_t i = 0; i < OPS; i++)
        if (finding->ops[i] < shrink->keep_count)
            there.ops[i] = shrink->keep[finding->ops[i]];
    return shrink->checker->confirm(&input, &there);
}

/* --- reads of a set --- */

static int compare_refs(const void *a, const void *b)
{
    value_ref x = *(const value_ref *)a, y = *(const value_ref *)b;
    return (x > y) - (x < y);
}

static void note_added(struct checker_shrink *shrink, int which, const struct object *object)
{
    value_ref *added = shrink->added[which];
    uint32_t count = 0;
    for (uint32_t i = 0; i < object->count; i++)
        if (object->ops[i].f == F_ADD) {
            added[count++] = object->ops[i].argument;
            if (object->ops[i].result != VALUE_REF_NIL)
                added[count++] = object->ops[i].result;
        }
    if (count > 0)
        qsort(added, count, sizeof *added, compare_refs);
    shrink->added_count[which] = count;
}

static bool was_added(const struct checker_shrink *shrink, int which, value_ref element)
{
    uint32_t count = shrink->added_count[which];
    return count > 0 &&
           bsearch(&element, shrink->added[which], count, sizeof element, compare_refs) != NULL;
}

/* False: no memory, and the read stays as it is. */
static bool lose_elements(struct checker_shrink *shrink, struct operation *read)
{
    struct value_pool *values = shrink->whole.values;
    struct value all = value_pool_get(values, read->result);
    struct value *kept = arena_alloc(&shrink->arena, (all.count + 1) * sizeof *kept);
    uint32_t count = 0;
    for (uint32_t i = 0; kept && i < all.count; i++) {
        value_ref element = value_pool_intern(values, all.items[i]);
        if (element == VALUE_REF_NOMEM)
            return false;
        if (was_added(shrink, 1, element) || !was_added(shrink, 0, element))
            kept[count++] = all.items[i];
    }
    if (!kept || count == all.count)
        return kept != NULL;
    value_ref result = value_pool_intern(values, value_items(all.kind, kept, count));
    if (result != VALUE_REF_NOMEM)
        read->result = result;
    return result != VALUE_REF_NOMEM;
}

static void lose_all_elements(struct checker_shrink *shrink, const struct object *object)
{
    note_added(shrink, 1, object);
    for (uint32_t i = 0; i < object->count && !shrink->over; i++)
        if (shrink->tried[i].f == F_READ && shrink->tried[i].outcome == OP_OK &&
            shrink->tried[i].result != VALUE_REF_NIL)
            shrink->over = !lose_elements(shrink, &shrink->tried[i]);
}

/* --- one try --- */

/* What shrink->keep says, in shrink->tried. */
static struct object tried_object(struct checker_shrink *shrink)
{
    struct object object = shrink->whole;
    object.ops = shrink->tried;
    object.count = shrink->keep_count;
    object.ok = object.failed = object.crashed = 0;
    for (uint32_t i = 0; i < shrink->keep_count; i++) {
        shrink->tried[i] = shrink->whole.ops[shrink->keep[i]];
        object.ok += shrink->tried[i].outcome == OP_OK;
        object.failed += shrink->tried[i].outcome == OP_FAIL;
        object.crashed += shrink->tried[i].outcome == OP_INFO;
    }
    if (shrink->is_set)
        lose_all_elements(shrink, &object);
    return object;
}

/* Leaves what shrink->keep says, if it fails by what is so. */
static bool try(struct checker_shrink *shrink)
{
    struct checker_result found = {0};
    struct object object = tried_object(shrink);
    struct checker_input input = input_of(shrink, &object);
    int rc = shrink->checker->check(&input, &found, NULL);
    shrink->over = shrink->over || rc == ERR_TIMEOUT || rc == ERR_NOMEM;
    bool fails = rc == 0 && found.verdict == VERDICT_INVALID && found.finding_count > 0;
    for (uint32_t i = 0; i < found.finding_count && fails; i++)
        fails = shrink->checker->confirm(&input, &found.findings[i]) &&
                is_true_of_the_whole(shrink, &found.findings[i]);
    if (fails) {
        memcpy(shrink->left, shrink->keep, shrink->keep_count * sizeof *shrink->left);
        shrink->left_count = shrink->keep_count;
    }
    arena_reset(&shrink->arena);
    return fails;
}

/* The operations that the check showed, alone: mostly enough. */
static void try_witness(struct checker_shrink *shrink, const struct check_key *key)
{
    shrink->keep_count = 0;
    for (uint32_t i = 0; i < shrink->whole.count; i++)
        for (uint32_t j = 0; j < key->witness_count; j++)
            if (key->witness_ops[j].invoke == shrink->whole.ops[i].invoke) {
                shrink->keep[shrink->keep_count++] = i;
                break;
            }
    try(shrink);
}

static int compare_groups(const void *a, const void *b)
{
    const struct group *x = a, *y = b;
    return x->key != y->key ? (x->key > y->key) - (x->key < y->key)
                            : (x->op > y->op) - (x->op < y->op);
}

/* All that is about one value is one group; or each operation by itself. */
static uint32_t make_groups(struct checker_shrink *shrink, bool by_value)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < shrink->left_count; i++) {
        const struct operation *op = &shrink->whole.ops[shrink->left[i]];
        value_ref value = op->argument != VALUE_REF_NIL ? op->argument : op->result;
        shrink->groups[i] = (struct group){by_value ? value : i, shrink->left[i]};
    }
    if (shrink->left_count > 0)
        qsort(shrink->groups, shrink->left_count, sizeof *shrink->groups, compare_groups);
    for (uint32_t i = 0; i < shrink->left_count; i++) {
        count += i > 0 && shrink->groups[i].key != shrink->groups[i - 1].key;
        shrink->number[shrink->groups[i].op] = count;
    }
    return count + 1;
}

static bool try_without(struct checker_shrink *shrink, uint32_t from, uint32_t to)
{
    shrink->keep_count = 0;
    for (uint32_t i = 0; i < shrink->left_count; i++) {
        uint32_t number = shrink->number[shrink->left[i]];
        if (number < from || number >= to)
            shrink->keep[shrink->keep_count++] = shrink->left[i];
    }
    return shrink->keep_count < shrink->left_count && try(shrink);
}

/* Runs of groups, ever shorter ones, the latest first. */
static bool leave_out_groups(struct checker_shrink *shrink, bool by_value)
{
    bool progress = false;
    uint32_t count = make_groups(shrink, by_value);
    for (uint32_t size = count; size > 0; size /= 2)
        for (uint32_t end = count; end > 0 && !shrink->over; end = end > size ? end - size : 0) {
            progress = try_without(shrink, end > size ? end - size : 0, end) || progress;
            shrink->over = shrink->over || budget_time_over(shrink->budget);
        }
    return progress;
}

/* Until no single operation can be left out. */
static void minimize(struct checker_shrink *shrink)
{
    for (bool progress = true; progress && !shrink->over;) {
        progress = leave_out_groups(shrink, true);
        if (!shrink->over)
            progress = leave_out_groups(shrink, false) || progress;
    }
}

static int compare_invocations(const void *a, const void *b)
{
    const struct operation *x = a, *y = b;
    return (x->invoke > y->invoke) - (x->invoke < y->invoke);
}

/* The operations of one key, or of all. */
static void gather(const struct operations *all, bool every_key, uint32_t key,
                   struct operation *ops, struct object *out)
{
    *out = (struct object){.all = all, .values = all->values, .ops = ops};
    for (uint32_t i = 0; i < all->key_count; i++)
        if (every_key || i == key) {
            operations_of_key(all, i, ops + out->count);
            out->count += all->keys[i].count;
            out->ok += all->keys[i].ok;
            out->failed += all->keys[i].failed;
            out->crashed += all->keys[i].crashed;
        }
    if (every_key && out->count > 0)
        qsort(ops, out->count, sizeof *ops, compare_invocations);
    out->has_key = !every_key && all->keys[key].has_key;
    out->key = every_key ? VALUE_REF_NIL : all->keys[key].key;
}

static int shrink_key(struct checker_shrink *shrink, const struct operations *all,
                      const struct check_key *key, struct shrink_result *out, struct errbuf *err)
{
    for (uint32_t i = 0; i < shrink->whole.count; i++)
        shrink->left[i] = i;
    shrink->left_count = shrink->whole.count;
    if (shrink->is_set)
        note_added(shrink, 0, &shrink->whole);
    try_witness(shrink, key);
    minimize(shrink);
    memcpy(shrink->keep, shrink->left, shrink->left_count * sizeof *shrink->keep);
    shrink->keep_count = shrink->left_count;
    tried_object(shrink);
    out->after = shrink->left_count;
    out->smallest = !shrink->over;
    return shrink_write(all, shrink->tried, shrink->left_count, &out->smaller, err);
}

static uint32_t first_invalid(const struct check_result *result)
{
    uint32_t key = 0;
    while (result->keys[key].verdict != VERDICT_INVALID)
        key++;
    return key;
}

/* Room for so many operations; false: no memory. */
static bool open_shrink(struct checker_shrink *shrink, size_t room)
{
    shrink->ops = malloc(room * sizeof *shrink->ops);
    shrink->tried = malloc(room * sizeof *shrink->tried);
    shrink->groups = malloc(room * sizeof *shrink->groups);
    shrink->number = malloc(room * sizeof *shrink->number);
    shrink->left = malloc(room * sizeof *shrink->left);
    shrink->keep = malloc(room * sizeof *shrink->keep);
    shrink->added[0] = malloc(2 * room * sizeof *shrink->added[0]);
    shrink->added[1] = malloc(2 * room * sizeof *shrink->added[1]);
    arena_init(&shrink->arena, 0);
    return shrink->ops && shrink->tried && shrink->groups && shrink->number && shrink->left &&
           shrink->keep && shrink->added[0] && shrink->added[1];
}

static void close_shrink(struct checker_shrink *shrink)
{
    arena_fini(&shrink->arena);
    free(shrink->ops);
    free(shrink->tried);
    free(shrink->groups);
    free(shrink->number);
    free(shrink->left);
    free(shrink->keep);
    free(shrink->added[0]);
    free(shrink->added[1]);
}

int shrink_for_checker(struct operations *all, const struct check_options *options,
                       const struct check_result *result, struct budget *budget,
                       struct shrink_result *out, struct errbuf *err)
{
    struct checker_shrink shrink = {
        .checker = checker_find(options->model), .options = options, .budget = budget};
    bool every_key = shrink.checker->whole_history;
    uint32_t key = first_invalid(result);
    shrink.is_set = shrink.checker == &checker_set || shrink.checker == &checker_set_full;
    int rc = 0;
    if (!open_shrink(&shrink, (size_t)all->operation_count + 1))
        rc = errbuf_set(err, ERR_NOMEM, "no memory to shrink a history");
    if (rc == 0) {
        gather(all, every_key, key, shrink.ops, &shrink.whole);
        rc = shrink_key(&shrink, all, &result->keys[key], out, err);
    }
    close_shrink(&shrink);
    return rc;
}
