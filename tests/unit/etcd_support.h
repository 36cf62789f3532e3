/* For the tests of etcd's clients: a client on some port of loopback, and operations performed
 * under the eyes of its contract. */
#ifndef TESTS_ETCD_SUPPORT_H
#define TESTS_ETCD_SUPPORT_H

#include "clients/etcd_errors.h"
#include "clients/table.h"
#include "core/clock.h"
#include "core/err.h"
#include "core/errbuf.h"
#include "core/strbuf.h"
#include "injector/yaml_tree.h"
#include "patience.h"

#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct fixture {
    struct arena arena;
    struct node node;
    struct client_env env;
    struct client *client;
    struct op done; /* the last completion */
    bool reopen;
};

static inline void fixture_init(struct fixture *fixture, const struct client_type *type,
                                uint16_t port, const char *more)
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

static inline void fixture_open(struct fixture *fixture, const struct client_type *type)
{
    struct errbuf err = ERRBUF_INIT;
    cr_assert_eq(type->open(&fixture->env, &fixture->client, &err), 0, "%s", err.text);
}

static inline void fixture_fini(struct fixture *fixture)
{
    if (fixture->client)
        fixture->client->type->close(fixture->client);
    arena_fini(&fixture->arena);
}

/* Performs it under the eyes of the contract; key -1 = none. Returns the type of completion. */
static inline int perform(struct fixture *fixture, symbol f, int64_t key, struct value value)
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

static inline int perform_cas(struct fixture *fixture, int64_t key, int64_t old, int64_t new)
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

static inline int listen_on_loopback(uint16_t *port)
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

/* The name under which key 1 is kept, as etcd has it. */
#define REGISTER_1 "\"key\":\"L2ZhdWx0bGluZS9yLzE=\""

#endif
