#include "injector/database_description.h"

#include "core/err.h"
#include "core/errbuf.h"
#include "injector/http.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

/* The member at "header.member_id"; numbers count in arrays. Borrowed; NULL if there is none. */
static const json_t *json_at(const json_t *json, const char *path)
{
    while (json && *path) {
        char name[128];
        size_t length = strcspn(path, ".");
        if (length >= sizeof name)
            return NULL;
        memcpy(name, path, length);
        name[length] = '\0';
        json = json_is_array(json) ? json_array_get(json, strtoul(name, NULL, 10))
                                   : json_object_get(json, name);
        path += length + (path[length] == '.');
    }
    return json;
}

/* Are both there, and the same? */
static int check_members(const struct probe *probe, const char *body, size_t length,
                         struct errbuf *why)
{
    json_t *json = json_loadb(body, length, JSON_DECODE_ANY, NULL);
    const json_t *left = json_at(json, probe->equal[0]);
    const json_t *right = json_at(json, probe->equal[1]);
    bool equal = left && right && !json_is_null(left) && json_equal(left, right);
    json_decref(json);
    return equal ? 0
                 : errbuf_set(why, ERR_COMMAND, "%s is not %s in the answer", probe->equal[0],
                              probe->equal[1]);
}

static int check_text(const struct probe *probe, const char *text, struct errbuf *why)
{
    if (!probe->contains || strstr(text, probe->contains))
        return 0;
    return errbuf_set(why, ERR_COMMAND, "no '%s' in the answer: %.200s", probe->contains, text);
}

static int judge_response(const struct probe *probe, enum http_outcome outcome,
                          const struct http_response *response, struct errbuf *why)
{
    if (outcome != HTTP_ANSWERED)
        return errbuf_set(why, response->timed_out ? ERR_TIMEOUT : ERR_IO, "%s",
                          response->problem ? response->problem : "no answer");
    if (response->status != probe->status)
        return errbuf_set(why, ERR_COMMAND, "status %ld instead of %ld: %.200s", response->status,
                          probe->status, response->body);
    int rc = check_text(probe, response->body, why);
    return rc != 0 || !probe->equal[0]
               ? rc
               : check_members(probe, response->body, response->length, why);
}

static int ask_http(const struct probe *probe, const struct database_scope *scope,
                    struct arena *arena, int64_t timeout_ns, struct errbuf *why)
{
    const char *url, *body = NULL;
    struct http *http;
    int rc = database_expand(scope, probe->url, arena, &url, why);
    if (rc == 0 && probe->body)
        rc = database_expand(scope, probe->body, arena, &body, why);
    if (rc == 0)
        rc = http_new(timeout_ns, timeout_ns, &http, why);
    if (rc != 0)
        return rc;
    struct http_response response = {0};
    enum http_outcome outcome =
        http_request(http, probe->method, url, body, body ? strlen(body) : 0, &response);
    rc = judge_response(probe, outcome, &response, why);
    if (rc != 0)
        errbuf_prefix(why, "%s %s", probe->method, url);
    http_free(http);
    return rc;
}

static int ask_run(const struct probe *probe, const struct database_scope *scope,
                   struct remote *remote, struct arena *arena, int64_t timeout_ns,
                   struct errbuf *why)
{
    struct command command = {.timeout_ns = timeout_ns};
    struct command_result result = {0};
    int rc = database_expand_list(scope, probe->run, arena, &command.argv, why);
    if (rc == 0)
        rc = remote_run_ok(remote, scope->node, &command, &result, why);
    if (rc != 0)
        return rc;
    rc = check_text(probe, result.out.text ? result.out.text : "", why);
    if (rc != 0)
        errbuf_prefix(why, "%s", command.argv[0]);
    command_result_fini(&result);
    return rc;
}

int probe_ask(const struct probe *probe, const struct database_scope *scope, struct remote *remote,
              int64_t timeout_ns, struct errbuf *why)
{
    if (probe->kind == PROBE_NONE)
        return 0;
    struct arena arena;
    arena_init(&arena, 0);
    int rc = probe->kind == PROBE_HTTP ? ask_http(probe, scope, &arena, timeout_ns, why)
                                       : ask_run(probe, scope, remote, &arena, timeout_ns, why);
    arena_fini(&arena);
    return rc;
}
