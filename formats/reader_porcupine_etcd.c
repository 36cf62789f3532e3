/* The etcd logs that Porcupine tests itself with: one event a line among others,
 *
 *     INFO  jepsen.util - 3<tab>:invoke<tab>:cas<tab>[2 4]
 *
 * process, type, f and argument. The argument is :timed-out where nobody answered: then a write or
 * cas may have happened (:info), and a read (:fail) says nothing. The register begins with nil, and
 * a cas that failed proves that the value was not the expected one. */
#include "formats/reader_part.h"

#include "core/edn.h"

#include <string.h>

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static void skip_blanks(struct edn_cursor *cursor)
{
    while (cursor->at < cursor->end && is_blank(*cursor->at))
        cursor->at++;
}

/* A word and the blanks behind it. */
static bool take_word(struct edn_cursor *cursor, const char *word)
{
    size_t length = strlen(word);
    if ((size_t)(cursor->end - cursor->at) < length || memcmp(cursor->at, word, length) != 0 ||
        (cursor->at + length < cursor->end && !is_blank(cursor->at[length])))
        return false;
    cursor->at += length;
    skip_blanks(cursor);
    return true;
}

static bool take_process(struct edn_cursor *cursor, int32_t *out)
{
    const char *start = cursor->at;
    int64_t number = 0;
    while (cursor->at < cursor->end && *cursor->at >= '0' && *cursor->at <= '9') {
        number = number * 10 + (*cursor->at++ - '0');
        if (number > INT32_MAX)
            return false;
    }
    if (cursor->at == start || cursor->at == cursor->end || !is_blank(*cursor->at))
        return false;
    skip_blanks(cursor);
    *out = (int32_t)number;
    return true;
}

static bool take_type(struct edn_cursor *cursor, uint8_t *out)
{
    static const struct {
        const char *word;
        enum op_type type;
    } types[] = {{":invoke", OP_INVOKE}, {":ok", OP_OK}, {":fail", OP_FAIL}, {":info", OP_INFO}};
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        if (take_word(cursor, types[i].word)) {
            *out = (uint8_t)types[i].type;
            return true;
        }
    }
    return edn_fail(cursor, "expected :invoke, :ok, :fail or :info");
}

/* Whether the line is a client's event, up to its type: all others are ignored. */
static bool take_head(struct edn_cursor *cursor, struct op *op)
{
    *op = (struct op){.time_ns = -1};
    return take_word(cursor, "INFO") && take_word(cursor, "jepsen.util") &&
           take_word(cursor, "-") && take_process(cursor, &op->process) &&
           cursor->at < cursor->end && *cursor->at == ':';
}

static bool take_f(struct edn_cursor *cursor, symbol *out)
{
    if (take_word(cursor, ":read"))
        *out = F_READ;
    else if (take_word(cursor, ":write"))
        *out = F_WRITE;
    else if (take_word(cursor, ":cas"))
        *out = F_CAS;
    else
        return edn_fail(cursor, "expected :read, :write or :cas");
    return true;
}

static bool take_argument(struct edn_cursor *cursor, struct arena *arena, struct op *op)
{
    const char *start = cursor->at;
    struct value first, second;
    if (!edn_read_value(cursor, arena, &op->value))
        return false;
    skip_blanks(cursor);
    if (cursor->at < cursor->end)
        return edn_fail(cursor, "expected the end of the line");
    bool timed_out = op->value.kind == VALUE_KEYWORD && strcmp(op->value.text, "timed-out") == 0;
    if (timed_out && (op->type == OP_FAIL || op->type == OP_INFO)) {
        op->value = value_nil();
        op->error = "timed-out";
        if (op->f != F_READ)
            op->type = OP_INFO; /* nobody can know that it failed */
        return true;
    }
    cursor->at = start;
    if (op->value.kind == VALUE_KEYWORD)
        return edn_fail(cursor, "expected a value, or :timed-out with :info or :fail");
    if (op->f == F_CAS && !value_as_pair(op->value, &first, &second))
        return edn_fail(cursor, "the argument of :cas must be [expected new]");
    cursor->at = cursor->end;
    return true;
}

/* Whether more of the argument may have been meant to follow on a last line without its newline:
 * nothing tells a number from the beginning of a longer one. */
static bool may_be_cut(const struct op *op, const char *end)
{
    bool is_closed = end[-1] == ']' || end[-1] == '"';
    return !is_closed && !value_is_nil(op->value);
}

static int take_line(struct reader_part *part, const char *line, const char *stop, bool is_last,
                     struct errbuf *err)
{
    struct edn_cursor cursor = {.at = line, .end = stop};
    struct op op;
    while (cursor.end > line && cursor.end[-1] == '\r')
        cursor.end--;
    if (!take_head(&cursor, &op))
        return 0;
    bool read = take_type(&cursor, &op.type) && take_f(&cursor, &op.f) &&
                take_argument(&cursor, &part->arena, &op);
    if (is_last && (!read || may_be_cut(&op, cursor.end)))
        return reader_part_ended(part);
    if (!read)
        return reader_part_fail(part, cursor.at, cursor.problem);
    return reader_part_add(part, &op, err);
}

static int read_part(struct reader_part *part, struct errbuf *err)
{
    return reader_part_lines(part, NULL, take_line, err);
}

static bool sniff(const char *text, size_t length)
{
    enum { LOOK_MAX = 1 << 16 };
    const char *end = text + (length < LOOK_MAX ? length : LOOK_MAX);
    for (const char *line = text; line < end;) {
        const char *newline = memchr(line, '\n', (size_t)(end - line));
        struct edn_cursor cursor = {.at = line, .end = newline ? newline : end};
        struct op op;
        if (take_head(&cursor, &op))
            return true;
        line = newline ? newline + 1 : end;
    }
    return false;
}

const struct reader reader_porcupine_etcd = {
    .name = "porcupine-etcd",
    .doc = "Porcupine's etcd logs: INFO jepsen.util - PROCESS :type :f ARGUMENT",
    .semantics = {.failed_cas_differs = true,
                  .initial = VALUE_REF_NIL,
                  .initial_is_given = true,
                  .failures_are_tests = true},
    .sniff = sniff,
    .read_part = read_part,
};
