#include "formats/reader_json_fast.h"

#include "formats/reader_fast_layout.h"

enum { DEPTH_MAX = 2 }; /* [key, [expected, new]] */

static const char *take_value(struct reader_part *part, const char *at, int depth,
                              struct fast_value *out);

static const char *take_pair(struct reader_part *part, const char *at, int depth,
                             struct fast_value *out)
{
    struct fast_value items[2];
    value_ref refs[2];
    if (depth == DEPTH_MAX)
        return fast_odd;
    for (int i = 0; i < 2; i++) {
        at = take_value(part, at, depth + 1, &items[i]);
        if (*at++ != (i == 0 ? ',' : ']') || !fast_ref(part, &items[i], &refs[i]))
            return fast_odd;
        at += i == 0 && *at == ' ';
    }
    *out = (struct fast_value){.is_pair = true, .ref = refs[0], .second = refs[1]};
    return at;
}

static const char *take_string(struct reader_part *part, const char *at, value_ref *out)
{
    int length = fast_string_length(at);
    if (length < 0 || !fast_text(part, VALUE_STRING, at, length, out))
        return fast_odd;
    return at + length + 1;
}

static const char *take_value(struct reader_part *part, const char *at, int depth,
                              struct fast_value *out)
{
    out->is_pair = false;
    if (*at <= '9' && *at != '"')
        return fast_integer(part, at, &out->ref);
    switch (*at) {
    case '[':
        return take_pair(part, at + 1, depth, out);
    case '"':
        return take_string(part, at + 1, &out->ref);
    case 'n':
        out->ref = VALUE_REF_NIL;
        return FAST_IS(at, "null") ? at + 4 : fast_odd;
    case 't':
        out->ref = VALUE_REF_TRUE;
        return FAST_IS(at, "true") ? at + 4 : fast_odd;
    case 'f':
        out->ref = VALUE_REF_FALSE;
        return FAST_IS(at, "false") ? at + 5 : fast_odd;
    default:
        return fast_odd;
    }
}

/* "append", "r" or "w", as a string or as a keyword. */
static const char *take_f(const char *at, enum micro_f *out)
{
    bool is_keyword = FAST_IS(at, "{\"keyword\":");
    at += is_keyword ? 11 : 0;
    if (FAST_IS(at, "\"append\"")) {
        *out = MICRO_APPEND;
        at += 8;
    } else {
        *out = at[1] == 'r' ? MICRO_READ : MICRO_WRITE;
        at = FAST_IS(at, "\"r\"") || FAST_IS(at, "\"w\"") ? at + 3 : fast_odd;
    }
    if (is_keyword)
        at = *at == '}' ? at + 1 : fast_odd;
    return FAST_USUAL(*at == ',') ? fast_skip_space(at + 1) : fast_odd;
}

static const char *take_scalar(struct reader_part *part, const char *at, value_ref *out)
{
    struct fast_value value;
    at = take_value(part, at, DEPTH_MAX, &value);
    *out = value.ref;
    return at;
}

static const struct fast_txn_format transactions = {
    .separator = ',', .take_f = take_f, .take_scalar = take_scalar};

static const char *take_error(struct reader_part *part, const char *at, struct fast_event *out)
{
    if (*at != '"')
        return FAST_IS(at, "null") ? at + 4 : fast_odd;
    int length = fast_string_length(at + 1);
    if (length < 0 || memchr(at + 1, '\0', (size_t)length))
        return fast_odd;
    memcpy(part->error, at + 1, (size_t)length);
    part->error[length] = '\0';
    out->event.error = part->error;
    return at + length + 2;
}

/* Behind a member: its comma and the next one's quote, or the end of the object. */
static inline const char *take_comma(const char *at)
{
    if (!FAST_USUAL(*at == ','))
        return *at == '}' ? at : fast_odd;
    at++;
    at = fast_skip_space(at);
    return FAST_USUAL(*at == '"') ? at : fast_odd;
}

/* Each of these takes its member, if it is there, and the comma behind it. */

static inline bool begins(const char **at, size_t length, bool is_there, struct fast_event *out,
                          enum fast_member member)
{
    if (!is_there)
        return false;
    *at += length;
    *at = FAST_USUAL(fast_take_member(out, member)) ? fast_skip_space(*at) : fast_odd;
    return true;
}

#define BEGINS(at, name, out, member)                                                              \
    begins(&(at), sizeof("\"" name "\":") - 1, FAST_IS(at, "\"" name "\":"), out, member)

static inline const char *try_index(const char *at, struct fast_event *out)
{
    int64_t number;
    return BEGINS(at, "index", out, FAST_INDEX) ? take_comma(fast_digits(at, &number)) : at;
}

static inline const char *try_time(const char *at, struct fast_event *out)
{
    if (!BEGINS(at, "time", out, FAST_TIME))
        return at;
    return take_comma(fast_digits(at, &out->event.time_ns));
}

static inline const char *try_process(const char *at, struct fast_event *out)
{
    if (!BEGINS(at, "process", out, FAST_PROCESS))
        return at;
    return take_comma(fast_process(at, &out->event.process));
}

static inline const char *try_type(const char *at, struct fast_event *out)
{
    if (!BEGINS(at, "type", out, FAST_TYPE))
        return at;
    const char *end = fast_type(at + 1, &out->event.type);
    return FAST_USUAL(*at == '"' && *end == '"') ? take_comma(end + 1) : fast_odd;
}

static inline const char *try_f(struct reader_part *part, const char *at, struct fast_event *out)
{
    if (!BEGINS(at, "f", out, FAST_F))
        return at;
    int length = *at == '"' ? fast_string_length(at + 1) : -1;
    out->event.f = fast_symbol(part, at + 1, length);
    return FAST_USUAL(out->event.f != F_NONE) ? take_comma(at + length + 2) : fast_odd;
}

/* Behind "key": or "value": an integer, mostly. */
static inline const char *take_any(struct reader_part *part, const char *at, int depth,
                                   struct fast_value *out)
{
    if (*at > '9' || *at < '0')
        return take_value(part, at, depth, out);
    out->is_pair = false;
    return fast_integer(part, at, &out->ref);
}

/* The value of an event. */
static inline const char *take_whole(struct reader_part *part, const char *at,
                                     struct fast_value *out)
{
    if (!fast_may_be_txn(part, at) || part->input->options.independent)
        return take_any(part, at, 0, out);
    out->is_pair = false;
    return fast_txn(part, &transactions, at, &out->ref);
}

static inline const char *try_key(struct reader_part *part, const char *at, struct fast_event *out)
{
    struct fast_value key = {0};
    if (!BEGINS(at, "key", out, FAST_KEY))
        return at;
    at = take_comma(take_any(part, at, 1, &key));
    out->event.has_key = true;
    return fast_ref(part, &key, &out->event.key) ? at : fast_odd;
}

static inline const char *try_value(struct reader_part *part, const char *at,
                                    struct fast_event *out)
{
    return BEGINS(at, "value", out, FAST_VALUE) ? take_comma(take_whole(part, at, &out->value))
                                                : at;
}

static inline const char *try_error(struct reader_part *part, const char *at,
                                    struct fast_event *out)
{
    return BEGINS(at, "error", out, FAST_ERROR) ? take_comma(take_error(part, at, out)) : at;
}

/* Looks for each member by its name; where the event ends, NULL if it is odd. `at` is behind the
 * '{'. */
static const char *take_members(struct reader_part *part, enum json_dialect dialect, const char *at,
                                struct fast_event *out)
{
    const char *before;
    fast_begin(out);
    do {
        before = at;
        at = try_index(at, out);
        at = try_time(at, out);
        at = try_process(at, out);
        at = try_type(at, out);
        at = try_f(part, at, out);
        if (dialect == JSON_OURS)
            at = try_key(part, at, out);
        at = try_value(part, at, out);
        at = try_process(at, out);
        at = try_time(at, out);
        at = try_index(at, out);
        if (dialect == JSON_OURS)
            at = try_error(part, at, out);
    } while (*at == '"' && at != before);
    bool is_whole = *at == '}' &&
                    fast_end(part, dialect == JSON_JEPSEN && part->input->options.independent, out);
    return is_whole ? at + 1 : NULL;
}

/* --- layouts --- */

#define LAYOUT_NAMES                                                                               \
    [LAYOUT_INDEX] = "\"index\":", [LAYOUT_TIME] = "\"time\":", [LAYOUT_PROCESS] = "\"process\":", \
    [LAYOUT_TYPE] = "\"type\":", [LAYOUT_F] = "\"f\":", [LAYOUT_VALUE] = "\"value\":"

static const struct layout_names names[] = {
    [JSON_OURS] = {.names = {LAYOUT_NAMES, [LAYOUT_KEY] = "\"key\":"}, .name_end = '"'},
    [JSON_JEPSEN] = {.names = {LAYOUT_NAMES}, .name_end = '"'},
};

const char *reader_json_fast(struct reader_part *part, enum json_dialect dialect, const char *at,
                             struct operation_event *out)
{
    if (!fast_may_begin(part, at) || *at != '{')
        return NULL;
    const char *end = layout_event(part, at, take_value, &transactions, out);
    if (end)
        return end;
    struct fast_event event;
    end = take_members(part, dialect, at + 1, &event);
    *out = event.event;
    if (end && !event.event.error && event.event.process >= 0)
        reader_layout_learn(&part->layout, &names[dialect],
                            dialect == JSON_JEPSEN && part->input->options.independent, at, end);
    return end;
}
