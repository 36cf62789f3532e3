/* Any bytes as Jepsen's EDN: an error or a history, which can be checked as well. */
#include "fuzz/fuzz_reader.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_reader(&reader_edn, data, size);
    return 0;
}
