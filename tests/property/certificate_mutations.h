/* Changes to the text of a certificate: of one number, word, byte or line, of the verdict, of what
 * it is about; and with the seal made good, as a forger would. */
#ifndef TESTS_CERTIFICATE_MUTATIONS_H
#define TESTS_CERTIFICATE_MUTATIONS_H

#include "property/certificate_judge.h"

/* The piece at a place: a run of digits, or any other byte. */
static inline size_t mutation_piece(const struct strbuf *text, uint32_t place, size_t *length)
{
    size_t from = place;
    bool digits = text->text[from] >= '0' && text->text[from] <= '9';
    *length = 1;
    while (digits && from > 0 && text->text[from - 1] >= '0' && text->text[from - 1] <= '9')
        from--;
    while (digits && text->text[from + *length] >= '0' && text->text[from + *length] <= '9')
        ++*length;
    return from;
}

/* Anywhere; mostly behind the head. */
static inline uint32_t mutation_place(struct random_objects *all, const struct strbuf *text)
{
    const char *digest = strstr(text->text, "\ndigest ");
    uint32_t head = (uint32_t)(digest + strlen("\ndigest 0123456789abcdef\n") - text->text);
    uint32_t end = (uint32_t)text->length - (uint32_t)strlen("end 0123456789abcdef\n");
    if (random_pick(all, 5) == 0 || head >= end)
        return random_pick(all, (uint32_t)text->length);
    return head + random_pick(all, end - head);
}

/* A number is changed, dropped, doubled, or swapped with its neighbour. */
static inline void mutate_number(struct random_objects *all, const struct strbuf *text,
                                 struct strbuf *out)
{
    uint32_t draw = random_pick(all, 8), kind = draw < 5 ? draw : 3;
    size_t length, from = mutation_piece(text, mutation_place(all, text), &length);
    const char *tail = text->text + from + length;
    long number = strtol(text->text + from, NULL, 10), other = strtol(tail, NULL, 10);
    size_t skip = *tail == ' ' ? 1 + strspn(tail + 1, "0123456789") : 0;
    strbuf_add(out, text->text, from);
    if (kind == 0)
        strbuf_printf(out, "%ld", number + (random_pick(all, 2) ? 1 : -1));
    else if (kind == 1)
        strbuf_printf(out, "%ld %ld", number, (long)random_pick(all, 30));
    else if (kind == 2)
        strbuf_printf(out, "%s%ld", random_pick(all, 2) ? "0" : "", (long)random_pick(all, 30));
    else if (kind == 3 && skip > 1)
        strbuf_printf(out, "%ld %ld", other, number);
    strbuf_puts(out, kind == 3 ? tail + skip : kind == 4 && *tail == ' ' ? tail + 1 : tail);
}

static inline void mutate_byte(struct random_objects *all, const struct strbuf *text,
                               struct strbuf *out)
{
    uint32_t at = mutation_place(all, text);
    strbuf_puts(out, text->text);
    out->text[at] = random_pick(all, 2) ? (char)(out->text[at] ^ (1 << random_pick(all, 7)))
                                        : (char)(1 + random_pick(all, 255));
}

/* The line at a place is dropped, doubled, or put in the place of another line. */
static inline void mutate_line(struct random_objects *all, const struct strbuf *text,
                               struct strbuf *out)
{
    uint32_t kind = random_pick(all, 3);
    size_t from = mutation_place(all, text), other = mutation_place(all, text);
    while (from > 0 && text->text[from - 1] != '\n')
        from--;
    while (other > 0 && text->text[other - 1] != '\n')
        other--;
    size_t line = strcspn(text->text + from, "\n") + 1;
    size_t other_line = strcspn(text->text + other, "\n") + 1;
    strbuf_add(out, text->text, from);
    if (kind == 1)
        strbuf_add(out, text->text + from, line);
    if (kind == 2)
        strbuf_add(out, text->text + other, other_line);
    strbuf_puts(out, text->text + from + (kind == 1 ? 0 : line));
}

static inline void mutate_word_once(struct random_objects *all, struct strbuf *out)
{
    static const char *const words[][2] = {
        {"invalid", "valid"},
        {"valid", "invalid"},
        {"valid", "unknown"},
        {"order", "keep"},
        {"keep", "order"},
        {"yes", "no"},
        {"no", "yes"},
        {"until", "from"},
        {"from", "until"},
        {"invalid", "vacuous"},
        {"free", "keep"},
        {"key", "object"},
        {"initial nil", "initial 0"},
        {"cas-register", "register"},
        {"register", "cas-register"},
        {"mutex", "owned-mutex"},
        {"fifo", "unordered"},
        {"permits 1", "permits 2"},
        {"keep", "free 1\nkeep"},
        {"keep", "from 3\nkeep"},
        {"keep", "until 9\nkeep"},
        {"vacuous", "valid"},
        {"free ", "free 0"},
        {"free ", "free +"},
        {"keep", "free 01\nkeep"},
        {"free 1", "free 2"},
        {"key 1", "key 2"},
    };
    const char *const *word = words[random_pick(all, sizeof words / sizeof words[0])];
    char *at = strstr(out->text, word[0]);
    struct strbuf copy = STRBUF_INIT;
    if (!at)
        return;
    strbuf_add(&copy, out->text, (size_t)(at - out->text));
    strbuf_puts(&copy, word[1]);
    strbuf_puts(&copy, at + strlen(word[0]));
    strbuf_reset(out);
    strbuf_puts(out, copy.text);
    strbuf_fini(&copy);
}

/* With a seal of what is there now. */
static inline void mutation_reseal(struct strbuf *out)
{
    char *end = out->length > 0 ? strstr(out->text, "\nend") : NULL;
    for (char *next = end; next && (next = strstr(next + 1, "\nend"));)
        end = next;
    size_t length = end ? (size_t)(end + 1 - out->text) : out->length;
    struct strbuf copy = STRBUF_INIT;
    strbuf_add(&copy, out->text ? out->text : "", length);
    strbuf_printf(&copy, "end %016" PRIx64 "\n", certificate_seal_of(copy.text, length));
    strbuf_reset(out);
    strbuf_add(out, copy.text, copy.length);
    strbuf_fini(&copy);
}

/* Less is claimed of a key: nothing. */
static inline void mutate_to_unknown(struct random_objects *all, const struct strbuf *text,
                                     struct strbuf *out)
{
    const char *found = strstr(text->text + mutation_place(all, text), "valid\n");
    if (!found)
        found = strstr(text->text, "valid\n");
    const char *verdict = found && found[-1] == 'n' ? found - 2 : found;
    const char *next = found ? strstr(found, "\nkey ") : NULL;
    next = found && !next ? strstr(found, "\nend ") : next;
    strbuf_add(out, text->text, verdict ? (size_t)(verdict - text->text) : text->length);
    if (next)
        strbuf_printf(out, "unknown%s", next);
}

static inline void mutate_certificate(struct random_objects *all, const struct strbuf *text,
                                      struct strbuf *out)
{
    uint32_t kind = random_pick(all, 12);
    strbuf_reset(out);
    strbuf_puts(out, "");
    if (kind < 5 || kind == 11)
        mutate_number(all, text, out);
    else if (kind < 6)
        mutate_byte(all, text, out);
    else if (kind < 8)
        mutate_line(all, text, out);
    else if (kind == 8)
        mutate_to_unknown(all, text, out);
    else if (kind == 9)
        strbuf_add(out, text->text, random_pick(all, (uint32_t)text->length));
    else {
        strbuf_puts(out, text->text);
        for (uint32_t i = 0; i <= random_pick(all, 2); i++)
            mutate_word_once(all, out);
    }
    if (random_pick(all, 3) > 0)
        mutation_reseal(out);
}

#endif
