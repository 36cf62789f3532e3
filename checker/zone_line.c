#include "checker/zone_line.h"

#include "checker/budget.h"

#include <string.h>

static size_t bytes_of(uint32_t count)
{
    return ((size_t)count + 1) * sizeof(uint32_t);
}

bool zone_line_init(struct zone_line *line, struct budget *budget, const struct operation *ops,
                    uint32_t count)
{
    *line = (struct zone_line){.ops = ops, .count = count, .budget = budget};
    line->zones = budget_alloc(budget, bytes_of(count));
    if (line->zones)
        memset(line->zones, 0xff, bytes_of(count));
    return line->zones != NULL;
}

void zone_line_fini(struct zone_line *line)
{
    if (line->zones)
        budget_free(line->budget, line->zones, bytes_of(line->count));
    line->zones = NULL;
}

static position end_of(const struct zone_line *line, uint32_t zone)
{
    return *(const position *)(const void *)((const char *)line->ends + zone * line->stride);
}

static position start_at(const struct zone_line *line, uint32_t place)
{
    return place < line->count ? line->ops[place].invoke : POSITION_NONE;
}

/* From the latest start to the earliest, and on to the earliest two that cross: each zone is held
 * against the forward one behind it. */
enum zone_line_end zone_line_check(const struct zone_line *line, uint32_t *forward, uint32_t *other)
{
    enum zone_line_end found = ZONE_LINE_ORDERED;
    uint32_t behind = ZONE_NONE;
    position behind_end = 0, behind_start = 0;
    for (uint32_t place = line->count + 1; place-- > 0;) {
        uint32_t zone = line->zones[place];
        if (zone == ZONE_NONE)
            continue;
        position end = end_of(line, zone), start = start_at(line, place);
        if (behind != ZONE_NONE && behind_end <= start && end < behind_start) {
            *forward = behind;
            *other = zone;
            found = ZONE_LINE_CROSSED;
        }
        if (end <= start) {
            behind = zone;
            behind_end = end;
            behind_start = start;
        }
        if (budget_time_over(line->budget))
            return ZONE_LINE_OUT_OF_TIME;
    }
    return found;
}

/* The next place with a zone of this direction, from `place` on. */
static uint32_t find_place(const struct zone_line *line, uint32_t place, bool forward)
{
    for (; place <= line->count; place++) {
        uint32_t zone = line->zones[place];
        if (zone != ZONE_NONE && (end_of(line, zone) <= start_at(line, place)) == forward)
            break;
    }
    return place;
}

uint32_t zone_line_next(const struct zone_line *line, struct zone_walk *walk)
{
    walk->backward = find_place(line, walk->backward, false);
    walk->forward = find_place(line, walk->forward, true);
    bool any_backward = walk->backward <= line->count, any_forward = walk->forward <= line->count;
    if (!any_backward && !any_forward)
        return ZONE_NONE;
    bool forward = any_forward && (!any_backward || end_of(line, line->zones[walk->forward]) <=
                                                        start_at(line, walk->backward));
    return line->zones[forward ? walk->forward++ : walk->backward++];
}
