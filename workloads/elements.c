/* Adds and removes elements of a set, each by a thread of its own, and in the end asks for all of
 * them through every node. As nobody else touches an element, what it must be in the end does not
 * depend on who saw what when: a set that converges keeps to it, and one that forgets that an
 * element was removed does not. */
#include "workloads/table.h"

#include "core/err.h"
#include "core/errbuf.h"
#include "workloads/final_reads.h"

static const struct option options[] = {
    {.name = "changes",
     .type = OPTION_INT,
     .standard = "4",
     .min = 1,
     .max = 1000000,
     .doc = "adds and removes of an element, in turn, after which another one is begun"},
    {.name = NULL},
};

struct elements {
    struct elements_of_thread *threads;
    uint32_t thread_count;
    int64_t changes;
    uint64_t seed;
};

/* Element e belongs to thread e mod threads. */
struct elements_of_thread {
    const struct elements *all;
    uint32_t thread;
    int64_t begun; /* so many elements */
    int64_t left;  /* changes of the last one */
    symbol last;   /* what was done to it */
};

static int64_t element_of(const struct elements_of_thread *own, int64_t number)
{
    return number * own->all->thread_count + own->thread;
}

static bool next_operation(void *context, struct random *random, struct arena *arena, struct op *op)
{
    (void)arena;
    struct elements_of_thread *own = context;
    bool begins = own->left == 0;
    if (begins) {
        own->begun++;
        own->left = random_between(random, 1, own->all->changes);
    }
    own->left--;
    own->last = begins || own->last == F_REMOVE ? F_ADD : F_REMOVE;
    op->f = own->last;
    op->value = value_int(element_of(own, own->begun - 1));
    return true;
}

static struct generator *generate_changes(void *context, struct arena *arena, uint32_t thread)
{
    struct elements *all = context;
    struct random random;
    random_init(&random, all->seed, RANDOM_WORKLOAD, thread);
    return generator_source(arena, random, next_operation, &all->threads[thread]);
}

/* --- final reads --- */

/* Thread by thread, the elements that it began. */
static bool ask_for_element(const void *context, int64_t *next, struct arena *arena, struct op *op)
{
    (void)arena;
    const struct elements *all = context;
    const struct elements_of_thread *own = all->threads, *end = own + all->thread_count;
    int64_t number = *next;
    for (; own < end && number >= own->begun; own++)
        number -= own->begun;
    if (own == end)
        return false;
    (*next)++;
    op->f = F_CONTAINS;
    op->value = value_int(element_of(own, number));
    return true;
}

/* --- the workload --- */

static struct elements *elements_new(const struct workload_env *env)
{
    struct elements *all = arena_zalloc(env->arena, 1, sizeof *all);
    struct elements_of_thread *threads =
        arena_zalloc(env->arena, env->client_count, sizeof *threads);
    if (!all || !threads)
        return NULL;
    *all = (struct elements){.threads = threads,
                             .thread_count = env->client_count,
                             .seed = env->seed,
                             .changes = option_int(env->options, "changes")};
    for (uint32_t i = 0; i < env->client_count; i++)
        threads[i] = (struct elements_of_thread){.all = all, .thread = i};
    return all;
}

static int elements_open(const struct workload_env *env, struct workload *out, struct errbuf *err)
{
    struct elements *all = elements_new(env);
    if (!all)
        return errbuf_set(err, ERR_NOMEM, "no memory for the elements");
    struct workload made = {.operations = generator_each_thread(env->arena, generate_changes, all),
                            .final =
                                final_reads(env->arena, ask_for_element, all, env->node_count)};
    if (!made.operations || !made.final)
        return errbuf_set(err, ERR_NOMEM, "no memory for the elements");
    *out = made;
    return 0;
}

static const symbol functions[] = {F_ADD, F_REMOVE, F_CONTAINS, F_NONE};

const struct workload_type workload_elements = {
    .name = "elements",
    .doc = "adds and removes elements of a set, which everybody asks for in the end",
    .model = "linear-set",
    .options = options,
    .functions = functions,
    .open = elements_open,
};
