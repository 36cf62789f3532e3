#include "checker/backjump.h"

enum {
    WIDTH_MIN = 4,
    SPACING = 256, /* events between two marks */
    BACK_MIN = 64, /* events to go back at first */
    LEVEL_MAX = 13,
};

static uint32_t width_of(uint32_t level)
{
    return (uint32_t)WIDTH_MIN << 2 * (level < LEVEL_MAX ? level : LEVEL_MAX);
}

static void remove_mark(struct backjump *backjump, uint32_t at)
{
    frontier_mark_free(backjump->marks[at].frontier);
    backjump->mark_count--;
    for (uint32_t i = at; i < backjump->mark_count; i++)
        backjump->marks[i] = backjump->marks[i + 1];
}

/* Removes every mark whose neighbours lie close together, seen from here. */
static void thin_marks(struct backjump *backjump)
{
    uint32_t now = backjump->search.event;
    for (uint32_t i = backjump->mark_count; i-- > 2;) {
        const struct search_mark *marks = backjump->marks;
        if (marks[i].event - marks[i - 2].event < (now - marks[i].event) / 4)
            remove_mark(backjump, i - 1);
    }
}

static int add_mark(struct backjump *backjump)
{
    thin_marks(backjump);
    if (backjump->mark_count == BACKJUMP_MARKS)
        remove_mark(backjump, 1);
    struct search_mark mark = search_save(&backjump->search);
    if (!mark.frontier)
        return -1;
    backjump->marks[backjump->mark_count++] = mark;
    return 0;
}

int backjump_open(struct backjump *backjump, const struct search_input *input)
{
    struct search_input narrow = *input;
    narrow.width_max = width_of(0);
    *backjump = (struct backjump){.level = 0};
    if (search_open(&backjump->search, &narrow) != 0)
        return -1;
    if (add_mark(backjump) == 0)
        return 0;
    backjump_close(backjump);
    return -1;
}

void backjump_close(struct backjump *backjump)
{
    for (uint32_t i = 0; i < backjump->mark_count; i++)
        frontier_mark_free(backjump->marks[i].frontier);
    backjump->mark_count = 0;
    search_close(&backjump->search);
}

static void set_level(struct backjump *backjump, uint32_t level)
{
    backjump->level = level;
    frontier_set_width(backjump->search.frontier, width_of(level));
}

/* Goes back behind the hardest place, the farther the higher the level. */
static int go_back(struct backjump *backjump)
{
    uint64_t back = (uint64_t)BACK_MIN << 2 * backjump->level;
    uint32_t to = backjump->hardest > back ? backjump->hardest - (uint32_t)back : 0;
    while (backjump->mark_count > 1 && backjump->marks[backjump->mark_count - 1].event > to)
        remove_mark(backjump, backjump->mark_count - 1);
    return search_restore(&backjump->search, &backjump->marks[backjump->mark_count - 1]);
}

/* Where the search stops to think next. */
static uint32_t next_stop(const struct backjump *backjump)
{
    const struct search *search = &backjump->search;
    uint32_t last = search->event + SPACING;
    return last < search->calls->event_count ? last : search->calls->event_count;
}

static int pass_stop(struct backjump *backjump)
{
    if (backjump->level > 0 && backjump->search.event > backjump->hardest + SPACING)
        set_level(backjump, 0);
    if (add_mark(backjump) != 0)
        return -1;
    struct frontier_mark *marks[BACKJUMP_MARKS];
    for (uint32_t i = 0; i < backjump->mark_count; i++)
        marks[i] = backjump->marks[i].frontier;
    return frontier_collect(backjump->search.frontier, marks, backjump->mark_count);
}

enum search_end backjump_run(struct backjump *backjump, uint32_t level_max)
{
    struct search *search = &backjump->search;
    bool is_stuck = backjump->level_max > 0;
    backjump->level_max = level_max;
    for (;;) {
        if (is_stuck) {
            if (backjump->level >= level_max)
                return SEARCH_STUCK;
            set_level(backjump, backjump->level + 1);
            if (go_back(backjump) != 0)
                return SEARCH_OUT_OF_MEMORY;
        }
        enum search_end end = search_run(search, next_stop(backjump));
        is_stuck = end == SEARCH_STUCK;
        if (is_stuck && search->event > backjump->hardest)
            backjump->hardest = search->event;
        if (is_stuck)
            continue;
        if (end != SEARCH_ACCEPTED || search->event == search->calls->event_count)
            return end;
        if (pass_stop(backjump) != 0)
            return SEARCH_OUT_OF_MEMORY;
    }
}
