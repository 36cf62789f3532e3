#include "evidence/evidence_rules.h"

#include "evidence/evidence_facts.h"

typedef unsigned kind_set; /* bit = enum step_kind */

enum {
    WW = 1 << STEP_WW,
    WR = 1 << STEP_WR,
    RW = 1 << STEP_RW,
    SO = 1 << STEP_SESSION,
    RT = 1 << STEP_REALTIME,
    ORDERS = SO | RT, /* where time counts, sessions do too: they are ordered by it */
};

/* How many RW a cycle may have, and where. */
enum rw_rule {
    RW_NONE,
    RW_ONE_OF_KEY, /* at most one, and if so WW and RW of one key only */
    RW_ONE,        /* at most one */
    RW_AFTER_READ, /* after WR or SO only */
    RW_APART,      /* no two in a row */
    RW_ANY,
    RW_CLOSES_PATH, /* none; or one, behind WR and SO only */
    RW_CLOSES_STEP, /* none; or one, behind one WR or SO */
    RW_CLOSES_READ, /* none; or one, behind one WR that was read earlier */
};

struct rule {
    kind_set kinds;
    enum rw_rule rw;
};

static const struct rule rules[LEVEL_COUNT] = {
    [LEVEL_READ_UNCOMMITTED] = {WW, RW_NONE},
    [LEVEL_READ_COMMITTED] = {WW | WR, RW_NONE},
    [LEVEL_CURSOR_STABILITY] = {WW | WR | RW, RW_ONE_OF_KEY},
    [LEVEL_CONSISTENT_VIEW] = {WW | WR | RW, RW_ONE},
    [LEVEL_REPEATABLE_READ] = {WW | WR | RW, RW_ANY},
    [LEVEL_SNAPSHOT_ISOLATION] = {WW | WR | RW, RW_APART},
    [LEVEL_SERIALIZABLE] = {WW | WR | RW, RW_ANY},
    [LEVEL_SESSION_READ_UNCOMMITTED] = {WW | SO, RW_NONE},
    [LEVEL_SESSION_READ_COMMITTED] = {WW | WR | SO, RW_NONE},
    [LEVEL_SESSION_SNAPSHOT_ISOLATION] = {WW | WR | RW | SO, RW_APART},
    [LEVEL_SESSION_SERIALIZABLE] = {WW | WR | RW | SO, RW_ANY},
    [LEVEL_STRONG_READ_UNCOMMITTED] = {WW | ORDERS, RW_NONE},
    [LEVEL_STRONG_READ_COMMITTED] = {WW | WR | ORDERS, RW_NONE},
    [LEVEL_STRONG_SNAPSHOT_ISOLATION] = {WW | WR | RW | ORDERS, RW_APART},
    [LEVEL_STRICT_SERIALIZABLE] = {WW | WR | RW | ORDERS, RW_ANY},
    [LEVEL_MONOTONIC_ATOMIC_VIEW] = {WW | WR | RW | SO, RW_CLOSES_READ},
    [LEVEL_READ_ATOMIC] = {WW | WR | RW | SO, RW_CLOSES_STEP},
    [LEVEL_CAUSAL] = {WW | WR | RW | SO, RW_CLOSES_PATH},
    [LEVEL_PREFIX] = {WW | WR | RW | SO, RW_AFTER_READ},
    [LEVEL_PARALLEL_SNAPSHOT_ISOLATION] = {WW | WR | RW | SO, RW_ONE},
};

static kind_set kind_of(const struct step_cycle *cycle, uint32_t i)
{
    return 1u << cycle_step(cycle, i)->kind;
}

static uint32_t count_kinds(const struct step_cycle *cycle, kind_set kinds)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < cycle_length(cycle); i++)
        count += (kind_of(cycle, i) & kinds) != 0;
    return count;
}

/* Every RW follows, around the cycle, one of these. */
static bool all_rw_follow(const struct step_cycle *cycle, kind_set kinds)
{
    uint32_t length = cycle_length(cycle);
    for (uint32_t i = 0; i < length; i++)
        if (kind_of(cycle, i) == RW && !(kind_of(cycle, (i + length - 1) % length) & kinds))
            return false;
    return true;
}

static bool has_one_key(const struct step_cycle *cycle)
{
    for (uint32_t i = 1; i < cycle_length(cycle); i++)
        if (cycle_step(cycle, i)->key != cycle_step(cycle, 0)->key)
            return false;
    return true;
}

bool level_has_views(enum level level)
{
    return level == LEVEL_WEAK_CAUSAL || level == LEVEL_CAUSAL_MEMORY || level == LEVEL_PRAM ||
           level == LEVEL_READ_YOUR_WRITES || level == LEVEL_MONOTONIC_READS ||
           level == LEVEL_MONOTONIC_WRITES || level == LEVEL_WRITES_FOLLOW_READS;
}

bool rules_forbid(enum level level, const struct step_cycle *cycle)
{
    const struct rule *rule = &rules[level_meaning(level)];
    uint32_t length = cycle_length(cycle), rw = count_kinds(cycle, RW);
    if (length == 0 || count_kinds(cycle, rule->kinds) != length)
        return false;
    if (rw == 0)
        return true;
    switch (rule->rw) {
    case RW_NONE:
        return false;
    case RW_ONE_OF_KEY:
        return rw == 1 && count_kinds(cycle, WW) == length - 1 && has_one_key(cycle);
    case RW_ONE:
        return rw == 1;
    case RW_AFTER_READ:
        return all_rw_follow(cycle, WR | SO);
    case RW_APART:
        return all_rw_follow(cycle, ~(kind_set)RW);
    case RW_ANY:
        return true;
    case RW_CLOSES_PATH:
        return rw == 1 && count_kinds(cycle, WR | SO) == length - 1;
    case RW_CLOSES_STEP:
        return rw == 1 && length == 2 && count_kinds(cycle, WR | SO) == 1;
    case RW_CLOSES_READ: /* which read came first, the judge sees to */
        return rw == 1 && length == 2 && count_kinds(cycle, WR) == 1;
    }
    return false;
}

/* --- views --- */

static bool is_of_view(struct evidence_judge *judge, enum level level, const struct step_view *view,
                       uint32_t txn)
{
    if (view->txn == TXN_NONE)
        return false;
    return level == LEVEL_WEAK_CAUSAL ? txn == view->txn : fact_same_session(judge, txn, view->txn);
}

static bool is_of_history(const struct evidence_judge *judge, const struct step *step)
{
    return step->from < judge->all->txn_count && step->to < judge->all->txn_count;
}

/* The order of a session, as far as the guarantee keeps it. */
static bool keeps_session(struct evidence_judge *judge, enum level level,
                          const struct step_view *view, const struct step *step)
{
    bool is_own = is_of_view(judge, level, view, step->from);
    if (fact_wrote_any(judge, step->from) && fact_wrote_any(judge, step->to) &&
        (is_own || level == LEVEL_MONOTONIC_WRITES))
        return true;
    if (!is_own || !fact_read_any(judge, step->to))
        return false;
    return (level == LEVEL_READ_YOUR_WRITES && fact_wrote_any(judge, step->from)) ||
           (level == LEVEL_MONOTONIC_READS && fact_read_any(judge, step->from));
}

/* Who read and then wrote wrote after what it read: the two steps are one. */
static bool is_write_after_read(struct evidence_judge *judge, const struct step *read,
                                const struct step *then)
{
    return read && then && read->kind == STEP_WR && then->kind == STEP_SESSION &&
           is_of_history(judge, then) && fact_wrote_any(judge, then->to);
}

static bool view_keeps(struct evidence_judge *judge, enum level level, const struct step_view *view,
                       const struct step *before, const struct step *step, const struct step *next)
{
    bool is_causal = level == LEVEL_WEAK_CAUSAL || level == LEVEL_CAUSAL_MEMORY;
    bool follows = level == LEVEL_WRITES_FOLLOW_READS;
    if (!is_of_history(judge, step))
        return false;
    switch ((enum step_kind)step->kind) {
    case STEP_WW:
        return step->lemma != LEMMA_NONE;
    case STEP_RW:
        return is_of_view(judge, level, view, step->from);
    case STEP_WR:
        return is_causal || is_of_view(judge, level, view, step->to) ||
               (follows &&
                (fact_wrote_any(judge, step->to) || is_write_after_read(judge, step, next)));
    case STEP_SESSION:
        return is_causal || level == LEVEL_PRAM || keeps_session(judge, level, view, step) ||
               (follows && is_write_after_read(judge, before, step));
    case STEP_REALTIME:
        return false;
    }
    return false;
}

uint32_t rules_find_unkept(struct evidence_judge *judge, enum level level,
                           const struct step_view *view, const struct step_cycle *cycle,
                           bool is_path)
{
    uint32_t length = cycle_length(cycle);
    for (uint32_t i = 0; i < length; i++) {
        bool is_first = is_path && i == 0, is_last = is_path && i + 1 == length;
        if (!view_keeps(judge, level, view,
                        is_first ? NULL : cycle_step(cycle, (i + length - 1) % length),
                        cycle_step(cycle, i), is_last ? NULL : cycle_step(cycle, (i + 1) % length)))
            return i;
    }
    return length;
}

bool rules_view_keeps(struct evidence_judge *judge, enum level level, const struct step_view *view,
                      const struct step_cycle *cycle, bool is_path)
{
    uint32_t length = cycle_length(cycle);
    return length > 0 && rules_find_unkept(judge, level, view, cycle, is_path) == length;
}
