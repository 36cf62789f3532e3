/* Our own histories: one JSON object a line, as core/history_jsonl.h says. */
#include "formats/reader_json_fast.h"

#include "core/history_header.h"
#include "core/history_jsonl.h"
#include "core/json_value.h"

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

static int take_line(struct reader_part *part, const char *line, const char *stop, bool is_last,
                     struct errbuf *err)
{
    struct json_cursor cursor = {.at = line, .end = stop};
    struct op op;
    int found = line == part->input->text
                    ? history_jsonl_read_first_line(&cursor, &part->arena, &op)
                    : history_jsonl_read_line(&cursor, &part->arena, &op);
    if (found > 0)
        return reader_part_add(part, &op, err);
    if (found < 0 && is_last && history_jsonl_is_cut(&cursor, line))
        return reader_part_ended(part);
    return found < 0 ? reader_part_fail(part, cursor.at, cursor.problem) : 0;
}

/* Takes lines of the usual shape, up to the first odd one or the end. */
static int take_usual_lines(struct reader_part *part, const char **line, struct errbuf *err)
{
    struct fast_batch batch;
    batch.count = 0;
    int rc = 0;
    while (*line < part->stop && rc == 0) {
        const char *end = reader_json_fast(part, JSON_OURS, *line, fast_batch_next(&batch));
        if (!end || *end != '\n')
            break;
        *line = end + 1;
        rc = fast_batch_take(part, &batch, err);
    }
    return rc == 0 ? fast_batch_end(part, &batch, err) : rc;
}

static int read_part(struct reader_part *part, struct errbuf *err)
{
    return reader_part_lines(part, take_usual_lines, take_line, err);
}

static bool learn(const char *text, size_t length, struct value_pool *values,
                  struct history_semantics *out)
{
    const char *newline = length > 0 ? memchr(text, '\n', length) : NULL;
    struct json_cursor cursor = {.at = text, .end = newline ? newline : text + length};
    struct history_header header;
    struct arena arena;
    arena_init(&arena, 0);
    bool ok = true;
    if (history_header_read(&cursor, &arena, &header) == 1) {
        out->has_no_times = header.has_no_times;
        out->has_no_initial = header.has_no_initial;
        out->initial_is_given = header.initial_is_given;
        out->initial_may_be_nil = header.initial_may_be_nil;
        out->initial = value_pool_intern(values, header.initial);
        ok = out->initial != VALUE_REF_NOMEM;
    }
    arena_fini(&arena);
    return ok;
}

const struct reader reader_jsonl = {
    .name = "jsonl",
    .doc = "JSON Lines as faultline writes them: one event a line",
    .sniff = sniff,
    .learn = learn,
    .read_part = read_part,
};
