/* The clients of etcd: every row of the table of errors, and answers that are not etcd's. */
#include "unit/etcd_support.h"

#include <pthread.h>

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
