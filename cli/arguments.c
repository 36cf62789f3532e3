#include "cli/arguments.h"

#include "core/err.h"
#include "core/errbuf.h"
#include "core/suggest.h"
#include "injector/options.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct argument *find(const struct argument *table, const char *name, size_t length)
{
    for (; table->name; table++)
        if (strlen(table->name) == length && memcmp(table->name, name, length) == 0)
            return table;
    return NULL;
}

static int unknown(const struct argument *table, const char *text, struct errbuf *err)
{
    char known[512] = "", name[64];
    size_t used = 0;
    snprintf(name, sizeof name, "%.*s", (int)strcspn(text, "="), text);
    for (; table->name && used < sizeof known; table++) {
        int more = snprintf(known + used, sizeof known - used, " --%s", table->name);
        used += more < 0 ? 0 : (size_t)more;
    }
    return errbuf_set(err, ERR_INPUT, "no option '%s'; %sthere are:%s --help", text,
                      suggest_one(name, known).text, known);
}

static bool parse_number(const char *text, uint64_t *out)
{
    if (text[0] < '0' || text[0] > '9')
        return false;
    char *end;
    errno = 0;
    unsigned long long number = strtoull(text, &end, 10);
    *out = number;
    return errno == 0 && *end == '\0';
}

static int set_value(const struct argument *argument, const char *value, struct errbuf *err)
{
    switch (argument->type) {
    case ARGUMENT_FLAG:
        return errbuf_set(err, ERR_INPUT, "--%s takes no value", argument->name);
    case ARGUMENT_TEXT:
        *(const char **)argument->target = value;
        return 0;
    case ARGUMENT_NUMBER:
        if (parse_number(value, argument->target))
            return 0;
        return errbuf_set(err, ERR_INPUT, "--%s: '%s' is not a whole number from 0 on",
                          argument->name, value);
    case ARGUMENT_DURATION: {
        int64_t duration;
        if (!duration_parse(value, &duration) || duration <= 0)
            return errbuf_set(err, ERR_INPUT,
                              "--%s: '%s' is not a duration above 0, such as 30s, 5m or 250ms",
                              argument->name, value);
        *(int64_t *)argument->target = duration;
        return 0;
    }
    case ARGUMENT_BYTES:
        if (bytes_parse(value, argument->target))
            return 0;
        return errbuf_set(err, ERR_INPUT, "--%s: '%s' is not a size, such as 256MiB or 2GiB",
                          argument->name, value);
    case ARGUMENT_LIST: {
        struct argument_list *list = argument->target;
        if (list->count == ARGUMENT_LIST_MAX)
            return errbuf_set(err, ERR_INPUT, "--%s is given more than %d times", argument->name,
                              ARGUMENT_LIST_MAX);
        list->items[list->count++] = value;
        return 0;
    }
    }
    return 0;
}

/* One option at argv[*at]; moves *at behind its value. */
static int parse_option(const struct argument *table, int argc, char **argv, int *at,
                        struct errbuf *err)
{
    const char *name = argv[*at] + 2;
    size_t length = strcspn(name, "=");
    const struct argument *argument = find(table, name, length);
    if (!argument)
        return unknown(table, argv[*at], err);
    (*at)++;
    if (name[length] == '=')
        return set_value(argument, name + length + 1, err);
    if (argument->type == ARGUMENT_FLAG) {
        *(bool *)argument->target = true;
        return 0;
    }
    if (*at == argc)
        return errbuf_set(err, ERR_INPUT, "--%s needs a value: --%s %s", argument->name,
                          argument->name, argument->value_name);
    return set_value(argument, argv[(*at)++], err);
}

int arguments_parse(const struct argument *table, int argc, char **argv, bool *help,
                    struct errbuf *err)
{
    int operands = 0;
    bool options_end = false;
    *help = false;
    for (int at = 1; at < argc;) {
        const char *text = argv[at];
        if (options_end || text[0] != '-' || text[1] == '\0') {
            argv[operands++] = argv[at++];
        } else if (strcmp(text, "--") == 0) {
            options_end = true;
            at++;
        } else if (strcmp(text, "--help") == 0 || strcmp(text, "-h") == 0) {
            *help = true;
            at++;
        } else if (text[1] != '-') {
            return unknown(table, text, err);
        } else {
            int rc = parse_option(table, argc, argv, &at, err);
            if (rc != 0)
                return rc;
        }
    }
    return operands;
}

void cli_print_wrapped(const char *text, int column, int indent)
{
    enum { WIDTH = 100 };
    for (const char *space = ""; *text; space = " ") {
        int length = (int)strcspn(text, " ");
        if (column + 1 + length > WIDTH) {
            column = printf("\n%*s", indent, "") - 1;
            space = "";
        }
        column += printf("%s%.*s", space, length, text);
        text += length + (text[length] == ' ');
    }
    putchar('\n');
}

void arguments_print(const struct argument *table)
{
    enum { LEFT_WIDTH = 31 };
    for (; table->name; table++) {
        char left[64];
        bool valued = table->type != ARGUMENT_FLAG;
        snprintf(left, sizeof left, "--%s%s%s", table->name, valued ? " " : "",
                 valued ? table->value_name : "");
        cli_print_wrapped(table->doc, printf("  %-28s ", left), LEFT_WIDTH);
    }
    printf("  %-28s %s\n", "--help", "this text");
}
