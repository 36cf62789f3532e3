/* What a check found, without a run: by way of its document, as it would be read back. */
#include "report/results.h"

#include "report/recorded_faults.h"
#include "report/results_check.h"

#include "checker/check.h"
#include "core/arena.h"
#include "core/err.h"
#include "core/errbuf.h"

#include <stdlib.h>

static void count_operations(const struct check_result *check, struct results *out)
{
    out->invoked = out->ok = out->fail = out->info = 0;
    for (size_t i = 0; i < check->key_count; i++) {
        out->invoked += check->keys[i].operations;
        out->ok += check->keys[i].ok;
        out->fail += check->keys[i].failed;
        out->info += check->keys[i].crashed;
    }
}

int results_from_check(const char *name, const struct check_result *check,
                       const struct operations *all, struct arena *arena, struct results *out,
                       struct errbuf *err)
{
    static const struct operations none;
    char *text = check_result_json(check, all ? all : &none);
    json_t *document = text ? json_loads(text, JSON_ALLOW_NUL, NULL) : NULL;
    free(text);
    results_init_unfinished(out);
    out->outcome = (enum outcome)outcome_parse(verdict_name(check->verdict));
    out->version = FAULTLINE_VERSION;
    out->name = name;
    out->model = check->model;
    out->history_truncated = all && all->truncated;
    out->summary = arena_strdup(arena, check->summary);
    count_operations(check, out);
    bool loaded = document && out->summary && results_check_load(document, arena, &out->check) &&
                  (!all || recorded_faults_find(all, arena, out));
    json_decref(document);
    return loaded ? 0 : errbuf_set(err, ERR_NOMEM, "no memory for what the check found");
}
