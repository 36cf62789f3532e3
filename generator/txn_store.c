#include "generator/txn_store.h"

#include "transactions/level.h"

#include <stdlib.h>
#include <string.h>

enum store_view {
    STORE_PRESENT,
    STORE_SNAPSHOT, /* some commit */
    STORE_REPLICA,
    STORE_ATOMIC,  /* of each replica some commit */
    STORE_GROWING, /* the same, and more at each read */
    STORE_LOOSE,   /* the same, anew for each read */
};

/* How old a snapshot may be. */
enum store_age { STORE_NOW, STORE_SINCE_LAST /* of the session */, STORE_ANY };

struct store_level {
    enum level level;
    uint8_t view, age;
    bool writers_see_present;
    bool has_no_lost_updates; /* nobody else may write between its view and its commit */
    bool has_final_reads;
};

static const struct store_level levels[] = {
    {.level = LEVEL_STRICT_SERIALIZABLE,
     .view = STORE_PRESENT,
     .age = STORE_NOW,
     .writers_see_present = true},
    {.level = LEVEL_SESSION_SERIALIZABLE,
     .view = STORE_SNAPSHOT,
     .age = STORE_SINCE_LAST,
     .writers_see_present = true},
    {.level = LEVEL_SERIALIZABLE,
     .view = STORE_SNAPSHOT,
     .age = STORE_ANY,
     .writers_see_present = true},
    {.level = LEVEL_STRONG_SNAPSHOT_ISOLATION,
     .view = STORE_SNAPSHOT,
     .age = STORE_NOW,
     .has_no_lost_updates = true},
    {.level = LEVEL_SESSION_SNAPSHOT_ISOLATION,
     .view = STORE_SNAPSHOT,
     .age = STORE_SINCE_LAST,
     .has_no_lost_updates = true},
    {.level = LEVEL_SNAPSHOT_ISOLATION,
     .view = STORE_SNAPSHOT,
     .age = STORE_ANY,
     .has_no_lost_updates = true},
    {.level = LEVEL_PREFIX, .view = STORE_SNAPSHOT, .age = STORE_SINCE_LAST},
    {.level = LEVEL_PARALLEL_SNAPSHOT_ISOLATION,
     .view = STORE_REPLICA,
     .age = STORE_SINCE_LAST,
     .has_no_lost_updates = true},
    {.level = LEVEL_CAUSAL, .view = STORE_REPLICA, .age = STORE_SINCE_LAST},
    {.level = LEVEL_READ_ATOMIC, .view = STORE_ATOMIC, .age = STORE_SINCE_LAST},
    {.level = LEVEL_MONOTONIC_ATOMIC_VIEW, .view = STORE_GROWING, .age = STORE_ANY},
    {.level = LEVEL_READ_COMMITTED, .view = STORE_LOOSE, .age = STORE_ANY},
    {.level = LEVEL_EVENTUAL, .view = STORE_LOOSE, .age = STORE_ANY, .has_final_reads = true},
};

const struct store_level *store_level_at(size_t number)
{
    return number < sizeof levels / sizeof levels[0] ? &levels[number] : NULL;
}

const struct store_level *store_level_find(const char *name)
{
    enum level wanted;
    if (!level_find(name, &wanted))
        return NULL;
    for (size_t i = 0; i < sizeof levels / sizeof levels[0]; i++)
        if (levels[i].level == wanted)
            return &levels[i];
    return NULL;
}

const char *store_level_name(const struct store_level *level)
{
    return level_row(level->level)->name;
}

bool store_level_has_final_reads(const struct store_level *level)
{
    return level->has_final_reads;
}

/* --- keys --- */

enum { KEYS_USUAL = 10 };

static struct store_key *new_key(struct store *store)
{
    struct store_key *key =
        store->spare_count ? store->spare[--store->spare_count] : calloc(1, sizeof *key);
    if (!key)
        return NULL;
    key->number = store->next_key++;
    key->count = key->values = 0;
    key->users = 1;
    return key;
}

static void free_key(struct store_key *key)
{
    if (key)
        free(key->versions);
    free(key);
}

static void drop_key(struct store *store, struct store_key *key)
{
    if (--key->users > 0)
        return;
    if (store->spare_count == store->spare_capacity)
        free_key(key);
    else
        store->spare[store->spare_count++] = key;
}

static bool add_version(struct store_key *key, struct store_version version)
{
    if (key->count == key->capacity) {
        uint32_t capacity = key->capacity ? 2 * key->capacity : 16;
        struct store_version *versions = realloc(key->versions, capacity * sizeof *versions);
        if (!versions)
            return false;
        key->versions = versions;
        key->capacity = capacity;
    }
    key->versions[key->count++] = version;
    return true;
}

bool store_init(struct store *store, const struct txn_generate_options *options,
                const struct store_level *level, struct random *random)
{
    uint32_t clients = options->common.concurrency;
    *store = (struct store){.options = options, .level = level, .random = random};
    store->key_count = options->common.keys ? options->common.keys : KEYS_USUAL;
    store->spare_capacity = store->key_count;
    store->lag_max = 2 * (uint64_t)clients;
    store->replica_count = 1;
    if (level->view >= STORE_REPLICA)
        store->replica_count = clients < STORE_REPLICAS_MAX ? clients : STORE_REPLICAS_MAX;
    store->keys = calloc(store->key_count, sizeof(struct store_key *));
    store->spare = calloc(store->spare_capacity, sizeof(struct store_key *));
    if (!store->keys || !store->spare)
        return false;
    for (uint32_t i = 0; i < store->key_count; i++)
        if (!(store->keys[i] = new_key(store)))
            return false;
    return true;
}

void store_fini(struct store *store)
{
    for (uint32_t i = 0; store->keys && i < store->key_count; i++)
        free_key(store->keys[i]);
    for (uint32_t i = 0; i < store->spare_count; i++)
        free_key(store->spare[i]);
    free(store->keys);
    free(store->spare);
}

/* --- what a transaction does --- */

static struct store_micro *add_micro(struct store_txn *txn, struct store_key *key)
{
    struct store_micro *micro = &txn->micros[txn->count++];
    *micro = (struct store_micro){.key = key, .f = MICRO_READ};
    key->users++;
    return micro;
}

static bool has_lists(const struct store *store)
{
    return strcmp(store->options->common.model, "list-append") == 0;
}

/* Gives the key a new value, and gives it up if it has had enough of them. */
static bool plan_write(struct store *store, struct store_txn *txn, struct store_micro *micro,
                       uint32_t slot)
{
    struct store_key *key = micro->key;
    micro->f = has_lists(store) ? MICRO_APPEND : MICRO_WRITE;
    micro->value = ++key->values;
    txn->writes = true;
    if (key->values != store->options->writes_per_key)
        return true;
    struct store_key *next = new_key(store);
    if (!next)
        return false;
    store->keys[slot] = next;
    drop_key(store, key);
    return true;
}

static void reset(struct store_txn *txn)
{
    txn->count = 0;
    txn->writes = txn->is_begun = false;
}

bool store_plan(struct store *store, struct store_txn *txn)
{
    const struct txn_generate_options *options = store->options;
    double read_share = options->common.read_share < 0 ? 0.5 : options->common.read_share;
    reset(txn);
    int64_t count = random_between(store->random, options->micro_ops_min, options->micro_ops_max);
    for (int64_t i = 0; i < count; i++) {
        uint32_t slot = (uint32_t)random_below(store->random, store->key_count);
        struct store_micro *micro = add_micro(txn, store->keys[slot]);
        if (random_unit(store->random) < read_share)
            continue;
        if (!plan_write(store, txn, micro, slot))
            return false;
    }
    return true;
}

void store_release(struct store *store, struct store_txn *txn)
{
    for (uint32_t i = 0; i < txn->count; i++)
        drop_key(store, txn->micros[i].key);
    reset(txn);
}

/* --- what it sees --- */

/* A commit of some time ago, not before `least`; half of the time the present. */
static uint64_t some_commit(struct store *store, uint64_t least)
{
    uint64_t lag = store->commits - least;
    if (lag > store->lag_max)
        lag = store->lag_max;
    if (lag == 0 || random_below(store->random, 2) == 0)
        return store->commits;
    return store->commits - random_below(store->random, lag + 1);
}

static uint32_t visible_versions(const struct store_key *key, const uint64_t view[])
{
    uint32_t count = key->count;
    while (count > 0 && key->versions[count - 1].commit > view[key->versions[count - 1].replica])
        count--;
    return count;
}

/* Who shows a list shows every append in it, and so must see all who did them: the view grows until
 * it has those before the last visible one. */
static void see_appenders(const struct store_key *key, uint64_t view[])
{
    for (uint32_t i = visible_versions(key, view); i > 0; i--) {
        const struct store_version *version = &key->versions[i - 1];
        if (version->commit <= view[version->replica])
            continue;
        view[version->replica] = version->commit;
        i = visible_versions(key, view) + 1;
    }
}

static void see_all_appenders(const struct store_txn *txn, uint64_t view[])
{
    for (uint32_t i = 0; i < txn->count;) {
        const struct store_key *key = txn->micros[i].key;
        uint32_t before = visible_versions(key, view);
        see_appenders(key, view);
        i = visible_versions(key, view) == before ? i + 1 : 0;
    }
}

static void see_everything(struct store *store, struct store_txn *txn)
{
    for (uint32_t i = 0; i < txn->count; i++)
        txn->micros[i].seen = txn->micros[i].key->count;
    txn->snapshot = store->commits;
}

void store_plan_final(struct store *store, struct store_txn *txn, uint32_t *first)
{
    reset(txn);
    for (; *first < store->key_count && txn->count < store->options->micro_ops_max; ++*first)
        add_micro(txn, store->keys[*first]);
    see_everything(store, txn);
    txn->is_begun = true;
}

/* A replica learns all that another one has, now and then: so whatever it has, it has all that was
 * seen by those who wrote it. */
static void learn(struct store *store, uint32_t replica)
{
    uint32_t other = (uint32_t)random_below(store->random, store->replica_count);
    if (random_below(store->random, 4) != 0)
        return;
    for (uint32_t i = 0; i < store->replica_count; i++)
        if (store->has[other][i] > store->has[replica][i])
            store->has[replica][i] = store->has[other][i];
}

static void draw_view(struct store *store, const struct store_session *session, uint64_t view[],
                      bool grows)
{
    for (uint32_t i = 0; i < store->replica_count; i++) {
        bool is_own = i == session->replica && store->level->age == STORE_SINCE_LAST;
        view[i] = is_own ? store->commits : some_commit(store, grows ? view[i] : 0);
    }
}

static void see_loosely(struct store *store, struct store_txn *txn,
                        const struct store_session *session)
{
    uint64_t view[STORE_REPLICAS_MAX];
    uint8_t kind = store->level->view;
    draw_view(store, session, view, false);
    if (has_lists(store) && kind == STORE_ATOMIC)
        see_all_appenders(txn, view);
    for (uint32_t i = 0; i < txn->count; i++) {
        if (i > 0 && kind != STORE_ATOMIC && txn->micros[i].f == MICRO_READ)
            draw_view(store, session, view, kind == STORE_GROWING);
        if (has_lists(store) && kind == STORE_GROWING)
            see_appenders(txn->micros[i].key, view);
        txn->micros[i].seen = visible_versions(txn->micros[i].key, view);
    }
}

void store_begin(struct store *store, struct store_txn *txn, const struct store_session *session)
{
    const struct store_level *level = store->level;
    txn->is_begun = true;
    if (level->view == STORE_PRESENT)
        return; /* it will see it when it commits */
    if (level->view > STORE_REPLICA) {
        see_loosely(store, txn, session);
        return;
    }
    uint64_t least = level->age == STORE_NOW ? store->commits : 0;
    txn->snapshot = some_commit(store, level->age == STORE_SINCE_LAST ? session->last : least);
    const uint64_t *view = &txn->snapshot;
    if (level->view == STORE_REPLICA) {
        learn(store, session->replica);
        view = store->has[session->replica];
    }
    for (uint32_t i = 0; i < txn->count; i++)
        txn->micros[i].seen = visible_versions(txn->micros[i].key, view);
}

/* --- and when it commits --- */

/* A list that it appends to and then reads: what it read before and after must fit together. */
static bool reads_what_it_appended(const struct store_txn *txn, const struct store_key *key)
{
    bool has_appended = false;
    for (uint32_t i = 0; i < txn->count; i++) {
        if (txn->micros[i].key != key)
            continue;
        if (has_appended && txn->micros[i].f == MICRO_READ)
            return true;
        has_appended |= txn->micros[i].f == MICRO_APPEND;
    }
    return false;
}

/* Somebody wrote since it looked, and must not have: an update would be lost, or its own element
 * not be where it read it in the list. */
static bool is_too_late(const struct store *store, const struct store_txn *txn)
{
    for (uint32_t i = 0; i < txn->count; i++) {
        const struct store_micro *micro = &txn->micros[i];
        if (micro->seen == micro->key->count)
            continue;
        if ((micro->f != MICRO_READ && store->level->has_no_lost_updates) ||
            (txn->writes && reads_what_it_appended(txn, micro->key)))
            return true;
    }
    return false;
}

/* Whether it appends to what its replica does not have all of. */
static bool appends_to_unseen(const struct store *store, const struct store_txn *txn,
                              const uint64_t has[])
{
    if (!has_lists(store) || store->level->view != STORE_REPLICA)
        return false;
    for (uint32_t i = 0; i < txn->count; i++) {
        const struct store_key *key = txn->micros[i].key;
        if (txn->micros[i].f != MICRO_READ && visible_versions(key, has) < key->count)
            return true;
    }
    return false;
}

bool store_commit(struct store *store, struct store_txn *txn, struct store_session *session)
{
    bool sees_present =
        store->level->view == STORE_PRESENT || (txn->writes && store->level->writers_see_present);
    if (!txn->is_begun)
        store_begin(store, txn, session);
    uint64_t *has = store->has[session->replica];
    bool sees_all = sees_present || is_too_late(store, txn);
    if (sees_all)
        see_everything(store, txn);
    /* A replica that appends learns of what stands before, as it will show that too. */
    bool learns_all = sees_all || appends_to_unseen(store, txn, has);
    for (uint32_t i = 0; i < store->replica_count && learns_all; i++)
        has[i] = store->commits;
    if (session->last < txn->snapshot)
        session->last = txn->snapshot;
    if (!txn->writes)
        return true;
    session->last = has[session->replica] = ++store->commits;
    for (uint32_t i = 0; i < txn->count; i++) {
        const struct store_micro *micro = &txn->micros[i];
        struct store_version version = {store->commits, micro->value, session->replica};
        if (micro->f != MICRO_READ && !add_version(micro->key, version))
            return false;
    }
    return true;
}
