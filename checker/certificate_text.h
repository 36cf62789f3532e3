/* The parts of a certificate's text that must be the same when it is written and verified. Private
 * to certificate*.c. */
#ifndef CHECKER_CERTIFICATE_TEXT_H
#define CHECKER_CERTIFICATE_TEXT_H

#include "checker/semantics.h"
#include "core/operations.h"

struct strbuf;

#define CERTIFICATE_TITLE "faultline certificate 2"

/* The lines up to the first key: the model, what is taken for granted, how large the history is,
 * and a digest of all this and of every operation, which tells this history from any other. ops is
 * scratch, with room for those of the largest key. O(operations), 50 ns each. */
void certificate_put_terms(struct strbuf *out, const struct operations *all, const char *model,
                           const struct history_semantics *semantics, struct operation *ops);

/* The seal of a text, all of it that comes before the last line: FNV-1a. It shows changes that
 * nobody meant, and proves nothing: what the text says is verified in any case. */
#define CERTIFICATE_SEAL_INIT UINT64_C(0xcbf29ce484222325)

static inline uint64_t certificate_seal(uint64_t seal, int byte)
{
    return (seal ^ (uint64_t)(unsigned char)byte) * UINT64_C(0x100000001b3);
}

/* "key 7", or "object". */
void certificate_put_key(struct strbuf *out, const struct operations *all, uint32_t key);

/* A value as EDN on one line. */
void certificate_put_value(struct strbuf *out, const struct value_pool *values, value_ref ref);

#endif
