/* HTTP requests that are sent at most once.
 *
 * libcurl quietly sends a request again when a kept-alive connection turns out to be dead; for a
 * client of a database that would perform an operation twice. Here a request whose bytes may have
 * left is never sent again: the caller learns HTTP_UNKNOWN.
 *
 * One thread at a time per struct http; connections are kept alive between requests. */
#ifndef INJECTOR_HTTP_H
#define INJECTOR_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct errbuf;
struct http;

enum http_outcome {
    HTTP_ANSWERED, /* a whole response arrived */
    HTTP_NOT_SENT, /* no connection, or none of the request was sent: it had no effect */
    HTTP_UNKNOWN,  /* sent in whole or in part, and no (whole) answer: it may have had an effect */
};

struct http_response {
    long status;      /* HTTP status; 0 unless answered */
    const char *body; /* NUL-terminated; valid until the next request */
    size_t length;
    const char *problem; /* not answered: why, for people; valid until the next request */
    bool timed_out;
};

/* Timeouts: for the connection, and for the request as a whole, connection included. */
int http_new(int64_t connect_timeout_ns, int64_t timeout_ns, struct http **out, struct errbuf *err);
void http_free(struct http *http);

/* method "GET" or "POST" (any other is passed on as it is). body may be NULL. */
enum http_outcome http_request(struct http *http, const char *method, const char *url,
                               const char *body, size_t body_length,
                               struct http_response *response);

#endif
