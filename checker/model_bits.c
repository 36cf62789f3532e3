#include "checker/model_bits.h"

/* A state, spread out: words[i] is word number first + i. */
struct bits {
    const int32_t *words;
    int32_t first, end;
};

static struct bits bits_of(const struct model_context *context, int32_t state)
{
    uint32_t length;
    const int32_t *words = state_table_get(&context->states, state, &length);
    if (length == 0)
        return (struct bits){0};
    return (struct bits){words + 1, words[0], words[0] + (int32_t)length - 1};
}

static int32_t bit(int32_t number)
{
    return (int32_t)(UINT32_C(1) << (number % 32));
}

bool bits_have(const struct model_context *context, int32_t state, int32_t number)
{
    struct bits bits = bits_of(context, state);
    int32_t at = number / 32;
    return at >= bits.first && at < bits.end && (bits.words[at - bits.first] & bit(number));
}

bool bits_draft(struct model_context *context, int32_t low, int32_t high, struct bits_draft *draft)
{
    draft->first = low / 32;
    draft->count = high / 32 - draft->first + 1;
    draft->words = state_table_draft(&context->states, 1 + (uint32_t)draft->count);
    if (draft->words)
        memset(draft->words, 0, (1 + (size_t)draft->count) * sizeof *draft->words);
    return draft->words;
}

/* Leaves out the zeros at both ends. */
int32_t bits_intern(struct model_context *context, struct bits_draft *draft)
{
    int32_t *words = draft->words, zeros = 0, count = draft->count;
    while (count > 0 && words[count] == 0)
        count--;
    while (zeros < count && words[1 + zeros] == 0)
        zeros++;
    if (count == 0)
        return state_table_intern_draft(&context->states, 0);
    words[0] = draft->first + zeros;
    if (zeros > 0)
        memmove(words + 1, words + 1 + zeros, (size_t)(count - zeros) * sizeof *words);
    return state_table_intern_draft(&context->states, 1 + (uint32_t)(count - zeros));
}

int32_t bits_put(struct model_context *context, int32_t state, int32_t number, bool in)
{
    struct bits bits = bits_of(context, state);
    struct bits_draft draft;
    int32_t low = number, high = number;
    if (bits.first < bits.end) {
        low = low < bits.first * 32 ? low : bits.first * 32;
        high = high > bits.end * 32 - 1 ? high : bits.end * 32 - 1;
    }
    if (!bits_draft(context, low, high, &draft))
        return MODEL_NOMEM;
    if (bits.first < bits.end)
        memcpy(draft.words + 1 + bits.first - draft.first, bits_of(context, state).words,
               (size_t)(bits.end - bits.first) * sizeof *draft.words);
    bits_add(&draft, number);
    if (!in)
        draft.words[1 + number / 32 - draft.first] ^= bit(number);
    return bits_intern(context, &draft);
}
