/* Lines of JSON over TCP: one line for an operation, one line for its answer. For a database, or a
 * bridge to one in whatever language its driver is for, that shall be tested without a client of
 * its own here.
 *
 *   to it     {"f":"write","key":7,"value":4}          f, and the key if there is one, as recorded
 *   from it   {"type":"ok"}                            the value is as it was sent,
 *             {"type":"ok","value":4}                  or this one: what was read
 *             {"type":"fail","error":"not the leader"} it certainly did not happen
 *             {"type":"info","error":"timeout"}        nobody knows
 *
 * Values are written as in a history (core/json_value.h): a set is {"set":[1,2]}. One connection
 * has one operation on its way at a time. Whatever was sent, if only in part, and got no such
 * answer in time is `info`, and the connection is given up. */
#include "clients/table.h"

#include "core/clock.h"
#include "core/err.h"
#include "core/errbuf.h"
#include "core/json_value.h"
#include "core/strbuf.h"
#include "core/text.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { ANSWER_MAX = 64 << 20 };

struct lines {
    struct client client;
    int fd;
    int64_t timeout_ns;
    struct strbuf request;
    struct strbuf answer;
};

static const struct option options[] = {
    {.name = "port",
     .type = OPTION_INT,
     .standard = "7000",
     .min = 1,
     .max = 65535,
     .doc = "port on which the nodes serve clients"},
    {.name = "connect_timeout",
     .type = OPTION_DURATION,
     .standard = "1s",
     .min = 0.001,
     .max = 3600,
     .doc = "how long to wait for a connection"},
    {.name = "timeout",
     .type = OPTION_DURATION,
     .standard = "2s",
     .min = 0.001,
     .max = 3600,
     .doc = "how long to wait for an answer"},
    {.name = NULL},
};

/* What answers decides what it can do. */
static const symbol functions[] = {
    F_READ,     F_WRITE,   F_CAS,      F_ADD,       F_APPEND,    F_GET,   F_PUT,  F_TXN,
    F_TRANSFER, F_ACQUIRE, F_RELEASE,  F_ENQUEUE,   F_DEQUEUE,   F_DRAIN, F_PUSH, F_POP,
    F_GENERATE, F_REMOVE,  F_CONTAINS, F_INCREMENT, F_DECREMENT, F_NONE,
};

/* --- the connection --- */

/* 0, or ERR_TIMEOUT, or ERR_IO with errno. */
static int await(int fd, short events, int64_t deadline_ns)
{
    for (;;) {
        int64_t left_ns = deadline_ns - monotonic_ns();
        if (left_ns <= 0)
            return ERR_TIMEOUT;
        struct pollfd item = {.fd = fd, .events = events};
        int ready = poll(&item, 1, (int)(left_ns / NS_PER_MS) + 1);
        if (ready > 0)
            return 0;
        if (ready < 0 && errno != EINTR)
            return ERR_IO;
    }
}

static int connect_to(int fd, const struct addrinfo *address, int64_t deadline_ns)
{
    int on = 1, problem = 0;
    socklen_t size = sizeof problem;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (connect(fd, address->ai_addr, address->ai_addrlen) == 0)
        return 0;
    if (errno != EINPROGRESS)
        return ERR_IO;
    int rc = await(fd, POLLOUT, deadline_ns);
    if (rc != 0)
        return rc;
    if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &problem, &size) != 0)
        return ERR_IO;
    errno = problem;
    return problem == 0 ? 0 : ERR_IO;
}

static int open_connection(struct lines *lines, const struct client_env *env, struct errbuf *err)
{
    char port[8];
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICHOST}, *address;
    snprintf(port, sizeof port, "%d", (int)option_int(env->options, "port"));
    int problem = getaddrinfo(env->node->address, port, &hints, &address);
    if (problem != 0)
        return errbuf_set(err, ERR_IO, "%s: %s", env->node->address, gai_strerror(problem));
    int64_t timeout_ns = option_duration_ns(env->options, "connect_timeout");
    int rc = ERR_IO;
    lines->fd = socket(address->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (lines->fd >= 0)
        rc = connect_to(lines->fd, address, monotonic_ns() + timeout_ns);
    freeaddrinfo(address);
    if (rc == ERR_TIMEOUT)
        errbuf_set(err, rc, "no connection to port %s in time", port);
    else if (rc != 0)
        errbuf_set_errno(err, rc, "could not connect to port %s", port);
    return rc;
}

/* False if not all of it was sent. */
static bool send_request(struct lines *lines, int64_t deadline_ns)
{
    const struct strbuf *request = &lines->request;
    for (size_t sent = 0; sent < request->length;) {
        ssize_t now = send(lines->fd, request->text + sent, request->length - sent, MSG_NOSIGNAL);
        if (now >= 0)
            sent += (size_t)now;
        else if (errno != EINTR && errno != EAGAIN)
            return false;
        else if (errno == EAGAIN && await(lines->fd, POLLOUT, deadline_ns) != 0)
            return false;
    }
    return true;
}

/* A line without its end into lines->answer; or what is wrong, static. */
static const char *receive_answer(struct lines *lines, int64_t deadline_ns)
{
    struct strbuf *answer = &lines->answer;
    strbuf_reset(answer);
    for (;;) {
        char block[4096];
        ssize_t size = recv(lines->fd, block, sizeof block, 0);
        if (size == 0)
            return "the connection was closed";
        if (size < 0 && errno == EAGAIN) {
            int rc = await(lines->fd, POLLIN, deadline_ns);
            if (rc != 0)
                return rc == ERR_TIMEOUT ? "no answer in time" : "the connection broke";
        } else if (size < 0 && errno != EINTR) {
            return "the connection broke";
        } else if (size > 0) {
            const char *end = memchr(block, '\n', (size_t)size);
            strbuf_add(answer, block, end ? (size_t)(end - block) : (size_t)size);
            if (!strbuf_ok(answer) || answer->length > ANSWER_MAX)
                return "no room for the answer";
            if (end)
                return end == block + size - 1 ? NULL : "more than one line in answer";
        }
    }
}

/* --- what is said --- */

static bool put_request(struct strbuf *request, const struct op *invocation)
{
    const char *name = symbol_name(invocation->f);
    strbuf_reset(request);
    strbuf_puts(request, "{\"f\":");
    strbuf_put_json_string(request, name, strlen(name));
    if (invocation->has_key) {
        strbuf_puts(request, ",\"key\":");
        value_write_json(request, invocation->key);
    }
    strbuf_puts(request, ",\"value\":");
    value_write_json(request, invocation->value);
    strbuf_puts(request, "}\n");
    return strbuf_ok(request);
}

struct answer {
    int type; /* of op_type_parse; -1 if it said none */
    bool has_value;
    struct value value;
    struct value error; /* nil if there is none */
};

static bool read_member(struct json_cursor *cursor, struct arena *arena, struct answer *out)
{
    const char *name;
    size_t length;
    struct value value;
    if (!json_read_string(cursor, arena, &name, &length) ||
        !json_expect(cursor, ':', "expected ':'") || !json_read_value(cursor, arena, &value))
        return false;
    if (text_is(name, length, "type") && value.kind == VALUE_STRING) {
        out->type = op_type_parse(value.text, value.count);
    } else if (text_is(name, length, "value")) {
        out->value = value;
        out->has_value = true;
    } else if (text_is(name, length, "error")) {
        out->error = value;
    }
    return true;
}

/* An object with a type; other members are passed over. */
static bool read_answer(const struct strbuf *line, struct arena *arena, struct answer *out)
{
    const char *text = arena_strndup(arena, line->text ? line->text : "", line->length);
    struct json_cursor cursor = {.at = text, .end = text ? text + line->length : NULL};
    *out = (struct answer){.type = -1};
    if (!text)
        return false;
    if (!json_expect(&cursor, '{', "expected an object"))
        return false;
    if (!json_take(&cursor, '}')) {
        do
            if (!read_member(&cursor, arena, out))
                return false;
        while (json_take(&cursor, ','));
        if (!json_expect(&cursor, '}', "expected '}'"))
            return false;
    }
    bool known = out->type == OP_OK || out->type == OP_FAIL || out->type == OP_INFO;
    return known && cursor.at + strspn(cursor.at, " \r") == cursor.end;
}

/* --- how an operation ends --- */

static void complete(const struct answer *answer, struct op *completion, struct arena *arena)
{
    if (answer->type == OP_OK) {
        completion->type = OP_OK;
        if (answer->has_value)
            completion->value = answer->value;
        return;
    }
    const char *error =
        value_is_nil(answer->error) ? "it does not say why" : op_error_text(answer->error, arena);
    client_give_up(completion, (enum op_type)answer->type,
                   error && error[0] ? error : "it does not say why");
}

static void lines_invoke(struct client *client, const struct op *invocation, struct op *completion,
                         bool *reopen, struct arena *arena)
{
    struct lines *lines = (struct lines *)client;
    int64_t deadline_ns = monotonic_ns() + lines->timeout_ns;
    struct answer answer;
    if (!put_request(&lines->request, invocation)) {
        client_give_up(completion, OP_FAIL, "not sent: no memory for the request");
        return;
    }
    const char *problem = send_request(lines, deadline_ns) ? receive_answer(lines, deadline_ns)
                                                           : "the connection broke";
    *reopen = true;
    if (problem)
        client_give_up(completion, OP_INFO, arena_printf(arena, "sent: %s", problem));
    else if (!read_answer(&lines->answer, arena, &answer))
        client_give_up(completion, OP_INFO,
                       arena_printf(arena, "an answer that is none: %.200s", lines->answer.text));
    else {
        *reopen = false;
        complete(&answer, completion, arena);
    }
}

/* --- the client --- */

static void lines_close(struct client *client)
{
    struct lines *lines = (struct lines *)client;
    if (lines->fd >= 0)
        close(lines->fd);
    strbuf_fini(&lines->request);
    strbuf_fini(&lines->answer);
    free(lines);
}

static int lines_open(const struct client_env *env, struct client **out, struct errbuf *err)
{
    struct lines *lines = calloc(1, sizeof *lines);
    if (!lines)
        return errbuf_set(err, ERR_NOMEM, "no memory for a client");
    lines->client.type = &client_lines;
    lines->fd = -1;
    lines->timeout_ns = option_duration_ns(env->options, "timeout");
    int rc = open_connection(lines, env, err);
    if (rc != 0) {
        lines_close(&lines->client);
        return rc;
    }
    *out = &lines->client;
    return 0;
}

const struct client_type client_lines = {
    .name = "lines",
    .doc = "lines of JSON over TCP, to a database or a bridge to one",
    .options = options,
    .functions = functions,
    .open = lines_open,
    .invoke = lines_invoke,
    .close = lines_close,
};
