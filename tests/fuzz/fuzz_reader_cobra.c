/* Any bytes as one of Cobra's logs: an error or transactions. */
#include "fuzz/fuzz_transactions.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_transactions(&reader_cobra, data, size);
    return 0;
}
