/* What a checker collects of what must not be, and how it tells: the verdict's sentence, the lines
 * of the explanation, and the details in JSON. Shared by the checkers of checker_table.
 *
 * Belongs to one check, on its stack; borrows the input. Texts go to the input's arena. */
#ifndef CHECKER_FINDINGS_H
#define CHECKER_FINDINGS_H

#include "checker/checker.h"

struct sort_item;
struct strbuf;

enum { FINDING_KINDS_MAX = 6 };

/* One kind of finding; its number is its place in the checker's table. */
struct finding_kind {
    const char *name; /* as Jepsen names it: "lost", "duplicated"; NULL ends the table */
    /* "5 was added, but ..., by process 3 (1.2 s to 1.3 s)" */
    void (*put)(struct strbuf *out, const struct object *object,
                const struct checker_finding *finding);
    /* The sample in the details; NULL: finding->value. */
    void (*put_json)(struct strbuf *out, const struct object *object,
                     const struct checker_finding *finding);
};

struct findings {
    const struct checker_input *input;
    const struct finding_kind *kinds;
    uint64_t counts[FINDING_KINDS_MAX];
    uint32_t sample_counts[FINDING_KINDS_MAX];
    struct checker_finding samples[FINDING_KINDS_MAX][CHECKER_SAMPLES_MAX]; /* the first ones */
};

void findings_init(struct findings *found, const struct checker_input *input,
                   const struct finding_kind *kinds);

/* Counts it, and keeps the first of each kind. */
void findings_add(struct findings *found, const struct checker_finding *finding);
uint64_t findings_count(const struct findings *found);

/* Fills *out. details: the checker's own counts, as "{\"read-count\":5"; it is freed. Without
 * findings the verdict is `otherwise` with `cause`; with any it is invalid. Errors: ERR_NOMEM. */
int findings_conclude(const struct findings *found, struct strbuf *details, enum verdict otherwise,
                      const char *cause, struct checker_result *out, struct errbuf *err);

/* --- what most of them need --- */

/* UINT32_MAX four times: no operation. */
#define NO_OPS                                                                                     \
    {                                                                                              \
        UINT32_MAX, UINT32_MAX, UINT32_MAX, UINT32_MAX                                             \
    }

/* "process 3 (1.2 s to 1.3 s)". */
void findings_put_operation(struct strbuf *out, const struct object *object, uint32_t number);

/* The value as people write it. */
void findings_put_value(struct strbuf *out, const struct object *object, value_ref value);

/* ERR_INPUT if an operation is none of checker->functions (by its usual name). Linear. */
int checker_know_functions(const struct checker_input *input, const struct checker *checker,
                           struct errbuf *err);

/* ERR_INPUT, "event 7: a read of ... must ...". */
int checker_odd_value(const struct checker_input *input, position at, const char *rule,
                      struct errbuf *err);
int checker_no_memory(struct errbuf *err); /* ERR_NOMEM */
int checker_time_over(struct errbuf *err); /* ERR_TIMEOUT */

bool checker_integer(const struct object *object, value_ref value, int64_t *out);

/* The operation of this number if it succeeded, was called `f`, and was answered; else NULL. */
const struct operation *checker_ok(const struct object *object, uint32_t number, symbol f);

/* An ok operation f with an answer. */
static inline bool checker_answered(const struct operation *op, symbol f)
{
    return op->outcome == OP_OK && op->result != VALUE_REF_NIL && symbol_canonical(op->f) == f;
}

/* The operations that succeeded, in order of completion: object->ok items, item = their number and
 * key = their completion. From the budget; n log n. Errors: ERR_NOMEM, ERR_TIMEOUT. */
int checker_order_of_completion(const struct checker_input *input, struct sort_item **out,
                                uint32_t *count, struct errbuf *err);

#endif
