/* The client of lines of JSON, against a peer that answers what the test tells it to. */
#include "etcd_support.h"

#include <pthread.h>

/* Takes one connection after the other; of each it reads a line and answers the next text of the
 * script. "" closes without an answer, and "..." says nothing. */
static struct {
    int listener;
    const char *const *script;
    char heard[16][256];
    size_t count;
    pthread_t thread;
} peer;

static bool read_line(int fd, char *out, size_t size)
{
    for (size_t length = 0; length + 1 < size; length++) {
        if (recv(fd, out + length, 1, 0) != 1)
            return false;
        if (out[length] == '\n') {
            out[length] = '\0';
            return true;
        }
    }
    return false;
}

static void *peer_main(void *unused)
{
    (void)unused;
    int fd = -1;
    while (peer.script[peer.count]) {
        if (fd < 0)
            fd = accept(peer.listener, NULL, NULL);
        if (fd < 0)
            return NULL;
        if (!read_line(fd, peer.heard[peer.count], sizeof peer.heard[0])) {
            close(fd);
            fd = -1;
            continue;
        }
        const char *answer = peer.script[peer.count++];
        if (answer[0] == '\0') {
            close(fd);
            fd = -1;
        } else if (strcmp(answer, "...") != 0) {
            send(fd, answer, strlen(answer), MSG_NOSIGNAL);
        }
    }
    char more;
    while (fd >= 0 && recv(fd, &more, 1, 0) == 1)
        ;
    if (fd >= 0)
        close(fd);
    return NULL;
}

static void peer_start(struct fixture *fixture, const char *const *script)
{
    uint16_t port;
    memset(&peer, 0, sizeof peer);
    peer.listener = listen_on_loopback(&port);
    peer.script = script;
    cr_assert_eq(pthread_create(&peer.thread, NULL, peer_main, NULL), 0);
    fixture_init(fixture, &client_lines, port, ", timeout: 300ms");
    fixture_open(fixture, &client_lines);
}

static void peer_stop(struct fixture *fixture)
{
    fixture_fini(fixture);
    shutdown(peer.listener, SHUT_RDWR);
    pthread_join(peer.thread, NULL);
    close(peer.listener);
}

Test(lines_client, sends_an_operation_as_it_is_recorded_and_takes_the_answer)
{
    static const char *const script[] = {
        "{\"type\":\"ok\"}\n",
        "{\"type\":\"ok\",\"value\":5}\n",
        "{\"took\":[1,{\"ms\":2}],\"value\":{\"set\":[1,2]},\"type\":\"ok\"}\r\n",
        "{\"type\":\"fail\",\"error\":\"value differs\"}\n",
        "{\"type\":\"info\",\"error\":{\"code\":7}}\n",
        "{\"type\":\"ok\",\"value\":[[\"r\",1,[4]],[\"append\",2,7]]}\n",
        NULL,
    };
    struct fixture f;
    peer_start(&f, script);
    cr_assert_eq(perform(&f, F_WRITE, 7, value_int(4)), OP_OK, "%s", f.done.error);
    cr_assert(value_equal(f.done.value, value_int(4)));
    cr_assert_str_eq(peer.heard[0], "{\"f\":\"write\",\"key\":7,\"value\":4}");
    assert_reads(&f, 7, value_int(5));
    cr_assert_str_eq(peer.heard[1], "{\"f\":\"read\",\"key\":7,\"value\":null}");
    struct value elements[] = {value_int(1), value_int(2)};
    assert_reads(&f, -1, value_items(VALUE_SET, elements, 2));
    cr_assert_str_eq(peer.heard[2], "{\"f\":\"read\",\"value\":null}");
    cr_assert_eq(perform_cas(&f, 1, 4, 6), OP_FAIL);
    cr_assert_str_eq(f.done.error, "value differs");
    cr_assert_not(f.reopen);
    cr_assert_eq(perform(&f, F_ADD, -1, value_int(3)), OP_INFO);
    cr_assert_not(f.reopen);
    struct value read[] = {value_string("r"), value_int(1), value_nil()};
    struct value append[] = {value_string("append"), value_int(2), value_int(7)};
    struct value txn[] = {value_items(VALUE_LIST, read, 3), value_items(VALUE_LIST, append, 3)};
    cr_assert_eq(perform(&f, F_TXN, -1, value_items(VALUE_LIST, txn, 2)), OP_OK);
    cr_assert_str_eq(peer.heard[5], "{\"f\":\"txn\",\"value\":[[\"r\",1,null],[\"append\",2,7]]}");
    cr_assert_eq(f.done.value.count, 2u);
    cr_assert_eq(f.done.value.items[0].items[2].items[0].integer, 4);
    peer_stop(&f);
}

Test(lines_client, what_is_no_answer_leaves_a_write_unknown_and_fails_a_read)
{
    static const struct {
        const char *answer, *complaint;
    } cases[] = {
        {"", "the connection was closed"},
        {"...", "no answer in time"},
        {"{\"type\":\"ok\"", "no answer in time"},
        {"{\"type\":\"ok\"\n", "an answer that is none: {\"type\":\"ok\""},
        {"\n", "an answer that is none"},
        {"{}\n", "an answer that is none"},
        {"[\"ok\"]\n", "an answer that is none"},
        {"{\"type\":\"ok\"} x\n", "an answer that is none"},
        {"{\"type\":\"invoke\"}\n", "an answer that is none"},
        {"{\"type\":7}\n", "an answer that is none"},
        {"{\"type\":\"ok\"}\n{\"type\":\"ok\"}\n", "more than one line"},
    };
    for (size_t i = 0; i < 2 * sizeof cases / sizeof cases[0]; i++) {
        struct fixture f;
        const char *script[] = {cases[i / 2].answer, NULL};
        bool writes = i % 2;
        peer_start(&f, script);
        cr_assert_eq(perform(&f, writes ? F_WRITE : F_READ, 1, writes ? value_int(4) : value_nil()),
                     writes ? OP_INFO : OP_FAIL, "case %zu: %s", i, f.done.error);
        cr_assert(strstr(f.done.error, cases[i / 2].complaint), "case %zu: %s", i, f.done.error);
        cr_assert(f.reopen);
        peer_stop(&f);
    }
}

Test(lines_client, a_refusal_without_a_reason_says_so)
{
    static const char *const script[] = {"{\"type\":\"fail\"}\n",
                                         "{\"type\":\"info\",\"error\":\"\"}\n", NULL};
    struct fixture f;
    peer_start(&f, script);
    cr_assert_eq(perform(&f, F_WRITE, 1, value_int(4)), OP_FAIL);
    cr_assert_str_eq(f.done.error, "it does not say why");
    cr_assert_eq(perform(&f, F_WRITE, 1, value_int(4)), OP_INFO);
    cr_assert_str_eq(f.done.error, "it does not say why");
    peer_stop(&f);
}

Test(lines_client, says_which_port_nobody_listens_on)
{
    struct fixture f;
    struct errbuf err = ERRBUF_INIT;
    uint16_t port;
    close(listen_on_loopback(&port));
    fixture_init(&f, &client_lines, port, "");
    cr_assert_eq(client_lines.open(&f.env, &f.client, &err), ERR_IO);
    cr_assert(strstr(err.text, "could not connect to port"), "%s", err.text);
    cr_assert(strstr(err.text, "refused"), "%s", err.text);
    fixture_fini(&f);
}
