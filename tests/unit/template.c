#include "injector/template.h"

#include "core/err.h"
#include "core/errbuf.h"
#include "core/strbuf.h"

#include <criterion/criterion.h>
#include <string.h>

static bool value(const void *context, const char *name, struct strbuf *out)
{
    (void)context;
    if (strcmp(name, "a") == 0)
        strbuf_puts(out, "1");
    else if (strcmp(name, "evil") == 0)
        strbuf_puts(out, "{{a}} $(rm) '\" {{open}} }}");
    else
        return false;
    return true;
}

static void suggest(const void *context, const char *name, struct strbuf *out)
{
    (void)context;
    strbuf_printf(out, "; not %s", name);
}

static const struct template_scope scope = {NULL, value, suggest};

static void expect(const char *text, const char *expanded)
{
    struct strbuf out = STRBUF_INIT;
    struct errbuf err = ERRBUF_INIT;
    cr_assert_eq(template_expand(text, &scope, &out, &err), 0, "%s", err.text);
    cr_assert_str_eq(out.text, expanded);
    strbuf_fini(&out);
}

static void expect_error(const char *text, const char *message)
{
    struct strbuf out = STRBUF_INIT;
    struct errbuf err = ERRBUF_INIT;
    cr_assert_eq(template_expand(text, &scope, &out, &err), ERR_INPUT);
    cr_assert_str_eq(err.text, message);
    strbuf_fini(&out);
}

Test(template, replaces_every_name)
{
    expect("", "");
    expect("none", "none");
    expect("{{a}}", "1");
    expect("x{{a}}y{{ a }}z", "x1y1z");
    expect("{{a}}{{a}}", "11");
}

Test(template, braces_that_are_no_template_stay)
{
    expect("{a} }} {", "{a} }} {");
    expect("{{open}}a}}", "{{a}}");
}

Test(template, a_value_is_never_looked_at_again)
{
    expect("<{{evil}}>", "<{{a}} $(rm) '\" {{open}} }}>");
}

Test(template, says_what_is_wrong)
{
    expect_error("{{b}}", "there is no template '{{b}}'; not b");
    expect_error("{{}}", "there is no template '{{}}'; not ");
    expect_error("x {{a", "a template begins with '{{' and does not end with '}}'; write {{open}} "
                          "for two braces");
    char text[256] = "{{";
    memset(text + 2, 'n', 97);
    strcpy(text + 99, "}}");
    expect_error(text, "the name of a template is longer than 96 bytes");
}
