#include "injector/yaml_tree.h"

#include "injector/yaml_node.h"

#include "core/err.h"
#include "core/errbuf.h"
#include "core/strbuf.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* --- nodes --- */

struct yaml_node *yaml_node_new(struct arena *arena, enum yaml_kind kind, const char *source)
{
    struct yaml_node *node = arena_zalloc(arena, 1, sizeof *node);
    if (!node)
        return NULL;
    node->kind = kind;
    node->source = source;
    return node;
}

struct yaml_node *yaml_node_new_text(struct arena *arena, const char *source, const char *text,
                                     bool plain)
{
    struct yaml_node *node = yaml_node_new(arena, YAML_SCALAR, source);
    if (node) {
        node->text = arena_strdup(arena, text);
        node->plain = plain;
    }
    return node && node->text ? node : NULL;
}

void yaml_node_add(struct yaml_node *parent, struct yaml_node *child)
{
    child->parent = parent;
    child->index = parent->count++;
    child->next = NULL;
    if (parent->last)
        parent->last->next = child;
    else
        parent->first = child;
    parent->last = child;
}

struct yaml_node *yaml_node_copy(struct arena *arena, const struct yaml_node *node)
{
    struct yaml_node *copy = yaml_node_new(arena, node->kind, node->source);
    if (!copy)
        return NULL;
    copy->line = node->line;
    copy->plain = node->plain;
    copy->text = node->text ? arena_strdup(arena, node->text) : NULL;
    if (node->text && !copy->text)
        return NULL;
    for (const struct yaml_node *child = node->first; child; child = child->next) {
        struct yaml_node *copied = yaml_node_copy(arena, child);
        if (!copied)
            return NULL;
        copied->key = child->key ? arena_strdup(arena, child->key) : NULL;
        if (child->key && !copied->key)
            return NULL;
        yaml_node_add(copy, copied);
    }
    return copy;
}

int yaml_node_append(struct yaml_node *sequence, struct yaml_node *item)
{
    if (!item)
        return ERR_NOMEM;
    yaml_node_add(sequence, item);
    return 0;
}

const struct yaml_node *yaml_node_find(const struct yaml_node *mapping, const char *key)
{
    if (!mapping || mapping->kind != YAML_MAPPING)
        return NULL;
    for (const struct yaml_node *child = mapping->first; child; child = child->next)
        if (strcmp(child->key, key) == 0)
            return child;
    return NULL;
}

int yaml_node_set(struct arena *arena, struct yaml_node *mapping, const char *key,
                  struct yaml_node *value)
{
    if (!value)
        return ERR_NOMEM;
    struct yaml_node *old = (struct yaml_node *)yaml_node_find(mapping, key);
    if (!old) {
        value->key = arena_strdup(arena, key);
        if (!value->key)
            return ERR_NOMEM;
        yaml_node_add(mapping, value);
        return 0;
    }
    /* The old node takes over what the new one is, and keeps its place. */
    struct yaml_node place = *old;
    *old = *value;
    old->key = place.key;
    old->index = place.index;
    old->parent = place.parent;
    old->next = place.next;
    for (struct yaml_node *child = old->first; child; child = child->next)
        child->parent = old;
    return 0;
}

bool yaml_node_is_null(const struct yaml_node *node)
{
    return node->kind == YAML_SCALAR && node->plain &&
           (node->text[0] == '\0' || strcmp(node->text, "~") == 0 ||
            strcmp(node->text, "null") == 0);
}

/* --- messages --- */

void yaml_text_printable(const char *text, char *out, size_t size)
{
    size_t length = 0;
    for (; text[length] && length + 4 < size; length++)
        out[length] =
            (unsigned char)text[length] < 0x20 || text[length] == 0x7f ? '?' : text[length];
    bool cut = text[length] != '\0';
    while (cut && length > 0 && ((unsigned char)text[length] & 0xc0) == 0x80)
        length--; /* not in the middle of a character */
    snprintf(out + length, size - length, "%s", cut ? "..." : "");
}

void yaml_node_describe(const struct yaml_node *node, char out[YAML_DESCRIPTION_SIZE])
{
    char text[48];
    if (node->kind != YAML_SCALAR || yaml_node_is_null(node)) {
        snprintf(out, YAML_DESCRIPTION_SIZE, "%s%s",
                 node->kind == YAML_SCALAR ? ""
                 : node->count > 0         ? "a "
                                           : "an empty ",
                 node->kind == YAML_SEQUENCE  ? "list"
                 : node->kind == YAML_MAPPING ? "mapping"
                                              : "nothing");
        return;
    }
    yaml_text_printable(node->text, text, sizeof text);
    snprintf(out, YAML_DESCRIPTION_SIZE, node->plain ? "'%s'" : "the text \"%s\"", text);
}

static void write_path(struct strbuf *out, const struct yaml_node *node,
                       const struct yaml_node *base, const char *path)
{
    if (node == base && path) {
        strbuf_puts(out, path);
        return;
    }
    if (!node->parent)
        return;
    write_path(out, node->parent, base, path);
    char key[YAML_TREE_KEY_MAX + 8];
    if (!node->key) {
        strbuf_printf(out, "[%u]", node->index);
        return;
    }
    yaml_text_printable(node->key, key, sizeof key);
    strbuf_printf(out, "%s%s", out->length ? "." : "", key);
}

__attribute__((format(printf, 5, 0))) static int place_error(const struct yaml_node *node,
                                                             const struct yaml_node *base,
                                                             const char *path, struct errbuf *err,
                                                             const char *format, va_list args)
{
    struct strbuf place = STRBUF_INIT;
    char text[sizeof err->text];
    vsnprintf(text, sizeof text, format, args);
    write_path(&place, node, base, path);
    errbuf_set(err, ERR_INPUT, "%s%s%s", place.length ? place.text : "", place.length ? ": " : "",
               text);
    strbuf_fini(&place);
    if (node->line)
        errbuf_prefix(err, "%s:%u", node->source, node->line);
    else
        errbuf_prefix(err, "%s", node->source);
    return ERR_INPUT;
}

int yaml_node_error(const struct yaml_node *node, struct errbuf *err, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int rc = place_error(node, NULL, NULL, err, format, args);
    va_end(args);
    return rc;
}

int yaml_node_error_below(const struct yaml_node *node, const struct yaml_node *base,
                          const char *path, struct errbuf *err, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int rc = place_error(node, base, path, err, format, args);
    va_end(args);
    return rc;
}

int yaml_node_error_missing(const struct yaml_node *mapping, const char *key, struct errbuf *err,
                            const char *format, ...)
{
    struct yaml_node missing = {.line = mapping->line,
                                .source = mapping->source,
                                .key = key,
                                .parent = (struct yaml_node *)mapping};
    va_list args;
    va_start(args, format);
    int rc = place_error(&missing, NULL, NULL, err, format, args);
    va_end(args);
    return rc;
}
