/* Queues and stacks: whether takes of unknown outcome can have had anything to do with the kept
 * elements. */
#include "checker/verify_reduction.h"

#include "checker/budget.h"
#include "checker/specification_common.h"

#include <stdlib.h>

static int compare(const void *a, const void *b)
{
    value_ref x = *(const value_ref *)a, y = *(const value_ref *)b;
    return x < y ? -1 : x > y;
}

/* The elements that were put in (adds), or that a kept take must have taken, sorted. */
static uint32_t collect(const struct verify_input *input, const struct verify_reduced *reduced,
                        bool adds, value_ref *elements)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < reduced->kept_count; i++) {
        const struct operation *op = &reduced->kept[i].op;
        if (specification_adds(op) != adds)
            continue;
        if (adds)
            elements[count++] = op->argument;
        else if (reduced->kept[i].must && op->outcome == OP_OK &&
                 !specification_found_nothing(&input->context, op->result))
            elements[count++] = op->result;
    }
    if (count > 0)
        qsort(elements, count, sizeof *elements, compare);
    return count;
}

/* Whether each of the first is among the second, as often. */
static bool are_among(const value_ref *first, uint32_t first_count, const value_ref *second,
                      uint32_t second_count)
{
    uint32_t at = 0;
    for (uint32_t i = 0; i < first_count; i++, at++) {
        while (at < second_count && second[at] < first[i])
            at++;
        if (at == second_count || second[at] != first[i])
            return false;
    }
    return true;
}

enum verify_end verify_all_taken(const struct verify_input *input, struct verify_reduced *reduced)
{
    size_t size = reduced->kept_count * sizeof(value_ref);
    value_ref *put = budget_alloc(input->budget, size), *taken = budget_alloc(input->budget, size);
    bool enough = put && taken;
    if (enough) {
        uint32_t put_count = collect(input, reduced, true, put);
        uint32_t taken_count = collect(input, reduced, false, taken);
        reduced->all_taken = are_among(put, put_count, taken, taken_count);
    }
    budget_free(input->budget, put, size);
    budget_free(input->budget, taken, size);
    return enough ? VERIFY_ACCEPTED : VERIFY_OUT_OF_BUDGET;
}
