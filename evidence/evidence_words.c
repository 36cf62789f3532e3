#include "evidence/evidence_explain.h"

#include "core/strbuf.h"
#include "evidence/evidence_text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { STEPS_SHOWN_MAX = 40, LEMMAS_SHOWN_MAX = 200, CASES_SHOWN_MAX = 8 };

/* --- what single transactions show --- */

/* %0, %1, %2: what was done, and by whom. */
static const char *pattern_of(enum anomaly anomaly)
{
    switch (anomaly) {
    case ANOMALY_DUPLICATE_ELEMENTS:
        return "%0 has an element twice";
    case ANOMALY_INCOMPATIBLE_ORDER:
        return "%0 and %1 show the list in two orders, neither the beginning of the other";
    case ANOMALY_UNWRITTEN_READ:
        return "%0 shows what nobody wrote";
    case ANOMALY_G1A:
        return "%0 shows %1, although that transaction failed";
    case ANOMALY_G1B:
        return "%0 shows %1, which its transaction overwrote itself";
    case ANOMALY_DIRTY_UPDATE:
        return "%0 stands upon %1, whose transaction failed, as %2 shows";
    case ANOMALY_FUTURE_READ:
        return "%0 shows %1, which comes only later in the same transaction";
    case ANOMALY_INTERNAL:
        return "%0 contradicts %1 before it in the same transaction";
    case ANOMALY_UNREPEATABLE_READ:
        return "%0 shows something else than %1 before it in the same transaction";
    case ANOMALY_LOST_UPDATE:
        return "%0 and %1 saw the same version, and both transactions wrote the key";
    case ANOMALY_CYCLIC_VERSIONS:
        return "%0 came before %1 in its transaction, but stands after it in %2";
    case ANOMALY_DIVERGENCE:
        return "%0 and %1 are the last of their processes, and disagree, although no acknowledged "
               "write was left to be done";
    case ANOMALY_LOST_WRITE:
        return "%0 is the last of its process, and lacks %1, although no acknowledged write was "
               "left to be done";
    default:
        return "%0";
    }
}

/* "T1's [r x 5]" */
static void put_done(struct strbuf *out, const struct evidence_cast *cast, int i)
{
    const struct transactions *all = cast->all;
    uint32_t txn = cast->evidence->txns[i];
    if (txn == TXN_NONE)
        return;
    struct micro_cursor cursor = micro_ops_open(all->object->values, all->packed[txn]);
    struct micro_op op;
    for (uint32_t at = all->txns[txn].micros;
         at <= cast->evidence->micros[i] && micro_ops_next(&cursor, &op); at++)
        continue;
    strbuf_printf(out, "T%u's ", evidence_cast_find(cast, txn));
    evidence_put_micro(out, all, &op);
}

static void put_micros(struct strbuf *out, const struct evidence_cast *cast)
{
    for (const char *at = pattern_of(cast->evidence->anomaly); *at; at++) {
        if (*at == '%')
            put_done(out, cast, *++at - '0');
        else
            strbuf_putc(out, *at);
    }
}

/* --- cycles --- */

static void put_steps(struct strbuf *out, const struct evidence_cast *cast,
                      const struct step *steps, uint32_t count, const char *before)
{
    for (uint32_t i = 0; i < count; i++) {
        if (i == STEPS_SHOWN_MAX) {
            strbuf_printf(out, "%sand %u steps more, from T%u on.\n", before, count - i,
                          evidence_cast_find(cast, steps[i].from));
            return;
        }
        strbuf_puts(out, before);
        evidence_put_step(out, cast, &steps[i]);
        strbuf_printf(out, ": T%u before T%u.\n", evidence_cast_find(cast, steps[i].from),
                      evidence_cast_find(cast, steps[i].to));
    }
}

/* "T1 wrote key x before T2 did" */
static void put_order(struct strbuf *out, const struct evidence_cast *cast,
                      const struct lemma *lemma)
{
    strbuf_printf(out, "T%u wrote ", evidence_cast_find(cast, lemma->from));
    evidence_put_key(out, cast->all, lemma->key);
    strbuf_printf(out, " before T%u did", evidence_cast_find(cast, lemma->to));
}

/* The first version after another one that a transaction appended; UINT32_MAX. */
static uint32_t next_append(const struct transactions *all, uint32_t txn, uint32_t key,
                            uint32_t after)
{
    uint32_t next = UINT32_MAX;
    for (uint32_t i = all->txns[txn].micros; i < all->txns[txn + 1].micros; i++) {
        const struct micro *micro = &all->micros[i];
        if (micro->f == MICRO_APPEND && micro->key == key && micro->version > after &&
            micro->version < next)
            next = micro->version;
    }
    return next;
}

/* "T3 saw 1 of T1 before 2 of T2 in key x"; false if it read no list that has both. */
static bool put_seen_order(struct strbuf *out, const struct evidence_cast *cast,
                           const struct lemma *lemma)
{
    const struct transactions *all = cast->all;
    uint32_t one = next_append(all, lemma->from, lemma->key, 0);
    uint32_t other = next_append(all, lemma->to, lemma->key, one), last = 0;
    for (uint32_t i = all->txns[lemma->via].micros; i < all->txns[lemma->via + 1].micros; i++) {
        const struct micro *micro = &all->micros[i];
        if (micro->key == lemma->key && micro->is_list && micro->version != VERSION_UNREAD &&
            micro->version > last)
            last = micro->version;
    }
    if (other > last)
        return false;
    strbuf_printf(out, "T%u saw ", evidence_cast_find(cast, lemma->via));
    evidence_put_value(out, all, all->versions[one].value);
    strbuf_printf(out, " of T%u before ", evidence_cast_find(cast, lemma->from));
    evidence_put_value(out, all, all->versions[other].value);
    strbuf_printf(out, " of T%u in ", evidence_cast_find(cast, lemma->to));
    evidence_put_key(out, all, lemma->key);
    strbuf_puts(out, ":\n");
    return true;
}

static void put_conclusion(struct strbuf *out, const struct evidence_cast *cast,
                           const struct lemma *lemma)
{
    uint32_t from = evidence_cast_find(cast, lemma->from), to = evidence_cast_find(cast, lemma->to);
    uint32_t via = evidence_cast_find(cast, lemma->via);
    if (lemma->kind == LEMMA_CONTRARY) {
        strbuf_printf(out, "Case %u cannot be, as somebody would come before itself:\n",
                      lemma->ends);
    } else if (lemma->via == lemma->to) {
        strbuf_printf(out, "T%u and T%u both wrote ", from, to);
        evidence_put_key(out, cast->all, lemma->key);
        strbuf_printf(out, ", and T%u came before T%u:\n", from, to);
    } else if (!put_seen_order(out, cast, lemma)) {
        strbuf_printf(out, "T%u read ", via);
        evidence_put_key(out, cast->all, lemma->key);
        strbuf_printf(out, " from T%u, and T%u, which wrote it too, came before T%u:\n", to, from,
                      via);
    }
}

/* What is so in a case stands further to the right. */
static void put_lemma(struct strbuf *out, const struct evidence_cast *cast, uint32_t index)
{
    const struct lemma *lemmas = cast->evidence->lemmas, *lemma = &lemmas[index];
    char margin[4 * CASES_SHOWN_MAX + 1] = "", indented[sizeof margin + 6];
    int depth = 0;
    for (uint32_t in_case = lemma->within; in_case != CASE_NONE && depth < CASES_SHOWN_MAX;
         in_case = lemmas[in_case - 1].within)
        memcpy(margin + 4 * depth++, "    ", 5);
    snprintf(indented, sizeof indented, "%s      ", margin);
    if (lemma->kind == LEMMA_SUPPOSED) {
        strbuf_printf(out, "%s  (%u) Case %u: suppose that ", margin, index + 1, index + 1);
        put_order(out, cast, lemma);
        strbuf_puts(out, ".\n");
        return;
    }
    strbuf_printf(out, "%s  (%u) ", margin, index + 1);
    put_conclusion(out, cast, lemma);
    put_steps(out, cast, &cast->evidence->steps[lemma->first], lemma->count, indented);
    strbuf_printf(out, "%sSo ", indented);
    put_order(out, cast, lemma);
    strbuf_puts(out, ".\n");
}

static uint32_t lemmas_shown(const struct evidence *evidence)
{
    return evidence->lemma_count < LEMMAS_SHOWN_MAX ? evidence->lemma_count : LEMMAS_SHOWN_MAX;
}

static void put_cycle(struct strbuf *out, const struct evidence_cast *cast)
{
    const struct evidence *evidence = cast->evidence;
    uint32_t shown = lemmas_shown(evidence);
    for (uint32_t i = 0; i < shown; i++)
        put_lemma(out, cast, i);
    if (shown < evidence->lemma_count)
        strbuf_printf(out, "  and so on: the JSON has %u conclusions more.\n",
                      evidence->lemma_count - shown);
    put_steps(out, cast, &evidence->steps[evidence->cycle], evidence->step_count - evidence->cycle,
              "  - ");
    strbuf_puts(out, "So T1 would come before itself.\n");
}

/* --- who is told of --- */

static void mention(const struct evidence_cast *cast, bool *mentioned, uint32_t txn)
{
    uint32_t number = evidence_cast_find(cast, txn);
    if (number > 0)
        mentioned[number - 1] = true;
}

/* Those of the steps that put_steps shows, and the one that the others go on from. */
static void mention_steps(const struct evidence_cast *cast, bool *mentioned,
                          const struct step *steps, uint32_t count)
{
    for (uint32_t i = 0; i < count && i <= STEPS_SHOWN_MAX; i++) {
        mention(cast, mentioned, steps[i].from);
        if (i < STEPS_SHOWN_MAX)
            mention(cast, mentioned, steps[i].to);
    }
}

static void mention_all(const struct evidence_cast *cast, bool *mentioned)
{
    const struct evidence *evidence = cast->evidence;
    for (uint32_t i = 0; i < lemmas_shown(evidence); i++) {
        const struct lemma *lemma = &evidence->lemmas[i];
        mention(cast, mentioned, lemma->from);
        mention(cast, mentioned, lemma->to);
        if (lemma->kind == LEMMA_FOLLOWS)
            mention(cast, mentioned, lemma->via);
        if (lemma->kind != LEMMA_SUPPOSED)
            mention_steps(cast, mentioned, &evidence->steps[lemma->first], lemma->count);
    }
    if (evidence->kind == EVIDENCE_CYCLE)
        mention_steps(cast, mentioned, &evidence->steps[evidence->cycle],
                      evidence->step_count - evidence->cycle);
    for (int i = 0; evidence->kind == EVIDENCE_MICROS && i < EVIDENCE_MICROS_MAX; i++)
        if (evidence->txns[i] != TXN_NONE)
            mention(cast, mentioned, evidence->txns[i]);
}

/* --- all together --- */

static void put_cast(struct strbuf *out, const struct evidence_cast *cast)
{
    bool *mentioned = calloc(cast->count, sizeof *mentioned);
    uint32_t left = 0;
    if (mentioned)
        mention_all(cast, mentioned);
    else
        out->failed = true;
    for (uint32_t i = 0; mentioned && i < cast->count; i++) {
        if (!mentioned[i]) {
            left++;
            continue;
        }
        strbuf_printf(out, "  T%u = ", i + 1);
        evidence_put_txn(out, cast->all, cast->txns[i]);
        strbuf_puts(out, "\n       ");
        evidence_put_place(out, cast->all, cast->txns[i]);
        strbuf_putc(out, '\n');
    }
    if (left > 0)
        strbuf_printf(out, "  and %u transactions more, which the JSON has.\n", left);
    free(mentioned);
}

void evidence_put_words(struct strbuf *out, const struct transactions *all,
                        const struct evidence *evidence)
{
    struct evidence_cast cast;
    if (evidence->kind == EVIDENCE_NONE)
        return;
    if (!evidence_cast_init(&cast, all, evidence)) {
        out->failed = true;
        return;
    }
    if (evidence->anomaly < ANOMALY_COUNT)
        strbuf_printf(out, "%s: %s\n", anomaly_name(evidence->anomaly),
                      anomaly_doc(evidence->anomaly));
    strbuf_puts(out, "Let\n");
    put_cast(out, &cast);
    strbuf_puts(out, "Then\n");
    if (evidence->kind == EVIDENCE_MICROS) {
        strbuf_puts(out, "  - ");
        put_micros(out, &cast);
        strbuf_puts(out, ".\n");
    } else {
        put_cycle(out, &cast);
    }
    evidence_cast_fini(&cast);
}

/* "the transactions at events 2, 4 and 6 would each come before the next, and the last before the
 * first": who is T1 a single line cannot tell. */
static void put_cycle_sentence(struct strbuf *out, const struct transactions *all,
                               const struct evidence *evidence)
{
    enum { EVENTS_MAX = 6 };
    const struct step *steps = &evidence->steps[evidence->cycle];
    uint32_t count = evidence->step_count - evidence->cycle;
    if (!all->object->all) {
        strbuf_printf(out, "a cycle of %u transactions", count);
        return;
    }
    strbuf_puts(out, "the transactions at events ");
    for (uint32_t i = 0; i < count && i < EVENTS_MAX; i++) {
        const struct operation *op = txn_operation(all, steps[i].from);
        strbuf_printf(out, "%s%llu",
                      i == 0           ? ""
                      : i + 1 == count ? " and "
                                       : ", ",
                      (unsigned long long)operations_index(all->object->all, op->invoke));
    }
    if (count > EVENTS_MAX)
        strbuf_printf(out, " and %u more", count - EVENTS_MAX);
    strbuf_puts(out, count == 2
                         ? " would each come before the other"
                         : " would each come before the next, and the last before the first");
}

void evidence_put_sentence(struct strbuf *out, const struct transactions *all,
                           const struct evidence *evidence)
{
    struct evidence_cast cast;
    if (evidence->kind == EVIDENCE_NONE)
        return;
    if (evidence->kind == EVIDENCE_CYCLE) {
        put_cycle_sentence(out, all, evidence);
        return;
    }
    if (!evidence_cast_init(&cast, all, evidence)) {
        out->failed = true;
        return;
    }
    put_micros(out, &cast);
    evidence_cast_fini(&cast);
}
