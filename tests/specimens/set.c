/* A set as a CRDT (Shapiro et al., SSS 2011: the observed-remove set): an add puts a tag of its own
 * on the element, a remove buries the tags that it sees, and an element is in the set while it has
 * a tag that is not buried. Nodes tell each other everything, and unite it.
 *
 * In the end every acknowledged add is there, but for those that a remove saw, and what was removed
 * and not added again is not; until then a read may lack some.
 *
 * Bugs: lost-tombstone removes the tags it sees and does not remember them, so that another node
 * brings them back; overwrite takes another node's tags of an element for all there are; tell-once
 * tells of a change when it is made, and never again. */
#include "specimens/specimen.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ELEMENTS_AT_ONCE = 64 };

/* {element: {tag: buried}}. */
struct set {
    json_t *elements;
    size_t next_told;
};

static void *set_open(struct specimen *node)
{
    (void)node;
    struct set *set = calloc(1, sizeof *set);
    if (!set)
        abort();
    set->elements = json_object();
    return set;
}

static void set_close(void *state)
{
    struct set *set = state;
    json_decref(set->elements);
    free(set);
}

static json_t *tags_of(struct set *set, const char *element)
{
    json_t *tags = json_object_get(set->elements, element);
    if (!tags)
        json_object_set_new(set->elements, element, tags = json_object());
    return tags;
}

static bool is_in(const json_t *tags)
{
    const char *tag;
    json_t *buried;
    json_object_foreach((json_t *)tags, tag, buried) if (json_is_false(buried)) return true;
    return false;
}

/* The bug tell-once. */
static void tell(struct specimen *node, const char *element)
{
    json_t *some = json_object();
    json_object_set_new(some, element, json_copy(tags_of(node->state, element)));
    specimen_send_others(node, specimen_pack("{s:s, s:o}", "t", "elements", "elements", some));
}

static void add(struct specimen *node, const char *element)
{
    char tag[SPECIMEN_KEY_SIZE];
    snprintf(tag, sizeof tag, "%lld", (long long)specimen_id(node));
    json_object_set_new(tags_of(node->state, element), tag, json_false());
}

static void remove_element(struct specimen *node, const char *element)
{
    json_t *tags = tags_of(node->state, element), *buried;
    const char *tag;
    if (specimen_has_bug(node, "lost-tombstone"))
        json_object_clear(tags);
    json_object_foreach(tags, tag, buried) json_object_set_new(tags, tag, json_true());
}

static json_t *all(const struct set *set)
{
    json_t *list = json_array(), *tags;
    const char *element;
    json_object_foreach(set->elements, element, tags) if (is_in(tags))
        json_array_append_new(list, json_integer(strtoll(element, NULL, 10)));
    return specimen_pack("{s:o}", "set", list);
}

static void set_request(struct specimen *node, int64_t request, json_t *op)
{
    char element[SPECIMEN_KEY_SIZE];
    const char *name = json_string_value(json_object_get(op, "f")), *f = name ? name : "";
    struct set *set = node->state;
    specimen_key(json_object_get(op, "value"), element);
    if (strcmp(f, "read") == 0) {
        specimen_succeed(node, request, all(set));
    } else if (strcmp(f, "contains") == 0) {
        specimen_succeed(node, request,
                         json_boolean(is_in(json_object_get(set->elements, element))));
    } else if (strcmp(f, "add") == 0 || strcmp(f, "remove") == 0) {
        (f[0] == 'a' ? add : remove_element)(node, element);
        if (specimen_has_bug(node, "tell-once"))
            tell(node, element);
        specimen_succeed(node, request, NULL);
    } else {
        specimen_refuse(node, request, "a set does not do that");
    }
}

static void unite(json_t *here, const json_t *there)
{
    const char *tag;
    json_t *buried;
    json_object_foreach((json_t *)there, tag, buried) if (!json_is_true(json_object_get(here, tag)))
        json_object_set(here, tag, buried);
}

static void set_message(struct specimen *node, uint32_t from, json_t *message)
{
    (void)from;
    const char *element;
    json_t *there;
    json_object_foreach(json_object_get(message, "elements"), element, there)
    {
        json_t *here = tags_of(node->state, element);
        if (specimen_has_bug(node, "overwrite"))
            json_object_clear(here);
        unite(here, there);
    }
}

static void set_tick(struct specimen *node)
{
    struct set *set = node->state;
    if (specimen_has_bug(node, "tell-once"))
        return;
    json_t *some = json_object(), *tags;
    const char *element;
    size_t number = 0;
    if (set->next_told >= json_object_size(set->elements))
        set->next_told = 0;
    json_object_foreach(set->elements, element, tags)
    {
        if (number >= set->next_told && number < set->next_told + ELEMENTS_AT_ONCE)
            json_object_set_new(some, element, json_copy(tags));
        number++;
    }
    set->next_told += ELEMENTS_AT_ONCE;
    node->send(node, specimen_other(node),
               specimen_pack("{s:s, s:o}", "t", "elements", "elements", some));
}

static const char *const variants[] = {"observed-remove", NULL};
static const char *const bugs[] = {"lost-tombstone", "overwrite", "tell-once", NULL};

const struct replication replication_set = {
    .name = "set",
    .doc = "a set as a CRDT",
    .variants = variants,
    .bugs = bugs,
    .open = set_open,
    .close = set_close,
    .request = set_request,
    .message = set_message,
    .tick = set_tick,
};
