#include "nemesis/nemesis.h"

#include "core/clock.h"
#include "core/err.h"
#include "core/errbuf.h"
#include "core/log.h"
#include "core/symbol.h"
#include "injector/events.h"
#include "nemesis/schedule.h"

#include <assert.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* An injection that is in place, or that could not be healed. */
struct active {
    struct fault_instance instance;
    struct active *next;
};

struct nemesis {
    struct nemesis_config config;
    const char **names; /* of the config's faults, for the schedule */
    void **kept;        /* by fault: what its open made */
    struct generator *schedule;
    struct active *active; /* newest first */

    struct fault_record *records; /* in order of id */
    size_t record_count, record_capacity;

    pthread_mutex_t lock; /* of text */
    char text[320];
};

/* --- opening and closing --- */

static int check_config(const struct nemesis_config *config, struct errbuf *err)
{
    if (config->fault_count > NEMESIS_FAULTS_MAX)
        return errbuf_set(err, ERR_INPUT, "nemesis: more than %d faults", NEMESIS_FAULTS_MAX);
    if (config->fault_count == 0)
        return 0;
    if (config->interval_ns <= 0 || config->duration_ns < 0 ||
        config->duration_ns >= config->interval_ns)
        return errbuf_set(err, ERR_INPUT,
                          "nemesis: a fault must last shorter than the interval at which faults "
                          "begin");
    return 0;
}

static int nemesis_open(const struct nemesis_config *config, struct arena *arena,
                        struct nemesis **out, struct errbuf *err)
{
    int rc = check_config(config, err);
    if (rc != 0)
        return rc;
    struct nemesis *nemesis = arena_zalloc(arena, 1, sizeof *nemesis);
    size_t count = config->fault_count;
    const char **names = arena_zalloc(arena, count, sizeof *names);
    void **kept = arena_zalloc(arena, count, sizeof *kept);
    if (!nemesis || !names || !kept)
        return errbuf_set(err, ERR_NOMEM, "no memory for the nemesis");
    for (size_t i = 0; i < count; i++)
        names[i] = config->faults[i].type->name;
    nemesis->config = *config;
    nemesis->names = names;
    nemesis->kept = kept;
    nemesis->schedule =
        nemesis_schedule_new(arena, &(struct nemesis_schedule){config->seed, config->interval_ns,
                                                               config->duration_ns, names, count});
    if (!nemesis->schedule)
        return errbuf_set(err, ERR_NOMEM, "no memory for the schedule of faults");
    pthread_mutex_init(&nemesis->lock, NULL);
    *out = nemesis;
    return 0;
}

static void nemesis_close(struct nemesis *nemesis)
{
    if (!nemesis)
        return;
    while (nemesis->active) {
        struct active *next = nemesis->active->next;
        free(nemesis->active);
        nemesis->active = next;
    }
    for (size_t i = 0; i < nemesis->config.fault_count; i++)
        if (nemesis->kept[i])
            nemesis->config.faults[i].type->close(nemesis->kept[i]);
    free(nemesis->records);
    pthread_mutex_destroy(&nemesis->lock);
}

static int nemesis_probe(struct nemesis *nemesis, struct errbuf *err)
{
    for (size_t i = 0; i < nemesis->config.fault_count; i++) {
        const struct fault_choice *fault = &nemesis->config.faults[i];
        int rc = 0;
        if (!fault->type->open)
            rc = fault->type->probe(nemesis->config.env, fault->options, err);
        else if (!nemesis->kept[i])
            rc = fault->type->open(nemesis->config.env, fault->options, &nemesis->kept[i], err);
        if (rc != 0) {
            errbuf_prefix(err, "nemesis: %s", fault->type->name);
            return rc;
        }
    }
    return 0;
}

static struct generator *nemesis_schedule_of(struct nemesis *nemesis)
{
    return nemesis->schedule;
}

/* --- what is told to others --- */

static void set_text(struct nemesis *nemesis, const struct fault_instance *instance)
{
    pthread_mutex_lock(&nemesis->lock);
    if (instance)
        snprintf(nemesis->text, sizeof nemesis->text, "%s %s", instance->type->name,
                 instance->description);
    else
        nemesis->text[0] = '\0';
    pthread_mutex_unlock(&nemesis->lock);
}

static void nemesis_active_text(struct nemesis *nemesis, char *out, size_t size)
{
    pthread_mutex_lock(&nemesis->lock);
    snprintf(out, size, "%s", nemesis->text);
    pthread_mutex_unlock(&nemesis->lock);
}

static void write_event(const struct fault_instance *instance, const char *state)
{
    char nodes[512];
    node_set_text(instance->env->cluster, instance->nodes, nodes, sizeof nodes);
    events_write(instance->env->events, NULL, "fault", "s:i, s:s, s:s, s:s, s:s", "id",
                 (int)instance->id, "fault", instance->type->name, "state", state, "description",
                 instance->description, "nodes", nodes);
}

static void write_observed(const struct fault_instance *instance)
{
    events_write(instance->env->events, NULL, "fault", "s:i, s:s, s:s, s:b, s:s", "id",
                 (int)instance->id, "fault", instance->type->name, "state", "observed", "proven",
                 (int)instance->proven, "evidence", instance->evidence);
}

static void write_failed(const struct fault_instance *instance, const char *what,
                         const struct errbuf *err)
{
    log_warn(LOG_NEMESIS, "%s %s: %s failed: %s", instance->type->name, instance->description, what,
             err->text);
    events_write(instance->env->events, NULL, "fault", "s:i, s:s, s:s, s:s, s:s", "id",
                 (int)instance->id, "fault", instance->type->name, "state", "failed", "what", what,
                 "error", err->text);
}

/* --- records --- */

static struct fault_record *find_record(struct nemesis *nemesis, uint32_t id)
{
    for (size_t i = nemesis->record_count; i-- > 0;)
        if (nemesis->records[i].id == id)
            return &nemesis->records[i];
    return NULL;
}

static struct fault_record *add_record(struct nemesis *nemesis, uint32_t id, const char *fault)
{
    if (nemesis->record_count == nemesis->record_capacity) {
        size_t capacity = nemesis->record_capacity ? 2 * nemesis->record_capacity : 64;
        struct fault_record *more = realloc(nemesis->records, capacity * sizeof *more);
        if (!more)
            return NULL;
        nemesis->records = more;
        nemesis->record_capacity = capacity;
    }
    struct fault_record *record = &nemesis->records[nemesis->record_count++];
    *record = (struct fault_record){.id = id, .fault = fault, .injected_ns = -1, .healed_ns = -1};
    return record;
}

static void copy_to_record(struct fault_record *record, const struct fault_instance *instance)
{
    memcpy(record->description, instance->description, sizeof record->description);
    memcpy(record->evidence, instance->evidence, sizeof record->evidence);
    record->nodes = instance->nodes;
    record->proven = instance->proven;
}

static const struct fault_record *nemesis_records(struct nemesis *nemesis, size_t *count)
{
    *count = nemesis->record_count;
    return nemesis->records;
}

/* --- injecting --- */

static void prepare(struct nemesis *nemesis, uint32_t id, struct fault_instance *instance)
{
    size_t fault = nemesis_schedule_fault(nemesis->config.seed, nemesis->config.fault_count, id);
    *instance = (struct fault_instance){
        .type = nemesis->config.faults[fault].type,
        .options = nemesis->config.faults[fault].options,
        .env = nemesis->config.env,
        .kept = nemesis->kept[fault],
        .id = id,
    };
    struct random random;
    random_init(&random, nemesis->config.seed, RANDOM_NEMESIS_TARGET, id);
    instance->type->choose(instance, &random);
}

static void keep_active(struct nemesis *nemesis, struct active *active)
{
    active->next = nemesis->active;
    nemesis->active = active;
    set_text(nemesis, &active->instance);
}

/* A fault that failed half way should have undone itself; if it did not, heal_all has to. */
static bool clean_up(struct fault_instance *instance)
{
    struct errbuf err = ERRBUF_INIT;
    if (instance->type->heal(instance, &err) == 0)
        return true;
    write_failed(instance, "heal", &err);
    return false;
}

static int inject(struct nemesis *nemesis, struct active *active, struct fault_record *record,
                  struct errbuf *err)
{
    struct fault_instance *instance = &active->instance;
    write_event(instance, "injecting");
    int rc = instance->type->inject(instance, err);
    copy_to_record(record, instance);
    if (rc == 0) {
        record->injected_ns = clock_now_ns(nemesis->config.env->clock);
        log_info(LOG_NEMESIS, "%s %s", record->fault, record->description);
        write_event(instance, "injected");
        keep_active(nemesis, active);
        return 0;
    }
    snprintf(record->error, sizeof record->error, "%.255s", err->text);
    write_failed(instance, "inject", err);
    if (clean_up(instance))
        free(active);
    else
        keep_active(nemesis, active);
    return rc;
}

/* --- healing --- */

static void unlink_active(struct nemesis *nemesis, struct active *active)
{
    struct active **at = &nemesis->active;
    while (*at != active)
        at = &(*at)->next;
    *at = active->next;
    set_text(nemesis, nemesis->active ? &nemesis->active->instance : NULL);
}

/* What was proven before stays proven, whatever observe or heal make of the instance now. */
static void update_proof(struct fault_record *record, struct fault_instance *instance)
{
    if (record->proven && !instance->proven) {
        instance->proven = true;
        memcpy(instance->evidence, record->evidence, sizeof instance->evidence);
    }
    copy_to_record(record, instance);
}

static int heal(struct nemesis *nemesis, struct active *active, struct errbuf *err)
{
    struct fault_instance *instance = &active->instance;
    struct fault_record *record = find_record(nemesis, instance->id);
    assert(record);
    /* Of an injection that failed half way nothing is to be proven. */
    if (record->injected_ns >= 0) {
        instance->type->observe(instance);
        update_proof(record, instance);
        write_observed(instance);
    }
    write_event(instance, "healing");
    int rc = instance->type->heal(instance, err);
    if (record->injected_ns >= 0)
        update_proof(record, instance);
    if (rc != 0) {
        snprintf(record->error, sizeof record->error, "%.255s", err->text);
        write_failed(instance, "heal", err);
        return rc;
    }
    if (record->injected_ns >= 0) {
        record->healed_ns = clock_now_ns(nemesis->config.env->clock);
        record->error[0] = '\0'; /* of an earlier try */
    }
    log_info(LOG_NEMESIS, "healed %s: %s", record->fault, record->evidence);
    write_event(instance, "healed");
    unlink_active(nemesis, active);
    free(active);
    return 0;
}

static int nemesis_heal_all(struct nemesis *nemesis, struct errbuf *err)
{
    int first = 0;
    struct active *active = nemesis->active;
    while (active) {
        struct active *next = active->next;
        struct errbuf why = ERRBUF_INIT;
        char name[320];
        snprintf(name, sizeof name, "%s %s", active->instance.type->name,
                 active->instance.description);
        if (heal(nemesis, active, &why) != 0 && first == 0)
            first = errbuf_set(err, ERR_IO, "could not heal %s: %s", name, why.text);
        active = next;
    }
    return first;
}

/* --- the schedule's operations --- */

static void answer(struct op *completion, struct arena *arena, const char *text)
{
    const char *copy = arena_strdup(arena, text);
    completion->value = copy ? value_string(copy) : value_nil();
}

static void answer_error(struct op *completion, struct arena *arena, const char *text)
{
    const char *copy = arena_strdup(arena, text);
    completion->value = value_nil();
    completion->error = copy ? copy : "out of memory";
}

static void start(struct nemesis *nemesis, uint32_t id, struct op *completion, struct arena *arena)
{
    struct active *active = calloc(1, sizeof *active);
    struct fault_record *record = NULL;
    if (active) {
        prepare(nemesis, id, &active->instance);
        record = add_record(nemesis, id, active->instance.type->name);
    }
    if (!record) {
        free(active);
        answer_error(completion, arena, "no memory for a fault");
        return;
    }
    struct errbuf err = ERRBUF_INIT;
    if (inject(nemesis, active, record, &err) == 0)
        answer(completion, arena, record->description);
    else
        answer_error(completion, arena, err.text);
}

static void stop(struct nemesis *nemesis, uint32_t id, struct op *completion, struct arena *arena)
{
    struct active *active = nemesis->active;
    while (active && active->instance.id != id)
        active = active->next;
    if (!active) {
        answer(completion, arena, "nothing to heal");
        return;
    }
    struct errbuf err = ERRBUF_INIT;
    if (heal(nemesis, active, &err) == 0)
        answer(completion, arena, find_record(nemesis, id)->evidence);
    else
        answer_error(completion, arena, err.text);
}

static void nemesis_perform(struct nemesis *nemesis, const struct op *op, struct op *completion,
                            struct arena *arena)
{
    assert(op->value.kind == VALUE_INT && nemesis->config.fault_count > 0);
    uint32_t id = (uint32_t)op->value.integer;
    completion->type = OP_INFO;
    if (strncmp(symbol_name(op->f), "start-", 6) == 0)
        start(nemesis, id, completion, arena);
    else
        stop(nemesis, id, completion, arena);
}

const struct nemesis_type nemesis_standard = {
    .open = nemesis_open,
    .probe = nemesis_probe,
    .schedule = nemesis_schedule_of,
    .perform = nemesis_perform,
    .heal_all = nemesis_heal_all,
    .records = nemesis_records,
    .active_text = nemesis_active_text,
    .close = nemesis_close,
};
