/* A fault that does nothing, as a skeleton for others. It is useful as it is: a run with `null` for
 * its only fault has all the bookkeeping of faults and none of their effect, and must therefore end
 * `vacuous`.
 *
 * To make a fault of it: rename, put it into nemesis/table.h and .c, and fill in the parts. */
#include "nemesis/table.h"

#include <stdio.h>

/* Options come from the plan (`faults: [{null: {targets: all}}]`), checked against this table. An
 * empty table ends at once. */
static const struct option options[] = {
    {.name = NULL},
};

/* Ask the nodes whether they can do it, without leaving a trace: is the program there, may we use
 * it? What is worth keeping for all injections (which program it is) belongs into open and close;
 * then open does what probe does. */
static int null_probe(const struct fault_env *env, const struct option_values *values,
                      struct errbuf *err)
{
    (void)env;
    (void)values;
    (void)err;
    return 0;
}

/* Everything random is drawn here, and from `random` only, so that the same seed hurts the same
 * nodes. What inject still has to draw, it draws from chosen.rest. */
static void null_choose(struct fault_instance *instance, struct random *random)
{
    random_shuffle(random, instance->chosen.order, instance->env->cluster->count);
    instance->chosen.rest = *random;
}

/* Write to the journal how to undo it, then do it, on all nodes at once (for_nodes). Say in
 * `description` who does what to whom, and in `nodes` who is touched. What heal needs to know goes
 * into instance->state, allocated here. */
static int null_inject(struct fault_instance *instance, struct errbuf *err)
{
    (void)err;
    instance->nodes = 0;
    snprintf(instance->description, sizeof instance->description, "nothing");
    return 0;
}

/* Measure the effect on the nodes; that a command succeeded is no proof. Nothing was done here, so
 * nothing is ever proven. Proof seen once must survive a later call that sees none. */
static void null_observe(struct fault_instance *instance)
{
    instance->proven = false;
    snprintf(instance->evidence, sizeof instance->evidence, "nothing was done");
}

/* Undo it, look whether it is undone, tell the journal (journal_done), free instance->state and set
 * it to NULL. It is called again if it fails, and may be called when there is nothing to undo. */
static int null_heal(struct fault_instance *instance, struct errbuf *err)
{
    (void)instance;
    (void)err;
    return 0;
}

const struct fault_type fault_null = {
    .name = "null",
    .doc = "does nothing, and is never proven",
    .options = options,
    .probe = null_probe,
    .choose = null_choose,
    .inject = null_inject,
    .observe = null_observe,
    .heal = null_heal,
};
