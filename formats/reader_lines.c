#include "formats/reader_lines.h"

#include "core/clock.h"
#include "core/err.h"
#include "core/errbuf.h"

#include <string.h>

enum { LINES_PER_CLOCK = 4096 };

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

void reader_lines_init(struct reader_lines *lines, const struct reader_input *input)
{
    *lines = (struct reader_lines){.input = input, .next = input->text};
}

int reader_lines_next(struct reader_lines *lines, struct errbuf *err)
{
    const char *end = lines->input->text + lines->input->length;
    int64_t deadline_ns = lines->input->options.deadline_ns;
    while (lines->next < end) {
        const char *newline = memchr(lines->next, '\n', (size_t)(end - lines->next));
        lines->line = lines->next;
        lines->stop = newline ? newline : end;
        lines->is_last = !newline;
        lines->next = newline ? newline + 1 : end;
        while (lines->line < lines->stop && is_blank(*lines->line))
            lines->line++;
        while (lines->line < lines->stop && is_blank(lines->stop[-1]))
            lines->stop--;
        lines->at = lines->line;
        if (++lines->count % LINES_PER_CLOCK == 0 && deadline_ns && monotonic_ns() > deadline_ns)
            return errbuf_set(err, ERR_TIMEOUT, "%s: no time left to read it", lines->input->name);
        if (lines->line < lines->stop)
            return 1;
    }
    return 0;
}

bool reader_lines_take(struct reader_lines *lines, char c)
{
    while (lines->at < lines->stop && is_blank(*lines->at))
        lines->at++;
    if (lines->at == lines->stop || *lines->at != c)
        return false;
    lines->at++;
    return true;
}

bool reader_lines_word(struct reader_lines *lines, const char *ends, const char **word,
                       size_t *length)
{
    while (lines->at < lines->stop && is_blank(*lines->at))
        lines->at++;
    *word = lines->at;
    while (lines->at < lines->stop && !is_blank(*lines->at) &&
           (*lines->at == '\0' || !strchr(ends, *lines->at)))
        lines->at++;
    *length = (size_t)(lines->at - *word);
    return *length > 0;
}

bool reader_lines_done(struct reader_lines *lines)
{
    while (lines->at < lines->stop && is_blank(*lines->at))
        lines->at++;
    return lines->at == lines->stop;
}

bool reader_word_int(const char *word, size_t length, int64_t *out)
{
    bool negative = length > 0 && *word == '-';
    uint64_t number = 0, most = (uint64_t)INT64_MAX + negative;
    if (length == negative)
        return false;
    for (size_t i = negative; i < length; i++) {
        if (word[i] < '0' || word[i] > '9')
            return false;
        uint64_t digit = (uint64_t)(word[i] - '0');
        if (number > (most - digit) / 10)
            return false;
        number = number * 10 + digit;
    }
    *out = negative ? (int64_t)(0 - number) : (int64_t)number;
    return true;
}
