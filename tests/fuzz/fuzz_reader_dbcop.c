/* Any bytes as dbcop's bincode: an error or transactions. */
#include "fuzz/fuzz_transactions.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_transactions(&reader_dbcop, data, size);
    return 0;
}
