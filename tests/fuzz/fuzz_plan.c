/* Plans, descriptions of databases and overrides from arbitrary bytes: none may crash the loader,
 * and whatever it accepts must be written back as a plan that loads to the same text.
 *
 * The first line may be an override, "--set KEY=VALUE". Built with -fsanitize=fuzzer. */
#include "injector/plan.h"

#include "core/errbuf.h"
#include "injector/shipped.h"
#include "unit/plan_support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Takes "--set KEY=VALUE\n" off the beginning; false if there is none. */
static bool take_override(const char **text, size_t *size, struct plan_override *override,
                          char line[256])
{
    static const char begin[] = "--set ";
    const char *end = memchr(*text, '\n', *size);
    size_t length = end ? (size_t)(end - *text) : 0;
    if (length <= sizeof begin || length >= 256 || memcmp(*text, begin, sizeof begin - 1) != 0)
        return false;
    memcpy(line, *text, length);
    line[length] = '\0';
    char *equals = strchr(line, '=');
    if (!equals)
        return false;
    *equals = '\0';
    *override = (struct plan_override){line + sizeof begin - 1, equals + 1};
    *text += length + 1;
    *size -= length + 1;
    return true;
}

static void load_again(const struct plan *plan)
{
    struct errbuf err = ERRBUF_INIT;
    struct plan *again = NULL;
    int rc = plan_parse("again.yaml", plan->resolved, strlen(plan->resolved), &plan_registry, NULL,
                        0, &again, &err);
    if (rc != 0 || strcmp(plan->resolved, again->resolved) != 0) {
        fprintf(stderr, "the resolved plan is another one: %s\n%s\n%s\n", err.text, plan->resolved,
                rc == 0 ? again->resolved : "");
        abort();
    }
    plan_free(again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct errbuf err = ERRBUF_INIT;
    struct plan_override override;
    struct plan *plan = NULL;
    char line[256];
    const char *text = (const char *)data;
    shipped_set_dir("/nonexistent");
    bool has_override = take_override(&text, &size, &override, line);
    int rc = plan_parse("/nonexistent/fuzz.yaml", text, size, &plan_registry,
                        has_override ? &override : NULL, has_override, &plan, &err);
    if (rc == 0)
        load_again(plan);
    else if (!err.text[0])
        abort(); /* an error must say what is wrong */
    plan_free(plan);
    return 0;
}
