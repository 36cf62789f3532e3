#include "checker/verify_texts.h"

#include "checker/budget.h"
#include "core/strbuf.h"

#include <stdlib.h>
#include <string.h>

static int compare_texts(struct value a, struct value b)
{
    uint32_t shorter = a.count < b.count ? a.count : b.count;
    int order = shorter > 0 ? memcmp(a.text, b.text, shorter) : 0;
    return order != 0 ? order : (a.count > b.count) - (a.count < b.count);
}

static int compare(const void *a, const void *b)
{
    return compare_texts(*(const struct value *)a, *(const struct value *)b);
}

static bool begins_with(struct value text, struct value beginning)
{
    return text.count >= beginning.count &&
           (beginning.count == 0 || memcmp(text.text, beginning.text, beginning.count) == 0);
}

/* Longer than every answer. VALUE_REF_NOMEM without memory. */
static value_ref make_other(const struct verify_texts *texts, struct value_pool *values)
{
    struct strbuf text = STRBUF_INIT;
    uint32_t longest = 0;
    for (uint32_t i = 0; i < texts->count; i++)
        if (texts->answers[i].count > longest)
            longest = texts->answers[i].count;
    for (uint32_t i = 0; i <= longest; i++)
        strbuf_putc(&text, '?');
    value_ref other = VALUE_REF_NOMEM;
    if (strbuf_ok(&text))
        other = value_pool_intern(values, value_text(VALUE_STRING, text.text, text.length));
    strbuf_fini(&text);
    return other;
}

bool verify_texts_init(struct verify_texts *texts, const struct verify_input *input,
                       const struct verify_reduced *reduced)
{
    *texts = (struct verify_texts){.capacity = reduced->kept_count};
    texts->answers = budget_alloc(input->budget, texts->capacity * sizeof *texts->answers);
    if (!texts->answers)
        return false;
    for (uint32_t i = 0; i < reduced->kept_count; i++) {
        const struct operation *op = &reduced->kept[i].op;
        struct value answer = value_pool_get(input->context.values, op->result);
        if (op->f == F_GET && op->outcome == OP_OK && answer.kind == VALUE_STRING)
            texts->answers[texts->count++] = answer;
    }
    if (texts->count > 0)
        qsort(texts->answers, texts->count, sizeof *texts->answers, compare);
    texts->other = make_other(texts, input->context.values);
    if (texts->other != VALUE_REF_NOMEM)
        return true;
    verify_texts_fini(texts, input->budget);
    return false;
}

void verify_texts_fini(struct verify_texts *texts, struct budget *budget)
{
    budget_free(budget, texts->answers, texts->capacity * sizeof *texts->answers);
    *texts = (struct verify_texts){0};
}

/* The first answer that is not before the text begins with it, if any does. The empty text needs
 * no answer: a get of nil reads it. */
value_ref verify_texts_alike(const struct verify_texts *texts, const struct value_pool *values,
                             value_ref ref)
{
    struct value text = value_pool_get(values, ref);
    uint32_t low = 0, high = texts->count;
    if (text.count == 0)
        return ref;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (compare_texts(texts->answers[middle], text) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low < texts->count && begins_with(texts->answers[low], text) ? ref : texts->other;
}
