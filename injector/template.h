/* Templates: {{name}} inside a text, replaced by a value. The value is never looked at again, so
 * that nothing in it (braces, quotes, spaces, "$(...)") can mean anything.
 *
 * {{open}} stands for two opening braces. Spaces around the name are allowed. Pure; linear. */
#ifndef INJECTOR_TEMPLATE_H
#define INJECTOR_TEMPLATE_H

#include <stdbool.h>
#include <stddef.h>

struct errbuf;
struct strbuf;

enum { TEMPLATE_NAME_MAX = 96 };

/* What the names of a text stand for. */
struct template_scope {
    const void *context;
    /* Appends the value of a name; false if there is no such name. */
    bool (*value)(const void *context, const char *name, struct strbuf *out);
    /* Appends "; did you mean ...", for messages about a name that is not there. May be NULL. */
    void (*suggest)(const void *context, const char *name, struct strbuf *out);
};

/* Appends text with every template replaced. Errors: ERR_INPUT a template that does not end, or
 * whose name the scope does not have; ERR_NOMEM. */
int template_expand(const char *text, const struct template_scope *scope, struct strbuf *out,
                    struct errbuf *err);

#endif
