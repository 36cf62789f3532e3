/* The proof of a verdict, such that simple code can check it.
 *
 * A text file:
 *
 *   faultline certificate 2
 *   model cas-register
 *   initial 0 or nil             what the check took for granted of the objects, one a line
 *   nil-reads-unknown yes
 *   failed-cas-differs no
 *   permits 1
 *   events 20000000              of the history
 *   operations 10000000
 *   digest 7c1f09a2b3d4e5f6      of all the lines above but the first, and of every operation
 *   key 7 valid                  each key, in order of first appearance, as EDN; "object valid" for
 *   order 0 4 2 ...              operations without a key. Operations are named by the indexes of
 *   key 8 invalid                their invocations; this is the order in which they took effect
 *   until 431                    optional: the index of the last event that counts
 *   from 380                     optional: what was over before this event is left out, and the
 *                                object may have been in any state
 *   free 5                       optional: anybody may have written this value at any time
 *   keep 400 402 409             the operations that are left, and have no order
 *   key 9 unknown
 *   end 0123456789abcdef         the seal: a hash of all that is before this line
 *
 * The digest binds it to this history, model and options, the seal shows that it was changed since.
 * Neither is proof against a forger, nor needs to be: every line is verified against the history.
 * Each text is written in one way only, so that nothing can be changed and still say the same.
 *
 * A key of which no operation succeeded is "vacuous", with an order. What an invalid key's
 * certificate may leave out is in checker/verify.h. */
#ifndef CHECKER_CERTIFICATE_H
#define CHECKER_CERTIFICATE_H

#include "checker/check.h"
#include "checker/verify.h"

/* Writes the certificate of a result. The check must have been asked for it
 * (check_options.want_certificate). Errors: ERR_UNSUPPORTED, the result is of a checker and not of
 * a model of linearizability; ERR_IO; ERR_NOMEM. */
int certificate_write(const struct check_result *result, const struct operations *all,
                      const struct history_semantics *semantics, const char *path,
                      struct errbuf *err);

/* What is to be proven. */
struct certificate_claim {
    const char *path;
    struct operations *all;
    const struct history_semantics
        *semantics;            /* of the history; the certificate must say the same */
    const char *model;         /* NULL: the certificate says it */
    int64_t time_limit_ns;     /* 0 = none */
    size_t memory_limit_bytes; /* 0 = none */
};

/* What a certificate proves, once it is accepted. */
struct certificate_proof {
    enum verdict verdict; /* of all keys together */
    const char *model;
    uint32_t valid, invalid, unknown, vacuous; /* keys */
};

/* Reads the certificate and checks every claim of it against the history, by code that shares with
 * the checker nothing but the specification. *end says whether it is accepted; if not, err says
 * why: that is no error. Linear for valid keys; memory for the operations of one key. Errors:
 * ERR_IO; ERR_INPUT, no such file, or it is no certificate, "PATH:LINE: what is wrong"; ERR_NOMEM.
 */
int certificate_verify(const struct certificate_claim *claim, enum verify_end *end,
                       struct certificate_proof *out, struct errbuf *err);

#endif
