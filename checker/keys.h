/* Splits a history into its independent objects: the client events of each key, in order.
 *
 * Events of processes below 0 (nemesis) belong to no key. Operations without a key are those of
 * one more object. Read-only once built; 12 bytes per event and 64 per key, from the budget. */
#ifndef CHECKER_KEYS_H
#define CHECKER_KEYS_H

#include "core/history.h"

struct budget;
struct errbuf;

struct key_group {
    bool has_key;
    struct value key; /* borrowed from the history */
    uint32_t first;   /* its events are keys->events[first .. first + event_count) */
    uint32_t event_count;
    uint32_t operations; /* invocations */
    uint32_t ok, failed, crashed;
};

struct keys {
    struct budget *budget;
    uint32_t *partner;        /* as history_pair gives it */
    uint32_t *events;         /* positions in the history, grouped by key, in order within a key */
    uint32_t *scratch;        /* one number per event of the history, for whoever works on a key */
    struct key_group *groups; /* in order of first appearance */
    uint32_t count;
    uint32_t capacity;
    size_t history_count;
};

/* Errors: as history_pair; ERR_INPUT when a completion has another key than its invocation;
 * ERR_NOMEM also when the budget's memory ran out. On error nothing is left to free.
 * O(n) expected. */
int keys_build(struct keys *keys, const struct history *history, struct budget *budget,
               struct errbuf *err);
void keys_fini(struct keys *keys);

#endif
