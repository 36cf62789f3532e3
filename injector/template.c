#include "injector/template.h"

#include "core/err.h"
#include "core/errbuf.h"
#include "core/strbuf.h"

#include <stdio.h>
#include <string.h>

static int fail_unknown(const struct template_scope *scope, const char *name, struct errbuf *err)
{
    struct strbuf known = STRBUF_INIT;
    if (scope->suggest)
        scope->suggest(scope->context, name, &known);
    errbuf_set(err, ERR_INPUT, "there is no template '{{%s}}'%s", name,
               known.length ? known.text : "");
    strbuf_fini(&known);
    return ERR_INPUT;
}

/* One template; `inside` is what stands between the braces. */
static int expand_one(const char *inside, size_t length, const struct template_scope *scope,
                      struct strbuf *out, struct errbuf *err)
{
    char name[TEMPLATE_NAME_MAX + 1];
    while (length > 0 && inside[0] == ' ') {
        inside++;
        length--;
    }
    while (length > 0 && inside[length - 1] == ' ')
        length--;
    if (length > TEMPLATE_NAME_MAX)
        return errbuf_set(err, ERR_INPUT, "the name of a template is longer than %d bytes",
                          TEMPLATE_NAME_MAX);
    snprintf(name, sizeof name, "%.*s", (int)length, inside);
    if (strcmp(name, "open") == 0)
        strbuf_puts(out, "{{");
    else if (!scope->value(scope->context, name, out))
        return fail_unknown(scope, name, err);
    return 0;
}

int template_expand(const char *text, const struct template_scope *scope, struct strbuf *out,
                    struct errbuf *err)
{
    strbuf_puts(out, ""); /* an empty text is one too, not NULL */
    for (const char *open; (open = strstr(text, "{{")) != NULL;) {
        const char *close = strstr(open, "}}");
        if (!close)
            return errbuf_set(err, ERR_INPUT,
                              "a template begins with '{{' and does not end with '}}'; write "
                              "{{open}} for two braces");
        strbuf_add(out, text, (size_t)(open - text));
        int rc = expand_one(open + 2, (size_t)(close - open - 2), scope, out, err);
        if (rc != 0)
            return rc;
        text = close + 2;
    }
    strbuf_puts(out, text);
    return strbuf_ok(out) ? 0 : errbuf_set(err, ERR_NOMEM, "no memory for a text");
}
