#include "formats/reader_layout.h"

#include <stddef.h>
#include <string.h>

enum { MISSES_PER_LESSON = 16 };

struct lesson {
    const struct layout_names *names;
    const char *at, *end;
    const char *text; /* what is behind the last value begins here */
    uint32_t members, count;
    struct layout_step steps[LAYOUT_FIELDS];
};

static bool is_gap(char c)
{
    return c == ' ' || c == ',' || c == '}' || c == ']' || c == '\n';
}

/* The text up to here, and what the value behind it is. */
static bool add_step(struct lesson *lesson, enum layout_field field)
{
    size_t length = (size_t)(lesson->at - lesson->text);
    if (length > LAYOUT_TEXT_MAX || lesson->count == LAYOUT_FIELDS ||
        (lesson->members >> field & 1))
        return false;
    struct layout_step *step = &lesson->steps[lesson->count++];
    *step = (struct layout_step){.length = (uint32_t)length, .field = field};
    memcpy(step->words, lesson->text, length);
    memset(step->masks, 0xff, length);
    lesson->members |= 1u << field;
    return true;
}

/* Behind a value. */
static bool end_value(struct lesson *lesson, bool is_whole)
{
    lesson->text = lesson->at;
    if (!is_whole || lesson->at >= lesson->end)
        return false;
    lesson->steps[lesson->count - 1].stops = UINT64_C(0x0101010101010101) * (uint8_t)*lesson->at;
    return true;
}

static bool skip_value(struct lesson *lesson)
{
    int depth = 0;
    do {
        if (lesson->at >= lesson->end)
            return false;
        depth += (*lesson->at == '[') - (*lesson->at == ']');
        if (*lesson->at == '"')
            lesson->at = memchr(lesson->at + 1, '"', (size_t)(lesson->end - lesson->at - 1));
        if (!lesson->at)
            return false;
        lesson->at++;
    } while (lesson->at < lesson->end && (depth > 0 || !is_gap(*lesson->at)));
    return end_value(lesson, depth == 0);
}

static bool skip_name(struct lesson *lesson)
{
    char end = lesson->names->name_end;
    while (lesson->at < lesson->end && *lesson->at != end && (end || !is_gap(*lesson->at)))
        lesson->at++;
    return end_value(lesson, true);
}

static void skip_gap(struct lesson *lesson)
{
    while (lesson->at < lesson->end && *lesson->at != '}' && is_gap(*lesson->at))
        lesson->at++;
}

static enum layout_field take_name(struct lesson *lesson)
{
    for (int field = LAYOUT_END + 1; field < LAYOUT_FIELDS; field++) {
        const char *name = lesson->names->names[field];
        size_t length = name ? strlen(name) : 0;
        if (!name || (size_t)(lesson->end - lesson->at) <= length ||
            memcmp(lesson->at, name, length) != 0)
            continue;
        lesson->at += length;
        lesson->at += *lesson->at == ' ';
        return (enum layout_field)field;
    }
    return LAYOUT_END;
}

static bool take_member(struct lesson *lesson, bool is_pair)
{
    enum layout_field field = take_name(lesson);
    if (field == LAYOUT_END)
        return false;
    if (field == LAYOUT_TYPE || field == LAYOUT_F) {
        lesson->at++;
        if (!add_step(lesson, field) || !skip_name(lesson))
            return false;
        lesson->at += lesson->names->name_end != 0;
        return true;
    }
    if (field == LAYOUT_VALUE && is_pair) {
        if (*lesson->at++ != '[' || !add_step(lesson, LAYOUT_KEY) || !skip_value(lesson))
            return false;
        skip_gap(lesson);
    }
    return add_step(lesson, field) && skip_value(lesson);
}

static bool learn(struct lesson *lesson, bool is_pair)
{
    const uint32_t needed = 1u << LAYOUT_PROCESS | 1u << LAYOUT_TYPE | 1u << LAYOUT_F;
    if (*lesson->at++ != '{')
        return false;
    while (lesson->at < lesson->end && *lesson->at != '}') {
        if (!take_member(lesson, is_pair))
            return false;
        skip_gap(lesson);
    }
    bool is_end = ++lesson->at == lesson->end && (lesson->members & needed) == needed;
    return is_end && (!is_pair || (lesson->members >> LAYOUT_KEY & 1)) &&
           add_step(lesson, LAYOUT_END);
}

void reader_layout_learn(struct reader_layout *layout, const struct layout_names *names,
                         bool is_pair, const char *begin, const char *end)
{
    if (layout->misses++ % MISSES_PER_LESSON != 0)
        return;
    struct lesson lesson = {.names = names, .at = begin, .text = begin, .end = end};
    if (!learn(&lesson, is_pair))
        return;
    memcpy(layout->steps, lesson.steps, sizeof lesson.steps);
    layout->has_key = lesson.members >> LAYOUT_KEY & 1;
    layout->is_known = true;
}
