/* A script is written in waves, separated by ";", each a list of transactions separated by "|": the
 * first of a wave is the first actor's, and so on; "-" is nobody's. All transactions of a wave are
 * invoked before one of them is answered, and a wave begins when those before it were answered; but
 * "~" before a transaction leaves it open until the next wave was invoked, so that it overlaps
 * both.
 *
 *   +x1    writes 1 to key x, or appends it
 *   x=12   reads the list [1 2], or the register's value 2;  x=  nothing
 *   !      at its end: it fails;  ?  nobody knows
 *
 * Nobody else uses the keys of a script, so what it shows does not depend on the rest of the
 * history: no other transaction can come between two of them but through time, and a transaction
 * that began after one of the script ended and ended before another one began only says what is
 * known of these two already. Why each script is what it is called is said beside it: T1, T2, ...
 * are its transactions in the order written. As versions of registers have no order but that the
 * initial one is first, several anomalies can be shown of lists only. */
#include "generator/txn_script.h"

#include <string.h>

enum { FOR_LISTS = 1, FOR_REGISTERS = 2, FOR_BOTH = 3 };

struct script_row {
    const char *name;
    unsigned models;
    const char *text;
};

static const struct script_row rows[] = {
    /* x: T1 before T2; y: T2 before T1, as the lists of T3 tell. */
    {"G0", FOR_LISTS, "+x1 +y2 | +x2 +y1 | x=12 y=12"},
    {"G1a", FOR_BOTH, "+x1 ! | x=1"},
    {"G1b", FOR_BOTH, "+x1 +x2 | x=1"},
    /* Each read what the other wrote. */
    {"G1c", FOR_BOTH, "+x1 y=1 | +y1 x=1"},
    /* T1 read what T2 wrote to y, and not what it wrote to x. */
    {"G-single", FOR_BOTH, "x= y=1 | +x1 +y1"},
    /* T1 missed T2, which T3 saw; T3 missed T4, which T1 saw. */
    {"G-nonadjacent", FOR_BOTH, "x= z=1 | +x1 +y1 | y=1 w= | +z1 +w1"},
    /* The same of single writes: what a store of snapshots per replica may do. */
    {"long-fork", FOR_BOTH, "x= y=1 | +x1 | x=1 y= | +y1"},
    /* Write skew: neither saw the other. */
    {"G2-item", FOR_BOTH, "x= +y1 | y= +x1"},
    /* Both updated the initial version: whoever was second did not see the first. */
    {"lost-update", FOR_LISTS, "x= +x1 | x= +x2 | x=12"},
    {"lost-update", FOR_REGISTERS, "x= +x1 | x= +x2"},
    /* It does not see its own write. */
    {"internal", FOR_BOTH, "+x1 x="},
    /* T2 came in between. */
    {"unrepeatable-read", FOR_BOTH, "x= x=1 | +x1"},
    {"duplicate-elements", FOR_LISTS, "+x1 | x=11"},
    {"incompatible-order", FOR_LISTS, "+x1 | +x2 | x=12 | x=21"},
    /* T2 committed a version upon that of T1, which failed. */
    {"dirty-update", FOR_LISTS, "+x1 ! | +x2 | x=12"},
    /* It read what it wrote only then. */
    {"future-read", FOR_BOTH, "x=1 +x1"},
    {"unwritten-read", FOR_BOTH, "x=2 | +x1"},
    /* Who reads a version and then writes comes after it: T2 after T1, and T1 after T2. */
    {"cyclic-versions", FOR_REGISTERS, "x=2 +x1 | x=1 +x2"},

    /* T2 wrote when T1 was over, and is before it in x. */
    {"G0-process", FOR_LISTS, "+x2 ; +x1 ; - | x=12"},
    {"G0-realtime", FOR_LISTS, "+x2 ; - | +x1 ; - | - | x=12"},
    /* T1 read what T2 wrote when T1 was over. */
    {"G1c-process", FOR_BOTH, "x=1 ; +x1"},
    {"G1c-realtime", FOR_BOTH, "x=1 ; - | +x1"},
    /* Stale reads: T2 misses what T1 had written, its own session or another one. */
    {"G-single-process", FOR_BOTH, "+x1 ; x="},
    {"G-single-realtime", FOR_BOTH, "+x1 ; - | x="},
    /* T1 missed T2, after which T4 missed T3, which T1 saw. T1 and T3 overlap all others. */
    {"G-nonadjacent-process", FOR_BOTH, "~ x= y=1 | +x1 | ~ +y1 ; - | y="},
    {"G-nonadjacent-realtime", FOR_BOTH, "~ x= y=1 | +x1 | ~ +y1 ; - | - | - | y="},
    /* T3 missed T2, which missed T1, after which T3 began. T2 overlaps both. */
    {"G2-item-process", FOR_BOTH, "+y1 | ~ +x1 y= ; x="},
    {"G2-item-realtime", FOR_BOTH, "+y1 | ~ +x1 y= ; - | - | x="},
    /* Session guarantees. T1 overlaps T2, which saw it, and T3, which does not any more. */
    {"monotonic-reads", FOR_BOTH, "~ +x1 | x=1 ; - | x="},
    /* T2 saw the later write of a session, and not the earlier one. */
    {"monotonic-writes", FOR_BOTH, "+x1 | ~ y=1 x= ; +y1"},
    /* T3 saw what T4 wrote, and not T1, which T4's session had read before. */
    {"writes-follow-reads", FOR_BOTH, "~ +x1 | x=1 | ~ y=1 x= ; - | +y1"},
};
enum { ROWS = sizeof rows / sizeof rows[0] };

static bool is_for(const struct script_row *row, bool lists)
{
    return row->models & (lists ? FOR_LISTS : FOR_REGISTERS);
}

const char *script_name(bool lists, size_t *number)
{
    while (*number < ROWS && !is_for(&rows[*number], lists))
        ++*number;
    return *number < ROWS ? rows[(*number)++].name : NULL;
}

/* --- from text to events --- */

static void skip_spaces(const char **at)
{
    while (**at == ' ')
        ++*at;
}

static uint8_t take_key(const char **at)
{
    static const char names[] = "xyzw";
    return (uint8_t)(strchr(names, *(*at)++) - names);
}

static uint8_t take_digit(const char **at)
{
    return (uint8_t)(*(*at)++ - '0');
}

static struct script_micro take_micro(const char **at, bool lists)
{
    struct script_micro micro = {.f = MICRO_READ};
    if (**at == '+') {
        ++*at;
        micro.f = lists ? MICRO_APPEND : MICRO_WRITE;
        micro.key = take_key(at);
        micro.value = take_digit(at);
        return micro;
    }
    micro.key = take_key(at);
    ++*at; /* = */
    while (**at >= '0' && **at <= '9')
        micro.items[micro.item_count++] = take_digit(at);
    return micro;
}

/* How it ends. */
static enum op_type take_txn(const char **at, bool lists, struct script_txn *out)
{
    enum op_type end = OP_OK;
    *out = (struct script_txn){.count = 0};
    for (skip_spaces(at); **at && !strchr("|;", **at); skip_spaces(at)) {
        if (**at == '!' || **at == '?')
            end = *(*at)++ == '!' ? OP_FAIL : OP_INFO;
        else
            out->micros[out->count++] = take_micro(at, lists);
    }
    return end;
}

static void add_event(struct script *script, const struct script_event *event)
{
    script->events[script->count++] = *event;
}

/* Invokes a wave: *ends are those to be answered before the next one, *later those after it. */
static void take_wave(const char **at, bool lists, struct script *script, struct script *ends,
                      struct script *later)
{
    for (uint8_t actor = 0;; actor++) {
        skip_spaces(at);
        bool is_nobody = **at == '-', stays_open = **at == '~';
        *at += is_nobody || stays_open;
        struct script_event event = {.actor = actor, .type = OP_INVOKE};
        enum op_type end = take_txn(at, lists, &event.txn);
        if (!is_nobody) {
            add_event(script, &event);
            event.type = end;
            add_event(stays_open ? later : ends, &event);
        }
        if (**at != '|')
            return;
        ++*at;
    }
}

static void parse(const char *text, bool lists, struct script *out)
{
    struct script open = {.count = 0};
    out->count = 0;
    for (;;) {
        struct script ends = open, later = {.count = 0};
        take_wave(&text, lists, out, &ends, &later);
        for (uint32_t i = 0; i < ends.count; i++)
            add_event(out, &ends.events[i]);
        open = later;
        if (*text++ == '\0')
            return;
    }
}

bool script_find(bool lists, const char *name, struct script *out)
{
    for (size_t i = 0; i < ROWS; i++) {
        if (!is_for(&rows[i], lists) || strcmp(rows[i].name, name) != 0)
            continue;
        parse(rows[i].text, lists, out);
        return true;
    }
    return false;
}
