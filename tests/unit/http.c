/* A server on loopback that misbehaves in a known way, and counts what reaches it. */
#include "injector/http.h"

#include "core/clock.h"
#include "core/errbuf.h"
#include "patience.h"

#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum action {
    ANSWER,       /* 200 with "answer N" for the N-th request */
    CHUNKED,      /* the same, in chunks */
    CLOSE,        /* reads the request whole, then closes */
    RESET,        /* reads a few bytes of the request, then closes: the client sees a reset */
    ANSWER_CLOSE, /* answers as if the connection stayed, then closes it */
    ANSWER_STRAY, /* answers, and sends a second response nobody asked for */
    HALF,         /* promises 100 bytes, sends 9, closes */
    GARBAGE,
    SILENT,     /* never answers; goes on when the client hangs up */
    REDIRECT,   /* to itself */
    NO_CONTENT, /* 204 */
    BIG,        /* 16 MiB */
    TOO_BIG,    /* 16 MiB and a byte */
};

struct mock {
    int listener;
    char url[64];
    pthread_t thread;
    const enum action *script; /* one action a request; the last for all that follow */
    size_t script_count;
    atomic_uint requests, connections, closed;
    char last[4096]; /* the last request; read it only once answered */
};

static void send_text(int fd, const char *text, size_t length)
{
    while (length > 0) {
        ssize_t n = send(fd, text, length, MSG_NOSIGNAL);
        if (n <= 0)
            return;
        text += n;
        length -= (size_t)n;
    }
}

static void answer_bytes(int fd, size_t length)
{
    char head[128];
    int n = snprintf(head, sizeof head, "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n\r\n", length);
    send_text(fd, head, (size_t)n);
    char *body = malloc(length);
    memset(body, 'x', length);
    send_text(fd, body, length);
    free(body);
}

/* Reads one request with its body into mock->last; false if the client hung up. */
static bool read_request(struct mock *mock, int fd)
{
    size_t length = 0, wanted = SIZE_MAX;
    while (length < wanted) {
        if (length == sizeof mock->last - 1) { /* a big body: only its length matters */
            char rest[65536];
            ssize_t n = recv(fd, rest, sizeof rest, 0);
            if (n <= 0)
                return false;
            wanted -= (size_t)n;
            continue;
        }
        ssize_t n = recv(fd, mock->last + length, sizeof mock->last - 1 - length, 0);
        if (n <= 0)
            return false;
        length += (size_t)n;
        mock->last[length] = '\0';
        const char *end = strstr(mock->last, "\r\n\r\n");
        const char *size = strstr(mock->last, "Content-Length: ");
        if (end)
            wanted = (size_t)(end + 4 - mock->last) + (size ? strtoul(size + 16, NULL, 10) : 0);
    }
    return true;
}

static enum action action_for(const struct mock *mock, unsigned request)
{
    return mock->script[request <= mock->script_count ? request - 1 : mock->script_count - 1];
}

/* True if the connection goes on. */
static bool act(int fd, enum action action, unsigned request)
{
    char text[512];
    int n = 0;
    switch (action) {
    case ANSWER:
    case ANSWER_CLOSE:
        n = snprintf(text, sizeof text, "HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\nanswer %u",
                     request % 10);
        break;
    case CHUNKED:
        n = snprintf(text, sizeof text,
                     "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                     "3\r\nans\r\n5\r\nwer %u\r\n0\r\n\r\n",
                     request % 10);
        break;
    case ANSWER_STRAY:
        n = snprintf(text, sizeof text,
                     "HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\nanswer %u"
                     "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nstray",
                     request % 10);
        break;
    case HALF:
        n = snprintf(text, sizeof text, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf body");
        break;
    case GARBAGE:
        n = snprintf(text, sizeof text, "\x01\x02 this is not HTTP\r\n\r\n");
        break;
    case REDIRECT:
        n = snprintf(text, sizeof text,
                     "HTTP/1.1 302 Found\r\nLocation: /again\r\nContent-Length: 0\r\n\r\n");
        break;
    case NO_CONTENT:
        n = snprintf(text, sizeof text, "HTTP/1.1 204 No Content\r\n\r\n");
        break;
    case SILENT:
        while (recv(fd, text, sizeof text, 0) > 0)
            ;
        return false;
    case BIG:
        answer_bytes(fd, 16 << 20);
        return true;
    case TOO_BIG:
        answer_bytes(fd, (16 << 20) + 1);
        return false;
    case CLOSE:
    case RESET:
        return false;
    }
    send_text(fd, text, (size_t)n);
    return action != ANSWER_CLOSE && action != HALF && action != GARBAGE;
}

static void *serve(void *context)
{
    struct mock *mock = context;
    int fd;
    while ((fd = accept(mock->listener, NULL, NULL)) >= 0) {
        mock->connections++;
        for (bool go_on = true; go_on;) {
            if (action_for(mock, mock->requests + 1) == RESET) {
                char few[16];
                if (recv(fd, few, sizeof few, 0) > 0)
                    mock->requests++;
                break;
            }
            if (!read_request(mock, fd))
                break;
            unsigned request = ++mock->requests;
            go_on = act(fd, action_for(mock, request), request);
        }
        close(fd);
        mock->closed++;
    }
    return NULL;
}

static int listen_on_loopback(int backlog, char *url, size_t size)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    cr_assert_eq(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
    cr_assert_eq(listen(fd, backlog), 0);
    cr_assert_eq(getsockname(fd, (struct sockaddr *)&address, &length), 0);
    snprintf(url, size, "http://127.0.0.1:%u/path", ntohs(address.sin_port));
    return fd;
}

static void mock_start(struct mock *mock, const enum action *script, size_t count)
{
    *mock = (struct mock){.script = script, .script_count = count};
    mock->listener = listen_on_loopback(8, mock->url, sizeof mock->url);
    cr_assert_eq(pthread_create(&mock->thread, NULL, serve, mock), 0);
}

#define MOCK(mock, ...)                                                                            \
    static const enum action script[] = {__VA_ARGS__};                                             \
    struct mock mock;                                                                              \
    mock_start(&mock, script, sizeof script / sizeof script[0])

/* Frees the client first: the server waits for it to hang up. */
static void stop(struct mock *mock, struct http *http)
{
    http_free(http);
    shutdown(mock->listener, SHUT_RDWR);
    pthread_join(mock->thread, NULL);
    close(mock->listener);
}

static struct http *new_http(int64_t timeout_ns)
{
    struct http *http = NULL;
    struct errbuf err = ERRBUF_INIT;
    cr_assert_eq(http_new(timeout_ns, timeout_ns, &http, &err), 0, "%s", err.text);
    return http;
}

static enum http_outcome post(struct http *http, const char *url, struct http_response *response)
{
    return http_request(http, "POST", url, "{\"a\":1}", 7, response);
}

static enum http_outcome get(struct http *http, const char *url, struct http_response *response)
{
    return http_request(http, "GET", url, NULL, 0, response);
}

/* The server has closed `count` connections, and its FIN is here. */
static void await_closed(struct mock *mock, unsigned count)
{
    int64_t deadline_ns = monotonic_ns() + PATIENCE_NS;
    while (mock->closed < count && monotonic_ns() < deadline_ns)
        sched_yield();
    cr_assert_geq(mock->closed, count);
}

Test(http, two_requests_share_a_connection)
{
    MOCK(mock, ANSWER);
    struct http *http = new_http(PATIENCE_NS);
    struct http_response response;
    cr_assert_eq(post(http, mock.url, &response), HTTP_ANSWERED);
    cr_assert_eq(response.status, 200);
    cr_assert_str_eq(response.body, "answer 1");
    cr_assert_eq(response.length, 8);
    cr_assert_eq(get(http, mock.url, &response), HTTP_ANSWERED);
    cr_assert_str_eq(response.body, "answer 2");
    stop(&mock, http);
    cr_assert_eq(mock.requests, 2);
    cr_assert_eq(mock.connections, 1);
}

Test(http, sends_what_it_was_given)
{
    MOCK(mock, ANSWER);
    struct http *http = new_http(PATIENCE_NS);
    struct http_response response;
    cr_assert_eq(post(http, mock.url, &response), HTTP_ANSWERED);
    cr_assert(strncmp(mock.last, "POST /path HTTP/1.1\r\n", 21) == 0, "%s", mock.last);
    cr_assert_not_null(strstr(mock.last, "\r\nContent-Type: application/json\r\n"));
    cr_assert_not_null(strstr(mock.last, "\r\n\r\n{\"a\":1}"));
    cr_assert_eq(get(http, mock.url, &response), HTTP_ANSWERED);
    cr_assert(strncmp(mock.last, "GET /path HTTP/1.1\r\n", 20) == 0, "%s", mock.last);
    cr_assert_null(strstr(mock.last, "Content-"));
    cr_assert_eq(http_request(http, "DELETE", mock.url, NULL, 0, &response), HTTP_ANSWERED);
    cr_assert(strncmp(mock.last, "DELETE /path ", 13) == 0, "%s", mock.last);
    cr_assert_eq(http_request(http, "PUT", mock.url, "x", 1, &response), HTTP_ANSWERED);
    cr_assert(strncmp(mock.last, "PUT /path ", 10) == 0, "%s", mock.last);
    cr_assert_eq(http_request(http, "POST", mock.url, NULL, 0, &response), HTTP_ANSWERED);
    cr_assert(strncmp(mock.last, "POST /path ", 11) == 0, "%s", mock.last);
    cr_assert_not_null(strstr(mock.last, "\r\nContent-Length: 0\r\n"), "%s", mock.last);
    stop(&mock, http);
}

Test(http, a_large_body_is_not_preceded_by_a_question)
{
    MOCK(mock, ANSWER);
    struct http *http = new_http(PATIENCE_NS);
    struct http_response response;
    size_t length = 2 << 20;
    char *body = malloc(length);
    memset(body, 'b', length);
    cr_assert_eq(http_request(http, "POST", mock.url, body, length, &response), HTTP_ANSWERED);
    cr_assert_null(strstr(mock.last, "Expect"));
    stop(&mock, http);
    cr_assert_eq(mock.requests, 1);
    free(body);
}

Test(http, a_body_that_died_on_a_kept_alive_connection_is_not_sent_again)
{
    MOCK(mock, ANSWER, CLOSE, ANSWER);
    struct http *http = new_http(PATIENCE_NS);
    struct http_response response;
    cr_assert_eq(post(http, mock.url, &response), HTTP_ANSWERED);
    cr_assert_eq(post(http, mock.url, &response), HTTP_UNKNOWN);
    cr_assert_eq(response.status, 0);
    cr_assert_gt(strlen(response.problem), 0);
    cr_assert_not(response.timed_out);
    cr_assert_eq(mock.requests, 2, "sent again: %u requests", mock.requests);
    cr_assert_eq(post(http, mock.url, &response), HTTP_ANSWERED, "the next one is a new request");
    cr_assert_str_eq(response.body, "answer 3");
    stop(&mock, http);
    cr_assert_eq(mock.requests, 3);
}

Test(http, a_get_that_died_on_a_kept_alive_connection_is_not_sent_again)
{
    MOCK(mock, ANSWER, CLOSE, ANSWER);
    struct http *http = new_http(PATIENCE_NS);
    struct http_response response;
    cr_assert_eq(get(http, mock.url, &response), HTTP_ANSWERED);
    cr_assert_eq(get(http, mock.url, &response), HTTP_UNKNOWN);
    stop(&mock, http);
    cr_assert_eq(mock.requests, 2, "sent again: %u requests", mock.requests);
}

Test(http, a_request_whose_connection_was_reset_is_not_sent_again)
{
    MOCK(mock, ANSWER, RESET, ANSWER);
    struct http *http = new_http(PATIENCE_NS);
    struct http_response response;
    cr_assert_eq(post(http, mock.url, &response), HTTP_ANSWERED);
    cr_assert_eq(post(http, mock.url, &response), HTTP_UNKNOWN);
    stop(&mock, http);
    cr_assert_eq(mock.requests, 2, "sent again: %u requests", mock.requests);
}

Test(http, a_fresh_connection_that_dies_is_unknown_too)
{
    MOCK(mock, CLOSE, ANSWER);
    struct http *http = new_http(PATIENCE_NS);
    struct http_response response;
    cr_assert_eq(post(http, mock.url, &response), HTTP_UNKNOWN);
    stop(&mock, http);
    cr_assert_eq(mock.requests, 1);
}

Test(http, a_connection_closed_while_idle_is_replaced_before_anything_is_sent)
{
    MOCK(mock, ANSWER_CLOSE, ANSWER);
    struct http *http = new_http(PATIENCE_NS);
    struct http_response response;
    cr_assert_eq(post(http, mock.url, &response), HTTP_ANSWERED);
    await_closed(&mock, 1);
    cr_assert_eq(post(http, mock.url, &response), HTTP_ANSWERED);
    cr_assert_str_eq(response.body, "answer 2");
    stop(&mock, http);
    cr_assert_eq(mock.requests, 2);
    cr_assert_eq(mock.connections, 2);
}

Test(http, a_stray_response_is_never_taken_for_the_next_answer)
{
    MOCK(mock, ANSWER_STRAY, ANSWER);
    struct http *http = new_http(PATIENCE_NS);
    struct http_response response;
    cr_assert_eq(post(http, mock.url, &response), HTTP_ANSWERED);
    cr_assert_str_eq(response.body, "answer 1");
    cr_assert_eq(post(http, mock.url, &response), HTTP_ANSWERED);
    cr_assert_str_eq(response.body, "answer 2");
    stop(&mock, http);
}

Test(http, no_answer_in_time_is_unknown)
{
    MOCK(mock, SILENT);
    struct http *http = new_http(NS_PER_S);
    struct http_response response;
    int64_t start_ns = monotonic_ns();
    cr_assert_eq(post(http, mock.url, &response), HTTP_UNKNOWN);
    int64_t elapsed_ns = monotonic_ns() - start_ns;
    cr_assert(response.timed_out);
    cr_assert_geq(elapsed_ns, 990 * NS_PER_MS);
    cr_assert_leq(elapsed_ns, PATIENCE_NS);
    stop(&mock, http);
    cr_assert_eq(mock.requests, 1);
}

Test(http, half_a_body_is_no_answer)
{
    MOCK(mock, HALF);
    struct http *http = new_http(PATIENCE_NS);
    struct http_response response;
    cr_assert_eq(post(http, mock.url, &response), HTTP_UNKNOWN);
    cr_assert_eq(response.length, 0);
    cr_assert_str_eq(response.body, "");
    stop(&mock, http);
    cr_assert_eq(mock.requests, 1);
}

Test(http, garbage_is_no_answer)
{
    MOCK(mock, GARBAGE);
    struct http *http = new_http(PATIENCE_NS);
    struct http_response response;
    cr_assert_eq(post(http, mock.url, &response), HTTP_UNKNOWN);
    stop(&mock, http);
    cr_assert_eq(mock.requests, 1);
}

Test(http, chunks_are_put_together)
{
    MOCK(mock, CHUNKED);
    struct http *http = new_http(PATIENCE_NS);
    struct http_response response;
    cr_assert_eq(post(http, mock.url, &response), HTTP_ANSWERED);
    cr_assert_str_eq(response.body, "answer 1");
    stop(&mock, http);
}

Test(http, an_answer_may_be_empty)
{
    MOCK(mock, NO_CONTENT);
    struct http *http = new_http(PATIENCE_NS);
    struct http_response response;
    cr_assert_eq(post(http, mock.url, &response), HTTP_ANSWERED);
    cr_assert_eq(response.status, 204);
    cr_assert_eq(response.length, 0);
    cr_assert_str_eq(response.body, "");
    cr_assert_eq(http_request(http, "HEAD", mock.url, NULL, 0, &response), HTTP_ANSWERED);
    cr_assert(strncmp(mock.last, "HEAD /path ", 11) == 0, "%s", mock.last);
    stop(&mock, http);
}

Test(http, a_redirect_is_an_answer_and_not_followed)
{
    MOCK(mock, REDIRECT);
    struct http *http = new_http(PATIENCE_NS);
    struct http_response response;
    cr_assert_eq(post(http, mock.url, &response), HTTP_ANSWERED);
    cr_assert_eq(response.status, 302);
    stop(&mock, http);
    cr_assert_eq(mock.requests, 1);
}

Test(http, a_response_of_16_mib_is_read_and_a_larger_one_refused)
{
    MOCK(mock, BIG, TOO_BIG);
    struct http *http = new_http(PATIENCE_NS);
    struct http_response response;
    cr_assert_eq(post(http, mock.url, &response), HTTP_ANSWERED);
    cr_assert_eq(response.length, 16 << 20);
    cr_assert_eq(post(http, mock.url, &response), HTTP_UNKNOWN);
    cr_assert_not_null(strstr(response.problem, "16 MiB"));
    stop(&mock, http);
    cr_assert_eq(mock.requests, 2);
}

Test(http, a_proxy_in_the_environment_is_ignored)
{
    setenv("http_proxy", "http://127.0.0.1:1", 1);
    setenv("ALL_PROXY", "http://127.0.0.1:1", 1);
    MOCK(mock, ANSWER);
    struct http *http = new_http(PATIENCE_NS);
    struct http_response response;
    cr_assert_eq(get(http, mock.url, &response), HTTP_ANSWERED);
    stop(&mock, http);
}

Test(http, a_refused_connection_is_not_sent)
{
    char url[64];
    close(listen_on_loopback(1, url, sizeof url));
    struct http *http = new_http(PATIENCE_NS);
    struct http_response response;
    cr_assert_eq(post(http, url, &response), HTTP_NOT_SENT);
    cr_assert_not_null(strstr(response.problem, "refused"), "%s", response.problem);
    cr_assert_not(response.timed_out);
    cr_assert_eq(get(http, url, &response), HTTP_NOT_SENT);
    http_free(http);
}

/* A full queue of connections that nobody accepts: the kernel answers no further one. */
Test(http, a_connection_that_does_not_come_about_in_time_is_not_sent)
{
    char url[64];
    int listener = listen_on_loopback(0, url, sizeof url);
    struct sockaddr_in address;
    socklen_t length = sizeof address;
    getsockname(listener, (struct sockaddr *)&address, &length);
    int fillers[4];
    for (int i = 0; i < 4; i++) {
        fillers[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        connect(fillers[i], (struct sockaddr *)&address, sizeof address);
    }
    struct http *http = new_http(300 * NS_PER_MS);
    struct http_response response;
    cr_assert_eq(post(http, url, &response), HTTP_NOT_SENT);
    cr_assert(response.timed_out);
    http_free(http);
    for (int i = 0; i < 4; i++)
        close(fillers[i]);
    close(listener);
}

Test(http, other_protocols_and_nonsense_are_not_sent)
{
    struct http *http = new_http(PATIENCE_NS);
    struct http_response response;
    cr_assert_eq(get(http, "file:///etc/hostname", &response), HTTP_NOT_SENT);
    cr_assert_eq(get(http, "http://", &response), HTTP_NOT_SENT);
    cr_assert_gt(strlen(response.problem), 0);
    http_free(http);
}
