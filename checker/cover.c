#include "checker/cover.h"

#include "checker/budget.h"

bool cover_init(struct cover *cover, uint32_t count, struct budget *budget)
{
    uint32_t words = count / 64 + 1; /* the last one always has a free cell */
    *cover = (struct cover){.budget = budget, .count = count, .words = words};
    cover->bits = budget_zalloc(budget, words * sizeof *cover->bits);
    cover->next = budget_alloc(budget, words * sizeof *cover->next);
    if (!cover->bits || !cover->next) {
        cover_fini(cover);
        return false;
    }
    for (uint32_t word = 0; word < words; word++)
        cover->next[word] = word;
    return true;
}

void cover_fini(struct cover *cover)
{
    budget_free(cover->budget, cover->bits, cover->words * sizeof *cover->bits);
    budget_free(cover->budget, cover->next, cover->words * sizeof *cover->next);
    cover->bits = NULL;
    cover->next = NULL;
}

/* The first word at or after this one that is not full. */
static uint32_t open_word(struct cover *cover, uint32_t word)
{
    uint32_t *next = cover->next;
    while (next[word] != word) {
        next[word] = next[next[word]];
        word = next[word];
    }
    return word;
}

static void add_bits(struct cover *cover, uint32_t word, uint64_t bits)
{
    if (cover->bits[word] == UINT64_MAX)
        return;
    cover->bits[word] |= bits;
    if (cover->bits[word] == UINT64_MAX)
        cover->next[word] = word + 1;
}

void cover_add(struct cover *cover, uint32_t from, uint32_t to)
{
    if (to > cover->count)
        to = cover->count;
    if (from >= to)
        return;
    uint32_t first = from / 64, last = to / 64;
    uint64_t head = UINT64_MAX << from % 64, tail = (UINT64_C(1) << to % 64) - 1;
    if (first == last) {
        add_bits(cover, first, head & tail);
        return;
    }
    add_bits(cover, first, head);
    for (uint32_t word = open_word(cover, first + 1); word < last;
         word = open_word(cover, word + 1))
        add_bits(cover, word, UINT64_MAX);
    add_bits(cover, last, tail);
}

uint32_t cover_next_free(struct cover *cover, uint32_t cell)
{
    if (cell >= cover->count)
        return cover->count;
    uint32_t word = cell / 64;
    uint64_t open = ~cover->bits[word] & UINT64_MAX << cell % 64;
    if (open == 0) {
        word = open_word(cover, word + 1);
        open = ~cover->bits[word];
    }
    return word * 64 + (uint32_t)__builtin_ctzll(open); /* nothing takes the bit after the last */
}
