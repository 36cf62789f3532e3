#include "injector/remote.h"

#include "core/err.h"
#include "core/errbuf.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

void command_result_fini(struct command_result *result)
{
    strbuf_fini(&result->out);
    strbuf_fini(&result->err);
}

/* The last line that is not empty: [*line, *line + length). */
static int last_line(const struct strbuf *text, const char **line)
{
    size_t end = text->length;
    while (end > 0 && strchr("\n\r\t ", text->text[end - 1]))
        end--;
    size_t start = end;
    while (start > 0 && text->text[start - 1] != '\n')
        start--;
    *line = end > start ? text->text + start : "";
    return (int)(end - start);
}

int remote_run_ok(struct remote *remote, const struct node *node, const struct command *command,
                  struct command_result *result, struct errbuf *err)
{
    struct command_result own;
    int rc = remote->type->run(remote, node, command, &own, err);
    if (rc == 0 && own.status != 0) {
        const char *line;
        int length = last_line(&own.err, &line);
        rc = errbuf_set(err, ERR_COMMAND, "'%s' ended with status %d%s%.*s", command->argv[0],
                        own.status, length > 0 ? ": " : "", length, line);
        command_result_fini(&own);
        own = (struct command_result){0};
    }
    if (result)
        *result = own;
    else
        command_result_fini(&own);
    return rc;
}

struct node_call {
    int (*fn)(void *context, const struct node *node, struct errbuf *err);
    void *context;
    const struct node *node;
    pthread_t thread;
    bool threaded;
    int rc;
    struct errbuf err;
};

static void *call_node(void *context)
{
    struct node_call *call = context;
    call->rc = call->fn(call->context, call->node, &call->err);
    return NULL;
}

/* The first of them, by index, that failed. */
static int first_failure(const struct node_call *calls, uint32_t count, struct errbuf *err)
{
    for (uint32_t i = 0; i < count; i++) {
        if (calls[i].rc == 0)
            continue;
        if (err)
            *err = calls[i].err;
        errbuf_prefix(err, "%s", calls[i].node->name);
        return calls[i].rc;
    }
    return 0;
}

int for_nodes(const struct cluster *cluster, node_set set,
              int (*fn)(void *context, const struct node *node, struct errbuf *err), void *context,
              struct errbuf *err)
{
    struct node_call *calls = calloc(CLUSTER_NODES_MAX, sizeof *calls);
    if (!calls)
        return errbuf_set(err, ERR_NOMEM, "no memory for a call to every node");
    uint32_t count = 0;
    for (uint32_t i = 0; i < cluster->count; i++)
        if (set & node_bit(i))
            calls[count++] =
                (struct node_call){.fn = fn, .context = context, .node = &cluster->nodes[i]};
    for (uint32_t i = 0; i + 1 < count; i++)
        calls[i].threaded = pthread_create(&calls[i].thread, NULL, call_node, &calls[i]) == 0;
    /* The last one's, and those for which there was no thread, are called here. */
    for (uint32_t i = 0; i < count; i++)
        if (!calls[i].threaded)
            call_node(&calls[i]);
    for (uint32_t i = 0; i < count; i++)
        if (calls[i].threaded)
            pthread_join(calls[i].thread, NULL);
    int rc = first_failure(calls, count, err);
    free(calls);
    return rc;
}
