/* What promises about registers tell of the order of their versions. */
#include "checker/budget.h"
#include "evidence/evidence_facts.h"
#include "transactions/version_sources.h"

#include <string.h>

/* How a transaction came upon a register, by its first access, and how it left it. */
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
        if (op.key != key || (reads && (!is_answered || op.is_list || visit.any_left)))
            continue;
        if (reads) {
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

/* Somebody left the one before somebody came upon the other, by what is promised of a key. */
static bool is_left_before_found(const struct evidence_judge *judge, value_ref name,
                                 value_ref before, value_ref after)
{
    struct leavers leavers = {.end = POSITION_NONE};
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

/* --- through other keys --- */

/* Who comes after a transaction by sessions and by what was read. */
struct followers {
    bool *txns, *sessions; /* by number; a session from some transaction on */
};

static bool is_of_follower(struct evidence_judge *judge, const struct followers *followers,
                           uint32_t txn, uint32_t key, uint32_t version)
{
    uint32_t writer = judge->all->versions[version].txn;
    return writer != TXN_NONE && followers->txns[writer] &&
           fact_reads_from(judge, writer, txn, key, PLACE_NONE, LIST_ALL) != PLACE_NONE;
}

/* Of a list, any element. */
static bool reads_of_follower(struct evidence_judge *judge, const struct followers *followers,
                              uint32_t txn)
{
    const struct transactions *all = judge->all;
    for (uint32_t i = all->txns[txn].micros; i < all->txns[txn + 1].micros; i++) {
        const struct micro *micro = &all->micros[i];
        if (micro->f != MICRO_READ || micro->version == VERSION_UNREAD)
            continue;
        uint32_t first = all->keys[micro->key].first_version + 1;
        for (uint32_t version = micro->is_list ? first : micro->version; version <= micro->version;
             version++)
            if (is_of_follower(judge, followers, txn, micro->key, version))
                return true;
    }
    return false;
}

/* One look at all in turn. *found: one came upon the version of `to`, or is it. Returns whether
 * there is anybody new. */
static bool look_for_followers(struct evidence_judge *judge, struct followers *followers,
                               uint32_t to, value_ref name, value_ref after, bool *found)
{
    const struct transactions *all = judge->all;
    bool is_new = false;
    memset(followers->sessions, 0, all->session_count * sizeof *followers->sessions);
    for (uint32_t txn = 0; txn < all->txn_count && !*found; txn++) {
        bool *session = &followers->sessions[all->txns[txn].session];
        bool is_known = followers->txns[txn];
        if (txn_operation(all, txn)->outcome == OP_FAIL)
            continue;
        if (!is_known && (*session || reads_of_follower(judge, followers, txn))) {
            struct visit visit = visit_of(judge, txn, name);
            *found = txn == to || (visit.any_found && visit.found == after);
            followers->txns[txn] = is_new = true;
        }
        *session = *session || followers->txns[txn];
    }
    return is_new;
}

/* Linear, times how often reads go from a transaction that was invoked later. */
static bool is_found_after(struct evidence_judge *judge, uint32_t from, uint32_t to, value_ref name,
                           value_ref after)
{
    size_t txns = judge->all->txn_count, sessions = judge->all->session_count;
    struct followers followers = {
        .txns = budget_zalloc(judge->budget, txns * sizeof *followers.txns),
        .sessions = budget_zalloc(judge->budget, sessions * sizeof *followers.sessions)};
    bool found = false, ok = followers.txns && followers.sessions;
    judge->is_out_of_memory |= !ok;
    if (ok) {
        followers.txns[from] = true;
        while (!found && look_for_followers(judge, &followers, to, name, after, &found))
            continue;
    }
    budget_free(judge->budget, followers.txns, txns * sizeof *followers.txns);
    budget_free(judge->budget, followers.sessions, sessions * sizeof *followers.sessions);
    return found;
}

/* --- all together --- */

bool fact_promised(struct evidence_judge *judge, uint32_t from, uint32_t to, uint32_t key)
{
    value_ref name = txn_key_value(judge->all, key);
    value_ref before = VALUE_REF_NIL, after = VALUE_REF_NIL;
    if (judge->promises == 0 || from == to || !last_written(judge, from, name, &before) ||
        !last_written(judge, to, name, &after))
        return false;
    /* Every promise has it that who read a version and then wrote wrote a later one. */
    struct visit visit = visit_of(judge, to, name);
    if (visit.any_found && visit.found == before)
        return true;
    return ((judge->promises & (INFER_LINEARIZABLE | INFER_SEQUENTIAL)) &&
            is_left_before_found(judge, name, before, after)) ||
           ((judge->promises & INFER_TRANSACTIONS) && is_found_after(judge, from, to, name, after));
}
