#include "checker/model_bag.h"

uint32_t bag_place(const struct model_context *context, int32_t state, int32_t element,
                   bag_order *is_before)
{
    uint32_t length;
    const int32_t *words = state_table_get(&context->states, state, &length);
    uint32_t low = 0, high = length / 2;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (is_before(context, words[2 * middle], element))
            low = middle + 1;
        else
            high = middle;
    }
    return 2 * low;
}

/* A draft with the words of the state; room for two more. */
static int32_t *draft_of(struct model_context *context, int32_t state, uint32_t *length)
{
    state_table_get(&context->states, state, length);
    int32_t *draft = state_table_draft(&context->states, *length + 2);
    if (draft)
        memcpy(draft, state_table_get(&context->states, state, length), *length * sizeof *draft);
    return draft;
}

int32_t bag_add(struct model_context *context, int32_t state, int32_t element, bag_order *is_before)
{
    uint32_t length, place = bag_place(context, state, element, is_before);
    int32_t *draft = draft_of(context, state, &length);
    if (!draft)
        return MODEL_NOMEM;
    if (place == length || draft[place] != element) {
        memmove(draft + place + 2, draft + place, (length - place) * sizeof *draft);
        draft[place] = element;
        draft[place + 1] = 0;
        length += 2;
    }
    draft[place + 1]++;
    return state_table_intern_draft(&context->states, length);
}

int32_t bag_take(struct model_context *context, int32_t state, uint32_t place)
{
    uint32_t length;
    int32_t *draft = draft_of(context, state, &length);
    if (!draft)
        return MODEL_NOMEM;
    if (--draft[place + 1] == 0) {
        length -= 2;
        memmove(draft + place, draft + place + 2, (length - place) * sizeof *draft);
    }
    return state_table_intern_draft(&context->states, length);
}
