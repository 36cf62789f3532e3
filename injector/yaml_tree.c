#include "injector/yaml_tree.h"

#include "core/err.h"
#include "core/errbuf.h"
#include "injector/yaml_node.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

struct tree_builder {
    struct arena *arena;
    struct errbuf *err;
    const char *source;
    bool has_lines;
    struct yaml_node *root;
    struct yaml_node *current; /* the open sequence or mapping; NULL at the top */
    const char *key;           /* of the member that comes next in the mapping `current` */
    uint32_t key_line;
    uint32_t depth;
    uint32_t node_count;
    uint32_t documents;
};

static int fail_at(struct tree_builder *builder, size_t line, const char *what)
{
    if (builder->has_lines)
        return errbuf_set(builder->err, ERR_INPUT, "%s:%zu: %s", builder->source, line, what);
    return errbuf_set(builder->err, ERR_INPUT, "%s: %s", builder->source, what);
}

static size_t event_line(const yaml_event_t *event)
{
    return event->start_mark.line + 1;
}

static int fail_no_memory(struct tree_builder *builder)
{
    return errbuf_set(builder->err, ERR_NOMEM, "%s: no memory", builder->source);
}

static int take_key(struct tree_builder *builder, const yaml_event_t *event)
{
    char text[YAML_TREE_KEY_MAX + 100];
    size_t line = event_line(event), length = event->data.scalar.length;
    const char *key = (const char *)event->data.scalar.value;
    if (length == 0)
        return fail_at(builder, line, "a key is empty");
    if (length > YAML_TREE_KEY_MAX)
        return fail_at(builder, line, "a key is longer than 128 bytes");
    const struct yaml_node *before = yaml_node_find(builder->current, key);
    if (before) {
        char shown[YAML_TREE_KEY_MAX + 8];
        yaml_text_printable(key, shown, sizeof shown);
        snprintf(text, sizeof text, "the key is there twice, first on line %u", before->line);
        struct yaml_node twice = {.kind = YAML_SCALAR,
                                  .line = builder->has_lines ? (uint32_t)line : 0,
                                  .source = builder->source,
                                  .key = shown,
                                  .parent = builder->current};
        return yaml_node_error(&twice, builder->err, "%s",
                               builder->has_lines ? text : "the key is there twice");
    }
    builder->key = arena_strdup(builder->arena, key);
    builder->key_line = (uint32_t)line;
    return builder->key ? 0 : fail_no_memory(builder);
}

/* Puts a new node where it belongs. */
static int take_node(struct tree_builder *builder, size_t line, struct yaml_node *node)
{
    if (!node)
        return fail_no_memory(builder);
    if (++builder->node_count > YAML_TREE_NODES_MAX)
        return fail_at(builder, line, "more than 10000 values");
    node->line = (uint32_t)line;
    if (builder->key) {
        node->key = builder->key;
        node->line = builder->key_line;
        builder->key = NULL;
    }
    if (!builder->has_lines)
        node->line = 0;
    if (builder->current)
        yaml_node_add(builder->current, node);
    else
        builder->root = node;
    return 0;
}

static int take_scalar(struct tree_builder *builder, const yaml_event_t *event)
{
    const char *text = (const char *)event->data.scalar.value;
    if (strlen(text) != event->data.scalar.length)
        return fail_at(builder, event_line(event), "a text holds the byte NUL");
    struct yaml_node *current = builder->current;
    if (current && current->kind == YAML_MAPPING && !builder->key)
        return take_key(builder, event);
    bool plain = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
    return take_node(builder, event_line(event),
                     yaml_node_new_text(builder->arena, builder->source, text, plain));
}

static int take_start(struct tree_builder *builder, const yaml_event_t *event, enum yaml_kind kind)
{
    struct yaml_node *current = builder->current;
    if (current && current->kind == YAML_MAPPING && !builder->key)
        return fail_at(builder, event_line(event), "a key must be a plain name");
    if (builder->depth == YAML_TREE_DEPTH_MAX)
        return fail_at(builder, event_line(event), "nested deeper than 32 levels");
    struct yaml_node *node = yaml_node_new(builder->arena, kind, builder->source);
    int rc = take_node(builder, event_line(event), node);
    if (rc != 0)
        return rc;
    builder->depth++;
    builder->current = node;
    return 0;
}

/* What YAML can do and we do not want: the same text must never mean two things. */
static int refuse_extras(struct tree_builder *builder, const yaml_event_t *event)
{
    bool anchor = event->type == YAML_ALIAS_EVENT, tag = false;
    if (event->type == YAML_SCALAR_EVENT) {
        anchor = event->data.scalar.anchor != NULL;
        tag = event->data.scalar.tag != NULL;
    } else if (event->type == YAML_SEQUENCE_START_EVENT) {
        anchor = event->data.sequence_start.anchor != NULL;
        tag = event->data.sequence_start.tag != NULL;
    } else if (event->type == YAML_MAPPING_START_EVENT) {
        anchor = event->data.mapping_start.anchor != NULL;
        tag = event->data.mapping_start.tag != NULL;
    }
    if (anchor)
        return fail_at(builder, event_line(event),
                       "anchors (&name) and aliases (*name) are not supported; write the value "
                       "out, or quote it if it is a text");
    if (tag)
        return fail_at(builder, event_line(event),
                       "tags (!name) are not supported; leave it out, or quote it if it is a text");
    return 0;
}

static int take_event(struct tree_builder *builder, const yaml_event_t *event)
{
    int rc = refuse_extras(builder, event);
    if (rc != 0)
        return rc;
    switch (event->type) {
    case YAML_DOCUMENT_START_EVENT:
        return builder->documents++ == 0 ? 0
                                         : fail_at(builder, event_line(event),
                                                   "a second document begins; one is allowed");
    case YAML_SCALAR_EVENT:
        return take_scalar(builder, event);
    case YAML_SEQUENCE_START_EVENT:
        return take_start(builder, event, YAML_SEQUENCE);
    case YAML_MAPPING_START_EVENT:
        return take_start(builder, event, YAML_MAPPING);
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT:
        builder->depth--;
        builder->current = builder->current->parent;
        return 0;
    default:
        return 0;
    }
}

/* Is there a tab among the white space that line number `line` (from 0) begins with? libyaml's own
 * words for that ("found character that cannot start any token") help nobody. */
static bool indented_by_tab(const char *text, size_t length, size_t line)
{
    const char *at = text, *end = text + length;
    for (; line > 0 && at; line--) {
        at = memchr(at, '\n', (size_t)(end - at));
        at = at ? at + 1 : NULL;
    }
    for (; at && at < end && (*at == ' ' || *at == '\t'); at++)
        if (*at == '\t')
            return true;
    return false;
}

static size_t line_of_byte(const char *text, size_t length, size_t offset)
{
    size_t line = 1;
    for (size_t i = 0; i < offset && i < length; i++)
        line += text[i] == '\n';
    return line;
}

static int fail_parser(struct tree_builder *builder, const yaml_parser_t *parser, const char *text,
                       size_t length)
{
    char what[200];
    const char *problem = parser->problem ? parser->problem : "it cannot be read";
    if (parser->error == YAML_MEMORY_ERROR)
        return fail_no_memory(builder);
    if (parser->error == YAML_READER_ERROR) {
        snprintf(what, sizeof what, "not UTF-8 text: %s", problem);
        return fail_at(builder, line_of_byte(text, length, parser->problem_offset), what);
    }
    if (indented_by_tab(text, length, parser->problem_mark.line))
        return fail_at(builder, parser->problem_mark.line + 1,
                       "the line begins with a tab; indent with spaces");
    snprintf(what, sizeof what, "not YAML: %s%s%s", problem, parser->context ? ", " : "",
             parser->context ? parser->context : "");
    return fail_at(builder, parser->problem_mark.line + 1, what);
}

static int parse_events(struct tree_builder *builder, yaml_parser_t *parser, const char *text,
                        size_t length)
{
    for (bool done = false; !done;) {
        yaml_event_t event;
        if (!yaml_parser_parse(parser, &event))
            return fail_parser(builder, parser, text, length);
        done = event.type == YAML_STREAM_END_EVENT;
        int rc = take_event(builder, &event);
        yaml_event_delete(&event);
        if (rc != 0)
            return rc;
    }
    return builder->root ? 0 : fail_at(builder, 1, "there is nothing in it");
}

static int parse_tree(struct tree_builder *builder, const char *text, size_t length)
{
    yaml_parser_t parser;
    if (length > YAML_TREE_BYTES_MAX)
        return fail_at(builder, 1, "longer than 256 KiB");
    if (!yaml_parser_initialize(&parser))
        return fail_no_memory(builder);
    /* Else a byte order mark would make it UTF-16. */
    yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&parser, (const unsigned char *)text, length);
    int rc = parse_events(builder, &parser, text, length);
    yaml_parser_delete(&parser);
    return rc;
}

static int build_tree(const char *source, bool has_lines, const char *text, size_t length,
                      struct arena *arena, struct yaml_node **out, struct errbuf *err)
{
    struct tree_builder builder = {
        .arena = arena, .err = err, .source = arena_strdup(arena, source), .has_lines = has_lines};
    if (!builder.source)
        return errbuf_set(err, ERR_NOMEM, "%s: no memory", source);
    int rc = parse_tree(&builder, text, length);
    if (rc == 0)
        *out = builder.root;
    return rc;
}

int yaml_tree_parse(const char *source, const char *text, size_t length, struct arena *arena,
                    struct yaml_node **out, struct errbuf *err)
{
    return build_tree(source, true, text, length, arena, out, err);
}

int yaml_tree_parse_value(const char *source, const char *text, struct arena *arena,
                          struct yaml_node **out, struct errbuf *err)
{
    return build_tree(source, false, text, strlen(text), arena, out, err);
}

int yaml_text_read(const char *path, char **out, size_t *length, struct errbuf *err)
{
    FILE *file = fopen(path, "re");
    if (!file)
        return errbuf_set_errno(err, ERR_INPUT, "%s", path);
    char *text = malloc(YAML_TREE_BYTES_MAX + 1);
    int rc = text ? 0 : errbuf_set(err, ERR_NOMEM, "%s: no memory", path);
    if (rc == 0) {
        *length = fread(text, 1, YAML_TREE_BYTES_MAX + 1, file);
        if (ferror(file))
            rc = errbuf_set_errno(err, ERR_INPUT, "%s", path);
    }
    fclose(file);
    if (rc == 0)
        *out = text;
    else
        free(text);
    return rc;
}

int yaml_tree_read(const char *path, struct arena *arena, struct yaml_node **out,
                   struct errbuf *err)
{
    char *text = NULL;
    size_t length = 0;
    int rc = yaml_text_read(path, &text, &length, err);
    if (rc != 0)
        return rc;
    rc = yaml_tree_parse(path, text, length, arena, out, err);
    free(text);
    return rc;
}
