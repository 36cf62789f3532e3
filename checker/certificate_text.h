/* The parts of a certificate's text that must be the same when it is written and verified. Private
 * to certificate*.c. */
#ifndef CHECKER_CERTIFICATE_TEXT_H
#define CHECKER_CERTIFICATE_TEXT_H

#include "checker/semantics.h"
#include "core/operations.h"

struct strbuf;

#define CERTIFICATE_TITLE "faultline certificate 1"

/* The lines after that of the model: what is taken for granted, and how large the history is. */
void certificate_put_terms(struct strbuf *out, const struct operations *all,
                           const struct history_semantics *semantics);

/* "key 7", or "object". */
void certificate_put_key(struct strbuf *out, const struct operations *all, uint32_t key);

/* A value as EDN on one line. */
void certificate_put_value(struct strbuf *out, const struct value_pool *values, value_ref ref);

#endif
