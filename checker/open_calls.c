#include "checker/open_calls.h"

#include <stdlib.h>

void open_calls_fini(struct open_calls *all)
{
    free(all->calls);
    *all = (struct open_calls)OPEN_CALLS_INIT;
}

/* Its place, or the free one where it belongs. */
static struct open_call *place_of(const struct open_calls *all, int64_t process)
{
    uint32_t at = (uint32_t)(((uint64_t)process * UINT64_C(0x9e3779b97f4a7c15)) >> 32);
    for (;; at++) {
        struct open_call *call = &all->calls[at & (all->size - 1)];
        if (call->process < 0 || call->process == process)
            return call;
    }
}

static bool grow(struct open_calls *all)
{
    struct open_calls old = *all;
    if (2 * (old.used + 1) <= old.size)
        return true;
    uint32_t size = old.size ? 2 * old.size : 64;
    struct open_call *calls = malloc(size * sizeof *calls);
    if (!calls)
        return false;
    for (uint32_t i = 0; i < size; i++)
        calls[i].process = -1;
    all->calls = calls;
    all->size = size;
    for (uint32_t i = 0; i < old.size; i++)
        if (old.calls[i].process >= 0)
            *place_of(all, old.calls[i].process) = old.calls[i];
    free(old.calls);
    return true;
}

struct open_call *open_calls_get(struct open_calls *all, int64_t process)
{
    if (!grow(all))
        return NULL;
    struct open_call *call = place_of(all, process);
    if (call->process < 0) {
        *call = (struct open_call){.process = process};
        all->used++;
    }
    return call;
}

struct open_call *open_calls_find(const struct open_calls *all, int64_t process)
{
    if (all->size == 0)
        return NULL;
    struct open_call *call = place_of(all, process);
    return call->process >= 0 && call->is_open ? call : NULL;
}

void open_calls_open(struct open_calls *all, struct open_call *call)
{
    call->is_open = true;
    all->open++;
}

void open_calls_close(struct open_calls *all, struct open_call *call)
{
    call->is_open = false;
    all->open--;
}
