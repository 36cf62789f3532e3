/* Jepsen's histories: EDN maps, one after another or enclosed in one [...] or (...).
 *
 *     {:type :invoke, :f :write, :value 3, :process 0, :time 1200345, :index 0}
 *
 * Keys come in any order; those not named here are skipped, whatever their values. Knossos' models
 * of a register, for which these histories are made, let an ok read of nil return anything, and
 * begin with 0 in Knossos' own tests and with nil in Jepsen's: without a word from the user both
 * are allowed. */
#include "formats/reader_edn_fast.h"

#include "core/edn.h"
#include "core/err.h"
#include "core/errbuf.h"
#include "core/text.h"
#include "core/value_map.h"

#include <string.h>

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
        bool nemesis = value_is_text(value, VALUE_KEYWORD, "nemesis");
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
    op->error = op_error_text(value, arena);
    return true;
}

/* What is known of an event while its map is read. */
struct event {
    struct op op;
    unsigned seen; /* 1 << its entry, in entry_names */
};

enum entry { TYPE, PROCESS, F, VALUE, TIME, ERROR, ENTRY_COUNT };

static const char *const entry_names[ENTRY_COUNT] = {
    [TYPE] = ":type",   [PROCESS] = ":process", [F] = ":f",
    [VALUE] = ":value", [TIME] = ":time",       [ERROR] = ":error",
};

static bool read_entry_value(struct edn_cursor *cursor, struct arena *arena, enum entry entry,
                             struct op *op)
{
    switch (entry) {
    case TYPE:
        return read_type(cursor, arena, op);
    case PROCESS:
        return read_process(cursor, arena, op);
    case F:
        return read_f(cursor, arena, op);
    case VALUE:
        return edn_read_value(cursor, arena, &op->value);
    case TIME:
        return read_time(cursor, arena, op);
    case ERROR:
        return read_error(cursor, arena, op);
    default:
        return edn_skip_value(cursor);
    }
}

static bool read_entry(struct edn_cursor *cursor, struct arena *arena, struct event *event)
{
    const char *start = cursor->at;
    if (!edn_skip_value(cursor))
        return false;
    size_t length = (size_t)(cursor->at - start);
    enum entry entry = TYPE;
    while (entry < ENTRY_COUNT && !text_is(start, length, entry_names[entry]))
        entry++;
    if (event->seen >> entry & 1) {
        cursor->at = start;
        return edn_fail(cursor, VALUE_MAP_REPEATS);
    }
    event->seen |= entry < ENTRY_COUNT ? 1U << entry : 0;
    /* Values have to begin at the cursor, so that errors point at them. */
    if (!edn_skip_space(cursor))
        return false;
    return read_entry_value(cursor, arena, entry, &event->op);
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
    if (event->seen >> TYPE & 1)
        return true;
    cursor->at = start;
    return edn_fail(cursor, "an event needs :type :invoke, :ok, :fail or :info");
}

static int read_one(struct reader_part *part, struct edn_cursor *cursor, struct errbuf *err)
{
    struct event event;
    const char *start = cursor->at;
    if (!read_event(cursor, &part->arena, &event))
        return ERR_INPUT;
    if (part->input->options.independent && event.op.process >= 0 && !reader_split_key(&event.op)) {
        cursor->at = start;
        edn_fail(cursor, "the :value of an operation on an independent key must be [key value]");
        return ERR_INPUT;
    }
    return reader_part_add(part, &event.op, err);
}

/* Behind the closing bracket there may only be space, up to the end of the text. */
static int read_end(struct reader_part *part, struct edn_cursor *cursor)
{
    cursor->at++;
    if (!edn_skip_space(cursor))
        return ERR_INPUT;
    if (cursor->at < cursor->end) {
        edn_fail(cursor, "expected the end of the text after the end of the history");
        return ERR_INPUT;
    }
    bool is_end = part->end == part->input->text + part->input->length;
    part->next = part->end;
    part->gave_up = !is_end;
    return 0;
}

/* Takes events of the usual shape, up to the first odd one or the end. */
static int take_usual_events(struct reader_part *part, struct edn_cursor *cursor,
                             struct errbuf *err)
{
    struct fast_batch batch;
    batch.count = 0;
    int rc = 0;
    while (cursor->at < part->stop && rc == 0) {
        const char *end = reader_edn_fast(part, cursor->at, fast_batch_next(&batch));
        if (!end)
            break;
        rc = fast_batch_take(part, &batch, err);
        cursor->at = end + (*end == '\n');
    }
    return rc == 0 ? fast_batch_end(part, &batch, err) : rc;
}

/* Reads the events up to part->stop, the closing bracket or the end of the text. */
static int read_events(struct reader_part *part, struct edn_cursor *cursor, struct errbuf *err)
{
    char closing = part->frame->closing;
    for (;;) {
        int rc = take_usual_events(part, cursor, err);
        if (rc != 0)
            return rc;
        if (!edn_skip_space(cursor))
            return ERR_INPUT;
        part->next = cursor->at;
        bool is_end = cursor->at == cursor->end;
        if (is_end && (closing || part->end < part->input->text + part->input->length))
            return reader_part_ended(part);
        if (is_end || cursor->at >= part->stop)
            return 0;
        if (closing && *cursor->at == closing)
            return read_end(part, cursor);
        rc = read_one(part, cursor, err);
        if (rc != 0)
            return rc;
    }
}

static int read_part(struct reader_part *part, struct errbuf *err)
{
    struct edn_cursor cursor = {.at = part->begin, .end = part->end};
    int rc = read_events(part, &cursor, err);
    if (!cursor.problem)
        return rc;
    if (cursor.ended_early)
        return reader_part_ended(part);
    return reader_part_fail(part, cursor.at, cursor.problem);
}

/* Events begin with '{' and, usually, the same key. */
static void open_frame(const struct reader_input *input, struct reader_frame *frame)
{
    struct edn_cursor cursor = {.at = input->text, .end = input->text + input->length};
    *frame = (struct reader_frame){.first = input->text};
    if (edn_take(&cursor, '['))
        frame->closing = ']';
    else if (edn_take(&cursor, '('))
        frame->closing = ')';
    if (cursor.problem)
        return;
    frame->first = frame->closing ? cursor.at : input->text;
    if (!edn_skip_space(&cursor) || cursor.at == cursor.end || *cursor.at != '{')
        return;
    size_t length = 1, left = (size_t)(cursor.end - cursor.at);
    while (length < left && length < sizeof frame->signature && cursor.at[length] > ' ' &&
           cursor.at[length] != '}')
        length++;
    memcpy(frame->signature, cursor.at, length);
    frame->signature_length = length;
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
                  .failures_are_tests = true,
                  .unwritten_reads_say_nothing = true},
    .sniff = sniff,
    .open = open_frame,
    .read_part = read_part,
};
