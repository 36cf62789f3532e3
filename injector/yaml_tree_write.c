#include "injector/yaml_tree.h"

#include "core/strbuf.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

enum { FLOW_WIDTH = 92 };

/* Bytes that mean nothing to YAML wherever they stand. */
static bool plain_is_safe(const char *text)
{
    if (text[0] == '\0' || strncmp(text, "---", 3) == 0 || strncmp(text, "...", 3) == 0 ||
        strcmp(text, "-") == 0)
        return false;
    for (const char *c = text; *c; c++)
        if (!isalnum((unsigned char)*c) && !strchr("_-./+", *c))
            return false;
    return true;
}

/* One character of valid UTF-8, escaped if YAML cannot hold it as it is. Returns its bytes. */
static size_t write_character(struct strbuf *out, const char *text)
{
    static const unsigned char masks[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
    unsigned char lead = (unsigned char)text[0];
    size_t size = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    uint32_t code = lead & masks[size];
    for (size_t i = 1; i < size; i++)
        code = code << 6 | ((unsigned char)text[i] & 0x3f);
    bool raw = (code >= 0x20 && code < 0x7f) ||
               (code >= 0xa0 && code < 0xd800 && code != 0x2028 && code != 0x2029) ||
               (code >= 0xe000 && code < 0xfffe && code != 0xfeff) || code >= 0x10000;
    if (code == '"' || code == '\\')
        strbuf_printf(out, "\\%c", (char)code);
    else if (code == '\n')
        strbuf_puts(out, "\\n");
    else if (raw)
        strbuf_add(out, text, size);
    else
        strbuf_printf(out, "\\u%04X", code);
    return size;
}

static void write_text(struct strbuf *out, const char *text, bool plain)
{
    if (plain && plain_is_safe(text)) {
        strbuf_puts(out, text);
        return;
    }
    strbuf_putc(out, '"');
    while (*text)
        text += write_character(out, text);
    strbuf_putc(out, '"');
}

static void write_scalar(struct strbuf *out, const struct yaml_node *node)
{
    if (yaml_node_is_null(node))
        strbuf_puts(out, "null");
    else
        write_text(out, node->text, node->plain);
}

static void write_flow(struct strbuf *out, const struct yaml_node *node)
{
    if (node->kind == YAML_SCALAR) {
        write_scalar(out, node);
        return;
    }
    bool mapping = node->kind == YAML_MAPPING;
    strbuf_putc(out, mapping ? '{' : '[');
    for (const struct yaml_node *child = node->first; child; child = child->next) {
        if (child != node->first)
            strbuf_puts(out, ", ");
        if (mapping) {
            write_text(out, child->key, true);
            strbuf_puts(out, ": ");
        }
        write_flow(out, child);
    }
    strbuf_putc(out, mapping ? '}' : ']');
}

/* Writes it in flow style if that fits behind `used` columns; else nothing, and false. */
static bool write_if_fits(struct strbuf *out, const struct yaml_node *node, size_t used)
{
    struct strbuf flow = STRBUF_INIT;
    write_flow(&flow, node);
    bool fits = node->count == 0 || used + flow.length <= FLOW_WIDTH || flow.failed;
    if (fits)
        strbuf_add(out, flow.text ? flow.text : "", flow.length);
    out->failed = out->failed || flow.failed;
    strbuf_fini(&flow);
    return fits;
}

static void write_block(struct strbuf *out, const struct yaml_node *node, size_t indent)
{
    for (const struct yaml_node *child = node->first; child; child = child->next) {
        size_t start = out->length;
        strbuf_printf(out, "%*s", (int)indent, "");
        if (node->kind == YAML_MAPPING) {
            write_text(out, child->key, true);
            strbuf_putc(out, ':');
        } else {
            strbuf_putc(out, '-');
        }
        size_t mark = out->length;
        strbuf_putc(out, ' ');
        if (!write_if_fits(out, child, out->length - start)) {
            if (strbuf_ok(out))
                out->length = mark; /* no space at the end of a line */
            strbuf_putc(out, '\n');
            write_block(out, child, indent + 2);
        } else {
            strbuf_putc(out, '\n');
        }
    }
}

void yaml_node_write(struct strbuf *out, const struct yaml_node *node)
{
    if (node->count == 0) {
        write_flow(out, node);
        strbuf_putc(out, '\n');
    } else {
        write_block(out, node, 0);
    }
}
