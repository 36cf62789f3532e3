#include "injector/shipped.h"

#include "core/suggest.h"

#include <glob.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

static const char *data_dir = ".";

void shipped_set_dir(const char *dir)
{
    data_dir = dir;
}

const char *shipped_dir(void)
{
    return data_dir;
}

void shipped_list(const char *kind, struct shipped *out)
{
    char pattern[PATH_MAX];
    glob_t found;
    out->count = 0;
    snprintf(pattern, sizeof pattern, "%s/%s/*.yaml", shipped_dir(), kind);
    if (glob(pattern, 0, NULL, &found) != 0)
        return;
    for (size_t i = 0; i < found.gl_pathc && i < SHIPPED_MAX; i++) {
        const char *base = strrchr(found.gl_pathv[i], '/') + 1;
        snprintf(out->names[out->count++], SHIPPED_NAME_SIZE, "%.*s",
                 (int)(strlen(base) - strlen(".yaml")), base);
    }
    globfree(&found);
}

void shipped_suggest(const char *kind, const char *word, char *out, size_t size)
{
    struct shipped shipped;
    const char *known[SHIPPED_MAX + 1] = {NULL};
    shipped_list(kind, &shipped);
    for (size_t i = 0; i < shipped.count; i++)
        known[i] = shipped.names[i];
    suggest_names(word, known, out, size);
}
