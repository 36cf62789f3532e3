#include "clients/etcd_errors.h"

#include <string.h>

const struct etcd_error etcd_errors[] = {
    /* Refused before anything was proposed. */
    {"etcdserver: too many requests", ETCD_CODE_ANY, OP_FAIL,
     "refused before it was proposed: the node is too far behind in applying"},
    {"etcdserver: request is too large", ETCD_CODE_ANY, OP_FAIL, "refused before it was proposed"},
    {"etcdserver: not capable", ETCD_CODE_ANY, OP_FAIL,
     "refused on arrival: the cluster does not speak v3 (yet)"},
    {"etcdserver: rpc not supported for learner", ETCD_CODE_ANY, OP_FAIL,
     "refused on arrival: the node is a learner"},
    {"etcdserver: key is not provided", ETCD_CODE_ANY, OP_FAIL, "malformed: refused on arrival"},
    {"etcdserver: too many operations in txn request", ETCD_CODE_ANY, OP_FAIL,
     "malformed: refused on arrival"},
    {"etcdserver: duplicate key given in txn request", ETCD_CODE_ANY, OP_FAIL,
     "malformed: refused on arrival"},
    {"etcdserver: invalid auth token", ETCD_CODE_ANY, OP_FAIL, "refused before it was proposed"},
    {NULL, 12, OP_FAIL, "no such method: this is not etcd, or not its v3"},
    {"Not Found", 5, OP_FAIL, "no such path: this is not etcd, or not its v3"},

    /* Raft itself refused to append it, or to pass it on to a leader. */
    {"raft proposal dropped", ETCD_CODE_ANY, OP_FAIL,
     "raft took it neither into its log nor to a leader"},

    /* Refused when applied, on every node alike, before the store is touched. */
    {"etcdserver: permission denied", ETCD_CODE_ANY, OP_FAIL,
     "refused before the store is touched"},
    {"etcdserver: user name is empty", ETCD_CODE_ANY, OP_FAIL,
     "authentication is on: refused before the store is touched"},

    /* Proposed, or possibly so: it may yet be committed. */
    {"etcdserver: request timed out", ETCD_CODE_ANY, OP_INFO, "proposed, and not applied in time"},
    {"etcdserver: request timed out, possibly due to previous leader failure", ETCD_CODE_ANY,
     OP_INFO, "proposed to a leader that failed: the next one may have it"},
    {"etcdserver: request timed out, possibly due to connection lost", ETCD_CODE_ANY, OP_INFO,
     "proposed, and the majority out of reach: it may have it"},
    {"etcdserver: leader changed", ETCD_CODE_ANY, OP_INFO, "may have been proposed to either"},
    {"etcdserver: server stopped", ETCD_CODE_ANY, OP_INFO,
     "the node stopped while the proposal was on its way"},
    {"raft: stopped", ETCD_CODE_ANY, OP_INFO, "raft stopped while it may already have had it"},
    {"etcdserver: request cancelled", ETCD_CODE_ANY, OP_INFO, "cancelled after it was proposed"},
    {"context canceled", ETCD_CODE_ANY, OP_INFO, "cancelled, perhaps after it was proposed"},
    {"context deadline exceeded", ETCD_CODE_ANY, OP_INFO,
     "raft may have taken it just before the time ran out"},

    /* The write that passes the quota is applied, and answered with this all the same; only those
     * after it are refused. The message does not tell which one it was. */
    {"etcdserver: mvcc: database space exceeded", ETCD_CODE_ANY, OP_INFO,
     "the write that passes the quota is applied, and yet answered so"},

    /* Sent today only to who demands a leader, and then before anything is proposed. We do not
     * demand one, so whoever says it means something else by it. */
    {"etcdserver: no leader", ETCD_CODE_ANY, OP_INFO, "not known at which stage"},
    {"etcdserver: corrupt cluster", ETCD_CODE_ANY, OP_INFO,
     "not applied on this node, and perhaps on others"},

    {NULL, ETCD_CODE_ANY, OP_INFO, "not known what it means for the request"},
};

const struct etcd_error *etcd_error_find(int code, const char *message)
{
    const struct etcd_error *row = etcd_errors;
    while ((row->message && strcmp(row->message, message) != 0) ||
           (row->code != ETCD_CODE_ANY && row->code != code))
        row++;
    return row;
}
