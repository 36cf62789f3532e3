/* Transactions that read lists and append to them. A list tells the order in which it was written,
 * so that anomalies of most kinds can be told for certain (Kingsbury & Alvaro, "Elle", VLDB 2020).
 */
#include "workloads/table.h"

#include "workloads/transactions.h"

static int list_append_open(const struct workload_env *env, struct workload *out,
                            struct errbuf *err)
{
    return transactions_open(env, "append", out, err);
}

const struct workload_type workload_list_append = {
    .name = "list-append",
    .doc = "transactions that read lists and append to them",
    .model = "list-append",
    .options = transactions_options,
    .functions = transactions_functions,
    .open = list_append_open,
};
