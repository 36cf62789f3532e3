#include "injector/dispatch.h"

#include "core/err.h"
#include "core/errbuf.h"

#include <assert.h>
#include <stdlib.h>

int dispatch_init(struct dispatch *dispatch, struct generator *generator, uint32_t client_count,
                  bool nemesis, int32_t first_process, struct errbuf *err)
{
    size_t slots = (size_t)client_count + 1; /* generators look up the nemesis, there or not */
    *dispatch = (struct dispatch){
        .generator = generator,
        .client_count = client_count,
        .thread_count = client_count + nemesis,
        .free_count = client_count + nemesis,
        .busy = calloc(slots, sizeof(bool)),
        .process = calloc(slots, sizeof(int32_t)),
        .free_since = calloc(slots, sizeof(uint64_t)),
    };
    if (!dispatch->busy || !dispatch->process || !dispatch->free_since) {
        dispatch_fini(dispatch);
        return errbuf_set(err, ERR_NOMEM, "no memory for %u threads", client_count);
    }
    for (uint32_t i = 0; i < client_count; i++)
        dispatch->process[i] = first_process + (int32_t)i;
    dispatch->process[client_count] = PROCESS_NEMESIS;
    return 0;
}

void dispatch_fini(struct dispatch *dispatch)
{
    free(dispatch->busy);
    free(dispatch->process);
    free(dispatch->free_since);
    *dispatch = (struct dispatch){0};
}

static struct generator_context make_context(const struct dispatch *dispatch, int64_t now_ns,
                                             uint32_t preferred, struct arena *arena)
{
    return (struct generator_context){.now_ns = now_ns,
                                      .last = dispatch->thread_count,
                                      .client_count = dispatch->client_count,
                                      .preferred = preferred,
                                      .busy = dispatch->busy,
                                      .process = dispatch->process,
                                      .arena = arena};
}

void dispatch_step(struct dispatch *dispatch, int64_t now_ns, uint32_t preferred,
                   struct arena *arena, struct generator_step *out)
{
    struct generator_context context = make_context(dispatch, now_ns, preferred, arena);
    generator_step(dispatch->generator, &context, out);
    if (out->outcome != GENERATOR_OP)
        return;
    uint32_t thread = out->thread;
    dispatch->busy[thread] = true;
    dispatch->free_count--;
    out->op.time_ns = now_ns;
    out->op.process = dispatch->process[thread];
    out->op.type = thread == dispatch->client_count ? OP_INFO : OP_INVOKE; /* Jepsen's convention */
    generator_update(dispatch->generator, &context, thread, &out->op);
}

void dispatch_complete(struct dispatch *dispatch, int64_t now_ns, uint32_t thread,
                       const struct op *completion)
{
    assert(dispatch->busy[thread]);
    struct generator_context context = make_context(dispatch, now_ns, thread, NULL);
    generator_update(dispatch->generator, &context, thread, completion);
    if (thread < dispatch->client_count && completion->type == OP_INFO)
        dispatch->process[thread] += (int32_t)dispatch->client_count;
}

void dispatch_release(struct dispatch *dispatch, uint32_t thread)
{
    assert(dispatch->busy[thread]);
    dispatch->busy[thread] = false;
    dispatch->free_count++;
    dispatch->free_since[thread] = ++dispatch->releases;
}

uint32_t dispatch_longest_free(const struct dispatch *dispatch)
{
    if (dispatch->free_count == 0)
        return DISPATCH_NOBODY;
    uint32_t best = DISPATCH_NOBODY;
    for (uint32_t i = 0; i < dispatch->client_count; i++)
        if (!dispatch->busy[i] &&
            (best == DISPATCH_NOBODY || dispatch->free_since[i] < dispatch->free_since[best]))
            best = i;
    /* Somebody is free; if it is no client, it is the nemesis. */
    return best != DISPATCH_NOBODY ? best : dispatch->client_count;
}

int32_t dispatch_next_process(const struct dispatch *dispatch)
{
    int32_t next = 0;
    for (uint32_t i = 0; i < dispatch->client_count; i++)
        next = dispatch->process[i] >= next ? dispatch->process[i] + 1 : next;
    return next;
}
