/* The simulated clients of a generated history: who is doing what. Private to generate.c, which
 * schedules them, and generate_anomaly.c, which lets some of them act out an anomaly. */
#ifndef GENERATOR_GENERATE_WORLD_H
#define GENERATOR_GENERATE_WORLD_H

#include "generator/generate_object.h"

enum client_state {
    CLIENT_RESTING,
    CLIENT_OPEN,    /* invoked; has no effect yet */
    CLIENT_DECIDED, /* has taken effect, or been refused; not answered yet */
};

enum client_fate { FATE_OK, FATE_FAIL, FATE_CRASH };

struct client {
    int32_t process;
    uint32_t object;
    uint8_t state, fate;
    bool is_actor; /* of the anomaly */
    struct generate_call *call;
};

/* Crashed operations that may still take effect, a few for each object. */
enum { GHOSTS_MAX = 4, ACTORS_MAX = 2 };

struct object_slot {
    struct generate_object *object;
    struct generate_call *ghosts[GHOSTS_MAX];
    uint32_t ghost_count;
};

enum scene_phase {
    SCENE_NONE,
    SCENE_AHEAD,
    SCENE_GATHERS, /* its actors finish what they are doing, and rest */
    SCENE_PLAYS,   /* nothing else takes effect on the object */
    SCENE_OVER,
};

/* An anomaly on its way. */
struct scene {
    enum scene_phase phase;
    uint32_t object;
    uint64_t starts_at; /* operations invoked before it */
    uint32_t wanted, gathered;
    uint32_t actors[ACTORS_MAX];
    uint32_t actor_count;
    uint32_t step;
    bool step_is_open;
};

struct world {
    const struct generate_options *options;
    const struct generate_model *model;
    const struct op_sink *sink;
    struct errbuf *err;
    struct random random;
    struct object_slot *objects;
    uint32_t object_count;
    struct client *clients; /* those of an object lie together */
    uint32_t client_count;
    uint32_t *active; /* clients that still have something to do, in any order */
    uint32_t active_count;
    struct generate_call **spare; /* calls that nobody uses */
    uint32_t spare_count;
    uint64_t invoked;
    int64_t index, time_ns;
    struct scene scene;
};

/* Appends an event of the client's operation to the history. */
int world_emit(struct world *world, const struct client *client, enum op_type type,
               struct value value);

/* Chooses when and where the anomaly will be. */
void scene_prepare(struct world *world);

/* A client of the scene's object has finished its operation: whether it rests now. */
bool scene_takes(struct world *world, struct client *client);

/* Whether operations of this object must wait with taking effect. */
bool scene_holds(const struct world *world, uint32_t object);

/* A resting client has been picked. Returns 1 if it acted or has to wait, 0 if the scene does not
 * need it (any more), or what the sink returned. */
int scene_act(struct world *world, struct client *client);

#endif
