/* Any bytes as AWDIT's text: an error or transactions. */
#include "fuzz/fuzz_transactions.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_transactions(&reader_awdit, data, size);
    return 0;
}
