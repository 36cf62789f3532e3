#include "checker/reader_edn_fast.h"

enum { DEPTH_MAX = 2 }; /* [key [expected new]] */

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

static const char *take_value(struct reader_part *part, const char *at, int depth,
                              struct fast_value *out);

static const char *take_pair(struct reader_part *part, const char *at, int depth,
                             struct fast_value *out)
{
    struct fast_value items[2];
    value_ref refs[2];
    if (depth == DEPTH_MAX)
        return NULL;
    for (int i = 0; i < 2; i++) {
        at = take_value(part, at, depth + 1, &items[i]);
        if (!at || *at++ != (i == 0 ? ' ' : ']') || !fast_ref(part, &items[i], &refs[i]))
            return NULL;
    }
    *out = (struct fast_value){.is_pair = true, .ref = refs[0], .second = refs[1]};
    return is_end(*at) ? at : NULL;
}

static const char *take_string(struct reader_part *part, const char *at, value_ref *out)
{
    int length = fast_string_length(at);
    if (length < 0 || !is_end(at[length + 1]) || !fast_text(part, VALUE_STRING, at, length, out))
        return NULL;
    return at + length + 1;
}

static const char *take_keyword(struct reader_part *part, const char *at, value_ref *out)
{
    int length = name_length(at);
    return length >= 0 && fast_text(part, VALUE_KEYWORD, at, length, out) ? at + length : NULL;
}

static const char *take_word(const char *at, size_t length, bool is_it)
{
    return is_it && is_end(at[length]) ? at + length : NULL;
}

static const char *take_value(struct reader_part *part, const char *at, int depth,
                              struct fast_value *out)
{
    out->is_pair = false;
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
        at = fast_integer(part, at, &out->ref);
        return at && is_end(*at) ? at : NULL;
    }
}

static const char *take_type(const char *at, uint8_t *out)
{
    if (*at != ':')
        return NULL;
    int type = fast_type(at + 1, &at);
    *out = (uint8_t)type;
    return type >= 0 && is_end(*at) ? at : NULL;
}

static const char *take_f(struct reader_part *part, const char *at, symbol *out)
{
    if (*at != ':')
        return NULL;
    int length = name_length(at + 1);
    *out = fast_symbol(part, at + 1, length);
    return *out != F_NONE ? at + length + 1 : NULL;
}

/* Its text keeps the colon. */
static const char *take_error(const char *at, struct fast_event *out)
{
    if (*at != ':')
        return take_word(at, 3, FAST_IS(at, "nil"));
    int length = name_length(at + 1) + 1;
    if (length < 1)
        return NULL;
    memcpy(out->error, at, (size_t)length);
    out->error[length] = '\0';
    out->event.error = out->error;
    return at + length;
}

/* Which entry begins here, behind the colon of its key; *end is behind its space. 0 if none that is
 * known. */
static enum fast_member entry_at(const char *at, const char **end)
{
#define ENTRY(name, member)                                                                        \
    if (FAST_IS(at, name " "))                                                                     \
    return *end = at + sizeof(name), member
    switch (*at) {
    case 'i':
        ENTRY("index", FAST_INDEX);
        break;
    case 't':
        ENTRY("time", FAST_TIME);
        ENTRY("type", FAST_TYPE);
        break;
    case 'p':
        ENTRY("process", FAST_PROCESS);
        break;
    case 'f':
        ENTRY("f", FAST_F);
        break;
    case 'v':
        ENTRY("value", FAST_VALUE);
        break;
    case 'e':
        ENTRY("error", FAST_ERROR);
        break;
    default:
        break;
    }
#undef ENTRY
    return 0;
}

static const char *take_entry(struct reader_part *part, const char *at, struct fast_event *out)
{
    int64_t number;
    if (*at++ != ':')
        return NULL;
    enum fast_member entry = entry_at(at, &at);
    if (entry == 0 || !fast_take_member(out, entry))
        return NULL;
    switch (entry) {
    case FAST_INDEX:
        at = fast_digits(at, &number);
        break;
    case FAST_TIME:
        at = fast_digits(at, &out->event.time_ns);
        break;
    case FAST_PROCESS:
        at = fast_process(at, &out->event.process);
        break;
    case FAST_TYPE:
        return take_type(at, &out->event.type);
    case FAST_F:
        return take_f(part, at, &out->event.f);
    case FAST_VALUE:
        return take_value(part, at, 0, &out->value);
    case FAST_ERROR:
        return take_error(at, out);
    case FAST_KEY:
        return NULL;
    }
    return at && is_end(*at) ? at : NULL;
}

const char *reader_edn_fast(struct reader_part *part, const char *at, struct fast_event *out)
{
    fast_begin(out);
    if (!fast_may_go_on(part, at) || *at++ != '{')
        return NULL;
    for (;;) {
        if (!fast_may_go_on(part, at))
            return NULL;
        at = take_entry(part, at, out);
        if (!at)
            return NULL;
        if (*at == '}')
            return fast_end(part, part->input->options.independent, out) ? at + 1 : NULL;
        at += *at == ',';
        at += *at == ' ' || *at == '\n';
    }
}
