/* Which operations a refutation may leave out, with the proof of each rule. "Order" below is a
 * linearization of the whole object, if there is one: each rule shows how it becomes one of what
 * is left. */
#include "checker/verify_reduction.h"

#include "checker/budget.h"
#include "checker/specification_common.h"
#include "core/errbuf.h"

#include <string.h>

/* What may be taken out of the picture. */
enum rules {
    RULE_STATES = 1,   /* what gives a state that nobody kept needs */
    RULE_SUBJECTS = 2, /* all that is done with an element, or by an owner */
    RULE_TAKES = 4,    /* takes of unknown outcome, where they took nothing that is kept */
};

static unsigned rules_of(const struct verify_input *input)
{
    static const struct {
        const char *model;
        unsigned rules;
    } known[] = {
        {"register", RULE_STATES},
        {"cas-register", RULE_STATES},
        {"multi-register", RULE_STATES},
        {"mutex", RULE_STATES},
        {"owned-mutex", RULE_STATES | RULE_SUBJECTS},
        {"reentrant-mutex", RULE_SUBJECTS},
        {"linear-set", RULE_STATES | RULE_SUBJECTS},
        {"grow-only-set", RULE_SUBJECTS},
        {"fifo-queue", RULE_SUBJECTS | RULE_TAKES},
        {"unordered-queue", RULE_SUBJECTS | RULE_TAKES},
        {"priority-queue", RULE_SUBJECTS | RULE_TAKES},
        {"stack", RULE_SUBJECTS | RULE_TAKES},
    };
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (strcmp(known[i].model, input->specification->model) == 0)
            return known[i].rules;
    return 0;
}

/* --- the kept ones --- */

struct reduction {
    const struct verify_input *input;
    const struct refutation *refutation;
    struct verify_reduced *out;
    unsigned rules;
    struct errbuf *why;
};

static enum verify_end no_memory(const struct reduction *reduction)
{
    errbuf_set(reduction->why, 0, "memory ran out");
    return VERIFY_OUT_OF_BUDGET;
}

static enum verify_end rejected(const struct reduction *reduction, uint32_t index,
                                const char *reason)
{
    errbuf_set(reduction->why, 0, "operation %u %s", index, reason);
    return VERIFY_REJECTED;
}

/* Cuts in time. `until`: of an order take what has its place before that event: whatever completed
 * by then is there, nothing invoked later is, and the rest may be. `from`: likewise what has its
 * place after; the object is then in the state that the first part left, whichever that is. */
static bool is_cut_off(const struct reduction *reduction, const struct operation *op)
{
    const struct refutation *refutation = reduction->refutation;
    return op->invoke > refutation->until ||
           (refutation->any_state && operation_end(op) < refutation->from);
}

static bool take_needed(void *context, uint64_t fact, bool gives)
{
    struct reduction *reduction = context;
    return gives || verify_facts_add(&reduction->out->needed, fact, reduction->input->budget);
}

static enum verify_end keep_read_of_set(struct reduction *reduction, const struct operation *op)
{
    const struct specification_context *context = &reduction->input->context;
    struct value collection = value_pool_get(context->values, op->result);
    for (uint32_t i = 0; i < collection.count; i++) {
        value_ref item = value_pool_intern(context->values, collection.items[i]);
        if (item == VALUE_REF_NOMEM ||
            !verify_facts_add(&reduction->out->read, verify_fact(0, item),
                              reduction->input->budget))
            return no_memory(reduction);
    }
    return VERIFY_ACCEPTED;
}

static enum verify_end keep_facts(struct reduction *reduction, const struct verify_kept *kept)
{
    uint64_t subject;
    const struct operation *op = &kept->op;
    if (reduction->rules & RULE_STATES) {
        if (!verify_state_facts(reduction->input, op, take_needed, reduction))
            return no_memory(reduction);
        if (op->f == F_CAS && op->outcome == OP_FAIL && kept->must &&
            op->complete > reduction->out->proven_until)
            reduction->out->proven_until = op->complete;
    }
    if ((reduction->rules & RULE_SUBJECTS) && verify_subject(reduction->input, op, &subject) &&
        !verify_facts_add(&reduction->out->used, subject, reduction->input->budget))
        return no_memory(reduction);
    if (verify_model_is(reduction->input, "grow-only-set") && op->f == F_READ)
        return keep_read_of_set(reduction, op);
    return VERIFY_ACCEPTED;
}

/* An observer that need not have happened says nothing. */
static enum verify_end keep(struct reduction *reduction, uint32_t index)
{
    const struct verify_input *input = reduction->input;
    const struct operation *op = &input->object->ops[index];
    enum specification_effect effect = input->specification->effect(&input->context, op);
    struct verify_kept kept = {.op = *op, .index = index, .end = operation_end(op)};
    if (effect == SPECIFICATION_NOTHING)
        return VERIFY_ACCEPTED;
    if (is_cut_off(reduction, op))
        return rejected(reduction, index, "is kept, but outside of the part that counts");
    bool is_open = reduction->refutation->any_state && op->invoke < reduction->refutation->from;
    if (kept.end > reduction->refutation->until)
        kept.end = POSITION_NONE;
    kept.must = effect == SPECIFICATION_MUST && kept.end != POSITION_NONE && !is_open;
    if (!kept.must && input->specification->observes(&input->context, op))
        return VERIFY_ACCEPTED;
    reduction->out->kept[reduction->out->kept_count++] = kept;
    return keep_facts(reduction, &kept);
}

static enum verify_end keep_all(struct reduction *reduction)
{
    const struct refutation *refutation = reduction->refutation;
    struct verify_reduced *out = reduction->out;
    enum verify_end end = VERIFY_ACCEPTED;
    out->capacity = refutation->keep_count;
    out->kept = budget_alloc(reduction->input->budget, out->capacity * sizeof *out->kept);
    if (!out->kept)
        return no_memory(reduction);
    for (uint32_t i = 0; i < refutation->keep_count && end == VERIFY_ACCEPTED; i++) {
        uint32_t index = refutation->keep[i];
        if (index >= reduction->input->object->count)
            return rejected(reduction, index, "is kept, but there is none");
        if (i > 0 && index <= refutation->keep[i - 1])
            return rejected(reduction, index, "is kept, but not in ascending order");
        end = keep(reduction, index);
    }
    verify_facts_sort(&out->needed);
    verify_facts_sort(&out->used);
    verify_facts_sort(&out->read);
    if (end == VERIFY_ACCEPTED && out->read.count > 0) {
        out->lost = budget_zalloc(reduction->input->budget, out->read.count * sizeof(bool));
        if (!out->lost)
            return no_memory(reduction);
    }
    return end;
}

/* --- those left out --- */

static bool is_free(const struct refutation *refutation, uint64_t fact)
{
    for (uint32_t i = 0; i < refutation->free_count; i++)
        if (fact == verify_fact(0, refutation->free_values[i]))
            return true;
    return false;
}

/* Whether it may be missing: nobody needs what it gives, or anybody may write it anyway. */
struct missing {
    const struct reduction *reduction;
    bool all_free, all_unneeded;
};

static bool take_missing(void *context, uint64_t fact, bool gives)
{
    struct missing *missing = context;
    const struct reduction *reduction = missing->reduction;
    if (!gives)
        return true;
    bool free_value = is_free(reduction->refutation, fact);
    missing->all_free = missing->all_free && free_value;
    missing->all_unneeded =
        missing->all_unneeded && (free_value || !verify_facts_have(&reduction->out->needed, fact));
    return true;
}

/* One kept operation beside one that is left out: whether it needs what that writes. */
struct glance {
    const struct reduction *reduction;
    const struct operation *missing;
    uint64_t needed;
    bool is_seen;
};

static bool take_written(void *context, uint64_t fact, bool gives)
{
    struct glance *glance = context;
    bool is_free_value = is_free(glance->reduction->refutation, fact);
    glance->is_seen = glance->is_seen || (gives && fact == glance->needed && !is_free_value);
    return true;
}

static bool take_looked_at(void *context, uint64_t fact, bool gives)
{
    struct glance *glance = context;
    glance->needed = fact;
    return gives ||
           verify_state_facts(glance->reduction->input, glance->missing, take_written, glance);
}

/* Whether a kept operation that did not end before this one began needs what it writes. */
static bool may_be_seen(const struct reduction *reduction, const struct operation *op)
{
    struct glance glance = {.reduction = reduction, .missing = op};
    for (uint32_t i = 0; i < reduction->out->kept_count && !glance.is_seen; i++) {
        const struct verify_kept *kept = &reduction->out->kept[i];
        if (kept->end > op->invoke &&
            !verify_state_facts(reduction->input, &kept->op, take_looked_at, &glance))
            return true;
    }
    return glance.is_seen;
}

/* Whether a kept cas that did not end before this one began may have failed because of what it
 * writes: not if that is what the cas expected. */
static bool may_explain_failure(const struct reduction *reduction, const struct operation *op)
{
    const struct verify_input *input = reduction->input;
    struct glance glance = {.reduction = reduction, .missing = op};
    value_ref expected, next;
    for (uint32_t i = 0; i < reduction->out->kept_count; i++) {
        const struct verify_kept *kept = &reduction->out->kept[i];
        if (kept->op.f != F_CAS || kept->op.outcome != OP_FAIL || kept->end <= op->invoke)
            continue;
        if (!specification_cas(&input->context, &kept->op, &expected, &next))
            return true;
        glance.is_seen = false;
        glance.needed = verify_fact(0, expected);
        if (!verify_state_facts(input, op, take_written, &glance) || !glance.is_seen)
            return true;
    }
    return false;
}

/* In the order, the last operation before something kept that led to the state that this one needs
 * did not begin after it had ended, so it is kept too, or writes a free value; leaving out others
 * leaves it the last. A failed cas needs no certain value, so nothing that can come before it may
 * be missing - but writes of free values, which are still there, as anybody's, and of the value
 * that it expected, which it did not see. */
static enum verify_end leave_out_by_state(const struct reduction *reduction, uint32_t index)
{
    const struct operation *op = &reduction->input->object->ops[index];
    struct missing missing = {reduction, true, true};
    if (!verify_state_facts(reduction->input, op, take_missing, &missing))
        return no_memory(reduction);
    if (!missing.all_unneeded && may_be_seen(reduction, op))
        return rejected(reduction, index, "is left out, but a kept one needs what it does");
    if (!missing.all_free && op->invoke < reduction->out->proven_until &&
        may_explain_failure(reduction, op))
        return rejected(reduction, index,
                        "is left out, but a kept cas may have failed because of it");
    return VERIFY_ACCEPTED;
}

/* An order of a queue, stack or set without all that concerns one element is an order of the same
 * without it: what comes out next does not change, and what was empty is. So it is for a mutex
 * without one of its owners. A take of unknown outcome may have taken any element, and stays unless
 * all_taken says that it was none of those that are kept. */
static enum verify_end leave_out_subject(const struct reduction *reduction, uint32_t index)
{
    const struct operation *op = &reduction->input->object->ops[index];
    struct verify_reduced *out = reduction->out;
    uint64_t subject;
    if (!verify_subject(reduction->input, op, &subject))
        return out->all_taken
                   ? VERIFY_ACCEPTED
                   : rejected(reduction, index, "is left out, but may be about any element");
    if (verify_facts_have(&out->used, subject))
        return rejected(reduction, index, "is left out, but others like it are kept");
    uint32_t at = verify_facts_place(&out->read, subject);
    if (at < out->read.count && out->read.items[at] == subject)
        out->lost[at] = true;
    return VERIFY_ACCEPTED;
}

/* Without one that observes, every other finds the same states. Both rules together: first all that
 * concerns some elements or owners goes, and of what is then left, states that nobody needs. */
static enum verify_end leave_out(const struct reduction *reduction, uint32_t index)
{
    const struct verify_input *input = reduction->input;
    const struct operation *op = &input->object->ops[index];
    if (is_cut_off(reduction, op) ||
        input->specification->effect(&input->context, op) == SPECIFICATION_NOTHING ||
        input->specification->observes(&input->context, op))
        return VERIFY_ACCEPTED;
    enum verify_end end = VERIFY_REJECTED;
    if (reduction->rules & RULE_SUBJECTS)
        end = leave_out_subject(reduction, index);
    if (end == VERIFY_REJECTED && (reduction->rules & RULE_STATES))
        end = leave_out_by_state(reduction, index);
    if (reduction->rules != 0)
        return end;
    return rejected(reduction, index, "is left out, but may matter");
}

static enum verify_end leave_out_all(const struct reduction *reduction)
{
    const struct refutation *refutation = reduction->refutation;
    uint32_t next = 0;
    for (uint32_t i = 0; i < reduction->input->object->count; i++) {
        if (next < refutation->keep_count && refutation->keep[next] == i) {
            next++;
            continue;
        }
        enum verify_end end = leave_out(reduction, i);
        if (end != VERIFY_ACCEPTED)
            return end;
        if (budget_time_over(reduction->input->budget)) {
            errbuf_set(reduction->why, 0, "the time is over");
            return VERIFY_OUT_OF_BUDGET;
        }
    }
    return VERIFY_ACCEPTED;
}

/* --- reads of a whole set lose the elements that were left out --- */

static enum verify_end lose_elements(const struct reduction *reduction, struct verify_kept *kept)
{
    struct verify_reduced *out = reduction->out;
    struct value_pool *values = reduction->input->context.values;
    struct value collection = value_pool_get(values, kept->op.result);
    size_t size = collection.count * sizeof(struct value);
    struct value *left = budget_alloc(reduction->input->budget, size);
    uint32_t count = 0;
    if (!left)
        return no_memory(reduction);
    for (uint32_t i = 0; i < collection.count; i++) {
        value_ref item = value_pool_intern(values, collection.items[i]);
        if (!out->lost[verify_facts_place(&out->read, verify_fact(0, item))])
            left[count++] = collection.items[i];
    }
    if (count < collection.count)
        kept->op.result = value_pool_intern(values, value_items(VALUE_LIST, left, count));
    budget_free(reduction->input->budget, left, size);
    return kept->op.result == VALUE_REF_NOMEM ? no_memory(reduction) : VERIFY_ACCEPTED;
}

static enum verify_end lose_all_elements(const struct reduction *reduction)
{
    struct verify_reduced *out = reduction->out;
    enum verify_end end = VERIFY_ACCEPTED;
    for (uint32_t i = 0; out->lost && i < out->kept_count && end == VERIFY_ACCEPTED; i++)
        if (out->kept[i].op.f == F_READ)
            end = lose_elements(reduction, &out->kept[i]);
    return end;
}

enum verify_end verify_reduce(const struct verify_input *input, const struct refutation *refutation,
                              struct verify_reduced *out, struct errbuf *why)
{
    struct reduction reduction = {input, refutation, out, rules_of(input), why};
    *out = (struct verify_reduced){0};
    if (refutation->free_count > 0 && !verify_model_is(input, "register") &&
        !verify_model_is(input, "cas-register")) {
        errbuf_set(why, 0, "a %s has no free values", input->specification->model);
        return VERIFY_REJECTED;
    }
    enum verify_end end = keep_all(&reduction);
    bool takes = (reduction.rules & RULE_TAKES) != 0;
    if (end == VERIFY_ACCEPTED && takes)
        end = verify_all_taken(input, out);
    if (end == VERIFY_ACCEPTED)
        end = leave_out_all(&reduction);
    return end == VERIFY_ACCEPTED ? lose_all_elements(&reduction) : end;
}

static void facts_fini(struct verify_facts *facts, struct budget *budget)
{
    budget_free(budget, facts->items, facts->capacity * sizeof *facts->items);
}

void verify_reduced_fini(struct verify_reduced *reduced, struct budget *budget)
{
    budget_free(budget, reduced->kept, reduced->capacity * sizeof *reduced->kept);
    budget_free(budget, reduced->lost, reduced->read.count * sizeof(bool));
    facts_fini(&reduced->needed, budget);
    facts_fini(&reduced->used, budget);
    facts_fini(&reduced->read, budget);
}
