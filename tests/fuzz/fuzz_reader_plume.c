/* Any bytes as the text of Plume and PolySI: an error or transactions. */
#include "fuzz/fuzz_transactions.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_transactions(&reader_plume, data, size);
    return 0;
}
