/* The network of `netns` nodes, as root and as an ordinary user: who reaches whom, what iptables
 * does there, what is left of it, and what is said where it cannot be had. */
#include "injector/remote_netns.h"

#include "core/err.h"
#include "core/errbuf.h"
#include "injector/netns.h"
#include "injector/subprocess.h"
#include "injector/userns.h"
#include "remote_support.h"

#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <linux/capability.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <sys/socket.h>
#include <sys/syscall.h>

enum { PORT = 2379, QUICK_MS = 400, PATIENT_MS = 5000, CONTROLLER = -1 };

/* --- sockets in the place of a node --- */

struct socket_wish {
    struct fixture *f;
    pid_t place; /* a process of the node; CONTROLLER = where clients are */
    int family;
    int fd;
};

/* In a thread of its own: a socket stays in the namespace it was made in. */
static void *make_socket(void *context)
{
    struct socket_wish *wish = context;
    if (wish->place == CONTROLLER) {
        CHECK(wish->f->type->enter(wish->f->remote, &wish->f->err) == 0, "%s", wish->f->err.text);
    } else {
        int user_ns;
        int net_ns;
        CHECK(netns_open_process(wish->place, &user_ns, &net_ns, &wish->f->err) == 0, "%s",
              wish->f->err.text);
        CHECK(user_ns == -1 && setns(net_ns, CLONE_NEWNET) == 0, "%s", strerror(errno));
        close(net_ns);
    }
    wish->fd = socket(wish->family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    return NULL;
}

static int socket_at(struct fixture *f, pid_t place, int family)
{
    struct socket_wish wish = {.f = f, .place = place, .family = family};
    pthread_t thread;
    CHECK(pthread_create(&thread, NULL, make_socket, &wish) == 0);
    pthread_join(thread, NULL);
    CHECK(wish.fd >= 0, "%s", strerror(errno));
    return wish.fd;
}

static struct sockaddr_in ipv4(const char *address)
{
    struct sockaddr_in full = {.sin_family = AF_INET, .sin_port = htons(PORT)};
    CHECK(inet_pton(AF_INET, address, &full.sin_addr) == 1);
    return full;
}

static int listen_at(struct fixture *f, pid_t place, const char *address)
{
    int fd = socket_at(f, place, AF_INET);
    struct sockaddr_in full = ipv4(address);
    CHECK(bind(fd, (struct sockaddr *)&full, sizeof full) == 0, "%s: %s", address, strerror(errno));
    CHECK(listen(fd, 8) == 0);
    return fd;
}

/* Takes the socket. Did the connection come about in time? */
static bool finish_connect(int fd, const struct sockaddr *address, socklen_t size, int timeout_ms)
{
    int error = 0;
    socklen_t error_size = sizeof error;
    struct pollfd ready = {.fd = fd, .events = POLLOUT};
    bool done = connect(fd, address, size) == 0;
    if (!done && errno == EINPROGRESS && poll(&ready, 1, timeout_ms) == 1)
        done = getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &error_size) == 0 && error == 0;
    close(fd);
    return done;
}

static bool can_connect(struct fixture *f, pid_t from, const char *address, int timeout_ms)
{
    struct sockaddr_in full = ipv4(address);
    return finish_connect(socket_at(f, from, AF_INET), (struct sockaddr *)&full, sizeof full,
                          timeout_ms);
}

static void start_all(struct fixture *f, pid_t place[NODES_MAX])
{
    for (uint32_t i = 0; i < f->cluster.count; i++)
        place[i] = start_on(f, i, sleeping).pid;
}

/* --- scenarios --- */

static void everyone_reaches_everyone(void *context)
{
    (void)context;
    struct fixture f;
    pid_t place[NODES_MAX];
    fixture_open(&f, "netns", 5);
    start_all(&f, place);
    int listeners[NODES_MAX];
    for (uint32_t i = 0; i < 5; i++)
        listeners[i] = listen_at(&f, place[i], f.nodes[i].address);
    for (uint32_t to = 0; to < 5; to++) {
        for (uint32_t from = 0; from < 5; from++)
            CHECK(can_connect(&f, place[from], f.nodes[to].address, PATIENT_MS), "n%u to n%u",
                  from + 1, to + 1);
        CHECK(can_connect(&f, CONTROLLER, f.nodes[to].address, PATIENT_MS), "controller to n%u",
              to + 1);
        CHECK(can_connect(&f, place[to], "127.0.0.1", QUICK_MS) == false, "bound to eth0 alone");
        close(listeners[to]);
    }
    fixture_close(&f);
}

Test(remote_netns, nodes_and_controller_reach_each_other_as_root)
{
    run_scenario(AS_ROOT, everyone_reaches_everyone, NULL);
}

Test(remote_netns, nodes_and_controller_reach_each_other_as_user)
{
    run_scenario(AS_USER, everyone_reaches_everyone, NULL);
}

/* The host is not reached from a node, nor a node from the host. */
static void apart_from_the_host(void *context)
{
    (void)context;
    struct fixture f;
    pid_t place[NODES_MAX];
    int host = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    struct sockaddr_in any = {.sin_family = AF_INET};
    socklen_t size = sizeof any;
    any.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    CHECK(bind(host, (struct sockaddr *)&any, size) == 0 && listen(host, 8) == 0 &&
          getsockname(host, (struct sockaddr *)&any, &size) == 0);
    fixture_open(&f, "netns", 1);
    start_all(&f, place);
    CHECK(!finish_connect(socket_at(&f, place[0], AF_INET), (struct sockaddr *)&any, sizeof any,
                          QUICK_MS));
    CHECK(finish_connect(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), (struct sockaddr *)&any,
                         sizeof any, PATIENT_MS),
          "the calling thread has left the host's network");
    fixture_close(&f);
}

Test(remote_netns, nodes_are_apart_from_the_host_as_root)
{
    run_scenario(AS_ROOT, apart_from_the_host, NULL);
}

Test(remote_netns, nodes_are_apart_from_the_host_as_user)
{
    run_scenario(AS_USER, apart_from_the_host, NULL);
}

static void ipv6_too(void *context)
{
    (void)context;
    if (access("/proc/sys/net/ipv6", F_OK) != 0) {
        fprintf(stderr, "not tested: this kernel has no IPv6\n");
        return;
    }
    struct fixture f;
    pid_t place[NODES_MAX];
    fixture_open(&f, "netns", 2);
    start_all(&f, place);
    struct sockaddr_in6 address = {.sin6_family = AF_INET6, .sin6_port = htons(PORT)};
    CHECK(inet_pton(AF_INET6, "fd77::11", &address.sin6_addr) == 1);
    int listener = socket_at(&f, place[1], AF_INET6);
    CHECK(bind(listener, (struct sockaddr *)&address, sizeof address) == 0, "%s", strerror(errno));
    CHECK(listen(listener, 8) == 0);
    CHECK(finish_connect(socket_at(&f, place[0], AF_INET6), (struct sockaddr *)&address,
                         sizeof address, PATIENT_MS));
    CHECK(finish_connect(socket_at(&f, CONTROLLER, AF_INET6), (struct sockaddr *)&address,
                         sizeof address, PATIENT_MS));
    close(listener);
    fixture_close(&f);
}

Test(remote_netns, ipv6_connects_nodes_as_root)
{
    run_scenario(AS_ROOT, ipv6_too, NULL);
}

Test(remote_netns, ipv6_connects_nodes_as_user)
{
    run_scenario(AS_USER, ipv6_too, NULL);
}

/* --- iptables --- */

static void restore(struct fixture *f, const char *program, const char *rules)
{
    const char *const argv[] = {program, "-w", "--noflush", NULL};
    struct command_result result = run_on(f, 1, argv, rules);
    command_result_fini(&result);
}

static void iptables_drops_and_lets_through_again(void *context)
{
    const char *program = context;
    struct fixture f;
    pid_t place[NODES_MAX];
    fixture_open(&f, "netns", 3);
    start_all(&f, place);
    int listener = listen_at(&f, place[1], f.nodes[1].address);
    struct stat before = {0};
    struct stat after = {0};
    int had = stat("/run/xtables.lock", &before);
    char rules[256];
    snprintf(rules, sizeof rules,
             "*filter\n:FAULTLINE - [0:0]\n-A FAULTLINE -s %s -j DROP\n-A INPUT -j FAULTLINE\n"
             "COMMIT\n",
             f.nodes[0].address);
    restore(&f, program, rules);
    CHECK(!can_connect(&f, place[0], f.nodes[1].address, QUICK_MS), "%s", program);
    CHECK(can_connect(&f, place[2], f.nodes[1].address, PATIENT_MS), "%s", program);
    restore(&f, program, "*filter\n:FAULTLINE - [0:0]\nCOMMIT\n");
    CHECK(can_connect(&f, place[0], f.nodes[1].address, PATIENT_MS), "%s", program);
    CHECK(had == stat("/run/xtables.lock", &after) && before.st_ino == after.st_ino,
          "%s touched the host's lock", program);
    close(listener);
    fixture_close(&f);
}

static void iptables_of_every_kind(enum who who)
{
    static const char *const programs[] = {"iptables-restore", "iptables-nft-restore",
                                           "iptables-legacy-restore"};
    unsigned tried = 0;
    for (size_t i = 0; i < 3; i++) {
        char *path = subprocess_find_program(programs[i]);
        if (path) {
            char program[64];
            snprintf(program, sizeof program, "%s", programs[i]);
            run_scenario(who, iptables_drops_and_lets_through_again, program);
            tried++;
        }
        free(path);
    }
    if (tried == 0)
        cr_skip_test("no iptables on this host");
}

Test(remote_netns, iptables_of_every_kind_drop_packets_in_a_node_as_root)
{
    iptables_of_every_kind(AS_ROOT);
}

Test(remote_netns, iptables_of_every_kind_drop_packets_in_a_node_as_user)
{
    iptables_of_every_kind(AS_USER);
}

/* --- what is left --- */

static unsigned count_entries(const char *path)
{
    unsigned count = 0;
    DIR *dir = opendir(path);
    while (dir && readdir(dir))
        count++;
    if (dir)
        closedir(dir);
    return count;
}

/* The namespaces a journal names; returns how many. */
static unsigned read_namespaces(const char *path, struct netns_id ids[16])
{
    char *text = file_text(path);
    unsigned count = 0;
    for (const char *at = text; (at = strstr(at, "\"inode\":")) != NULL; at++) {
        unsigned long long inode;
        unsigned long long cookie;
        CHECK(sscanf(at, "\"inode\":%llu,\"cookie\":%llu", &inode, &cookie) == 2);
        ids[count++] = (struct netns_id){.inode = inode, .cookie = cookie};
    }
    free(text);
    return count;
}

static bool in_any_of_16(const void *ids, pid_t pid)
{
    for (const struct netns_id *id = ids; id->inode != 0; id++)
        if (netns_has_process(id, pid))
            return true;
    return false;
}

static void nothing_is_left(void *context)
{
    (void)context;
    struct fixture f;
    pid_t place[NODES_MAX];
    unsigned named = count_entries("/run/netns");
    fixture_open(&f, "netns", 1);
    unsigned descriptors = count_descriptors();
    struct node nodes[5];
    struct cluster cluster = {.nodes = nodes, .count = 5};
    static const char *const names[] = {"m1", "m2", "m3", "m4", "m5"};
    for (uint32_t i = 0; i < 5; i++)
        nodes[i] = (struct node){.name = names[i], .index = i};
    struct remote_config config = {.run_name = "x", .dir = f.nodes_dir, .journal = f.journal};
    struct remote *remote;
    CHECK(f.type->open(&config, &cluster, &remote, &f.err) == 0, "%s", f.err.text);
    struct spawn spawn = {.argv = sleeping, .log = "/dev/null"};
    struct process_id process;
    CHECK(f.type->spawn(remote, &nodes[4], &spawn, &process, &f.err) == 0, "%s", f.err.text);
    CHECK(count_descriptors() == descriptors + 6, "a namespace is one descriptor");
    CHECK(count_entries("/run/netns") == named, "a namespace has got a name");
    struct netns_id ids[16] = {{0}};
    CHECK(read_namespaces(f.journal_path, ids) == 2 + 6);
    struct process_match inside = {.matches = in_any_of_16, .context = ids};
    CHECK(process_find(&inside) == process.pid);
    f.type->close(remote);
    CHECK(count_descriptors() == descriptors, "a descriptor is left");
    CHECK(process_find(&inside) == 0, "a process is left in a namespace");
    CHECK(nodes[0].dir == NULL);
    start_all(&f, place);
    fixture_close(&f);
}

Test(remote_netns, nothing_is_left_of_five_nodes_as_root)
{
    run_scenario(AS_ROOT, nothing_is_left, NULL);
}

Test(remote_netns, nothing_is_left_of_five_nodes_as_user)
{
    run_scenario(AS_USER, nothing_is_left, NULL);
}

static void two_at_once(void *context)
{
    (void)context;
    struct fixture f;
    struct fixture g;
    pid_t place[NODES_MAX];
    pid_t other[NODES_MAX];
    fixture_open(&f, "netns", 2);
    fixture_open(&g, "netns", 2);
    start_all(&f, place);
    start_all(&g, other);
    int listener = listen_at(&f, place[0], f.nodes[0].address);
    CHECK(can_connect(&f, place[1], f.nodes[0].address, PATIENT_MS));
    CHECK(!can_connect(&g, other[1], g.nodes[0].address, QUICK_MS), "two runs share a network");
    close(listener);
    g.type->close(g.remote);
    struct process_stat stat;
    CHECK(process_stat_read(place[0], &stat) && stat.state != 'Z', "it ended another's process");
    journal_close(g.journal);
    remove_temporary(g.dir);
    fixture_close(&f);
}

Test(remote_netns, two_runs_with_the_same_addresses_are_apart)
{
    run_scenario(AS_USER, two_at_once, NULL);
}

static void unwritable_folder(void *context)
{
    (void)context;
    const struct remote_type *type = &remote_netns;
    struct errbuf err = ERRBUF_INIT;
    CHECK(type->enter_privileges(&err) == 0, "%s", err.text);
    unsigned descriptors = count_descriptors();
    struct node node = {.name = "n1"};
    struct cluster cluster = {.nodes = &node, .count = 1};
    struct remote_config config = {.run_name = "x", .dir = "/proc/nodes"};
    struct remote *remote = NULL;
    CHECK(type->open(&config, &cluster, &remote, &err) == ERR_IO, "%s", err.text);
    CHECK(strstr(err.text, "cannot make folder /proc/nodes") != NULL, "%s", err.text);
    CHECK(remote == NULL && node.dir == NULL && count_descriptors() == descriptors);
}

Test(remote_netns, failed_open_leaves_nothing)
{
    run_scenario(AS_USER, unwritable_folder, NULL);
}

/* --- privileges --- */

static void probe_and_stay(void *context)
{
    (void)context;
    struct errbuf err = ERRBUF_INIT;
    uint64_t user = process_namespace(getpid(), "user");
    uint64_t net = process_namespace(getpid(), "net");
    unsigned descriptors = count_descriptors();
    CHECK(remote_netns.probe(&err) == 0, "%s", err.text);
    CHECK(process_namespace(getpid(), "user") == user && process_namespace(getpid(), "net") == net,
          "the probe moved its caller");
    CHECK(count_descriptors() == descriptors && waitpid(-1, NULL, WNOHANG) == -1);
    bool was_privileged = userns_is_privileged();
    CHECK(remote_netns.enter_privileges(&err) == 0, "%s", err.text);
    CHECK(userns_is_privileged() && geteuid() == 0);
    CHECK((process_namespace(getpid(), "user") == user) == was_privileged,
          "only who needs one gets a user namespace");
    CHECK(remote_netns.probe(&err) == 0, "after entering: %s", err.text);
}

Test(remote_netns, probe_finds_out_and_changes_nothing_as_root)
{
    run_scenario(AS_ROOT, probe_and_stay, NULL);
}

Test(remote_netns, probe_finds_out_and_changes_nothing_as_user)
{
    run_scenario(AS_USER, probe_and_stay, NULL);
}

static void give_up_privileges(void)
{
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct none[2] = {{0}};
    CHECK(syscall(SYS_capset, &header, none) == 0);
}

/* A setting of the user namespace we are in, so that the host's stays as it is. */
static void forbid(const char *setting)
{
    struct errbuf err = ERRBUF_INIT;
    CHECK(userns_enter(&err) == 0, "%s", err.text);
    int fd = open(setting, O_WRONLY | O_CLOEXEC);
    CHECK(fd >= 0 && write(fd, "0", 1) == 1, "%s: %s", setting, strerror(errno));
    close(fd);
}

static void without_user_namespaces(void *context)
{
    (void)context;
    struct errbuf err = ERRBUF_INIT;
    forbid("/proc/sys/user/max_user_namespaces");
    give_up_privileges();
    CHECK(remote_netns.probe(&err) == ERR_UNSUPPORTED, "%s", err.text);
    CHECK(strstr(err.text, "sysctl user.max_user_namespaces=") != NULL, "%s", err.text);
    CHECK(strstr(err.text, "remote: local") != NULL, "%s", err.text);
    err.text[0] = '\0';
    CHECK(remote_netns.enter_privileges(&err) == ERR_UNSUPPORTED, "%s", err.text);
    CHECK(strstr(err.text, "sysctl user.max_user_namespaces=") != NULL, "%s", err.text);
}

Test(remote_netns, host_that_forbids_user_namespaces_is_told_with_a_remedy)
{
    run_scenario(AS_USER, without_user_namespaces, NULL);
}

static void without_net_namespaces(void *context)
{
    (void)context;
    struct errbuf err = ERRBUF_INIT;
    forbid("/proc/sys/user/max_net_namespaces");
    CHECK(remote_netns.probe(&err) == ERR_UNSUPPORTED, "%s", err.text);
    CHECK(strstr(err.text, "sysctl user.max_net_namespaces=") != NULL, "%s", err.text);
}

Test(remote_netns, host_that_forbids_network_namespaces_is_told_with_a_remedy)
{
    run_scenario(AS_USER, without_net_namespaces, NULL);
}

static void without_leave(void *context)
{
    (void)context;
    struct errbuf err = ERRBUF_INIT;
    CHECK(userns_explain("cannot make a user namespace", EPERM, &err) == ERR_UNSUPPORTED);
    CHECK(strstr(err.text, "cannot make a user namespace: Operation not permitted") != NULL, "%s",
          err.text);
    CHECK(strstr(err.text, "remote: local") != NULL, "%s", err.text);
}

Test(remote_netns, refusal_is_told_with_its_reason_and_a_way_out)
{
    run_scenario(AS_USER, without_leave, NULL);
}
