#include "nemesis/targets.h"

#include "core/clock.h"
#include "core/err.h"
#include "core/errbuf.h"

#include <assert.h>

const char *const target_names[] = {
    [TARGET_ONE] = "one",           [TARGET_MINORITY] = "minority",
    [TARGET_MAJORITY] = "majority", [TARGET_PRIMARIES] = "primaries",
    [TARGET_ALL] = "all",           NULL,
};

enum { MINORITY_NODES_MIN = 3 };

uint32_t target_size(enum target_kind kind, uint32_t count)
{
    assert(count > 0);
    switch (kind) {
    case TARGET_ONE:
    case TARGET_PRIMARIES:
        return 1;
    case TARGET_MINORITY:
        return count < MINORITY_NODES_MIN ? 1 : (count - 1) / 2;
    case TARGET_MAJORITY:
        return count / 2 + 1;
    case TARGET_ALL:
        return count;
    }
    assert(false);
    return 0;
}

/* Draws one of the choices listed in the option `name`. */
static size_t draw(const struct option_values *options, const char *name, struct random *random)
{
    size_t count;
    const size_t *listed = option_choices(options, name, &count);
    assert(count > 0);
    return listed[random_below(random, count)];
}

bool targets_lists(const struct option_values *options, const char *name, size_t choice)
{
    size_t count;
    const size_t *listed = option_choices(options, name, &count);
    for (size_t i = 0; i < count; i++)
        if (listed[i] == choice)
            return true;
    return false;
}

int targets_check(const struct option_values *options, uint32_t node_count, struct errbuf *err)
{
    if (node_count >= MINORITY_NODES_MIN || !option_is_given(options, "targets") ||
        !targets_lists(options, "targets", TARGET_MINORITY))
        return 0;
    return errbuf_set(err, ERR_INPUT,
                      "targets: no node of %u can go while the others are a majority; use one, or "
                      "at least 3 nodes",
                      node_count);
}

void targets_choose(struct fault_chosen *chosen, const struct option_values *options,
                    const char *name, uint32_t node_count, struct random *random)
{
    chosen->kind = draw(options, name, random);
    random_shuffle(random, chosen->order, node_count);
    chosen->rest = *random;
}

static node_set first_of(const uint32_t *order, uint32_t count)
{
    node_set set = 0;
    for (uint32_t i = 0; i < count; i++)
        set |= node_bit(order[i]);
    return set;
}

node_set targets_resolve(const struct fault_chosen *chosen, const struct fault_env *env,
                         const char **label)
{
    enum target_kind kind = (enum target_kind)chosen->kind;
    bool no_minority = kind == TARGET_MINORITY && env->cluster->count < MINORITY_NODES_MIN;
    *label = target_names[no_minority ? TARGET_ONE : kind];
    if (kind == TARGET_PRIMARIES) {
        node_set primaries = 0;
        if (targets_primaries(env, &primaries, NULL) == 0 && primaries)
            return primaries;
        *label = "one (no primary known)";
    }
    return first_of(chosen->order, target_size(kind, env->cluster->count));
}

int targets_primaries(const struct fault_env *env, node_set *out, struct errbuf *err)
{
    *out = 0;
    if (!env->database)
        return errbuf_set(err, ERR_UNSUPPORTED, "there is no database that could have primaries");
    /* Between two leaders nobody leads: an election takes a second or so. */
    int64_t until_ns = monotonic_ns() + 3 * NS_PER_S;
    for (;;) {
        int rc = database_primaries(env->database, NS_PER_S, out, err);
        if (rc == ERR_UNSUPPORTED || (rc == 0 && *out) || monotonic_ns() >= until_ns)
            return rc == ERR_UNSUPPORTED ? rc : 0;
        sleep_ns(200 * NS_PER_MS);
    }
}

int targets_probe(const struct fault_env *env, const struct option_values *options,
                  const char *name, size_t primaries_choice, struct errbuf *err)
{
    size_t count;
    option_choices(options, name, &count);
    if (count == 0)
        return errbuf_set(err, ERR_INPUT, "%s: the list is empty; name at least one", name);
    if (!targets_lists(options, name, primaries_choice))
        return 0;
    node_set primaries;
    struct errbuf why = ERRBUF_INIT;
    int rc = env->database ? database_primaries(env->database, 100 * NS_PER_MS, &primaries, &why)
                           : ERR_UNSUPPORTED;
    if (rc != ERR_UNSUPPORTED)
        return 0; /* that nobody answers yet is no surprise: nothing may have been started */
    return errbuf_set(err, ERR_UNSUPPORTED,
                      "%s: primaries: %s; say in the database's description how to ask for "
                      "them, or list other %s",
                      name, why.text[0] ? why.text : "there is no database", name);
}
