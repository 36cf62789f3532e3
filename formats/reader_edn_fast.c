#include "formats/reader_edn_fast.h"

#include "formats/reader_fast_layout.h"

enum { DEPTH_MAX = 2 }; /* [key [expected new]] */

/* --- names --- */

/* Whether a scalar may end before this byte. */
static bool is_end(char c)
{
    return c == ' ' || c == ',' || c == '}' || c == ']' || c == '\n';
}

/* The length of a name; -1 if it is long or has other bytes than most names. */
static int name_length(const char *at)
{
    int length = 0;
    for (char c = at[0]; !is_end(c); c = at[++length]) {
        bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        bool is_other = (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.' || c == '/';
        if ((!is_letter && !is_other) || length == FAST_TEXT_MAX)
            return -1;
    }
    return length;
}

/* How many bytes of a word come before one where a scalar may end; 8 if there is none. */
static unsigned count_before_end(uint64_t word)
{
    uint64_t ends = fast_zeros(word ^ FAST_BYTES(' ')) | fast_zeros(word ^ FAST_BYTES(',')) |
                    fast_zeros(word ^ FAST_BYTES('}')) | fast_zeros(word ^ FAST_BYTES(']')) |
                    fast_zeros(word ^ FAST_BYTES('\n'));
    return ends ? (unsigned)__builtin_ctzll(ends) / 8 : 8;
}

/* As fast_symbol, for the name at `at`. What is known need not be looked at byte by byte. */
static symbol take_symbol(struct reader_part *part, const char *at, int *length)
{
    *length = (int)count_before_end(fast_load(at));
    if (*length < 8) {
        struct short_name name = fast_name(at, *length);
        symbol id = *length ? reader_symbols_find(&part->symbols, &name) : F_NONE;
        if (id != F_NONE)
            return id;
    }
    *length = name_length(at);
    return fast_symbol(part, at, *length);
}

/* --- values --- */

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
        bool goes_on = *at++ == (i == 0 ? ' ' : ']') && fast_ref(part, &items[i], &refs[i]);
        if (!FAST_USUAL(goes_on))
            return fast_odd;
    }
    *out = (struct fast_value){.is_pair = true, .ref = refs[0], .second = refs[1]};
    return FAST_USUAL(is_end(*at)) ? at : fast_odd;
}

static const char *take_string(struct reader_part *part, const char *at, value_ref *out)
{
    int length = fast_string_length(at);
    if (length < 0 || !is_end(at[length + 1]) || !fast_text(part, VALUE_STRING, at, length, out))
        return fast_odd;
    return at + length + 1;
}

static const char *take_keyword(struct reader_part *part, const char *at, value_ref *out)
{
    int length = name_length(at);
    if (length < 0 || !fast_text(part, VALUE_KEYWORD, at, length, out))
        return fast_odd;
    return at + length;
}

static const char *take_word(const char *at, size_t length, bool is_it)
{
    return FAST_USUAL(is_it && is_end(at[length])) ? at + length : fast_odd;
}

static const char *take_value(struct reader_part *part, const char *at, int depth,
                              struct fast_value *out)
{
    out->is_pair = false;
    if (*at <= '9' && *at != '"') {
        at = fast_integer(part, at, &out->ref);
        return FAST_USUAL(is_end(*at)) ? at : fast_odd;
    }
    switch (*at) {
    case '[':
        return take_pair(part, at + 1, depth, out);
    case '"':
        return take_string(part, at + 1, &out->ref);
    case ':':
        return take_keyword(part, at + 1, &out->ref);
    case 'n':
        out->ref = VALUE_REF_NIL;
        return take_word(at, 3, FAST_IS(at, "nil"));
    case 't':
        out->ref = VALUE_REF_TRUE;
        return take_word(at, 4, FAST_IS(at, "true"));
    case 'f':
        out->ref = VALUE_REF_FALSE;
        return take_word(at, 5, FAST_IS(at, "false"));
    default:
        return fast_odd;
    }
}

static const char *take_f(const char *at, enum micro_f *out)
{
    if (FAST_IS(at, ":append ")) {
        *out = MICRO_APPEND;
        return at + 8;
    }
    *out = at[1] == 'r' ? MICRO_READ : MICRO_WRITE;
    return FAST_IS(at, ":r ") || FAST_IS(at, ":w ") ? at + 3 : fast_odd;
}

static const char *take_scalar(struct reader_part *part, const char *at, value_ref *out)
{
    struct fast_value value;
    at = take_value(part, at, DEPTH_MAX, &value);
    *out = value.ref;
    return at;
}

static const struct fast_txn_format transactions = {
    .separator = ' ', .take_f = take_f, .take_scalar = take_scalar};

/* The value of an event. */
static const char *take_whole(struct reader_part *part, const char *at, struct fast_value *out)
{
    if (part->input->options.independent || !fast_may_be_txn(part, at))
        return take_value(part, at, 0, out);
    out->is_pair = false;
    return fast_txn(part, &transactions, at, &out->ref);
}

/* Its text keeps the colon. */
static const char *take_error(struct reader_part *part, const char *at, struct fast_event *out)
{
    if (*at != ':')
        return take_word(at, 3, FAST_IS(at, "nil"));
    int length = name_length(at + 1) + 1;
    if (length < 1)
        return fast_odd;
    memcpy(part->error, at, (size_t)length);
    part->error[length] = '\0';
    out->event.error = part->error;
    return at + length;
}

/* --- entries --- */

/* Behind an entry: to the next key, or the end of the map. */
static inline const char *take_gap(const char *at)
{
    if (FAST_USUAL(*at == ',' && at[1] == ' '))
        return at + 2;
    if (!is_end(*at))
        return fast_odd;
    at += *at == ',';
    return at + (*at == ' ' || *at == '\n');
}

/* Each of these takes its entry, if it is there, and the gap behind it. */

static inline bool begins(const char **at, size_t length, bool is_there, struct fast_event *out,
                          enum fast_member member)
{
    if (!is_there)
        return false;
    *at = FAST_USUAL(fast_take_member(out, member)) ? *at + length : fast_odd;
    return true;
}

#define BEGINS(at, name, out, member)                                                              \
    begins(&(at), sizeof(name " ") - 1, FAST_IS(at, name " "), out, member)

static inline const char *try_index(const char *at, struct fast_event *out)
{
    int64_t number;
    return BEGINS(at, ":index", out, FAST_INDEX) ? take_gap(fast_digits(at, &number)) : at;
}

static inline const char *try_time(const char *at, struct fast_event *out)
{
    if (!BEGINS(at, ":time", out, FAST_TIME))
        return at;
    return take_gap(fast_digits(at, &out->event.time_ns));
}

static inline const char *try_process(const char *at, struct fast_event *out)
{
    if (!BEGINS(at, ":process", out, FAST_PROCESS))
        return at;
    return take_gap(fast_process(at, &out->event.process));
}

static inline const char *try_type(const char *at, struct fast_event *out)
{
    if (!BEGINS(at, ":type", out, FAST_TYPE))
        return at;
    const char *end = fast_type(at + 1, &out->event.type);
    return FAST_USUAL(*at == ':') ? take_gap(end) : fast_odd;
}

static inline const char *try_f(struct reader_part *part, const char *at, struct fast_event *out)
{
    int length = 0;
    if (!BEGINS(at, ":f", out, FAST_F))
        return at;
    out->event.f = *at == ':' ? take_symbol(part, at + 1, &length) : F_NONE;
    return FAST_USUAL(out->event.f != F_NONE) ? take_gap(at + length + 1) : fast_odd;
}

static inline const char *try_value(struct reader_part *part, const char *at,
                                    struct fast_event *out)
{
    return BEGINS(at, ":value", out, FAST_VALUE) ? take_gap(take_whole(part, at, &out->value)) : at;
}

static inline const char *try_error(struct reader_part *part, const char *at,
                                    struct fast_event *out)
{
    return BEGINS(at, ":error", out, FAST_ERROR) ? take_gap(take_error(part, at, out)) : at;
}

/* Looks for each entry by its key; where the event ends, NULL if it is odd. `at` is behind the '{'.
 */
static const char *take_entries(struct reader_part *part, const char *at, struct fast_event *out)
{
    const char *before;
    fast_begin(out);
    do {
        before = at;
        at = try_index(at, out);
        at = try_time(at, out);
        at = try_type(at, out);
        at = try_process(at, out);
        at = try_f(part, at, out);
        at = try_value(part, at, out);
        at = try_process(at, out);
        at = try_time(at, out);
        at = try_index(at, out);
        at = try_error(part, at, out);
    } while (*at == ':' && at != before);
    return *at == '}' && fast_end(part, part->input->options.independent, out) ? at + 1 : NULL;
}

/* --- layouts --- */

static const struct layout_names names = {.names = {[LAYOUT_INDEX] = ":index",
                                                    [LAYOUT_TIME] = ":time",
                                                    [LAYOUT_PROCESS] = ":process",
                                                    [LAYOUT_TYPE] = ":type",
                                                    [LAYOUT_F] = ":f",
                                                    [LAYOUT_VALUE] = ":value"}};

const char *reader_edn_fast(struct reader_part *part, const char *at, struct operation_event *out)
{
    if (!fast_may_begin(part, at) || *at != '{')
        return NULL;
    const char *end = layout_event(part, at, take_value, &transactions, out);
    if (end)
        return end;
    struct fast_event event;
    end = take_entries(part, at + 1, &event);
    *out = event.event;
    if (end && !event.event.error && event.event.process >= 0)
        reader_layout_learn(&part->layout, &names, part->input->options.independent, at, end);
    return end;
}
