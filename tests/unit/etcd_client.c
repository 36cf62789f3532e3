/* The clients of etcd: every row of the table of errors, answers that are not etcd's, and the real
 * thing (Debian's etcd on loopback): working, killed, stopped. */
#include "clients/etcd_errors.h"
#include "clients/table.h"
#include "core/base64.h"
#include "core/clock.h"
#include "core/err.h"
#include "core/errbuf.h"
#include "core/strbuf.h"
#include "injector/http.h"
#include "injector/yaml_tree.h"
#include "patience.h"

#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <fcntl.h>
#include <ftw.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/* --- a client on some port of loopback --- */

struct fixture {
    struct arena arena;
    struct node node;
    struct client_env env;
    struct client *client;
    struct op done; /* the last completion */
    bool reopen;
};

static void fixture_init(struct fixture *fixture, const struct client_type *type, uint16_t port,
                         const char *more)
{
    *fixture = (struct fixture){.node = {.name = "n1", .address = "127.0.0.1"}};
    arena_init(&fixture->arena, 0);
    char text[256];
    snprintf(text, sizeof text, "{port: %u%s}", port, more);
    struct errbuf err = ERRBUF_INIT;
    struct yaml_node *yaml;
    cr_assert_eq(yaml_tree_parse_value("test", text, &fixture->arena, &yaml, &err), 0, "%s",
                 err.text);
    cr_assert_eq(option_values_parse(type->options, yaml, "client", NULL, &fixture->arena,
                                     &fixture->env.options, &err),
                 0, "%s", err.text);
    fixture->env.node = &fixture->node;
}

static void fixture_open(struct fixture *fixture, const struct client_type *type)
{
    struct errbuf err = ERRBUF_INIT;
    cr_assert_eq(type->open(&fixture->env, &fixture->client, &err), 0, "%s", err.text);
}

static void fixture_fini(struct fixture *fixture)
{
    if (fixture->client)
        fixture->client->type->close(fixture->client);
    arena_fini(&fixture->arena);
}

/* Performs it under the eyes of the contract; key -1 = none. Returns the type of completion. */
static int perform(struct fixture *fixture, symbol f, int64_t key, struct value value)
{
    struct op op = {.process = 3, .f = f, .value = value, .has_key = key >= 0};
    if (op.has_key)
        op.key = value_int(key);
    struct errbuf err = ERRBUF_INIT;
    cr_assert_eq(client_invoke_checked(fixture->client, &op, &fixture->done, &fixture->reopen,
                                       &fixture->arena, &err),
                 0, "%s", err.text);
    return fixture->done.type;
}

static int perform_cas(struct fixture *fixture, int64_t key, int64_t old, int64_t new)
{
    struct value pair;
    cr_assert_eq(value_pair(&fixture->arena, value_int(old), value_int(new), &pair), 0);
    return perform(fixture, F_CAS, key, pair);
}

#define assert_reads(fixture, key, expected)                                                       \
    do {                                                                                           \
        cr_assert_eq(perform(fixture, F_READ, key, value_nil()), OP_OK, "%s",                      \
                     (fixture)->done.error);                                                       \
        cr_assert(value_equal((fixture)->done.value, expected));                                   \
    } while (0)

static int listen_on_loopback(uint16_t *port)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    cr_assert_eq(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
    cr_assert_eq(listen(fd, 8), 0);
    cr_assert_eq(getsockname(fd, (struct sockaddr *)&address, &length), 0);
    *port = ntohs(address.sin_port);
    return fd;
}

/* --- a server with one answer for everything but /version --- */

struct mock {
    int listener;
    uint16_t port;
    pthread_t thread;
    const char *status; /* of the answer: "200 OK"; NULL = close instead of answering */
    char answer[1024];
    char request[4096]; /* the last; read it only once answered */
    unsigned requests;  /* likewise */
};

static bool read_request(int fd, char *text, size_t size)
{
    size_t length = 0, wanted = SIZE_MAX;
    while (length < wanted) {
        ssize_t n = recv(fd, text + length, size - 1 - length, 0);
        if (n <= 0)
            return false;
        length += (size_t)n;
        text[length] = '\0';
        const char *end = strstr(text, "\r\n\r\n");
        const char *body = strstr(text, "Content-Length: ");
        if (end)
            wanted = (size_t)(end + 4 - text) + (body ? strtoul(body + 16, NULL, 10) : 0);
    }
    return true;
}

static void *serve(void *context)
{
    struct mock *mock = context;
    int fd;
    while ((fd = accept(mock->listener, NULL, NULL)) >= 0) {
        while (read_request(fd, mock->request, sizeof mock->request)) {
            bool hello = strncmp(mock->request, "GET /version ", 13) == 0;
            mock->requests += !hello;
            if (!hello && !mock->status)
                break;
            char text[2048];
            const char *body = hello ? "{\"etcdserver\":\"3.4.23\"}" : mock->answer;
            int n = snprintf(text, sizeof text, "HTTP/1.1 %s\r\nContent-Length: %zu\r\n\r\n%s",
                             hello ? "200 OK" : mock->status, strlen(body), body);
            if (send(fd, text, (size_t)n, MSG_NOSIGNAL) != n)
                break;
        }
        close(fd);
    }
    return NULL;
}

static void mock_start(struct mock *mock, struct fixture *fixture, const struct client_type *type)
{
    *mock = (struct mock){.status = "200 OK"};
    mock->listener = listen_on_loopback(&mock->port);
    cr_assert_eq(pthread_create(&mock->thread, NULL, serve, mock), 0);
    fixture_init(fixture, type, mock->port, "");
    fixture_open(fixture, type);
}

static void mock_stop(struct mock *mock, struct fixture *fixture)
{
    fixture_fini(fixture);
    shutdown(mock->listener, SHUT_RDWR);
    pthread_join(mock->thread, NULL);
    close(mock->listener);
}

/* --- base64 --- */

Test(base64, agrees_with_the_examples_of_the_rfc)
{
    static const char *const examples[][2] = {{"", ""},
                                              {"f", "Zg=="},
                                              {"fo", "Zm8="},
                                              {"foo", "Zm9v"},
                                              {"foob", "Zm9vYg=="},
                                              {"fooba", "Zm9vYmE="},
                                              {"foobar", "Zm9vYmFy"}};
    struct arena arena;
    arena_init(&arena, 0);
    for (size_t i = 0; i < sizeof examples / sizeof examples[0]; i++) {
        struct strbuf code = STRBUF_INIT;
        base64_encode(&code, examples[i][0], strlen(examples[i][0]));
        cr_assert_str_eq(code.text ? code.text : "", examples[i][1]);
        strbuf_fini(&code);
        char *data;
        size_t length;
        cr_assert(base64_decode(&arena, examples[i][1], strlen(examples[i][1]), &data, &length));
        cr_assert_eq(length, strlen(examples[i][0]));
        cr_assert_str_eq(data, examples[i][0]);
    }
    arena_fini(&arena);
}

Test(base64, carries_every_byte_there_and_back)
{
    char bytes[256];
    for (int i = 0; i < 256; i++)
        bytes[i] = (char)(255 - i);
    struct arena arena;
    arena_init(&arena, 0);
    struct strbuf code = STRBUF_INIT;
    base64_encode(&code, bytes, sizeof bytes);
    char *data;
    size_t length;
    cr_assert(base64_decode(&arena, code.text, code.length, &data, &length));
    cr_assert_eq(length, sizeof bytes);
    cr_assert_arr_eq(data, bytes, sizeof bytes);
    strbuf_fini(&code);
    arena_fini(&arena);
}

Test(base64, rejects_what_is_none)
{
    static const char *const wrong[] = {
        "Z", "Zg", "Zg=", "Zm9v=", "Z===", "====", "Zm 9", "Zm9-", "Zm9\n", "Zg==Zg==", "=m9v"};
    struct arena arena;
    arena_init(&arena, 0);
    char *data;
    size_t length;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        cr_assert_not(base64_decode(&arena, wrong[i], strlen(wrong[i]), &data, &length), "%s",
                      wrong[i]);
    arena_fini(&arena);
}

/* --- the table of errors --- */

/* The same judgement, written down a second time: whoever changes a row has to mean it. */
static const struct {
    const char *message;
    int code; /* as etcd 3.4 sends it */
    enum op_type write;
} judgements[] = {
    {"etcdserver: too many requests", 2, OP_FAIL},
    {"etcdserver: request is too large", 3, OP_FAIL},
    {"etcdserver: not capable", 14, OP_FAIL},
    {"etcdserver: rpc not supported for learner", 14, OP_FAIL},
    {"etcdserver: key is not provided", 3, OP_FAIL},
    {"etcdserver: too many operations in txn request", 3, OP_FAIL},
    {"etcdserver: duplicate key given in txn request", 3, OP_FAIL},
    {"etcdserver: invalid auth token", 16, OP_FAIL},
    {"unknown method Put", 12, OP_FAIL},
    {"Not Found", 5, OP_FAIL},
    {"raft proposal dropped", 2, OP_FAIL},
    {"etcdserver: permission denied", 7, OP_FAIL},
    {"etcdserver: user name is empty", 3, OP_FAIL},
    {"etcdserver: request timed out", 14, OP_INFO},
    {"etcdserver: request timed out, possibly due to previous leader failure", 14, OP_INFO},
    {"etcdserver: request timed out, possibly due to connection lost", 14, OP_INFO},
    {"etcdserver: leader changed", 14, OP_INFO},
    {"etcdserver: server stopped", 14, OP_INFO},
    {"raft: stopped", 2, OP_INFO},
    {"etcdserver: request cancelled", 2, OP_INFO},
    {"context canceled", 1, OP_INFO},
    {"context deadline exceeded", 4, OP_INFO},
    {"etcdserver: mvcc: database space exceeded", 8, OP_INFO},
    {"etcdserver: no leader", 14, OP_INFO},
    {"etcdserver: corrupt cluster", 15, OP_INFO},
    {"transport is closing", 14, OP_INFO}, /* not in the table */
};
enum { JUDGEMENT_COUNT = sizeof judgements / sizeof judgements[0] };

Test(etcd_errors, every_row_is_judged_and_has_a_reason)
{
    size_t rows = 0;
    bool used[64] = {false};
    for (const struct etcd_error *row = etcd_errors;; row++) {
        cr_assert(row->write == OP_FAIL || row->write == OP_INFO);
        cr_assert_gt(strlen(row->reason), 10);
        rows++;
        if (!row->message && row->code == ETCD_CODE_ANY)
            break;
    }
    for (size_t i = 0; i < JUDGEMENT_COUNT; i++) {
        const struct etcd_error *row = etcd_error_find(judgements[i].code, judgements[i].message);
        cr_assert_eq(row->write, judgements[i].write, "%s", judgements[i].message);
        used[row - etcd_errors] = true;
    }
    for (size_t i = 0; i < rows; i++)
        cr_assert(used[i], "row %zu (%s) is judged by no one", i,
                  etcd_errors[i].message ? etcd_errors[i].message : "any");
}

Test(etcd_errors, a_message_that_only_resembles_a_row_is_unknown)
{
    cr_assert_eq(etcd_error_find(2, "raft proposal dropped twice")->write, OP_INFO);
    cr_assert_eq(etcd_error_find(3, "too many requests")->write, OP_INFO);
    cr_assert_eq(etcd_error_find(5, "etcdserver: requested lease not found")->write, OP_INFO);
    cr_assert_eq(etcd_error_find(0, "")->write, OP_INFO);
}

Test(etcd_errors, a_write_ends_as_its_row_says_and_a_read_always_fails)
{
    struct mock mock;
    struct fixture f, set;
    mock_start(&mock, &f, &client_etcd);
    mock.status = "503 Service Unavailable";
    for (size_t i = 0; i < JUDGEMENT_COUNT; i++) {
        const char *message = judgements[i].message;
        snprintf(mock.answer, sizeof mock.answer,
                 "{\"error\":\"%s\",\"message\":\"%s\",\"code\":%d}", message, message,
                 judgements[i].code);
        cr_assert_eq(perform(&f, F_WRITE, 1, value_int(5)), (int)judgements[i].write, "%s",
                     message);
        cr_assert_not_null(strstr(f.done.error, message));
        cr_assert_not_null(
            strstr(f.done.error, etcd_error_find(judgements[i].code, message)->reason));
        cr_assert_eq(perform_cas(&f, 1, 5, 6), (int)judgements[i].write, "%s", message);
        cr_assert_eq(perform(&f, F_READ, 1, value_nil()), OP_FAIL, "%s", message);
        cr_assert_str_eq(f.done.error, message);
    }
    cr_assert_eq(mock.requests, 3 * JUDGEMENT_COUNT, "nothing is tried twice");
    f.client->type->close(f.client); /* the mock serves one connection at a time */
    f.client = NULL;
    fixture_init(&set, &client_etcd_set, mock.port, "");
    fixture_open(&set, &client_etcd_set);
    for (size_t i = 0; i < JUDGEMENT_COUNT; i++) {
        const char *message = judgements[i].message;
        snprintf(mock.answer, sizeof mock.answer, "{\"error\":\"%s\",\"code\":%d}", message,
                 judgements[i].code);
        cr_assert_eq(perform(&set, F_ADD, 1, value_int(5)), (int)judgements[i].write, "%s",
                     message);
        cr_assert_eq(perform(&set, F_READ, 1, value_nil()), OP_FAIL, "%s", message);
    }
    fixture_fini(&set);
    mock_stop(&mock, &f);
}

/* --- answers that are not etcd's --- */

Test(etcd_client, what_does_not_parse_leaves_a_write_open_and_fails_a_read)
{
    static const char *const answers[] = {"",
                                          "{",
                                          "[]",
                                          "null",
                                          "{}",
                                          "{\"header\":{}",
                                          "{\"header\":1}",
                                          "{\"header\":{}} and more",
                                          "{\"succeeded\":true}",
                                          "<html>proxy</html>"};
    struct mock mock;
    struct fixture f;
    mock_start(&mock, &f, &client_etcd);
    for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++) {
        snprintf(mock.answer, sizeof mock.answer, "%s", answers[i]);
        cr_assert_eq(perform(&f, F_WRITE, 1, value_int(5)), OP_INFO, "%s", answers[i]);
        cr_assert_eq(perform_cas(&f, 1, 5, 6), OP_INFO, "%s", answers[i]);
        cr_assert_eq(perform(&f, F_READ, 1, value_nil()), OP_FAIL, "%s", answers[i]);
        cr_assert(f.reopen);
    }
    mock_stop(&mock, &f);
}

Test(etcd_client, an_error_without_an_explanation_leaves_a_write_open)
{
    struct mock mock;
    struct fixture f;
    mock_start(&mock, &f, &client_etcd);
    static const char *const answers[] = {"", "Not Found", "{}", "{\"message\":5}"};
    mock.status = "500 Internal Server Error";
    for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++) {
        snprintf(mock.answer, sizeof mock.answer, "%s", answers[i]);
        cr_assert_eq(perform(&f, F_WRITE, 1, value_int(5)), OP_INFO);
        cr_assert_eq(perform(&f, F_READ, 1, value_nil()), OP_FAIL);
    }
    mock_stop(&mock, &f);
}

/* {"key": the register 1, "value": V} */
#define REGISTER_1 "\"key\":\"L2ZhdWx0bGluZS9yLzE=\""

Test(etcd_client, a_range_that_is_not_about_the_key_is_no_read_of_nil)
{
    static const char *const answers[] = {
        "{\"header\":{},\"kvs\":5}",
        "{\"header\":{},\"kvs\":{}}",
        "{\"header\":{},\"count\":\"1\"}",
        "{\"header\":{},\"count\":\"x\"}",
        "{\"header\":{},\"kvs\":[],\"count\":\"2\"}",
        "{\"header\":{},\"kvs\":[{" REGISTER_1 ",\"value\":\"NQ==\"}]}",
        "{\"header\":{},\"kvs\":[{" REGISTER_1 ",\"value\":\"NQ\"}],\"count\":\"1\"}",
        "{\"header\":{},\"kvs\":[{" REGISTER_1 ",\"value\":5}],\"count\":\"1\"}",
        "{\"header\":{},\"kvs\":[{\"key\":\"YQ==\",\"value\":\"NQ==\"}],\"count\":\"1\"}",
        "{\"header\":{},\"kvs\":[{\"value\":\"NQ==\"}],\"count\":\"1\"}",
        "{\"header\":{},\"kvs\":[7],\"count\":\"1\"}",
        "{\"header\":{},\"kvs\":[{" REGISTER_1 ",\"value\":\"NQ==\"},"
        "{" REGISTER_1 ",\"value\":\"Ng==\"}],\"count\":\"2\"}",
    };
    struct mock mock;
    struct fixture f;
    mock_start(&mock, &f, &client_etcd);
    for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++) {
        snprintf(mock.answer, sizeof mock.answer, "%s", answers[i]);
        cr_assert_eq(perform(&f, F_READ, 1, value_nil()), OP_FAIL, "%s", answers[i]);
    }
    snprintf(mock.answer, sizeof mock.answer, "%s",
             "{\"header\":{},\"kvs\":[{" REGISTER_1 ",\"value\":\"NQ==\"}],\"count\":\"1\"}");
    assert_reads(&f, 1, value_int(5)); /* so the others failed for the reason meant */
    mock_stop(&mock, &f);
}

Test(etcd_client, a_compare_that_is_neither_true_nor_false_stays_open)
{
    struct mock mock;
    struct fixture f;
    mock_start(&mock, &f, &client_etcd);
    snprintf(mock.answer, sizeof mock.answer, "{\"header\":{},\"succeeded\":\"true\"}");
    cr_assert_eq(perform_cas(&f, 1, 5, 6), OP_INFO);
    snprintf(mock.answer, sizeof mock.answer, "{\"header\":{},\"succeeded\":true}");
    cr_assert_eq(perform_cas(&f, 1, 5, 6), OP_OK);
    snprintf(mock.answer, sizeof mock.answer, "{\"header\":{}}");
    cr_assert_eq(perform_cas(&f, 1, 5, 6), OP_FAIL);
    cr_assert_str_eq(f.done.error, "value differs");
    mock_stop(&mock, &f);
}

Test(etcd_client, a_connection_that_dies_on_a_write_leaves_it_open_and_it_is_not_sent_again)
{
    struct mock mock;
    struct fixture f;
    mock_start(&mock, &f, &client_etcd);
    mock.status = NULL;
    cr_assert_eq(perform(&f, F_WRITE, 1, value_int(5)), OP_INFO);
    cr_assert(f.reopen);
    cr_assert_eq(mock.requests, 1);
    mock_stop(&mock, &f);
}

Test(etcd_client, what_it_cannot_send_fails_before_it_is_sent)
{
    struct mock mock;
    struct fixture f;
    mock_start(&mock, &f, &client_etcd);
    cr_assert_eq(perform(&f, F_WRITE, 1, value_string("text")), OP_FAIL);
    cr_assert_not_null(strstr(f.done.error, "integers only"), "%s", f.done.error);
    cr_assert_not_null(strstr(f.done.error, "\"text\""), "%s", f.done.error);
    cr_assert_eq(perform(&f, F_WRITE, 1, value_nil()), OP_FAIL);
    cr_assert_eq(perform(&f, F_CAS, 1, value_int(5)), OP_FAIL);
    cr_assert_eq(perform(&f, F_ADD, 1, value_int(5)), OP_FAIL);
    cr_assert_not_null(strstr(f.done.error, "cannot add"), "%s", f.done.error);
    cr_assert_eq(mock.requests, 0);
    mock_stop(&mock, &f);
}

Test(etcd_client, what_is_not_etcd_cannot_be_opened)
{
    uint16_t port;
    int listener = listen_on_loopback(&port);
    struct fixture f;
    struct errbuf err = ERRBUF_INIT;
    fixture_init(&f, &client_etcd, port, ", timeout: 1s");
    cr_assert_eq(client_etcd.open(&f.env, &f.client, &err), ERR_TIMEOUT, "%s", err.text);
    close(listener);
    cr_assert_eq(client_etcd.open(&f.env, &f.client, &err), ERR_IO, "%s", err.text);
    cr_assert_not_null(strstr(err.text, "refused"), "%s", err.text);
    cr_assert_null(f.client);
    fixture_fini(&f);
}

/* --- the real thing --- */

/* One a test; `.fini` ends it even when an assertion has failed. */
static struct server {
    pid_t pid;
    uint16_t port;
    char dir[64];
} server;

static uint16_t free_port(void)
{
    uint16_t port;
    close(listen_on_loopback(&port));
    return port;
}

static void exec_etcd(uint16_t peer_port)
{
    char client_url[64], peer_url[64], cluster[96];
    snprintf(client_url, sizeof client_url, "http://127.0.0.1:%u", server.port);
    snprintf(peer_url, sizeof peer_url, "http://127.0.0.1:%u", peer_port);
    snprintf(cluster, sizeof cluster, "default=%s", peer_url);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    int quiet = open("/dev/null", O_WRONLY);
    dup2(quiet, STDOUT_FILENO);
    dup2(quiet, STDERR_FILENO);
    execlp("etcd", "etcd", "--data-dir", server.dir, "--listen-client-urls", client_url,
           "--advertise-client-urls", client_url, "--listen-peer-urls", peer_url,
           "--initial-advertise-peer-urls", peer_url, "--initial-cluster", cluster,
           "--heartbeat-interval", "20", "--election-timeout", "200", (char *)NULL);
    _exit(127);
}

/* Ready once a write succeeds: then there is a leader. */
static void server_start(void)
{
    snprintf(server.dir, sizeof server.dir, "/tmp/etcd-client-test-XXXXXX");
    cr_assert_not_null(mkdtemp(server.dir));
    server.port = free_port();
    uint16_t peer_port = free_port();
    server.pid = fork();
    if (server.pid == 0)
        exec_etcd(peer_port);
    cr_assert_gt(server.pid, 0);
    char url[64];
    snprintf(url, sizeof url, "http://127.0.0.1:%u/v3/kv/put", server.port);
    struct http *http;
    struct http_response response = {0};
    cr_assert_eq(http_new(NS_PER_S, NS_PER_S, &http, NULL), 0);
    for (int64_t end_ns = monotonic_ns() + PATIENCE_NS;
         response.status != 200 && monotonic_ns() < end_ns; sleep_ns(20 * NS_PER_MS))
        http_request(http, "POST", url, "{\"key\":\"YQ==\"}", 14, &response);
    http_free(http);
    cr_assert_eq(response.status, 200, "etcd did not start: is etcd-server installed?");
}

static int remove_entry(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st;
    (void)type;
    (void)ftw;
    return remove(path);
}

/* Comes back when all its threads stand still. */
static void server_stop(void)
{
    int status;
    kill(server.pid, SIGSTOP);
    cr_assert_eq(waitpid(server.pid, &status, WUNTRACED), server.pid);
    cr_assert(WIFSTOPPED(status));
}

static void server_kill(void)
{
    if (server.pid > 0) {
        kill(server.pid, SIGKILL);
        waitpid(server.pid, NULL, 0);
    }
    server.pid = 0;
    if (server.dir[0])
        nftw(server.dir, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
}

Test(etcd_client, reads_writes_and_compares_registers, .fini = server_kill)
{
    struct fixture f, stale;
    server_start();
    fixture_init(&f, &client_etcd, server.port, "");
    fixture_open(&f, &client_etcd);
    assert_reads(&f, 1, value_nil());
    cr_assert_eq(perform(&f, F_WRITE, 1, value_int(5)), OP_OK, "%s", f.done.error);
    cr_assert(value_equal(f.done.value, value_int(5)));
    assert_reads(&f, 1, value_int(5));
    assert_reads(&f, 10, value_nil());
    cr_assert_eq(perform_cas(&f, 1, 4, 6), OP_FAIL);
    cr_assert_str_eq(f.done.error, "value differs");
    assert_reads(&f, 1, value_int(5));
    cr_assert_eq(perform_cas(&f, 1, 5, 6), OP_OK, "%s", f.done.error);
    assert_reads(&f, 1, value_int(6));
    cr_assert_eq(perform_cas(&f, 2, 5, 6), OP_FAIL, "a register that was never written");
    assert_reads(&f, 2, value_nil());
    cr_assert_eq(perform(&f, F_WRITE, 3, value_int(INT64_MIN)), OP_OK);
    assert_reads(&f, 3, value_int(INT64_MIN));
    cr_assert_eq(perform(&f, F_WRITE, -1, value_int(9)), OP_OK, "without a key");
    assert_reads(&f, -1, value_int(9));
    cr_assert_not(f.reopen);

    fixture_init(&stale, &client_etcd, server.port, ", serializable: true");
    fixture_open(&stale, &client_etcd);
    assert_reads(&stale, 1, value_int(6));
    fixture_fini(&stale);
    fixture_init(&stale, &client_etcd, server.port, ", prefix: \"/other/\"");
    fixture_open(&stale, &client_etcd);
    assert_reads(&stale, 1, value_nil());
    fixture_fini(&stale);
    fixture_fini(&f);
}

Test(etcd_client, what_somebody_else_wrote_is_shown_as_it_is, .fini = server_kill)
{
    struct fixture f;
    server_start();
    fixture_init(&f, &client_etcd, server.port, "");
    fixture_open(&f, &client_etcd);
    static const char *const texts[] = {"", "05", " 5", "five", "9223372036854775808", "-0"};
    char url[64];
    snprintf(url, sizeof url, "http://127.0.0.1:%u/v3/kv/put", server.port);
    struct http *http;
    cr_assert_eq(http_new(NS_PER_S, NS_PER_S, &http, NULL), 0);
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct strbuf body = STRBUF_INIT;
        struct http_response response;
        strbuf_puts(&body, "{" REGISTER_1 ",\"value\":\"");
        base64_encode(&body, texts[i], strlen(texts[i]));
        strbuf_puts(&body, "\"}");
        http_request(http, "POST", url, body.text, body.length, &response);
        cr_assert_eq(response.status, 200);
        strbuf_fini(&body);
        assert_reads(&f, 1, value_string(texts[i]));
    }
    http_free(http);
    fixture_fini(&f);
}

Test(etcd_client, the_gateway_words_its_errors_as_the_table_does, .fini = server_kill)
{
    server_start();
    size_t size = 2 << 20;
    char *large = malloc(size + 64);
    size_t length = (size_t)sprintf(large, "{\"key\":\"YQ==\",\"value\":\"");
    memset(large + length, 'A', size);
    memcpy(large + length + size, "\"}", 3);
    const char *const bodies[] = {"{}", large};
    const char *const messages[] = {"etcdserver: key is not provided",
                                    "etcdserver: request is too large"};
    char url[64];
    snprintf(url, sizeof url, "http://127.0.0.1:%u/v3/kv/put", server.port);
    struct http *http;
    cr_assert_eq(http_new(NS_PER_S, 5 * NS_PER_S, &http, NULL), 0);
    for (int i = 0; i < 2; i++) {
        struct http_response response;
        http_request(http, "POST", url, bodies[i], strlen(bodies[i]), &response);
        cr_assert_eq(response.status, 400);
        char member[128];
        snprintf(member, sizeof member, "\"message\":\"%s\"", messages[i]);
        cr_assert_not_null(strstr(response.body, member), "%s", response.body);
        cr_assert_eq(etcd_error_find(3, messages[i])->write, OP_FAIL);
    }
    http_free(http);
    free(large);
}

Test(etcd_client, adds_to_sets_and_reads_them_whole, .fini = server_kill)
{
    struct fixture f;
    server_start();
    fixture_init(&f, &client_etcd_set, server.port, "");
    fixture_open(&f, &client_etcd_set);
    assert_reads(&f, 1, value_items(VALUE_SET, NULL, 0));
    struct value elements[300];
    for (int i = 0; i < 300; i++) {
        elements[i] = value_int(i);
        cr_assert_eq(perform(&f, F_ADD, 1, elements[i]), OP_OK, "%s", f.done.error);
    }
    cr_assert_eq(perform(&f, F_ADD, 10, value_int(-7)), OP_OK);
    cr_assert_eq(perform(&f, F_ADD, -1, value_int(8)), OP_OK);
    cr_assert_eq(perform(&f, F_ADD, 10, value_int(-7)), OP_OK, "again");
    assert_reads(&f, 1, value_items(VALUE_SET, elements, 300));
    struct value seven = value_int(-7), eight = value_int(8);
    assert_reads(&f, 10, value_items(VALUE_SET, &seven, 1));
    assert_reads(&f, -1, value_items(VALUE_SET, &eight, 1));
    cr_assert_eq(perform(&f, F_WRITE, 1, value_int(5)), OP_FAIL);
    cr_assert_not_null(strstr(f.done.error, "cannot write"), "%s", f.done.error);
    fixture_fini(&f);
}

Test(etcd_client, when_etcd_is_killed_nothing_is_sent_and_all_fails, .fini = server_kill)
{
    struct fixture f;
    server_start();
    fixture_init(&f, &client_etcd, server.port, "");
    fixture_open(&f, &client_etcd);
    cr_assert_eq(perform(&f, F_WRITE, 1, value_int(5)), OP_OK);
    server_kill();
    cr_assert_eq(perform(&f, F_WRITE, 1, value_int(6)), OP_FAIL, "%s", f.done.error);
    cr_assert(strncmp(f.done.error, "not sent: ", 10) == 0, "%s", f.done.error);
    cr_assert(f.reopen);
    cr_assert_eq(perform_cas(&f, 1, 5, 6), OP_FAIL);
    cr_assert_eq(perform(&f, F_READ, 1, value_nil()), OP_FAIL);
    fixture_fini(&f);
}

Test(etcd_client, when_etcd_stands_still_a_write_stays_open_and_a_read_fails, .fini = server_kill)
{
    struct fixture f, late;
    server_start();
    fixture_init(&f, &client_etcd, server.port, ", timeout: 2s");
    fixture_open(&f, &client_etcd);
    cr_assert_eq(perform(&f, F_WRITE, 1, value_int(5)), OP_OK);
    server_stop();
    int64_t start_ns = monotonic_ns();
    cr_assert_eq(perform(&f, F_WRITE, 1, value_int(6)), OP_INFO, "%s", f.done.error);
    cr_assert_str_eq(f.done.error, "sent: no answer in time");
    cr_assert_eq(perform_cas(&f, 1, 5, 6), OP_INFO);
    cr_assert_eq(perform(&f, F_READ, 1, value_nil()), OP_FAIL);
    cr_assert_leq(monotonic_ns() - start_ns, PATIENCE_NS);
    struct errbuf err = ERRBUF_INIT;
    fixture_init(&late, &client_etcd, server.port, ", timeout: 200ms");
    cr_assert_eq(client_etcd.open(&late.env, &late.client, &err), ERR_TIMEOUT, "%s", err.text);
    fixture_fini(&late);
    fixture_fini(&f);
}
