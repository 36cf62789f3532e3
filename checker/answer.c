#include "checker/answer.h"

#include "checker/model.h"
#include "checker/specification.h"
#include "core/err.h"
#include "core/errbuf.h"

static size_t kept_bytes(uint32_t limit)
{
    return ((size_t)limit / 64 + 1) * sizeof(uint64_t);
}

bool kept_init(struct kept *kept, struct budget *budget, uint32_t limit)
{
    *kept = (struct kept){.budget = budget, .limit = limit};
    kept->bits = budget_zalloc(budget, kept_bytes(limit));
    return kept->bits != NULL;
}

void kept_fini(struct kept *kept)
{
    budget_free(kept->budget, kept->bits, kept_bytes(kept->limit));
    kept->bits = NULL;
}

bool kept_has(const struct kept *kept, uint32_t index)
{
    return kept->bits[index / 64] >> (index % 64) & 1;
}

void kept_add(struct kept *kept, uint32_t index)
{
    if (kept_has(kept, index))
        return;
    kept->bits[index / 64] |= UINT64_C(1) << (index % 64);
    kept->count++;
}

uint32_t kept_next(const struct kept *kept, uint32_t from)
{
    while (from < kept->limit) {
        uint64_t rest = kept->bits[from / 64] >> (from % 64);
        if (rest)
            return from + (uint32_t)__builtin_ctzll(rest);
        if (from > UINT32_MAX - 64)
            break;
        from = (from / 64 + 1) * 64;
    }
    return kept->limit;
}

int answer_accepted(struct algorithm_result *out)
{
    out->end = ALGORITHM_ACCEPTED;
    return 0;
}

int answer_not_for_this(struct algorithm_result *out, const char *reason)
{
    out->end = ALGORITHM_NOT_FOR_THIS;
    out->reason = reason;
    return 0;
}

int answer_out_of_memory(struct algorithm_result *out)
{
    out->end = ALGORITHM_OUT_OF_MEMORY;
    return 0;
}

int answer_out_of_time(struct algorithm_result *out)
{
    out->end = ALGORITHM_OUT_OF_TIME;
    return 0;
}

int answer_rejected(struct algorithm_result *out, const struct kept *kept, const char *reason,
                    uint32_t failing)
{
    uint32_t *witness = budget_alloc(kept->budget, kept->count * sizeof *witness);
    if (!witness)
        return answer_out_of_memory(out);
    uint32_t count = 0;
    for (uint32_t i = kept_next(kept, 0); i < kept->limit; i = kept_next(kept, i + 1))
        witness[count++] = i;
    out->end = ALGORITHM_REJECTED;
    out->reason = reason;
    out->witness = witness;
    out->witness_count = count;
    out->failing = failing;
    return 0;
}

bool answer_reserve_order(const struct algorithm_input *input, struct algorithm_result *out,
                          uint32_t count)
{
    out->order = budget_alloc(input->budget, count * sizeof *out->order);
    out->order_count = out->order ? count : 0;
    return out->order != NULL;
}

int answer_bad_operation(const struct algorithm_input *input, uint32_t op, struct errbuf *err)
{
    const struct object *object = input->object;
    const struct operation *bad = &object->ops[op];
    const struct specification *specification = specification_find(input->model->name);
    /* What a specification accepts, it only reads. */
    struct specification_context context = {.values = (struct value_pool *)object->values,
                                            .semantics = input->semantics};
    if (!specification || specification->accepts(&context, bad, err) == 0)
        errbuf_set(err, ERR_INPUT, "a %s cannot have this operation", input->model->name);
    unsigned long long index =
        object->all ? operations_index(object->all, bad->invoke) : (uint64_t)bad->invoke;
    errbuf_prefix(err, "event %llu", index);
    return ERR_INPUT;
}
