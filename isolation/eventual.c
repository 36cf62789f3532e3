/* Eventual consistency, as far as a history can show it: what was read when nobody wrote any more.
 *
 * The history is *quiet* after the last acknowledged transaction that wrote anything was over: as
 * long as clients write, stores may still be busy with that, whatever the key. Of what a session
 * reads of a key in transactions that began then, the last read is *final*: others may have been
 * before all had arrived. What it shows of acknowledged writes must be the same in all final reads
 * of the key, and complete: of a register the last write of an acknowledged transaction to it,
 * which overwrote the others; of a list every acknowledged element. Writes whose end nobody knows
 * may still come, so that they say nothing; where such a write is in a register, neither does the
 * read.
 *
 * Holds if each key that was written has a final read, and each of these is so. Linear. */
#include "checker/budget.h"
#include "core/err.h"
#include "isolation/decider_ready.h"
#include "isolation/level_check.h"
#include "transactions/version_index.h"

struct final_key {
    uint32_t writer; /* somebody acknowledged who wrote it ...; TXN_NONE */
    uint32_t write;  /* ... with this micro-operation, the last to the key */
    uint32_t reader; /* the first final read that says something; TXN_NONE */
    uint32_t read;
    uint32_t read_by; /* the session before this number read it last; 0: none so far */
    bool is_read;     /* there is a final read that was answered */
};

struct eventual {
    const struct transactions *all;
    struct budget *budget;
    struct level_answer *answer;
    struct final_key *keys;
    uint32_t quiet;   /* the first transaction that began when all was quiet */
    uint32_t *before; /* of each from there on, the one before it in its session; TXN_NONE */
    uint32_t *last;   /* of each session; TXN_NONE */
    uint64_t *inner;  /* a bit for each version that its transaction overwrote or appended behind */
    uint64_t
        *shown; /* a bit for each version: in the first final read of its key, if that is odd */
    struct version_index index; /* of the keys with odd reads that are looked at */
};

static size_t words_of(const struct transactions *all)
{
    return (size_t)all->version_count / 64 + 1;
}

static bool has_bit(const uint64_t *bits, uint32_t version)
{
    return bits[version / 64] >> version % 64 & 1;
}

static void set_bit(uint64_t *bits, uint32_t version)
{
    bits[version / 64] |= UINT64_C(1) << version % 64;
}

static bool is_acknowledged(const struct transactions *all, uint32_t txn)
{
    return txn != TXN_NONE && all->txns[txn].fate == TXN_COMMITTED;
}

/* --- when all is quiet --- */

/* A transaction's last write to the key of the micro-operation. */
static bool is_last_write(const struct micro *micro)
{
    return micro->f != MICRO_READ && micro->is_outer;
}

static void note_writes(struct eventual *run)
{
    const struct transactions *all = run->all;
    int64_t end = -1;
    for (uint32_t key = 0; key < all->key_count; key++)
        run->keys[key] = (struct final_key){.writer = TXN_NONE, .reader = TXN_NONE};
    for (uint32_t txn = 0; txn < all->txn_count; txn++) {
        bool writes = false;
        for (uint32_t i = all->txns[txn].micros; i < all->txns[txn + 1].micros; i++) {
            if (all->micros[i].f != MICRO_READ && !all->micros[i].is_outer)
                set_bit(run->inner, all->micros[i].version);
            if (!is_acknowledged(all, txn) || !is_last_write(&all->micros[i]))
                continue;
            run->keys[all->micros[i].key].writer = txn;
            run->keys[all->micros[i].key].write = i;
            writes = true;
        }
        if (writes && operation_end(txn_operation(all, txn)) > end)
            end = operation_end(txn_operation(all, txn));
    }
    run->quiet = all->txn_count; /* which are in order of invocation */
    while (run->quiet > 0 && txn_operation(all, run->quiet - 1)->invoke > end)
        run->quiet--;
}

static int find_quiet(struct eventual *run)
{
    const struct transactions *all = run->all;
    run->keys = budget_alloc(run->budget, all->key_count * sizeof *run->keys);
    run->last = budget_alloc(run->budget, all->session_count * sizeof *run->last);
    run->inner = budget_zalloc(run->budget, words_of(all) * sizeof *run->inner);
    run->shown = budget_zalloc(run->budget, words_of(all) * sizeof *run->shown);
    version_index_init(&run->index, all, run->budget);
    if (!run->keys || !run->last || !run->inner || !run->shown)
        return ERR_NOMEM;
    note_writes(run);
    run->before = budget_alloc(run->budget, (all->txn_count - run->quiet) * sizeof *run->before);
    if (!run->before)
        return ERR_NOMEM;
    for (uint32_t session = 0; session < all->session_count; session++)
        run->last[session] = TXN_NONE;
    for (uint32_t txn = run->quiet; txn < all->txn_count; txn++) {
        run->before[txn - run->quiet] = run->last[all->txns[txn].session];
        run->last[all->txns[txn].session] = txn;
    }
    return 0;
}

static void forget_quiet(struct eventual *run)
{
    const struct transactions *all = run->all;
    size_t count = run->before ? all->txn_count - run->quiet : 0;
    budget_free(run->budget, run->keys, all->key_count * sizeof *run->keys);
    budget_free(run->budget, run->inner, words_of(all) * sizeof *run->inner);
    budget_free(run->budget, run->shown, words_of(all) * sizeof *run->shown);
    version_index_fini(&run->index);
    budget_free(run->budget, run->last, all->session_count * sizeof *run->last);
    budget_free(run->budget, run->before, count * sizeof *run->before);
}

/* --- what a final read shows --- */

static void refute(struct eventual *run, enum anomaly anomaly, uint32_t reader, uint32_t read,
                   uint32_t other, uint32_t micro)
{
    run->answer->verdict = VERDICT_INVALID;
    run->answer->evidence = (struct evidence){.kind = EVIDENCE_MICROS,
                                              .anomaly = anomaly,
                                              .txns = {reader, other, TXN_NONE},
                                              .micros = {read, micro, 0}};
}

/* A list that was read, as versions one after the other: those of a prefix of the order are
 * numbered so. */
struct shown_list {
    const struct eventual *run;
    uint32_t key, count;
    const value_ref *odd; /* NULL: it is such a prefix */
};

/* False without memory. */
static bool show(struct eventual *run, uint32_t micro, struct shown_list *out)
{
    const struct transactions *all = run->all;
    const struct odd_read *odd = all->micros[micro].is_list ? odd_read_find(all, micro) : NULL;
    *out = (struct shown_list){.run = run, .key = all->micros[micro].key};
    if (!odd) {
        out->count = all->micros[micro].version - all->keys[out->key].first_version;
        return true;
    }
    out->odd = txn_list(all, odd->txn, odd->place, &out->count);
    return version_index_add(&run->index, out->key);
}

static uint32_t shown_version(const struct shown_list *list, uint32_t i)
{
    return list->odd ? version_index_find(&list->run->index, list->key, list->odd[i])
                     : list->run->all->keys[list->key].first_version + 1 + i;
}

/* The next acknowledged version of a list from *at on; VERSION_UNREAD past the last one. */
static uint32_t next_acknowledged(const struct shown_list *list, uint32_t *at)
{
    const struct transactions *all = list->run->all;
    while (*at < list->count) {
        uint32_t version = shown_version(list, (*at)++);
        if (version != VERSION_UNREAD && is_acknowledged(all, all->versions[version].txn))
            return version;
    }
    return VERSION_UNREAD;
}

static bool show_the_same(const struct shown_list *a, const struct shown_list *b)
{
    /* Two prefixes have the shorter one in common. */
    uint32_t common = a->odd || b->odd ? 0 : a->count < b->count ? a->count : b->count;
    uint32_t at = common, there = common, version;
    do {
        version = next_acknowledged(a, &at);
        if (version != next_acknowledged(b, &there))
            return false;
    } while (version != VERSION_UNREAD);
    return true;
}

/* Marks the versions of an odd read. */
static void mark_shown(struct eventual *run, const struct shown_list *list)
{
    for (uint32_t i = 0; list->odd && i < list->count; i++) {
        uint32_t version = shown_version(list, i);
        if (version != VERSION_UNREAD)
            set_bit(run->shown, version);
    }
}

/* The micro-operation that wrote a version. */
static uint32_t write_of(const struct transactions *all, uint32_t version)
{
    uint32_t txn = all->versions[version].txn, at = all->txns[txn].micros;
    while (all->micros[at].f == MICRO_READ || all->micros[at].version != version)
        at++;
    return at;
}

/* What the first final read of a list lacks. */
static void look_at_list(struct eventual *run, uint32_t txn, uint32_t micro,
                         const struct shown_list *list)
{
    const struct transactions *all = run->all;
    uint32_t first = all->keys[list->key].first_version,
             end = all->keys[list->key + 1].first_version;
    uint32_t version = first + (list->odd ? 1 : list->count + 1);
    mark_shown(run, list);
    while (version < end &&
           (has_bit(run->shown, version) || !is_acknowledged(all, all->versions[version].txn)))
        version++;
    if (version < end)
        refute(run, ANOMALY_LOST_WRITE, txn, micro, all->versions[version].txn,
               write_of(all, version));
}

/* False if the read says nothing. */
static bool look_at_register(struct eventual *run, uint32_t txn, uint32_t micro)
{
    const struct transactions *all = run->all;
    const struct final_key *key = &run->keys[all->micros[micro].key];
    uint32_t version = all->micros[micro].version, writer = all->versions[version].txn;
    if (writer != TXN_NONE && all->txns[writer].fate != TXN_ABORTED &&
        !is_acknowledged(all, writer))
        return false;
    bool is_there =
        writer != TXN_NONE && is_acknowledged(all, writer) && !has_bit(run->inner, version);
    if (!is_there)
        refute(run, ANOMALY_LOST_WRITE, txn, micro, key->writer, key->write);
    return true;
}

/* --- all of it --- */

static int look_at_final_list(struct eventual *run, uint32_t txn, uint32_t micro)
{
    struct final_key *key = &run->keys[run->all->micros[micro].key];
    struct shown_list list, first;
    if (!show(run, micro, &list))
        return ERR_NOMEM;
    if (key->reader == TXN_NONE) {
        key->reader = txn;
        key->read = micro;
        look_at_list(run, txn, micro, &list);
        return 0;
    }
    if (!show(run, key->read, &first))
        return ERR_NOMEM;
    if (!show_the_same(&first, &list))
        refute(run, ANOMALY_DIVERGENCE, txn, micro, key->reader, key->read);
    return 0;
}

static void look_at_final_register(struct eventual *run, uint32_t txn, uint32_t micro)
{
    const struct transactions *all = run->all;
    struct final_key *key = &run->keys[all->micros[micro].key];
    if (!look_at_register(run, txn, micro) || run->answer->verdict == VERDICT_INVALID)
        return;
    if (key->reader == TXN_NONE) {
        key->reader = txn;
        key->read = micro;
    } else if (all->micros[key->read].version != all->micros[micro].version) {
        refute(run, ANOMALY_DIVERGENCE, txn, micro, key->reader, key->read);
    }
}

static int look_at(struct eventual *run, uint32_t txn, uint32_t micro)
{
    struct final_key *key = &run->keys[run->all->micros[micro].key];
    key->is_read = true;
    if (run->all->micros[key->write].f == MICRO_APPEND)
        return look_at_final_list(run, txn, micro);
    look_at_final_register(run, txn, micro);
    return 0;
}

/* Whether it is the last read of a key by a session of which the later ones were looked at. */
static bool is_final(const struct eventual *run, uint32_t session, uint32_t micro)
{
    const struct micro *read = &run->all->micros[micro];
    const struct final_key *key = &run->keys[read->key];
    return read->f == MICRO_READ && key->writer != TXN_NONE && key->read_by != session + 1;
}

static int look_at_session(struct eventual *run, uint32_t session)
{
    const struct transactions *all = run->all;
    for (uint32_t txn = run->last[session]; txn != TXN_NONE; txn = run->before[txn - run->quiet]) {
        if (budget_time_over(run->budget))
            return ERR_TIMEOUT;
        uint32_t first = is_acknowledged(all, txn) ? all->txns[txn].micros : UINT32_MAX;
        for (uint32_t i = all->txns[txn + 1].micros; i > first; i--) {
            if (!is_final(run, session, i - 1))
                continue;
            run->keys[all->micros[i - 1].key].read_by = session + 1;
            bool is_answered =
                all->micros[i - 1].version != VERSION_UNREAD || all->micros[i - 1].is_list;
            int rc = is_answered ? look_at(run, txn, i - 1) : 0;
            if (rc != 0 || run->answer->verdict == VERDICT_INVALID)
                return rc;
        }
    }
    return 0;
}

static int look_at_all(struct eventual *run)
{
    int rc = 0;
    for (uint32_t session = 0; session < run->all->session_count && rc == 0; session++)
        if (run->answer->verdict != VERDICT_INVALID)
            rc = look_at_session(run, session);
    return rc;
}

static void conclude(struct eventual *run)
{
    bool any = false, all_are_read = true;
    for (uint32_t key = 0; key < run->all->key_count; key++) {
        any |= run->keys[key].is_read;
        all_are_read &= run->keys[key].writer == TXN_NONE || run->keys[key].is_read;
    }
    if (run->answer->verdict == VERDICT_INVALID)
        return;
    run->answer->is_silent = !any || !all_are_read;
    if (!run->answer->is_silent)
        run->answer->verdict = VERDICT_VALID;
    else
        run->answer->why = any ? "some keys were not read after the last write of all was over"
                               : "nothing was read after the last write of all was over";
}

static int decide(const struct level_question *question, enum level level,
                  struct level_answer *answer, struct errbuf *err)
{
    (void)level;
    (void)err;
    struct eventual run = {.all = question->all, .budget = question->budget, .answer = answer};
    *answer = (struct level_answer){.verdict = VERDICT_UNKNOWN, .algorithm = "final reads"};
    if (question->all->rewritten_by[1] != TXN_NONE) {
        answer->why = "a value was written twice to one key";
        return 0;
    }
    int rc = find_quiet(&run);
    if (rc == 0)
        rc = look_at_all(&run);
    if (rc == 0)
        conclude(&run);
    else
        decider_gives_up(rc, answer);
    forget_quiet(&run);
    return 0;
}

const struct level_decider decider_eventual = {
    .name = "final reads",
    .doc = "the last reads of all sessions after the last write agree and lack none; linear",
    .levels = UINT32_C(1) << LEVEL_EVENTUAL,
    .decide = decide,
};
