/* Transactions that read and write registers, every value once. With length_max: 1, single reads
 * and writes: what causal consistency and the session guarantees are about. */
#include "workloads/table.h"

#include "workloads/transactions.h"

static int rw_register_open(const struct workload_env *env, struct workload *out,
                            struct errbuf *err)
{
    return transactions_open(env, "w", out, err);
}

const struct workload_type workload_rw_register = {
    .name = "rw-register",
    .doc = "transactions that read and write registers",
    .model = "rw-register",
    .options = transactions_options,
    .functions = transactions_functions,
    .open = rw_register_open,
};
