/* Our own histories: one JSON object a line, as core/history_jsonl.h says. */
#include "checker/reader.h"

#include "core/history_jsonl.h"

/* An object whose first member's name is quoted; EDN's are keywords. */
static bool sniff(const char *text, size_t length)
{
    size_t at = 0;
    while (at < length &&
           (text[at] == ' ' || text[at] == '\t' || text[at] == '\r' || text[at] == '\n'))
        at++;
    if (at == length || text[at++] != '{')
        return false;
    while (at < length && (text[at] == ' ' || text[at] == '\t'))
        at++;
    return at == length || text[at] == '"';
}

static int read(const struct reader_input *input, struct history *history, struct errbuf *err)
{
    struct op_sink sink = history_sink(history);
    return history_jsonl_read(input->name, input->text, input->length, &sink, &history->truncated,
                              err);
}

const struct reader reader_jsonl = {
    .name = "jsonl",
    .doc = "JSON Lines as faultline writes them: one event a line",
    .sniff = sniff,
    .read = read,
};
