/* What every reader must survive: the first byte chooses the options and the model, the rest is
 * the text. A history that reads is checked too, within small limits, and an `invalid` must come
 * with its witness. */
#ifndef TESTS_FUZZ_READER_H
#define TESTS_FUZZ_READER_H

#include "checker/check.h"
#include "core/errbuf.h"
#include "formats/reader.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void fuzz_check(struct operations *all, const struct reader *reader, const char *model)
{
    struct check_options options = {.model = model,
                                    .time_limit_ns = INT64_C(200000000),
                                    .memory_limit_bytes = 1 << 24,
                                    .semantics = reader->semantics};
    struct check_result result;
    struct errbuf err = ERRBUF_INIT;
    if (check_history(all, &options, &result, &err) != 0)
        return;
    for (size_t i = 0; i < result.key_count; i++)
        if (result.keys[i].verdict == VERDICT_INVALID && result.keys[i].witness_count == 0)
            abort();
    if (result.memory_peak_bytes > options.memory_limit_bytes)
        abort();
    char *json = check_result_json(&result, all);
    if (!json)
        abort();
    free(json);
    check_result_fini(&result);
}

/* Bit 0: independent. Bits 1 and 2: the model. */
static void fuzz_reader(const struct reader *reader, const uint8_t *data, size_t size)
{
    static const char *const models[] = {"cas-register", "register", "set"};
    if (size == 0)
        return;
    struct reader_input input = {.name = "fuzz",
                                 .text = (const char *)data + 1,
                                 .length = size - 1,
                                 .options = {.independent = data[0] & 1, .threads = 1}};
    struct operations all;
    struct errbuf err = ERRBUF_INIT;
    reader->sniff(input.text, input.length);
    if (reader_read(reader, &input, &all, &err) == 0) {
        fuzz_check(&all, reader, models[(data[0] >> 1) % 3]);
        operations_fini(&all);
    }
}

#endif
