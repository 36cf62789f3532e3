/* The contract between the simulated clients (generate.c) and the real objects they use, one for
 * each model.
 *
 * To add one, do these four things: write a `const struct generate_model` with its object in a
 * file generate_NAME.c; declare it here; name it in generate_table (generate.c); add it to the
 * property test, which holds every model and anomaly against its specification.
 *
 * An object is sequential and truthful: `apply` does what the operation says and gives the true
 * answer. Lies are told only by `script`, which is asked for the next operation of an anomaly while
 * no other operation on the object takes effect. */
#ifndef GENERATOR_GENERATE_OBJECT_H
#define GENERATOR_GENERATE_OBJECT_H

#include "core/random.h"
#include "core/symbol.h"
#include "core/value.h"
#include "generator/generate.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { GENERATE_ITEMS = 24, GENERATE_TEXT = 192 };

/* What becomes of an operation that a script asks for. */
enum generate_mode {
    GENERATE_TRUE,   /* takes effect, and is answered with the truth */
    GENERATE_FORGED, /* has no effect, and is answered ok with the script's result */
    GENERATE_FAILED, /* has no effect, and is answered fail */
};

/* An operation of a client, from its invocation to its completion. */
struct generate_call {
    symbol f;
    uint8_t mode;          /* enum generate_mode; of a script's calls */
    bool never_crashes;    /* set by invoke where a crash would make the history invalid */
    bool crashes_idle;     /* a crash has no effect */
    bool never_fails;      /* a failure would say something */
    bool crashes;          /* nobody will be told what came of it */
    uint32_t client;       /* of the object, from 0 */
    uint32_t progress;     /* the object's own, 0 at the invocation */
    struct value argument; /* of the invocation */
    struct value result;   /* of an ok completion; set by apply, or by a script */
    struct value argument_items[GENERATE_ITEMS]; /* where lists may be made */
    struct value result_items[GENERATE_ITEMS];
    char argument_text[32];
    char text[GENERATE_TEXT]; /* where a result's text may be made */
};

/* What every object has; a model's own begins with it. */
struct generate_object {
    const struct generate_options *options;
    struct random *random;
    int64_t last_fresh;                /* values up to this one have been used */
    int64_t secret_first, secret_last; /* those of the script, which nobody else may use */
    uint64_t operations;               /* about how many it will see */
    uint32_t clients;
    bool should_rest;      /* an anomaly waits for the clients */
    uint32_t script_state; /* a script's own, 0 when it begins */
    bool no_memory;        /* set by a script that ran out of it */
};

enum generate_end {
    GENERATE_APPLIED,
    GENERATE_REFUSED, /* no effect; the answer is `fail` */
    GENERATE_BLOCKED, /* not yet: try again later */
    GENERATE_NOMEM,
};

struct generate_model {
    const char *name;
    const char *const *anomalies; /* NULL at the end */
    size_t object_size;

    /* The object is zeroed but for its base. May be NULL. False: no memory. */
    bool (*begin)(struct generate_object *object);
    void (*end)(struct generate_object *object);

    /* The next operation of a client of the object: sets f and argument. */
    void (*invoke)(struct generate_object *object, struct generate_call *call);

    /* The operation takes effect now: sets result. */
    enum generate_end (*apply)(struct generate_object *object, struct generate_call *call);

    /* The step-th operation of an anomaly, each invoked after the one before it completed, by one
     * or two clients: sets f, argument, mode, and result if it is forged. False: that was all. */
    bool (*script)(struct generate_object *object, const char *anomaly, uint32_t step,
                   struct generate_call *call);

    /* The same for the truthful operations after everything else (final reads). May be NULL. */
    bool (*finish)(struct generate_object *object, uint32_t step, struct generate_call *call);

    /* It makes no sense with few values, or with values that are written again. */
    bool values_are_new;
    /* An anomaly waits until all clients are at rest, not only two of them. */
    bool script_needs_rest;
    /* Whether a client may come to rest now, with no operation open. NULL: always. */
    bool (*may_rest)(struct generate_object *object, uint32_t client);
};

extern const struct generate_model generate_register;
extern const struct generate_model generate_cas_register;
extern const struct generate_model generate_multi_register;
extern const struct generate_model generate_kv;
extern const struct generate_model generate_mutex;
extern const struct generate_model generate_owned_mutex;
extern const struct generate_model generate_reentrant_mutex;
extern const struct generate_model generate_semaphore;
extern const struct generate_model generate_linear_set;
extern const struct generate_model generate_grow_only_set;
extern const struct generate_model generate_fifo_queue;
extern const struct generate_model generate_unordered_queue;
extern const struct generate_model generate_priority_queue;
extern const struct generate_model generate_stack;
extern const struct generate_model generate_linear_counter;
extern const struct generate_model generate_set;
extern const struct generate_model generate_set_full;
extern const struct generate_model generate_queue;
extern const struct generate_model generate_total_queue;
extern const struct generate_model generate_unique_ids;
extern const struct generate_model generate_counter;
extern const struct generate_model generate_bank;
extern const struct generate_model generate_long_fork;
extern const struct generate_model generate_sequential;
extern const struct generate_model generate_monotonic;
extern const struct generate_model generate_causal_reverse;
extern const struct generate_model generate_comments;

/* A value never used before on this object. */
int64_t generate_fresh(struct generate_object *object);

/* The same, for a script: generate_value and generate_earlier will never give it to anybody. */
int64_t generate_secret(struct generate_object *object);

/* The next value to write: one of options->values, or a new one, or now and then one of the last
 * again (options->duplicate_share). */
int64_t generate_value(struct generate_object *object);

/* One of options->values, or one of the last given out, or a new one if there is none. */
int64_t generate_earlier(struct generate_object *object);

/* options->elements_max, or 64. */
uint32_t generate_elements(const struct generate_object *object);

/* Whether an anomaly's name begins with this word. */
bool generate_is(const char *anomaly, const char *word);

/* Whether the next operation is a read: options->read_share, or `usual`. */
bool generate_reads(struct generate_object *object, double usual);

bool generate_chance(struct generate_object *object, double probability);

#endif
