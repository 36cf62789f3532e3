/* How "at most once" is had from libcurl: it calls us when a connection stands and it is about to
 * send (CURLOPT_PREREQFUNCTION, libcurl 7.80). Before the first such call nothing was sent; a
 * second one for the same request would be a resend on a fresh connection, and is refused. That
 * holds for every way libcurl has of sending again, with a body or without.
 *
 * So the outcome is not read off the error codes, of which there are a hundred, but follows from
 * two facts: were we asked to send, and did a whole response arrive. */
#include "injector/http.h"

#include "core/clock.h"
#include "core/err.h"
#include "core/errbuf.h"
#include "core/strbuf.h"

#include <assert.h>
#include <curl/curl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { RESPONSE_BYTES_MAX = 16 << 20 };

struct http {
    CURL *curl;
    struct curl_slist *body_headers; /* of requests with a body */
    struct strbuf body;              /* of the response */
    bool too_large;
    unsigned sends; /* times libcurl was about to send this request */
    char problem[256];
};

/* --- set-up --- */

static pthread_once_t global_once = PTHREAD_ONCE_INIT;
static CURLcode global_result;

static void init_global(void)
{
    global_result = curl_global_init(CURL_GLOBAL_DEFAULT);
}

/* A CURLOPT_PREREQFUNCTION. */
static int about_to_send(void *context, char *remote_ip, char *local_ip, int remote_port,
                         int local_port)
{
    (void)remote_ip;
    (void)local_ip;
    (void)remote_port;
    (void)local_port;
    struct http *http = context;
    return ++http->sends == 1 ? CURL_PREREQFUNC_OK : CURL_PREREQFUNC_ABORT;
}

/* A CURLOPT_WRITEFUNCTION. Taking less than offered ends the transfer. */
static size_t take_body(char *data, size_t size, size_t count, void *context)
{
    struct http *http = context;
    size_t length = size * count;
    if (length > RESPONSE_BYTES_MAX - http->body.length) {
        http->too_large = true;
        return 0;
    }
    strbuf_add(&http->body, data, length);
    return strbuf_ok(&http->body) ? length : 0;
}

/* libcurl counts in milliseconds, and takes 0 for its own default of minutes. */
static long timeout_ms(int64_t timeout_ns)
{
    int64_t ms = timeout_ns / NS_PER_MS + (timeout_ns % NS_PER_MS > 0);
    return ms < 1 ? 1 : ms > INT32_MAX ? INT32_MAX : (long)ms;
}

static bool set_long(struct http *http, CURLoption option, long value)
{
    return curl_easy_setopt(http->curl, option, value) == CURLE_OK;
}

static bool set_text(struct http *http, CURLoption option, const char *text)
{
    return curl_easy_setopt(http->curl, option, text) == CURLE_OK;
}

static bool set_callbacks(struct http *http)
{
    CURL *curl = http->curl;
    return curl_easy_setopt(curl, CURLOPT_PREREQFUNCTION, about_to_send) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_PREREQDATA, http) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_body) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_WRITEDATA, http) == CURLE_OK;
}

/* What all requests have in common. No signals, for they are not for threads; no upgrade to HTTP/2,
 * which has ways of its own to send again; an empty proxy, to ignore http_proxy in the environment.
 */
static bool configure(struct http *http, int64_t connect_timeout_ns, int64_t timeout_ns)
{
    return set_callbacks(http) &&
           set_long(http, CURLOPT_CONNECTTIMEOUT_MS, timeout_ms(connect_timeout_ns)) &&
           set_long(http, CURLOPT_TIMEOUT_MS, timeout_ms(timeout_ns)) &&
           set_long(http, CURLOPT_NOSIGNAL, 1) && set_long(http, CURLOPT_TCP_NODELAY, 1) &&
           set_long(http, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1) &&
           set_long(http, CURLOPT_FOLLOWLOCATION, 0) &&
           set_text(http, CURLOPT_PROTOCOLS_STR, "http") && set_text(http, CURLOPT_PROXY, "");
}

/* "Expect: 100-continue" would add a round trip, and a way to send the body again. */
static int make_headers(struct http *http)
{
    http->body_headers = curl_slist_append(NULL, "Expect:");
    if (!http->body_headers)
        return -1;
    return curl_slist_append(http->body_headers, "Content-Type: application/json") ? 0 : -1;
}

int http_new(int64_t connect_timeout_ns, int64_t timeout_ns, struct http **out, struct errbuf *err)
{
    pthread_once(&global_once, init_global);
    if (global_result != CURLE_OK)
        return errbuf_set(err, ERR_UNSUPPORTED, "libcurl: %s", curl_easy_strerror(global_result));
    struct http *http = calloc(1, sizeof *http);
    if (!http)
        return errbuf_set(err, ERR_NOMEM, "no memory for an HTTP connection");
    http->curl = curl_easy_init();
    if (!http->curl || make_headers(http) != 0) {
        http_free(http);
        return errbuf_set(err, ERR_NOMEM, "no memory for an HTTP connection");
    }
    if (!configure(http, connect_timeout_ns, timeout_ns)) {
        http_free(http);
        return errbuf_set(err, ERR_UNSUPPORTED, "libcurl %s lacks what we need: use 7.85 or later",
                          curl_version_info(CURLVERSION_NOW)->version);
    }
    *out = http;
    return 0;
}

void http_free(struct http *http)
{
    if (!http)
        return;
    curl_easy_cleanup(http->curl);
    curl_slist_free_all(http->body_headers);
    strbuf_fini(&http->body);
    free(http);
}

/* --- a request --- */

/* Each of the first two resets what the methods before have left. */
static bool set_method(struct http *http, const char *method, bool has_body)
{
    bool get = strcmp(method, "GET") == 0, post = strcmp(method, "POST") == 0;
    bool head = strcmp(method, "HEAD") == 0 && !has_body;
    bool known = has_body ? post : get || post || head;
    return set_long(http, CURLOPT_NOBODY, 0) &&
           set_text(http, CURLOPT_CUSTOMREQUEST, known ? NULL : method) &&
           set_long(http, has_body || post ? CURLOPT_POST : CURLOPT_HTTPGET, 1) &&
           (!head || set_long(http, CURLOPT_NOBODY, 1)); /* no body to wait for */
}

/* The body is borrowed; "" where there is none, lest a POST without one reads standard input. */
static bool prepare(struct http *http, const char *method, const char *url, const char *body,
                    size_t length)
{
    strbuf_reset(&http->body);
    http->sends = 0;
    http->too_large = false;
    CURL *curl = http->curl;
    struct curl_slist *headers = body ? http->body_headers : NULL;
    return set_text(http, CURLOPT_URL, url) &&
           curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)length) == CURLE_OK &&
           set_text(http, CURLOPT_POSTFIELDS, body ? body : "") &&
           curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers) == CURLE_OK &&
           set_method(http, method, body != NULL);
}

/* Texts without numbers of the moment (ports, milliseconds), so that equal problems look equal. */
static const char *describe(struct http *http, CURLcode rc)
{
    long os_errno = 0;
    curl_easy_getinfo(http->curl, CURLINFO_OS_ERRNO, &os_errno);
    if (http->sends > 1)
        return "the connection died without an answer";
    if (http->too_large)
        return "the response is larger than 16 MiB";
    if (rc == CURLE_OPERATION_TIMEDOUT)
        return http->sends ? "no answer in time" : "no connection in time";
    if (rc == CURLE_OK)
        return "the answer is not HTTP";
    const char *text = curl_easy_strerror(rc);
    if (rc != CURLE_COULDNT_CONNECT || os_errno == 0)
        return text;
    snprintf(http->problem, sizeof http->problem, "%s: %s", text, strerror((int)os_errno));
    return http->problem;
}

enum http_outcome http_request(struct http *http, const char *method, const char *url,
                               const char *body, size_t body_length, struct http_response *response)
{
    *response = (struct http_response){.body = "", .problem = ""};
    assert(method && url && (body || body_length == 0));
    CURLcode rc = CURLE_OUT_OF_MEMORY; /* the only way that preparing can fail */
    if (prepare(http, method, url, body, body_length))
        rc = curl_easy_perform(http->curl);
    long status = 0;
    if (rc == CURLE_OK)
        curl_easy_getinfo(http->curl, CURLINFO_RESPONSE_CODE, &status);
    if (rc != CURLE_OK || status == 0) {
        response->problem = describe(http, rc);
        response->timed_out = rc == CURLE_OPERATION_TIMEDOUT;
        return http->sends == 0 ? HTTP_NOT_SENT : HTTP_UNKNOWN;
    }
    response->status = status;
    response->length = http->body.length;
    response->body = http->body.length ? http->body.text : "";
    return HTTP_ANSWERED;
}
