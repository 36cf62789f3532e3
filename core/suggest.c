#include "core/suggest.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

enum { WORD_MAX = 40 };

static size_t least(size_t a, size_t b, size_t c)
{
    size_t m = a < b ? a : b;
    return m < c ? m : c;
}

static int same(char a, char b)
{
    return tolower((unsigned char)a) == tolower((unsigned char)b);
}

/* Optimal string alignment: insertions, deletions, replacements and swaps of neighbours. Both words
 * are at most WORD_MAX long. */
static size_t distance(const char *a, size_t a_length, const char *b, size_t b_length)
{
    size_t rows[3][WORD_MAX + 1];
    size_t *before = rows[0], *last = rows[1], *now = rows[2];
    for (size_t j = 0; j <= b_length; j++)
        last[j] = j;
    for (size_t i = 1; i <= a_length; i++) {
        now[0] = i;
        for (size_t j = 1; j <= b_length; j++) {
            size_t replaced = last[j - 1] + !same(a[i - 1], b[j - 1]);
            now[j] = least(last[j] + 1, now[j - 1] + 1, replaced);
            if (i > 1 && j > 1 && same(a[i - 1], b[j - 2]) && same(a[i - 2], b[j - 1]) &&
                before[j - 2] + 1 < now[j])
                now[j] = before[j - 2] + 1;
        }
        size_t *free_row = before;
        before = last;
        last = now;
        now = free_row;
    }
    return last[b_length];
}

/* The nearest that was offered so far. A third of the letters may be wrong, and always one. */
struct search {
    const char *word, *found;
    size_t length, found_length, best;
};

static struct search search_for(const char *word)
{
    size_t length = strlen(word);
    return (struct search){.word = word, .length = length, .best = length / 3 + 2};
}

static void offer(struct search *search, const char *name, size_t length)
{
    if (search->length > WORD_MAX || length > WORD_MAX)
        return;
    size_t d = distance(search->word, search->length, name, length);
    if (d < search->best && d < length) {
        search->best = d;
        search->found = name;
        search->found_length = length;
    }
}

static const char *nearest(const char *word, const char *const *known)
{
    struct search search = search_for(word);
    for (; *known; known++)
        offer(&search, *known, strlen(*known));
    return search.found;
}

struct suggestion suggest_one(const char *word, const char *list)
{
    struct search search = search_for(word);
    struct suggestion out = {""};
    while (*list) {
        size_t length = strcspn(list, " ,(");
        offer(&search, list, length);
        list += length;
        list += *list == '(' ? strcspn(list, ")") : *list != '\0';
    }
    if (search.found)
        snprintf(out.text, sizeof out.text, "did you mean '%.*s'? ", (int)search.found_length,
                 search.found);
    return out;
}

void suggest_names(const char *word, const char *const *known, char *out, size_t size)
{
    if (!known[0]) {
        snprintf(out, size, "; there are none");
        return;
    }
    const char *found = nearest(word, known);
    size_t used = 0;
    int more = found ? snprintf(out, size, "; did you mean '%s'? known: ", found)
                     : snprintf(out, size, "; known: ");
    for (size_t i = 0; known[i] && more >= 0; i++) {
        used += (size_t)more;
        if (used >= size)
            return;
        more = snprintf(out + used, size - used, "%s%s", i ? ", " : "", known[i]);
    }
}
