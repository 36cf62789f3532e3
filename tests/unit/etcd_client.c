/* The clients of etcd with the real thing, Debian's etcd on loopback: working, killed, stopped. */
#include "core/base64.h"
#include "injector/http.h"
#include "unit/etcd_support.h"

#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>

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
