/* Objects that are judged by a checker other than linearizability (checker.h). */
#include "checker/check_run.h"
#include "core/err.h"
#include "core/errbuf.h"

#include <stdlib.h>

static int compare_numbers(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

static bool is_first_of_its_kind(const struct checker_result *found, uint32_t index)
{
    for (uint32_t i = 0; i < index; i++)
        if (found->findings[i].kind == found->findings[index].kind)
            return false;
    return true;
}

/* The operations of the first finding of each kind, in order. */
static int make_witness(struct check_worker *worker, const struct object *object,
                        const struct checker_result *found, struct check_key *out,
                        struct errbuf *err)
{
    enum { OPS = sizeof found->findings[0].ops / sizeof found->findings[0].ops[0] };
    size_t size = (size_t)found->finding_count * OPS * sizeof(uint32_t);
    uint32_t *numbers = malloc(size + 1), count = 0, kept = 0;
    if (!numbers)
        return errbuf_set(err, ERR_NOMEM, "no memory for a witness");
    for (uint32_t i = 0; i < found->finding_count; i++)
        for (uint32_t j = 0; j < OPS && is_first_of_its_kind(found, i); j++)
            if (found->findings[i].ops[j] < object->count)
                numbers[count++] = found->findings[i].ops[j];
    qsort(numbers, count, sizeof *numbers, compare_numbers);
    for (uint32_t i = 0; i < count; i++)
        if (i == 0 || numbers[i] != numbers[i - 1])
            numbers[kept++] = numbers[i];
    int rc = check_set_witness(worker, object, numbers, kept, UINT32_MAX, out, err);
    free(numbers);
    return rc;
}

static bool all_confirmed(const struct checker *checker, const struct checker_input *input,
                          const struct checker_result *found)
{
    for (uint32_t i = 0; i < found->finding_count; i++)
        if (!checker->confirm(input, &found->findings[i]))
            return false;
    return found->finding_count > 0;
}

static int conclude(struct check_worker *worker, const struct checker_input *input,
                    const struct checker_result *found, struct check_key *out, struct errbuf *err)
{
    const struct checker *checker = worker->run->checker;
    out->steps += found->steps;
    out->cause = found->cause;
    out->note = found->note;
    out->verdict = found->verdict;
    out->algorithm = checker->name;
    if (found->verdict != VERDICT_INVALID)
        return 0;
    if (!all_confirmed(checker, input, found)) {
        out->verdict = VERDICT_UNKNOWN;
        out->cause = "a violation was found, but its re-check did not confirm it";
        return 0;
    }
    out->explanation = found->explanation;
    return make_witness(worker, input->object, found, out, err);
}

int check_other_object(struct check_worker *worker, const struct object *object,
                       struct check_key *out, const char **details, struct errbuf *err)
{
    const struct check_options *options = worker->run->options;
    struct checker_input input = {.object = object,
                                  .semantics = &options->semantics,
                                  .options = &options->checker,
                                  .budget = &worker->budget,
                                  .arena = worker->arena};
    struct checker_result found = {0};
    int rc = worker->run->checker->check(&input, &found, err);
    if (rc == ERR_TIMEOUT || rc == ERR_NOMEM) {
        out->cause = rc == ERR_TIMEOUT ? check_cause_time : check_cause_memory;
        return 0; /* the verdict stays unknown */
    }
    if (rc != 0)
        return rc;
    *details = found.details_json;
    return conclude(worker, &input, &found, out, err);
}
