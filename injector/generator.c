#include "injector/generator.h"

#include "injector/generator_impl.h"

#include <assert.h>

void generator_step(struct generator *generator, const struct generator_context *context,
                    struct generator_step *out)
{
    generator->type->step(generator, context, out);
    assert(out->outcome != GENERATOR_OP ||
           (out->thread >= context->first && out->thread < context->last &&
            !context->busy[out->thread]));
}

void generator_update(struct generator *generator, const struct generator_context *context,
                      uint32_t thread, const struct op *event)
{
    if (generator->type->update)
        generator->type->update(generator, context, thread, event);
}

bool generator_free_thread(const struct generator_context *context, uint32_t *thread)
{
    uint32_t preferred = context->preferred;
    if (preferred >= context->first && preferred < context->last && !context->busy[preferred]) {
        *thread = preferred;
        return true;
    }
    for (uint32_t i = context->first; i < context->last; i++) {
        if (!context->busy[i]) {
            *thread = i;
            return true;
        }
    }
    return false;
}

struct generator **generator_children(struct arena *arena, struct generator *const *children,
                                      size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (!children[i])
            return NULL;
    return arena_copy(arena, children, count * sizeof(struct generator *));
}
