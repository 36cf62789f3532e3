/* Jepsen's histories: EDN maps, one after another or enclosed in one [...] or (...).
 *
 *     {:type :invoke, :f :write, :value 3, :process 0, :time 1200345, :index 0}
 *
 * Keys come in any order; those not named here are skipped, whatever their values. Knossos' models
 * of a register, for which these histories are made, let an ok read of nil return anything, and
 * begin with 0 in Knossos' own tests and with nil in Jepsen's: without a word from the user both
 * are allowed. */
#include "checker/reader.h"

#include "checker/edn.h"
#include "core/err.h"
#include "core/errbuf.h"
#include "core/strbuf.h"

#include <string.h>

static bool word_is(const char *text, size_t length, const char *word)
{
    return strlen(word) == length && memcmp(text, word, length) == 0;
}

static bool read_keyword(struct edn_cursor *cursor, struct arena *arena, struct value *out,
                         const char *problem)
{
    const char *start = cursor->at;
    if (!edn_read_value(cursor, arena, out))
        return false;
    if (out->kind == VALUE_KEYWORD || out->kind == VALUE_STRING)
        return true;
    cursor->at = start;
    return edn_fail(cursor, problem);
}

static bool read_type(struct edn_cursor *cursor, struct arena *arena, struct op *op)
{
    static const char problem[] = ":type must be :invoke, :ok, :fail or :info";
    struct value value;
    const char *start = cursor->at;
    if (!read_keyword(cursor, arena, &value, problem))
        return false;
    int type = op_type_parse(value.text, value.count);
    if (type < 0) {
        cursor->at = start;
        return edn_fail(cursor, problem);
    }
    op->type = (uint8_t)type;
    return true;
}

static bool read_process(struct edn_cursor *cursor, struct arena *arena, struct op *op)
{
    struct value value;
    const char *start = cursor->at;
    if (!edn_read_value(cursor, arena, &value))
        return false;
    if (value.kind == VALUE_INT) {
        if (value.integer < 0 || value.integer > INT32_MAX) {
            cursor->at = start;
            return edn_fail(cursor, "a process is a number from 0 to 2147483647, or :nemesis");
        }
        op->process = (int32_t)value.integer;
    } else {
        bool nemesis = value.kind == VALUE_KEYWORD && word_is(value.text, value.count, "nemesis");
        op->process = nemesis ? PROCESS_NEMESIS : PROCESS_NONE;
    }
    return true;
}

static bool read_f(struct edn_cursor *cursor, struct arena *arena, struct op *op)
{
    struct value value;
    const char *start = cursor->at;
    if (!edn_read_value(cursor, arena, &value))
        return false;
    if (value_is_nil(value))
        return true;
    bool is_name = value.kind == VALUE_KEYWORD || value.kind == VALUE_STRING;
    op->f = is_name ? symbol_intern(value.text, value.count) : F_NONE;
    if (op->f != F_NONE)
        return true;
    cursor->at = start;
    return edn_fail(cursor, is_name ? "too many different names in :f" : ":f must be a keyword");
}

static bool read_time(struct edn_cursor *cursor, struct arena *arena, struct op *op)
{
    struct value value;
    if (!edn_read_value(cursor, arena, &value))
        return false;
    if (value.kind == VALUE_INT)
        op->time_ns = value.integer;
    return true;
}

/* An error is kept as text, if it is readable at all; it never decides anything. */
static bool read_error(struct edn_cursor *cursor, struct arena *arena, struct op *op)
{
    struct edn_cursor attempt = *cursor;
    struct value value;
    if (!edn_read_value(&attempt, arena, &value))
        return edn_skip_value(cursor);
    *cursor = attempt;
    struct strbuf text = STRBUF_INIT;
    value_write_text(&text, value);
    if (!value_is_nil(value) && strbuf_ok(&text) && text.text)
        op->error = arena_strdup(arena, text.text);
    strbuf_fini(&text);
    return true;
}

/* What is known of an event while its map is read. */
struct event {
    struct op op;
    bool has_type;
};

static bool read_entry(struct edn_cursor *cursor, struct arena *arena, struct event *event)
{
    const char *start = cursor->at;
    if (!edn_skip_value(cursor))
        return false;
    size_t length = (size_t)(cursor->at - start);
    /* Values have to begin at the cursor, so that errors point at them. */
    if (!edn_skip_space(cursor))
        return false;
    if (word_is(start, length, ":type"))
        return event->has_type = true, read_type(cursor, arena, &event->op);
    if (word_is(start, length, ":process"))
        return read_process(cursor, arena, &event->op);
    if (word_is(start, length, ":f"))
        return read_f(cursor, arena, &event->op);
    if (word_is(start, length, ":value"))
        return edn_read_value(cursor, arena, &event->op.value);
    if (word_is(start, length, ":time"))
        return read_time(cursor, arena, &event->op);
    if (word_is(start, length, ":error"))
        return read_error(cursor, arena, &event->op);
    return edn_skip_value(cursor);
}

/* A word that the end of the text cuts short may be wrong for that reason alone. */
static bool fail_entry(struct edn_cursor *cursor)
{
    struct edn_cursor rest = {.at = cursor->at, .end = cursor->end};
    if (!edn_skip_value(&rest) ? rest.ended_early : rest.at == rest.end)
        cursor->ended_early = true;
    return false;
}

/* One map, the cursor on its '{'. On a failure that is about the map, *at is where it begins. */
static bool read_event(struct edn_cursor *cursor, struct arena *arena, struct event *event)
{
    const char *start = cursor->at;
    *event = (struct event){.op = {.time_ns = -1, .process = PROCESS_NONE}};
    if (!edn_take(cursor, '{'))
        return edn_fail(cursor, "expected a map: {:type ..., :f ..., :value ..., :process ...}");
    while (!edn_take(cursor, '}')) {
        if (cursor->problem)
            return false;
        if (cursor->at == cursor->end)
            return edn_fail(cursor, "the text ends inside a map");
        if (!read_entry(cursor, arena, event))
            return fail_entry(cursor);
    }
    if (event->has_type)
        return true;
    cursor->at = start;
    return edn_fail(cursor, "an event needs :type :invoke, :ok, :fail or :info");
}

static bool take_key(const struct reader_input *input, struct op *op)
{
    if (!input->options.independent || op->process < 0)
        return true;
    return reader_split_key(op);
}

/* Reads the events up to the closing bracket, or to the end of the text if closing is 0. */
static int read_events(const struct reader_input *input, struct edn_cursor *cursor, char closing,
                       struct arena *arena, struct history *history, struct errbuf *err)
{
    for (;;) {
        if (!edn_skip_space(cursor))
            return ERR_INPUT;
        if (cursor->at == cursor->end) {
            history->truncated = closing != 0;
            return 0;
        }
        if (closing && *cursor->at == closing) {
            cursor->at++;
            return 0;
        }
        struct event event;
        const char *start = cursor->at;
        if (!read_event(cursor, arena, &event))
            return ERR_INPUT;
        if (!take_key(input, &event.op)) {
            cursor->at = start;
            edn_fail(cursor,
                     "the :value of an operation on an independent key must be [key value]");
            return ERR_INPUT;
        }
        int rc = history_append(history, &event.op, err);
        if (rc != 0)
            return rc;
        arena_reset(arena);
    }
}

static int read_history(const struct reader_input *input, struct edn_cursor *cursor,
                        struct arena *arena, struct history *history, struct errbuf *err)
{
    char closing = 0;
    if (edn_take(cursor, '['))
        closing = ']';
    else if (edn_take(cursor, '('))
        closing = ')';
    int rc = read_events(input, cursor, closing, arena, history, err);
    if (rc == 0 && closing && edn_skip_space(cursor) && cursor->at < cursor->end) {
        edn_fail(cursor, "expected the end of the text after the end of the history");
        rc = ERR_INPUT;
    }
    return cursor->problem ? ERR_INPUT : rc;
}

static int read(const struct reader_input *input, struct history *history, struct errbuf *err)
{
    struct edn_cursor cursor = {.at = input->text, .end = input->text + input->length};
    struct arena arena;
    arena_init(&arena, 0);
    int rc = read_history(input, &cursor, &arena, history, err);
    arena_fini(&arena);
    if (!cursor.problem)
        return rc;
    if (cursor.ended_early) {
        history->truncated = true;
        return 0;
    }
    return reader_error(input, cursor.at, cursor.problem, err);
}

/* A map whose first key is a keyword, after at most one opening bracket and tags. */
static bool sniff(const char *text, size_t length)
{
    enum { LOOK_MAX = 1 << 16 };
    struct edn_cursor cursor = {.at = text, .end = text + (length < LOOK_MAX ? length : LOOK_MAX)};
    bool enclosed = edn_take(&cursor, '[') || edn_take(&cursor, '(');
    if (enclosed && (edn_take(&cursor, ']') || edn_take(&cursor, ')')))
        return true;
    return edn_take(&cursor, '{') && edn_skip_space(&cursor) && cursor.at < cursor.end &&
           *cursor.at == ':';
}

const struct reader reader_edn = {
    .name = "edn",
    .doc = "Jepsen's EDN: operation maps, one after another or in one vector or list",
    .semantics = {.nil_read_is_unknown = true,
                  .initial = VALUE_REF_ZERO,
                  .initial_is_given = true,
                  .initial_may_be_nil = true,
                  .failures_are_tests = true},
    .sniff = sniff,
    .read = read,
};
