#include "evidence/evidence_text.h"

#include "checker/explain.h"
#include "core/strbuf.h"

#include <stdlib.h>

enum { LIST_ENDS = 3, LIST_WHOLE_MAX = 9, MICROS_SHOWN_MAX = 24 };

/* --- who takes part --- */

/* The slot of a transaction: the one its number is in, or the free one where it would be. */
static uint32_t *slot_of(const struct evidence_cast *cast, uint32_t txn)
{
    size_t at = txn * UINT32_C(2654435769) & cast->mask;
    while (cast->slots[at] != 0 && cast->txns[cast->slots[at] - 1] != txn)
        at = (at + 1) & cast->mask;
    return &cast->slots[at];
}

static void add(struct evidence_cast *cast, uint32_t txn)
{
    uint32_t *slot = txn == TXN_NONE ? NULL : slot_of(cast, txn);
    if (!slot || *slot != 0)
        return;
    cast->txns[cast->count++] = txn;
    *slot = cast->count;
}

static void add_all(struct evidence_cast *cast, const struct evidence *evidence)
{
    for (int i = 0; evidence->kind == EVIDENCE_MICROS && i < EVIDENCE_MICROS_MAX; i++)
        add(cast, evidence->txns[i]);
    for (uint32_t i = evidence->cycle; i < evidence->step_count; i++)
        add(cast, evidence->steps[i].from);
    for (uint32_t i = 0; i < evidence->step_count; i++) {
        add(cast, evidence->steps[i].from);
        add(cast, evidence->steps[i].to);
    }
    for (uint32_t i = 0; i < evidence->lemma_count; i++) {
        add(cast, evidence->lemmas[i].from);
        add(cast, evidence->lemmas[i].to);
    }
}

bool evidence_cast_init(struct evidence_cast *cast, const struct transactions *all,
                        const struct evidence *evidence)
{
    size_t most = EVIDENCE_MICROS_MAX + 2 * ((size_t)evidence->step_count + evidence->lemma_count);
    size_t slots = 1;
    while (slots < 2 * most)
        slots *= 2;
    *cast = (struct evidence_cast){.all = all, .evidence = evidence, .mask = slots - 1};
    cast->txns = malloc(most * sizeof *cast->txns);
    cast->slots = calloc(slots, sizeof *cast->slots);
    if (!cast->txns || !cast->slots) {
        evidence_cast_fini(cast);
        return false;
    }
    add_all(cast, evidence);
    return true;
}

void evidence_cast_fini(struct evidence_cast *cast)
{
    free(cast->txns);
    free(cast->slots);
}

uint32_t evidence_cast_find(const struct evidence_cast *cast, uint32_t txn)
{
    return *slot_of(cast, txn);
}

/* --- values --- */

void evidence_put_value(struct strbuf *out, const struct transactions *all, value_ref value)
{
    value_write_text(out, value_pool_get(all->object->values, value));
}

void evidence_put_key(struct strbuf *out, const struct transactions *all, uint32_t key)
{
    strbuf_puts(out, "key ");
    evidence_put_value(out, all, txn_key_value(all, key));
}

static void put_items(struct strbuf *out, const struct transactions *all, const value_ref *items,
                      uint32_t count)
{
    bool is_long = count > LIST_WHOLE_MAX;
    strbuf_putc(out, '[');
    for (uint32_t i = 0; i < count; i++) {
        if (is_long && i == LIST_ENDS) {
            i = count - LIST_ENDS;
            strbuf_printf(out, " .. %u elements ..", count - 2 * LIST_ENDS);
        }
        strbuf_puts(out, i > 0 ? " " : "");
        evidence_put_value(out, all, items[i]);
    }
    strbuf_putc(out, ']');
}

void evidence_put_micro(struct strbuf *out, const struct transactions *all,
                        const struct micro_op *op)
{
    static const char *const names[] = {
        [MICRO_READ] = "r", [MICRO_WRITE] = "w", [MICRO_APPEND] = "append"};
    strbuf_printf(out, "[%s ", names[op->f]);
    evidence_put_value(out, all, op->key);
    strbuf_putc(out, ' ');
    if (op->is_list)
        put_items(out, all, op->items, op->item_count);
    else
        evidence_put_value(out, all, op->value);
    strbuf_putc(out, ']');
}

void evidence_put_txn(struct strbuf *out, const struct transactions *all, uint32_t txn)
{
    struct micro_cursor cursor = micro_ops_open(all->object->values, all->packed[txn]);
    uint32_t shown = 0;
    for (struct micro_op op; shown < MICROS_SHOWN_MAX && micro_ops_next(&cursor, &op); shown++) {
        strbuf_puts(out, shown > 0 ? " " : "");
        evidence_put_micro(out, all, &op);
    }
    if (cursor.left > 0)
        strbuf_printf(out, " and %u more", cursor.left);
}

void evidence_put_place(struct strbuf *out, const struct transactions *all, uint32_t txn)
{
    const struct operation *op = txn_operation(all, txn);
    const struct operations *events = all->object->all;
    strbuf_printf(out, "process %d", op->process);
    if (!events)
        return;
    strbuf_printf(out, ", event %llu", (unsigned long long)operations_index(events, op->invoke));
    if (op->complete != POSITION_NONE)
        strbuf_printf(out, " to %llu", (unsigned long long)operations_index(events, op->complete));
    if (operations_time_ns(events, op->invoke) >= 0) {
        strbuf_puts(out, ", ");
        explain_moment(out, events, op->invoke);
        if (op->complete != POSITION_NONE) {
            strbuf_puts(out, " to ");
            explain_moment(out, events, op->complete);
        }
    }
    if (op->outcome != OP_OK)
        strbuf_puts(out, op->outcome == OP_FAIL ? ", which failed" : ", whose end nobody knows");
}

/* --- steps --- */

const char *step_kind_name(enum step_kind kind)
{
    static const char *const names[] = {[STEP_WW] = "ww",
                                        [STEP_WR] = "wr",
                                        [STEP_RW] = "rw",
                                        [STEP_SESSION] = "session",
                                        [STEP_REALTIME] = "realtime"};
    return names[kind];
}

const char *step_kind_colour(enum step_kind kind)
{
    static const char *const colours[] = {[STEP_WW] = "#b45309",
                                          [STEP_WR] = "#1d4ed8",
                                          [STEP_RW] = "#be123c",
                                          [STEP_SESSION] = "#15803d",
                                          [STEP_REALTIME] = "#6d28d9"};
    return colours[kind];
}

uint32_t evidence_step_case(const struct evidence *evidence, uint32_t index)
{
    for (uint32_t i = 0; index < evidence->cycle && i < evidence->lemma_count; i++) {
        const struct lemma *lemma = &evidence->lemmas[i];
        if (index >= lemma->first && index - lemma->first < lemma->count)
            return lemma->kind == LEMMA_CONTRARY ? lemma->ends : lemma->within;
    }
    return CASE_NONE;
}

void evidence_put_step_label(struct strbuf *out, const struct transactions *all,
                             const struct evidence *evidence, uint32_t index)
{
    const struct step *step = &evidence->steps[index];
    uint32_t in_case = evidence_step_case(evidence, index);
    strbuf_puts(out, step_kind_name((enum step_kind)step->kind));
    if (step_has_key(step)) {
        strbuf_putc(out, ' ');
        evidence_put_value(out, all, txn_key_value(all, step->key));
        if (step->lemma != LEMMA_NONE)
            strbuf_printf(out, " (%u)", step->lemma + 1);
    }
    if (in_case != CASE_NONE)
        strbuf_printf(out, ", case %u", in_case);
}

struct telling {
    struct strbuf *out;
    const struct evidence_cast *cast;
    const struct transactions *all;
    const struct step *step;
    uint32_t from, to; /* numbers in the cast */
};

static const struct micro *find_micro(const struct transactions *all, uint32_t txn, uint32_t key,
                                      bool reads, uint32_t version)
{
    const struct micro *found = NULL;
    for (uint32_t i = all->txns[txn].micros; i < all->txns[txn + 1].micros; i++) {
        const struct micro *micro = &all->micros[i];
        if (micro->key == key && (micro->f == MICRO_READ) == reads &&
            (version == VERSION_UNREAD || micro->version == version))
            found = micro;
    }
    return found;
}

/* The version that a transaction installed last in a key. */
static uint32_t last_version(const struct transactions *all, uint32_t txn, uint32_t key)
{
    const struct micro *micro = find_micro(all, txn, key, false, VERSION_UNREAD);
    return micro ? micro->version : all->keys[key].first_version;
}

static bool is_appended(const struct transactions *all, uint32_t txn, uint32_t key)
{
    const struct micro *micro = find_micro(all, txn, key, false, VERSION_UNREAD);
    return micro && micro->f == MICRO_APPEND;
}

/* "T1 appended 5 to x" */
static void put_write(const struct telling *tell, uint32_t name, uint32_t txn, uint32_t version)
{
    bool appended = is_appended(tell->all, txn, tell->step->key);
    strbuf_printf(tell->out, "T%u %s ", name, appended ? "appended" : "wrote");
    evidence_put_value(tell->out, tell->all, tell->all->versions[version].value);
    strbuf_puts(tell->out, " to ");
    evidence_put_key(tell->out, tell->all, tell->step->key);
}

static bool is_ordered(const struct transactions *all, uint32_t key, uint32_t version)
{
    return version - all->keys[key].first_version < all->keys[key].ordered;
}

/* Of the versions of `txn` the last before another one; or any. */
static uint32_t version_before(const struct transactions *all, uint32_t txn, uint32_t key,
                               uint32_t version)
{
    uint32_t best = last_version(all, txn, key);
    for (uint32_t i = all->txns[txn].micros; i < all->txns[txn + 1].micros; i++) {
        const struct micro *micro = &all->micros[i];
        if (micro->key == key && micro->f != MICRO_READ && micro->version < version &&
            (best >= version || micro->version > best))
            best = micro->version;
    }
    return best;
}

static void tell_ww(const struct telling *tell)
{
    const struct step *step = tell->step;
    uint32_t later = last_version(tell->all, step->to, step->key);
    uint32_t earlier = version_before(tell->all, step->from, step->key, later);
    put_write(tell, tell->from, step->from, earlier);
    if (step->lemma != LEMMA_NONE) {
        strbuf_printf(tell->out, " before T%u did, by (%u)", tell->to, step->lemma + 1);
        return;
    }
    if (find_micro(tell->all, step->to, step->key, true, earlier) &&
        !is_appended(tell->all, step->to, step->key)) {
        strbuf_printf(tell->out, ", which T%u read before it wrote ", tell->to);
        evidence_put_value(tell->out, tell->all, tell->all->versions[later].value);
        return;
    }
    strbuf_puts(tell->out, ", and ");
    strbuf_printf(tell->out, "T%u %s ", tell->to,
                  is_appended(tell->all, step->to, step->key) ? "appended" : "wrote");
    evidence_put_value(tell->out, tell->all, tell->all->versions[later].value);
    strbuf_puts(tell->out, is_ordered(tell->all, step->key, later) ? " after it"
                           : is_appended(tell->all, step->to, step->key)
                               ? " after it, as reads show the first and not yet the second"
                               : " after it, by what the database promises");
}

/* What a read showed of a transaction: of a list, the last of its elements. */
static uint32_t version_seen(const struct transactions *all, uint32_t txn,
                             const struct micro *micro)
{
    uint32_t first = all->keys[micro->key].first_version;
    for (uint32_t version = micro->version; version > first; version--) {
        if (all->versions[version].txn == txn)
            return version;
        if (!micro->is_list)
            break;
    }
    return VERSION_UNREAD;
}

static void tell_wr(const struct telling *tell)
{
    const struct step *step = tell->step;
    const struct transactions *all = tell->all;
    uint32_t version = all->keys[step->key].first_version;
    for (uint32_t i = all->txns[step->to].micros; i < all->txns[step->to + 1].micros; i++) {
        const struct micro *micro = &all->micros[i];
        if (micro->key != step->key || micro->f != MICRO_READ || micro->version == VERSION_UNREAD)
            continue;
        uint32_t seen = version_seen(all, step->from, micro);
        if (seen != VERSION_UNREAD) {
            version = seen;
            break;
        }
    }
    put_write(tell, tell->from, step->from, version);
    strbuf_printf(tell->out, ", and T%u saw it", tell->to);
}

static bool is_read_before(const struct telling *tell, uint32_t version)
{
    const struct step *step = tell->step;
    const struct transactions *all = tell->all;
    uint32_t writer = all->versions[version].txn;
    if (version == all->keys[step->key].first_version)
        return step->lemma == LEMMA_NONE;
    if (step->lemma != LEMMA_NONE)
        return writer == tell->cast->evidence->lemmas[step->lemma].from;
    return writer != step->from && (!is_ordered(all, step->key, version) ||
                                    version < last_version(all, step->to, step->key));
}

/* Whether nothing but the version says that `to` overwrote it. */
static bool is_told(const struct telling *tell, uint32_t version)
{
    const struct step *step = tell->step;
    return step->lemma != LEMMA_NONE || version == tell->all->keys[step->key].first_version ||
           is_ordered(tell->all, step->key, version) ||
           find_micro(tell->all, step->to, step->key, true, version);
}

/* The version that the reader saw, older than that of `to`; of several one that needs no promise.
 */
static uint32_t version_read(const struct telling *tell)
{
    const struct transactions *all = tell->all;
    uint32_t txn = tell->step->from, first = all->keys[tell->step->key].first_version,
             found = first;
    for (uint32_t i = all->txns[txn].micros; i < all->txns[txn + 1].micros; i++) {
        const struct micro *micro = &all->micros[i];
        if (micro->key == tell->step->key && micro->f == MICRO_READ &&
            micro->version != VERSION_UNREAD && is_read_before(tell, micro->version)) {
            if (is_told(tell, micro->version))
                return micro->version;
            found = found == first ? micro->version : found;
        }
    }
    return found;
}

/* The first version of `to` behind one: what a reader of that one missed. */
static uint32_t version_missed(const struct telling *tell, uint32_t read)
{
    const struct step *step = tell->step;
    const struct transactions *all = tell->all;
    bool appended = is_appended(all, step->to, step->key);
    for (uint32_t i = all->txns[step->to].micros; appended && i < all->txns[step->to + 1].micros;
         i++) {
        const struct micro *micro = &all->micros[i];
        if (micro->key == step->key && micro->f != MICRO_READ && micro->version > read)
            return micro->version;
    }
    return last_version(all, step->to, step->key);
}

static void tell_rw(const struct telling *tell)
{
    const struct step *step = tell->step;
    const struct transactions *all = tell->all;
    uint32_t read = version_read(tell), missed = version_missed(tell, read);
    bool appended = is_appended(all, step->to, step->key);
    strbuf_printf(tell->out, "T%u ", tell->from);
    if (appended) {
        strbuf_puts(tell->out, "did not see ");
        evidence_put_value(tell->out, all, all->versions[missed].value);
        strbuf_puts(tell->out, " in ");
        evidence_put_key(tell->out, all, step->key);
        strbuf_printf(tell->out, ", which T%u appended", tell->to);
    } else {
        strbuf_puts(tell->out, "read ");
        evidence_put_value(tell->out, all, all->versions[read].value);
        strbuf_puts(tell->out, " from ");
        evidence_put_key(tell->out, all, step->key);
        strbuf_puts(tell->out, read == all->keys[step->key].first_version
                                   ? ", as it was in the beginning, and not "
                                   : ", which was overwritten by ");
        evidence_put_value(tell->out, all, all->versions[missed].value);
        strbuf_printf(tell->out, " of T%u", tell->to);
        if (step->lemma == LEMMA_NONE && read != all->keys[step->key].first_version &&
            !find_micro(all, step->to, step->key, true, read))
            strbuf_puts(tell->out, ", by what the database promises");
    }
    if (step->lemma != LEMMA_NONE)
        strbuf_printf(tell->out, ", by (%u)", step->lemma + 1);
}

static void tell_realtime(const struct telling *tell)
{
    const struct operations *events = tell->all->object->all;
    const struct operation *one = txn_operation(tell->all, tell->step->from);
    const struct operation *other = txn_operation(tell->all, tell->step->to);
    strbuf_printf(tell->out, "T%u was over", tell->from);
    if (events) {
        strbuf_puts(tell->out, " (");
        explain_moment(tell->out, events, one->complete);
        strbuf_putc(tell->out, ')');
    }
    strbuf_printf(tell->out, " before T%u began", tell->to);
    if (events) {
        strbuf_puts(tell->out, " (");
        explain_moment(tell->out, events, other->invoke);
        strbuf_putc(tell->out, ')');
    }
}

void evidence_put_step(struct strbuf *out, const struct evidence_cast *cast,
                       const struct step *step)
{
    struct telling tell = {.out = out,
                           .cast = cast,
                           .all = cast->all,
                           .step = step,
                           .from = evidence_cast_find(cast, step->from),
                           .to = evidence_cast_find(cast, step->to)};
    switch ((enum step_kind)step->kind) {
    case STEP_WW:
        tell_ww(&tell);
        break;
    case STEP_WR:
        tell_wr(&tell);
        break;
    case STEP_RW:
        tell_rw(&tell);
        break;
    case STEP_SESSION:
        strbuf_printf(out, "process %d did T%u and then T%u",
                      txn_operation(cast->all, step->from)->process, tell.from, tell.to);
        break;
    case STEP_REALTIME:
        tell_realtime(&tell);
        break;
    }
}
