/* Any bytes as dbcop's JSON: an error or transactions. */
#include "fuzz/fuzz_transactions.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_transactions(&reader_dbcop_json, data, size);
    return 0;
}
