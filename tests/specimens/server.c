/* A node of a specimen as a process: clients over TCP, in lines of JSON; other nodes over UDP, a
 * datagram a message, so that a cut network loses messages and nothing else.
 *
 *   specimen --replication NAME [--variant V] [--bug B] --index I --peers IP,IP,... [--port P]
 *            [--delay MS] [--skew MS] [--dir DIR]
 *
 * It listens on its address among the peers. A message to another node is held back for up to
 * --delay milliseconds, every third for up to ten times that, at random, so that messages overtake
 * each other as they do in a large network. The clock of node i is i times --skew ahead. */
#include "core/clock.h"
#include "core/strbuf.h"
#include "specimens/specimen.h"

#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { CLIENTS_MAX = 256, DATAGRAM_MAX = 65507 };

struct connection {
    int fd;          /* -1: free */
    int64_t request; /* on its way; 0: none */
    struct strbuf input;
};

struct held {
    struct held *next;
    int64_t due_ns;
    uint32_t to;
    json_t *message;
};

struct server {
    struct specimen node;
    struct sockaddr_in peers[SPECIMEN_NODES_MAX];
    int64_t delay_ms, skew_ms, start_ns;
    int listener, datagrams;
    struct connection connections[CLIENTS_MAX];
    struct held *held, **held_end;
};

static _Noreturn void die(const char *what)
{
    fprintf(stderr, "specimen: %s: %s\n", what, strerror(errno));
    exit(1);
}

/* --- messages --- */

/* Every third message takes ten times as long. */
static int64_t draw_delay_ns(struct server *server)
{
    struct random *random = &server->node.random;
    int64_t most_ns = server->delay_ms * NS_PER_MS * (random_below(random, 3) == 0 ? 10 : 1);
    return (int64_t)random_below(random, (uint64_t)most_ns);
}

static void send_message(struct specimen *node, uint32_t to, json_t *message)
{
    struct server *server = node->world;
    struct held *held = calloc(1, sizeof *held);
    if (!held)
        die("memory");
    *held = (struct held){.due_ns = monotonic_ns(), .to = to, .message = message};
    if (to != node->self && server->delay_ms > 0)
        held->due_ns += draw_delay_ns(server);
    *server->held_end = held;
    server->held_end = &held->next;
}

static void put_datagram(struct server *server, uint32_t to, const json_t *message)
{
    json_t *envelope = specimen_pack("[i, O]", (int)server->node.self, message);
    char *text = json_dumps(envelope, JSON_COMPACT);
    json_decref(envelope);
    if (!text)
        die("memory");
    size_t length = strlen(text);
    if (length > DATAGRAM_MAX)
        fprintf(stderr, "specimen: a message of %zu bytes is too long\n", length);
    sendto(server->datagrams, text, length, 0, (struct sockaddr *)&server->peers[to],
           sizeof server->peers[to]); /* may be lost like any other */
    free(text);
}

/* Sends what is due, and hands over what this node sent to itself. */
static void release(struct server *server)
{
    int64_t now_ns = monotonic_ns();
    for (struct held **at = &server->held; *at;) {
        struct held *held = *at;
        if (held->due_ns > now_ns) {
            at = &held->next;
            continue;
        }
        *at = held->next;
        if (server->held_end == &held->next)
            server->held_end = at;
        if (held->to == server->node.self)
            server->node.type->message(&server->node, held->to, held->message);
        else
            put_datagram(server, held->to, held->message);
        json_decref(held->message);
        free(held);
    }
}

static void take_datagrams(struct server *server)
{
    static char text[DATAGRAM_MAX + 1];
    ssize_t length;
    while ((length = recv(server->datagrams, text, sizeof text, MSG_DONTWAIT)) > 0) {
        json_t *envelope = json_loadb(text, (size_t)length, 0, NULL);
        uint32_t from = (uint32_t)json_integer_value(json_array_get(envelope, 0));
        json_t *message = json_array_get(envelope, 1);
        if (message && from < server->node.count)
            server->node.type->message(&server->node, from, message);
        json_decref(envelope);
    }
}

/* --- clients --- */

static void send_answer(struct specimen *node, int64_t request, json_t *answer)
{
    struct server *server = node->world;
    char *text = json_dumps(answer, JSON_COMPACT | JSON_ENCODE_ANY);
    json_decref(answer);
    for (size_t i = 0; text && i < CLIENTS_MAX; i++) {
        struct connection *client = &server->connections[i];
        if (client->fd < 0 || client->request != request)
            continue;
        size_t length = strlen(text);
        text[length] = '\n';
        for (size_t sent = 0; sent <= length;) {
            ssize_t now = send(client->fd, text + sent, length + 1 - sent, MSG_NOSIGNAL);
            if (now < 0)
                break;
            sent += (size_t)now;
        }
        client->request = 0;
    }
    free(text);
}

static void accept_client(struct server *server)
{
    int fd = accept4(server->listener, NULL, NULL, SOCK_CLOEXEC);
    for (size_t i = 0; fd >= 0 && i < CLIENTS_MAX; i++) {
        if (server->connections[i].fd >= 0)
            continue;
        server->connections[i].fd = fd;
        server->connections[i].request = 0;
        strbuf_reset(&server->connections[i].input);
        return;
    }
    if (fd >= 0)
        close(fd);
}

static void perform(struct server *server, struct connection *client, const char *line,
                    size_t length)
{
    struct specimen *node = &server->node;
    json_t *op = json_loadb(line, length, 0, NULL);
    client->request = specimen_id(node);
    if (json_is_object(op))
        node->type->request(node, client->request, op);
    else
        specimen_refuse(node, client->request, "no JSON object");
    json_decref(op);
}

static void hang_up(struct connection *client)
{
    close(client->fd);
    client->fd = -1;
}

static void take_line(struct server *server, struct connection *client)
{
    char block[4096];
    ssize_t size = recv(client->fd, block, sizeof block, MSG_DONTWAIT);
    if (size == 0 || (size < 0 && errno != EAGAIN)) {
        hang_up(client);
        return;
    }
    if (size < 0)
        return;
    struct strbuf *input = &client->input;
    strbuf_add(input, block, (size_t)size);
    const char *end = memchr(input->text, '\n', input->length);
    if (!end)
        return;
    perform(server, client, input->text, (size_t)(end - input->text));
    strbuf_reset(input);
}

/* --- setting up, and running --- */

static int open_socket(const struct server *server, int type)
{
    int on = 1, fd = socket(AF_INET, type | SOCK_CLOEXEC, 0);
    const struct sockaddr_in *address = &server->peers[server->node.self];
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (fd < 0 || bind(fd, (const struct sockaddr *)address, sizeof *address) != 0)
        die("its address");
    if (type == SOCK_STREAM && listen(fd, CLIENTS_MAX) != 0)
        die("listen");
    return fd;
}

static void read_peers(struct server *server, char *text, const char *port)
{
    for (char *at = strtok(text, ","); at; at = strtok(NULL, ",")) {
        if (server->node.count == SPECIMEN_NODES_MAX)
            break;
        struct sockaddr_in *peer = &server->peers[server->node.count++];
        peer->sin_family = AF_INET;
        peer->sin_port = htons((uint16_t)atoi(port));
        if (inet_pton(AF_INET, at, &peer->sin_addr) != 1)
            die(at);
    }
}

static int64_t wall_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / NS_PER_MS;
}

static void look_at_clocks(struct server *server)
{
    struct specimen *node = &server->node;
    node->now_ms = (monotonic_ns() - server->start_ns) / NS_PER_MS;
    node->wall_ms = wall_ms() + (int64_t)node->self * server->skew_ms;
}

static int until_next_ms(const struct server *server, int64_t tick_ns)
{
    int64_t next_ns = tick_ns;
    for (const struct held *held = server->held; held; held = held->next)
        if (held->due_ns < next_ns)
            next_ns = held->due_ns;
    int64_t left_ns = next_ns - monotonic_ns();
    return left_ns <= 0 ? 0 : (int)(left_ns / NS_PER_MS) + 1;
}

static void wait_and_take(struct server *server, int64_t tick_ns)
{
    struct pollfd items[CLIENTS_MAX + 2];
    for (size_t i = 0; i < CLIENTS_MAX; i++)
        items[i] = (struct pollfd){.fd = server->connections[i].fd, .events = POLLIN};
    items[CLIENTS_MAX] = (struct pollfd){.fd = server->listener, .events = POLLIN};
    items[CLIENTS_MAX + 1] = (struct pollfd){.fd = server->datagrams, .events = POLLIN};
    poll(items, CLIENTS_MAX + 2, until_next_ms(server, tick_ns));
    look_at_clocks(server);
    if (items[CLIENTS_MAX + 1].revents)
        take_datagrams(server);
    for (size_t i = 0; i < CLIENTS_MAX; i++)
        if (items[i].revents)
            take_line(server, &server->connections[i]);
    if (items[CLIENTS_MAX].revents)
        accept_client(server);
}

static _Noreturn void run(struct server *server)
{
    int64_t tick_ns = monotonic_ns();
    for (;;) {
        wait_and_take(server, tick_ns);
        if (monotonic_ns() >= tick_ns) {
            server->node.type->tick(&server->node);
            tick_ns = monotonic_ns() + SPECIMEN_TICK_MS * NS_PER_MS;
        }
        release(server);
    }
}

struct arguments {
    const char *replication, *variant, *bug, *index, *port;
    char *peers;
};

static void read_arguments(struct server *server, int argc, char **argv, struct arguments *out)
{
    static const struct option known[] = {
        {"replication", required_argument, NULL, 'r'}, {"variant", required_argument, NULL, 'v'},
        {"bug", required_argument, NULL, 'b'},         {"index", required_argument, NULL, 'i'},
        {"peers", required_argument, NULL, 'p'},       {"port", required_argument, NULL, 'P'},
        {"delay", required_argument, NULL, 'd'},       {"skew", required_argument, NULL, 's'},
        {"dir", required_argument, NULL, 'D'},         {NULL, 0, NULL, 0},
    };
    for (int letter; (letter = getopt_long(argc, argv, "", known, NULL)) != -1;) {
        switch (letter) {
        case 'r':
            out->replication = optarg;
            break;
        case 'v':
            out->variant = optarg;
            break;
        case 'b':
            out->bug = optarg;
            break;
        case 'i':
            out->index = optarg;
            break;
        case 'p':
            out->peers = optarg;
            break;
        case 'P':
            out->port = optarg;
            break;
        case 'd':
            server->delay_ms = atoi(optarg);
            break;
        case 's':
            server->skew_ms = atoi(optarg);
            break;
        case 'D':
            server->node.dir = optarg;
            break;
        default:
            exit(2);
        }
    }
    if (out->peers && out->replication)
        return;
    for (const struct replication *const *at = replications; *at; at++) {
        fprintf(stderr, "%s: %s\n", (*at)->name, (*at)->doc);
        for (const char *const *name = (*at)->variants; *name; name++)
            fprintf(stderr, "  --variant %s\n", *name);
        for (const char *const *name = (*at)->bugs; *name; name++)
            fprintf(stderr, "  --bug %s\n", *name);
    }
    exit(2);
}

int main(int argc, char **argv)
{
    static struct server server;
    struct arguments arguments = {.bug = "", .index = "0", .port = "7000"};
    struct specimen *node = &server.node;
    read_arguments(&server, argc, argv, &arguments);
    read_peers(&server, arguments.peers, arguments.port);
    node->self = (uint32_t)atoi(arguments.index);
    if (node->self >= node->count)
        die("--index");
    server.held_end = &server.held;
    server.start_ns = monotonic_ns();
    node->world = &server;
    node->send = send_message;
    node->answer = send_answer;
    node->next_id = wall_ms() * 1000; /* not those of before it was killed */
    random_init(&node->random, (uint64_t)node->next_id, RANDOM_TEST, node->self);
    look_at_clocks(&server);
    if (strcmp(arguments.bug, "none") == 0)
        arguments.bug = "";
    if (!specimen_open(node, arguments.replication, arguments.variant, arguments.bug)) {
        fprintf(stderr, "specimen: there is no such replication, variant or bug\n");
        return 2;
    }
    for (size_t i = 0; i < CLIENTS_MAX; i++)
        server.connections[i].fd = -1;
    server.listener = open_socket(&server, SOCK_STREAM);
    server.datagrams = open_socket(&server, SOCK_DGRAM);
    run(&server);
}
