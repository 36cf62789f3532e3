/* Any bytes as Porcupine's kv logs: an error or a history, which can be checked as well. */
#include "fuzz/fuzz_reader.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_reader(&reader_porcupine_kv, data, size);
    return 0;
}
