/* Any bytes as gzip or zstd: an error, or text within its cap. */
#include "formats/decompress.h"

#include "core/errbuf.h"
#include "core/strbuf.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    enum { CAP = 1 << 22 };
    struct strbuf out = STRBUF_INIT;
    struct errbuf err = ERRBUF_INIT;
    bool is_cut;
    int rc = decompress("fuzz", (const char *)data, size, CAP, &out, &is_cut, &err);
    if (rc == 0 && out.length > CAP)
        abort();
    if (rc != 0 && err.text[0] == '\0')
        abort();
    strbuf_fini(&out);
    return 0;
}
