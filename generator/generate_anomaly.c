/* How an anomaly gets into a history: at the chosen moment two clients of one object (or all) come
 * to rest as they finish; then, while nothing else on that object takes effect, they act out the
 * model's script, each step invoked after the one before it completed. Other operations stay open
 * meanwhile: to a checker all of them overlap the anomaly.
 *
 * Why each anomaly is certainly a violation is said beside its script, in the object's file. */
#include "core/err.h"
#include "generator/generate_world.h"

void scene_prepare(struct world *world)
{
    const struct generate_options *options = world->options;
    struct scene *scene = &world->scene;
    if (!options->anomaly)
        return;
    uint32_t clients = world->client_count / world->object_count;
    scene->phase = SCENE_AHEAD;
    scene->object = (uint32_t)random_below(&world->random, world->object_count);
    scene->starts_at = (uint64_t)(options->anomaly_at * (double)options->operations);
    scene->wanted = clients;
    if (!world->model->script_needs_rest && clients > ACTORS_MAX)
        scene->wanted = ACTORS_MAX;
}

bool scene_takes(struct world *world, struct client *client)
{
    struct scene *scene = &world->scene;
    if (scene->phase == SCENE_AHEAD && world->invoked >= scene->starts_at)
        scene->phase = SCENE_GATHERS;
    if (scene->phase != SCENE_GATHERS || client->object != scene->object)
        return false;
    struct generate_object *object = world->objects[client->object].object;
    object->should_rest = true;
    if (world->model->may_rest && !world->model->may_rest(object, client->call->client))
        return false;
    if (scene->actor_count < ACTORS_MAX)
        scene->actors[scene->actor_count++] = (uint32_t)(client - world->clients);
    client->is_actor = true;
    if (++scene->gathered == scene->wanted) {
        scene->phase = SCENE_PLAYS;
        object->script_state = 0;
    }
    return true;
}

bool scene_holds(const struct world *world, uint32_t object)
{
    return world->scene.phase == SCENE_PLAYS && world->scene.object == object;
}

static int invoke_step(struct world *world, struct client *client)
{
    struct scene *scene = &world->scene;
    struct generate_call *call = client->call;
    call->mode = GENERATE_TRUE;
    call->progress = 0;
    call->crashes = false;
    struct generate_object *object = world->objects[scene->object].object;
    bool goes_on = world->model->script(object, world->options->anomaly, scene->step, call);
    if (object->no_memory)
        return ERR_NOMEM;
    if (!goes_on) {
        scene->phase = SCENE_OVER;
        return 1;
    }
    scene->step_is_open = true;
    world->invoked++;
    int rc = world_emit(world, client, OP_INVOKE, call->argument);
    return rc != 0 ? rc : 1;
}

static int complete_step(struct world *world, const struct client *client)
{
    struct scene *scene = &world->scene;
    struct generate_call *call = client->call;
    bool ok = call->mode == GENERATE_FORGED;
    if (call->mode == GENERATE_TRUE)
        ok = world->model->apply(world->objects[scene->object].object, call) == GENERATE_APPLIED;
    scene->step_is_open = false;
    scene->step++;
    int rc = world_emit(world, client, ok ? OP_OK : OP_FAIL, ok ? call->result : call->argument);
    return rc != 0 ? rc : 1;
}

int scene_act(struct world *world, struct client *client)
{
    struct scene *scene = &world->scene;
    if (!client->is_actor || (scene->phase != SCENE_GATHERS && scene->phase != SCENE_PLAYS))
        return 0;
    uint32_t turn = scene->actors[scene->step % scene->actor_count];
    if (scene->phase == SCENE_GATHERS || client != &world->clients[turn])
        return 1;
    return scene->step_is_open ? complete_step(world, client) : invoke_step(world, client);
}
