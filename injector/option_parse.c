#include "injector/option_parse.h"

#include "core/err.h"
#include "core/errbuf.h"
#include "core/strbuf.h"
#include "core/suggest.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* --- what would be right --- */

static void put_bound(struct strbuf *out, const struct option *option, double bound)
{
    static const char *const sizes[] = {"", "KiB", "MiB", "GiB", "TiB"};
    char text[DURATION_TEXT_SIZE];
    size_t size = 0;
    if (option->type == OPTION_DURATION) {
        duration_format((int64_t)(bound * 1e9), text);
        strbuf_puts(out, text);
        return;
    }
    while (option->type == OPTION_BYTES && size < 4 && bound >= 1024 && fmod(bound, 1024) == 0) {
        bound /= 1024;
        size++;
    }
    strbuf_printf(out, "%.17g%s", bound, sizes[size]);
}

static void put_range(struct strbuf *out, const struct option *option)
{
    if (option->min == 0 && option->max == 0)
        return;
    bool has_examples = option->type == OPTION_DURATION || option->type == OPTION_BYTES;
    strbuf_puts(out, has_examples ? "," : "");
    strbuf_puts(out, option->max > option->min ? " from " : " of at least ");
    put_bound(out, option, option->min);
    if (option->max > option->min) {
        strbuf_puts(out, " to ");
        put_bound(out, option, option->max);
    }
}

static bool in_range(const struct option *option, double number)
{
    if (option->min == 0 && option->max == 0)
        return true;
    return number >= option->min && (option->max <= option->min || number <= option->max);
}

static const char *const expectations[] = {
    [OPTION_BOOL] = "true or false",
    [OPTION_INT] = "a whole number",
    [OPTION_REAL] = "a number",
    [OPTION_DURATION] = "a duration such as 250ms or 5s",
    [OPTION_STRING] = "a text",
    [OPTION_CHOICE] = "one of",
    [OPTION_CHOICES] = "one or a list of",
    [OPTION_NODE_GROUPS] = "a list of lists of node names, such as [[n1, n2], [n3]]",
    [OPTION_BYTES] = "a size such as 256MiB or 2GiB",
};

static int expect(const struct option_parse *parse, const struct option *option,
                  const struct yaml_node *node)
{
    struct strbuf right = STRBUF_INIT;
    char given[YAML_DESCRIPTION_SIZE];
    strbuf_puts(&right, expectations[option->type]);
    for (const char *const *choice = option->choices; choice && *choice; choice++)
        strbuf_printf(&right, "%s %s", choice == option->choices ? "" : ",", *choice);
    put_range(&right, option);
    yaml_node_describe(node, given);
    int rc = yaml_node_error_below(node, parse->values->node, parse->values->path, parse->err,
                                   "must be %s, not %s", right.text ? right.text : "", given);
    strbuf_fini(&right);
    return rc;
}

/* --- one value --- */

static int parse_bool(const struct option_parse *parse, const struct option *option,
                      const struct yaml_node *node, struct option_value *out)
{
    out->boolean = strcmp(node->text, "true") == 0;
    if (!node->plain || (!out->boolean && strcmp(node->text, "false") != 0))
        return expect(parse, option, node);
    return 0;
}

/* Whole numbers in decimal digits, without the liberties of strtoll. */
static bool integer_parse(const char *text, int64_t *out)
{
    const char *digits = text + (*text == '-');
    if (!*digits || strspn(digits, "0123456789") != strlen(digits))
        return false;
    errno = 0;
    *out = strtoll(text, NULL, 10);
    return errno == 0;
}

static int parse_int(const struct option_parse *parse, const struct option *option,
                     const struct yaml_node *node, struct option_value *out)
{
    if (!node->plain || !integer_parse(node->text, &out->integer) ||
        !in_range(option, (double)out->integer))
        return expect(parse, option, node);
    return 0;
}

static int parse_real(const struct option_parse *parse, const struct option *option,
                      const struct yaml_node *node, struct option_value *out)
{
    char *end = NULL;
    if (!node->plain || strspn(node->text, "0123456789.eE+-") != strlen(node->text))
        return expect(parse, option, node);
    out->real = strtod(node->text, &end);
    if (end == node->text || *end || !isfinite(out->real) || !in_range(option, out->real))
        return expect(parse, option, node);
    return 0;
}

static int parse_duration(const struct option_parse *parse, const struct option *option,
                          const struct yaml_node *node, struct option_value *out)
{
    if (!duration_parse(node->text, &out->integer) || !in_range(option, (double)out->integer / 1e9))
        return expect(parse, option, node);
    return 0;
}

static int parse_bytes(const struct option_parse *parse, const struct option *option,
                       const struct yaml_node *node, struct option_value *out)
{
    uint64_t bytes;
    if (!bytes_parse(node->text, &bytes) || !in_range(option, (double)bytes))
        return expect(parse, option, node);
    out->integer = (int64_t)bytes;
    return 0;
}

static int find_choice(const struct option_parse *parse, const struct option *option,
                       const struct yaml_node *node, size_t *out)
{
    if (node->kind != YAML_SCALAR || yaml_node_is_null(node))
        return expect(parse, option, node);
    for (size_t i = 0; option->choices[i]; i++) {
        if (strcmp(option->choices[i], node->text) == 0) {
            *out = i;
            return 0;
        }
    }
    char known[SUGGEST_SIZE], given[YAML_DESCRIPTION_SIZE];
    suggest_names(node->text, option->choices, known, sizeof known);
    yaml_node_describe(node, given);
    return yaml_node_error_below(node, parse->values->node, parse->values->path, parse->err,
                                 "there is no %s%s", given, known);
}

static int parse_choices(const struct option_parse *parse, const struct option *option,
                         const struct yaml_node *node, struct option_value *out)
{
    if (node->kind == YAML_MAPPING || (node->kind == YAML_SEQUENCE && node->count == 0))
        return expect(parse, option, node);
    bool one = node->kind == YAML_SCALAR;
    size_t *items = arena_zalloc(parse->arena, one ? 1 : node->count, sizeof *items);
    if (!items)
        return errbuf_set(parse->err, ERR_NOMEM, "no memory for options");
    out->choices.items = items;
    out->choices.count = one ? 1 : node->count;
    if (one)
        return find_choice(parse, option, node, items);
    for (const struct yaml_node *item = node->first; item; item = item->next) {
        int rc = find_choice(parse, option, item, &items[item->index]);
        if (rc != 0)
            return rc;
    }
    return 0;
}

static int parse_group(const struct option_parse *parse, const struct option *option,
                       const struct yaml_node *node, struct option_group *out)
{
    if (node->kind != YAML_SEQUENCE || node->count == 0)
        return expect(parse, option, node);
    const char **names = arena_zalloc(parse->arena, node->count, sizeof *names);
    if (!names)
        return errbuf_set(parse->err, ERR_NOMEM, "no memory for options");
    for (const struct yaml_node *item = node->first; item; item = item->next) {
        if (item->kind != YAML_SCALAR || yaml_node_is_null(item))
            return expect(parse, option, item);
        for (uint32_t i = 0; i < item->index; i++)
            if (strcmp(names[i], item->text) == 0)
                return yaml_node_error_below(item, parse->values->node, parse->values->path,
                                             parse->err, "the group names '%s' twice", item->text);
        names[item->index] = item->text;
    }
    *out = (struct option_group){.names = names, .count = node->count};
    return 0;
}

static int parse_groups(const struct option_parse *parse, const struct option *option,
                        const struct yaml_node *node, struct option_value *out)
{
    if (node->kind != YAML_SEQUENCE || node->count == 0)
        return expect(parse, option, node);
    struct option_group *groups = arena_zalloc(parse->arena, node->count, sizeof *groups);
    if (!groups)
        return errbuf_set(parse->err, ERR_NOMEM, "no memory for options");
    for (const struct yaml_node *item = node->first; item; item = item->next) {
        int rc = parse_group(parse, option, item, &groups[item->index]);
        if (rc != 0)
            return rc;
    }
    out->groups.items = groups;
    out->groups.count = node->count;
    return 0;
}

int option_value_parse(const struct option_parse *parse, const struct option *option,
                       const struct yaml_node *node, struct option_value *out)
{
    out->node = node;
    if (option->type == OPTION_CHOICES)
        return parse_choices(parse, option, node, out);
    if (option->type == OPTION_NODE_GROUPS)
        return parse_groups(parse, option, node, out);
    if (node->kind != YAML_SCALAR || yaml_node_is_null(node))
        return expect(parse, option, node);
    switch (option->type) {
    case OPTION_BOOL:
        return parse_bool(parse, option, node, out);
    case OPTION_INT:
        return parse_int(parse, option, node, out);
    case OPTION_REAL:
        return parse_real(parse, option, node, out);
    case OPTION_DURATION:
        return parse_duration(parse, option, node, out);
    case OPTION_BYTES:
        return parse_bytes(parse, option, node, out);
    case OPTION_CHOICE:
        return find_choice(parse, option, node, &out->choice);
    default:
        out->text = node->text;
        return 0;
    }
}
