/* Any bytes, read in tiny parts by the fast paths and as a whole by the general parser: the same
 * events, or the same error. The first byte chooses the reader, the second the size of the parts.
 */
#include "unit/reader_support.h"

#include <stdint.h>
#include <stdio.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct reader *const readers[] = {&reader_jsonl, &reader_json, &reader_edn,
                                                   &reader_porcupine_etcd};
    if (size < 2)
        return 0;
    const struct reader *reader = readers[data[0] & 3];
    struct reader_options whole = {.independent = data[0] & 4,
                                   .pack_transactions = data[0] & 8,
                                   .threads = 1,
                                   .general_only = true};
    struct reader_options parts = whole;
    parts.general_only = false;
    parts.part_bytes = (size_t)data[1] * 4 + 1;
    struct history expected, found;
    struct errbuf expected_err = ERRBUF_INIT, err = ERRBUF_INIT;
    const char *text = (const char *)data + 2;
    int expected_rc = read_bytes(reader, text, size - 2, whole, &expected, &expected_err);
    int rc = read_bytes(reader, text, size - 2, parts, &found, &err);
    if (rc != expected_rc || strcmp(err.text, expected_err.text) != 0 ||
        (rc == 0 && !same_events(&found, &expected))) {
        fprintf(stderr, "%d %s\n%d %s\n", rc, err.text, expected_rc, expected_err.text);
        abort();
    }
    history_fini(&expected);
    history_fini(&found);
    return 0;
}
