/* What an error of etcd says about a write: did it certainly not happen?
 *
 * One table, read off etcd's sources (3.4: etcdserver/v3_server.go, etcdserver/apply.go,
 * etcdserver/api/v3rpc, raft/raft.go). A row says `fail` only where the source shows that the
 * request was refused before it was proposed to raft, or refused when applied without touching the
 * store. Whatever may have been proposed, and whatever is not in the table, is `info`.
 *
 * The message decides, not the number beside it: etcd 3.4 sends some errors (too many requests)
 * under the number for "unknown". Read-only; any thread. */
#ifndef CLIENTS_ETCD_ERRORS_H
#define CLIENTS_ETCD_ERRORS_H

#include "core/op.h"

enum { ETCD_CODE_ANY = -1 };

struct etcd_error {
    const char *message; /* the whole message; NULL = any */
    int code;            /* the gRPC status code, or ETCD_CODE_ANY */
    enum op_type write;  /* OP_FAIL or OP_INFO */
    const char *reason;  /* in a few words, for the history and its readers */
};

/* The last row matches everything. */
extern const struct etcd_error etcd_errors[];

/* The first row that matches; never NULL. */
const struct etcd_error *etcd_error_find(int code, const char *message);

#endif
