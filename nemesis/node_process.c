#include "nemesis/node_process.h"

#include "core/clock.h"
#include "core/err.h"
#include "core/errbuf.h"
#include "nemesis/targets.h"

node_set node_processes_in(const struct fault_env *env, node_set set, enum process_state state)
{
    node_set in = 0;
    for (uint32_t i = 0; i < env->cluster->count; i++)
        if (set & node_bit(i) &&
            database_node_state(env->database, &env->cluster->nodes[i]) == state)
            in |= node_bit(i);
    return in;
}

int node_process_await(const struct fault_env *env, const struct node *node,
                       enum process_state state, struct errbuf *err)
{
    static const char *const names[] = {
        [PROCESS_RUNNING] = "running", [PROCESS_STOPPED] = "stopped", [PROCESS_GONE] = "gone"};
    int64_t until_ns = monotonic_ns() + 5 * NS_PER_S;
    while (database_node_state(env->database, node) != state) {
        if (monotonic_ns() >= until_ns)
            return errbuf_set(err, ERR_TIMEOUT, "its process is not %s after 5 s", names[state]);
        sleep_ns(NS_PER_MS);
    }
    return 0;
}

int node_processes_choose(const struct fault_instance *instance, node_set *out, const char **label,
                          struct errbuf *err)
{
    const struct fault_env *env = instance->env;
    node_set chosen = targets_resolve(&instance->chosen, env, label);
    *out = node_processes_in(env, chosen, PROCESS_RUNNING);
    if (*out)
        return 0;
    char names[256];
    node_set_text(env->cluster, chosen, names, sizeof names);
    return errbuf_set(err, ERR_IO, "%s: no process of the database runs on %s", *label, names);
}

int node_processes_probe(const struct fault_env *env, const struct option_values *options,
                         struct errbuf *err)
{
    if (!env->database)
        return errbuf_set(err, ERR_UNSUPPORTED,
                          "the plan has no database whose processes could be "
                          "signalled; name one under `database`");
    return targets_probe(env, options, "targets", TARGET_PRIMARIES, err);
}

void node_processes_draw(struct fault_instance *instance, struct random *random)
{
    targets_choose(&instance->chosen, instance->options, "targets", instance->env->cluster->count,
                   random);
}
