#include "checker/reader_json_fast.h"

enum { DEPTH_MAX = 2 }; /* [key, [expected, new]] */

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
        if (!at || *at++ != (i == 0 ? ',' : ']') || !fast_ref(part, &items[i], &refs[i]))
            return NULL;
        at += i == 0 && *at == ' ';
    }
    *out = (struct fast_value){.is_pair = true, .ref = refs[0], .second = refs[1]};
    return at;
}

static const char *take_string(struct reader_part *part, const char *at, value_ref *out)
{
    int length = fast_string_length(at);
    if (length < 0 || !fast_text(part, VALUE_STRING, at, length, out))
        return NULL;
    return at + length + 1;
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
    case 'n':
        out->ref = VALUE_REF_NIL;
        return FAST_IS(at, "null") ? at + 4 : NULL;
    case 't':
        out->ref = VALUE_REF_TRUE;
        return FAST_IS(at, "true") ? at + 4 : NULL;
    case 'f':
        out->ref = VALUE_REF_FALSE;
        return FAST_IS(at, "false") ? at + 5 : NULL;
    default:
        return fast_integer(part, at, &out->ref);
    }
}

static const char *take_type(const char *at, uint8_t *out)
{
    if (*at != '"')
        return NULL;
    int type = fast_type(at + 1, &at);
    *out = (uint8_t)type;
    return type >= 0 && *at == '"' ? at + 1 : NULL;
}

static const char *take_f(struct reader_part *part, const char *at, symbol *out)
{
    if (*at != '"')
        return NULL;
    int length = fast_string_length(at + 1);
    *out = fast_symbol(part, at + 1, length);
    return *out != F_NONE ? at + length + 2 : NULL;
}

static const char *take_error(const char *at, struct fast_event *out)
{
    if (*at != '"')
        return FAST_IS(at, "null") ? at + 4 : NULL;
    int length = fast_string_length(at + 1);
    if (length < 0 || memchr(at + 1, '\0', (size_t)length))
        return NULL;
    memcpy(out->error, at + 1, (size_t)length);
    out->error[length] = '\0';
    out->event.error = out->error;
    return at + length + 2;
}

/* Which member begins here, behind its opening quote; *end is behind its colon. 0 if none that is
 * known. */
static enum fast_member member_at(const char *at, const char **end)
{
#define MEMBER(name, member)                                                                       \
    if (FAST_IS(at, name "\":"))                                                                   \
    return *end = at + sizeof(name) + 1, member
    switch (*at) {
    case 'i':
        MEMBER("index", FAST_INDEX);
        break;
    case 't':
        MEMBER("time", FAST_TIME);
        MEMBER("type", FAST_TYPE);
        break;
    case 'p':
        MEMBER("process", FAST_PROCESS);
        break;
    case 'f':
        MEMBER("f", FAST_F);
        break;
    case 'k':
        MEMBER("key", FAST_KEY);
        break;
    case 'v':
        MEMBER("value", FAST_VALUE);
        break;
    case 'e':
        MEMBER("error", FAST_ERROR);
        break;
    default:
        break;
    }
#undef MEMBER
    return 0;
}

static const char *take_key(struct reader_part *part, const char *at, struct fast_event *out)
{
    struct fast_value key;
    at = take_value(part, at, 1, &key);
    out->event.has_key = true;
    return at && fast_ref(part, &key, &out->event.key) ? at : NULL;
}

static const char *take_member(struct reader_part *part, enum json_dialect dialect, const char *at,
                               struct fast_event *out)
{
    int64_t number;
    if (*at++ != '"')
        return NULL;
    enum fast_member member = member_at(at, &at);
    if (member == 0 || !fast_take_member(out, member))
        return NULL;
    at += *at == ' ';
    switch (member) {
    case FAST_INDEX:
        return fast_digits(at, &number);
    case FAST_TIME:
        return fast_digits(at, &out->event.time_ns);
    case FAST_PROCESS:
        return fast_process(at, &out->event.process);
    case FAST_TYPE:
        return take_type(at, &out->event.type);
    case FAST_F:
        return take_f(part, at, &out->event.f);
    case FAST_VALUE:
        return take_value(part, at, 0, &out->value);
    case FAST_KEY:
        return dialect == JSON_OURS ? take_key(part, at, out) : NULL;
    case FAST_ERROR:
        return dialect == JSON_OURS ? take_error(at, out) : NULL;
    }
    return NULL;
}

const char *reader_json_fast(struct reader_part *part, enum json_dialect dialect, const char *at,
                             struct fast_event *out)
{
    fast_begin(out);
    if (!fast_may_go_on(part, at) || *at++ != '{')
        return NULL;
    for (;;) {
        if (!fast_may_go_on(part, at))
            return NULL;
        at = take_member(part, dialect, at, out);
        if (!at)
            return NULL;
        char c = *at++;
        if (c == '}')
            return fast_end(part, dialect == JSON_JEPSEN && part->input->options.independent, out)
                       ? at
                       : NULL;
        if (c != ',')
            return NULL;
        at += *at == ' ';
    }
}
