#include "specimens/specimen.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const struct replication *const replications[] = {
    &replication_primary, &replication_chain,     &replication_quorum,
    &replication_gossip,  &replication_causal,    &replication_counter,
    &replication_set,     &replication_two_phase, NULL,
};

static const char *find_name(const char *const *names, const char *name)
{
    while (*names && strcmp(*names, name) != 0)
        names++;
    return *names;
}

static bool choose(struct specimen *node, const struct replication *type, const char *variant,
                   const char *bug)
{
    node->type = type;
    node->variant = variant && variant[0] ? find_name(type->variants, variant) : type->variants[0];
    node->bug = bug[0] ? find_name(type->bugs, bug) : "";
    return node->variant && node->bug;
}

bool specimen_open(struct specimen *node, const char *replication, const char *variant,
                   const char *bug)
{
    const struct replication *const *at = replications;
    while (*at && strcmp((*at)->name, replication) != 0)
        at++;
    if (!*at || !choose(node, *at, variant, bug))
        return false;
    node->state = node->type->open(node);
    return true;
}

void specimen_close(struct specimen *node)
{
    node->type->close(node->state);
}

bool specimen_has_bug(const struct specimen *node, const char *bug)
{
    return strcmp(node->bug, bug) == 0;
}

bool specimen_is(const struct specimen *node, const char *variant)
{
    return strcmp(node->variant, variant) == 0;
}

int64_t specimen_id(struct specimen *node)
{
    return node->next_id++ * SPECIMEN_NODES_MAX + node->self;
}

void specimen_send_others(struct specimen *node, json_t *message)
{
    for (uint32_t to = 0; to < node->count; to++)
        if (to != node->self)
            node->send(node, to, json_incref(message));
    json_decref(message);
}

void specimen_send_all(struct specimen *node, json_t *message)
{
    node->send(node, node->self, json_incref(message));
    specimen_send_others(node, message);
}

uint32_t specimen_other(struct specimen *node)
{
    if (node->count == 1)
        return node->self;
    uint32_t other = (uint32_t)random_below(&node->random, node->count - 1);
    return other < node->self ? other : other + 1;
}

void specimen_succeed(struct specimen *node, int64_t request, json_t *value)
{
    node->answer(node, request,
                 value ? specimen_pack("{s:s, s:o}", "type", "ok", "value", value)
                       : specimen_pack("{s:s}", "type", "ok"));
}

void specimen_refuse(struct specimen *node, int64_t request, const char *error)
{
    node->answer(node, request, specimen_pack("{s:s, s:s}", "type", "fail", "error", error));
}

json_t *specimen_pack(const char *format, ...)
{
    va_list arguments;
    json_error_t problem;
    va_start(arguments, format);
    json_t *json = json_vpack_ex(&problem, 0, format, arguments);
    va_end(arguments);
    if (!json) {
        fprintf(stderr, "cannot pack %s: %s\n", format, problem.text);
        abort();
    }
    return json;
}

const char *message_type(const json_t *message)
{
    const char *type = json_string_value(json_object_get(message, "t"));
    return type ? type : "";
}

int64_t message_int(const json_t *message, const char *name)
{
    return json_integer_value(json_object_get(message, name));
}

const char *specimen_key(const json_t *key, char out[SPECIMEN_KEY_SIZE])
{
    snprintf(out, SPECIMEN_KEY_SIZE, "%" JSON_INTEGER_FORMAT, json_integer_value(key));
    return out;
}
