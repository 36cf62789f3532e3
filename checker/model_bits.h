/* States that are sets of numbers, as bits: the index of the first word that is not zero, and the
 * words from there to the last that is not. The empty set has no words at all. Private to the
 * models of sets. */
#ifndef CHECKER_MODEL_BITS_H
#define CHECKER_MODEL_BITS_H

#include "checker/model_common.h"

bool bits_have(const struct model_context *context, int32_t state, int32_t number);

/* The state with the number in it, or without it. O(words), a 32nd of the span of the numbers. */
int32_t bits_put(struct model_context *context, int32_t state, int32_t number, bool in);

/* A new state under way: nothing else may be interned or drafted meanwhile. */
struct bits_draft {
    int32_t *words;
    int32_t first, count;
};

/* No number yet, and room for low .. high. False without memory. */
bool bits_draft(struct model_context *context, int32_t low, int32_t high, struct bits_draft *draft);
int32_t bits_intern(struct model_context *context, struct bits_draft *draft);

static inline void bits_add(struct bits_draft *draft, int32_t number)
{
    draft->words[1 + number / 32 - draft->first] |= (int32_t)(UINT32_C(1) << (number % 32));
}

#endif
