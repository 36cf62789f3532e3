/* What promises about single registers tell of the order of their versions. */
#include "evidence/evidence_facts.h"
#include "transactions/version_sources.h"

/* How a transaction came upon a register, and how it left it. */
struct visit {
    bool any_found, any_left;
    value_ref found, left;
};

static struct visit visit_of(const struct evidence_judge *judge, uint32_t txn, value_ref key)
{
    struct visit visit = {0};
    struct micro_cursor cursor =
        micro_ops_open(judge->all->object->values, judge->all->packed[txn]);
    bool is_answered = fact_is_acknowledged(judge, txn);
    for (struct micro_op op; micro_ops_next(&cursor, &op);) {
        bool reads = op.f == MICRO_READ;
        if (op.key != key || (reads && (!is_answered || op.is_list)))
            continue;
        if (reads && !visit.any_found && !visit.any_left) {
            visit.found = op.value;
            visit.any_found = true;
        }
        visit.left = op.value;
        visit.any_left = true;
    }
    return visit;
}

static bool last_written(const struct evidence_judge *judge, uint32_t txn, value_ref key,
                         value_ref *out)
{
    struct micro_cursor cursor =
        micro_ops_open(judge->all->object->values, judge->all->packed[txn]);
    bool any = false;
    for (struct micro_op op; micro_ops_next(&cursor, &op);)
        if (op.key == key && op.f == MICRO_WRITE) {
            *out = op.value;
            any = true;
        }
    return any;
}

/* Who left the first version, so far: those of a few sessions, and the one that was over first. */
struct leavers {
    uint32_t sessions[16];
    uint32_t session_count;
    position end;
};

static void note(struct leavers *leavers, const struct operation *op)
{
    enum { SESSIONS_MAX = sizeof leavers->sessions / sizeof leavers->sessions[0] };
    position end = operation_end(op);
    leavers->end = end < leavers->end ? end : leavers->end;
    if (leavers->session_count < SESSIONS_MAX)
        leavers->sessions[leavers->session_count++] = (uint32_t)op->process;
}

static bool is_after(const struct evidence_judge *judge, const struct leavers *leavers,
                     const struct operation *op)
{
    if ((judge->promises & INFER_LINEARIZABLE) && leavers->end < op->invoke)
        return true;
    for (uint32_t i = 0; (judge->promises & INFER_SEQUENTIAL) && i < leavers->session_count; i++)
        if (leavers->sessions[i] == (uint32_t)op->process)
            return true;
    return false;
}

bool fact_promised(const struct evidence_judge *judge, uint32_t from, uint32_t to, uint32_t key)
{
    value_ref name = txn_key_value(judge->all, key);
    value_ref before = VALUE_REF_NIL, after = VALUE_REF_NIL;
    struct leavers leavers = {.end = POSITION_NONE};
    if (!(judge->promises & (INFER_LINEARIZABLE | INFER_SEQUENTIAL)) || from == to ||
        !last_written(judge, from, name, &before) || !last_written(judge, to, name, &after))
        return false;
    for (uint32_t txn = 0; txn < judge->all->txn_count; txn++) {
        const struct operation *op = txn_operation(judge->all, txn);
        struct visit visit = visit_of(judge, txn, name);
        if (op->outcome == OP_FAIL)
            continue;
        bool comes_upon =
            (visit.any_found && visit.found == after) || (visit.any_left && visit.left == after);
        if (comes_upon && is_after(judge, &leavers, op))
            return true;
        if (visit.any_left && visit.left == before)
            note(&leavers, op);
    }
    return false;
}
