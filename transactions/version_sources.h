/* What the order of a register's versions may be inferred from: the history itself, or what the
 * user vouches for (dependencies/version_inference.h). */
#ifndef TRANSACTIONS_VERSION_SOURCES_H
#define TRANSACTIONS_VERSION_SOURCES_H

enum version_inference {
    INFER_READ_BEFORE_WRITE = 1, /* wfr-keys: who read a version and then wrote came after it */
    INFER_SEQUENTIAL = 2,   /* sequential-keys: each key by itself is sequentially consistent */
    INFER_LINEARIZABLE = 4, /* linearizable-keys: each key by itself is linearizable */
    INFER_TRANSACTIONS = 8, /* transaction-order: sessions and reads-from, through other keys */
};

#endif
