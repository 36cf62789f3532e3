/* Reading the questions of a description: is a node ready, does it lead? */
#include "injector/database_reading.h"

#include "core/err.h"
#include "core/errbuf.h"

enum { DAY_S = 86400 };

static const struct option ready_options[] = {
    {.name = "timeout",
     .type = OPTION_DURATION,
     .standard = "30s",
     .min = 0.001,
     .max = DAY_S,
     .doc = "then it is said to be never ready"},
    {.name = "interval",
     .type = OPTION_DURATION,
     .standard = "50ms",
     .min = 0.001,
     .max = 60,
     .doc = "between two questions"},
    {.name = "contains", .type = OPTION_STRING, .doc = "what the answer must contain"},
    {.name = NULL},
};
static const struct option primaries_options[] = {
    {.name = "contains", .type = OPTION_STRING, .doc = "what the answer must contain"},
    {.name = NULL},
};
static const char *const probe_others[] = {"http", "run", "equal", NULL};

static const struct option http_options[] = {
    {.name = "method", .type = OPTION_STRING, .standard = "GET", .doc = "of the request"},
    {.name = "url", .type = OPTION_STRING, .doc = "of the request"},
    {.name = "body", .type = OPTION_STRING, .doc = "of the request"},
    {.name = "status",
     .type = OPTION_INT,
     .standard = "200",
     .min = 100,
     .max = 599,
     .doc = "that is expected"},
    {.name = NULL},
};

static int read_http(const struct description *d, const struct yaml_node *node, struct probe *out)
{
    const struct option_values *values;
    int rc = description_options(d, http_options, node, NULL, &values);
    if (rc != 0)
        return rc;
    out->kind = PROBE_HTTP;
    out->method = option_string(values, "method");
    out->url = option_string(values, "url");
    out->body = option_string(values, "body");
    out->status = (long)option_int(values, "status");
    if (!out->url)
        return yaml_node_error_missing(node, "url", d->err,
                                       "missing; such as \"http://{{node.ip}}:2379/health\"");
    rc = description_check(d, option_node(values, "url"), out->url);
    return rc != 0 ? rc : description_check(d, option_node(values, "body"), out->body);
}

static int read_equal(const struct description *d, const struct yaml_node *node, struct probe *out)
{
    struct text_list paths;
    if (!node)
        return 0;
    int rc = description_list(d, node, "two paths into the answer", &paths);
    if (rc != 0)
        return rc;
    if (paths.count != 2 || out->kind != PROBE_HTTP)
        return yaml_node_error(node, d->err,
                               "must be two paths into the JSON that http answers, such as "
                               "[header.member_id, leader]");
    out->equal[0] = paths.items[0];
    out->equal[1] = paths.items[1];
    return 0;
}

static int read_probe(const struct description *d, const struct yaml_node *node,
                      const struct option_values *values, struct probe *out)
{
    const struct yaml_node *http = yaml_node_find(node, "http");
    const struct yaml_node *run = yaml_node_find(node, "run");
    if (!http == !run)
        return yaml_node_error(node, d->err, "needs either http: {url: ...} or run: [...]");
    int rc;
    if (http) {
        rc = read_http(d, http, out);
    } else {
        out->kind = PROBE_RUN;
        rc = description_command(d, node, &out->run);
    }
    out->contains = option_string(values, "contains");
    return rc != 0 ? rc : read_equal(d, yaml_node_find(node, "equal"), out);
}

int description_ready(const struct description *d, const struct yaml_node *node)
{
    const struct option_values *values;
    int rc = description_options(d, ready_options, node, probe_others, &values);
    if (rc != 0)
        return rc;
    d->database->ready_timeout_ns = option_duration_ns(values, "timeout");
    d->database->ready_interval_ns = option_duration_ns(values, "interval");
    return node ? read_probe(d, node, values, &d->database->ready) : 0;
}

int description_primaries(const struct description *d, const struct yaml_node *node)
{
    const struct option_values *values;
    if (!node)
        return 0;
    int rc = description_options(d, primaries_options, node, probe_others, &values);
    return rc != 0 ? rc : read_probe(d, node, values, &d->database->primaries);
}
